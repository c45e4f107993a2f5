"""Known errors and peculiarities of writers of ISO 28560-3 and the Danish model: one row each, with the functions that
undo them.

Each was seen on a tag or in a writer's source (docs/reference/tag-data.md#variants-in-the-field; source keys in
docs/reference/tag-data.md#sources). A memory with one of them is read, with a remark; the station never writes any of
them.
"""

from __future__ import annotations

from typing import Final

from station.encoding.content import Remark, RemarkKind, Severity

REWRITE: Final = "Write the tag again when it is convenient."
NOTHING: Final = "Nothing needs to be done."

# --- the memory as a whole -------------------------------------------------------------------------------------------

REVERSED: Final = RemarkKind(
    "reversed-blocks",
    Severity.MAJOR,
    "The bytes of each block are reversed (an older writer's habit).",
    "Ask the technician what reverses the bytes: writer, reader or dump.",
)
"""FKI writers, TI readers (libdanrfid). The remark covers the first block: its `length` is the block size."""
SHORT_LAYOUT: Final = RemarkKind(
    "short-layout",
    Severity.INFO,
    "The tag has a 32-byte layout, although it is larger.",
    REWRITE,
)
BLOCKS_IN_OWNER: Final = RemarkKind(
    "blocks-in-owner-field",
    Severity.MAJOR,
    "Extension blocks are in the owner field. Some older programs wrote this.",
    "Write the tag again before it is used with other systems: most of them cannot read it.",
)
"""je4, by docs/reference/tag-data.md#variants-in-the-field; its CRC was computed while the rest of the field was still
zero."""
LATE_BLOCKS: Final = RemarkKind(
    "blocks-one-late",
    Severity.MAJOR,
    "The extension blocks begin one byte late (an older writer's habit).",
    REWRITE,
)
"""je4/Library-RFID-Tools FinnishDataModel: the library text has 12 bytes there, and the blocks begin at 35."""
CRC_MISSING: Final = RemarkKind(
    "crc-missing",
    Severity.CRITICAL,
    "The tag has no CRC (0000): nothing proves that its content is whole.",
    "Scan the barcode and write the tag again.",
)
CRC_WRONG: Final = RemarkKind(
    "crc-wrong",
    Severity.CRITICAL,
    "The CRC on the tag is {stored:04X} and should be {wanted:04X}: something on it was changed, or never finished.",
    "Scan the barcode and write the tag again.",
)
END_MARKER: Final = RemarkKind(
    "end-marker",
    Severity.INFO,
    'A writer left its own mark "W_OK" behind the content.',
    NOTHING,
)

# --- the basic block -------------------------------------------------------------------------------------------------

SWAPPED_NIBBLES: Final = RemarkKind(
    "swapped-nibbles",
    Severity.MINOR,
    "The nibbles of the first byte are swapped (an older writer's habit).",
    "Write the tag again when it is convenient: other systems may take it for another type of usage.",
)
"""Bibliotheca (TH Koeln, libdanrfid), DanishRfidItem in Rust."""
SWAPPED_PARTS: Final = RemarkKind(
    "swapped-parts",
    Severity.MAJOR,
    "Number of parts and part number are swapped (a known writer's habit).",
    "Write the tag again before the set is lent: other systems will miss parts.",
)
"""PyPI rfidgeek writes them so. Equal numbers hide the error, which then does no harm."""
PART_ZERO: Final = RemarkKind(
    "part-zero",
    Severity.INFO,
    "Part {part} of {parts} is how some writers mark a single item.",
    NOTHING,
)
SET_NONSENSE: Final = RemarkKind(
    "set-nonsense",
    Severity.MAJOR,
    "Part {part} of {parts} makes no sense; it is read as part {read_part} of {read_parts}.",
    "Check how many parts the item has and write the tag again.",
)
NO_ITEM: Final = RemarkKind(
    "names-no-item",
    Severity.INFO,
    "It names no item.",
    "Scan the item's barcode and write the tag.",
)
SPACE_FILLED: Final = RemarkKind(
    "space-filled",
    Severity.MINOR,
    "A field is filled with spaces instead of zeros.",
    REWRITE,
)
LATIN_1: Final = RemarkKind(
    "latin-1-text",
    Severity.INFO,
    "A text is written in ISO 8859-1; this station and others write UTF-8.",
    NOTHING,
)
OWNER_FULL: Final = RemarkKind(
    "owner-field-full",
    Severity.INFO,
    "The owner field is full: the owner's ISIL may be longer than what is stored.",
    "Compare the owner with the item's stamp.",
)
HYPHEN_KEPT: Final = RemarkKind(
    "owner-hyphen-kept",
    Severity.MINOR,
    "The owner is stored with its hyphen, which this model leaves out.",
    REWRITE,
)
COUNTRY_TWICE: Final = RemarkKind(
    "country-twice",
    Severity.MINOR,
    "The country is twice in the owner field.",
    REWRITE,
)
"""Findings of libdanrfid."""

