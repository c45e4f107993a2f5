"""Invoices, their lines and entries, and blanket and standing orders as tables."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Final

from station.base.sentence import Sentence
from station.base.words.times import date_words
from station.domain.invoices.invoice import Invoice
from station.domain.invoices.order import OrderStanding
from station.domain.invoices.standing import (
    Entry,
    EntryPart,
    Export,
    InvoiceStanding,
    InvoiceState,
    LineStanding,
    Objection,
)
from station.reports.remarks import grouped
from station.reports.tables.cells import money_words
from station.reports.tables.table import Cell, Column, Kind, Money, Place, Table, table

_FILES: Final = Place.FILES
_ID: Final = Column("id", Sentence("office.head.number"), Kind.CODE)
_TITLE: Final = Sentence("office.head.title")
_VENDOR: Final = Sentence("shipment.head.vendor")
_STATE: Final = Sentence("shipment.head.state")
_CURRENCY: Final = Column("currency", Sentence("invoice.head.currency"), only=_FILES)
_SITE_CURRENCY: Final = Column("site_currency", Sentence("invoice.head.site-currency"), only=_FILES)
_ACCOUNT: Final = Sentence("shipment.head.account")
_FUND: Final = Sentence("invoice.head.fund")
_ORDER: Final = Sentence("invoice.head.order")
_YES: Final = "office.filter.yes"
_LINE: Final = Sentence("shipment.head.line")


def currency_of(invoice: Invoice, site: str) -> str:
    """Return the currency of an invoice. `site`: the site's own."""
    return invoice.currency or site


def objection_words(objection: Objection) -> Sentence:
    """Return what speaks against an okay to pay."""
    values = {name: date_words(value) if name == "date" else value for name, value in objection.values.items()}
    return Sentence(f"invoice.objection.{objection.code}", **values)


def about_line(objection: Objection) -> Sentence:
    """Return what speaks against an okay to pay, with the line that it is about."""
    words = objection_words(objection)
    return Sentence("invoice.of-line", line=objection.line, objection=words) if objection.line else words


def about_lines(objections: Iterable[Objection]) -> list[Sentence]:
    """Return what speaks against an okay to pay, the same of several lines once."""
    return grouped((objection_words(objection), objection.line) for objection in objections)


# --- invoices -------------------------------------------------------------------------------------------------------


def invoices(rows: Sequence[InvoiceStanding], site: str) -> Table:
    """Return invoices, in this order. `site`: the site's currency."""
    return table(
        (
            Column("number", Sentence("invoice.head.invoice"), leads_to="/invoices", leads_by="id", sorts=True),
            Column("kind", Sentence("shipment.head.kind"), Kind.STATUS, "invoice.kind"),
            Column("vendor", _VENDOR, sorts=True),
            Column("date", Sentence("shipment.head.date"), Kind.DAY, sorts=True),
            Column("total", Sentence("invoice.head.total"), Kind.MONEY, sorts=True),
            Column("to_pay", Sentence("invoice.head.to-pay"), Kind.MONEY, only=_FILES, part_of="total"),
            _CURRENCY,
            Column("state", _STATE, Kind.STATUS, "invoice.state", sorts=True),
            Column("against", Sentence("invoice.head.against"), only=Place.PAGES),
            Column("objections", Sentence("invoice.head.against"), only=_FILES, part_of="against"),
            Column("stops", Sentence("invoice.head.stops"), Kind.FLAG, _YES, only=_FILES, part_of="against"),
            Column("due", Sentence("office.head.due"), Kind.DAY, sorts=True),
            Column("in_site_currency", Sentence("invoice.head.in-site-currency"), Kind.MONEY, only=_FILES),
            _SITE_CURRENCY,
            Column("recorded_at", Sentence("invoice.head.recorded-at"), Kind.TIME, only=_FILES),
            Column("received_on", Sentence("invoice.head.received-on"), Kind.DAY, only=_FILES),
            Column("signed_at", Sentence("invoice.head.signed-at"), Kind.TIME, only=_FILES, part_of="state"),
            Column("signed_by", Sentence("invoice.head.signed-by"), Kind.PERSON, only=_FILES, part_of="state"),
            Column("exported_on", Sentence("invoice.head.exported-on"), Kind.DAY, only=_FILES, part_of="state"),
            Column("paid_on", Sentence("invoice.head.paid-on"), Kind.DAY, only=_FILES, part_of="state"),
            Column("reference", Sentence("shipment.head.reference"), only=_FILES, part_of="state"),
            Column("export", Sentence("invoice.head.export"), Kind.CODE),
            Column("vendor_id", _VENDOR, Kind.CODE),
            _ID,
        ),
        [
            (
                row.content.number,
                row.content.kind.value,
                row.vendor_name,
                row.content.date,
                Money(row.total, currency_of(row.content, site)),
                Money(row.to_pay, currency_of(row.content, site)),
                currency_of(row.content, site),
                row.state.value,
                _against(row),
                Sentence.joined(about_lines(row.objections)) if row.objections else "",
                any(objection.stops for objection in row.objections),
                row.content.due,
                Money(row.in_site_currency, site) if row.entries else "",
                site,
                row.recorded_at,
                row.received_on,
                row.signature.at if row.signature is not None else "",
                row.signature.by if row.signature is not None else "",
                row.exported_on,
                row.paid_on,
                row.paid_reference,
                row.export,
                row.content.vendor,
                row.id,
            )
            for row in rows
        ],
        id_at=23,
    )


