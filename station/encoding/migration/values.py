"""Uniform names for the values of a tag's content, so that two models can be compared element by element.

A content is a mapping from relative OID to text: set information as words ("part 2 of 3"), type of usage as two
hexadecimal digits, everything else as stored. Empty values are not in it.
"""

from __future__ import annotations

import re
from typing import Final

from station.encoding.content import Decoding, ElementValue, TagContent
from station.encoding.iso15962.data_elements import (
    OWNER_INSTITUTION,
    PRIMARY_ITEM_IDENTIFIER,
    SET_INFORMATION,
    SHELF_LOCATION,
    TYPE_OF_USAGE,
    Form,
    element,
)
from station.encoding.recognition import rfid501

_SET: Final = re.compile(r"part (\d+) of (\d+)")
_GUESSED: Final = {
    "swapped-parts": SET_INFORMATION,
    "set-nonsense": SET_INFORMATION,
    "part-zero": SET_INFORMATION,
    "swapped-nibbles": TYPE_OF_USAGE,
    "owner-field-full": OWNER_INSTITUTION,
    "country-twice": OWNER_INSTITUTION,
    "owner-hyphen-kept": OWNER_INSTITUTION,
    "two-owners": OWNER_INSTITUTION,
}
"""Remarks on a value that may have been read wrong -> its relative OID."""
_UNREAD: Final = frozenset(
    {"no-extension-block", "extension-checksum", "field-unreadable", "field-too-many", "block-twice"}
)
"""Remarks on data that no element holds."""
_MEDIA_OF_3M: Final = {"book": "01", "audio tape": "03", "CD": "02"}
"""Item type of the 3M layout -> media format (docs/reference/tag-data.md#3m-layout and #media-format), where both lists
use the same word."""


def set_words(parts: int, part: int) -> str:
    """Return set information as words."""
    return f"part {part} of {parts}"


def values_of(content: TagContent) -> dict[int, str]:
    """Return relative OID -> value. Set information is always included: a tag without it is a single part (ISO
    28560-1:2011 4.2.4)."""
    values = {
        PRIMARY_ITEM_IDENTIFIER: content.primary_item_identifier,
        OWNER_INSTITUTION: content.owner_institution,
        SET_INFORMATION: set_words(content.parts, content.part),
        TYPE_OF_USAGE: "" if content.type_of_usage is None else f"{content.type_of_usage:02X}",
        SHELF_LOCATION: content.shelf_location,
        **dict(content.further),
    }
    return {oid: value for oid, value in values.items() if value}


def content_of(values: dict[int, str]) -> TagContent:
    """Return the content of such values; the inverse of `values_of`."""
    said = _SET.fullmatch(values.get(SET_INFORMATION, ""))
    part, parts = (int(said[1]), int(said[2])) if said else (1, 1)
    return TagContent(
        primary_item_identifier=values.get(PRIMARY_ITEM_IDENTIFIER, ""),
        owner_institution=values.get(OWNER_INSTITUTION, ""),
        part=part,
        parts=parts,
        type_of_usage=int(values[TYPE_OF_USAGE], 16) if TYPE_OF_USAGE in values else None,
        shelf_location=values.get(SHELF_LOCATION, ""),
        further=tuple(sorted((oid, value) for oid, value in values.items() if oid > SHELF_LOCATION)),
    )


def guesses(decoding: Decoding) -> dict[int, str]:
    """Return relative OID -> reason why its value is uncertain, although the tag as a whole is sound."""
    found: dict[int, str] = {}
    for remark in decoding.remarks:
        oid = _GUESSED.get(remark.code)
        if oid is not None:
            found.setdefault(oid, remark.sentence)
    content = decoding.content
    on_tag = {item.oid for item in content.elements}
    if SET_INFORMATION not in on_tag:
        found.setdefault(SET_INFORMATION, "the tag did not say; without set information an item has one part")
    if decoding.stored_owner and content.owner_institution not in ("", decoding.stored_owner):
        found.setdefault(
            OWNER_INSTITUTION, f"the tag has {decoding.stored_owner}; the hyphen was put where the model leaves it out"
        )
    return found


def unread(decoding: Decoding) -> tuple[str, ...]:
    """Return data on the old tag that no element holds, one sentence each."""
    return tuple(remark.sentence for remark in decoding.remarks if remark.code in _UNREAD)


def uninterpreted(item: ElementValue) -> bool:
    """Return True for an element of compaction 000 with a code that only its writer knows: its value is shown as
    bytes."""
    known = element(item.oid).form in (Form.ISIL, Form.BITMAP) or item.oid == TYPE_OF_USAGE
    return item.oid != 0 and item.compaction == 0 and not known


def media_format_of_3m(decoding: Decoding) -> str:
    """Return the media format (element 19) for the item type of a 3M tag; "" for other models and types without a
    counterpart."""
    if decoding.model != rfid501.MODEL:
        return ""
    types = (item.value for item in decoding.content.elements if item.oid == 0 and item.name == "Item type")
    return next((_MEDIA_OF_3M[kind] for kind in types if kind in _MEDIA_OF_3M), "")
