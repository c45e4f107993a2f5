"""Convert a MARC record to the facts that ANSCR needs: fields 008, 028, 047, 048, 1XX, 240, 245, 511, 6XX and 7XX of a
sound recording.

All text passes `text.clean`. Sources: MARC 21 Bibliographic; relator codes and their terms (MARC code list for
relators).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from pymarc import Field, Record

from station.base.sentence import Sentence
from station.base.text import clean
from station.catalog.callnumber import Options, Scheme, parse
from station.catalog.callnumber.anscr import Contained, Heading, Name, Rules, Work, categories, check, generate
from station.domain.item import ItemRecord

SPOKEN: Final = "i"
MUSIC: Final = "j"
_MAIN: Final = ("100", "110", "111")
_SUBJECTS: Final = ("600", "610", "611", "630", "650", "651", "655")
_ADDED: Final = ("700", "710", "711")
_TERMS: Final = {
    "actor": "act", "author": "aut", "composer": "cmp", "conductor": "cnd", "instrumentalist": "itr", "musician": "mus",
    "narrator": "nrt", "performer": "prf", "singer": "sng", "speaker": "spk", "vocalist": "voc",
}  # fmt: skip
"""Relator terms ($e) to codes ($4)."""
_PROPOSED: Final = 3
_END: Final = " ,.;:/="


def is_recording(record: Record) -> bool:
    """Return True if leader/06 is i (not music) or j (music)."""
    return str(record.leader)[6:7] in (SPOKEN, MUSIC)


def work(record: Record) -> Work:
    """Return the facts of a recording; "" and () for missing data."""
    fixed = next((field.data or "" for field in record.get_fields("008")), "").ljust(40)
    title = next(iter(record.get_fields("245")), None)
    uniform = next(iter(record.get_fields("240", "130")), None)
    return Work(
        title=_text(title, "a"),
        names=tuple(_names(record)),
        skip=_skip(title, 1),
        uniform_title=_text(uniform, "a"),
        uniform_skip=_skip(uniform, 0 if uniform is not None and uniform.tag == "130" else 1),
        contained=tuple(
            Contained(_text(field, "a"), _text(field, "t"))
            for field in record.get_fields(*_ADDED)
            if field.get_subfields("t")
        ),
        credit=_text(next(iter(record.get_fields("511")), None), "a"),
        language=clean(fixed[35:38]).strip(),
        issue_numbers=tuple(
            clean(value)
            for field in record.get_fields("028")
            if field.indicators and field.indicators[0] == "0"
            for value in field.get_subfields("a")
        ),
        spoken=str(record.leader)[6:7] == SPOKEN,
        forms=_forms(record, fixed),
        texts="".join(char for char in fixed[30:32] if char.isalpha()),
        audience=fixed[22].strip(),
        mediums=tuple(
            value[:2]
            for field in record.get_fields("048")
            for value in field.get_subfields("a", "b")
            if value[:2].isalpha()
        ),
        headings=tuple(_headings(record)),
    )


def _headings(record: Record) -> Iterator[Heading]:
    """Yield the subject and genre headings: 600 to 655, with title ($t) and subdivisions ($v $x $y $z)."""
    for field in record.get_fields(*_SUBJECTS):
        terms = [
            (code, term) for code, value in field.subfields if code in "atvxyz" and (term := clean(value).strip(_END))
        ]
        if terms:
            places = [term for code, term in terms if code == "z"]
            topical = field.tag in ("650", "651", "655")
            yield Heading(tuple(term for _, term in terms), places[-1] if places else "", topical)


def remarks(record: Record, item: ItemRecord, rules: Rules) -> tuple[Sentence, ...]:
    """Return what a person at the bench should know of a recording in a library that uses ANSCR: the numbers that the
    record gives for an item without one, or that the item's number does not agree with the record."""
    if item.call_number_scheme != Scheme.ANSCR or not is_recording(record):
        return ()
    facts = work(record)
    if not item.call_number:
        proposed = [
            generate(facts, proposal.category, rules).number for proposal in categories(facts, rules)[:_PROPOSED]
        ]
        return (Sentence("callnumber.anscr.proposed", numbers=", ".join(proposed)),) if proposed else ()
    number = parse(item.call_number, Scheme.ANSCR, Options(anscr=rules))
    terms = dict.fromkeys(str(difference.term) for difference in check(number, facts, rules) if difference.sure)
    return (Sentence("callnumber.anscr.differs", terms=", ".join(terms)),) if terms else ()


def _names(record: Record) -> list[Name]:
    names = []
    for field in record.get_fields(*_MAIN, *_ADDED):
        if field.get_subfields("t"):
            continue
        codes = {value.strip().rpartition("/")[2] for value in field.get_subfields("4")}
        terms = {_TERMS.get(clean(value).strip(_END).casefold(), "") for value in field.get_subfields("e")}
        text = _text(field, "a")
        if text:
            names.append(Name(text, frozenset((codes | terms) - {""}), field.tag in _MAIN))
    return names


def _forms(record: Record, fixed: str) -> tuple[str, ...]:
    codes = [fixed[18:20].strip()]
    for field in record.get_fields("047"):
        if not field.indicators or field.indicators[1] != "7":
            codes += [clean(value) for value in field.get_subfields("a")]
    return tuple(dict.fromkeys(code for code in codes if code.isalpha()))


def _text(field: Field | None, code: str) -> str:
    if field is None:
        return ""
    return clean(next(iter(field.get_subfields(code)), "")).strip(_END)


def _skip(field: Field | None, indicator: int) -> int:
    """Return the number of characters of an initial article, from the indicator."""
    if field is None or not field.indicators:
        return 0
    count = field.indicators[indicator]
    return int(count) if count in "123456789" else 0
