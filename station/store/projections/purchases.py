"""Account plan, orders, invoices, exports and credits: a projection of their events. Where an invoice or an order stands is
worked out in `store.projections.invoice_standings` and `order_standings`."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any, Final, NamedTuple

import msgspec

from station.domain import events as ev
from station.domain.invoices.invoice import Invoice, InvoiceKind, InvoiceLine, invoice_id, number_key
from station.domain.invoices.money import number
from station.domain.invoices.order import PurchaseOrder
from station.domain.invoices.plan import AccountPlan
from station.domain.invoices.standing import Application, Entry, EntryPart, Export, InvoiceState, Signature, export_id
from station.domain.packing_lists.packing_list import LineKey
from station.store.database.database import Sql, SqlValue

ROWS: Final = {
    "account_plans": "SELECT * FROM account_plans",
    "purchase_orders": "SELECT * FROM purchase_orders ORDER BY number",
    "invoices": "SELECT * FROM invoices ORDER BY invoice",
    "invoice_lines": "SELECT * FROM invoice_lines ORDER BY invoice, line",
    "invoice_entries": "SELECT * FROM invoice_entries ORDER BY invoice, place",
    "exports": "SELECT * FROM exports ORDER BY export",
    "credits": "SELECT * FROM credits ORDER BY credit, invoice",
    "invoice_log": "SELECT * FROM invoice_log ORDER BY invoice, seq",
}
"""The tables' rows in a fixed order, for comparison."""
_INVOICE: Final = msgspec.json.Decoder(Invoice)
_ORDER: Final = msgspec.json.Decoder(PurchaseOrder)
_PLAN: Final = msgspec.json.Decoder(AccountPlan)
_ENCODER: Final = msgspec.json.Encoder(order="sorted")
DEFAULT_PLAN: Final = AccountPlan()
"""Counts until a plan is recorded."""

# --- projection -----------------------------------------------------------------------------------------------------


def plan_recorded(sql: Sql, seq: int, event: ev.AccountPlanRecorded) -> None:
    """Keep the content as the event's own bytes have it: msgspec omits a text only if it is the very object of the
    default."""
    content = msgspec.json.decode(ev.encode(event))["content"]
    sql.execute(
        'INSERT INTO account_plans ("only", content, seq) VALUES (1, ?, ?) '
        'ON CONFLICT ("only") DO UPDATE SET content = excluded.content, seq = excluded.seq',
        (_ENCODER.encode(content), seq),
    )


def order_recorded(sql: Sql, seq: int, event: ev.PurchaseOrderRecorded) -> None:
    sql.execute(
        "INSERT INTO purchase_orders (number, content, seq) VALUES (?, ?, ?) "
        "ON CONFLICT (number) DO UPDATE SET content = excluded.content, seq = excluded.seq",
        (event.content.number, _ENCODER.encode(event.content), seq),
    )


def recorded(sql: Sql, seq: int, event: ev.InvoiceRecorded) -> None:
    """Add an invoice, or give it another content."""
    ident = event.invoice or invoice_id(seq)
    content = event.content
    sql.execute(
        "INSERT INTO invoices (invoice, kind, state, vendor, number_key, date, due, corrects, content, rule, seq, "
        "content_seq, newest_seq) VALUES (?, ?, 'open', ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) "
        "ON CONFLICT (invoice) DO UPDATE SET kind = excluded.kind, vendor = excluded.vendor, "
        "number_key = excluded.number_key, date = excluded.date, due = excluded.due, corrects = excluded.corrects, "
        "content = excluded.content, rule = excluded.rule, content_seq = excluded.content_seq",
        (
            ident,
            content.kind,
            content.vendor,
            number_key(content.number),
            content.date,
            content.due,
            content.corrects,
            _ENCODER.encode(content),
            event.rule,
            seq,
            seq,
            seq,
        ),
    )
    put_content(sql, seq, ident, content)


def rated(sql: Sql, seq: int, event: ev.InvoiceRated) -> None:
    _change(sql, seq, event.invoice, lambda content: msgspec.structs.replace(content, rate=event.rate))


def coded(sql: Sql, seq: int, event: ev.InvoiceCoded) -> None:
    def change(content: Invoice) -> Invoice:
        lines = tuple(
            msgspec.structs.replace(line, shares=event.shares, order=event.order) if line.line == event.line else line
            for line in content.lines
        )
        return msgspec.structs.replace(content, lines=lines)

    _change(sql, seq, event.invoice, change)


