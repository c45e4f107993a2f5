"""What differs between an invoice here and the same invoice in the library system. Lines are compared by their order line: the
library system's other lines (shipment, overhead) count in the total alone."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from enum import StrEnum
from typing import NamedTuple

import msgspec

from station.base.sentence import Sentence
from station.domain.invoices.invoice import InvoiceKind
from station.domain.invoices.money import number, text, total_of
from station.domain.invoices.standing import InvoiceStanding
from station.domain.invoices.system_invoice import SystemInvoice


class MismatchKind(StrEnum):
    NOT_THERE = "not-there"
    """The library system has no invoice with this number."""
    TOTAL = "total"
    CURRENCY = "currency"
    DATE = "date"
    LINE_NOT_THERE = "line-not-there"
    """The library system's invoice has no line for an order line of ours."""
    LINE_NOT_HERE = "line-not-here"
    COPIES = "copies"
    AMOUNT = "amount"
    """What the copies of an order line cost."""
    ALERT = "alert"
    """The library system warns."""


class Mismatch(msgspec.Struct, frozen=True, kw_only=True):
    """One difference."""

    kind: MismatchKind
    order_line: str = ""
    """"" = the whole invoice."""
    ours: str = ""
    theirs: str = ""

    @property
    def words(self) -> Sentence:
        """Return the difference in one line."""
        values = {"line": self.order_line, "ours": self.ours, "theirs": self.theirs}
        match self.kind:
            case MismatchKind.NOT_THERE:
                return Sentence("invoicing.mismatch.not-there")
            case MismatchKind.LINE_NOT_THERE | MismatchKind.LINE_NOT_HERE:
                return Sentence(f"invoicing.mismatch.{self.kind.value}", line=self.order_line)
            case MismatchKind.COPIES | MismatchKind.AMOUNT:
                return Sentence(f"invoicing.mismatch.{self.kind.value}", **values)
            case MismatchKind.ALERT:
                return Sentence("invoicing.mismatch.alert", alert=self.theirs)
        return Sentence(f"invoicing.mismatch.{self.kind.value}", ours=self.ours, theirs=self.theirs)


class _Part(NamedTuple):
    copies: int
    amount: Decimal


def mismatches(ours: InvoiceStanding, theirs: SystemInvoice | None, site: str) -> tuple[Mismatch, ...]:
    """Return the differences, those of the whole invoice first. `theirs`: None = the library system has none; `site`: the
    site's currency."""
    if theirs is None:
        return (Mismatch(kind=MismatchKind.NOT_THERE),)
    return (*_of_invoice(ours, theirs, site), *_of_lines(ours, theirs))


def _of_invoice(ours: InvoiceStanding, theirs: SystemInvoice, site: str) -> Iterator[Mismatch]:
    total = ours.total * _sign(ours)
    if theirs.total and number(theirs.total) != total:
        yield Mismatch(kind=MismatchKind.TOTAL, ours=text(total), theirs=text(number(theirs.total)))
    currency = ours.content.currency or site
    if theirs.currency and currency and theirs.currency != currency:
        yield Mismatch(kind=MismatchKind.CURRENCY, ours=currency, theirs=theirs.currency)
    if theirs.date and ours.content.date and theirs.date != ours.content.date:
        yield Mismatch(kind=MismatchKind.DATE, ours=ours.content.date, theirs=theirs.date)
    for alert in theirs.alerts:
        yield Mismatch(kind=MismatchKind.ALERT, theirs=alert)


def _of_lines(ours: InvoiceStanding, theirs: SystemInvoice) -> Iterator[Mismatch]:
    here, there = _ours(ours), _theirs(theirs)
    for line in dict.fromkeys((*here, *there)):
        if line not in there:
            yield Mismatch(kind=MismatchKind.LINE_NOT_THERE, order_line=line)
        elif line not in here:
            yield Mismatch(kind=MismatchKind.LINE_NOT_HERE, order_line=line)
        else:
            yield from _of_line(line, here[line], there[line])


def _of_line(line: str, here: _Part, there: _Part) -> Iterator[Mismatch]:
    if there.copies and here.copies != there.copies:
        yield Mismatch(kind=MismatchKind.COPIES, order_line=line, ours=str(here.copies), theirs=str(there.copies))
    if here.amount != there.amount:
        yield Mismatch(kind=MismatchKind.AMOUNT, order_line=line, ours=text(here.amount), theirs=text(there.amount))


def _ours(ours: InvoiceStanding) -> dict[str, _Part]:
    parts: dict[str, _Part] = {}
    for line in ours.content.lines:
        if line.order_line:
            before = parts.get(line.order_line, _Part(0, Decimal(0)))
            amount = number(line.amount) * _sign(ours)
            parts[line.order_line] = _Part(before.copies + line.copies, total_of([before.amount, amount]))
    return parts


def _theirs(theirs: SystemInvoice) -> dict[str, _Part]:
    parts: dict[str, _Part] = {}
    for line in theirs.lines:
        if line.order_line:
            before = parts.get(line.order_line, _Part(0, Decimal(0)))
            amount = number(line.total) if line.total else number(line.price) * line.quantity
            parts[line.order_line] = _Part(before.copies + line.quantity, total_of([before.amount, amount]))
    return parts


def _sign(ours: InvoiceStanding) -> int:
    """A credit memo's amounts are positive here, and negative in the library system."""
    return -1 if ours.content.kind is InvoiceKind.CREDIT else 1
