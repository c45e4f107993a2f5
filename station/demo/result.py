"""What the scripted operator reports of one item: a row of `station demo --auto`."""

from __future__ import annotations

import re
from typing import Final

import msgspec

from station.base.words import tell

BEFORE: Final = "judged before"
"""The item has its result from an earlier run."""
STUCK: Final = "stuck"
"""What should have come did not."""
OF_THE_PLAYER: Final = (BEFORE, STUCK)
"""What an item comes to besides verdicts and codes of faults; told as `demo.came`."""


def words_of(story: str) -> str:
    """The name of a story as it is told; by itself it is the value with `--json`."""
    return tell(f"demo.story.{re.sub('[^a-z]+', '-', story)}")


class Played(msgspec.Struct, frozen=True):
    """One row of the table."""

    number: int
    barcode: str
    story: str
    expected: str
    came: str
    ok: bool
    note: str = ""