def _against(row: InvoiceStanding) -> Cell:
    """Return the worst objection, and how many more there are."""
    if not row.objections:
        return ""
    first, more = about_line(row.objections[0]), len(row.objections) - 1
    return Sentence("invoice.and-more", first=first, count=more) if more else first


_RANK: Final = list(InvoiceState)


def open_first(rows: Iterable[InvoiceStanding]) -> list[InvoiceStanding]:
    """Return invoices by what is left to do: open, with an okay, exported, paid, void; in each those due first."""
    return sorted(
        rows, key=lambda row: (_RANK.index(row.state), row.content.due or "9", row.content.date, row.content.number)
    )


def lines(row: InvoiceStanding, site: str, leads_to: str = "") -> Table:
    """Return the lines of an invoice beside count and order, the worst first. `site`: the site's currency; `leads_to`:
    folder of the pages of its lines."""
    currency = currency_of(row.content, site)
    known = {
        "ordered": any(line.ordered is not None for line in row.lines),
        "listed": any(line.listed is not None for line in row.lines),
        "order_price": any(line.order_price for line in row.lines),
        "order": any(map(order_of, row.lines)),
    }
    shown = {key: Place.ALL if is_known else _FILES for key, is_known in known.items()}
    return table(
        (
            Column("line", _LINE, Kind.COUNT),
            Column("title", _TITLE, Kind.TITLE, leads_to=leads_to, leads_by="line", sorts=True),
            Column("against", Sentence("invoice.head.against")),
            Column("objected", Sentence("invoice.head.objected"), Kind.FLAG, _YES, only=_FILES, part_of="against"),
            Column("ordered", Sentence("shipment.head.ordered"), Kind.COUNT, only=shown["ordered"]),
            Column("listed", Sentence("shipment.head.listed"), Kind.COUNT, only=shown["listed"]),
            Column("here", Sentence("shipment.head.here"), Kind.COUNT),
            Column("invoiced", Sentence("invoice.head.invoiced"), Kind.COUNT),
            Column("invoiced_before", Sentence("invoice.head.invoiced-before"), Kind.COUNT, only=_FILES),
            Column("amount", Sentence("invoice.head.amount"), Kind.MONEY, sorts=True),
            _CURRENCY,
            Column("order_price", Sentence("invoice.head.order-price"), Kind.MONEY, only=shown["order_price"]),
            Column("coding", _ACCOUNT, only=Place.PAGES),
            Column("accounts", _ACCOUNT, only=_FILES, part_of="coding"),
            Column("why", Sentence("invoice.head.why-account"), only=_FILES, part_of="coding"),
            Column("rule", Sentence("invoice.head.rule"), Kind.CODE),
            Column("order", _ORDER, leads_to="/orders", only=shown["order"]),
            Column("number", Sentence("shipment.head.number"), only=_FILES),
            Column("order_line", Sentence("shipment.head.order-line"), only=_FILES),
            Column("list_price", Sentence("invoice.head.list-price"), only=_FILES),
            Column("library", Sentence("shipment.head.library"), only=_FILES),
            Column("material", Sentence("invoice.head.material"), only=_FILES),
            Column("fund", _FUND, only=_FILES),
        ),
        [
            (
                line.line.line,
                title_of(line),
                Sentence.joined([*map(objection_words, line.objections)], "; ") if line.objections else "",
                bool(line.objections),
                "" if line.ordered is None else line.ordered,
                "" if line.listed is None else line.listed,
                line.here,
                line.line.copies,
                line.invoiced_before,
                Money(Decimal(line.line.amount or 0), currency),
                currency,
                line.order_price,
                _coding(line, site),
                accounts_of(line, site),
                why_coded(line),
                line.rule,
                order_of(line),
                next(iter(line.line.numbers), "") or line.line.vendor_number,
                line.line.order_line,
                line.line.list_price,
                line.line.library,
                line.line.material,
                line.line.fund,
            )
            for line in row.lines
        ],
        id_at=0,
    )


