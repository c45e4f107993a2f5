"""What the library spends in a fiscal year of the site, by fund, vendor, account and month, and what is still open.

Every amount is a sum of entries of invoices with an okay to pay, in the site's currency. An amount has up to three dates,
which are never mixed: of the invoice, of the last copy's count, of the payment. Accrued tax, which the library owes to the
state, is a column of its own, so that all others add up to what the vendors ask for.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from enum import StrEnum
from typing import Final

import msgspec

from station.base.local_time import local_day
from station.base.sentence import Sentence
from station.base.words import tell
from station.domain.invoices import fiscal_year
from station.domain.invoices.invoice import InvoiceKind
from station.domain.invoices.money import rounded, zero
from station.domain.invoices.order import OrderStanding, OrderWarning
from station.domain.invoices.plan import AccountPlan
from station.domain.invoices.standing import Entry, EntryPart, InvoiceStanding, InvoiceState
from station.reports.tables import purchases
from station.reports.tables.table import Cell, Column, Kind, Money, Place, Table, table
from station.reports.tables.workbook import Sheet, book_file, total_of
from station.store.queries.queries import Queries

_SPENT: Final = (InvoiceState.SIGNED, InvoiceState.EXPORTED, InvoiceState.PAID)
_FILES: Final = Place.FILES
_ACCOUNT: Final = Sentence("shipment.head.account")
_FUND: Final = Sentence("invoice.head.fund")
_VENDOR: Final = Sentence("shipment.head.vendor")
_MONTH: Final = Sentence("expenditure.head.month")
_INVOICE: Final = Sentence("invoice.head.invoice")
_ORDER: Final = Sentence("invoice.head.order")
_AMOUNT: Final = Sentence("invoice.head.amount")
_CURRENCY: Final = Column("currency", Sentence("invoice.head.currency"), only=_FILES)
_ID: Final = Column("id", Sentence("office.head.number"), Kind.CODE)


class Basis(StrEnum):
    """Which date decides to which month an amount belongs."""

    INVOICED = "invoiced"
    RECEIVED = "received"
    PAID = "paid"


class Grouping(StrEnum):
    """A table of the year."""

    FUNDS = "funds"
    VENDORS = "vendors"
    ACCOUNTS = "accounts"
    MONTHS = "months"
    FUND_MONTHS = "fund-months"
    VENDOR_MONTHS = "vendor-months"
    INVOICES = "invoices"
    ENTRIES = "entries"
    OPEN = "open"


class Year(msgspec.Struct, frozen=True, kw_only=True):
    """A fiscal year, and everything from which its tables are made."""

    number: int
    plan: AccountPlan
    invoices: tuple[InvoiceStanding, ...]
    """All invoices of the station."""
    orders: tuple[OrderStanding, ...] = ()
    vendors: Mapping[str, str] = {}
    """Names, by id."""

    @property
    def first(self) -> str:
        """First day, ISO 8601."""
        return fiscal_year.first_day(self.plan, self.number)

    @property
    def last(self) -> str:
        """Last day, ISO 8601."""
        return fiscal_year.last_day(self.plan, self.number)

    def has(self, day: str) -> bool:
        return self.first <= day <= self.last

    def month(self, day: str) -> int:
        """Return the place of a day's month in the year, from 0. The day is in the year."""
        return bisect_right(fiscal_year.months(self.plan, self.number), day) - 1


class Expense(msgspec.Struct, frozen=True):
    """One entry of an invoice with an okay to pay."""

    invoice: InvoiceStanding
    entry: Entry

    @property
    def amount(self) -> Decimal:
        return Decimal(self.entry.amount or 0)

    @property
    def is_accrued(self) -> bool:
        return self.entry.part is EntryPart.ACCRUED

    def day(self, basis: Basis) -> str:
        """Return the date by which it counts, ISO 8601; "" = it has none yet."""
        match basis:
            case Basis.INVOICED:
                return invoiced_on(self.invoice)
            case Basis.RECEIVED:
                return self.invoice.received_on
            case Basis.PAID:
                return self.invoice.paid_on


def invoiced_on(invoice: InvoiceStanding) -> str:
    """Return the date of an invoice; of one without a date, the day on which it was recorded."""
    return invoice.content.date or local_day(invoice.recorded_at)


def year_named(queries: Queries, number: int) -> Year:
    """Return a fiscal year as the journal has it."""
    return Year(
        number=number,
        plan=queries.account_plan(),
        invoices=queries.invoices(),
        orders=queries.orders(everything=True),
        vendors={vendor.id: vendor.name for vendor in queries.vendors()},
    )


