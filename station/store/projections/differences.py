"""Differences with vendors, from the event that shows them to their end: a projection of their events."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from station.domain import events as ev
from station.domain.deliveries.delivery import DeliveryState
from station.domain.deliveries.intents import ReceiveIntent
from station.domain.packing_lists.packing_list import LineKey
from station.domain.receiving.difference import Difference, DifferenceKind, DifferenceState
from station.domain.receiving.shipment import claim_id, difference_id
from station.store.database.database import LAST, Sql, SqlValue

ROWS: Final = {
    "differences": "SELECT * FROM differences ORDER BY difference",
    "difference_log": "SELECT * FROM difference_log ORDER BY difference, seq",
}
"""The tables' rows in a fixed order, for comparison."""

# --- projection -----------------------------------------------------------------------------------------------------


def opened(sql: Sql, seq: int, event: ev.DifferenceOpened) -> None:
    key = event.key or LineKey("", "")
    ident = difference_id(seq)
    sql.execute(
        "INSERT INTO differences (difference, kind, state, vendor, shipment, list, line, count_seq, title, number, "
        "order_line, copies, price, invoice, delivery, owner, due, seq, newest_seq) "
        "VALUES (?, ?, 'open', ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            ident,
            event.what,
            event.vendor,
            event.shipment,
            key.list,
            key.line,
            event.count,
            event.title,
            event.number,
            event.order_line,
            event.copies,
            event.price,
            event.invoice,
            event.delivery,
            event.owner,
            event.due,
            seq,
            seq,
        ),
    )
    _log(sql, seq, ident)


def noted(sql: Sql, seq: int, event: ev.DifferenceNoted) -> None:
    _log(sql, seq, event.difference)


def assigned(sql: Sql, seq: int, event: ev.DifferenceAssigned) -> None:
    sql.execute(
        "UPDATE differences SET owner = coalesce(nullif(?, ''), owner), due = coalesce(nullif(?, ''), due) "
        "WHERE difference = ?",
        (event.owner, event.due, event.difference),
    )
    _log(sql, seq, event.difference)


def claimed(sql: Sql, seq: int, event: ev.ClaimMade) -> None:
    for ident in event.differences:
        sql.execute(
            "UPDATE differences SET state = 'claimed', claim = ?, due = ? WHERE difference = ? AND closed_seq IS NULL",
            (claim_id(seq), event.due, ident),
        )
        _log(sql, seq, ident)


def ended(sql: Sql, seq: int, event: ev.DifferenceEnded) -> None:
    sql.execute(
        "UPDATE differences SET state = 'ended', ending = ?, closed_seq = ? WHERE difference = ? AND closed_seq IS NULL",
        (event.end, seq, event.difference),
    )
    _log(sql, seq, event.difference)


def count_undone(sql: Sql, seq: int, event: ev.CountUndone) -> None:
    """A difference that was found at the copy is undone with its count."""
    rows = sql.execute("SELECT difference FROM differences WHERE count_seq = ? AND closed_seq IS NULL", (event.count,))
    for (ident,) in list(rows):
        _undo(sql, seq, ident)


def invoice_changed(sql: Sql, seq: int, event: ev.InvoiceRecorded | ev.InvoiceVoided) -> None:
    """Differences of an invoice are undone if it has another content, or was recorded by mistake."""
    rows = sql.execute(
        "SELECT difference FROM differences WHERE invoice = ? AND invoice <> '' AND closed_seq IS NULL",
        (event.invoice,),
    )
    for (ident,) in list(rows):
        _undo(sql, seq, ident)


def delivered(sql: Sql, seq: int, event: ev.DeliveryChanged) -> None:
    """A receipt that the library system refused is none any more once it has arrived, if the copy is still here."""
    if event.state != DeliveryState.DELIVERED:
        return
    rows = sql.execute(
        "SELECT difference FROM differences WHERE delivery = ? AND delivery <> '' AND closed_seq IS NULL AND count_seq NOT IN "
        "(SELECT seq FROM counts WHERE undone_seq IS NOT NULL OR returned_seq IS NOT NULL)",
        (event.delivery,),
    )
    for (ident,) in list(rows):
        _undo(sql, seq, ident)


def ordered(sql: Sql, seq: int, event: ev.DeliveryOrdered) -> None:
    """A receipt that a person orders anew takes the place of the refused one."""
    if isinstance(event.intent, ReceiveIntent) and event.intent.count:
        _undo_receipts(sql, seq, event.intent.count)


def copy_returned(sql: Sql, seq: int, event: ev.CopyReturned) -> None:
    """The receipt of a copy that went back is not missed."""
    _undo_receipts(sql, seq, event.count)


def _undo_receipts(sql: Sql, seq: int, count: int) -> None:
    rows = sql.execute(
        "SELECT difference FROM differences WHERE count_seq = ? AND kind = 'receipt' AND closed_seq IS NULL", (count,)
    )
    for (ident,) in list(rows):
        _undo(sql, seq, ident)


