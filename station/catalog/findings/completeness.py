"""Checks of what a full record may not lack: subjects, publication, the added entry of a series, the source of a subject.

Subjects are expected of texts and maps that are about something: of no music, fiction, general periodical or manuscript
(Library of Congress, Subject Headings Manual H 180), and of no record below full level. The
record of a volume of works bound together lacks nothing.
"""

from __future__ import annotations

import re
from typing import Final

from station.base.sentence import Sentence
from station.catalog.callnumber import parse
from station.catalog.findings.facts import Check, Facts, Hit
from station.catalog.marc.marc import HOLDINGS


def _subject_missing(facts: Facts, _: tuple[str, ...]) -> Hit | None:
    if facts.is_partial or facts.is_host or facts.type_code not in _ABOUT or facts.leader(7) != "m":
        return None
    if any(tag.startswith("6") for tag in facts.record.by_tag) or not facts.fields("245"):
        return None
    return None if _is_literature(facts) else Hit("", ("6XX",))


_ABOUT: Final = frozenset("ae")
_FACTUAL: Final = frozenset("0 |")
"""008/33 of a text that is no fiction, or that is not coded (MARC 21, 008 books; blank is obsolete for non-fiction)."""
_LITERATURE: Final = re.compile(
    r"(?:P[A-Z]|M[LT]?|A[CEGIMNPSYZ]|BS)\s*\d|8\d\d(?!\d)|FIC(?:TION)?\b|F\b|E\b|J\b|B\b|POETRY\b|DRAMA\b|PLAYS?\b",
    re.IGNORECASE,
)
"""Classes of literature, music, general works and the Bible, in LC and Dewey, and local words for fiction and children's
books."""
_NAMED: Final = re.compile(
    r"\b(?:poems?|po[èe]mes?|poemas?|Gedichte|poetical works|short stories|novel (?:in|of|about|by)\b)"
    r"|\b(?:novels?|novellas?|plays?|stories|tales|fiction|poetry|verses?|drama|comedy|tragedy|farce"
    r"|(?-i:romans?)|récits?|nouvelles|contes|po[ée]sies?|théâtre|comédie|tragédie"
    r"|(?-i:Romane?)|Erzählung(?:en)?|Novellen?|Schauspiel|Lustspiel|Trauerspiel|Lyrik"
    r"|novelas?|poes[ií]as?|cuentos|teatro|comedia|romanzo|racconti|poesie|commedia|romance|contos)\s*(?:[/:;=.,\]]|\Z)",
    re.IGNORECASE,
)
"""Words by which title (245) and note (500) say that a text is literature; most of them only at the end, where they say
what it is."""


def _is_literature(facts: Facts) -> bool:
    if facts.type_code == "a" and facts.coded and facts.coded[33] not in _FACTUAL:
        return True
    numbers = [value for tag in ("050", "090", "055", "082", "092", "099") for value in facts.values(tag, "a")]
    if facts.item is not None:
        numbers.append(facts.item.call_number)
    if any(_LITERATURE.match(_without_collection(number, facts)) for number in numbers):
        return True
    named = (*facts.values("245", "a"), *facts.values("245", "b"), *facts.values("245", "c"), *facts.values("500", "a"))
    return any(_NAMED.search(text) for text in named)


def _without_collection(number: str, facts: Facts) -> str:
    """Return the number from its class on; without a class as it is."""
    parsed = parse(number, None, facts.numbers)
    return number[len(" ".join(parsed.prefix)) :].lstrip() if parsed.prefix else number.lstrip("[(")


HOLDINGS_ONLY: Final = "holdings-only"
"""Code of the finding about a holdings record without its title."""


def _holdings_only(facts: Facts, _: tuple[str, ...]) -> Hit | None:
    if facts.type_code not in HOLDINGS or facts.fields("245"):
        return None
    link = next((field.data or "" for field in facts.fields("004")), "")
    return Hit(f"004 {link}".rstrip(), ("004", "245"))


def _publication_missing(facts: Facts, _: tuple[str, ...]) -> Hit | None:
    if facts.is_partial or facts.is_host or facts.type_code not in _PUBLISHED or facts.leader(7) not in _WHOLE:
        return None
    if any(facts.values(tag, code) for tag in ("264", "260") for code in "abc"):
        return None
    return Hit("", ("264", "260"))


_PUBLISHED: Final = frozenset("acegijmo")
_WHOLE: Final = frozenset("ims")


def _series_not_traced(facts: Facts, _: tuple[str, ...]) -> Hit | None:
    for field in facts.fields("490"):
        if field.indicator1 == "1" and not facts.fields("800", "810", "811", "830", "840"):
            return Hit(" ".join(field.get_subfields("a")), ("490", "8XX"))
    return None


def _series_number(facts: Facts, _: tuple[str, ...]) -> Hit | None:
    """Only where one series has one added entry, and each has one number."""
    traced = [field for field in facts.fields("490") if field.indicator1 == "1"]
    entries = facts.fields("800", "810", "811", "830")
    if len(traced) != 1 or len(entries) != 1:
        return None
    said, entered = (" ".join(field.get_subfields("v")) for field in (traced[0], entries[0]))
    numbers, others = _NUMBER.findall(said), _NUMBER.findall(entered)
    if len(numbers) != 1 or len(others) != 1 or int(numbers[0]) == int(others[0]):
        return None
    return Hit(Sentence("record.what.series-number", said=said, entered=entered), ("490 $v", f"{entries[0].tag} $v"))


_NUMBER: Final = re.compile(r"\d+", re.ASCII)


def _subject_source_missing(facts: Facts, _: tuple[str, ...]) -> Hit | None:
    for field in facts.fields(*_OF_LISTS):
        if field.indicator2 == "7" and not any(field.get_subfields("2")):
            heading = " ".join(field.get_subfields("a"))
            return Hit(Sentence("record.what.in-field", tag=field.tag, said=heading), (f"{field.tag} $2",))
    return None


_OF_LISTS: Final = ("600", "610", "611", "630", "647", "648", "650", "651", "654", "655", "656", "657")

CHECKS: Final[dict[str, Check]] = {
    "holdings_only": _holdings_only,
    "subject_missing": _subject_missing,
    "publication_missing": _publication_missing,
    "series_not_traced": _series_not_traced,
    "series_number": _series_number,
    "subject_source_missing": _subject_source_missing,
}
"""Checks by name."""
