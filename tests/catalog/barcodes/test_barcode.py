"""Barcodes: the rule of the catalog (rule 2) and every kind of invalid barcode."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from station.base.errors import BarcodeMalformed
from station.base.settings import Barcodes
from station.base.text import clean
from station.catalog.barcodes.barcode import check
from tests.support.for_each import for_each
from tests.support.told import raises_told, told

OURS = Barcodes()
GOOD = "35007005143189"  # genuine: in uva_demoRecs.mrc, 999 $i; Luhn by hand: doubled sum + rest = 50
OTHER = "30007006033608"  # genuine: first item of evergreen_lul_fre_500.mrc


@pytest.mark.parametrize("text", [GOOD, OTHER, f"  {GOOD}\r\n", f"{GOOD}\t"])
def test_good(text: str) -> None:
    assert check(text, OURS) == text.strip()


@for_each(
    ("text", "reason"),
    [
        ("", "nothing was scanned"),
        (" \r\n\t", "nothing was scanned"),
        ("3500700514318", "13 characters, not 14"),
        ("350070051431899", "15 characters, not 14"),
        ("25007005143189", "does not begin with 3"),
        ("35007005143188", "the check digit is 8, it should be 9"),
        ("35007005143198", "the check digit is 8"),
        ("3500700514318X", r"character 14 \(X\)"),
        ("3500 005143189", "character 5"),
        ("3500700514318\u0669", "character 14"),  # ARABIC-INDIC DIGIT NINE: a digit for str.isdigit, but not here
        ("3500700514318\u00b2", "character 14"),
        (f"\x1b]52;c;AAAA\x07{GOOD}", r"character 1 \(U\+001B\)"),
        ("\u202e" + GOOD, r"U\+202E"),
        (GOOD + OTHER, f"2 barcodes in one scan: {GOOD} and {OTHER}"),
        (f"{GOOD}\r{OTHER}", "2 barcodes in one scan"),
        (f"{GOOD} {OTHER} {GOOD}", "3 barcodes in one scan"),
        (GOOD + GOOD, "the same barcode 2 times in one scan"),
        ("9" * 5000, "5000 characters in one scan"),
    ],
)
def test_wrong_says_why(text: str, reason: str) -> None:
    with raises_told(BarcodeMalformed, match=reason):
        check(text, OURS)


def test_double_length_that_is_not_two_barcodes_is_a_length_error() -> None:
    with raises_told(BarcodeMalformed, match="28 characters"):
        check(GOOD + "1" * 14, OURS)


def test_site_rules() -> None:
    assert check("X030397413", LOOSE) == "X030397413"
    assert check("907-2001", LOOSE) == "907-2001"
    with raises_told(BarcodeMalformed, match="2 barcodes"):
        check("X030397413\nX031786049", LOOSE)
    with raises_told(BarcodeMalformed, match="digits only"):
        check("A1", Barcodes(length=0, prefixes=(), characters="alphanumeric"))
    with raises_told(BarcodeMalformed, match="too short"):
        check("3", Barcodes(length=0))
    with raises_told(BarcodeMalformed, match="begin with 3 / 4"):
        check("55007005143189", Barcodes(prefixes=("3", "4")))


GROUPED = "3 1236 00307 1241"
ANY = Barcodes(length=0, prefixes=(), check_digit="none")
LOOSE = Barcodes(length=0, prefixes=(), check_digit="none", characters="alphanumeric")


@for_each(
    ("text", "rules", "barcode"),
    [
        (GROUPED, OURS, "31236003071241"),
        (f" {GROUPED}\r\n", OURS, "31236003071241"),
        (GROUPED, ANY, "31236003071241"),
        ("123 456 7890", Barcodes(length=10, prefixes=(), check_digit="none"), "1234567890"),
        ("3 1236 00307 1242", ANY, "31236003071242"),  # these rules have no check digit
        ("AB 1234 56", LOOSE, "AB123456"),
    ],
)
def test_a_barcode_written_with_blanks_is_one_barcode(text: str, rules: Barcodes, barcode: str) -> None:
    assert check(text, rules) == barcode


@for_each(
    ("text", "rules", "reason"),
    [
        ("3 1236 00307 1242", OURS, r"character 2 \(U\+0020\)"),  # wrong check digit
        ("3 1236 00307 1242", Barcodes(length=0, prefixes=()), r"character 2 \(U\+0020\)"),
        ("AB 1234 56", ANY, r"character 1 \(A\)"),
        ("1234567 7654321", ANY, "2 barcodes in one scan"),
        (f"{GOOD} {OTHER}", ANY, "2 barcodes in one scan"),
        (f"{GROUPED} {GROUPED}", OURS, r"character 2 \(U\+0020\)"),
        ("3\t1236\r00307\n1241", ANY, "4 barcodes in one scan"),  # a scanner's terminators are not blanks
    ],
)
def test_blanks_between_barcodes_are_never_removed(text: str, rules: Barcodes, reason: str) -> None:
    with raises_told(BarcodeMalformed, match=reason):
        check(text, rules)


@given(st.text(max_size=60))
def test_anything_else_raises_only_malformed_with_a_harmless_reason(text: str) -> None:
    try:
        assert check(text, OURS) == text.strip()
        return
    except BarcodeMalformed as error:
        detail = told(error.detail)
    assert detail
    assert clean(detail, 400) == detail


@given(st.integers(0, 13), st.integers(1, 9))
def test_luhn_finds_every_single_wrong_digit(place: int, step: int) -> None:
    wrong = GOOD[:place] + str((int(GOOD[place]) + step) % 10) + GOOD[place + 1 :]
    with pytest.raises(BarcodeMalformed):
        check(wrong, OURS)
