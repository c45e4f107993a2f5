"""Speed of deliveries, from the journal alone: the same for screen and command line, whether a station runs or not.

It counts the time between two consecutive ends while a delivery waited: from the earlier end, or from the time from
which the delivery might be sent if that was later. So an outbox that is empty most of the day does not count as slow,
and parallel lanes count together. Times are those in the journal. If the clock was set back between two ends, that pair
is left out.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Final

import msgspec

from station.base.errors import InDoubt, Unreachable
from station.domain import events as ev
from station.domain.deliveries.delivery import DeliveryRate, DeliveryState
from station.domain.people.sign_on import MACHINE
from station.store.database.database import Sql
from station.store.database.since import first_since

LOOK_BACK_S: Final = 900.0
"""Maximum age of an end that counts for the speed, seconds."""
ENDS: Final = 50
"""Maximum number of a system's newest ends that count."""
LEAST: Final = 3
"""Minimum number of pairs for a speed."""
STILL_S: Final = 60.0
"""Minimum time without an end, seconds, after which deliveries count as stalled; it must also exceed ten times the
usual time."""
_CHANGES: Final = 2000
"""Maximum number of changes to read."""
_ENDED: Final = (DeliveryState.DELIVERED, DeliveryState.PARKED)
_TRIED: Final = (DeliveryState.DEFERRED, DeliveryState.IN_DOUBT)
_SILENT: Final = (Unreachable.code, InDoubt.code)
_COUNTS: Final = (
    "SELECT system, count(*) FROM outbox WHERE state IN ('pending', 'leased', 'deferred', 'in-doubt') GROUP BY system"
)
_OLDEST: Final = (
    "SELECT max(e.at, o.not_before) FROM outbox o JOIN events e ON e.seq = o.event_seq WHERE o.system = ? "
    "AND o.state IN ('pending', 'leased', 'deferred', 'in-doubt') ORDER BY o.event_seq LIMIT 1"
)
_CAME: Final = "SELECT max(e.at, o.not_before) FROM outbox o JOIN events e ON e.seq = o.event_seq WHERE o.id = ?"
_NEWEST: Final = "SELECT at, payload FROM events WHERE kind = 'delivery-changed' AND seq >= ? ORDER BY seq DESC LIMIT ?"


def flows(db: Sql, now: str) -> tuple[DeliveryRate, ...]:
    """Return one rate per system that has waiting deliveries or recent ends, by name. `now` is ISO 8601, UTC."""
    waiting = dict(db.execute(_COUNTS).fetchall())
    ends, silent = _ends(db, now)
    rates = (
        delivery_rate_of(name, waiting.get(name, 0), _oldest(db, name), ends.get(name, ()), now)
        for name in sorted({*waiting, *ends})
    )
    return tuple(msgspec.structs.replace(rate, silent=rate.system in silent and rate.waiting > 0) for rate in rates)


def delivery_rate_of(system: str, waiting: int, oldest: str, ends: Sequence[tuple[str, str]], now: str) -> DeliveryRate:
    """Compute a system's rate. `ends`: (entry into the outbox, end), oldest first. `oldest`: entry time of the oldest
    waiting delivery, "" = none waits."""
    gaps = []
    for (_, before), (came, ended) in pairwise(ends):
        gap = _seconds(max(before, came), ended)
        if gap >= 0 and before <= ended:
            gaps.append(gap)
    each = sum(gaps) / len(gaps) if len(gaps) >= LEAST else None
    still = 0.0
    if waiting and oldest:
        since = _seconds(max(oldest, ends[-1][1] if ends else oldest), now)
        still = since if since > max(STILL_S, 10 * (each or 0.0)) else 0.0
    if each is None:
        return DeliveryRate(system=system, waiting=waiting, still_s=still)
    each = max(each, 0.001)
    left = waiting * each if waiting and not still else None
    return DeliveryRate(system=system, waiting=waiting, per_minute=round(60.0 / each, 1), left_s=left, still_s=still)


def _ends(db: Sql, now: str) -> tuple[dict[str, list[tuple[str, str]]], frozenset[str]]:
    """Return (entry, end) of the newest ends of each system, oldest first, and the systems that did not answer at the
    newest try."""
    since = (datetime.fromisoformat(now) - timedelta(seconds=LOOK_BACK_S)).astimezone(UTC)
    first = first_since(db, since.isoformat(timespec="microseconds"))
    rows = db.execute(_NEWEST, (first, _CHANGES)).fetchall()
    ends_by_system: dict[str, list[tuple[str, str]]] = {}
    newest: dict[str, ev.DeliveryChanged] = {}
    for at, payload in rows:
        change = ev.decode(bytes(payload))
        if not isinstance(change, ev.DeliveryChanged) or change.operator not in ("", MACHINE):
            continue
        newest.setdefault(change.system, change)
        if change.state not in _ENDED:
            continue
        ends = ends_by_system.setdefault(change.system, [])
        if len(ends) < ENDS:
            (came,) = db.execute(_CAME, (change.delivery,)).fetchone() or (at,)
            ends.append((str(came), str(at)))
    silent = frozenset(name for name, last in newest.items() if last.state in _TRIED and last.reason in _SILENT)
    return {name: ends[::-1] for name, ends in ends_by_system.items()}, silent


def _oldest(db: Sql, system: str) -> str:
    row = db.execute(_OLDEST, (system,)).fetchone()
    return "" if row is None else str(row[0])


def _seconds(start: str, end: str) -> float:
    return (datetime.fromisoformat(end) - datetime.fromisoformat(start)).total_seconds()
