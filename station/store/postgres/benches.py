"""What the center has of each bench, for the person who runs it."""

from __future__ import annotations

from datetime import datetime
from typing import Final

import msgspec

from station.base.errors import StoreError
from station.base.sentence import Sentence
from station.store.postgres.connection import Connection, translated

_BENCHES: Final = """
    SELECT b.bench, b.name, b.site, coalesce(to_char(b.seen AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"+00:00"'), ''),
        b.key_digest <> decode(repeat('00', 32), 'hex'), t.id, t.head_seq,
        (SELECT count(*) FROM lost_events l WHERE l.bench = b.bench),
        (SELECT count(*) FROM quarantine q WHERE q.bench = b.bench),
        coalesce(to_char(b.moved AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"+00:00"'), ''),
        coalesce(p.seq, 0), coalesce(p.stopped_seq, 0), coalesce(p.why, ''), b.refused,
        coalesce(to_char(b.refused_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"+00:00"'), ''),
        coalesce(b.refused_at > clock_timestamp() - interval '1 day', false), b.snapshot ->> 'at'
    FROM bench b JOIN timeline t ON t.bench = b.bench AND t.current LEFT JOIN projected p ON p.bench = b.bench
    ORDER BY b.site, b.name, b.bench"""


class CopiedBench(msgspec.Struct, frozen=True):
    """A bench at the center."""

    bench: str
    name: str
    site: str
    seen: str
    """Time of its last batch or heartbeat, ISO 8601 UTC; "" = none yet."""
    has_key: bool
    """False = its key was ended: the bench left, or `station fleet leave --bench`."""
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
    refused: int
    """Requests that were refused before they were decoded: too large, not readable, or too many. Of those that were too many,
    one a minute counts."""
    refused_at: str
    """Time of the last of them, ISO 8601 UTC; "" = none."""
    refused_lately: bool
    """True = that was within a day."""
    clock_ahead_s: int | None
    """Seconds by which the bench's clock was ahead of the center's at its last heartbeat; None = not known."""


def benches(connection: Connection) -> tuple[CopiedBench, ...]:
    """Return all benches. Raises `StoreError`."""
    with translated(), connection.transaction():
        connection.execute("SET LOCAL ROLE station_owner")
        rows = connection.execute(_BENCHES).fetchall()
    return tuple(CopiedBench(*(*row[:-1], _ahead(row[-1], row[3]))) for row in rows)


def _ahead(at: str | None, seen: str) -> int | None:
    """Return by how many seconds a time, which is hostile, is later than when it arrived."""
    try:
        return round((datetime.fromisoformat(at or "") - datetime.fromisoformat(seen)).total_seconds())
    except (ValueError, TypeError, OverflowError):
        return None


def end_key(connection: Connection, bench: str) -> None:
    """End the key of a bench: from now on the center takes nothing that is sent with it. Raises `StoreError`."""
    with translated(), connection.transaction():
        connection.execute("SET LOCAL ROLE station_owner")
        _require(connection, bench)
        connection.execute("SELECT end_key(%s)", (bench,))


def rebuild(connection: Connection, bench: str | None) -> None:
    """Let the projector make the tables of a bench again, or those of all benches and the ledger. Raises `StoreError`."""
    with translated(), connection.transaction():
        connection.execute("SET LOCAL ROLE station_owner")
        if bench is not None:
            _require(connection, bench)
        else:  # first the table that the projector locks first
            connection.execute("TRUNCATE ledger_place, tag_write, holding, second_tag")
        # The projector makes tables again whose last event is not that of the bench's path.
        connection.execute("UPDATE projected SET hash = '' WHERE bench = coalesce(%s, bench)", (bench,))


def _require(connection: Connection, bench: str) -> None:
    if connection.execute("SELECT 1 FROM bench WHERE bench = %s", (bench,)).fetchone() is None:
        raise StoreError(Sentence("fleet.no-bench", bench=bench))
