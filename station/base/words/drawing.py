"""Drawings made of characters, with words of the message catalog fitted in."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

from station.base.cells import cells, cut, filled
from station.base.words import Catalogue, active, tell

_PLACE: Final = re.compile(r"\{([a-z-]+)(?::([0-9]+))?\}")


def drawing(area: str, form: str, widest: int) -> tuple[str, ...]:
    """Return the lines of a drawing, each word cut to its cells, so that the drawing keeps its shape in every language.

    `form`: the lines with places for words. `{name:7}` is the message `AREA.name` in 7 cells; without a number it may
    extend to the edge, at `widest` cells.
    """
    return _drawn(area, form, widest, active())


@lru_cache(maxsize=64)
def _drawn(area: str, form: str, widest: int, _language: Catalogue) -> tuple[str, ...]:
    """Return the lines, cached for each language: a screen draws them at every snapshot."""
    return tuple(_line(area, line, widest) for line in form.splitlines())


def _line(area: str, form: str, widest: int) -> str:
    line = ""
    at = 0
    for place in _PLACE.finditer(form):
        line += form[at : place.start()]
        room = int(place[2]) if place[2] else widest - cells(line)
        text = cut(tell(f"{area}.{place[1]}"), room, "")
        line += filled(text, room) if place[2] else text
        at = place.end()
    return (line + form[at:]).rstrip()
