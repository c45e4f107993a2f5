"""Words and symbols of the screens, and the filter that all screen text passes.

A state is never shown by color alone: `LIGHTS` gives each light its symbol, its word and its picture; `sounds.py` gives
its sound. Symbols are ASCII, box-drawing, geometric or Latin-1 characters that Fira Code and console fonts contain; no
emoji.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from enum import StrEnum
from typing import Final, TypeVar

import msgspec
from textual.content import Content

from station.base.sentence import Sentence
from station.base.text import clean
from station.base.words import knows, tell
from station.domain.findings import Outcome, Severity
from station.domain.snapshot import Light, Snapshot, Sound
from station.domain.verdict import Verdict

LONGEST: Final = 1000
"""Maximum characters of a text on a screen."""


Named = TypeVar("Named", bound=StrEnum)


class MemberWords(Mapping[Named, str]):
    """The catalog's words for each member of an enumeration, in the current language: key `PREFIX.MEMBER`."""

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
    """Symbol and words of one light."""

    light: Light
    symbol: str

    @property
    def word(self) -> str:
        """The word beside the symbol."""
        return tell(f"light.{self.light.value}.word")

    @property
    def meaning(self) -> str:
        """The explanation on the help screen."""
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

LIT: Final = (Light.BUSY, Light.GOOD, Light.WARNING, Light.BAD)
"""Lights that have a color of their own."""

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


def material_word(material: str) -> str:
    """Return the words for `ItemRecord.material`."""
    known = knows(f"item.material.{material}")  # not for people
    return tell(f"item.material.{material}") if known else material


def safe(text: str | Sentence) -> str:
    """Return text that a screen may show; a sentence is told in the language of the session.

    Text is cleaned where it enters the station. This is the second barrier: every text passes it on its way to a
    widget. Plain ASCII, which is nearly all text, passes unchanged.
    """
    text = tell(text) if isinstance(text, Sentence) else text
    if text.isascii() and text.isprintable() and len(text) <= LONGEST:
        return text
    return clean(text, LONGEST)


def say(text: str | Sentence, style: str = "") -> Content:
    """Return text as content, never interpreted as markup. `style` is a constant of the station, never data."""
    return Content.styled(safe(text), style)


def for_staff(code: str, detail: str = "") -> str:
    """Return the line below an operator's sentence: the error code of docs/errors.md, and the detail for engineers."""
    if not detail:
        return tell("page.for-staff", code=code)
    return tell("page.for-staff-detail", code=code, detail=detail)


def in_hand(snapshot: Snapshot) -> bool:
    """True if an item is in progress: it can be set aside, and leaving would interrupt it."""
    return snapshot.verdict is None and (snapshot.item is not None or bool(snapshot.tag_uid))


UNPLUGGED: Final = ("port-missing", "port-lost")
"""Error codes for a reader that is not plugged in, or was unplugged."""


def reader_word(snapshot: Snapshot, *, wide: bool) -> str:
    """Return why the reader is not available, in a word that is never cut. The full sentence is on the page, in
    `doctor` and on the status board."""
    code = snapshot.reader_code
    if not code:
        return tell(snapshot.reader)
    if code in UNPLUGGED:
        return tell("page.reader-unplugged") if wide else tell("page.reader-gone")
    if code == "reader-silent":
        return tell("page.reader-silent") if wide else tell("page.reader-mute")
    return tell("page.reader-busy") if code == "port-busy" else tell("page.reader-error")