def expenses(invoices: Iterable[InvoiceStanding]) -> list[Expense]:
    """Return all entries of the invoices with an okay to pay."""
    return [Expense(invoice, entry) for invoice in invoices if invoice.state in _SPENT for entry in invoice.entries]


def years(plan: AccountPlan, invoices: Iterable[InvoiceStanding], today: str) -> list[int]:
    """Return the fiscal years of all invoices and of today, the newest first."""
    days = {
        day for invoice in invoices for day in (invoiced_on(invoice), invoice.received_on, invoice.paid_on) if day
    } | {today}
    return sorted({fiscal_year.year_of(plan, day) for day in days}, reverse=True)


def of_year(year: Year, grouping: Grouping, basis: Basis = Basis.INVOICED) -> Table:
    """Return one table of a year. `basis`: of the tables by month."""
    match grouping:
        case Grouping.FUNDS:
            return _grouped(year, "fund", _FUND, lambda expense: expense.entry.fund)
        case Grouping.VENDORS:
            return _grouped(year, "vendor", _VENDOR, lambda expense: expense.invoice.vendor_name)
        case Grouping.ACCOUNTS:
            return _grouped(year, "account", _ACCOUNT, lambda expense: expense.entry.account)
        case Grouping.MONTHS:
            return _months(year)
        case Grouping.FUND_MONTHS:
            return _by_month(year, "fund", _FUND, lambda expense: expense.entry.fund, basis)
        case Grouping.VENDOR_MONTHS:
            return _by_month(year, "vendor", _VENDOR, lambda expense: expense.invoice.vendor_name, basis)
        case Grouping.INVOICES:
            return purchases.invoices(invoices_of(year), year.plan.currency)
        case Grouping.ENTRIES:
            return _entries(year)
        case Grouping.OPEN:
            return still_open(year)


def totals(year_table: Table) -> dict[str, Money]:
    """Return the sum of each column of amounts that has one currency, by key."""
    sums = {column.key: total_of(year_table, at) for at, column in enumerate(year_table.columns)}
    return {key: total for key, total in sums.items() if total is not None}


# --- sums -----------------------------------------------------------------------------------------------------------


class _Sums:
    """Sums of one row."""

    def __init__(self, plan: AccountPlan) -> None:
        self.currency = plan.currency
        self.invoices: set[str] = set()
        self.by: dict[Basis, Decimal] = dict.fromkeys(Basis, zero(plan.currency))
        self.accrued = zero(plan.currency)

    @property
    def cells(self) -> list[Cell]:
        amounts = (*(self.by[basis] for basis in Basis), self.accrued)
        return [len(self.invoices), *(Money(amount, self.currency) for amount in amounts), self.currency]


_SUMS: Final = (
    Column("invoices", Sentence("invoice.head.invoices"), Kind.COUNT, sorts=True),
    *(Column(basis.value, Sentence(f"expenditure.by.{basis}"), Kind.MONEY, sorts=True) for basis in Basis),
    Column("accrued", Sentence("expenditure.head.accrued"), Kind.MONEY, sorts=True),
    _CURRENCY,
)


def _add(sums: _Sums, expense: Expense, bases: Iterable[Basis]) -> None:
    """Add an expense by these dates. Accrued tax counts by the date of the invoice."""
    for basis in bases:
        if not expense.is_accrued:
            sums.by[basis] += expense.amount
        elif basis is Basis.INVOICED:
            sums.accrued += expense.amount
        sums.invoices.add(expense.invoice.id)


def _grouped(year: Year, key: str, head: Sentence, name: Callable[[Expense], str]) -> Table:
    rows: dict[str, _Sums] = {}
    for expense in expenses(year.invoices):
        if bases := [basis for basis in Basis if year.has(expense.day(basis))]:
            _add(rows.setdefault(name(expense), _Sums(year.plan)), expense, bases)
    return table(
        (Column(key, head, sorts=True), *_SUMS, _ID),
        [
            (name or Sentence("expenditure.none"), *rows[name].cells, name or "-")
            for name in sorted(rows, key=str.casefold)
        ],
        id_at=7,
    )


def _months(year: Year) -> Table:
    rows = [_Sums(year.plan) for _ in range(12)]
    for expense in expenses(year.invoices):
        for basis in Basis:
            if year.has(day := expense.day(basis)):
                _add(rows[year.month(day)], expense, [basis])
    names = [_month_name(first) for first in fiscal_year.months(year.plan, year.number)]
    return table(
        (Column("month", _MONTH), *_SUMS, _ID),
        [(name, *sums.cells, name) for name, sums in zip(names, rows, strict=True)],
        id_at=7,
    )


def _month_name(first: str) -> str:
    """Return a month by its first day: as year and month, if that is the 1st."""
    return first.removesuffix("-01")


