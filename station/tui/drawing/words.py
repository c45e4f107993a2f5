"""How the station speaks on its screens: one word and one symbol a light, and the one gate that text passes.

A state is never told by colour alone: `LIGHTS` gives each light its symbol, its word and its picture; `sounds.py` its
sound. Symbols are ASCII, box-drawing, geometric or Latin-1 characters that Fira Code and console fonts carry; no emoji.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from enum import StrEnum
from typing import Final, TypeVar

import msgspec
from textual.content import Content

from station.base.text import clean
from station.base.words import tell
from station.domain.snapshot import Light, Outcome, Severity, Snapshot, Sound, Verdict

LONGEST: Final = 1000
"""No text on a screen is longer, in characters."""


Named = TypeVar("Named", bound=StrEnum)


class MemberWords(Mapping[Named, str]):
    """The catalogue's words for each member of an enumeration, in the language that is told now: key `PREFIX.MEMBER`."""

    def __init__(self, prefix: str, members: Iterable[Named]) -> None:
        self._prefix = prefix
        self._members = tuple(members)

    def __getitem__(self, member: Named) -> str:
        return tell(f"{self._prefix}.{member.value}")

    def __iter__(self) -> Iterator[Named]:
        return iter(self._members)

    def __len__(self) -> int:
        return len(self._members)


class LightWords(msgspec.Struct, frozen=True):
    """How one light is shown."""

    light: Light
    symbol: str

    @property
    def word(self) -> str:
        """Beside the symbol."""
        return tell(f"light.{self.light.value}.word")

    @property
    def meaning(self) -> str:
        """For the help screen."""
        return tell(f"light.{self.light.value}.meaning")


LIGHTS: Final = {
    light: LightWords(light, symbol)
    for light, symbol in (
        (Light.NEUTRAL, "○"),
        (Light.BUSY, "■"),
        (Light.GOOD, "✓"),
        (Light.WARNING, "▲"),
        (Light.BAD, "×"),
    )
}

VERDICTS: Final = MemberWords("word.verdict", Verdict)
OUTCOMES: Final = MemberWords("word.outcome", Outcome)
OUTCOME_SYMBOLS: Final = {
    Outcome.PASS: "✓",
    Outcome.FAIL: "×",
    Outcome.NOT_APPLICABLE: "○",
    Outcome.ABSTAINED: "?",
    Outcome.NOT_SAMPLED: "~",
}
SEVERITIES: Final = MemberWords("word.severity", Severity)
SOUNDS: Final = MemberWords("sound", (sound for sound in Sound if sound is not Sound.NONE))


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


def for_staff(code: str, detail: str = "") -> str:
    """The line below an operator's sentence: what it is called in docs/errors.md, and what an engineer reads."""
    if not detail:
        return tell("page.for-staff", code=code)
    return tell("page.for-staff-detail", code=code, detail=detail)


def in_hand(snapshot: Snapshot) -> bool:
    """True when an item is being worked on: it can be set aside, and leaving would interrupt it."""
    return snapshot.verdict is None and (snapshot.item is not None or bool(snapshot.tag_uid))


UNPLUGGED: Final = ("port-missing", "port-lost")
"""Codes of errors that mean: the plug is out, or was never in."""


def reader_word(snapshot: Snapshot, *, wide: bool) -> str:
    """Why the reader is away, in a word that is never cut; the sentence stands on the page, in doctor and on the board."""
    code = snapshot.reader_code
    if not code:
        return snapshot.reader
    if code in UNPLUGGED:
        return tell("page.reader-unplugged") if wide else tell("page.reader-gone")
    if code == "reader-silent":
        return tell("page.reader-silent") if wide else tell("page.reader-mute")
    return tell("page.reader-busy") if code == "port-busy" else tell("page.reader-error")
