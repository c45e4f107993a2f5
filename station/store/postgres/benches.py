"""What the center has of each bench, for the person who runs it."""

from __future__ import annotations

from typing import Final

import msgspec

from station.store.postgres.connection import Connection, translated

_BENCHES: Final = """
    SELECT b.bench, b.name, b.site, coalesce(to_char(b.seen AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"+00:00"'), ''),
        t.journal, t.head_seq,
        (SELECT count(*) FROM lost_events l WHERE l.bench = b.bench),
        (SELECT count(*) FROM quarantine q WHERE q.bench = b.bench),
        coalesce(to_char(b.moved AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"+00:00"'), ''),
        coalesce(p.seq, 0), coalesce(p.stopped_seq, 0), coalesce(p.why, '')
    FROM bench b JOIN timeline t ON t.bench = b.bench AND t.current LEFT JOIN projected p ON p.bench = b.bench
    ORDER BY b.site, b.name, b.bench"""


class CopiedBench(msgspec.Struct, frozen=True):
    """A bench at the center."""

    bench: str
    name: str
    site: str
    seen: str
    """Time of its last batch or heartbeat, ISO 8601 UTC; "" = none yet."""
    journal: str
    events: int
    lost: int
    """Events of lost parts, which are kept."""
    quarantine: int
    """Events that were refused."""
    moved: str
    """When another machine last used its key and journal, ISO 8601 UTC; "" = none since a person said so."""
    projected: int
    """The last event that the tables have."""
    stopped: int
    """The event that stopped the tables, because the projector could not apply it; 0 = none."""
    why: str


def benches(connection: Connection) -> tuple[CopiedBench, ...]:
    """Return all benches. Raises `StoreError`."""
    with translated(), connection.transaction():
        connection.execute("SET LOCAL ROLE station_owner")
        return tuple(CopiedBench(*row) for row in connection.execute(_BENCHES).fetchall())
