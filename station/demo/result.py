"""The scripted operator's report about one item: a row of `station demo --auto`."""

from __future__ import annotations

import re
from typing import Final

import msgspec

from station.base.words import tell

BEFORE: Final = "judged before"
"""The item already has its result, from an earlier run."""
STUCK: Final = "stuck"
"""The expected state was not reached."""
OF_THE_PLAYER: Final = (BEFORE, STUCK)
"""Outcomes other than verdicts and codes of faults; shown as `demo.came`."""


def words_of(story: str) -> str:
    """Return the translated name of a story; the name itself is the value with `--json`."""
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
