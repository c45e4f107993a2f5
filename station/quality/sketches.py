"""Text drawings for those who would rather look: where barcode, tag, label and stamp belong.

Sources: processing-and-quality.md 4.1 (North Park: stamp on three edges and title page; DCCCD: label on the spine, else front
lower left; URI: label 1.25 inches above the foot; Broward: tag mid-height near the spine, staggered, of a leased book on the
pocket; IFLS: name on every disc). A site that does it otherwise changes question and sketch of its rules.
"""

from __future__ import annotations

from typing import Final

WIDEST: Final = 38
TALLEST: Final = 6
"""So that they stand beside the question on a screen of 80 x 24 and of 100 x 30."""

SKETCHES: Final[dict[str, str]] = {
    "spine": """\
┌────┬────────────┐ spine and cover
│    │            │
│ QA │            │ straight,
│ 76 │            │ protected,
│  ▲ │            │ hides nothing
└────┴────────────┘ 3 cm up""",
    "tag": """\
 inside back cover    the next book
┌───────────────┐  ┌───────────────┐
│┌──┐           │  │          ┌──┐ │
││))│near spine │  │staggered │))│ │
│└──┘not metal  │  │          └──┘ │
└───────────────┘  └───────────────┘""",
    "tag-leased": """\
┌───────────────────┐ leased:
│ ┌───────────────┐ │ on the pocket,
│ │ ┌──┐          │ │ which leaves
│ │ │))│ │││ ││ │ │ │ with the lease
│ │ └──┘          │ │
└─┴───────────────┴─┘""",
    "stamp": """\
 title page        three edges
┌─────────────┐   ┌▒▒▒▒▒▒▒▒▒┐ top
│  TITLE      │   │         ▒
│   ┌───────┐ │   │         ▒ fore
│   │LIBRARY│ │   │         ▒ edge
└───┴───────┴─┘   └▒▒▒▒▒▒▒▒▒┘ foot""",
    "no-stamp": """\
 leased, or to be bound: no stamp
┌─────────────┐   ┌─────────┐
│  TITLE      │   │         │
│    ╲   ╱    │   │  clean  │
│    ╱   ╲    │   │  edges  │
└─────────────┘   └─────────┘""",
    "disc": """\
  ▄███████▄     ┌───────────────┐
 ██  LIB  ██    │ ┌──┐          │
██   ( )   ██   │ │))│  1 of 2  │
 ██ 1 of 2██    │ └──┘          │
  ▀███████▀     │ label   │││││ │
 name, number   └───────────────┘""",
    "parts": """\
┌────────────────────┐
│ ││ │││ ││ │ │││ ││ │ barcode
│   31234000000016   │
├────────────────────┤
│ 2 discs, 1 booklet │ what is inside
└────────────────────┘""",
}
"""Drawings by name; at most `WIDEST` cells wide and `TALLEST` lines tall."""


def sketch(name: str) -> tuple[str, ...]:
    """The drawing's lines; () for "" or a name that does not exist."""
    return tuple(SKETCHES.get(name, "").splitlines())
