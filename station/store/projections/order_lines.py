"""Order lines and invoices as the library system has them: the newest content of each."""

from __future__ import annotations

from typing import Final

import msgspec

from station.domain import events as ev
from station.domain.invoices.system_invoice import SystemInvoice
from station.domain.receiving.order_line import OrderLine, OrderLineState
from station.store.database.database import Sql

ROWS: Final = {
    "order_lines": "SELECT * FROM order_lines ORDER BY order_line",
    "system_invoices": "SELECT * FROM system_invoices ORDER BY invoice",
}
"""The tables' rows in a fixed order, for comparison."""
_ENCODER: Final = msgspec.json.Encoder(order="sorted")
_LINE: Final = msgspec.json.Decoder(OrderLine)
_INVOICE: Final = msgspec.json.Decoder(SystemInvoice)

# --- projection -----------------------------------------------------------------------------------------------------


def read(sql: Sql, seq: int, event: ev.OrderLineRead) -> None:
    sql.execute(
        "INSERT INTO order_lines (order_line, cancelled, content, seq) VALUES (?, ?, ?, ?) ON CONFLICT (order_line) "
        "DO UPDATE SET cancelled = excluded.cancelled, content = excluded.content, seq = excluded.seq",
        (
            event.content.number,
            event.content.state is OrderLineState.CANCELLED,
            _ENCODER.encode(event.content),
            seq,
        ),
    )


def invoice_read(sql: Sql, seq: int, event: ev.SystemInvoiceRead) -> None:
    sql.execute(
        "INSERT INTO system_invoices (invoice, content, seq) VALUES (?, ?, ?) "
        "ON CONFLICT (invoice) DO UPDATE SET content = excluded.content, seq = excluded.seq",
        (event.invoice, b"" if event.content is None else _ENCODER.encode(event.content), seq),
    )


def forget(sql: Sql) -> None:
    """Empty the tables before they are rebuilt."""
    sql.execute("DELETE FROM order_lines")
    sql.execute("DELETE FROM system_invoices")


# --- queries --------------------------------------------------------------------------------------------------------


def known_since(sql: Sql, event: ev.OrderLineRead) -> int:
    """Return the number of the newest event about the order line if it has this very content; 0 = it has another, or there
    is none."""
    row = sql.execute(
        "SELECT seq FROM order_lines WHERE order_line = ? AND content = ?",
        (event.content.number, _ENCODER.encode(event.content)),
    ).fetchone()
    return 0 if row is None else int(row[0])


def order_line(sql: Sql, number: str) -> OrderLine | None:
    row = sql.execute("SELECT content FROM order_lines WHERE order_line = ?", (number,)).fetchone()
    return None if row is None else _LINE.decode(row[0])


def order_lines(sql: Sql) -> tuple[OrderLine, ...]:
    """Return all order lines that were read, by number."""
    return tuple(_LINE.decode(row[0]) for row in sql.execute("SELECT content FROM order_lines ORDER BY order_line"))


def is_cancelled(sql: Sql, number: str) -> bool:
    """Return whether the library system has cancelled the order line."""
    row = sql.execute("SELECT cancelled FROM order_lines WHERE order_line = ?", (number,)).fetchone()
    return row is not None and bool(row[0])


def system_invoice(sql: Sql, ident: str) -> SystemInvoice | None:
    """Return what the library system has for our invoice with this id; None = it has none, or it was never read."""
    row = sql.execute("SELECT content FROM system_invoices WHERE invoice = ?", (ident,)).fetchone()
    return _INVOICE.decode(row[0]) if row is not None and row[0] else None


def system_invoice_read_at(sql: Sql, ident: str) -> str:
    """Return when our invoice was last looked up in the library system (ISO 8601, UTC); "" = never."""
    row = sql.execute(
        "SELECT e.at FROM system_invoices i JOIN events e ON e.seq = i.seq WHERE i.invoice = ?", (ident,)
    ).fetchone()
    return "" if row is None else str(row[0])