def credited(sql: Sql, seq: int, event: ev.CreditApplied) -> None:
    if number(event.amount):
        sql.execute(
            "INSERT INTO credits (credit, invoice, amount, seq) VALUES (?, ?, ?, ?) "
            "ON CONFLICT (credit, invoice) DO UPDATE SET amount = excluded.amount, seq = excluded.seq",
            (event.credit, event.invoice, event.amount, seq),
        )
    else:
        sql.execute("DELETE FROM credits WHERE credit = ? AND invoice = ?", (event.credit, event.invoice))
    _log(sql, seq, event.credit)
    _log(sql, seq, event.invoice)


def signed(sql: Sql, seq: int, event: ev.InvoiceSigned) -> None:
    sql.execute(
        "UPDATE invoices SET state = 'signed', signed_seq = ?, signed_by = ?, counted_seq = ?, reason = ?, second = ?, "
        "unproven = ? WHERE invoice = ?",
        (seq, event.operator, event.counted, event.reason, event.second, event.unproven, event.invoice),
    )
    sql.execute("DELETE FROM invoice_entries WHERE invoice = ?", (event.invoice,))
    for place, entry in enumerate(event.entries):
        sql.execute(
            "INSERT INTO invoice_entries (invoice, place, line, part, account, fund, order_number, amount) "
            "VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            (
                event.invoice,
                place,
                entry.line,
                entry.part,
                entry.account,
                entry.fund,
                entry.order,
                entry.amount,
            ),
        )
    _log(sql, seq, event.invoice)


def taken_back(sql: Sql, seq: int, event: ev.InvoiceSignatureTakenBack) -> None:
    sql.execute("DELETE FROM invoice_entries WHERE invoice = ?", (event.invoice,))
    sql.execute(
        "UPDATE invoices SET state = 'open', signed_seq = NULL, signed_by = '', counted_seq = 0, reason = '', "
        "second = '', unproven = 0 WHERE invoice = ?",
        (event.invoice,),
    )
    _log(sql, seq, event.invoice)


def exported(sql: Sql, seq: int, event: ev.InvoicesExported) -> None:
    sql.execute(
        "INSERT INTO exports (export, exported_by, file, digest, invoices, seq) VALUES (?, ?, ?, ?, ?, ?)",
        (export_id(seq), event.operator, event.file, event.digest, json.dumps(event.invoices), seq),
    )
    for ident in event.invoices:
        sql.execute("UPDATE invoices SET state = 'exported', exported_seq = ? WHERE invoice = ?", (seq, ident))
        _log(sql, seq, ident)


def paid(sql: Sql, seq: int, event: ev.InvoicePaid) -> None:
    sql.execute(
        "UPDATE invoices SET state = ?, paid_on = ?, paid_reference = ? WHERE invoice = ?",
        (
            InvoiceState.PAID if event.on else InvoiceState.EXPORTED,
            event.on,
            event.reference if event.on else "",
            event.invoice,
        ),
    )
    _log(sql, seq, event.invoice)


def voided(sql: Sql, seq: int, event: ev.InvoiceVoided) -> None:
    """A document that was recorded by mistake has no lines and no credits."""
    touching = {"invoice": event.invoice}
    others = sql.execute(
        "SELECT credit FROM credits WHERE invoice = :invoice UNION SELECT invoice FROM credits WHERE credit = :invoice",
        touching,
    )
    for (other,) in list(others):
        _log(sql, seq, other)
    sql.execute("DELETE FROM credits WHERE invoice = :invoice OR credit = :invoice", touching)
    sql.execute("DELETE FROM invoice_lines WHERE invoice = :invoice", touching)
    sql.execute("UPDATE invoices SET state = 'void' WHERE invoice = :invoice", touching)
    _log(sql, seq, event.invoice)


def forget(sql: Sql) -> None:
    """Empty the tables before they are rebuilt."""
    for statement in (
        "DELETE FROM invoice_log",
        "DELETE FROM credits",
        "DELETE FROM exports",
        "DELETE FROM invoice_entries",
        "DELETE FROM invoice_lines",
        "DELETE FROM invoices",
        "DELETE FROM purchase_orders",
        "DELETE FROM account_plans",
    ):
        sql.execute(statement)


def put_content(sql: Sql, seq: int, ident: str, content: Invoice) -> None:
    """Give an invoice another content, with lines that lists and counts find."""
    sql.execute("UPDATE invoices SET content = ? WHERE invoice = ?", (_ENCODER.encode(content), ident))
    sql.execute("DELETE FROM invoice_lines WHERE invoice = ?", (ident,))
    for line in content.lines:
        key = line.key or LineKey("", "")
        sql.execute(
            "INSERT INTO invoice_lines (invoice, line, list, list_line, order_line, number, copies) "
            "VALUES (?, ?, ?, ?, ?, ?, ?)",
            (
                ident,
                line.line,
                key.list,
                key.line,
                line.order_line,
                next(iter(line.numbers), ""),
                copies_of(content.kind, line),
            ),
        )
    _log(sql, seq, ident)


