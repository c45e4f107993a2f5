"""What this bench did lately, for the idle screen and the title line."""

from __future__ import annotations

from enum import StrEnum

import msgspec

from station.base.sentence import EMPTY, Sentence

PACE_MINUTES = 5
"""Minutes of one step of the pace."""
PACE_STEPS = 12
"""Steps of the pace: the last hour."""


class Ended(StrEnum):
    """How the work on an item ended. A covered item shows neither a verdict nor that it was set aside, because the viewer
    still has to check it blind."""

    PASS = "pass"
    FAIL = "fail"
    COVERED = "covered"
    SET_ASIDE = "set-aside"
    TAG_GONE = "tag-gone"
    """After the verdict, its tag was erased, or the write to its tag undone."""
    PARTS_LEFT = "parts-left"
    """Parts of the set passed, and others carry no tag yet."""
    WITHDRAWN = "withdrawn"
    """It leaves the library, whatever its verdict was."""


class DoneItem(msgspec.Struct, frozen=True):
    """One item that was judged or set aside. Barcode, title and call number have passed `text.clean`."""

    at: str
    """Local time, "HH:MM"."""
    barcode: str
    title: str
    ended: Ended
    call_number: str = ""
    reason: Sentence = EMPTY
    """The first reason of a fail, why the item was set aside, or what is left to do."""


class Lately(msgspec.Struct, frozen=True):
    """Work of this bench, as its current worker may see it."""

    today: int = 0
    """Items judged since midnight, local time. A set counts once, when all its parts carry a tag."""
    hour: int = 0
    """Items judged in the last 60 minutes."""
    pace: tuple[int, ...] = ()
    """Items judged in each step of the last hour, oldest first."""
    items: tuple[DoneItem, ...] = ()
    """The newest items that were judged or set aside, newest first."""
    to_fix: int = 0
    """Open corrections."""
    sound_checked: bool = True
    """Sounds and lights were checked since midnight, local time."""
