"""What library systems have, as far as it contradicts the journal: the newest reading of each item.

An item counts as in use here if a tag was written for it, or it was judged or released, and it was not withdrawn. Whether it
passed makes no difference, so that nobody learns a hidden verdict from it.
"""

from __future__ import annotations

from typing import Final

from station.domain import events as ev
from station.domain.events import Presence
from station.domain.item_state import ItemState
from station.domain.withdrawals.deletion_watch import WatchKind, WatchRow
from station.store.database.database import Sql
from station.store.projections import item_states

ROWS: Final = {"presence_readings": "SELECT * FROM presence_readings ORDER BY barcode"}
"""The table's rows in a fixed order, for comparison."""
_IN_USE: Final = frozenset({ItemState.TAGGED, ItemState.PASSED, ItemState.FAILED, ItemState.RELEASED})
_IN_USE_ITEMS: Final = """SELECT s.barcode, e.at FROM item_states s JOIN events e ON e.seq = s.seq
WHERE s.state IN ('tagged', 'passed', 'failed', 'released')
AND NOT EXISTS (SELECT 1 FROM withdrawal_items w WHERE w.barcode = s.barcode AND w.part = 0 AND w.canceled_seq IS NULL)
ORDER BY s.barcode"""
_GONE: Final = """SELECT w.barcode, w.withdrawal, e.at FROM withdrawal_items w JOIN events e ON e.seq = w.deleted_seq
WHERE w.part = 0 AND w.canceled_seq IS NULL ORDER BY w.deleted_seq DESC"""
_WITHDRAWAL: Final = """SELECT withdrawal FROM withdrawal_items
WHERE barcode = ? AND part = 0 AND deleted_seq IS NOT NULL AND canceled_seq IS NULL ORDER BY seq DESC"""

# --- projection -----------------------------------------------------------------------------------------------------


def read(sql: Sql, seq: int, event: ev.PresenceRead) -> None:
    sql.execute(
        "INSERT INTO presence_readings (barcode, system, presence, title, seq) VALUES (?, ?, ?, ?, ?) "
        "ON CONFLICT (barcode) DO UPDATE SET system = excluded.system, presence = excluded.presence, "
        "title = excluded.title, seq = excluded.seq",
        (event.barcode, event.system, event.presence.value, event.title, seq),
    )


def forget(sql: Sql) -> None:
    """Empty the table before it is rebuilt."""
    sql.execute("DELETE FROM presence_readings")


# --- queries --------------------------------------------------------------------------------------------------------


def is_news(sql: Sql, event: ev.PresenceRead) -> bool:
    """Return True if the reading contradicts the journal and was not journaled, or ends a contradiction."""
    row = sql.execute("SELECT presence FROM presence_readings WHERE barcode = ?", (event.barcode,)).fetchone()
    if row is not None and row[0] == event.presence.value:
        return False
    return row is not None or _contradiction(sql, event.barcode, event.presence) is not None


def contradictions(sql: Sql) -> tuple[WatchRow, ...]:
    """Return the items whose newest reading contradicts the journal, the newest first."""
    rows = sql.execute(
        "SELECT r.barcode, r.presence, r.title, r.system, e.at FROM presence_readings r JOIN events e USING (seq) "
        "ORDER BY r.seq DESC"
    )
    return tuple(
        WatchRow(kind=kind, barcode=barcode, title=title, source=system, as_of=at, withdrawal=_withdrawal(sql, barcode))
        for barcode, presence, title, system, at in [*rows]
        if (kind := _contradiction(sql, barcode, Presence(presence))) is not None
    )


def gone_items(sql: Sql) -> tuple[tuple[str, str, str], ...]:
    """Return (barcode, withdrawal, when the deletion was confirmed) of the withdrawn items, the newest first."""
    return tuple((str(barcode), str(withdrawal), str(at)) for barcode, withdrawal, at in sql.execute(_GONE))


def items_in_use(sql: Sql) -> tuple[tuple[str, str], ...]:
    """Return (barcode, time of its newest event) of the items in use here."""
    return tuple((str(barcode), str(at)) for barcode, at in sql.execute(_IN_USE_ITEMS))


def _contradiction(sql: Sql, barcode: str, presence: Presence) -> WatchKind | None:
    withdrawn = bool(_withdrawal(sql, barcode))
    if presence is Presence.PRESENT:
        return WatchKind.STILL_THERE if withdrawn else None
    if withdrawn:
        return None
    now = item_states.state_of(sql, barcode)
    return WatchKind.GONE_THERE if now is not None and now.state in _IN_USE else None


def _withdrawal(sql: Sql, barcode: str) -> str:
    row = sql.execute(_WITHDRAWAL, (barcode,)).fetchone()
    return "" if row is None else str(row[0])
