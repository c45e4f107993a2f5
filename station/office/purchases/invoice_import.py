"""A file of invoices, sent from a desk: what it says, and whether it adds up, before a person takes it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from functools import partial
from typing import Final

from station.acquisitions.invoices import InvoiceFile, read
from station.base.text import clean
from station.base.words import alone, tell
from station.base.words.times import date_words
from station.domain.events import InvoiceRecorded
from station.domain.invoices.adding_up import Addition, add_up, signed
from station.domain.invoices.invoice import Invoice, number_key
from station.domain.invoices.standing import InvoiceState
from station.domain.people.rights import Right
from station.office import sent_file
from station.office.asked import Asked
from station.office.forms import Declined, Field, Form, Lent, Make
from station.office.sent_file import VENDOR
from station.office.upload import Uploads
from station.reports import remarks
from station.reports.tables.cells import money_words
from station.reports.tables.purchases import currency_of
from station.reports.tables.table import Money

PATH: Final = "/invoices/import"
NUMBER: Final = "number"
_SHOWN_LINES: Final = 3
"""Lines of each invoice that are shown."""
_SHOWN_INVOICES: Final = 40


def forms(uploads: Uploads) -> tuple[tuple[str, Make], ...]:
    """Return the two forms of an import: choose a file; take what it says."""
    return (PATH, lambda asked: choose(asked, uploads)), (f"{PATH}/{{upload}}", lambda asked: take(asked, uploads))


def choose(asked: Asked, uploads: Uploads) -> Form:
    """Send a file. Nothing is recorded yet."""
    vendors = asked.queries.vendors() if asked.queries.exists else ()

    def act(typed: Mapping[str, str], _lent: Lent, _last: int) -> str:
        vendor, number = typed.get(VENDOR, ""), clean(typed.get(NUMBER, ""), 60)
        mapper = next((each.mapper for each in vendors if each.id == vendor), None)
        reader = partial(read, mapper=mapper, default_number=number, default_vendor=vendor)
        return f"{PATH}/{sent_file.keep(asked, uploads, reader)}"

    return Form(
        title=tell("form.title.import-invoices"),
        subject="",
        button=tell("form.do.look-at-file"),
        back="/invoices",
        act=act,
        right=Right.COUNT,
        fields=(
            *sent_file.fields(vendors, tell("invoice.file-hint")),
            Field(name=NUMBER, label=tell("invoice.head.number"), hint=tell("invoice.number-hint")),
        ),
        notes=(tell("invoice.nothing-yet"),),
    )


def take(asked: Asked, uploads: Uploads) -> Form:
    """Record the invoices of a file that are new: all of them, or none. Raises `ReceivingRefused` if the file is gone."""
    sent, file = sent_file.find(asked, uploads, InvoiceFile)
    new = tuple(_new(asked, file.invoices))
    plan = asked.queries.account_plan()

    def act(_: Mapping[str, str], lent: Lent, last: int) -> str:
        events = [
            InvoiceRecorded(
                content=content,
                source=sent.source,
                digest=sent.digest,
                operator=asked.viewer.id,
                authorised=lent.authorised,
            )
            for content in new
        ]
        if not events:
            raise Declined(tell("invoice.all-known"))
        asked.sources.acts.order(events, lent.by, last)
        return "/invoices"

    return Form(
        title=tell("form.title.take-invoices"),
        subject=sent.source,
        button=tell("form.do.take-invoices"),
        back=PATH,
        act=act,
        right=Right.COUNT,
        lines=tuple(_lines(file, new, plan.currency, Decimal(plan.tolerance))),
        notes=(tell("invoice.all-or-none"),),
        every_time=True,
    )


def _new(asked: Asked, contents: tuple[Invoice, ...]) -> Iterator[Invoice]:
    """Yield the invoices that are not recorded yet, each once."""
    known = {
        (vendor, row.content.kind, number_key(row.content.number))
        for row in asked.queries.invoices()
        if row.state is not InvoiceState.VOID
        for vendor in _names(asked, row.content.vendor)
    }
    for content in contents:
        keys = {(vendor, content.kind, number_key(content.number)) for vendor in _names(asked, content.vendor)}
        if not keys & known:
            known |= keys
            yield content


def _names(asked: Asked, vendor: str) -> frozenset[str]:
    """Return the names of a vendor in lower case."""
    row = asked.queries.vendor_named(vendor)
    return row.known_as if row is not None else frozenset({vendor.strip().casefold()})


def _lines(file: InvoiceFile, new: tuple[Invoice, ...], site: str, tolerance: Decimal) -> Iterator[str]:
    """Yield what a person looks at before taking a file."""
    yield from (alone(tell(remark)) for remark in remarks.of_file(file.notes))
    if file.unused:
        yield tell("receiving.unused", columns=", ".join(map(clean, file.unused)))
    if file.left_out:
        yield tell("invoice.left-out", count=len(file.left_out))
    ids = {id(content) for content in new}
    for content in file.invoices[:_SHOWN_INVOICES]:
        yield from _of_invoice(content, id(content) in ids, site, tolerance)
    if len(file.invoices) > _SHOWN_INVOICES:
        yield tell("invoice.more-invoices", count=len(file.invoices) - _SHOWN_INVOICES)


def _of_invoice(content: Invoice, is_new: bool, site: str, tolerance: Decimal) -> Iterator[str]:
    currency = currency_of(content, site)
    addition = add_up(content, tolerance)
    kind = tell(f"invoice.kind.{content.kind}")
    head = (
        f"{kind[:1].upper()}{kind[1:]} {content.number}",
        content.vendor,
        date_words(content.date) if content.date else "",
        tell("receiving.lines", count=len(content.lines)),
        money_words(Money(addition.total, currency)),
    )
    known = "" if is_new else f" – {tell('invoice.known')}"
    yield clean(", ".join(filter(None, head)), 300) + known
    for line in content.lines[:_SHOWN_LINES]:
        amount = money_words(Money(Decimal(line.amount or 0), currency))
        yield clean(f"  {line.copies} × {line.title or next(iter(line.numbers), '')}, {amount}", 300)
    if len(content.lines) > _SHOWN_LINES:
        yield tell("shipment.more-lines", count=len(content.lines) - _SHOWN_LINES)
    yield _adds_up(content, addition, currency)


def _adds_up(content: Invoice, addition: Addition, currency: str) -> str:
    """Return by which rule an invoice adds up, or what it is off: the lines, and the charges that count beside them."""
    if addition.rule and not addition.rounding:
        return f"✓ {tell(f'invoice.rule.{addition.rule}')}"
    if addition.rule:
        return f"✓ {tell('invoice.rounded', off=money_words(Money(addition.off, currency)))}"
    lines = sum((Decimal(line.amount or 0) for line in content.lines), Decimal(0))
    charges = sum(map(signed, addition.charges), Decimal(0))
    return "▲ " + tell(
        "invoice.off",
        total=money_words(Money(addition.total, currency)),
        lines=money_words(Money(lines, currency)),
        charges=money_words(Money(charges, currency)),
        off=money_words(Money(addition.off, currency)),
    )
