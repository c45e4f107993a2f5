"""How the station speaks on its screens: one word and one symbol a light, and the one gate that text passes.

A state is never told by colour alone: `LIGHTS` gives each light its symbol, its word and its picture; `sounds.py` its
sound. Symbols are ASCII, box-drawing, geometric or Latin-1 characters that Fira Code and console fonts carry; no emoji.
"""

from __future__ import annotations

from typing import Final

import msgspec
from textual.content import Content

from station.model import Light, Outcome, Severity, Snapshot, Sound, Verdict
from station.text import clean

LONGEST: Final = 1000
"""No text on a screen is longer, in characters."""


class LightWords(msgspec.Struct, frozen=True):
    """How one light is shown."""

    symbol: str
    word: str
    meaning: str
    """For the help screen."""


LIGHTS: Final = {
    Light.NEUTRAL: LightWords("○", "READY", "The station waits for you."),
    Light.BUSY: LightWords("■", "WAIT", "The station works. Leave the item where it is."),
    Light.GOOD: LightWords("✓", "GOOD", "All is well. Go on."),
    Light.WARNING: LightWords("▲", "LOOK", "Something needs your eyes or your decision."),
    Light.BAD: LightWords("×", "STOP", "Something is wrong. Read the sentence."),
}

VERDICTS: Final = {Verdict.PASS: "PASS", Verdict.FAIL: "FAIL", Verdict.ABANDONED: "ASIDE"}

OUTCOMES: Final = {
    Outcome.PASS: ("✓", "pass"),
    Outcome.FAIL: ("×", "fail"),
    Outcome.NOT_APPLICABLE: ("○", "not applicable"),
    Outcome.ABSTAINED: ("?", "not known"),
    Outcome.NOT_SAMPLED: ("~", "sampled: not asked this time"),
}

SEVERITIES: Final = {
    Severity.CRITICAL: "critical",
    Severity.MAJOR: "major",
    Severity.MINOR: "minor",
    Severity.INFO: "note",
}

SOUNDS: Final = {
    Sound.ACCEPTED: "one short tick: the scan or the tag was taken",
    Sound.GOOD: "two notes, going up: good",
    Sound.WARNING: "two slow, equal notes: look at the screen",
    Sound.BAD: "four quick low notes: stop",
}


def safe(text: str) -> str:
    """Text as a screen may show it.

    The rule is that text is cleaned where it enters the station; this is the second line behind it, at the one place
    through which every text reaches a widget. Plain ASCII, which nearly all text is, passes untouched.
    """
    if text.isascii() and text.isprintable() and len(text) <= LONGEST:
        return text
    return clean(text, LONGEST)


def say(text: str, style: str = "") -> Content:
    """Text as content: never interpreted as markup. `style` is ours, never data."""
    return Content.styled(safe(text), style)


def in_hand(snapshot: Snapshot) -> bool:
    """True when an item is being worked on: it can be set aside, and leaving would interrupt it."""
    return snapshot.verdict is None and (snapshot.item is not None or bool(snapshot.tag_uid))
