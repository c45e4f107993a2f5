"""Packing lists as values: contents of a box according to the vendor, and the list entry of one item.

Facts by docs/reference/quality-sources.md#receiving (piece to packing list, list to invoice, invoice to order;
shipment, invoice, order line, site). The receiving workflow builds on these values; the quality rules see `Receipt`
only.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import msgspec
from msgspec import Meta

Short = Annotated[str, Meta(max_length=100)]
Count = Annotated[int, Meta(ge=0, le=9999)]


class ListKind(StrEnum):
    """What a list says about its lines."""

    BOX = "box"
    """They are in the box: a packing list, a despatch advice, an invoice."""
    ORDER = "order"
    """They are ordered, and the vendor may send them in any box."""


class PackingLine(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """One line: one title, or one barcoded copy. It is found by barcode, order line or number; at least one of them is
    given."""

    line: Annotated[str, Meta(min_length=1, max_length=40)]
    """Line number, unique within the list."""
    barcode: Short = ""
    """Barcode, if the vendor has barcoded the copy."""
    order_line: Short = ""
    """The library's order line ("POL-123")."""
    numbers: Annotated[tuple[Short, ...], Meta(max_length=8)] = ()
    """ISBNs as 13 digits; other publishers' numbers as letters and digits, without leading zeros."""
    title: Annotated[str, Meta(max_length=300)] = ""
    quantity: Count = 1
    """Number of copies in the box, according to the vendor."""
    ordered: Count | None = None
    """Number of copies ordered; None = not given in the list."""
    price: Short = ""
    """Price of one copy, as written: see `amount.amount_of`."""
    library: Short = ""
    """Code of the receiving library."""
    vendor_number: Short = ""
    """The vendor's number of the title."""
    fund: Short = ""
    carton: Short = ""
    """Serial shipping container code of the box (SSCC, 18 digits)."""
    points: Annotated[str, Meta(pattern=r"^([0-9]{1,4}([.][0-9]{1,2})?)?\Z")] = ""
    """Allowance that a leased copy uses, a decimal number; "" = not given."""
    cancelled: bool = False
    """True if the order of this line was cancelled: it should not come."""


class PackingList(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """Content of one packing list or invoice."""

    name: Annotated[str, Meta(min_length=1, max_length=60)]
    """Number of the list."""
    vendor: Annotated[str, Meta(max_length=60)] = ""
    date: Annotated[str, Meta(pattern=r"^(\d{4}-\d\d-\d\d)?\Z")] = ""
    """ISO 8601 date of the list."""
    lines: Annotated[tuple[PackingLine, ...], Meta(min_length=1, max_length=10000)]
    kind: ListKind = ListKind.BOX
    cartons: Annotated[tuple[Short, ...], Meta(max_length=100)] = ()
    """Serial shipping container codes of the boxes, if the list does not say which line is in which."""

    @property
    def copies(self) -> int:
        """Return the number of copies of all lines."""
        return sum(line.quantity for line in self.lines)


class LineKey(msgspec.Struct, frozen=True, order=True):
    """Key of a line among all lists."""

    list: str
    """Id of the list. In events of journals before schema 12: vendor and number."""
    line: str
    """Id of the line within its list."""


class ListLine(msgspec.Struct, frozen=True, kw_only=True):
    """A line of a list in the journal, with the items that arrived for it."""

    key: LineKey
    line: PackingLine
    vendor: str = ""
    closed: bool = False
    """True if the list is closed."""
    current: bool = True
    """False if a replacement of the list no longer has the line."""
    barcodes: frozenset[str] = frozenset()
    """Items that were judged as copies of the line."""
    counted: int = 0
    """Copies that were counted at the open carton."""

    @property
    def here(self) -> int:
        """Return the number of copies that have arrived: an item is counted and judged, or only one of the two."""
        return max(len(self.barcodes), self.counted)

    @property
    def missing(self) -> int:
        """Return the number of copies that have not arrived."""
        return max(self.line.quantity - self.here, 0) if self.current else 0


class ListStanding(msgspec.Struct, frozen=True, kw_only=True):
    """A list in the journal, and how many of its copies have arrived."""

    id: str
    vendor: str
    name: str
    date: str
    source: str
    """Name of the imported file."""
    digest: str
    """SHA-256 of the imported file, hexadecimal."""
    imported: str
    """Time of the first import, ISO 8601."""
    closed: str
    """Time at which the list was closed, ISO 8601; "" = open."""
    newest: int
    """Number of the event that holds the present content."""
    kind: str
    """A `ListKind`."""
    lines: int
    quantity: int
    """Copies of all lines."""
    came: int
    """Copies that have arrived."""

    @property
    def heading(self) -> str:
        """Return vendor and number."""
        return heading(self.vendor, self.name)


class MissingCopies(msgspec.Struct, frozen=True, kw_only=True):
    """Copies of a line that had not arrived when its list was closed."""

    line: str
    """Number of the line in the vendor's list; of a shipment's lists the id of the line."""
    list: str = ""
    """Id of the list, in a shipment of several."""
    title: str = ""
    copies: int


def heading(vendor: str, name: str) -> str:
    """Return vendor and number of a list, as people name it."""
    return f"{vendor} {name}".strip()


class Receipt(msgspec.Struct, frozen=True, kw_only=True):
    """Data about one item in the packing lists."""

    listed: bool
    ordered: int | None = None
    """Number of copies of the title ordered; None = not given in the list."""
    shipped: int = 1
    """Number of copies that should be in the box."""
    received: int = 1
    """Number of copies of the title that arrived, including this one."""
    library: str = ""
    """Site for which it was ordered."""
    vendor: str = ""
    price: str = ""
    order_line: str = ""
    listed_barcode: str = ""
    """The barcode that the vendor names for this copy; "" = none."""
    other_title: str = ""
    """Title for which the vendor names this item's barcode, if that is another title."""
    key: LineKey | None = None
    """The packing-list line; None = on no list."""
    invoiced_price: str = ""
    """List price of one copy on the vendor's invoice, with its currency; "" = no invoice states one."""
