"""p-charts: limits against exact tails, and the weakness of small groups."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from station.domain.sampling import Group
from station.quality.statistics.exact import ExactDistributions
from station.quality.statistics.figures import TAIL, Where, chart, limits_of, share
from tests.quality.statistics import oracle

EXACT = ExactDistributions()


def groups(*bad: int, looked: int = 50) -> list[Group]:
    return [
        Group(subject="ann", number=number, first_at="2026-01-01", last_at="2026-01-02", looked=looked, bad=one)
        for number, one in enumerate(bad, 1)
    ]


@given(st.integers(1, 120), st.integers(0, 100))
def test_limits_are_where_the_exact_tails_fall_below_a_seven_hundredth(size: int, percent: int) -> None:
    rate, tail = Fraction(percent, 100), Fraction(TAIL)
    lower, upper = limits_of(size, percent / 100, EXACT)
    assert 0 <= lower <= upper <= size
    assert 1 - oracle.binomial(upper, size, rate) <= tail
    assert upper == 0 or 1 - oracle.binomial(upper - 1, size, rate) > tail
    below = oracle.binomial(lower - 1, size, rate) if lower else Fraction(0)
    assert below <= tail
    assert lower == upper or oracle.binomial(lower, size, rate) > tail


@pytest.mark.parametrize(
    ("size", "rate", "limits"), [(500, 0.1, (31, 71)), (200, 0.05, (2, 20)), (1000, 0.04, (23, 60))]
)
def test_limits_are_those_of_three_standard_deviations(size: int, rate: float, limits: tuple[int, int]) -> None:
    """0.135 % per side, from sums of binomial terms in fractions. The usual formula, np +- 3 sqrt(np(1-p)), gives 29.9
    to 70.1, 0.8 to 19.2 and 21.4 to 58.6; with twice that chance the limits would be (32, 70), (3, 19) and (24, 58).
    """
    assert limits_of(size, rate, EXACT) == limits


def test_a_bad_group_stands_out() -> None:
    found = chart(groups(*[1] * 24, 9), EXACT)
    assert [point.group.number for point in found.signals] == [25]
    assert found.points[-1].where is Where.ABOVE
    assert not found.provisional


def test_small_groups_cannot_praise() -> None:
    """By hand: at 2 % a group of 50 has no bad item in 36 % of all cases; 328 items are needed for 0.135 %."""
    found = chart(groups(*[1] * 10), EXACT)
    assert {point.lower for point in found.points} == {0}
    assert 0.98**found.needed <= TAIL < 0.98 ** (found.needed - 1)
    assert found.provisional


def test_without_a_bad_one_there_are_no_limits() -> None:
    found = chart(groups(0, 0, 0), EXACT)
    assert (found.needed, found.center, found.signals) == (0, 0.0, ())


def test_large_groups_can() -> None:
    found = chart(groups(*[40] * 20, 5, looked=1000), EXACT)
    assert found.points[-1].where is Where.BELOW


@pytest.mark.parametrize(("found", "of", "high"), [(0, 20, 0.1684), (0, 114, 0.0318), (1, 20, 0.2487)])
def test_what_so_many_items_tell(found: int, of: int, high: float) -> None:
    """Upper ends of the 95 % interval: none found by hand, 1 - 0.025^(1/n); 1 of 20 by the tables of
    Clopper-Pearson.
    """
    assert share(found, of, EXACT, 0.95).high == pytest.approx(high, abs=5e-5)
