"""Pull lists: projections of their events. How a line stands follows from its newest tick and from its item's withdrawal: for
this list, for another one, or for none."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from station.domain import events as ev
from station.domain.withdrawals.pull_list import (
    PullListStanding,
    PullOutcome,
    PullStanding,
    pull_list_id,
)
from station.domain.withdrawals.withdrawal import Piece
from station.store.database.database import Sql
from station.store.database.decoding import Decoder

ROWS: Final = {
    "pull_lists": "SELECT * FROM pull_lists ORDER BY list",
    "pull_lines": "SELECT * FROM pull_lines ORDER BY list, place",
}
"""The tables' rows in a fixed order, for comparison."""

# --- projection -----------------------------------------------------------------------------------------------------


def imported(sql: Sql, seq: int, event: ev.PullListImported) -> None:
    ident = pull_list_id(seq)
    sql.execute("INSERT INTO pull_lists (list, seq, newest_seq) VALUES (?, ?, ?)", (ident, seq, seq))
    for place, line in enumerate(event.content.lines):
        sql.execute(
            "INSERT INTO pull_lines (list, line, place, barcode) VALUES (?, ?, ?, ?)",
            (ident, line.line, place, line.barcode),
        )


def ticked(sql: Sql, seq: int, event: ev.PullTicked) -> None:
    sql.execute(
        "UPDATE pull_lines SET outcome = ?, tick_seq = ? WHERE list = ? AND line = ?",
        (event.outcome.value, seq, event.list, event.line),
    )
    _touch(sql, seq, event.list)


def closed(sql: Sql, seq: int, event: ev.PullListClosed) -> None:
    sql.execute("UPDATE pull_lists SET closed_seq = ? WHERE list = ?", (seq, event.list))
    _touch(sql, seq, event.list)


def decided(sql: Sql, seq: int, event: ev.WithdrawalDecided) -> None:
    """Note for which line the item leaves. A part that leaves alone ends no line."""
    if event.part:
        return
    sql.execute("UPDATE pull_lines SET withdrawal_seq = ? WHERE list = ? AND line = ?", (seq, event.list, event.line))
    _touch_with(sql, seq, event.barcode)


def canceled(sql: Sql, seq: int, event: ev.WithdrawalCanceled) -> None:
    """Open the lines of the item again, each with its tick."""
    row = sql.execute(
        "SELECT seq, barcode FROM withdrawal_items WHERE withdrawal = ? AND part = 0", (event.withdrawal,)
    ).fetchone()
    if row is not None:
        sql.execute("UPDATE pull_lines SET withdrawal_seq = NULL WHERE withdrawal_seq = ?", (row[0],))
        _touch_with(sql, seq, row[1])


def forget(sql: Sql) -> None:
    """Empty the tables before they are rebuilt."""
    sql.execute("DELETE FROM pull_lines")
    sql.execute("DELETE FROM pull_lists")


def _touch(sql: Sql, seq: int, ident: str) -> None:
    sql.execute("UPDATE pull_lists SET newest_seq = ? WHERE list = ?", (seq, ident))


def _touch_with(sql: Sql, seq: int, barcode: str) -> None:
    """Touch the lists that name the item."""
    sql.execute(
        "UPDATE pull_lists SET newest_seq = ? WHERE list IN (SELECT list FROM pull_lines WHERE barcode = ? AND barcode <> '')",
        (seq, barcode),
    )


# --- queries --------------------------------------------------------------------------------------------------------

_LEFT: Final = """LEFT JOIN withdrawal_items w ON l.barcode <> '' AND w.withdrawal = (
    SELECT i.withdrawal FROM withdrawal_items i WHERE i.barcode = l.barcode AND i.part = 0 AND i.canceled_seq IS NULL
    AND (i.decided_seq IS NOT NULL OR i.deleted_seq IS NOT NULL) ORDER BY i.seq DESC LIMIT 1) """
"""The withdrawal by which the item of a line leaves or has left, for whatever list."""
_LIST: Final = " ".join(
    (
        """SELECT p.list, p.seq, p.closed_seq, p.newest_seq, count(l.line),
        sum((l.outcome IS NULL OR l.outcome = 'back') AND w.withdrawal IS NULL),
        sum(l.outcome = 'on-loan' AND w.withdrawal IS NULL),
        sum(w.withdrawal IS NOT NULL) FROM pull_lists p LEFT JOIN pull_lines l ON l.list = p.list""",
        _LEFT,
    )
)
_NAMED: Final = _LIST + "WHERE p.list = ? GROUP BY p.list, p.seq, p.closed_seq, p.newest_seq"
_OPEN: Final = _LIST + "WHERE p.closed_seq IS NULL GROUP BY p.list, p.seq, p.closed_seq, p.newest_seq ORDER BY p.seq"
_ALL: Final = _LIST + "GROUP BY p.list, p.seq, p.closed_seq, p.newest_seq ORDER BY p.seq DESC"
_LINE: Final = " ".join(
    (
        """SELECT l.line, l.place, l.outcome, l.tick_seq, w.withdrawal, w.piece, w.seq = l.withdrawal_seq
        FROM pull_lines l""",
        _LEFT,
    )
)
_LINES: Final = _LINE + "WHERE l.list = ? ORDER BY l.place"
_LINE_NAMED: Final = _LINE + "WHERE l.list = ? AND l.line = ?"
_WITH_BARCODE: Final = """SELECT l.list, l.line FROM pull_lines l JOIN pull_lists p ON p.list = l.list
    WHERE l.barcode = ? AND l.barcode <> '' AND p.closed_seq IS NULL ORDER BY p.seq DESC"""