def content_of(sql: Sql, ident: str) -> Invoice | None:
    """Return the content alone. A replay has no events to join."""
    row = sql.execute("SELECT content FROM invoices WHERE invoice = ?", (ident,)).fetchone()
    return None if row is None else _INVOICE.decode(row[0])


def copies_of(kind: InvoiceKind, line: InvoiceLine) -> int:
    """Return the copies that a line adds to those invoiced: a credit memo takes them away, a correcting entry changes
    amounts only."""
    return {InvoiceKind.CREDIT: -line.copies, InvoiceKind.CORRECTION: 0}.get(kind, line.copies)


def _change(sql: Sql, seq: int, ident: str, change: Any) -> None:
    content = content_of(sql, ident)
    if content is not None:
        sql.execute("UPDATE invoices SET content = ? WHERE invoice = ?", (_ENCODER.encode(change(content)), ident))
        _log(sql, seq, ident)


def _log(sql: Sql, seq: int, ident: str) -> None:
    sql.execute("INSERT INTO invoice_log (seq, invoice) VALUES (?, ?) ON CONFLICT DO NOTHING", (seq, ident))
    sql.execute("UPDATE invoices SET newest_seq = ? WHERE invoice = ?", (seq, ident))


# --- queries --------------------------------------------------------------------------------------------------------


def plan(sql: Sql) -> AccountPlan:
    """Return the account plan; `DEFAULT_PLAN` before one is recorded."""
    row = sql.execute("SELECT content FROM account_plans").fetchone()
    return DEFAULT_PLAN if row is None else _PLAN.decode(row[0])


def plan_seq(sql: Sql) -> int:
    """Return the number of the event that holds the account plan; 0 = none is recorded."""
    row = sql.execute("SELECT seq FROM account_plans").fetchone()
    return 0 if row is None else int(row[0])


def orders(sql: Sql) -> dict[str, tuple[PurchaseOrder, int]]:
    """Return all orders by number, each with the number of the event that holds its content."""
    rows = sql.execute("SELECT number, content, seq FROM purchase_orders ORDER BY number")
    return {str(name): (_ORDER.decode(content), int(seq)) for name, content, seq in rows}


class InvoiceRow(msgspec.Struct, frozen=True, kw_only=True):
    """An invoice as its events say."""

    id: str
    state: InvoiceState
    content: Invoice
    rule: str
    seq: int
    content_seq: int
    newest: int
    recorded_at: str
    signature: Signature | None
    exported_seq: int
    exported_at: str
    paid_on: str
    paid_reference: str


_INVOICES: Final = """SELECT i.invoice, i.state, i.content, i.rule, i.seq, i.content_seq, i.newest_seq, o.at, i.signed_seq,
    s.at, i.signed_by, i.counted_seq, i.second, i.unproven, i.reason, i.exported_seq, x.at, i.paid_on, i.paid_reference
    FROM invoices i JOIN events o ON o.seq = i.seq LEFT JOIN events s ON s.seq = i.signed_seq
    LEFT JOIN events x ON x.seq = i.exported_seq """
_ALL: Final = _INVOICES + "ORDER BY i.seq DESC"
_IN_STATE: Final = _INVOICES + "WHERE i.state = ? ORDER BY i.seq DESC"
_NAMED: Final = _INVOICES + "WHERE i.invoice = ?"
_WITH_NUMBER: Final = _INVOICES + "WHERE i.number_key = ? AND i.kind = ? AND i.state <> 'void' ORDER BY i.seq"
_OF_DATE: Final = _INVOICES + "WHERE i.date = ? AND i.kind = ? AND i.state <> 'void' ORDER BY i.seq"


def invoices(sql: Sql, state: str = "") -> tuple[InvoiceRow, ...]:
    """Return the invoices, or those in this state, the newest first."""
    rows = sql.execute(_IN_STATE, (state,)) if state else sql.execute(_ALL)
    return tuple(map(_invoice, rows))


def invoice(sql: Sql, ident: str) -> InvoiceRow | None:
    row = sql.execute(_NAMED, (ident,)).fetchone()
    return None if row is None else _invoice(row)


def with_number(sql: Sql, content: Invoice) -> tuple[InvoiceRow, ...]:
    """Return the documents of this kind and number, of whatever vendor."""
    return tuple(map(_invoice, sql.execute(_WITH_NUMBER, (number_key(content.number), content.kind))))


