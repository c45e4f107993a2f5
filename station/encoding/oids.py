"""The data elements of ISO 28560-1 as data: relative OID, standard name, how the value is written.

Names: 2014 edition (contents of AS/NZS ISO 28560.1:2015); tag-data-models.md section 1. Maximum lengths and the
lockable column of part 1 are not established there, so none are enforced here.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class Form(StrEnum):
    """How a value is turned into bytes."""

    TEXT = "text"
    """By the compaction scheme of the precursor."""
    ISIL = "isil"
    """Compaction 000 with the ISIL code."""
    BITMAP = "bitmap"
    """Compaction 000: the content parameter."""
    OCTET = "octet"
    """One byte, shown as two hexadecimal digits."""


@dataclass(frozen=True, slots=True)
class DataElement:
    """One row of ISO 28560-1."""

    oid: int
    name: str
    form: Form = Form.TEXT


PRIMARY_ITEM_IDENTIFIER: Final = 1
CONTENT_PARAMETER: Final = 2
OWNER_INSTITUTION: Final = 3
SET_INFORMATION: Final = 4
TYPE_OF_USAGE: Final = 5
SHELF_LOCATION: Final = 6

_ROWS: Final = (
    DataElement(1, "Primary item identifier"),
    DataElement(2, "Content parameter", Form.BITMAP),
    DataElement(3, "Owner institution", Form.ISIL),
    DataElement(4, "Set information"),
    DataElement(5, "Type of usage", Form.OCTET),
    DataElement(6, "Shelf location"),
    DataElement(7, "ONIX media format"),
    DataElement(8, "MARC media format"),
    DataElement(9, "Supplier identifier"),
    DataElement(10, "Order number"),
    DataElement(11, "ILL borrowing institution", Form.ISIL),
    DataElement(12, "ILL borrowing transaction number"),
    DataElement(13, "GS1 product identifier"),
    DataElement(14, "Alternative unique item identifier"),
    DataElement(15, "Local data A"),
    DataElement(16, "Local data B"),
    DataElement(17, "Title"),
    DataElement(18, "Product identifier local"),
    DataElement(19, "Media format (other)", Form.OCTET),
    DataElement(20, "Supply chain stage", Form.OCTET),
    DataElement(21, "Supplier invoice number"),
    DataElement(22, "Alternative item identifier"),
    DataElement(23, "Alternative owner institution"),
    DataElement(24, "Subsidiary of an owner institution"),
    DataElement(25, "Alternative ILL borrowing institution"),
    DataElement(26, "Local data C"),
    *(DataElement(oid, "Reserved") for oid in range(27, 32)),
)
ELEMENTS: Final = {row.oid: row for row in _ROWS}

USAGE_CLASSES: Final = {
    0x0: "acquisition",
    0x1: "for circulation",
    0x2: "not for circulation",
    0x3: "local use",
    0x4: "local use",
    0x5: "future use",
    0x6: "no usage information on tag",
    0x7: "discarded",
    0x8: "patron card",
    0x9: "library equipment",
}
"""Class nibble of element 5 (tag-data-models.md 1.1); A-F are future use."""


def element(oid: int) -> DataElement:
    """The row for a relative OID; an OID that ISO 28560-1 does not define reads as text without a name of its own."""
    return ELEMENTS.get(oid) or DataElement(oid, f"Element {oid}")


def usage_words(usage: int) -> str:
    """Type of usage in words."""
    return USAGE_CLASSES.get(usage >> 4, "future use")
