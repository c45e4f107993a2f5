"""Selection of an item's call number and its scheme: the item's own, then its holdings', then hints from the record.

Sources: MARC 21 Holdings 852 (first indicator, $2), MARC 21 Bibliographic 050, 060, 082, 084 and 086, OCLC
Bibliographic Formats 090, 092, 096 and 099; rules 21 and 22 of docs/reference/quality-sources.md#label-rules (a class
number of the record is a hint only; a local 090 or 092 wins over 050 and 082).

Choices where no source decides: a hint that does not follow the scheme of its field comes after those that do (LC puts
publishers' numbers of recordings into 050); a 099 that is only a collection mark ("J") comes last; an 852 without a
scheme is read by any scheme that it follows.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from itertools import chain
from typing import Final

from pymarc import Field, Record

from station.base.sentence import Sentence
from station.base.text import clean
from station.catalog.callnumber import GUESSES, STANDARD, Options, Scheme, parse
from station.catalog.record.profiles import SCHEME_OF_SOURCE, Item, number_of_852, scheme_of_852


class Level(StrEnum):
    """Source of a call number, in order of precedence."""

    ITEM = "item"
    HOLDINGS = "holdings"
    HINT = "hint"


@dataclass(frozen=True, slots=True)
class Candidate:
    """One candidate for the item's call number."""

    number: str
    """As entered, cleaned; never normalized."""
    scheme: Scheme
    source: str
    """Field and subfields, for display: "item field 949 $a", "holdings 852 $k$h$i$m", "050 (hint)"."""
    reason: Sentence
    """Why it has its rank and how its scheme was found, in plain sentences."""
    level: Level


_INDICATOR_WORDS: Final = {
    "4": "callnumber.shelved.4",
    "5": "callnumber.shelved.5",
    "6": "callnumber.shelved.6",
    "8": "callnumber.shelved.8",
}
"""Message keys for the first indicators of 852 that describe the shelving instead of a scheme."""
_SHORTEST_NUMBER: Final = 4
"""Minimum length of a 099 without digits; a shorter one is a collection mark."""

_HINTS: Final = (
    ("090", Scheme.LC),
    ("050", Scheme.LC),
    ("092", Scheme.DEWEY),
    ("082", Scheme.DEWEY),
    ("096", Scheme.NLM),
    ("060", Scheme.NLM),
    ("086", Scheme.SUDOC),
    ("099", Scheme.LOCAL),
    ("084", Scheme.LOCAL),
)
"""Fields of the bibliographic record and their scheme, the library's own before the national ones."""
HINT_TAGS: Final = frozenset(tag for tag, _ in _HINTS)
_ASSIGNED: Final = {
    ("050", "0"): "lc",
    ("060", "0"): "nlm",
    ("082", "0"): "lc",
    ("050", "4"): "other",
    ("060", "4"): "other",
    ("082", "4"): "other",
}
"""Assigning agency, as the end of a message key: (field, second indicator)."""
_OWN: Final = frozenset(("090", "092", "096", "099"))
"""Fields with the library's own numbers."""


def candidates(
    record: Record,
    item: Item | None = None,
    preferred: Scheme | str = Scheme.LC,
    options: Options = STANDARD,
) -> tuple[Candidate, ...]:
    """Return all candidates for the item's call number, the one to use first; empty if there is no candidate.

    `preferred` is the scheme of the library. It orders the hints, and is the scheme of an item whose field gives none
    and whose number follows it.
    """
    wanted = Scheme(preferred)
    ordered = [
        *_of_item(item, wanted, options),
        *_of_holdings(record, item, wanted, options),
        *_of_record(record, wanted, options),
    ]
    return tuple(dict.fromkeys(ordered))


def first_candidate(
    record: Record | None,
    item: Item | None = None,
    preferred: Scheme | str = Scheme.LC,
    options: Options = STANDARD,
) -> Candidate | None:
    """Return the first of `candidates`, examining no more fields than necessary. `record`: None = not available, only
    the item is used."""
    wanted = Scheme(preferred)
    own = next(_of_item(item, wanted, options), None)
    if own is not None or record is None:
        return own
    return next(chain(_of_holdings(record, item, wanted, options), _of_record(record, wanted, options)), None)


def class_numbers(record: Record, options: Options = STANDARD) -> tuple[tuple[str, str, str], ...]:
    """Return (field, scheme, number) of the record's own numbers: the hints that follow a scheme or are a library's own,
    and the LC numbers of Library and Archives Canada (055, second indicator 0 to 5), which are no hint."""
    hints = [
        (candidate.source.split(" ")[0], candidate.scheme.value, candidate.number)
        for candidate in _of_record(record, Scheme.LC, options)
    ]
    canadian = [
        ("055", Scheme.LC.value, number)
        for field in record.get_fields("055")
        if (number := _hint_number(field)) and tuple(field.indicators or ())[1:2] <= ("5",)
    ]
    return (*(hint for hint in hints if hint[1] != Scheme.LOCAL or hint[0] == "099"), *canadian)


def scheme_of(number: str, preferred: Scheme = Scheme.LC, options: Options = STANDARD) -> Scheme:
    """Return the scheme of a number without one: the preferred scheme if the number follows it, else any that fits,
    else local."""
    if preferred not in GUESSES:
        return preferred
    return parse(number, options=_guessing(options, preferred)).scheme


@lru_cache(maxsize=16)
def _guessing(options: Options, preferred: Scheme) -> Options:
    """Return the options by which the preferred scheme is tried first."""
    order = (preferred, *(other for other in GUESSES if other is not preferred))
    return dataclasses.replace(options, guesses=order)