def of_date(sql: Sql, content: Invoice) -> tuple[InvoiceRow, ...]:
    """Return the documents of this kind and date, of whatever vendor."""
    return tuple(map(_invoice, sql.execute(_OF_DATE, (content.date, content.kind))))


def _invoice(row: Sequence[Any]) -> InvoiceRow:
    return InvoiceRow(
        id=row[0],
        state=InvoiceState(row[1]),
        content=_INVOICE.decode(row[2]),
        rule=row[3],
        seq=row[4],
        content_seq=row[5],
        newest=row[6],
        recorded_at=row[7],
        signature=None
        if row[8] is None
        else Signature(
            seq=row[8],
            at=row[9],
            by=row[10],
            counted=row[11],
            second=row[12],
            unproven=bool(row[13]),
            reason=row[14],
        ),
        exported_seq=row[15] or 0,
        exported_at=row[16] or "",
        paid_on=row[17],
        paid_reference=row[18],
    )


def last_rule(sql: Sql, vendors: Sequence[str]) -> str:
    """Return the `TotalsRule` that held last for a vendor with these names, in lower case; "" = none did yet."""
    values: dict[str, SqlValue] = {"vendors": json.dumps(list(vendors))}
    row = sql.execute(
        "SELECT rule FROM invoices WHERE lower(vendor) IN (SELECT value FROM json_each(:vendors)) AND rule <> '' "
        "AND kind <> 'correction' AND state <> 'void' ORDER BY content_seq DESC LIMIT 1",
        values,
    ).fetchone()
    return "" if row is None else str(row[0])


def entries_of(sql: Sql, ident: str) -> tuple[Entry, ...]:
    """Return what was certified; () = the invoice has no okay."""
    rows = sql.execute(
        "SELECT line, part, account, fund, order_number, amount FROM invoice_entries WHERE invoice = ? ORDER BY place",
        (ident,),
    )
    return tuple(
        Entry(line=line, part=EntryPart(part), account=account, fund=fund, order=order, amount=amount)
        for line, part, account, fund, order, amount in rows
    )


_APPLIED: Final = (
    "SELECT credit, invoice, amount FROM credits WHERE invoice = :invoice OR credit = :invoice ORDER BY credit, invoice"
)


def applied(sql: Sql, ident: str) -> tuple[Application, ...]:
    """Return the credits that reduce an invoice, and the invoices that a credit reduces."""
    return tuple(
        Application(credit=credit, invoice=other, amount=number(amount))
        for credit, other, amount in sql.execute(_APPLIED, {"invoice": ident})
    )


_EXPORTS: Final = """SELECT x.export, e.at, x.exported_by, x.file, x.digest, x.invoices FROM exports x
    JOIN events e ON e.seq = x.seq """
_ALL_EXPORTS: Final = _EXPORTS + "ORDER BY x.seq DESC"
_ONE_EXPORT: Final = _EXPORTS + "WHERE x.export = ?"


def exports(sql: Sql) -> tuple[Export, ...]:
    """Return all exports, the newest first."""
    return tuple(map(_export, sql.execute(_ALL_EXPORTS)))


def export(sql: Sql, ident: str) -> Export | None:
    row = sql.execute(_ONE_EXPORT, (ident,)).fetchone()
    return None if row is None else _export(row)


def _export(row: Sequence[Any]) -> Export:
    ident, at, by, file, digest, ids = row
    return Export(id=ident, at=at, by=by, file=file, digest=digest, invoices=tuple(json.loads(ids)))


def log_of(sql: Sql, ident: str) -> tuple[int, ...]:
    """Return the numbers of the events about an invoice, the oldest first."""
    rows = sql.execute("SELECT seq FROM invoice_log WHERE invoice = ? ORDER BY seq", (ident,))
    return tuple(int(row[0]) for row in rows)


class Waiting(NamedTuple):
    """Documents that wait."""

    open: int
    """For their okay."""
    signed: int
    """They have it, and wait for the export."""
    overdue: int
    """Of both, those that are due before today."""


def waiting(sql: Sql, today: str) -> Waiting:
    """Return how many documents wait."""
    values: dict[str, SqlValue] = {"today": today}
    row = sql.execute(
        "SELECT coalesce(sum(state = 'open'), 0), coalesce(sum(state = 'signed'), 0), "
        "coalesce(sum(due <> '' AND due < :today), 0) FROM invoices WHERE state IN ('open', 'signed')",
        values,
    ).fetchone()
    return Waiting(*map(int, row))