# --- extension blocks ------------------------------------------------------------------------------------------------

LONG_IDENTIFIER: Final = RemarkKind(
    "long-identifier",
    Severity.INFO,
    "The item's identifier is longer than its field. It is in the library block, as in the standard.",
    "Simple readers do not find it: test the self-service stations.",
)
ITEM_IN_BLOCK: Final = RemarkKind(
    "identifier-in-library-block",
    Severity.MINOR,
    "The item's identifier is in the library block. Its own field does not say so (an older writer's habit).",
    REWRITE,
)
"""Bibliotheca, for identifiers of up to 69 characters (TH Koeln). By the standard, the field holds 01."""
OWNER_TWICE: Final = RemarkKind(
    "two-owners",
    Severity.MINOR,
    "The basic block names {basic} as the owner, the library block {block}; the library block counts.",
    "Check whose item it is and write the tag again.",
)
XOR_LAST: Final = RemarkKind(
    "checksum-last",
    Severity.MAJOR,
    "An extension block ends with its checksum instead of beginning with it. Some older programs wrote this.",
    REWRITE,
)
"""je4/Library-RFID-Tools FinnishDataModelOptionalBlock."""
DANISH_OTHER: Final = RemarkKind(
    "danish-acquisition-other",
    Severity.INFO,
    'The acquisition block has the field "Other" of the Danish model (2005). ISO 28560-3 has the GS1 product identifier there.',
    NOTHING,
)
STAGE_TEXT: Final = RemarkKind(
    "supply-chain-stage-text",
    Severity.MINOR,
    "The supply chain stage is written as text, not as one byte; it is shown, but not taken over.",
    REWRITE,
)
UNSTRUCTURED: Final = RemarkKind(
    "unstructured-block",
    Severity.INFO,
    "Extension block {block} holds a library's or vendor's own data. The station does not interpret it.",
    "Writing the tag again loses that data. Ask who uses it first.",
)
UNKNOWN_BLOCK: Final = RemarkKind(
    "unknown-block",
    Severity.INFO,
    "The standard reserves the kind of extension block {block} for the future.",
    "Writing the tag again loses that data. Ask who uses it first.",
)
BLOCK_TWICE: Final = RemarkKind(
    "block-twice",
    Severity.INFO,
    "Extension block {block} is on the tag more than once; of each element the first value counts.",
    "Writing the tag again loses the other values.",
)
"""Allowed (GOST R ISO 28560-3-2016, 7.4.1)."""
FIELD_TOO_MANY: Final = RemarkKind(
    "field-too-many",
    Severity.MINOR,
    "Extension block {block} has more fields than the station knows; they were not read.",
    "Writing the tag again loses that data. Ask who uses it first.",
)
FIELD_UNREADABLE: Final = RemarkKind(
    "field-unreadable",
    Severity.MINOR,
    "A field of extension block {block} is no printable text; it was not read.",
    REWRITE,
)
NO_BLOCK: Final = RemarkKind(
    "no-extension-block",
    Severity.MINOR,
    "The data behind the basic block is no extension block; it was not read.",
    REWRITE,
)
BLOCK_XOR: Final = RemarkKind(
    "extension-checksum",
    Severity.MAJOR,
    "The checksum of an extension block is wrong; it and the rest were not read.",
    "Write the tag again.",
)

