"""Which call number an item has, and of which scheme: the item's own, then its holdings', then hints of the record.

Sources: MARC 21 Holdings 852 (first indicator, $2), MARC 21 Bibliographic 050, 060, 082, 084 and 086, OCLC Bibliographic
Formats 090, 092, 096 and 099; rules 21 and 22 of the rule catalogue in processing-and-quality.md (a class number of the
record is a hint only; a local 090 or 092 wins over 050 and 082).

Choices where no source decides: a hint that does not follow the scheme of its field comes behind those that do (LC puts
publishers' numbers of recordings into 050); a 099 that is only a collection mark ("J") comes last; an 852 that does not say
its scheme is read as whatever it follows.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from pymarc import Field, Record

from station.catalog.callnumber import GUESSES, Options, Scheme, parse
from station.catalog.profiles import SCHEME_OF_SOURCE, Item, scheme_of_852
from station.text import clean


class Level(StrEnum):
    """Whose call number it is; in the order in which they count."""

    ITEM = "item"
    HOLDINGS = "holdings"
    HINT = "hint"


@dataclass(frozen=True, slots=True)
class Candidate:
    """One call number that the item may have."""

    number: str
    """As entered, cleaned; never normalised."""
    scheme: Scheme
    source: str
    """Field and subfields, for people: "item field 949 $a", "holdings 852 $k$h$i$m", "050 (hint)"."""
    reason: str
    """Why it stands where it stands and how its scheme was found, in plain sentences."""
    level: Level


_INDICATOR_WORDS: Final = {
    "4": "shelved by its control number ($j)",
    "5": "shelved by title ($l)",
    "6": "shelved separately",
    "8": "shelved by another scheme",
}
_CALL_NUMBER: Final = "khim"
_SHORTEST_NUMBER: Final = 4
"""A 099 without digits that is shorter is a collection mark."""

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
"""Fields of the bibliographic record and their scheme, the library's own before the national one."""
_ASSIGNED: Final = {
    ("050", "0"): ", assigned by the Library of Congress",
    ("060", "0"): ", assigned by the National Library of Medicine",
    ("082", "0"): ", assigned by the Library of Congress",
    ("050", "4"): ", assigned by another library",
    ("060", "4"): ", assigned by another library",
    ("082", "4"): ", assigned by another library",
}
"""(field, second indicator)."""


def candidates(record: Record, item: Item | None = None, preferred: Scheme | str = Scheme.LC) -> tuple[Candidate, ...]:
    """All call numbers that speak for the item, the one that counts first; empty if there is none.

    `preferred` is the scheme of the library: it orders the hints, and is the scheme of an item whose field does not say one
    and whose number follows it.
    """
    wanted = Scheme(preferred)
    found = [*_of_item(item, wanted), *_of_holdings(record, item, wanted), *_of_record(record, wanted)]
    return tuple(dict.fromkeys(found))


_GUESSING: Final = {
    scheme: Options(guesses=(scheme, *(other for other in GUESSES if other is not scheme))) for scheme in GUESSES
}


def scheme_of(number: str, preferred: Scheme = Scheme.LC) -> Scheme:
    """The scheme that a number without one follows: the preferred one if it does, else any that fits, else local."""
    return parse(number, options=_GUESSING[preferred]).scheme if preferred in _GUESSING else preferred


def _of_item(item: Item | None, preferred: Scheme) -> Iterator[Candidate]:
    if item is None or not item.call_number:
        return
    if item.scheme:
        scheme, how = Scheme(item.scheme), f"its field says the scheme ({item.scheme})"
    else:
        scheme = scheme_of(item.call_number, preferred)
        how = f"its field does not say the scheme; it reads as {scheme.value}"
    reason = f"The item's own call number counts before all others; {how}."
    yield Candidate(item.call_number, scheme, item.call_number_source, reason, Level.ITEM)


def _of_holdings(record: Record, item: Item | None, preferred: Scheme) -> Iterator[Candidate]:
    """852 with a number; those with the item's location first, then those with its library, then the others in order."""
    fields = sorted(record.get_fields("852"), key=lambda field: -_nearness(field, item))
    for field in fields:
        first = field.indicators[0] if field.indicators else " "
        number, codes = _number_852(field, first)
        if number:
            scheme, how = _scheme_852(field, first, number, preferred)
            near = "of the item's location" if _nearness(field, item) else "of the record"
            reason = f"The holdings {near}, for an item without a call number of its own; {how}."
            yield Candidate(number, scheme, f"holdings 852 {codes}", reason, Level.HOLDINGS)


