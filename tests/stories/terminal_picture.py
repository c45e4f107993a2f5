"""A pyte screen as an SVG: the content of a terminal, cell by cell, without a terminal window."""

from __future__ import annotations

from html import escape
from typing import Final

import pyte
from pyte.screens import Char

CELL: Final = (8.4, 18.0)
"""Width and height of a cell in pixels, for a monospaced font of 14 pixels."""

NBSP: Final = "\u00a0"
"""A space that no browser removes or joins with its neighbors."""

_NAMED: Final = {
    "black": "#000000",
    "red": "#cd3131",
    "green": "#0dbc79",
    "brown": "#e5e510",
    "blue": "#2472c8",
    "magenta": "#bc3fbc",
    "cyan": "#11a8cd",
    "white": "#e5e5e5",
}
_INK, _PAPER = "#e0e0e0", "#121212"


def _colour(name: str, default: str) -> str:
    if name == "default":
        return default
    return _NAMED.get(name.removeprefix("bright"), f"#{name}" if len(name) == 6 else default)


def _style(char: Char) -> tuple[str, str, bool]:
    ink, paper = _colour(char.fg, _INK), _colour(char.bg, _PAPER)
    return (paper, ink, char.bold) if char.reverse else (ink, paper, char.bold)


def svg(screen: pyte.Screen) -> str:
    """Draw the whole screen: each run of one style as one text with its background."""
    wide, high = CELL
    width, height = screen.columns * wide, screen.lines * high
    found = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:.0f} {height:.0f}">',
        f'<rect width="100%" height="100%" fill="{_PAPER}"/>',
        '<g font-family="Fira Code, DejaVu Sans Mono, monospace" font-size="14">',
    ]
    for row in range(screen.lines):
        line = screen.buffer[row]
        start = 0
        while start < screen.columns:
            style = _style(line[start])
            stop = start
            while stop < screen.columns and _style(line[stop]) == style:
                stop += 1
            text = "".join(line[column].data for column in range(start, stop))
            ink, paper, bold = style
            x, y, span = start * wide, row * high, (stop - start) * wide
            if paper != _PAPER:
                found.append(f'<rect x="{x:.1f}" y="{y:.1f}" width="{span:.1f}" height="{high}" fill="{paper}"/>')
            if kept := text.strip():
                weight = ' font-weight="bold"' if bold else ""
                x += (len(text) - len(text.lstrip())) * wide
                found.append(
                    f'<text x="{x:.1f}" y="{y + 13.5:.1f}" fill="{ink}"{weight} textLength="{len(kept) * wide:.1f}"'
                    f' lengthAdjust="spacingAndGlyphs">{escape(kept).replace(" ", NBSP)}</text>'
                )
            start = stop
    return "\n".join([*found, "</g></svg>", ""])
