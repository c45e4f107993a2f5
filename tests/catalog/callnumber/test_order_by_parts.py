"""The order against a second order, which is built from the parts of each number and does not use keys.

Any order by a string is total, antisymmetric and transitive, and may still be wrong. So the tests make numbers from
parts, and compare them as the sources require (docs/reference/call-numbers.md#library-of-congress, #dewey-and-sudoc,
#anscr): as tuples of whole numbers, decimals and letters. Two keys are equal exactly if the parts are equal, and they
sort as the parts sort. The numbers of a pair differ in little, so that rules interact.
"""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from station.catalog.callnumber import Options, parse, sudoc

STANDARD = Options()
Model = tuple[Any, ...]
Made = tuple[str, Model]
"""A number as written, and the tuple by which it compares."""

# Possible contents of one place of a number, in order: the end of the number, a copy, a volume, a year, a word.
END, COPY, VOLUME, YEAR, WORD = range(5)


def decimal(digits: str) -> Fraction:
    return Fraction(int(digits or "0"), 10 ** len(digits))


@st.composite
def enumerated(draw: st.DrawFn) -> Made:
    """Volume and copy at the end of a number: volumes by designation, then as whole numbers; then copies."""
    name, count = draw(st.sampled_from(["", "", "no", "pt", "v"])), draw(st.sampled_from([1, 2, 10, 100]))
    copy = draw(st.sampled_from([0, 0, 2, 10]))
    text = (f" {name}.{count}" if name else "") + (f" c.{copy}" if copy else "")
    end: Model = ((COPY, copy), (END,)) if copy else ((END,),)
    return text, ((VOLUME, name, count), *end) if name else end


DIGITS = st.sampled_from(["12", "125", "2"])
"""Few values everywhere, so that two numbers often differ at one place."""
CUTTERS = st.lists(
    st.tuples(st.sampled_from("AAB"), DIGITS, st.sampled_from(["", "a"])),
    min_size=1,
    max_size=2,
)


@st.composite
def lc_heads(draw: st.DrawFn) -> Made:
    letters, whole = draw(st.sampled_from(["Q", "QA"])), draw(st.sampled_from([9, 76]))
    part = draw(st.sampled_from(["", "12", "5"]))
    return f"{letters}{whole}" + (f".{part}" if part else ""), (letters, whole, decimal(part))


@st.composite
def lc(draw: st.DrawFn, head: Made) -> Made:
    text, model = head
    places: list[Model] = []
    for place, (letter, digits, mark) in enumerate(draw(CUTTERS)):
        text += f" {'' if place else '.'}{letter}{digits}{mark}"
        places.append((WORD, letter.lower(), decimal(digits), mark))
    year, mark = draw(st.sampled_from([0, 0, 1989, 1990, 2001])), draw(st.sampled_from(["", "b"]))
    if year:
        text += f" {year}{mark}"
        places.append((YEAR, year, mark))
    more, end = draw(enumerated())
    return text + more, (*model, *places, *end)


@st.composite
def dewey(draw: st.DrawFn) -> Made:
    whole, part = draw(st.sampled_from(["005", "813", "813"])), draw(st.sampled_from(["", "5", "54", "54", "6"]))
    text, places = whole + (f".{part}" if part else ""), []
    digits, mark = draw(DIGITS), draw(st.sampled_from(["", "a", "m"]))
    if draw(st.booleans()):
        letters = draw(st.sampled_from(["S", "SM", "T"]))
        text += f" {letters}{digits}{mark}"
        places.append((WORD, letters.lower(), decimal(digits), mark))
    if year := draw(st.sampled_from([0, 1999, 2001])):
        text += f" {year}"
        places.append((YEAR, year, ""))
    more, end = draw(enumerated())
    return text + more, (int(whole), decimal(part), *places, *end)


def _chunks(chunks: list[str | int]) -> Model:
    """SuDoc: letters before numbers, all numbers whole, a shorter number before a longer one."""
    return tuple((1, one) if isinstance(one, str) else (2, one) for one in chunks)


SERIES = st.sampled_from([[1], [2], [10], [2, 1], [10, 2]])
BOOK = st.lists(st.one_of(st.sampled_from(["AD", "B", "C"]), st.sampled_from([2, 10, 98, 993, 2001])), max_size=3)


@st.composite
def sudocs(draw: st.DrawFn) -> Made:
    agency, office = draw(st.sampled_from(["A", "C", "HE"])), draw(st.sampled_from([1, 2, 13]))
    series, book = draw(SERIES), draw(BOOK)
    text = f"{agency} {office}.{'/'.join(map(str, series))}:{'/'.join(map(str, book))}"
    return text, (agency, office, _chunks(list(series)), _chunks(book))


@st.composite
def anscrs(draw: st.DrawFn) -> Made:
    terms = [
        draw(st.sampled_from(row)) for row in (("B", "EA", "MA"), ("MOZA", "VERD"), ("MF", "DG", "AID"), ("A", "B"))
    ]
    digits = draw(st.integers(0, 99))
    return f"{' '.join(terms)}{digits:02d}", (*terms, digits)


def shelf(numbers: st.SearchStrategy[Made]) -> st.SearchStrategy[list[Made]]:
    return st.lists(numbers, min_size=2, max_size=8)


def agrees(numbers: list[Made], scheme: str, options: Options = STANDARD) -> None:
    found = [(parse(text, scheme, options), text, model) for text, model in numbers]
    assert {number.scheme.value for number, _, _ in found} == {scheme}
    for one, text, model in found:
        for other, other_text, other_model in found:
            assert (one.key < other.key) == (model < other_model), (text, other_text)
            assert (one.key == other.key) == (model == other_model), (text, other_text)
    by_key = [model for _, _, model in sorted(found, key=lambda each: each[0].key)]
    assert all(left <= right for left, right in pairwise(by_key))


@given(st.lists(lc_heads(), min_size=1, max_size=2).flatmap(lambda heads: shelf(st.sampled_from(heads).flatmap(lc))))
def test_lc(numbers: list[Made]) -> None:
    agrees(numbers, "lc")


@given(shelf(dewey()))
def test_dewey(numbers: list[Made]) -> None:
    agrees(numbers, "dewey")


@given(shelf(sudocs()))
def test_sudoc(numbers: list[Made]) -> None:
    agrees(numbers, "sudoc", Options(sudoc=sudoc.Rules(senate=sudoc.Senate.LETTERS)))


@given(shelf(anscrs()))
def test_anscr(numbers: list[Made]) -> None:
    agrees(numbers, "anscr")
