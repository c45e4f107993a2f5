"""What a bench asks its center about tags before it writes one, and the answer."""

from __future__ import annotations

from typing import Annotated

import msgspec
from msgspec import Meta

from station.domain.journal_copy import JournalId, Number

Text = Annotated[str, Meta(max_length=200, pattern="^[^\\x00]*$")]


class TagQuestion(msgspec.Struct, frozen=True):
    """Asks about an item, or about a tag."""

    barcode: Text = ""
    uid: Text = ""


class HeldTag(msgspec.Struct, frozen=True, array_like=True):
    """A tag that another bench wrote last, or this bench in a part of its journal that was lost."""

    uid: Text
    barcode: Text
    part: int
    parts: int
    bench: Text
    """Name of the bench. Hostile text."""
    at: Text
    """Time of the write by that bench's clock, ISO 8601."""


class GoneTag(msgspec.Struct, frozen=True, array_like=True):
    """A tag that this bench wrote, and that does not carry this part any more, or whose part has another tag."""

    uid: Text
    barcode: Text
    part: int


class TagsElsewhere(msgspec.Struct, frozen=True):
    """The answer, as of the bench's event `seq`: what the bench did since is not in it."""

    journal: JournalId
    """The bench's newest timeline at the center."""
    seq: Number
    held: Annotated[tuple[HeldTag, ...], Meta(max_length=50)] = ()
    gone: Annotated[tuple[GoneTag, ...], Meta(max_length=50)] = ()


class SecondTag(msgspec.Struct, frozen=True, array_like=True):
    """A tag that this bench wrote for a part that has another bench's tag, too."""

    uid: Text
    barcode: Text
    part: int
    other_uid: Text
    bench: Text
    """Name of the other bench. Hostile text."""
    at: Text
    """Time of its write by its clock, ISO 8601."""


SecondTags = tuple[SecondTag, ...]
"""The newest first, at most 100."""