def _by_month(year: Year, key: str, head: Sentence, name: Callable[[Expense], str], basis: Basis) -> Table:
    rows: dict[str, list[Decimal]] = {}
    for expense in expenses(year.invoices):
        if not expense.is_accrued and year.has(day := expense.day(basis)):
            rows.setdefault(name(expense), [zero(year.plan.currency)] * 12)[year.month(day)] += expense.amount
    months = [_month_name(first) for first in fiscal_year.months(year.plan, year.number)]
    return table(
        (
            Column(key, head, sorts=True),
            *(Column(month, Sentence.verbatim(month), Kind.MONEY) for month in months),
            Column("total", Sentence("expenditure.total"), Kind.MONEY, sorts=True),
            Column("currency", Sentence("invoice.head.currency")),
            _ID,
        ),
        [
            (
                name or Sentence("expenditure.none"),
                *(Money(amount, "") for amount in rows[name]),
                Money(sum(rows[name], Decimal(0)), ""),
                year.plan.currency,
                name or "-",
            )
            for name in sorted(rows, key=str.casefold)
        ],
        id_at=15,
    )


# --- invoices and entries -------------------------------------------------------------------------------------------


def invoices_of(year: Year) -> list[InvoiceStanding]:
    """Return the invoices with an okay to pay that have a date in the year, by date."""
    chosen = [invoice for invoice in year.invoices if invoice.state in _SPENT and any(map(year.has, _days(invoice)))]
    return sorted(
        chosen, key=lambda invoice: (invoiced_on(invoice), invoice.vendor_name.casefold(), invoice.content.number)
    )


def _days(invoice: InvoiceStanding) -> tuple[str, ...]:
    return (invoiced_on(invoice), invoice.received_on, invoice.paid_on)


def _entries(year: Year) -> Table:
    """Return every amount of the year on its own."""
    rows = [Expense(invoice, entry) for invoice in invoices_of(year) for entry in invoice.entries]
    return table(
        (
            Column("invoice", _INVOICE, leads_to="/invoices", leads_by="invoice_id"),
            Column("vendor", _VENDOR),
            Column("invoiced", Sentence("expenditure.by.invoiced"), Kind.DAY),
            Column("received", Sentence("expenditure.by.received"), Kind.DAY),
            Column("paid", Sentence("expenditure.by.paid"), Kind.DAY),
            Column("line", Sentence("shipment.head.line")),
            Column("part", Sentence("invoice.head.part"), Kind.STATUS, "invoice.part"),
            Column("account", _ACCOUNT),
            Column("fund", _FUND),
            Column("order", _ORDER),
            Column("amount", _AMOUNT, Kind.MONEY),
            _CURRENCY,
            Column("invoice_id", _INVOICE, Kind.CODE),
            _ID,
        ),
        [
            (
                row.invoice.content.number,
                row.invoice.vendor_name,
                row.day(Basis.INVOICED),
                row.day(Basis.RECEIVED),
                row.day(Basis.PAID),
                row.entry.line,
                row.entry.part.value,
                row.entry.account,
                row.entry.fund,
                row.entry.order,
                Money(row.amount, year.plan.currency),
                year.plan.currency,
                row.invoice.id,
                str(at),
            )
            for at, row in enumerate(rows, 1)
        ],
        id_at=13,
    )


# --- open -----------------------------------------------------------------------------------------------------------


class Open(msgspec.Struct, frozen=True, kw_only=True):
    """An amount that is neither paid nor given up, with the reason."""

    invoice: InvoiceStanding | None = None
    order: str = ""
    """Number."""
    vendor: str
    amount: Money | None
    """In its own currency; None = not known."""
    in_site_currency: Money | None
    """None = its rate is not written down, or the amount is not known."""
    reason: Sentence
    date: str = ""
    due: str = ""


def still_open(year: Year) -> Table:
    """Return the open amounts of this year and of earlier ones, each with its reason: what a fiscal year's end asks for."""
    rows = [row for invoice in year.invoices for row in _open_invoice(invoice, year)]
    rows += [row for order in year.orders for row in _open_order(order, year)]
    return table(
        (
            Column("invoice", _INVOICE, leads_to="/invoices", leads_by="invoice_id"),
            Column("order", _ORDER, leads_to="/orders"),
            Column("vendor", _VENDOR, sorts=True),
            Column("amount", _AMOUNT, Kind.MONEY, sorts=True),
            _CURRENCY,
            Column("in_site_currency", Sentence("invoice.head.in-site-currency"), Kind.MONEY),
            Column("reason", Sentence("expenditure.head.reason")),
            Column("date", Sentence("shipment.head.date"), Kind.DAY, sorts=True),
            Column("due", Sentence("office.head.due"), Kind.DAY, sorts=True),
            Column("invoice_id", _INVOICE, Kind.CODE),
            _ID,
        ),
        [
            (
                row.invoice.content.number if row.invoice is not None else "",
                row.order,
                row.vendor,
                row.amount or "",
                row.amount.currency if row.amount is not None else "",
                row.in_site_currency or "",
                row.reason,
                row.date,
                row.due,
                row.invoice.id if row.invoice is not None else "",
                str(at),
            )
            for at, row in enumerate(rows, 1)
        ],
        id_at=10,
    )