KINDS: Final = (
    *(REVERSED, SHORT_LAYOUT, BLOCKS_IN_OWNER, LATE_BLOCKS, CRC_MISSING, CRC_WRONG, END_MARKER),
    *(SWAPPED_NIBBLES, SWAPPED_PARTS, PART_ZERO, SET_NONSENSE, NO_ITEM, SPACE_FILLED, LATIN_1, OWNER_FULL),
    *(
        HYPHEN_KEPT,
        COUNTRY_TWICE,
        LONG_IDENTIFIER,
        ITEM_IN_BLOCK,
        OWNER_TWICE,
        XOR_LAST,
        DANISH_OTHER,
        STAGE_TEXT,
        UNSTRUCTURED,
    ),
    *(UNKNOWN_BLOCK, BLOCK_TWICE, FIELD_TOO_MANY, FIELD_UNREADABLE, NO_BLOCK, BLOCK_XOR),
)
"""Every remark that reading a memory of this model can make."""

# --- undoing them ----------------------------------------------------------------------------------------------------

VERSION: Final = 1
MARKER: Final = b"W_OK"


def turned(memory: bytes, block_size: int) -> bytes:
    """Return `memory` with the bytes of each block reversed; applied twice, it changes nothing."""
    size = max(block_size, 1)
    return b"".join(memory[at : at + size][::-1] for at in range(0, len(memory), size))


def version_and_usage(first: int, remarks: list[Remark]) -> tuple[int, int]:
    """Return the nibbles of byte 0, swapped if only that gives version 1. Byte 11 and a byte 1x are always taken as
    correct."""
    version, usage = first >> 4, first & 0x0F
    if version != VERSION and usage == VERSION:
        remarks.append(SWAPPED_NIBBLES.remark(0))
        return usage, version
    return version, usage


def parts_and_part(parts: int, part: int, remarks: list[Remark]) -> tuple[int, int]:
    """Return bytes 1 and 2 as (parts, part), 1 <= part <= parts."""
    if 1 <= part <= parts:
        return parts, part
    if part > parts > 0:
        remarks.append(SWAPPED_PARTS.remark(1, 2))
        return part, parts
    if parts <= 1 and part <= 1:
        remarks.append(PART_ZERO.remark(1, 2, part=part, parts=parts))
        return 1, 1
    read = max(parts, part), max(part, 1)
    remarks.append(SET_NONSENSE.remark(1, 2, part=part, parts=parts, read_parts=read[0], read_part=read[1]))
    return read


def isil_of(stored: str, offset: int, remarks: list[Remark]) -> str:
    """Return the ISIL of a stored owner: the omitted hyphen belongs after a two-letter country.

    An ISIL with another kind of prefix ("ZDB-", "O-") is indistinguishable and comes back wrong or without its hyphen:
    our encoder refuses those (`basic_block`).
    """
    country, library = stored[:2], stored[2:]
    if not (library and country.isascii() and country.isalpha()):
        return stored
    if library.startswith("-"):
        remarks.append(HYPHEN_KEPT.remark(offset, len(stored)))
        return stored
    if library.startswith(f"{country}-"):
        remarks.append(COUNTRY_TWICE.remark(offset, len(stored)))
        return library
    return f"{country}-{library}"


def end_marker(memory: bytes, end: int) -> Remark | None:
    """Return a remark on the mark that Bibliotheca's writers leave after the content, if nothing else is there."""
    if memory[end:].strip(b"\0") != MARKER:
        return None
    return END_MARKER.remark(memory.index(MARKER, end), len(MARKER))
