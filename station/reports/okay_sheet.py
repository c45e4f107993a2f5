"""The sheet of one invoice for Accounts Payable: what is to be paid, from which accounts, and who certified it on which
count. It certifies receipt, amount and accounts, and approves nothing.

Titles, names and numbers come from files of vendors and may be hostile, so each text is cleaned. No amount is ever cut:
lines are so short that the widest letters fit on the page.
"""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Final

import msgspec

from station.base.sentence import Sentence
from station.base.text import clean
from station.base.words.times import date_words, local_day_and_time
from station.domain.invoices.invoice import InvoiceKind
from station.domain.invoices.money import total_of
from station.domain.invoices.standing import Application, Entry, EntryPart, InvoiceStanding
from station.domain.receiving.vendor import Vendor
from station.printing.content import Content, Row
from station.reports.tables.cells import money_words
from station.reports.tables.purchases import about_lines
from station.reports.tables.table import Money
from station.store.queries.queries import Queries

Say = Callable[[Sentence], str]
"""Tells a sentence in the language of the sheet."""

WIDTH: Final = 60
"""Columns of a line. The widest letters fit on the page at the smallest size of its paper."""
LINES_OF_A_PAGE: Final = 44
_ITEM: Final = "- "


class OkaySheet(msgspec.Struct, frozen=True, kw_only=True):
    """An invoice as Accounts Payable gets it."""

    invoice: InvoiceStanding
    currency: str
    """Of the site."""
    vendor: Vendor | None
    library: str
    numbers: Mapping[str, str]
    """Numbers of the invoices and credit memos that it names, by id."""
    names: Mapping[str, str]
    """Names of people, by id."""


def okay_sheet(queries: Queries, invoice: InvoiceStanding, library: str, names: Mapping[str, str]) -> OkaySheet:
    """Return the sheet of an invoice. `library`: the library's name; `names`: that the reader may see, by id."""
    related = {part.credit for part in invoice.applied} | {part.invoice for part in invoice.applied}
    others = ((ident, queries.invoice(ident)) for ident in sorted(related | {invoice.content.corrects} - {""}))
    return OkaySheet(
        invoice=invoice,
        currency=queries.account_plan().currency,
        vendor=queries.vendor_named(invoice.content.vendor),
        library=library,
        numbers={ident: other.content.number for ident, other in others if other is not None},
        names=names,
    )


def lines(sheet: OkaySheet, say: Say) -> tuple[str, ...]:
    """Return the text of the sheet, at most 60 columns wide; "" = a gap."""
    paragraphs = (
        _heading(sheet, say),
        _document(sheet, say),
        _amounts(sheet, say),
        _accounts(sheet, say),
        _receipt(sheet, say),
        _certificate(sheet, say),
    )
    lines: list[str] = []
    for paragraph in paragraphs:
        texts = [line for text in paragraph if text for line in _wrapped(text)]
        lines += ["", *texts] if lines and texts else texts
    return tuple(lines)


def contents(sheet: OkaySheet, say: Say) -> list[Content]:
    """Return the pages of the sheet on paper."""
    what = say(Sentence("okay.what"))
    whole = lines(sheet, say)
    pages = [whole[at : at + LINES_OF_A_PAGE] for at in range(0, len(whole), LINES_OF_A_PAGE)]
    rows = [tuple(_rows(page, what, bold_first=not number)) for number, page in enumerate(pages)]
    return [Content(kind="okay", rows=page) for page in rows]


def _rows(page: Sequence[str], what: str, *, bold_first: bool) -> Iterator[Row]:
    gap = 0.0
    for at, text in enumerate(page):
        if not text:
            gap = 0.8
            continue
        plain = text.encode("ascii", "replace").decode("ascii")
        yield Row(text=text, what=what, gap=gap, bold=bold_first and not at, fallback=plain)
        gap = 0.0


def _wrapped(text: str) -> list[str]:
    indent = " " * len(_ITEM) if text.startswith(_ITEM) else ""
    return textwrap.wrap(text, WIDTH, subsequent_indent=indent, break_on_hyphens=False)


# --- paragraphs -----------------------------------------------------------------------------------------------------


def _fact(say: Say, key: str, value: str) -> str:
    """Return a name and its value; "" = there is no value."""
    return f"{say(Sentence(key))}: {value}" if value else ""


def _heading(sheet: OkaySheet, say: Say) -> Iterator[str]:
    state = "okay.title" if sheet.invoice.signature is not None else "okay.not-given"
    yield say(Sentence(state))
    yield _fact(say, "okay.library", clean(sheet.library))
    yield _fact(say, "invoice.head.export", sheet.invoice.export)


