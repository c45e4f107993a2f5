"""Page over every screen of a window that is too small for it: it says the size needed and the present one.

It covers the whole screen, so that no tap reaches a button that is not seen. The work goes on underneath; a scan is
refused with a sentence (`StationApp`). The page ends when the window is large enough.
"""

from __future__ import annotations

from typing import Final

from textual.content import Content
from textual.geometry import Size
from textual.screen import Screen
from textual.widget import Widget

from station.base.words import tell
from station.tui.drawing import draw
from station.tui.drawing.draw import BLANK, Lines

NEEDED: Final = Size(80, 24)
"""Columns and rows of the smallest window."""


def too_small(size: Size) -> bool:
    """True if a screen does not fit into a window of this size."""
    return size.width < NEEDED.width or size.height < NEEDED.height


class TooSmall(Widget, can_focus=False):
    """The page itself, a layer of the screen that it covers."""

    refused = False
    """A scan was refused while the page was shown."""

    def render(self) -> Content:
        """Draw the sizes, centered."""
        width, height = self.size
        return _view(self.app.size, max(1, width), max(1, height), refused=self.refused)


def cover(screen: Screen[None], *, refused: bool) -> None:
    """Cover the screen if the window is too small, else uncover it. `refused`: a scan was refused meanwhile."""
    covers = screen.query(TooSmall)
    if not too_small(screen.app.size):
        covers.remove()
        return
    page = covers.first() if covers else TooSmall()
    page.refused = refused
    if covers:
        page.refresh()
    else:
        screen.mount(page)


def _view(size: Size, width: int, height: int, *, refused: bool) -> Content:
    texts = [("bold", tell("display.too-small"))]
    texts += [("bold $key", tell("display.too-small-scan"))] if refused else []
    texts += [
        ("", tell("display.too-small-needed", columns=NEEDED.width, rows=NEEDED.height)),
        ("", tell("display.too-small-now", columns=size.width, rows=size.height)),
        ("", tell("display.too-small-waits")),
    ]
    each = [draw.paragraph(text, width, style) for style, text in texts]
    lines: Lines = [line for rows in each for line in rows]
    if len(lines) + len(each) <= height:
        lines = [line for rows in each for line in (*rows, BLANK)]
    return draw.stack(draw.middle(lines, height), height)
