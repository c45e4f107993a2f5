"""Pull lists: projections of their events. A line whose item was withdrawn for the list was found, if its piece was at
hand."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from station.domain import events as ev
from station.domain.withdrawals.pull_list import (
    PullLine,
    PullListStanding,
    PullOutcome,
    PullStanding,
    pull_list_id,
)
from station.domain.withdrawals.withdrawal import Piece, withdrawal_id
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
    if event.list:
        found = event.piece is Piece.PRESENT
        sql.execute(
            "UPDATE pull_lines SET outcome = iif(?, 'found', coalesce(outcome, 'not-found')), withdrawal_seq = ? "
            "WHERE list = ? AND line = ?",
            (found, seq, event.list, event.line),
        )
        _touch(sql, seq, event.list)


def canceled(sql: Sql, seq: int, event: ev.WithdrawalCanceled) -> None:
    row = sql.execute(
        "SELECT list FROM pull_lines WHERE 'withdrawal-' || withdrawal_seq = ?", (event.withdrawal,)
    ).fetchone()
    if row is not None:
        sql.execute(
            "UPDATE pull_lines SET withdrawal_seq = NULL WHERE 'withdrawal-' || withdrawal_seq = ?", (event.withdrawal,)
        )
        _touch(sql, seq, str(row[0]))


def forget(sql: Sql) -> None:
    """Empty the tables before they are rebuilt."""
    sql.execute("DELETE FROM pull_lines")
    sql.execute("DELETE FROM pull_lists")


def _touch(sql: Sql, seq: int, ident: str) -> None:
    sql.execute("UPDATE pull_lists SET newest_seq = ? WHERE list = ?", (seq, ident))


# --- queries --------------------------------------------------------------------------------------------------------

_LIST: Final = """SELECT p.list, p.seq, p.closed_seq, p.newest_seq, count(l.line),
    sum(l.outcome IS NULL), sum(l.outcome = 'on-loan' AND l.withdrawal_seq IS NULL), sum(l.withdrawal_seq IS NOT NULL)
    FROM pull_lists p LEFT JOIN pull_lines l ON l.list = p.list """
_NAMED: Final = _LIST + "WHERE p.list = ? GROUP BY p.list"
_OPEN: Final = _LIST + "WHERE p.closed_seq IS NULL GROUP BY p.list ORDER BY p.seq"
_ALL: Final = _LIST + "GROUP BY p.list ORDER BY p.seq DESC"
_LINES: Final = "SELECT line, outcome, tick_seq, withdrawal_seq FROM pull_lines WHERE list = ? ORDER BY place"
_WITH_BARCODE: Final = """SELECT l.list, l.line FROM pull_lines l JOIN pull_lists p ON p.list = l.list
    WHERE l.barcode = ? AND p.closed_seq IS NULL AND l.withdrawal_seq IS NULL ORDER BY p.seq DESC LIMIT 1"""


def pull_lists(sql: Sql, *, everything: bool = False) -> tuple[PullListStanding, ...]:
    """Return the open lists, the oldest first; `everything`: all, the newest first."""
    return tuple(_standing(sql, row) for row in list(sql.execute(_ALL if everything else _OPEN)))


def pull_list(sql: Sql, ident: str) -> PullListStanding | None:
    row = sql.execute(_NAMED, (ident,)).fetchone()
    return None if row is None else _standing(sql, row)


def pull_lines(sql: Sql, ident: str) -> tuple[PullStanding, ...]:
    """Return the lines of a list, in its own order."""
    imported_as = _imported(sql, ident)
    if imported_as is None:
        return ()
    of_line = {line.line: line for line in imported_as.content.lines}
    return tuple(_line(sql, ident, imported_as, of_line[row[0]], row) for row in list(sql.execute(_LINES, (ident,))))


def pull_line(sql: Sql, barcode: str) -> PullStanding | None:
    """Implement `ports.Departures.pull_line`."""
    row = sql.execute(_WITH_BARCODE, (barcode,)).fetchone()
    if row is None:
        return None
    ident, name = row
    return next((line for line in pull_lines(sql, ident) if line.content.line == name), None)


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


def _line(sql: Sql, ident: str, event: ev.PullListImported, line: PullLine, row: Sequence[Any]) -> PullStanding:
    _, outcome, tick_seq, withdrawal_seq = row
    at, tick = ("", None) if tick_seq is None else _event(sql, tick_seq)
    return PullStanding(
        list=ident,
        content=line,
        outcome=None if outcome is None else PullOutcome(outcome),
        recalled=tick is not None and tick.recalled,
        at=at,
        by="" if tick is None else tick.operator,
        note="" if tick is None else tick.note,
        withdrawal="" if withdrawal_seq is None else withdrawal_id(withdrawal_seq),
        name=event.content.name,
        reason=event.content.reason,
        destination=event.content.destination,
        approver=event.content.approver,
    )


def _imported(sql: Sql, ident: str) -> ev.PullListImported | None:
    row = sql.execute("SELECT seq FROM pull_lists WHERE list = ?", (ident,)).fetchone()
    event = None if row is None else _event(sql, row[0])[1]
    return event if isinstance(event, ev.PullListImported) else None


def _event(sql: Sql, seq: int) -> tuple[str, Any]:
    """Return time and event of a number that a projection holds."""
    at, kind, payload = sql.execute("SELECT at, kind, payload FROM events WHERE seq = ?", (seq,)).fetchone()
    return str(at), Decoder(sql)(seq, kind, bytes(payload))
