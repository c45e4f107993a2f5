"""Check of 300 $a against the kind of thing in leader/06: a record of a book does not extend to an audio disc.

The terms are those of RDA 3.4 ("audio disc", "pages"), AACR2 ("sound disc", "p.") and of French, German and Spanish
records. What 006 or 007 or accompanying material (300 $e) says more is allowed, too.
"""

from __future__ import annotations

import re
from typing import Final

from station.base.sentence import Sentence
from station.catalog.findings import checks
from station.catalog.findings.facts import Check, Facts, Hit

_TERMS: Final = {
    "text": re.compile(r"\bpp?\.|\bpages?\b|\bleaves\b|\bpáginas\b|(?-i:\bS\.)|(?-i:\bf\.)", re.IGNORECASE),
    "score": re.compile(r"\bscores?\b|\bpart(?:itur|ition|itura)\b|\bvocal score|\bpiano", re.IGNORECASE),
    "sound": re.compile(
        r"\b(?:sound|audio)[ -]?(?:dis[ck]|cassette|tape|reel)|\bdisques? (?:son|comp)|\bcompact dis[ck]|\baudio",
        re.IGNORECASE,
    ),
    "video": re.compile(r"\bvideo|\bvidéo|\bDVD|\bfilm reel|\bBlu-ray|\bfilmstrip", re.IGNORECASE),
    "map": re.compile(r"\bmaps?\b|\batlas|\bglobe|\bcartes?\b|\bKarten?\b|\bmapas?\b", re.IGNORECASE),
    "computer": re.compile(r"\bcomputer|\bCD-?ROM|\belectronic|\bonline|\bdisques? optique", re.IGNORECASE),
}
_VOLUME: Final = re.compile(
    r"\bv\.|\bvol|\bBd|\bTeile?\b|\bt\.|\bissues?\b|\bno\.|\bpieces?|\bitems?|\bbox|\bsheets?|\bmicro", re.IGNORECASE
)
"""Terms of anything."""
_CONTRARY: Final = {
    "a": ("sound", "video"),
    "t": ("sound", "video"),
    "c": ("sound", "video"),
    "d": ("sound", "video"),
    "e": ("text", "sound", "video"),
    "f": ("text", "sound", "video"),
    "g": ("text", "score", "sound"),
    "i": ("text", "score", "video"),
    "j": ("text", "score", "video"),
    "m": ("text", "score"),
}
"""Kinds of extent that contradict leader/06 if the extent has no other kind."""
_SAME_CAUSE: Final = ("type_007", "type_media", "type_carrier", "type_content", "type_item")


def _extent_type(facts: Facts, _: tuple[str, ...]) -> Hit | None:
    contrary, row = _CONTRARY.get(facts.type_code, ()), facts.type_row
    text = "; ".join(facts.values("300", "a"))
    if not any(_TERMS[kind].search(text) for kind in contrary) or row is None or _VOLUME.search(text):
        return None
    kinds = {name for name, pattern in _TERMS.items() if pattern.search(text)}
    if not kinds <= set(contrary) or facts.fields("006") or len(facts.fixed) > 1:
        return None
    if any(checks.CHECKS[name](facts, ()) is not None for name in _SAME_CAUSE):
        return None
    return Hit(Sentence("record.what.extent", type=row.words, said=text), ("leader/06", "300 $a"))


CHECKS: Final[dict[str, Check]] = {"extent_type": _extent_type}
"""Checks by name."""