def _number_852(field: Field, first: str) -> tuple[str, str]:
    """(number, subfields): $k$h$i$m; by the first indicator $j or $l instead, where those are filled."""
    other = {"4": "j", "5": "l"}.get(first)
    if other:
        number = _joined(field, f"k{other}m")
        if _joined(field, other):
            return number, f"$k${other}$m"
    if not _joined(field, "hi"):
        return "", ""
    return _joined(field, _CALL_NUMBER), "$k$h$i$m"


def _scheme_852(field: Field, first: str, number: str, preferred: Scheme) -> tuple[Scheme, str]:
    if first == "7":
        code = _joined(field, "2").casefold()
        return Scheme(scheme_of_852(field)), f"852 $2 says the scheme ({clean(code) or 'nothing'})"
    known = scheme_of_852(field)
    if known:
        said = _INDICATOR_WORDS.get(first, f"scheme {known}")
        return Scheme(known), f"852 first indicator {first} says: {said}"
    scheme = scheme_of(number, preferred)
    return scheme, f"852 does not say the scheme; it reads as {scheme.value}"


def _nearness(field: Field, item: Item | None) -> int:
    if item is None:
        return 0
    location = bool(item.location) and item.location in _values(field, "c")
    library = bool(item.library) and item.library in _values(field, "b")
    return 2 * location + library


def _of_record(record: Record, preferred: Scheme) -> Iterator[Candidate]:
    found: list[tuple[tuple[bool, bool, bool, int], Candidate]] = []
    for place, (tag, usual) in enumerate(_HINTS):
        for field in record.get_fields(tag):
            number = _hint_number(field)
            if not number:
                continue
            scheme = _hint_scheme(field, usual, preferred, number)
            mark = _is_mark(tag, number)
            follows = scheme is Scheme.LOCAL or parse(number, scheme).scheme is scheme
            reason = _hint_reason(field, scheme, follows, mark)
            candidate = Candidate(number, scheme if follows else Scheme.LOCAL, f"{tag} (hint)", reason, Level.HINT)
            found.append(((mark, not follows, scheme is not preferred, place), candidate))
    yield from (candidate for _, candidate in sorted(found, key=lambda pair: pair[0]))


def _hint_number(field: Field) -> str:
    """First $a with its $b; of a 099 all $a, they are the lines of one number (OCLC)."""
    if field.tag == "099":
        return _join(field.get_subfields("a"))
    return _join([*field.get_subfields("a")[:1], *(field.get_subfields("b") if field.tag != "086" else ())])


def _hint_scheme(field: Field, usual: Scheme, preferred: Scheme, number: str) -> Scheme:
    first = field.indicators[0] if field.indicators else " "
    if field.tag == "086":
        if first == "0":
            return Scheme.SUDOC
        return _scheme_of_source(field) if first == " " else Scheme.LOCAL
    if field.tag == "084":
        return _scheme_of_source(field)
    if field.tag == "099" and scheme_of(number, preferred) is preferred:
        return preferred
    return usual


def _scheme_of_source(field: Field) -> Scheme:
    """By $2."""
    return Scheme(SCHEME_OF_SOURCE.get(_joined(field, "2").casefold(), Scheme.LOCAL))


def _hint_reason(field: Field, scheme: Scheme, follows: bool, mark: bool) -> str:
    second = field.indicators[1] if field.indicators else " "
    local = ", the library's own" if field.tag in ("090", "092", "096", "099") else ""
    reason = f"A hint of the record{local}"
    reason += _ASSIGNED.get((field.tag, second), "")
    reason += ", for an item whose own field and holdings have no call number."
    if mark:
        return f"{reason} It looks like a collection mark, not like a whole call number."
    if not follows:
        return f"{reason} It does not follow the scheme of its field ({scheme.value})."
    if scheme is Scheme.DEWEY and not field.get_subfields("b") and field.tag == "082":
        return f"{reason} It is a class number only, the part for the item is missing."
    return reason


def _is_mark(tag: str, number: str) -> bool:
    return tag == "099" and len(number) < _SHORTEST_NUMBER and not any(char.isdigit() for char in number)


def _values(field: Field, code: str) -> list[str]:
    return [clean(value) for value in field.get_subfields(code)]


def _joined(field: Field, codes: str) -> str:
    """The first $k, all $h and so on, in the order of `codes`."""
    return _join(value for code in codes for value in field.get_subfields(code))


def _join(values: Iterable[str]) -> str:
    return clean(" ".join(value for value in values if value))
