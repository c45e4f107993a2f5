"""Text drawings that illustrate checks: where barcode, tag, label and stamp belong. `base.words.drawing` fits the words.
A place that the settings name (`rules.stamp_place`, `tag_place`, `label_place`) has its own drawing, unless it is the
usual one.

Sources: docs/reference/quality-sources.md#published-practice (North Park: stamp on three edges and title page; DCCCD:
label on the spine, else front lower left; URI: label 1.25 inches above the foot; Broward: tag mid-height near the
spine, staggered, of a leased book on the pocket; IFLS: name on every disc),
docs/reference/quality-sources.md#tag-rules, rule 19 (a disc's metal silences a tag: P.V. Supa) and
docs/reference/quality-sources.md#withdrawal (withdrawn: stamped over, barcode defaced, label struck; lease return: own
marks off). No source shows where the tag goes on a disc, or what a gift plate looks like: these two drawings are the
station's own. A site with other practice changes question and sketch of its rules.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from station.base.cells import cells, filled

WIDEST: Final = 38
TALLEST: Final = 6
"""Limits in cells and lines, so that drawings fit beside the question on a screen of 80 x 24 and of 100 x 30."""

_GAP: Final = 2
"""Cells between two small drawings."""

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
    "spine-front-lower-left": """\
┌────┬────────────┐ {cover}
│    │            │
│    │            │ {straight}
│    │┌────┐      │ {protected}
│    ││ QA │      │ {hides-nothing}
└────┴┴────┴──────┘ {corner}""",
    "tag-inside-front-cover": """\
 {cover:20} {next}
┌───────────────┐  ┌───────────────┐
│           ┌──┐│  │ ┌──┐          │
│{near:11}│))││  │ │))│{staggered:10}│
│{not-metal:11}└──┘│  │ └──┘          │
└───────────────┘  └───────────────┘""",
    "tag-pocket": """\
┌───────────────────┐ {cover}
│ ┌───────────────┐ │
│ │ ┌──┐          │ │ {pocket}
│ │ │))│          │ │ {not-metal}
│ │ └──┘          │ │
└─┴───────────────┴─┘""",
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
    "stamp-title-page": """\
 {page}
┌───────────────┐
│    {title:9}  │
│   ┌───────┐   │
│   │{library:7}│   │
└───┴───────┴───┘""",
    "stamp-edges": """\
 {edges}
┌▒▒▒▒▒▒▒▒▒┐ {top}
│         ▒
│         ▒ {fore}
│         ▒ {edge}
└▒▒▒▒▒▒▒▒▒┘ {foot}""",
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

SMALL: Final[dict[str, str]] = {
    "spine": """\
┌──┬─────────┐
│  │         │
│QA│         │
│76│         │
└──┴─────────┘""",
    "spine-front-lower-left": """\
┌──┬─────────┐
│  │         │
│  │QA       │
│  │76       │
└──┴─────────┘""",
    "tag": """\
┌──────┬──────┐
│ ──── │      │
│ ──── │[))]  │
│ ──── │      │
└──────┴──────┘""",
    "tag-inside-front-cover": """\
┌──────┬──────┐
│      │ ──── │
│  [))]│ ──── │
│      │ ──── │
└──────┴──────┘""",
    "tag-pocket": """\
┌──────┬──────┐
│ ──── │┌────┐│
│ ──── ││[))]││
│ ──── ││    ││
└──────┴┴────┴┘""",
    "tag-leased": """\
┌─────────────┐
│┌───────────┐│
││ [))] ││││ ││
││           ││
└┴───────────┴┘""",
    "tag-disc": """\
 ▄█████████▄
██┌───────┐██
██│))( )  │██
██└───────┘██
 ▀█████████▀""",
    "stamp": """\
┌──────┐┌▒▒▒▒▒┐
│ ──── ││     ▒
│ ▒▒▒▒ ││     ▒
│      ││     ▒
└──────┘└▒▒▒▒▒┘""",
    "stamp-title-page": """\
┌──────┬──────┐
│      │ ──── │
│      │ ▒▒▒▒ │
│      │      │
└──────┴──────┘""",
    "stamp-edges": """\
┌▒▒▒▒▒▒▒▒┐
│        ▒
│        ▒
│        ▒
└▒▒▒▒▒▒▒▒┘""",
    "no-stamp": """\
┌──────┐┌─────┐
│ ──── ││     │
│  ╳╳  ││     │
│      ││     │
└──────┘└─────┘""",
    "disc": """\
 ▄█████████▄
██         ██
██▒▒ ( ) ││██
██         ██
 ▀█████████▀""",
    "withdrawn": """\
┌──────┐┌─────┐
│ ──── ││││││││
│╲▒▒▒▒╱││╱│╱│││
│      ││││││││
└──────┘└─────┘""",
    "own-marks": """\
┌──────┐┌─────┐
│ ──── ││     │
│ ││││ ││ ╲▒╱ │
│      ││     │
└──────┘└─────┘""",
    "foreign": """\
┌─────┐ ┌─────┐
│ ─── │ │▒▒▒▒▒│
│ ))│ │→│▒▒▒▒▒│
│     │ │▒▒▒▒▒│
└─────┘ └─────┘""",
    "plate": """\
┌────────────┐
│┌──────────┐│
││ ──── ─── ││
││          ││
└┴──────────┴┘""",
    "parts": """\
┌─────────────┐
│ ││││ ││ │││ │
│ 1 ── 2 ──── │
│             │
└─────────────┘""",
}
"""The same drawings without words, five lines tall, for a page of several checks, whose words say the rest. Every second
line of one is a drawing too, three lines tall."""


def small(names: Sequence[str], *, tall: bool) -> tuple[str, ...]:
    """Return small drawings side by side, in five lines if they may be tall; unknown names draw nothing."""
    drawn = [lines if tall else lines[::2] for name in names if (lines := SMALL.get(name, "").splitlines())]
    widths = [max(map(cells, lines)) for lines in drawn]
    return tuple((" " * _GAP).join(map(filled, row, widths)) for row in zip(*drawn, strict=True))