def _of_item(item: Item | None, preferred: Scheme, options: Options) -> Iterator[Candidate]:
    if item is None or not item.call_number:
        return
    if item.scheme:
        scheme, how = Scheme(item.scheme), Sentence("callnumber.how.said", scheme=item.scheme)
    else:
        scheme = scheme_of(item.call_number, preferred, options)
        how = Sentence("callnumber.how.not-said", scheme=scheme.value)
    reason = Sentence("callnumber.own", how=how)
    yield Candidate(item.call_number, scheme, item.call_number_source, reason, Level.ITEM)


def _of_holdings(record: Record, item: Item | None, preferred: Scheme, options: Options) -> Iterator[Candidate]:
    """Yield candidates from 852 fields with a number: first those with the item's location, then those with its
    library, then the others in order."""
    fields = sorted(record.get_fields("852"), key=lambda field: -_nearness(field, item))
    for field in fields:
        first = field.indicators[0] if field.indicators else " "
        number, codes = number_of_852(field)
        if number:
            scheme, how = _scheme_852(field, first, number, preferred, options)
            near = _nearness(field, item)
            reason = Sentence("callnumber.held-near" if near else "callnumber.held", how=how)
            yield Candidate(number, scheme, f"holdings 852 {codes}", reason, Level.HOLDINGS)  # not for people


def _scheme_852(field: Field, first: str, number: str, preferred: Scheme, options: Options) -> tuple[Scheme, Sentence]:
    if first == "7":
        code = _joined(field, "2").casefold()
        return Scheme(scheme_of_852(field)), Sentence(
            "callnumber.how.subfield-2", scheme=clean(code) or Sentence("callnumber.nothing")
        )
    known = scheme_of_852(field)
    if known:
        words = Sentence(_INDICATOR_WORDS.get(first, "callnumber.shelved.scheme"), scheme=known)
        return Scheme(known), Sentence("callnumber.how.indicator", indicator=first, said=words)
    scheme = scheme_of(number, preferred, options)
    return scheme, Sentence("callnumber.how.852-not-said", scheme=scheme.value)


def _nearness(field: Field, item: Item | None) -> int:
    if item is None:
        return 0
    location = bool(item.location) and item.location in _values(field, "c")
    library = bool(item.library) and item.library in _values(field, "b")
    return 2 * location + library


def _of_record(record: Record, preferred: Scheme, options: Options) -> Iterator[Candidate]:
    ranked: list[tuple[tuple[bool, bool, bool, int], Candidate]] = []
    for place, (tag, usual) in enumerate(_HINTS):
        for field in record.get_fields(tag):
            number = _hint_number(field)
            if not number:
                continue
            scheme = _hint_scheme(field, usual, preferred, number, options)
            mark = _is_mark(tag, number)
            follows = scheme is Scheme.LOCAL or parse(number, scheme, options).scheme is scheme
            reason = _hint_reason(field, scheme, follows, mark)
            source = f"{tag} (hint)"  # not for people
            candidate = Candidate(number, scheme if follows else Scheme.LOCAL, source, reason, Level.HINT)
            ranked.append(((mark, not follows, scheme is not preferred, place), candidate))
    yield from (candidate for _, candidate in sorted(ranked, key=lambda pair: pair[0]))


def _hint_number(field: Field) -> str:
    """Return the first $a with its $b; for a 099 all $a, which are the lines of one number (OCLC)."""
    if field.tag == "099":
        return _join(field.get_subfields("a"))
    return _join([*field.get_subfields("a")[:1], *(field.get_subfields("b") if field.tag != "086" else ())])


def _hint_scheme(field: Field, usual: Scheme, preferred: Scheme, number: str, options: Options) -> Scheme:
    first = field.indicators[0] if field.indicators else " "
    if field.tag == "086":
        if first == "0":
            return Scheme.SUDOC
        return _scheme_of_source(field) if first == " " else Scheme.LOCAL
    if field.tag == "084":
        return _scheme_of_source(field)
    if field.tag == "099" and scheme_of(number, preferred, options) is preferred:
        return preferred
    return usual


def _scheme_of_source(field: Field) -> Scheme:
    """Return the scheme from $2."""
    return Scheme(SCHEME_OF_SOURCE.get(_joined(field, "2").casefold(), Scheme.LOCAL))


def _hint_reason(field: Field, scheme: Scheme, follows: bool, mark: bool) -> Sentence:
    second = field.indicators[1] if field.indicators else " "
    whose = "own" if field.tag in _OWN else _ASSIGNED.get((field.tag, second), "plain")
    reason = Sentence(f"callnumber.hint.{whose}")
    if mark:
        return Sentence.joined((reason, Sentence("callnumber.but.mark")), " ")
    if not follows:
        return Sentence.joined((reason, Sentence("callnumber.but.other-scheme", scheme=scheme.value)), " ")
    if scheme is Scheme.DEWEY and not field.get_subfields("b") and field.tag == "082":
        return Sentence.joined((reason, Sentence("callnumber.but.class-only")), " ")
    return reason


def _is_mark(tag: str, number: str) -> bool:
    return tag == "099" and len(number) < _SHORTEST_NUMBER and not any(char.isdigit() for char in number)


def _values(field: Field, code: str) -> list[str]:
    return [clean(value) for value in field.get_subfields(code)]


def _joined(field: Field, codes: str) -> str:
    """Return the first $k, all $h and so on, in the order of `codes`."""
    return _join(value for code in codes for value in field.get_subfields(code))


def _join(values: Iterable[str]) -> str:
    return clean(" ".join(value for value in values if value))
