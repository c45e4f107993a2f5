"""An invoice, a credit memo or a correcting entry as it was read or typed. All amounts are decimal numbers as text, in the
invoice's currency."""

from __future__ import annotations

import re
import unicodedata
from enum import StrEnum
from typing import Annotated

import msgspec
from msgspec import Meta

from station.domain.packing_lists.packing_list import LineKey

Text = Annotated[str, Meta(max_length=100)]
Figure = Annotated[str, Meta(pattern=r"^(-?[0-9]{1,11}([.][0-9]{1,4})?)?\Z")]
"""A decimal number; "" = not stated."""
Rate = Annotated[str, Meta(pattern=r"^([0-9]{1,7}([.][0-9]{1,10})?)?\Z")]
Currency = Annotated[str, Meta(pattern=r"^([A-Z]{3})?\Z")]
"""ISO 4217; "" = the site's own."""
Day = Annotated[str, Meta(pattern=r"^(\d{4}-\d\d-\d\d)?\Z")]
"""ISO 8601 date; "" = not stated."""


class InvoiceKind(StrEnum):
    INVOICE = "invoice"
    CREDIT = "credit"
    """A credit memo: its amounts are written without a minus sign and count negative."""
    CORRECTION = "correction"
    """A correcting entry of an exported invoice: its amounts have signs, and no vendor sent it."""


class ChargeKind(StrEnum):
    SHIPPING = "shipping"
    HANDLING = "handling"
    FREIGHT = "freight"
    PROCESSING = "processing"
    """Vendor's physical processing or cataloging."""
    SERVICE = "service"
    DISCOUNT = "discount"
    TAX = "tax"
    OTHER = "other"


class ChargeLevel(StrEnum):
    """Where a vendor's document names a charge."""

    HEADER = "header"
    SUMMARY = "summary"
    TYPED = "typed"
    """By a person or in a column: it is part of the total."""


class Share(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """Part of a line that one account pays: all shares of a line have a percentage, or all have an amount, or one share
    has neither and pays all."""

    account: Text
    """Account string of the fiscal office."""
    fund: Text = ""
    percent: Figure = ""
    amount: Figure = ""


class InvoiceLine(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """One line of an invoice."""

    line: Annotated[str, Meta(min_length=1, max_length=40)]
    """Line number, unique within the invoice."""
    title: Annotated[str, Meta(max_length=300)] = ""
    numbers: Annotated[tuple[Text, ...], Meta(max_length=8)] = ()
    """As `PackingLine.numbers`."""
    copies: Annotated[int, Meta(ge=0, le=9999)] = 1
    amount: Figure
    """What the line costs, without charges that the document names elsewhere."""
    list_price: Figure = ""
    """Of one copy, before discount."""
    order_line: Text = ""
    """The library's order line."""
    vendor_number: Text = ""
    key: LineKey | None = None
    """The packing-list line; None = on no list. The store fills it in."""
    library: Text = ""
    material: Text = ""
    fund: Text = ""
    order: Text = ""
    """Number of the blanket or standing order that pays the line; "" = by `order_line`, else none."""
    shares: Annotated[tuple[Share, ...], Meta(max_length=20)] = ()
    """Accounts that a person chose; () = by the site's rules."""


class Charge(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """An amount of the whole document. A discount is written without a minus sign and is deducted."""

    kind: ChargeKind
    amount: Figure
    level: ChargeLevel = ChargeLevel.TYPED
    text: Text = ""
    """The vendor's words."""
    deducted: bool = False
    """True if the vendor marks it as an allowance. A discount always is."""


class Stated(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """An amount that the vendor states for the whole document."""

    code: Annotated[str, Meta(min_length=1, max_length=3)]
    """Qualifier of MOA in EDIFACT: 86 message, 79 lines, 9 payable, 129, 128, 125, 176, 259, 260; 9 if a person typed it."""
    amount: Figure


class Invoice(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """Content of one document."""

    kind: InvoiceKind = InvoiceKind.INVOICE
    vendor: Annotated[str, Meta(min_length=1, max_length=60)]
    """Id of the vendor, or its name as the file has it."""
    number: Annotated[str, Meta(min_length=1, max_length=60)]
    date: Day
    due: Day = ""
    currency: Currency = ""
    rate: Rate = ""
    """What one unit of the invoice's currency costs in the site's, as a person wrote it down; "" = the site's currency, or
    not written down yet."""
    stated: Annotated[tuple[Stated, ...], Meta(max_length=12)] = ()
    lines: Annotated[tuple[InvoiceLine, ...], Meta(min_length=1, max_length=10000)]
    charges: Annotated[tuple[Charge, ...], Meta(max_length=50)] = ()
    order: Text = ""
    """Order that the document names for all lines."""
    corrects: Text = ""
    """Id of the exported invoice that a correcting entry changes."""
    note: Annotated[str, Meta(max_length=300)] = ""


def invoice_id(seq: int) -> str:
    """Return the id of the invoice that the event with this number recorded."""
    return f"invoice-{seq}"


def number_key(number: str) -> str:
    """Return the number of a document without case, blanks, punctuation and leading zeros: "Inv. 00-71" is "inv71". Two
    documents of a vendor with the same key are the same."""
    plain = re.sub(r"[\W_]+", "", unicodedata.normalize("NFKC", number).casefold())
    return re.sub(r"^(\D*)0+(?=\d)", r"\1", plain)
