"""The data elements of ISO 28560-1 as data: their names, their encoding, and their place in each part of the standard.

Sources (docs/reference/tag-data.md#sources for the keys). Names: 2014 edition, AS/NZS ISO 28560.1:2015 contents [AS]
and dp2's list after ISO/TS 28560-4:2014 p. 11. ISO 28560-3 places: docs/reference/tag-data.md#basic-block and
#extension-blocks [wildau]; identifiers above 16 bytes in the library block: WG11's clarification of ISO 28560-3:2011,
#entry 1 (biblstandard.dk). Danish places: Doc 067,
July 2005, pages 15 to 31. ISO 28560-4: docs/reference/tag-data.md#uhf-tags [dp2] and the contents list of ISO/TS
28560-4:2023, clauses 6.2 to 6.26.

None means that no source settles the value. An empty tuple means that the element has no place, by a source.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class Form(StrEnum):
    """Encoding of a value as bytes."""

    TEXT = "text"
    """Text, by the compaction scheme of the precursor."""
    ISIL = "isil"
    """Compaction 000 with the ISIL code."""
    BITMAP = "bitmap"
    """Compaction 000: the content parameter."""
    OCTET = "octet"
    """One byte, shown as two hexadecimal digits."""


class Bank(StrEnum):
    """Memory bank of an element in ISO/TS 28560-4."""

    UII = "UII"
    """Memory bank 01, inside the unique item identifier (URN Code 40)."""
    USER = "user"
    """Memory bank 11, as an element of ISO/IEC 15962."""


@dataclass(frozen=True, slots=True)
class Place:
    """Place of an element in a block-structured model (ISO 28560-3, the Danish model)."""

    block: int
    """0 = basic block, else the id of the extension block."""
    offset: int | None = None
    """Basic block: first byte in memory. Extension block: index among the block's fields, from 0."""
    length: int | None = None
    """Basic block: bytes. None in an extension block, whose fields end with 00 or with the block."""
    alternative: bool = False
    """True if the field belongs to another element, which this one may replace."""


@dataclass(frozen=True, slots=True)
class DataElement:
    """One row of ISO 28560-1."""

    oid: int
    """Relative OID."""
    name: str
    form: Form = Form.TEXT
    part2: bool = True
    """True if ISO 28560-2 carries it."""
    part3: tuple[Place, ...] = ()
    """Places in ISO 28560-3."""
    part4: tuple[Bank, ...] | None = (Bank.USER,)
    """Banks in ISO/TS 28560-4."""
    danish: tuple[Place, ...] = ()
    """Places in the Danish model of 2005."""
    max_length: int | None = None
    """Maximum characters of a value; for an octet, its two digits. None = open: part 1's column was not seen."""
    lockable: bool | None = None
    """True if part 1 intends the element to be locked. None = open: part 1's column was not seen."""
    digits: int | None = None
    """Exact number of decimal digits."""


UNIQUE_ITEM_IDENTIFIER: Final = DataElement(0, "Unique item identifier", part2=False, part4=(Bank.UII,))
"""Relative OID 0 exists only in ISO/TS 28560-4; it is not one of the elements 1 to 31 of part 1."""

PRIMARY_ITEM_IDENTIFIER: Final = 1
CONTENT_PARAMETER: Final = 2
OWNER_INSTITUTION: Final = 3
SET_INFORMATION: Final = 4
TYPE_OF_USAGE: Final = 5
SHELF_LOCATION: Final = 6
TITLE: Final = 17
MEDIA_FORMAT: Final = 19
SUPPLY_CHAIN_STAGE: Final = 20

_BOTH_BANKS: Final = (Bank.UII, Bank.USER)
_ROWS: Final = (
    # Locked in GB/T 35660.2 p. 6 (dp2 issue 257) and in the worked example. Part 3: the basic block holds 16 bytes; a
    # longer identifier is in the library block. Part 4: in the UII, not in the user bank.
    DataElement(
        1,
        "Primary item identifier",
        part3=(Place(0, 3, 16), Place(1, 1, alternative=True)),
        part4=(Bank.UII,),
        danish=(Place(0, 3, 16),),
        lockable=True,
    ),
    # Part 3 and Denmark: the high nibble of byte 0 is the version, which part 3 calls the content parameter.
    DataElement(2, "Content parameter", Form.BITMAP, part3=(Place(0, 0, 1),), danish=(Place(0, 0, 1),)),
    # Locked in the worked example of ISO 28560-2. Denmark: two bytes country, eleven bytes library.
    DataElement(
        3,
        "Owner institution",
        Form.ISIL,
        part3=(Place(0, 21, 13), Place(1, 2, alternative=True)),
        part4=_BOTH_BANKS,
        danish=(Place(0, 21, 13), Place(1, 2)),
        lockable=True,
    ),
    DataElement(4, "Set information", part3=(Place(0, 1, 2),), danish=(Place(0, 1, 2),), max_length=6),
    # Part 3 and Denmark: only the class, in the low nibble of byte 0.
    DataElement(5, "Type of usage", Form.OCTET, part3=(Place(0, 0, 1),), danish=(Place(0, 0, 1),), max_length=2),
    DataElement(6, "Shelf location", part3=(Place(3, 0),)),
    DataElement(7, "ONIX media format", part3=(Place(3, 2),)),
    DataElement(8, "MARC media format", part3=(Place(3, 1),)),
    DataElement(9, "Supplier identifier", part3=(Place(2, 0),), danish=(Place(2, 0),)),
    DataElement(10, "Order number", part3=(Place(2, 2),), danish=(Place(2, 2),)),
    DataElement(11, "ILL borrowing institution", Form.ISIL, part3=(Place(5, 0),)),
    DataElement(12, "ILL borrowing transaction number", part3=(Place(5, 1),)),
    DataElement(13, "GS1 product identifier", part3=(Place(2, 4),), max_length=13, digits=13),
    DataElement(14, "Alternative unique item identifier"),
    DataElement(15, "Local data A"),
    DataElement(16, "Local data B"),
    DataElement(17, "Title", part3=(Place(4, 0),)),
    # The Danish model calls the field "item identification".
    DataElement(18, "Product identifier local", part3=(Place(2, 1),), danish=(Place(2, 1),)),
    DataElement(19, "Media format (other)", Form.OCTET, part3=(Place(1, 0),), danish=(Place(1, 0),), max_length=2),
    DataElement(20, "Supply chain stage", Form.OCTET, part3=(Place(2, 5),), max_length=2),
    DataElement(21, "Supplier invoice number", part3=(Place(2, 3),), danish=(Place(2, 3),)),
    DataElement(22, "Alternative item identifier", part3=(Place(1, 1),), danish=(Place(1, 1),)),
    DataElement(23, "Alternative owner institution", part3=(Place(1, 2),)),
    DataElement(24, "Subsidiary of an owner institution", part3=(Place(3, 3),)),
    DataElement(25, "Alternative ILL borrowing institution", part3=(Place(5, 2),)),
    DataElement(26, "Local data C"),
    *(DataElement(oid, "Reserved", part4=None) for oid in range(27, 32)),
)
ELEMENTS: Final = {row.oid: row for row in _ROWS}

