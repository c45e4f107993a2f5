"""Rounding of a half, and division into parts, as the page about accounts shows them."""

from __future__ import annotations

from decimal import Decimal

from station.domain.invoices.money import places, rounded, split
from station.domain.invoices.plan import Rounding
from station.reports.tables.cells import money_words
from station.reports.tables.table import Money


def test_a_half_is_rounded_as_the_plan_says_and_alike_below_zero() -> None:
    for amount, currency, half_up, half_even in (
        ("0.125", "USD", "0.13", "0.12"),
        ("-0.125", "USD", "-0.13", "-0.12"),
        ("0.5", "JPY", "1", "0"),
        ("1.0005", "BHD", "1.001", "1.000"),
    ):
        assert rounded(Decimal(amount), currency, Rounding.HALF_UP) == Decimal(half_up)
        assert rounded(Decimal(amount), currency, Rounding.HALF_EVEN) == Decimal(half_even)


def test_parts_add_up_and_the_first_of_equal_remainders_gets_the_cent() -> None:
    def parts(total: str, *weights: int) -> list[str]:
        return [str(part) for part in split(Decimal(total), [Decimal(weight) for weight in weights], places("USD"))]

    assert parts("10.00", 1, 1, 1) == ["3.34", "3.33", "3.33"]
    assert parts("-10.00", 1, 1, 1) == ["-3.34", "-3.33", "-3.33"]
    assert parts("0.02", 0, 0, 0) == ["0.01", "0.01", "0"]
    assert parts("0.05", 2, 1, 1) == ["0.03", "0.01", "0.01"]


def test_people_read_an_amount_with_the_decimals_of_its_currency() -> None:
    for amount, currency, words in (
        ("2247.7", "USD", "2,247.70\u00a0USD"),
        ("25.890", "GBP", "25.89\u00a0GBP"),
        ("1200", "JPY", "1,200\u00a0JPY"),
        ("0.125", "USD", "0.125\u00a0USD"),
        ("7", "", "7"),
    ):
        assert money_words(Money(Decimal(amount), currency)) == words
