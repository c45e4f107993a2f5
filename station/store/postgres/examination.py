"""What can be wrong with a center: server, steps, rights, and the copies themselves."""

from __future__ import annotations

from typing import Final

import msgspec

from station.store.postgres.connection import Connection, translated
from station.store.postgres.migrations import steps

SERVER: Final = 17
_PROJECTOR: Final = 0x5250_5350
"""Key of the advisory lock of the one projector (`station/fleet/projector.py`)."""
_RIGHTS: Final = """
    SELECT r.rolname FROM pg_roles r
    WHERE r.rolname IN ('station_receiver', 'station_projector', 'station_viewer')
        AND (r.rolsuper OR r.rolcreaterole OR r.rolcreatedb OR r.rolreplication OR r.rolbypassrls
            OR EXISTS (SELECT FROM pg_auth_members m WHERE m.member = r.oid))
    ORDER BY 1"""
_RUNS: Final = """SELECT EXISTS (SELECT FROM pg_locks WHERE locktype = 'advisory' AND granted AND objid = %s
    AND database = (SELECT oid FROM pg_database WHERE datname = current_database()))"""
_CHAIN: Final = """
    SELECT c.bench, c.journal, min(c.seq) FROM (
        SELECT t.bench, e.journal, e.seq,
            e.hash IS DISTINCT FROM journal_hash(
                coalesce(lag(e.hash) OVER line, (SELECT b.hash FROM event b WHERE b.journal = e.journal AND b.seq = e.seq - 1),
                    CASE WHEN e.seq = 1 THEN journal_genesis(t.id)
                    ELSE (SELECT p.hash FROM event p WHERE p.journal = t.parent AND p.seq = e.seq - 1) END),
                t.id, e.seq, e.at, e.kind,
                (SELECT coalesce(sha256(string_agg(
                    sized(convert_to(d.system, 'UTF8')) || sized(convert_to(d.lane, 'UTF8')) || sized(d.intent), ''
                    ORDER BY d.system COLLATE "C", d.lane COLLATE "C", d.intent)), '')
                    FROM delivery d WHERE d.journal = e.journal AND d.seq = e.seq),
                e.payload)
            OR (e.seq = t.head_seq AND e.hash <> t.head) AS wrong
        FROM timeline t JOIN event e USING (journal)
        WHERE e.seq > t.head_seq - %(newest)s
        WINDOW line AS (PARTITION BY e.journal ORDER BY e.seq)
    ) c WHERE c.wrong GROUP BY 1, 2
    UNION ALL
    SELECT t.bench, t.journal, t.head_seq FROM timeline t WHERE t.head_seq >= t.first_seq
        AND t.head_seq - t.first_seq + 1 <> (SELECT count(*) FROM event e WHERE e.journal = t.journal)
    ORDER BY 1, 2"""
_WHOLE: Final = 2**62
NEWEST: Final = 1000
"""Events of a journal that are recomputed, unless all are."""


class Examination(msgspec.Struct, frozen=True):
    """Findings."""

    server: int
    """Major version of PostgreSQL."""
    checksums: bool
    """True if PostgreSQL finds damaged pages."""
    missing_steps: tuple[str, ...]
    too_much: tuple[str, ...]
    """Roles that may more than their work."""
    projecting: bool
    """True if a projector runs."""
    wrong: tuple[tuple[str, str, int], ...]
    """Bench, journal and number of the first event whose hash does not follow, or the newest where events are missing."""
    bytes: int


def examine(connection: Connection, whole: bool) -> Examination:
    """Look, and change nothing. `whole`: recompute all events, not only the newest. Raises `StoreError`."""

    def value(statement: str, *parameters: object) -> object:
        row = connection.execute(statement, parameters).fetchone()
        return None if row is None else row[0]

    with translated():
        done = {name for (name,) in connection.execute("SELECT name FROM migration").fetchall()}
        server = value("SELECT current_setting('server_version_num')::int / 10000")
        checksums = value("SELECT current_setting('data_checksums') = 'on'")
        too_much = tuple(name for (name,) in connection.execute(_RIGHTS).fetchall())
        projecting = value(_RUNS, _PROJECTOR)
        size = value("SELECT pg_database_size(current_database())")
        with connection.transaction():
            connection.execute("SET LOCAL ROLE station_owner")
            newest = {"newest": _WHOLE if whole else NEWEST}
            wrong = tuple(connection.execute(_CHAIN, newest).fetchall())
    missing = tuple(file.stem for file in steps() if file.stem not in done)
    return Examination(int(str(server)), bool(checksums), missing, too_much, bool(projecting), wrong, int(str(size)))