DEFINED: Final = frozenset(range(1, 27))
"""Relative OIDs with a meaning; 27 to 31 are reserved, and ISO/IEC 15962 can carry up to 127."""

_OTHERS: Final = {
    oid: DataElement(oid, f"Element {oid}", part2=False, part4=None) for oid in range(128) if oid not in ELEMENTS
}


def element(oid: int) -> DataElement:
    """Return the row of a relative OID; an OID that ISO 28560-1 does not define is text with the name "Element N"."""
    return ELEMENTS.get(oid) or _OTHERS.get(oid) or DataElement(oid, f"Element {oid}", part2=False, part4=None)


def is_digits(text: str, count: int) -> bool:
    """Return True for exactly `count` decimal digits, 0 to 9."""
    return len(text) == count and text.isascii() and text.isdecimal()


# --- element 5: type of usage (docs/reference/tag-data.md#type-of-usage: Helmet; classes also Wildau)
# -----------------------------------

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
    **dict.fromkeys(range(0xA, 0x10), "future use"),
}
"""Class: the high nibble. 6 is for an element that is locked although the usage may change."""

USAGE_QUALIFIERS: Final[dict[int, dict[int, str]]] = {
    0x0: {1: "automatic process", 2: "manual process"},
    0x1: {
        1: "automatic sorting",
        2: "not for automatic sorting",
        3: "no issue offline",
        4: "no return offline",
        5: "no issue and no return offline",
    },
    0x7: {1: "for sale", 2: "sold", 3: "for disposal"},
    0x8: {1: "adult", 2: "young adult", 3: "child"},
    0x9: {1: "PC", 2: "video projector", 3: "overhead projector", 4: "whiteboard"},
}
"""Class -> qualifier (the low nibble) -> meaning. 0 is "unspecified" in every class and has no entry."""

DANISH_USAGES: Final = frozenset({0x0, 0x1, 0x2, 0x7, 0x8})
"""Classes that the Danish model assigned (Doc 067 p. 27)."""


def usage_words(usage: int) -> str:
    """Return the type of usage as text: class, then qualifier unless it is 0 (unspecified)."""
    group, qualifier = usage >> 4 & 0x0F, usage & 0x0F
    words = USAGE_CLASSES[group]
    if not qualifier:
        return words
    return f"{words}, {USAGE_QUALIFIERS.get(group, {}).get(qualifier, f'qualifier {qualifier:X} has no meaning')}"


# --- element 19: media format (other) --------------------------------------------------------------------------------

MEDIA_FORMATS: Final = {
    0: "undefined",
    1: "book",
    2: "CD or DVD",
    3: "magnetic tape",
    4: "other",
    5: "other, careful handling is required",
    6: "very small item, special handling is required",
}
"""docs/reference/tag-data.md#media-format [wildau]; the same table with the ranges above in WG11's clarification of ISO
28560-1:2011, 4.2.19."""


def media_format_words(code: int) -> str:
    """Return the media format (other) as text: 7 to 127 are reserved, 128 to 255 are the library's own."""
    return MEDIA_FORMATS.get(code) or ("reserved" if code < 0x80 else "a code of the library's own")


# --- element 20: supply chain stage ------------------------------------------------------------------------------------

SUPPLY_CHAIN_STAGES: Final[dict[int, str] | None] = None
"""Table 2 of ISO 28560-1 has five codes, one octet each (WG11's clarification of ISO 28560-1:2011, 4.2.20; dp2 after
GB/T 35660.1 p. 11). No open source gives their values (docs/reference/tag-data.md#supply-chain-stage), so there is no
table here and the code is shown."""


def code_words(oid: int, code: int) -> str:
    """Return the meaning of a code of element 5, 19 or 20; "" if no source gives it."""
    if oid == TYPE_OF_USAGE:
        return usage_words(code)
    return media_format_words(code) if oid == MEDIA_FORMAT else ""
