"""What gives way when a check does not fit into the window, and in which order.

What is signed never gives way: the question, what to look at, the label and the title to compare with, the notice and
the buttons. If they do not fit after everything else is gone, the check has several pages with a button to turn them,
and it cannot be passed before all were shown.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from typing import Final


class Part(StrEnum):
    """A part of the screen of a check that gives way."""

    SKETCH = "sketch"
    """The drawings of a check that has its own page."""
    BLANK = "blank"
    """The empty row below the check's number."""
    FRAME = "frame"
    """The frame of the label."""
    RAIL = "rail"
    """The four steps of an item."""
    AIR = "air"
    """Empty rows round the band and the buttons."""
    BULLETS = "bullets"
    """A row for each thing to look at: they follow each other in one paragraph."""
    CARD = "card"
    """The item in hand. Beside the check it takes no rows."""
    LARGE = "large"
    """The state in letters three rows high."""
    NUMBER = "number"
    """The check's number and severity."""
    ANSWERED = "answered"
    """On a page of several checks: all but one row of an answered line."""
    BUTTON = "button"
    """On such a page: two rows of the button that passes it."""
    ROWS = "rows"
    """On such a page: a row for each thing to compare and to look at. They follow each other in one paragraph."""
    BAND = "band"
    """On such a page: one row of the band."""


OF_PAGE: Final = (Part.ANSWERED, Part.BUTTON, Part.ROWS, Part.BAND)
"""Parts that only a page of several checks has."""
SHED: Final = tuple(Part)
"""The order: decoration and empty rows first."""


def shed(fits: Callable[[frozenset[Part]], bool], *kept: Part) -> frozenset[Part]:
    """Return the parts to leave out, as few as possible in the order of `SHED`; all of them if nothing fits. `fits`
    tells whether the check fits without these parts; `kept`: parts that take no rows here."""
    left_out: frozenset[Part] = frozenset()
    for part in SHED:
        if fits(left_out):
            break
        if part not in kept:
            left_out |= {part}
    return left_out
