"""The file of invoices that Accounts Payable gets: a row for each account that pays of an invoice, with the site's
columns.

The file is made of the journal as it was at a certain event, so it can be made again with the same bytes: names of people,
which may be erased, and dates that may still change are not in it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Final, NamedTuple

import msgspec

from station.base.errors import ReceivingRefused
from station.base.local_time import local_day
from station.base.sentence import Sentence
from station.base.text import clean
from station.domain.events import AccountPlanRecorded, InvoicesExported, VendorRecorded
from station.domain.invoices.invoice import InvoiceKind
from station.domain.invoices.money import zero
from station.domain.invoices.plan import AccountPlan, ExportColumn, ExportField
from station.domain.invoices.standing import Application, Entry, EntryPart, Export, InvoiceStanding
from station.domain.receiving.vendor import Vendor
from station.reports.tables.table import Cell, Column, Kind, Money, Table, table
from station.reports.tables.workbook import Sheet, book_file, csv_pieces
from station.store.database.database import LAST
from station.store.queries.queries import Queries

_NO_TIME: Final = "2000-01-01T00:00:00.000Z"


class Payable(msgspec.Struct, frozen=True, kw_only=True):
    """What one account pays of an invoice."""

    invoice: InvoiceStanding
    vendor: Vendor | None
    currency: str
    """Of the site."""
    corrects: str
    """Number of the invoice that a correcting entry changes."""
    credits: tuple[str, ...]
    """Numbers of the credit memos that reduce the payment."""
    account: str
    fund: str
    order: str
    amount: Decimal
    """For the vendor; a credit's is negative. In the site's currency, as are the next two."""
    tax: Decimal
    """The part of it that is tax."""
    accrued: Decimal
    """Tax that is owed to the state."""


class Field(NamedTuple):
    kind: Kind
    cell: Callable[[Payable], Cell]


def _own(row: Payable, amount: Decimal) -> Money:
    """Return an amount in the invoice's currency; a credit's is negative."""
    currency = row.invoice.content.currency or row.currency
    exact = zero(currency) + amount
    return Money(-exact if exact and row.invoice.content.kind is InvoiceKind.CREDIT else exact, currency)


def _applied(invoice: InvoiceStanding) -> Sequence[Application]:
    """Return the credits that reduce the payment of an invoice."""
    return () if invoice.content.kind is InvoiceKind.CREDIT else invoice.applied


def _credits(row: Payable) -> Decimal:
    return sum((part.amount for part in _applied(row.invoice)), Decimal(0))


def _to_pay(row: Payable) -> Decimal:
    """Return what is to be paid. A credit memo is not: it reduces the payment of invoices."""
    return Decimal(0) if row.invoice.content.kind is InvoiceKind.CREDIT else row.invoice.to_pay


def _signature(row: Payable, field: str) -> str:
    return "" if row.invoice.signature is None else str(getattr(row.invoice.signature, field))


def _account_number(row: Payable) -> str:
    accounts = row.vendor.accounts if row.vendor is not None else ()
    return accounts[0].number if len(accounts) == 1 else ""


FIELDS: Final[Mapping[ExportField, Field]] = {
    "vendor": Field(Kind.TEXT, lambda row: row.vendor.id if row.vendor is not None else row.invoice.content.vendor),
    "vendor_name": Field(
        Kind.TEXT, lambda row: row.vendor.name if row.vendor is not None else row.invoice.content.vendor
    ),
    "vendor_account": Field(Kind.TEXT, _account_number),
    "kind": Field(Kind.TEXT, lambda row: row.invoice.content.kind.value),
    "invoice": Field(Kind.TEXT, lambda row: row.invoice.content.number),
    "invoice_id": Field(Kind.TEXT, lambda row: row.invoice.id),
    "corrects": Field(Kind.TEXT, lambda row: row.corrects),
    "invoice_date": Field(Kind.DAY, lambda row: row.invoice.content.date),
    "due_date": Field(Kind.DAY, lambda row: row.invoice.content.due),
    "currency": Field(Kind.TEXT, lambda row: row.invoice.content.currency or row.currency),
    "rate": Field(Kind.TEXT, lambda row: row.invoice.content.rate),
    "total": Field(Kind.MONEY, lambda row: _own(row, row.invoice.total)),
    "credits": Field(Kind.MONEY, lambda row: _own(row, _credits(row))),
    "credit_memos": Field(Kind.TEXT, lambda row: "; ".join(row.credits)),
    "to_pay": Field(Kind.MONEY, lambda row: _own(row, _to_pay(row))),
    "account": Field(Kind.TEXT, lambda row: row.account),
    "fund": Field(Kind.TEXT, lambda row: row.fund),
    "order": Field(Kind.TEXT, lambda row: row.order),
    "amount": Field(Kind.MONEY, lambda row: Money(row.amount, row.currency)),
    "tax": Field(Kind.MONEY, lambda row: Money(row.tax, row.currency)),
    "accrued_tax": Field(Kind.MONEY, lambda row: Money(row.accrued, row.currency)),
    "account_currency": Field(Kind.TEXT, lambda row: row.currency),
    "copies": Field(Kind.COUNT, lambda row: sum(line.copies for line in row.invoice.content.lines)),
    "note": Field(Kind.TEXT, lambda row: row.invoice.content.note),
    "certified_by": Field(Kind.TEXT, lambda row: _signature(row, "by")),
    "certified_on": Field(Kind.DAY, lambda row: local_day(_signature(row, "at")) if row.invoice.signature else ""),
    "second_person": Field(Kind.TEXT, lambda row: _signature(row, "second")),
    "reason": Field(Kind.TEXT, lambda row: _signature(row, "reason")),
}
"""Fields that a site may choose for its columns (`ExportColumn.field`)."""


def payables(
    invoices: Sequence[InvoiceStanding], plan: AccountPlan, vendors: Sequence[Vendor], numbers: Mapping[str, str]
) -> list[Payable]:
    """Return what the accounts pay of these invoices, in this order. `numbers`: of all invoices, by id."""
    named = {text: vendor for vendor in vendors for text in vendor.known_as}
    return [row for invoice in invoices for row in _payables(invoice, plan, named, numbers)]


def _payables(
    invoice: InvoiceStanding, plan: AccountPlan, named: Mapping[str, Vendor], numbers: Mapping[str, str]
) -> Iterator[Payable]:
    accounts: dict[tuple[str, str, str], list[Entry]] = {}
    for entry in invoice.entries:
        accounts.setdefault((entry.account, entry.fund, entry.order), []).append(entry)
    for (account, fund, order), entries in accounts.items():
        yield Payable(
            invoice=invoice,
            vendor=named.get(invoice.content.vendor.strip().casefold()),
            currency=plan.currency,
            corrects=numbers.get(invoice.content.corrects, invoice.content.corrects),
            credits=tuple(numbers.get(part.credit, part.credit) for part in _applied(invoice)),
            account=account,
            fund=fund,
            order=order,
            amount=_sum(entries, plan, EntryPart.LINE, EntryPart.CHARGE, EntryPart.TAX),
            tax=_sum(entries, plan, EntryPart.TAX),
            accrued=_sum(entries, plan, EntryPart.ACCRUED),
        )


def _sum(entries: Sequence[Entry], plan: AccountPlan, *parts: EntryPart) -> Decimal:
    amounts = (Decimal(entry.amount or 0) for entry in entries if entry.part in parts)
    return sum(amounts, zero(plan.currency))


def export_table(
    invoices: Sequence[InvoiceStanding], plan: AccountPlan, vendors: Sequence[Vendor], numbers: Mapping[str, str]
) -> Table:
    """Return the rows of the export with the site's columns; without any, all fields under their own names. The plan has
    no unknown fields. `numbers`: of all invoices, by id."""
    columns = plan.columns or tuple(ExportColumn(field=field, title=field) for field in FIELDS)
    fields = [FIELDS[column.field] for column in columns]
    return table(
        [
            Column(f"{column.field}.{at}", Sentence.verbatim(column.title), field.kind)
            for at, (column, field) in enumerate(zip(columns, fields, strict=True))
        ],
        [[field.cell(row) for field in fields] for row in payables(invoices, plan, vendors, numbers)],
    )


def plan_before(queries: Queries, seq: int) -> AccountPlan:
    """Return the account plan as it was before the event with this number."""
    recorded = queries.recorded("account-plan-recorded", seq, 1)
    events = [logged.event for logged in recorded]
    return next((event.content for event in events if isinstance(event, AccountPlanRecorded)), AccountPlan())


def vendors_before(queries: Queries, seq: int) -> tuple[Vendor, ...]:
    """Return the vendors as they were before the event with this number."""
    newest: dict[str, Vendor] = {}
    for logged in queries.recorded("vendor-recorded", seq):
        if isinstance(logged.event, VendorRecorded):
            newest.setdefault(logged.event.content.id, logged.event.content)
    return tuple(newest.values())


# --- export ---------------------------------------------------------------------------------------------------------


class ExportFile(msgspec.Struct, frozen=True):
    """What an export holds."""

    invoices: tuple[str, ...]
    table: Table
    made_at: str
    """Time of the newest okay to pay (ISO 8601, UTC), by which a workbook is the same when it is written again."""

    @property
    def csv(self) -> bytes:
        return b"".join(csv_pieces([self.table], {}))

    @property
    def digest(self) -> str:
        return hashlib.sha256(self.csv).hexdigest()

    def written(self, suffix: str) -> bytes:
        """Return the file with this suffix: ".csv" or ".xlsx"."""
        return (
            self.csv
            if suffix == ".csv"
            else book_file([Sheet(name="Export", table=self.table)], {}, "Export", [], self.made_at)
        )

    def event(self, file: str, operator: str) -> InvoicesExported:
        return InvoicesExported(invoices=self.invoices, file=file, digest=self.digest, operator=operator)


def export_of(queries: Queries, idents: Sequence[str], before: int = LAST) -> ExportFile:
    """Return the export of these invoices, with account plan and vendors as they were before the event with this
    number."""
    plan = plan_before(queries, before)
    everything = {invoice.id: invoice for invoice in queries.invoices()}
    numbers = {ident: invoice.content.number for ident, invoice in everything.items()}
    chosen = [everything[ident] for ident in idents if ident in everything]
    times = [invoice.signature.at for invoice in chosen if invoice.signature is not None]
    table = export_table(chosen, plan, vendors_before(queries, before), numbers)
    return ExportFile(tuple(idents), table, max(times, default=_NO_TIME))


def export_again(queries: Queries, ident: str) -> tuple[Export, ExportFile]:
    """Return an export, and its file made again. Raise `ReceivingRefused`."""
    done = queries.export(ident)
    if done is None:
        raise ReceivingRefused(Sentence("receiving.unknown-export", export=clean(ident)))
    file = export_of(queries, done.invoices, int(done.id.removeprefix("export-")))
    if file.digest != done.digest:
        raise ReceivingRefused(Sentence("receiving.export-differs", export=done.id))
    return done, file
