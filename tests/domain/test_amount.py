"""Amounts of money: which texts are amounts, in which currency, and which are not."""

from __future__ import annotations

import json
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from station.domain.amount import Amount, amount_in, amount_of
from tests.conftest import missing
from tests.support.for_each import for_each


@for_each(
    ("text", "value", "currency"),
    [
        ("19.99", "19.99", ""),
        ("$19.99", "19.99", "$"),
        ("19,99 EUR", "19.99", "EUR"),
        ("USD 20", "20", "USD"),
        ("USD20", "20", "USD"),
        ("ALL 300.00", "300.00", "ALL"),
        ("300 ALL", "300", "ALL"),
        ("£5", "5", "GBP"),
        ("usd 12.5", "12.5", "USD"),
        ("US$1,234,567.89", "1234567.89", "USD"),
        ("1,234.56", "1234.56", ""),
        ("1.234,56 €", "1234.56", "EUR"),
        ("1 234,56", "1234.56", ""),
        ("1'234.50 CHF", "1234.50", "CHF"),
        ("1,234,567", "1234567", ""),
    ],
)
def test_amounts(text: str, value: str, currency: str) -> None:
    assert amount_of(text) == Amount(value=Decimal(value), currency=currency, text=text)


@for_each(
    "text",
    [
        *(
            "",
            "PBK12",
            "ENG2",
            "INV7",
            "ALL3",
            "All 3",
            "TOP 10",
            "12.50 each",
            "-5",
            "1e9",
            "٣",
            "9" * 12,
            "2026.03.02",
            "USD 5 EUR",
        ),
        *("1,234", "12.345", "1,23,4.00", "1.234.56"),  # a thousand, decimals, or neither
    ],
)
def test_other_texts_are_no_amounts(text: str) -> None:
    assert amount_of(text) is None


@for_each(("text", "value"), [("6000", "60.00"), ("5", "0.05"), ("20.00", "20.00"), ("1,234.56", "1234.56")])
def test_cents_are_hundredths_unless_decimals_are_written(text: str, value: str) -> None:
    amount = amount_of(text, cents=True)
    assert amount is not None
    assert str(amount.value) == value


@for_each(
    ("text", "value", "currency"),
    [
        ("$1,234.56 (pbk.)", "1234.56", "$"),
        ("33.00F", "33.00", "F"),  # this and the next four stand in genuine records
        ("L8000", "8000", "L"),
        ("W300000 (set)", "300000", "W"),
        ("Cz$30.00", "30.00", "CZ$"),
        ("Rs200.00 (v. 1)", "200.00", "RS"),
        ("Rs15.76 ($5.60 U.S.)", "15.76", "RS"),
        ("DM 24,-", "24", "DEM"),
        ("24.95 (cloth) :", "24.95", ""),
        ("12.50 each", "12.50", ""),
        ("120000.00 Bs", "120000.00", "BS"),
    ],
)
def test_a_price_may_stand_among_other_words(text: str, value: str, currency: str) -> None:
    assert amount_in(text) == Amount(value=Decimal(value), currency=currency, text=text)


@for_each(
    "text",
    [
        "PBK12",
        "(v. 1)",
        "set 3",
        "vol. 2",
        "c1990",
        "All 3 vols.",
        "ALL3",
        "ALL 3 VOLS.",
        "9780521824361 (hbk.)",
        "2.50.10",
        "1,234",
    ],
)
def test_other_words_have_no_amount(text: str) -> None:
    assert amount_in(text) is None


def test_amounts_of_genuine_edifact_messages_keep_their_decimals(shared: Path) -> None:
    """PRI and MOA of vendors' messages, with the decimal point of their UNA and with the decimal comma that UNA also
    permits. They never count cents. Three decimals ("25.890") may be a thousand elsewhere: no amount, and no other."""
    path = shared / "data" / "edifact" / "expected.json"
    if not path.exists():
        missing(str(path))
    texts = set(_money(json.loads(path.read_text(encoding="utf-8"))))
    assert {"9.99", "2247.70", "6.6", "270", "25.890"} <= texts
    for text in texts:
        for written in (text, text.replace(".", ",")):
            expected = None if len(text.partition(".")[2]) == 3 else Decimal(text)
            for amount in (amount_of(written), amount_in(written)):
                assert (amount and amount.value) == expected, written


def _money(value: Any, key: str = "") -> Iterator[str]:
    """Yield the texts below the keys of prices and amounts."""
    below = value.items() if isinstance(value, dict) else [(key, one) for one in value]
    for name, one in below:
        about = key if key in ("pri", "moa", "summary_moa") else name
        if isinstance(one, dict | list):
            yield from _money(one, about)
        elif about in ("pri", "moa", "summary_moa", "sum_line_203"):
            yield one


@for_each(
    ("mine", "theirs", "comparable"),
    [
        ("5 USD", "$5", True),
        ("5", "5 EUR", True),
        ("5 EUR", "£5", False),
        ("¥5", "5 USD", False),
        ("¥5", "JPY 5", True),
    ],
)
def test_amounts_in_two_currencies_are_not_compared(mine: str, theirs: str, comparable: bool) -> None:
    left, right = amount_of(mine), amount_of(theirs)
    assert left is not None
    assert right is not None
    assert (left.comparable(right), right.comparable(left)) == (comparable, comparable)


@given(st.decimals(0, 999_999_999, places=2), st.sampled_from([",.", ".,", " ,", "'.", ".", ","]))
def test_an_amount_is_read_back_as_any_country_writes_it(value: Decimal, marks: str) -> None:
    group, point = ("", marks) if len(marks) == 1 else (marks[0], marks[1])
    text = f"{value:,.2f}".replace(",", "g").replace(".", point).replace("g", group)
    for read in (amount_of, amount_in):
        amount = read(text)
        assert amount is not None
        assert amount.value == value


@pytest.mark.parametrize("read", [amount_of, amount_in])
@given(text=st.text(max_size=40) | st.text("0123456789.,' $€USDRs()", max_size=40))
def test_any_text_has_an_amount_of_at_most_nine_digits_or_none(read: object, text: str) -> None:
    amount = amount_of(text) if read is amount_of else amount_in(text)
    assert amount is None or (0 <= amount.value < 10**9 and amount.text == text)
