"""Text drawings that illustrate checks: where barcode, tag, label and stamp belong.

Sources: docs/reference/quality-sources.md#published-practice (North Park: stamp on three edges and title page; DCCCD:
label on the spine, else front lower left; URI: label 1.25 inches above the foot; Broward: tag mid-height near the
spine, staggered, of a leased book on the pocket; IFLS: name on every disc),
docs/reference/quality-sources.md#tag-rules, rule 19 (a disc's metal silences a tag: P.V. Supa) and
docs/reference/quality-sources.md#withdrawal (withdrawn: stamped over, barcode defaced, label struck; lease return: own
marks off). No source shows where the tag goes on a disc, or what a gift plate looks like: these two drawings are the
station's own. A site with other practice changes question and sketch of its rules.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

from station.base.cells import cells, cut, filled
from station.base.words import Catalogue, active, tell

WIDEST: Final = 38
TALLEST: Final = 6
"""Limits in cells and lines, so that drawings fit beside the question on a screen of 80 x 24 and of 100 x 30."""

SKETCHES: Final[dict[str, str]] = {
    "spine": """\
┌────┬────────────┐ {cover}
│    │            │
│ QA │            │ {straight}
│ 76 │            │ {protected}
│  ▲ │            │ {hides-nothing}
└────┴────────────┘ {up}""",
    "tag": """\
 {cover:20} {next}
┌───────────────┐  ┌───────────────┐
│┌──┐           │  │          ┌──┐ │
││))│{near:11}│  │{staggered:10}│))│ │
│└──┘{not-metal:11}│  │          └──┘ │
└───────────────┘  └───────────────┘""",
    "tag-leased": """\
┌───────────────────┐ {leased}
│ ┌───────────────┐ │ {pocket}
│ │ ┌──┐          │ │ {leaves}
│ │ │))│ │││ ││ │ │ │ {with}
│ │ └──┘          │ │
└─┴───────────────┴─┘""",
    "stamp": """\
 {page:17} {edges}
┌─────────────┐   ┌▒▒▒▒▒▒▒▒▒┐ {top}
│  {title:11}│   │         ▒
│   ┌───────┐ │   │         ▒ {fore}
│   │{library:7}│ │   │         ▒ {edge}
└───┴───────┴─┘   └▒▒▒▒▒▒▒▒▒┘ {foot}""",
    "no-stamp": """\
 {no-stamp}
┌─────────────┐   ┌─────────┐
│  {title:11}│   │         │
│    ╲   ╱    │   │  {clean:7}│
│    ╱   ╲    │   │  {edges:7}│
└─────────────┘   └─────────┘""",
    "disc": """\
  ▄███████▄     ┌───────────────┐
 ██  {library:3}  ██    │ ┌──┐          │
██   ( )   ██   │ │))│  {part:8}│
 ██ {part:6}██    │ └──┘          │
  ▀███████▀     │ {label:7} │││││ │
 {print:14} └───────────────┘""",
    "tag-disc": """\
  ▄███████▄    {metal}
 ██┌─────┐██   {loose}
██ │ ( ) │ ██  {strip}
 ██└─))──┘██   {tried}
  ▀███████▀    {closed}""",
    "withdrawn": """\
 {stamp:11} {barcode:13} {label}
┌─────────┐ ┌───────────┐ ┌────┐
│ {library:7} │ │ │╱││╱│╱││ │ │╲QA╱│
│╲╱╲╱╲╱╲╱╲│ │╱│╱││╱││╱│ │ │ ╳╳ │
│{withdrawn:9}│ │ {struck:10}│ │╱76╲│
└─────────┘ └───────────┘ └────┘""",
    "own-marks": """\
 {leased}
┌────────────┐ ┌───────────────────┐
│ {vendor:10} │ │ {stamp:17} │
│ │││ ││ │││ │ │ {barcode:18}│
│ {label:10} │ │ {pocket:17} │
└────────────┘ └───────────────────┘""",
    "foreign": """\
 {another:19} {covered}
┌───────────────┐   ┌───────────────┐
│ {other:13} │   │▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒│
│ ││ │││ ││ │││ │ → │▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒│
│ )) {tag:10} │   │               │
└───────────────┘   └───────────────┘""",
    "plate": """\
┌───────────────┐
│ ┌───────────┐ │ {donor}
│ │ {gift:9} │ │ {as-in}
│ │ ......... │ │ {or}
└─┴───────────┴─┘""",
    "parts": """\
┌────────────────────┐
│ ││ │││ ││ │ │││ ││ │ {barcode}
│   31234000000016   │
├────────────────────┤
│ {parts:19}│ {inside}
└────────────────────┘""",
}
"""Drawings by name; at most `WIDEST` cells wide and `TALLEST` lines tall. `{name:7}` is a message
(`sketch.DRAWING.NAME`) in this many cells; without a number it may extend to the edge."""
_PLACE: Final = re.compile(r"\{([a-z-]+)(?::([0-9]+))?\}")


def sketch(name: str) -> tuple[str, ...]:
    """Return the drawing's lines; () for "" or an unknown name."""
    return _drawn(name, active())


@lru_cache(maxsize=64)
def _drawn(name: str, _language: Catalogue) -> tuple[str, ...]:
    """Return the lines, cached for each language: a checklist has several drawings, and is made for every item."""
    return tuple(_line(name, line) for line in SKETCHES.get(name, "").splitlines())


def _line(name: str, drawn: str) -> str:
    line = ""
    at = 0
    for place in _PLACE.finditer(drawn):
        line += drawn[at : place.start()]
        room = int(place[2]) if place[2] else WIDEST - cells(line)
        line += _fitted(tell(f"sketch.{name}.{place[1]}"), room, whole=bool(place[2]))
        at = place.end()
    return (line + drawn[at:]).rstrip()


def _fitted(text: str, room: int, *, whole: bool) -> str:
    """Return the text cut to the available cells, so that the drawing keeps its shape in every language; `whole` =
    padded with spaces."""
    text = cut(text, room, "")
    return filled(text, room) if whole else text
