"""Whether a decided withdrawal can still be taken back: nothing of it was carried out that cannot be undone."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from station.domain.deliveries.delivery import DeliveryState
from station.domain.withdrawals.withdrawal import BoundTag, LeavingTag, TagStanding
from station.store.database.database import Sql

_STOPPABLE: Final = (DeliveryState.PENDING, DeliveryState.DEFERRED, DeliveryState.PARKED)
_WAITING: Final = """SELECT id, system, state, witness FROM outbox WHERE lane = :barcode AND event_seq <> :but
    AND state IN ('pending', 'leased', 'deferred', 'in-doubt', 'parked')
    AND json_extract(CAST(intent AS TEXT), '$.type') = 'withdraw' ORDER BY event_seq, place"""
"""The deletions of an item that have not ended: a command of an earlier version may have ordered one before anybody
decided."""
_BOUND: Final = "SELECT uid, part FROM bindings WHERE barcode = ? ORDER BY part, uid"
_BEGUN: Final = "SELECT 1 FROM attempts WHERE uid = ? AND seq > ?"


def waiting(sql: Sql, barcode: str, but: int = 0) -> list[tuple[str, str, str, str | None]]:
    """Return id, system, state and witness of the item's deletions that have not ended, without those of event `but`."""
    return list(sql.execute(_WAITING, {"barcode": barcode, "but": but}))


def unsent(sql: Sql, barcode: str) -> bool:
    """Return whether the library system cannot have carried out a deletion of the item that waits."""
    return all(state in _STOPPABLE and witness is None for _, _, state, witness in waiting(sql, barcode))


def untouched(sql: Sql, barcode: str, part: int, tags: Sequence[LeavingTag], decided_seq: int) -> bool:
    """Return whether nothing was done to the tags of a part since its decision: no write of a tag was begun, either."""
    known = {tag.uid for tag in tags if tag.standing is not TagStanding.NOT_KNOWN}
    still_bound = {tag.uid for tag in bound_tags(sql, barcode, part)}
    return known <= still_bound and not any(sql.execute(_BEGUN, (uid, decided_seq)).fetchone() for uid in known)


def bound_tags(sql: Sql, barcode: str, part: int) -> tuple[BoundTag, ...]:
    """Return the tags that carry the part; 0 = those of all parts."""
    rows = list(sql.execute(_BOUND, (barcode,)))
    return tuple(BoundTag(uid, of_part) for uid, of_part in rows if part in (0, of_part))