def forget(sql: Sql) -> None:
    """Empty the tables before they are rebuilt."""
    sql.execute("DELETE FROM difference_log")
    sql.execute("DELETE FROM differences")


def _undo(sql: Sql, seq: int, ident: str) -> None:
    sql.execute("UPDATE differences SET state = 'undone', closed_seq = ? WHERE difference = ?", (seq, ident))
    _log(sql, seq, ident)


def _log(sql: Sql, seq: int, ident: str) -> None:
    sql.execute("INSERT INTO difference_log (seq, difference) VALUES (?, ?) ON CONFLICT DO NOTHING", (seq, ident))
    sql.execute("UPDATE differences SET newest_seq = ? WHERE difference = ?", (seq, ident))


# --- queries --------------------------------------------------------------------------------------------------------

_SELECT: Final = """SELECT d.difference, d.kind, d.state, d.vendor, d.shipment, d.list, d.line, d.count_seq, d.title,
    d.number, d.order_line, d.copies, d.price, d.invoice, d.delivery, d.owner, d.due, d.ending, d.claim, o.at, coalesce(c.at, ''),
    d.newest_seq FROM differences d JOIN events o ON o.seq = d.seq LEFT JOIN events c ON c.seq = d.closed_seq """


_WAITING: Final = _SELECT + "WHERE d.closed_seq IS NULL ORDER BY d.due, d.seq LIMIT :limit"
_ALL: Final = _SELECT + "ORDER BY d.due, d.seq"
_OF_SHIPMENT: Final = (
    _SELECT + "WHERE d.shipment = :shipment AND (:everything = 1 OR d.closed_seq IS NULL) ORDER BY d.due, d.seq"
)
_NAMED: Final = _SELECT + "WHERE d.difference = ?"
_OF_INVOICE: Final = _SELECT + "WHERE d.invoice = ? AND d.invoice <> '' AND d.state <> 'undone' ORDER BY d.seq"
_OF_COUNT: Final = _SELECT + "WHERE d.count_seq = ? AND d.count_seq <> 0 ORDER BY d.seq"


def differences(sql: Sql, *, everything: bool = False, shipment: str = "", limit: int = LAST) -> tuple[Difference, ...]:
    """Return the open differences, or all of them, those due first; optionally of one shipment. `limit`: only the first of
    the open ones."""
    if shipment:
        rows = sql.execute(_OF_SHIPMENT, {"shipment": shipment, "everything": everything})
    else:
        rows = sql.execute(_ALL) if everything else sql.execute(_WAITING, {"limit": limit})
    return tuple(_difference(row) for row in rows)


def difference(sql: Sql, ident: str) -> Difference | None:
    row = sql.execute(_NAMED, (ident,)).fetchone()
    return None if row is None else _difference(row)


def of_count(sql: Sql, count: int) -> tuple[Difference, ...]:
    """Return the differences that were found at a counted copy."""
    return tuple(_difference(row) for row in sql.execute(_OF_COUNT, (count,)))


def of_invoice(sql: Sql, invoice: str) -> tuple[Difference, ...]:
    """Return the differences that an invoice showed, open or ended, without those that were undone."""
    return tuple(_difference(row) for row in sql.execute(_OF_INVOICE, (invoice,)))


def open_of_delivery(sql: Sql, delivery: str) -> bool:
    """Return whether a difference about the delivery is open."""
    asked = "SELECT 1 FROM differences WHERE delivery = ? AND delivery <> '' AND closed_seq IS NULL"
    return sql.execute(asked, (delivery,)).fetchone() is not None


def waiting(sql: Sql, today: str) -> tuple[int, int]:
    """Return the number of open differences, and how many of them are overdue."""
    values: dict[str, SqlValue] = {"today": today}
    row = sql.execute(
        "SELECT count(*), coalesce(sum(due < :today), 0) FROM differences WHERE closed_seq IS NULL", values
    ).fetchone()
    return int(row[0]), int(row[1])


def log_of(sql: Sql, ident: str) -> tuple[int, ...]:
    """Return the numbers of the events about a difference, the oldest first."""
    rows = sql.execute("SELECT seq FROM difference_log WHERE difference = ? ORDER BY seq", (ident,))
    return tuple(int(row[0]) for row in rows)


def _difference(row: Sequence[Any]) -> Difference:
    values = dict(
        zip(
            (
                "id",
                "kind",
                "state",
                "vendor",
                "shipment",
                "list",
                "line",
                "count",
                "title",
                "number",
                "order_line",
                "copies",
                "price",
                "invoice",
                "delivery",
                "owner",
                "due",
                "end",
                "claim",
                "opened_at",
                "closed_at",
                "newest",
            ),
            row,
            strict=True,
        )
    )
    listed, line = values.pop("list"), values.pop("line")
    values["kind"], values["state"] = DifferenceKind(values["kind"]), DifferenceState(values["state"])
    return Difference(**values, key=LineKey(listed, line) if listed else None)