def _document(sheet: OkaySheet, say: Say) -> Iterator[str]:
    invoice, content = sheet.invoice, sheet.invoice.content
    accounts = sheet.vendor.accounts if sheet.vendor is not None else ()
    yield _fact(say, "shipment.head.vendor", clean(invoice.vendor_name))
    yield _fact(say, "okay.vendor-account", clean(accounts[0].number) if len(accounts) == 1 else "")
    yield f"{say(Sentence(f'okay.kind.{content.kind}'))}: {clean(content.number)} ({invoice.id})"
    corrected = sheet.numbers.get(content.corrects, content.corrects)
    yield _fact(say, "okay.corrects", clean(corrected))
    yield _fact(say, "shipment.head.date", _day(content.date))
    yield _fact(say, "okay.due", _day(content.due))
    yield _fact(say, "shipment.head.note", clean(content.note))


def _amounts(sheet: OkaySheet, say: Say) -> Iterator[str]:
    invoice, content = sheet.invoice, sheet.invoice.content
    currency = content.currency or sheet.currency
    yield _fact(say, "invoice.head.total", _money(invoice.total, currency))
    if currency != sheet.currency:
        yield _fact(say, "okay.rate", content.rate and f"1 {currency} = {content.rate} {sheet.currency}")
    credit = content.kind is InvoiceKind.CREDIT
    for part in invoice.applied:
        yield _ITEM + _applied(sheet, say, part, currency, credit=credit)
    yield _fact(say, "okay.left" if credit else "invoice.head.to-pay", _money(invoice.to_pay, currency))


def _applied(sheet: OkaySheet, say: Say, part: Application, currency: str, *, credit: bool) -> str:
    other = part.invoice if credit else part.credit
    number = clean(sheet.numbers.get(other, other))
    return say(Sentence("okay.used" if credit else "okay.credit", number=number, amount=_money(part.amount, currency)))


def _accounts(sheet: OkaySheet, say: Say) -> Iterator[str]:
    accounts: dict[tuple[str, str, str, bool], list[Entry]] = {}
    for entry in sheet.invoice.entries:
        accrued = entry.part is EntryPart.ACCRUED
        accounts.setdefault((entry.account, entry.fund, entry.order, accrued), []).append(entry)
    yield _fact(say, "okay.accounts", sheet.currency)
    for (account, fund, order, accrued), entries in accounts.items():
        if not accrued:
            yield _ITEM + _account(say, account, fund, order, _sum(entries), sheet.currency)
    yield _fact(say, "okay.for-vendor", _money(sheet.invoice.in_site_currency, sheet.currency))
    charged = [entry for entry in sheet.invoice.entries if entry.part is EntryPart.TAX]
    yield _fact(say, "okay.tax", _money(_sum(charged), sheet.currency) if charged else "")
    owed = [entry for entry in sheet.invoice.entries if entry.part is EntryPart.ACCRUED]
    yield _fact(say, "okay.accrued", _money(_sum(owed), sheet.currency) if owed else "")
    for (account, fund, order, accrued), entries in accounts.items():
        if accrued:
            yield _ITEM + _account(say, account, fund, order, _sum(entries), sheet.currency)


def _account(say: Say, account: str, fund: str, order: str, amount: Decimal, currency: str) -> str:
    facts = [clean(account) or say(Sentence("invoice.coded.none"))]
    facts += [f"{say(Sentence('invoice.head.fund'))} {clean(fund)}"] if fund else []
    facts += [f"{say(Sentence('invoice.head.order'))} {clean(order)}"] if order else []
    return f"{_money(amount, currency)}: {', '.join(facts)}"


def _receipt(sheet: OkaySheet, say: Say) -> Iterator[str]:
    invoice = sheet.invoice
    copies = sum(line.line.copies for line in invoice.lines)
    yield say(Sentence("okay.here", here=invoice.invoiced_here, copies=copies))
    yield _fact(say, "okay.received-on", _day(invoice.received_on))
    for objection in about_lines(invoice.objections):
        yield _fact(say, "okay.against", say(objection))


def _certificate(sheet: OkaySheet, say: Say) -> Iterator[str]:
    signature = sheet.invoice.signature
    if signature is not None:
        who = clean(sheet.names.get(signature.by, signature.by))
        when = local_day_and_time(signature.at)
        yield say(Sentence("okay.certified", name=who, when=when, count=signature.counted))
        yield _fact(say, "okay.reason", clean(signature.reason))
        second = clean(sheet.names.get(signature.second, signature.second))
        yield _fact(say, "okay.second-unproven" if signature.unproven else "okay.second", second)
    yield say(Sentence("okay.approves"))


def _day(day: str) -> str:
    return date_words(day) if day else ""


def _money(amount: Decimal, currency: str) -> str:
    """Return an amount whose number and currency stay on one line."""
    return money_words(Money(amount, currency))


def _sum(entries: Sequence[Entry]) -> Decimal:
    return total_of([Decimal(entry.amount or 0) for entry in entries])