def _open_invoice(invoice: InvoiceStanding, year: Year) -> Iterator[Open]:
    if invoice.state in (InvoiceState.PAID, InvoiceState.VOID) or invoiced_on(invoice) > year.last:
        return
    sign = -1 if invoice.content.kind is InvoiceKind.CREDIT else 1
    amount = Money(sign * invoice.to_pay, invoice.content.currency or year.plan.currency)
    if amount.amount:
        yield Open(
            invoice=invoice,
            vendor=invoice.vendor_name,
            amount=amount,
            in_site_currency=_in_site_currency(invoice, amount, year.plan),
            reason=_waits_for(invoice),
            date=invoiced_on(invoice),
            due=invoice.content.due,
        )


def _in_site_currency(invoice: InvoiceStanding, amount: Money, plan: AccountPlan) -> Money | None:
    if amount.currency == plan.currency:
        return amount
    if not invoice.content.rate:
        return None
    if invoice.entries and not invoice.applied:
        return Money(invoice.in_site_currency, plan.currency)
    return Money(rounded(amount.amount * Decimal(invoice.content.rate), plan.currency, plan.rounding), plan.currency)


def _waits_for(invoice: InvoiceStanding) -> Sentence:
    match invoice.state:
        case InvoiceState.OPEN if invoice.objections:
            return purchases.about_line(invoice.objections[0])
        case InvoiceState.OPEN:
            return Sentence("expenditure.open.okay")
        case _ if invoice.content.kind is InvoiceKind.CREDIT:
            return Sentence("expenditure.open.credit")
        case InvoiceState.SIGNED:
            return Sentence("expenditure.open.export")
        case _:
            return Sentence("expenditure.open.payment")


def _open_order(order: OrderStanding, year: Year) -> Iterator[Open]:
    content = order.content
    if content.valid_from > year.last:
        return
    currency = content.currency or year.plan.currency

    def row(amount: Decimal | None, reason: Sentence) -> Open:
        money = None if amount is None else Money(amount, currency)
        return Open(
            order=content.number,
            vendor=year.vendors.get(content.vendor, content.vendor),
            amount=money,
            in_site_currency=money if currency == year.plan.currency else None,
            reason=reason,
            date=content.valid_from,
            due=content.valid_to,
        )

    if order.encumbered:
        yield row(order.encumbered, Sentence("expenditure.open.counted"))
    if order.unpriced:
        yield row(None, Sentence("expenditure.open.unpriced", count=order.unpriced))
    if order.remaining > 0 and not content.closed:
        expired = OrderWarning.EXPIRED in order.warnings
        yield row(order.remaining, Sentence("expenditure.open.expired" if expired else "expenditure.open.rest"))


# --- workbook -------------------------------------------------------------------------------------------------------


def workbook(year: Year, names: Mapping[str, str], about: Sequence[tuple[str, str]], made_at: str) -> bytes:
    """Return the year as a workbook. `names`: of people, by id; `about`: rows of the first sheet; `made_at`: ISO 8601,
    UTC. Raises `TooLong`."""
    total = tell("expenditure.total")
    bases = [basis.value for basis in Basis]
    sheets = [
        Sheet(
            name=tell(f"expenditure.table.{grouping}"),
            table=of_year(year, grouping),
            total=total if grouping is not Grouping.OPEN else "",
            chart=tell("expenditure.page", year=year.number) if grouping is Grouping.MONTHS else "",
            charted=tuple(bases) if grouping is Grouping.MONTHS else (),
        )
        for grouping in _SHEETS
    ]
    return book_file(sheets, names, tell("expenditure.page", year=year.number), about, made_at)


_SHEETS: Final = (
    Grouping.MONTHS,
    Grouping.FUNDS,
    Grouping.VENDORS,
    Grouping.ACCOUNTS,
    Grouping.FUND_MONTHS,
    Grouping.VENDOR_MONTHS,
    Grouping.INVOICES,
    Grouping.ENTRIES,
    Grouping.OPEN,
)
