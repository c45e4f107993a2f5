"""Answers to the requests that other programs make to the pad."""

from __future__ import annotations

import msgspec

from station.base.sentence import EMPTY, Sentence
from station.domain.tag_image import Uid
from station.domain.workflows import InspectedTag, StackReport


class PadTag(msgspec.Struct, frozen=True, kw_only=True):
    """One tag on the pad as read. All text has passed `text.clean`."""

    uid: Uid
    state: str
    """"blank", "ours", "foreign", "incomplete" or "unknown"; only "ours" and "foreign" have an identity."""
    barcode: str = ""
    """The primary item identifier; "" unless the tag is finished."""
    owner: str = ""
    """ISIL on the tag."""
    part: int = 1
    parts: int = 1
    secure: bool = False
    """True if its AFI is that of an item that triggers the gate alarm."""
    afi: int = 0
    media_format: str = ""
    """Element 19, two hexadecimal digits; "" = not on the tag."""
    location: str = ""
    """Shelf location (element 6) on the tag."""


class Refusal(msgspec.Struct, frozen=True):
    """Why the bench did not carry out a request, or did not finish it."""

    code: str
    """Code of an error (docs/errors.md) or of a stop of the gate ("foreign-tag", "other-item", ...)."""
    sentence: Sentence
    detail: Sentence = EMPTY
    right: str = ""
    """The missing right (`rights.Right`), if another worker could lend it; "" = it cannot be lent."""
    uid: str = ""
    """The tag for which the right would be lent."""
    is_error: bool = False
    """True if this is the error with this code, with the error's own sentence; else the code gives only the kind of
    refusal."""


class PadAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """Answer to a pad request: the tags as they are now, or the refusal."""

    tags: tuple[PadTag, ...] = ()
    """For a reading: all tags read. For a change: the tags that were changed and read back."""
    inspected: tuple[InspectedTag, ...] = ()
    """Full inspections of tags (for `InspectPad`, `UndoWrite`)."""
    stack: StackReport | None = None
    """The comparison of the stack on the pad (for `CheckStack`)."""
    refusal: Refusal | None = None
