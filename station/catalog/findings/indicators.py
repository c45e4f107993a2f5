"""Checks of indicators: the values that MARC 21 defines, and those of the title."""

from __future__ import annotations

import functools
import re
import unicodedata
from collections.abc import Iterator
from typing import Final

from pymarc import Field

from station.base.sentence import Sentence
from station.catalog.findings import tables
from station.catalog.findings.facts import Check, Facts, Hit


def _indicator_undefined(facts: Facts, _: tuple[str, ...]) -> Hit | None:
    defined = tables.indicators()
    wrong: dict[tuple[str, str], None] = {}
    for field in facts.record.fields:
        values = defined.get(field.tag)
        if values is None or (pair := "".join(field.indicators or (" ", " "))) in values:
            continue
        wrong[field.tag, _shown(pair)] = None
    if not wrong:
        return None
    names = [Sentence("record.what.indicators", tag=tag, values=values) for tag, values in wrong]
    return Hit(
        Sentence.joined(names, ", ") if len(names) > 1 else names[0], tuple(dict.fromkeys(tag for tag, _ in wrong))
    )


def _shown(indicators: str) -> str:
    return indicators.replace(" ", "#")


# --- the title ------------------------------------------------------------------------------------------------------


def _title_added_entry(facts: Facts, _: tuple[str, ...]) -> Hit | None:
    heading = next((tag for tag in _MAIN if facts.fields(tag)), "")
    for field in facts.fields("245"):
        indicator = field.indicator1
        if heading in _NAMES and indicator == "0" and _is_traced(facts, heading, field):
            return Hit(Sentence("record.what.heading", said=indicator, tag=heading), ("245", heading))
        if not heading and indicator == "1":
            return Hit(Sentence("record.what.no-heading", said=indicator), ("245",))
    return None


def _is_traced(facts: Facts, heading: str, title: Field) -> bool:
    """Return True if the title of a record with a name as main entry needs an added entry.

    RDA records: always. AACR2 (21.30J) left out titles that repeat the name or say only the kind of work, and some
    libraries left out all, so of these only records of the Library of Congress and the PCC are judged (040 $a, 042).
    """
    if facts.fields("240", "243"):
        return False
    if "rda" in facts.rules or facts.leader(18) == "i":
        return True
    name = next((value for field in facts.fields(heading) for value in field.get_subfields("a")), "")
    first = re.split(r"\W+", _plain(name).strip())[0].casefold()
    words = set(re.split(r"\W+", _plain(" ".join(title.get_subfields("a", "b"))).casefold()))
    made_by = (*facts.values("040", "a"), *facts.values("042", "a"))
    return (
        facts.leader(18) == "a"
        and any(code in _STRICT for code in made_by)
        and first not in words
        and len(words) > _GENERIC
    )


_MAIN: Final = ("100", "110", "111", "130")
_NAMES: Final = ("100", "110", "111")
"""With a uniform title as main entry (130) both values are in use."""
_STRICT: Final = frozenset({"DLC", "pcc", "lcac"})
_GENERIC: Final = 2
"""Most words of a title such as "Selected poems"."""


def _nonfiling_count(facts: Facts, _: tuple[str, ...]) -> Hit | None:
    language = facts.coded[35:38].casefold()
    for field, indicator in _counted(facts):
        if not indicator.isascii() or not indicator.isdigit():
            continue
        text = _plain(next(iter(field.get_subfields("a")), ""))
        if not text or _LOST in text or not _is_latin(text):
            continue
        count = int(indicator)
        if _is_wrong(text, count) or (field.tag == "245" and count == 0 and _needs_count(text, language)):
            return Hit(Sentence("record.what.nonfiling", count=count, text=text[:_SHOWN]), (field.tag,))
    return None


def _counted(facts: Facts) -> Iterator[tuple[Field, str]]:
    """Yield the fields that have a count of nonfiling characters, each with that indicator."""
    for field in facts.fields(*_COUNTED):
        yield field, field.indicator1 if field.tag in _FIRST else field.indicator2


_LOST: Final = "\ufffd"
"""A character that could not be read: another finding."""
_FIRST: Final = frozenset({"130", "630", "730", "740"})
_SECOND: Final = frozenset({"222", "240", "242", "243", "245", "440", "830"})
_COUNTED: Final = (*_FIRST, *_SECOND)
_SHOWN: Final = 30
_APOSTROPHES: Final = str.maketrans("’‘ʼʹ`´", "''''''")
_SORTING: Final = dict.fromkeys((0x88, 0x89, 0x98, 0x9C))


def _plain(text: str) -> str:
    """Return the text as it is counted: a letter with its accents is one character, and the marks around what does not
    sort are none."""
    if text.isascii():
        return text.translate(_APOSTROPHES)
    bare = unicodedata.normalize("NFD", text.translate(_SORTING))
    return "".join(char for char in bare if not unicodedata.combining(char)).translate(_APOSTROPHES)


def _is_latin(text: str) -> bool:
    first = next((char for char in text if char.isalpha()), " ")
    return first.isalpha() if first.isascii() else "LATIN" in unicodedata.name(first, "")  # not for people


def _is_wrong(text: str, count: int) -> bool:
    """Return True if the count does not end after an article, or after signs before the first word."""
    if count == 0:
        return False
    skipped, rest = text[:count], text[count:]
    if rest[:1].isspace() or not rest:
        return True
    word = skipped.casefold().strip().lstrip(_SIGNS)
    if not word.strip(_SIGNS):
        return False
    ends_open = skipped[-1].isspace() or skipped[-1] in _JOINS or not skipped[-1].isalnum()
    return not ends_open or _bare(word) not in _articles()


_SIGNS: Final = "\"'“”„«»‹›[]().…¿¡*-–—_#<>/&+"
_JOINS: Final = "'-"


def _bare(word: str) -> str:
    return word.rstrip('"“”„«»[(.…¿¡* ')


@functools.cache
def _articles() -> frozenset[str]:
    return frozenset(_plain(word) for word in tables.articles("allowed")["all"])


def _needs_count(text: str, language: str) -> bool:
    """Return True if the title begins with a word that is certainly an article in its language."""
    words = text.lstrip(_SIGNS).split(None, 2)
    if len(words) < 2:
        return False
    first, second = words[0].casefold(), words[1].strip(_SIGNS + ",:;")
    certain = tables.articles("certain").get(language, ())
    joined = next((word for word in certain if word.endswith("'") and first.startswith(word)), "")
    if first not in certain and not joined:
        return False
    after = first.removeprefix(joined) if joined else second.casefold()
    if not after or len(after) == 1 or f"{first} {after}" in tables.articles("names").get(language, ()):
        return False
    following = words[0][len(joined) :] if joined else words[1].lstrip(_SIGNS)
    return language not in _ROMANCE or not following[:1].isupper()


_ROMANCE: Final = frozenset({"fre", "spa", "ita", "por"})
"""Here a capital letter after the article may begin a name, which is filed under its article (Le Corbusier)."""

CHECKS: Final[dict[str, Check]] = {
    "indicator_undefined": _indicator_undefined,
    "title_added_entry": _title_added_entry,
    "nonfiling_count": _nonfiling_count,
}
"""Checks by name."""