def pull_lists(sql: Sql, *, everything: bool = False) -> tuple[PullListStanding, ...]:
    """Return the open lists, the oldest first; `everything`: all, the newest first."""
    return tuple(_standing(sql, row) for row in list(sql.execute(_ALL if everything else _OPEN)))


def pull_list(sql: Sql, ident: str) -> PullListStanding | None:
    row = sql.execute(_NAMED, (ident,)).fetchone()
    return None if row is None else _standing(sql, row)


def pull_lines(sql: Sql, ident: str) -> tuple[PullStanding, ...]:
    """Return the lines of a list, in its own order."""
    event = _imported(sql, ident)
    return () if event is None else tuple(_line(sql, ident, event, row) for row in list(sql.execute(_LINES, (ident,))))


def line_named(sql: Sql, ident: str, name: str) -> PullStanding | None:
    """Return one line of a list."""
    event = _imported(sql, ident)
    row = None if event is None else sql.execute(_LINE_NAMED, (ident, name)).fetchone()
    return None if event is None or row is None else _line(sql, ident, event, row)


def pull_line(sql: Sql, barcode: str) -> PullStanding | None:
    """Implement `ports.Departures.pull_line`."""
    row = sql.execute(_WITH_BARCODE, (barcode,)).fetchone()
    line = None if row is None else line_named(sql, *row)
    return None if line is None or line.withdrawal else line


def _standing(sql: Sql, row: Sequence[Any]) -> PullListStanding:
    ident, seq, closed_seq, newest, count, unseen, on_loan, withdrawn = row
    at, event = _event(sql, seq)
    return PullListStanding(
        id=ident,
        name=event.content.name,
        reason=event.content.reason,
        destination=event.content.destination,
        approver=event.content.approver,
        note=event.content.note,
        source=event.source,
        imported_at=at,
        imported_by=event.operator,
        closed_at="" if closed_seq is None else _event(sql, closed_seq)[0],
        count=count,
        unseen=unseen or 0,
        on_loan=on_loan or 0,
        withdrawn=withdrawn or 0,
        newest=newest,
    )


def _line(sql: Sql, ident: str, event: ev.PullListImported, row: Sequence[Any]) -> PullStanding:
    _, place, outcome, tick_seq, withdrawal, piece, for_this = row
    at, tick = ("", None) if tick_seq is None else _event(sql, tick_seq)
    content = event.content
    return PullStanding(
        list=ident,
        content=content.lines[place],
        outcome=_outcome(outcome, piece, for_this=bool(for_this)),
        recalled=tick is not None and tick.recalled and withdrawal is None,
        at=at,
        by="" if tick is None else tick.operator,
        note="" if tick is None else tick.note,
        withdrawal=withdrawal or "",
        name=content.name,
        reason=content.reason,
        destination=content.destination,
        approver=content.approver,
    )


def _outcome(ticked: str | None, piece: str | None, *, for_this: bool) -> PullOutcome | None:
    """Return what is known of a line. `piece`: that of its item's withdrawal; None = the item is here."""
    if piece is not None and not for_this:
        return PullOutcome.GONE
    if piece == Piece.PRESENT:
        return PullOutcome.FOUND
    if ticked is None or (piece is not None and ticked == PullOutcome.BACK):
        return None
    return PullOutcome(ticked)


def _imported(sql: Sql, ident: str) -> ev.PullListImported | None:
    row = sql.execute("SELECT seq FROM pull_lists WHERE list = ?", (ident,)).fetchone()
    event = None if row is None else _event(sql, row[0])[1]
    return event if isinstance(event, ev.PullListImported) else None


def _event(sql: Sql, seq: int) -> tuple[str, Any]:
    """Return time and event of a number that a projection holds."""
    at, kind, payload = sql.execute("SELECT at, kind, payload FROM events WHERE seq = ?", (seq,)).fetchone()
    return str(at), Decoder(sql)(seq, kind, bytes(payload))
