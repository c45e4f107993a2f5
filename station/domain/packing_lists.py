"""Packing lists as values: what a vendor says is in the box, and what one item's place on it is.

Facts by processing-and-quality.md section 7 (receiving: piece to packing list, list to invoice, invoice to order; shipment,
invoice, order line, site). Receiving as a workflow builds on these values; the quality rules see `Receipt` alone.
"""

from __future__ import annotations

from typing import Annotated

import msgspec
from msgspec import Meta

Short = Annotated[str, Meta(max_length=100)]
Count = Annotated[int, Meta(ge=0, le=9999)]


class PackingLine(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """One line: one title, or one barcoded copy. It is found by barcode, order line or number; one of them is there."""

    line: Annotated[str, Meta(min_length=1, max_length=40)]
    """Its number on the list; each once."""
    barcode: Short = ""
    """Where the vendor has barcoded the copy."""
    order_line: Short = ""
    """The library's order line ("POL-123")."""
    numbers: Annotated[tuple[Short, ...], Meta(max_length=8)] = ()
    """ISBNs as 13 digits; other publisher's numbers as letters and digits, without leading zeros."""
    title: Annotated[str, Meta(max_length=300)] = ""
    quantity: Count = 1
    """Copies that the vendor says are in the box."""
    ordered: Count | None = None
    """Copies that were ordered; None = the list does not say."""
    price: Short = ""
    """Of one copy, as it stands."""
    library: Short = ""
    """Code of the library that it is for."""


class PackingList(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """One packing list or invoice."""

    name: Annotated[str, Meta(min_length=1, max_length=60)]
    """Its number; with the vendor it names the list."""
    vendor: Annotated[str, Meta(max_length=60)] = ""
    date: Annotated[str, Meta(pattern=r"^(\d{4}-\d\d-\d\d)?\Z")] = ""
    """ISO 8601 date of the list."""
    lines: Annotated[tuple[PackingLine, ...], Meta(min_length=1, max_length=10000)]
    given: str = ""
    """When it was imported, ISO 8601."""
    source: Annotated[str, Meta(max_length=200)] = ""
    """Name of the file that it came from."""
    closed: str = ""
    """When it was closed: everything is here, or is claimed; "" = open."""

    @property
    def key(self) -> str:
        """Vendor and number: what names the list among all others."""
        return f"{self.vendor} {self.name}".strip()


class LineKey(msgspec.Struct, frozen=True, order=True):
    """A line among all lists."""

    list: str
    """`PackingList.key`."""
    line: str


class Receipt(msgspec.Struct, frozen=True, kw_only=True):
    """What the packing lists say of one item."""

    listed: bool
    ordered: int | None = None
    """Copies of the title that were ordered; None = the list does not say."""
    shipped: int = 1
    """Copies that should be in the box."""
    received: int = 1
    """Copies of the title that came, this one included."""
    library: str = ""
    """Site that it was ordered for."""
    vendor: str = ""
    price: str = ""
    order_line: str = ""
    key: LineKey | None = None
    """The line; None = it is on no list."""
