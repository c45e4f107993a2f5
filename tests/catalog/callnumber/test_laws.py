"""Properties of any text: a total order, unchanged by display, and no text that causes harm."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import Final

from hypothesis import given
from hypothesis import strategies as st

from station.catalog.callnumber import CallNumber, Options, Role, Scheme, explain, parse, sudoc
from station.catalog.callnumber.value import fold, number
from tests.conftest import SOAK
from tests.support.for_each import for_each

# --- numbers as they are made ---------------------------------------------------------------------------------------

_cutter = st.builds(
    "{}{}{}".format, st.sampled_from("ABCSWZ"), st.integers(1, 9999), st.sampled_from(["", "", "", "a", "mb"])
)
_date = st.sampled_from(["1990", "1990b", "1990-1995", "2001z"])
_volume = st.sampled_from(["v.2", "v.10", "no.93-14", "pt.1", "v.2 pt.3", "Suppl.", "Index", "c.2", "v.1 c.3"])


@st.composite
def lc_parts(draw: st.DrawFn) -> list[str]:
    """[letters, class number, cutters ..., date?, volume?] of a plain LC number."""
    parts = [draw(st.sampled_from(["Q", "QA", "PZ", "D", "DA", "KF", "Z", "DJK"]))]
    parts.append(f"{draw(st.integers(1, 9999))}{draw(st.sampled_from(['', '.5', '.125']))}")
    parts += draw(st.lists(_cutter, min_size=1, max_size=3))
    parts += draw(st.lists(_date, max_size=1))
    return parts


def shown(parts: list[str], *, point: bool = True, spaces: bool = True) -> str:
    letters, class_number, first, *rest = parts
    gap = " " if spaces else ""
    cutter = f".{first}" if point else first
    if not spaces and not point:
        cutter = f".{first}"
    return " ".join([f"{letters}{gap}{class_number}{gap}{cutter}", *rest])


_sudoc = st.from_regex(r"\A[A-Z]{1,2} [0-9]{1,2}\.[0-9]{1,3}(/[0-9])?: ?[A-Z0-9./-]{0,8}\Z")
_dewey = st.from_regex(r"\A[0-9]{3}(\.[0-9]{1,4})?( [A-Z]{1,2}[0-9]{1,3}[a-z]?)?( [12][0-9]{3})?( v\.[0-9])?\Z")
_anscr = st.from_regex(r"\A(B|MA|GO|ZRC) [A-Z]{4} [A-Z]{1,3} [A-Z] ?[0-9]{2}\Z")
_hostile = st.text(
    alphabet=st.sampled_from("QA76.3 .-/:'[]()+*#\t\n\x00\x1b\u202e\u200f\u0665Ⅷ²①ſKİßéא日\ud7ff"),
    max_size=40,
)
any_text = st.one_of(lc_parts().map(shown), _sudoc, _dewey, _anscr, _hostile, st.text(max_size=30))
schemes = st.sampled_from([None, *Scheme])


@given(any_text, schemes)
def test_no_text_fails_and_nothing_is_lost(text: str, scheme: Scheme | None) -> None:
    found = parse(text, scheme)
    assert isinstance(found, CallNumber)
    assert found.text == " ".join(text.split())
    assert parse(found.text, scheme) == found
    # Dewey's segmentation marks are removed, but they are neither letters nor digits.
    kept = "".join(fold(piece.text) for piece in found.pieces if piece.role is not Role.COPY)
    copy = re.search(r"(?:c|cop|copy)\.?\s?[0-9]{1,4}\Z", found.text, re.IGNORECASE) if found.copy else None
    assert kept == fold(found.text[: copy.start()] if copy else found.text)
    assert [explained.piece for explained in explain(found)] == list(found.pieces)
    assert all(explained.words for explained in explain(found))


@given(any_text, schemes)
def test_keys_are_printable_and_of_one_line(text: str, scheme: Scheme | None) -> None:
    """So that they can be sorted in a file or a database column."""
    found = parse(text, scheme)
    assert "\n" not in found.key
    assert not re.search(r"[\x00-\x1f\x7f]", found.base + found.enumeration)


@given(lc_parts(), st.one_of(st.just(""), _volume))
def test_display_does_not_change_the_place_of_an_lc_number(parts: list[str], volume: str) -> None:
    plain = f"{shown(parts)} {volume}".strip()
    key = parse(plain, "lc").key
    assert parse(plain, "lc").scheme is Scheme.LC
    variants = [
        plain.lower(),
        plain.upper(),
        f"  {plain.replace(' ', '   ')} ",
        f"{shown(parts, point=False)} {volume}",
        f"{shown(parts, spaces=False)} {volume}",
        plain.replace("v.", "vol. ").replace("no.", "No. ").replace("pt.", "part "),
        plain.replace("c.", "copy "),
    ]
    if volume:
        variants.append(f"{shown(parts)}, {volume}")
    assert {variant: parse(variant, "lc").key for variant in variants} == dict.fromkeys(variants, key)


@given(lc_parts(), st.integers(2, 3))
def test_an_x_before_a_later_cutter_does_not_count(parts: list[str], place: int) -> None:
    if len(parts) > place and parts[place][0].isalpha():
        marked = [*parts[:place], f"x{parts[place]}", *parts[place + 1 :]]
        assert parse(shown(marked), "lc").key == parse(shown(parts), "lc").key


@given(lc_parts(), lc_parts(), st.sampled_from(["REF", "Oversize", "[CD]", "+", "REF LAW"]))
def test_a_prefix_does_not_change_the_order_of_the_rest(one: list[str], other: list[str], prefix: str) -> None:
    plain = [parse(shown(parts), "lc") for parts in (one, other)]
    behind = [parse(f"{prefix} {shown(parts)}", "lc") for parts in (one, other)]
    assert [number.base for number in behind] == [number.base for number in plain]
    assert (behind[0].key < behind[1].key) == (plain[0].key < plain[1].key)


@given(lc_parts(), st.sampled_from(["1990", "A1", "Har", "v.2", "c.2"]))
def test_nothing_stands_before_something(parts: list[str], more: str) -> None:
    assert parse(shown(parts), "lc").key < parse(f"{shown(parts)} {more}", "lc").key


@given(st.integers(0, 10**30), st.integers(0, 10**30))
def test_whole_numbers_compare_as_numbers(a: int, b: int) -> None:
    assert (number(str(a)) < number(str(b))) == (a < b)
    assert number(f"000{a}") == number(str(a))


@given(_sudoc, st.sampled_from(list(sudoc.Senate)), st.booleans(), st.booleans())
def test_the_switches_of_sudoc_change_only_the_order(
    text: str, senate: sudoc.Senate, letters_first: bool, years_first: bool
) -> None:
    options = Options(sudoc=sudoc.Rules(letters_first=letters_first, senate=senate, years_first=years_first))
    assert parse(text, "sudoc", options).pieces == parse(text, "sudoc").pieces


# --- hostile text ---------------------------------------------------------------------------------------------------

LENGTH: Final = 10_000


def long_texts(length: int) -> dict[str, str]:
    """Text of about this length, of every kind."""
    return {
        "letters": "Q" * length,
        "digits": "7" * length,
        "class and digits": "QA" + "7" * length,
        "decimals": "QA76." + "7" * length,
        "cutter digits": "QA76 .A" + "7" * length + "zzzz!",
        "cutters": "QA76 " + "A1" * (length // 2),
        "work letters and a digit": "QA76 .A1 " + "b" * length + "1",
        "spaces": "QA76" + " " * length + "!",
        "apostrophes": "QA76" + "'" * length + "!",
        "commas": "QA76 .A1" + ",;" * (length // 2) + "!",
        "points": "QA76" + "." * length,
        "volumes": "QA76 .A1 " + "v.1 " * (length // 4) + "!",
        "volumes without a gap": "QA76 .A1 " + "v.1:" * (length // 4) + "!",
        "dates": "QA76 .A1 " + "Jan. 1 1990-" * (length // 12),
        "one word of volumes after text": "QA76 .A1 7:" + "v.1:" * (length // 4),
        "lists": "QA76 .A1 no." + "1,2-3/" * (length // 6),
        "Roman numbers": "QA76 .A1 v." + "x" * length,
        "ordinals of designations": "QA76 .A1 " + "2. Bd. " * (length // 7),
        "bare hyphens": "QA76 .A1 v.1 " + "- " * (length // 2),
        "designations": "QA76 .A1 " + "vol " * (length // 4) + "!",
        "years": "QA76 .A1 " + "1990 " * (length // 5) + "!",
        "brackets": "[" * length,
        "closed brackets": "QA76 .A1 1990" + "]" * length + "a",
        "prefix words": "REF " * (length // 4) + "QA76",
        "hyphens": "QA76 .A1 19" + "-" * length,
        "Dewey decimals": "813." + "5" * length + "x",
        "Dewey segments": "813." + "5/" * (length // 2),
        "Dewey cutters": "813 " + "S52" * (length // 3),
        "SuDoc stem": "A 1." + "9/" * (length // 2) + ":" + "9/" * 10,
        "SuDoc spaces": "A 1." + " " * length,
        "SuDoc years": "A 1.9:R 5" + "/975" * (length // 4),
        "ANSCR": "B MOZA MF A" + "2-" * (length // 2),
        "local": "#" * length,
        "right to left": "\u202e" * length + "QA76",
        "control": "QA76\x00\x1b[2J" * (length // 10),
        "many decimals of other scripts": "\u0665" * length,
        "ordinals": "QA76 " + "1st" * (length // 3),
        "maps": "G1 .A1" + ":2" * (length // 2),
        "open cutters": "QA76 " + "A+" * (length // 2),
    }


@for_each("text", long_texts(LENGTH if SOAK else LENGTH // 5).values())
@for_each("scheme", [None, *Scheme])
def test_long_text_is_read(text: str, scheme: Scheme | None) -> None:
    found = parse(text, scheme)
    assert found.key
    assert len(explain(found)) == len(found.pieces)


def test_long_text_of_every_kind_in_one_process() -> None:
    """Three times longer still: an expression that backtracks would need hours, a linear one a few seconds.

    The soak reads each text by each scheme. Every run reads it by the scheme that its beginning suggests.
    """
    schemes = "(None, Scheme.LC, Scheme.DEWEY, Scheme.SUDOC)" if SOAK else "(None,)"
    work = (
        "import sys; sys.set_int_max_str_digits(640)\n"
        "from tests.catalog.callnumber.test_laws import LENGTH, long_texts\n"
        "from station.catalog.callnumber import Scheme, parse\n"
        "for text in long_texts(LENGTH).values():\n"
        f"    for scheme in {schemes}:\n"
        "        assert parse(text * 3, scheme).key\n"
    )
    root = Path(__file__).parents[3]
    done = subprocess.run([sys.executable, "-c", work], cwd=root, capture_output=True, timeout=120)
    assert done.returncode == 0, done.stderr.decode()


@for_each("char", ["\u0665", "Ⅷ", "²", "①", "ſ", "K", "İ", "ß", "٠"])
def test_odd_digits_and_letters_are_no_class(char: str) -> None:
    for text in (f"QA{char}", f"QA76{char}", f"Q{char}76", f"8{char}3", f"A {char}.9:1", f"B MOZA MF A{char}"):
        for scheme in (None, *Scheme):
            assert parse(text, scheme).key
