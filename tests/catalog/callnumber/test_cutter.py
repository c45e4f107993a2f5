"""Cutter numbers by LC's table (G 63, as BYU 4.8 shows it); names from the examples of Chico State's page."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from station.catalog.callnumber import Scheme, cutter, parse
from tests.support.for_each import for_each

FIRST_DIGITS = {
    "after a vowel": "Abernathy A2 | Adams A3 | Aldrich A4 | Ames A4 | Appleby A6 | Archer A7 | Atwater A8 | Austin A9",
    "after S": "Saint S2 | Schaefer S3 | Seaton S4 | Shank S5 | Simmons S5 | Smith S6 | Southerland S6 | Springer S6 | Steel S7",
    "after Qu": "Quabbe Q3 | Queist Q4 | Quick Q5 | Quorum Q6 | Qureshi Q7 | Quynn Q9",
    "after another consonant": "Carter C3 | Cecil C4 | Cinelli C5 | Corbett C6 | Croft C7 | Cullen C8 | Cyert C9",
    "table of BYU: t and y": "Nutley N8 | Nyquist N9 | Otis O8 | Stone S7 | Suez S8 | Swift S9 | Owen O9 | Onions O5",
}
"""The digits by the table only. Chico's page shows how a shelflist differs from it (Shank .S45, Sullivan .S9)."""


@pytest.mark.parametrize("row", FIRST_DIGITS.values(), ids=FIRST_DIGITS)
def test_first_digit(row: str) -> None:
    wanted = dict(pair.split() for pair in row.split(" | "))
    assert {name: cutter(name, 1) for name in wanted} == wanted


@for_each(
    ("name", "number"),
    [
        ("Carter", "C37"),  # Chico: .C3(7)
        ("Cinelli", "C56"),  # Chico: .C5(6)
        ("Corbett", "C67"),  # Chico: .C6(7)
        ("Croft", "C76"),  # Chico: .C7(6)
        ("Quade", "Q33"),
        ("Queiroz", "Q45"),
        # Examples of G 63 itself (itsmarc.com, crs/cutr0020) that follow the table; G 63 adds that most numbers are
        # adjusted.
        *(("Schreiber", "S37"), ("Sadron", "S23"), ("Stinson", "S75"), ("Suryani", "S87"), ("Symposium", "S96")),
        *(("Quinn", "Q56"), ("Quorum", "Q67"), ("Qutub", "Q88"), ("IBM", "I26"), ("Idaho", "I33"), ("Inman", "I56")),
        *(("Ipswich", "I67"), ("Ceccaldi", "C43"), ("Cobblestone", "C63"), ("Cryer", "C79"), ("Cuellar", "C84")),
        *(("Cymbal", "C96"), ("Schmidt", "S36"), ("Qvortrup", "Q96")),  # G 63: .Q97
        ("Étude", "E88"),
        ("o'Brien", "O27"),
        ("Mc Donald", "M33"),
        ("X", "X3"),
    ],
)
def test_two_digits(name: str, number: str) -> None:
    assert cutter(name) == number


def test_more_digits_and_numbers() -> None:
    assert cutter("Campbell", 3) == "C367"
    assert cutter("Qatar", 1) == "Q2"
    assert cutter("1984") == cutter("20-MW") == "A15"  # .A12 to .A19, toward the middle at first
    for bad in ("", "日本", "!"):
        with pytest.raises(ValueError, match="no letter"):
            cutter(bad)
    with pytest.raises(ValueError, match="at least one digit"):
        cutter("Carter", 0)


@given(st.from_regex(r"\A[A-PR-Z][a-z]{1,8}\Z"), st.from_regex(r"\A[A-PR-Z][a-z]{1,8}\Z"))
def test_cutters_keep_the_order_of_names(one: str, other: str) -> None:
    """The purpose of the table: by its first digit, an earlier name never sorts after a later one."""
    first, second = sorted((one, other), key=str.lower)
    assert cutter(first, 1) <= cutter(second, 1)


@given(st.from_regex(r"\A[A-Za-z]{1,12}\Z"), st.integers(1, 5))
def test_a_cutter_can_stand_in_a_number(name: str, digits: int) -> None:
    assert parse(f"QA76 .{cutter(name, digits)}", "lc").scheme is Scheme.LC
