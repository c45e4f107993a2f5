"""Call numbers: the orderings of docs/reference/call-numbers.md. For general properties see test_laws.py."""

from __future__ import annotations

from itertools import pairwise

import pytest

from station.catalog.callnumber import Role, Scheme, parse
from tests.support.for_each import for_each

ORDERS = {
    "letters alphabetical, shorter first (D21.1; js-loc #1)": ("lc", "D21.1 | D761 | DA21 | E1"),
    "the class number is a number with decimals": ("lc", "Z39.5 | Z50 | Z105"),
    "the same with cutters behind (js-loc #2)": ("lc", "D21.1.D58 | D761 .W54"),
    "cutters are decimals (library-callnumber-lc #8)": ("lc", "PS3561.I4 A3 | PS3561.I48 O5"),
    "first cutters are decimals (Pasadena)": ("lc", "QA1 .C444 | QA1 .C64 | QA1 .C7"),
    "no padding to a fixed width (library-callnumber-lc #3)": ("lc", "A543 B6 | A5435 B6"),
    "work letters alphabetical (library-callnumber-lc #9)": (
        "lc",
        "PZ7.M3567585 Bs | PZ7.M3567585 Km | PZ7.M3567585 Mh | PZ7.M3567585 Stp | PZ7.M3567585 Sx | PZ7.M3567585 Tr | "
        "PZ7.M3567585 Wel",
    ),
    "work letters count also before a date with a suffix (pycallnumber defect 1)": (
        "lc",
        "PZ7.M3567585 Har 1999b | PZ7.M3567585 Zed 1999b",
    ),
    "nothing before something": ("lc", "QA76 .S73 | QA76 .S73 1990 | QA76 .S73 1990b | QA76 .S73 A1"),
    "volumes in natural order (UNT catalog-api #28)": ("lc", "QA76 .S73 v.2 | QA76 .S73 v.10"),
    "text after the number is kept": ("lc", "QA76 .S73 no.93-1483 | QA76 .S73 no.93-1484"),
    "designations differ (pycallnumber defect 2)": ("lc", "QA76 .S73 no.2 | QA76 .S73 v.2"),
    "a prefix does not make cutters integers (pycallnumber defect 3)": ("lc", "REF QA76 .A25 | REF QA76 .A3"),
    "copies in order": ("lc", "QA76 .S73 | QA76 .S73 c.2 | QA76 .S73 c.10"),
    "Dewey: the class is a decimal": ("dewey", "813 | 813.1 | 813.54 | 813.6 | 814"),
    "Dewey: the cutter is a decimal": ("dewey", "813.54 S5 | 813.54 S52 | 813.54 S6"),
    "Dewey: then the work mark": ("dewey", "813.54 S52a | 813.54 S52m | 813.54 S52m 1999 | 813.54 S52z"),
    "SuDoc: whole numbers, the point is not decimal (Humboldt)": ("sudoc", "A 1.9:5 | A 1.35:5 | A 13.2:5"),
    "SuDoc: the stem before the colon first": ("sudoc", "A 1.9:99 | A 1.9/2:1"),
    "SuDoc: numbers as integers behind it": ("sudoc", "A 1.9:2 | A 1.9:10 | A 1.9:10/2"),
    "SuDoc: letters before numbers at the same place": ("sudoc", "A 1.9:B 3 | A 1.9:3"),
    "SuDoc: three-digit years before 2000": ("sudoc", "A 1.9:993 | A 1.9:2001"),
    "ANSCR: category, name, title, performer and issue": (
        "anscr",
        "B MOZA MF A20 | B MOZA MF A21 | B MOZA MF B05 | B VERD AID A20 | EA MOZA MF A20 | MA BEAT SPL B 28",
    ),
    "NLM": ("nlm", "QS 4 H31 | QZ 200 A1 | W 1 A5 | WG 120 H31 1999 | WG 120 H31 2001 | WG 1200 A1"),
    "accession numbers in natural order": ("local", "CD 9 | CD 10 | CD 1234"),
}

SAME = {
    "x before a cutter (lcsort #9)": ("lc", "PS3561 .W35 F3", "PS3561 .W35 xF3"),
    "a stray point (UNT #14)": ("lc", "QA76.54. M87", "QA76.54 .M87"),
    "spaces": ("lc", "QA 76.73 .P98 L46", "QA76.73.P98L46"),
    "case": ("lc", "qa76.73 .p98", "QA76.73 .P98"),
    "Dewey segmentation": ("dewey", "813.54/0924 SMI", "813.540924 SMI"),
    "v. and vol.": ("lc", "QA76 .S73 vol. 2", "QA76 .S73 v.2"),
    "SuDoc spaces": ("sudoc", "A 1.9: 993", "A1.9:993"),
}


@for_each(("scheme", "row"), ORDERS.values())
def test_order(scheme: str, row: str) -> None:
    numbers = row.split(" | ")
    found = [parse(number, scheme) for number in numbers]
    assert {number.scheme for number in found} == {scheme}
    for (left, right), (a, b) in zip(pairwise(found), pairwise(numbers), strict=True):
        assert left.key < right.key, f"{a} must sort before {b}"


@pytest.mark.parametrize(("scheme", "one", "other"), SAME.values(), ids=SAME)
def test_variants_of_display_are_one_place(scheme: str, one: str, other: str) -> None:
    assert parse(one, scheme).key == parse(other, scheme).key
    assert parse(one, scheme).text == one  # the text is shown as entered


@for_each("text", ["CD 1234", "DVD 791", "XZ 1", "I 3", "Q", "QA76 foo", "MS-17", ""])
def test_what_is_not_lc(text: str) -> None:
    found = parse(text, "lc")
    assert found.scheme is Scheme.LOCAL
    assert "does not follow" in found.remarks[0]


@pytest.mark.parametrize(
    ("text", "scheme"),
    [
        ("QA76.73.P98L46 2010", "lc"),
        ("REF QA76.9 .A25", "lc"),
        ("WG 120 H31", "nlm"),
        ("813.54 SMI", "dewey"),
        ("Y 4.B 85/3:S.HRG.110-5", "sudoc"),
        ("[CD] MA BEAT SPL B 28", "anscr"),
        ("CD 1234", "local"),
    ],
)
def test_the_scheme_is_found(text: str, scheme: str) -> None:
    assert parse(text).scheme == scheme


def test_pieces() -> None:
    found = parse("REF QA76.73.P98 L46 2010b v.3 c.2", "lc")
    assert [(piece.role, piece.text) for piece in found.pieces] == [
        (Role.PREFIX, "REF"),
        (Role.LETTERS, "QA"),
        (Role.NUMBER, "76.73"),
        (Role.CUTTER, ".P98"),
        (Role.CUTTER, "L46"),
        (Role.DATE, "2010b"),
        (Role.ENUMERATION, "v.3"),
        (Role.COPY, "c.2"),
    ]
