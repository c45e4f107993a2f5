"""Tables of the record findings, read from data/findings: code lists, indicators, articles, places."""

from __future__ import annotations

import functools
import tomllib
from importlib.resources import files
from typing import Final, NamedTuple


@functools.cache
def table(name: str) -> dict[str, object]:
    """Return the content of a table."""
    return tomllib.loads(files("station.catalog").joinpath("data", "findings", name).read_text(encoding="utf-8"))


@functools.cache
def codes(name: str) -> frozenset[str]:
    """Return the codes of the MARC code list `name`, discontinued ones included."""
    lists = table("codes.toml")
    return frozenset(f"{lists[name]} {lists[f'{name}_discontinued']}".split())


def related(one: str, other: str) -> bool:
    """Return True if two MARC codes may be of one language: equal, an old and its new code, or a family and a member."""
    one, other = _present(one), _present(other)
    return one == other or other in _members(one) or one in _members(other)


def _present(code: str) -> str:
    replaced = table("codes.toml")["languages_replaced"]
    assert isinstance(replaced, dict)
    return str(replaced.get(code, code))


@functools.cache
def _members(family: str) -> frozenset[str]:
    """Return the languages of a family, and those of its families; none for a language."""
    families = table("codes.toml")["language_families"]
    assert isinstance(families, dict)
    direct = str(families.get(family, "")).split()
    return frozenset(direct).union(*map(_members, direct))


@functools.cache
def indicators() -> dict[str, frozenset[str]]:
    """Return the pairs of indicators that each field may have; a space = blank."""
    pairs: dict[str, frozenset[str]] = {}
    for tags, values in table("indicators.toml").items():
        assert isinstance(values, list)
        first, second = (str(value).replace("#", " ") + _UNKNOWN for value in values)
        pairs |= dict.fromkeys(tags.split(), frozenset(left + right for left in first for right in second))
    return pairs


_UNKNOWN: Final = "|#"
"""The fill character: no attempt to code; and the sign for a blank in print."""


_LETTERS: Final = frozenset("abcdefghijklmnopqrstuvwxyz")


class Subfields(NamedTuple):
    """What MARC 21 defines of a field."""

    once: frozenset[str]
    """Codes of subfields that are not repeatable."""
    undefined: frozenset[str]
    """Codes of subfields that the field does not have; none if only the tag is checked. Codes that are no letters are local, or
    damaged characters."""
    single: bool
    """True if the field is not repeatable."""


@functools.cache
def subfields() -> dict[str, Subfields]:
    """Return the subfields by tag. A field of which only the tag is checked is not there."""
    data = table("subfields.toml")
    fields, single = data["fields"], str(data["single"]).split()
    assert isinstance(fields, dict)
    return {
        tag: Subfields(frozenset(once), _LETTERS.difference(once, many) if once or many else frozenset(), tag in single)
        for tags, (once, many) in fields.items()
        for tag in tags.split()
    }


@functools.cache
def other_tags() -> frozenset[str]:
    """Return the tags in use whose subfields are not checked."""
    return frozenset(str(table("subfields.toml")["known"]).split())


@functools.cache
def articles(name: str) -> dict[str, tuple[str, ...]]:
    """Return words by language, from the table `name` of the articles; under "all" if it has no languages."""
    chosen = table("articles.toml")[name]
    assert isinstance(chosen, dict)
    return {language: tuple(words.split() if isinstance(words, str) else words) for language, words in chosen.items()}


@functools.cache
def places() -> dict[str, frozenset[str]]:
    """Return codes of countries by name of a place, in lower case."""
    data = table("places.toml")
    named, same = data["places"], data["same"]
    assert isinstance(named, dict) and isinstance(same, dict)
    return {
        name: frozenset(code for one in said.split() for code in (one, *same.get(one, "").split()))
        for name, said in named.items()
    }