def title_of(line: LineStanding) -> Cell:
    """Return by what a person knows a line: its title, else a number, else its line number."""
    return line.line.title or next(iter(line.line.numbers), "") or Sentence("invoice.line", line=line.line.line)


def order_of(line: LineStanding) -> str:
    """Return the number of the order that pays a line; "" = none does."""
    return next((entry.order for entry in line.entries if entry.order), line.line.order)


def accounts_of(line: LineStanding, site: str) -> str:
    """Return the accounts of a line; several with what each pays, in the site's currency."""
    parts = [entry for entry in line.entries if entry.part is EntryPart.LINE and entry.account]
    if not parts:
        return ", ".join(share.account for share in line.line.shares)
    if len(parts) == 1:
        return " ".join(filter(None, (parts[0].account, parts[0].fund and f"({parts[0].fund})")))
    return "; ".join(f"{part.account}: {money_words(Money(Decimal(part.amount or 0), site))}" for part in parts)


def _coding(line: LineStanding, site: str) -> Cell:
    """Return the accounts of a line, and why it has them."""
    accounts = accounts_of(line, site)
    return Sentence("invoice.coded-by", accounts=accounts, why=why_coded(line)) if accounts else why_coded(line)


def why_coded(line: LineStanding) -> Sentence:
    """Return why a line has its accounts."""
    if line.line.shares:
        return Sentence("invoice.coded.chosen")
    if line.rule:
        return Sentence("invoice.coded.rule", rule=line.rule)
    if any(entry.account for entry in line.entries if entry.part is EntryPart.LINE):
        return Sentence("invoice.coded.order")
    return Sentence("invoice.coded.none")


def entries(rows: Sequence[Entry], site: str) -> Table:
    """Return what accounts pay of an invoice. `site`: the site's currency, in which they are."""
    return table(
        (
            Column("account", _ACCOUNT),
            Column("fund", _FUND),
            Column("order", _ORDER, leads_to="/orders"),
            Column("part", Sentence("invoice.head.part"), Kind.STATUS, "invoice.part"),
            Column("line", _LINE),
            Column("amount", Sentence("invoice.head.amount"), Kind.MONEY),
            Column("currency", Sentence("invoice.head.currency"), only=_FILES),
            _ID,
        ),
        [
            (
                row.account or Sentence("invoice.coded.none"),
                row.fund,
                row.order,
                row.part.value,
                row.line,
                Money(Decimal(row.amount or 0), site),
                site,
                str(at),
            )
            for at, row in enumerate(rows, 1)
        ],
        id_at=7,
    )


def exports(rows: Sequence[Export]) -> Table:
    """Return what was handed to Accounts Payable, in this order."""
    return table(
        (
            Column("id", Sentence("invoice.head.export"), leads_to="/exports"),
            Column("at", Sentence("office.head.time"), Kind.TIME),
            Column("by", Sentence("shipment.head.by"), Kind.PERSON),
            Column("invoices", Sentence("invoice.head.invoices"), Kind.COUNT),
            Column("file", Sentence("shipment.head.file"), only=_FILES),
            Column("digest", Sentence("invoice.head.digest"), only=_FILES),
            Column("ids", Sentence("invoice.head.invoices"), Kind.CODE),
        ),
        [(row.id, row.at, row.by, len(row.invoices), row.file, row.digest, " ".join(row.invoices)) for row in rows],
        id_at=0,
    )


