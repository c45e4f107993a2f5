"""The state of each item, and what withdraws it from the library.

* item_states: the newest event that changes an item's state decides it (`CHANGES`).
* withdrawals: one row for each decision that a whole item leaves and that was not canceled, for each passed checklist of an
  item that leaves, and for each ordered withdrawal that was not discarded. An item with a row is withdrawn, whatever its
  other state.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from station.domain import events as ev
from station.domain.deliveries.delivery import DeliveryState, ordered_by
from station.domain.deliveries.intents import WithdrawIntent
from station.domain.item_state import ItemState, StateSince
from station.domain.verdict import Verdict
from station.store.database.database import Sql, SqlValue

Row = tuple[SqlValue, ...]
_PART_LEAVES: Final = """SELECT 1 FROM withdrawal_items p WHERE p.barcode = :barcode AND p.part > 0 AND p.canceled_seq IS NULL
    AND NOT EXISTS (SELECT 1 FROM withdrawal_items w WHERE w.barcode = :barcode AND w.part = 0 AND w.canceled_seq IS NULL)
    LIMIT 1"""
_Changed = tuple[tuple[str, ItemState], ...]
_SINCE: Final = (
    "SELECT state, at, seq, kind FROM ("
    "SELECT 1 AS withdrawn, 'withdrawn' AS state, w.seq AS seq FROM withdrawals w WHERE w.barcode = ? UNION ALL "
    "SELECT 0, state, seq FROM item_states WHERE barcode = ?) JOIN events USING (seq) "
    "ORDER BY withdrawn DESC, seq LIMIT 1"
)


def _judged(event: Any) -> _Changed:
    return ((event.barcode, ItemState.PASSED if event.verdict is Verdict.PASS else ItemState.FAILED),)


def _set_aside(event: ev.ItemSetAside) -> _Changed:
    return ((event.barcode, ItemState.SET_ASIDE),) if event.code != ev.SENDER_GONE else ()


def _tagged(event: ev.TagWriteVerified | ev.VerdictTakenBack) -> _Changed:
    return ((event.barcode, ItemState.TAGGED),)


def _undone(event: ev.TagUndoVerified) -> _Changed:
    return ((event.barcode, ItemState.TAGGED if event.restored == event.barcode else ItemState.ERASED),)


def _erased(event: ev.TagErased) -> _Changed:
    return ((event.barcode, ItemState.ERASED),) if event.barcode and not event.stray else ()


def _released(event: ev.TruckReleased) -> _Changed:
    return tuple((barcode, ItemState.RELEASED) for barcode in event.right)


CHANGES: Final[Mapping[type[ev.Event], Callable[[Any], _Changed]]] = {
    ev.TagWriteVerified: _tagged,
    ev.ItemJudged: _judged,
    ev.VerdictTakenBack: _tagged,
    ev.ItemSetAside: _set_aside,
    ev.TagErased: _erased,
    ev.TagUndoVerified: _undone,
    ev.TruckReleased: _released,
}
"""Barcodes and their new states, by event."""


def apply(sql: Sql, seq: int, event: ev.Event) -> None:
    """Bring `item_states` up to date with one event."""
    rows = [(barcode, state.value, seq) for barcode, state in CHANGES[type(event)](event)]
    for row in rows:
        sql.execute(
            "INSERT INTO item_states (barcode, state, seq) VALUES (?, ?, ?) "
            "ON CONFLICT (barcode) DO UPDATE SET state = excluded.state, seq = excluded.seq",
            row,
        )


def _checked(event: Any) -> str:
    return str(event.barcode) if event.verdict is Verdict.PASS else ""


def _decided(event: ev.WithdrawalDecided) -> str:
    return "" if event.part else event.barcode


def _ordered(event: ev.DeliveryOrdered) -> str:
    return event.intent.barcode if isinstance(event.intent, WithdrawIntent) else ""


WITHDRAWS: Final[Mapping[type[ev.Event], Callable[[Any], str]]] = {
    ev.WithdrawalDecided: _decided,
    ev.WithdrawalJudged: _checked,
    ev.DeliveryOrdered: _ordered,
}
"""Barcode of the withdrawn item, by event; "" = the event withdraws none."""


def withdrawn(withdraws: Callable[[Any], str], sql: Sql, seq: int, event: Any) -> None:
    """Bring `withdrawals` up to date with one event of `WITHDRAWS`. The checklist of a part that leaves alone withdraws no
    item."""
    if (barcode := withdraws(event)) and not sql.execute(_PART_LEAVES, {"barcode": barcode}).fetchone():
        sql.execute("INSERT INTO withdrawals (seq, barcode) VALUES (?, ?)", (seq, barcode))


def canceled(sql: Sql, _seq: int, event: ev.WithdrawalCanceled) -> None:
    """Remove what withdrew the item: it stays."""
    sql.execute(
        "DELETE FROM withdrawals WHERE barcode = (SELECT barcode FROM withdrawal_items WHERE withdrawal = ? AND part = 0)",
        (event.withdrawal,),
    )


def discarded(sql: Sql, _seq: int, event: ev.DeliveryChanged) -> None:
    """Remove a withdrawal whose order was discarded, unless it was decided: then a person confirms or cancels it."""
    if event.state == DeliveryState.DISCARDED:
        order = ordered_by(event.delivery)
        sql.execute(
            "DELETE FROM withdrawals WHERE seq = ? "
            "AND NOT EXISTS (SELECT 1 FROM withdrawal_items WHERE decided_seq = ?)",
            (order, order),
        )


class Rows:
    """The table `item_states` in memory, for a replay: it changes with nearly every event."""

    def __init__(self) -> None:
        self._rows: dict[str, Row] = {}

    def changes(self) -> Iterator[tuple[type[ev.Event], Callable[[int, Any], None]]]:
        """Return what changes the table, by event."""
        for kind, changed in CHANGES.items():
            yield kind, self._taker(changed)

    def _taker(self, changed: Callable[[Any], _Changed]) -> Callable[[int, Any], None]:
        rows = self._rows

        def take(seq: int, event: Any) -> None:
            for barcode, state in changed(event):
                rows[barcode] = (barcode, state.value, seq)

        return take

    def rows(self) -> Mapping[str, Iterator[Row]]:
        """Return the rows, unordered."""
        return {"item_states": iter(self._rows.values())}


ROWS: Final = {
    "item_states": "SELECT barcode, state, seq FROM item_states ORDER BY barcode",
    "withdrawals": "SELECT seq, barcode FROM withdrawals ORDER BY seq",
}
"""The tables' rows in a fixed order, for comparison."""


def forget(sql: Sql) -> None:
    """Empty the tables before they are rebuilt."""
    sql.execute("DELETE FROM item_states")
    sql.execute("DELETE FROM withdrawals")


def state_of(sql: Sql, barcode: str) -> StateSince | None:
    """Return the item's state, and since when; None = the station has done nothing with it. A withdrawn item is
    withdrawn since the first event that withdrew it."""
    row = sql.execute(_SINCE, (barcode, barcode)).fetchone()
    if row is None:
        return None
    state, at, seq, kind = row
    return StateSince(state=ItemState(state), at=str(at), seq=int(seq), kind=str(kind))
