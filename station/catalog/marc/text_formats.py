"""What MARCXML and MARC-in-JSON have in common: tags, codes and leaders of real files, and the notes on what was lost.

The schema of MARCXML permits tags of three characters and codes of one. Library systems write others: Alma `INST` and
`HLD866` and the subfield `updated`, Aleph the control field `FMT`. Such fields are kept. A field without a usable tag is
left out, and the record is kept with a note.
"""

from __future__ import annotations

import re
from typing import Final

from pymarc import Field, Indicators, Subfield

from station.catalog.marc.iso2709 import BadRecord

LEADER: Final = 24
_SPARE: Final = 4
"""Blanks that a leader may lack or have in excess: some exports trim or collapse them."""
_TAG: Final = re.compile(r"[0-9]{3}\Z|(?=[0-9]*[A-Za-z])[0-9A-Za-z]{3,10}\Z")
_CODE: Final = re.compile(r"(?:.|[0-9A-Za-z]{1,20})\Z", re.DOTALL)


def is_tag(text: str) -> bool:
    """Return True for a tag of three digits, or of three to ten letters and digits."""
    return _TAG.match(text) is not None


def is_code(text: str) -> bool:
    """Return True for a subfield code of one character, or a short word."""
    return _CODE.match(text) is not None


def is_control(tag: str) -> bool:
    """Return True for 001 to 009."""
    return tag.isdigit() and tag < "010"


def leader_of(text: str) -> tuple[str, str]:
    """Return (leader of 24 characters, note if it had another length). Raise `BadRecord` for another text."""
    if len(text) == LEADER:
        return text, ""
    if abs(len(text) - LEADER) > _SPARE:
        raise BadRecord(f"the leader has {len(text)} characters, not {LEADER}")
    return text[:LEADER].ljust(LEADER), f"the leader has {len(text)} characters, not {LEADER}"


def text_field(tag: str, text: str) -> Field:
    """Return a field of a text without subfields: a control field, or subfield $a of a local field like `FMT`."""
    if is_control(tag):
        return Field(tag, data=text)
    return Field(tag, Indicators(" ", " "), [Subfield("a", text)])


def left_out(number: int, tag: str) -> str:
    """Return the note about a field without a usable tag."""
    return f"field {number} was left out: {tag!r} is not a tag"


def unread(count: int) -> str:
    """Return the note about characters that cannot be read; "" for none."""
    return f"{count} characters could not be read" if count > 1 else "1 character could not be read" if count else ""


def unread_in(fields: list[Field]) -> str:
    """Return the note about the characters U+FFFD in these fields."""
    texts = [field.data or "" for field in fields]
    texts += [subfield.value for field in fields for subfield in field.subfields]
    return unread(sum(text.count("\ufffd") for text in texts))