# --- orders ---------------------------------------------------------------------------------------------------------


def orders(rows: Sequence[OrderStanding], names: Mapping[str, str], site: str) -> Table:
    """Return blanket and standing orders, in this order. `names`: of vendors, by id; `site`: the site's currency."""
    closed = any(row.content.closed for row in rows)
    return table(
        (
            Column("number", Sentence("purchase.head.order"), leads_to="/orders", leads_by="id", sorts=True),
            Column("vendor", _VENDOR, sorts=True),
            Column("warnings", Sentence("purchase.head.warnings")),
            Column("warned", Sentence("purchase.head.warned"), Kind.FLAG, _YES, only=_FILES, part_of="warnings"),
            Column("kind", Sentence("shipment.head.kind"), Kind.STATUS, "purchase.kind", only=_FILES),
            Column("account", _ACCOUNT, only=_FILES),
            Column("fund", _FUND, only=_FILES),
            Column("amount", Sentence("purchase.head.amount"), Kind.MONEY, sorts=True),
            Column("charged", Sentence("purchase.head.charged"), Kind.MONEY, sorts=True),
            Column("invoiced", Sentence("purchase.head.invoiced"), Kind.MONEY, sorts=True),
            Column("encumbered", Sentence("purchase.head.encumbered"), Kind.MONEY, sorts=True),
            Column("remaining", Sentence("purchase.head.remaining"), Kind.MONEY, sorts=True),
            _CURRENCY,
            Column("used", Sentence("purchase.head.used"), Kind.SHARE, only=_FILES, part_of="remaining"),
            Column("valid_from", Sentence("purchase.head.valid-from"), Kind.DAY, only=_FILES),
            Column("valid_to", Sentence("purchase.head.valid-to"), Kind.DAY, sorts=True),
            Column("state", _STATE, Kind.STATUS, "purchase.state", only=Place.ALL if closed else _FILES),
            Column("invoices", Sentence("invoice.head.invoices"), Kind.COUNT, only=_FILES),
            Column("unpriced", Sentence("purchase.head.unpriced"), Kind.COUNT, only=_FILES),
            Column("note", Sentence("shipment.head.note"), only=_FILES),
            Column("vendor_id", _VENDOR, Kind.CODE),
            _ID,
        ),
        [
            (
                row.content.number,
                names.get(row.content.vendor, row.content.vendor),
                Sentence.joined([Sentence(f"purchase.warning.{warning}") for warning in row.warnings], ", ")
                if row.warnings
                else "",
                bool(row.warnings),
                row.content.kind.value,
                row.content.account,
                row.content.fund,
                *(
                    Money(amount, row.content.currency or site)
                    for amount in (
                        Decimal(row.content.amount or 0),
                        row.charged,
                        row.invoiced,
                        row.encumbered,
                        row.remaining,
                    )
                ),
                row.content.currency or site,
                used_share(row),
                row.content.valid_from,
                row.content.valid_to,
                "closed" if row.content.closed else "open",
                len(row.invoices),
                row.unpriced,
                row.content.note,
                row.content.vendor,
                row.content.number,
            )
            for row in rows
        ],
        id_at=21,
    )


def used_share(row: OrderStanding) -> Cell:
    """Return which part of an order's amount is charged, invoiced or encumbered; "" = its amount is 0."""
    amount = Decimal(row.content.amount or 0)
    return float((amount - row.remaining) / amount) if amount else ""


def for_review(rows: Iterable[OrderStanding]) -> list[OrderStanding]:
    """Return the orders for the annual review: those that are not closed, the ones that are warned about first, then by
    last day."""
    return sorted(
        (row for row in rows if not row.content.closed),
        key=lambda row: (not row.warnings, row.content.valid_to or "9999", row.content.number),
    )
