"""Zero-acceptance plans against exact rational arithmetic and the figures of
docs/reference/quality-sources.md#sampling."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from station.domain.sampling import Plan
from station.quality.sampling.plans import bad_pieces, lot_plan, passes, stream_plan
from station.quality.statistics.exact import ExactDistributions
from tests.quality.statistics import oracle

EXACT = ExactDistributions()
confidences = st.sampled_from(["0.8", "0.9", "0.95", "0.99"])
rates = st.sampled_from(["0.005", "0.01", "0.02", "0.03", "0.05", "0.065", "0.1", "0.2", "0.5"])


@pytest.mark.parametrize(
    ("confidence", "rate", "sample"),
    [
        # "to be 90 % sure the rate is under 3 % check 76 clean; under 2 % 114; under 1 % 230 (95 %: 99/149/299)"
        (0.90, 0.03, 76),
        (0.90, 0.02, 114),
        (0.90, 0.01, 230),
        (0.95, 0.03, 99),
        (0.95, 0.02, 149),
        (0.95, 0.01, 299),
    ],
)
def test_the_figures_of_the_fact_sheet(confidence: float, rate: float, sample: int) -> None:
    assert stream_plan(confidence, rate, EXACT).sample == sample


@given(confidences, rates)
def test_a_stream_plan_is_the_smallest_that_does(confidence: str, rate: str) -> None:
    sample = stream_plan(float(confidence), float(rate), EXACT).sample
    limit, good = 1 - Fraction(confidence), 1 - Fraction(rate)
    assert good**sample <= limit < good ** (sample - 1)


@given(st.integers(1, 600), confidences, rates)
def test_a_lot_plan_is_the_smallest_that_does(lot: int, confidence: str, rate: str) -> None:
    sample = lot_plan(lot, float(confidence), float(rate), EXACT).sample
    bad, limit = oracle.bad_pieces(lot, Fraction(rate)), 1 - Fraction(confidence)
    assert bad_pieces(lot, float(rate)) == bad
    assert 1 <= sample <= lot
    assert oracle.hypergeometric(0, sample, lot, bad) <= limit
    assert oracle.hypergeometric(0, sample - 1, lot, bad) > limit


@pytest.mark.parametrize(("lot", "sample"), [(10, 9), (20, 18), (100, 90)])
def test_a_chance_that_equals_the_limit_counts(lot: int, sample: int) -> None:
    """One bad piece in the lot: a sample of 90 % misses it with a chance of exactly one tenth. By hand."""
    assert lot_plan(lot, 0.9, 1 / lot, EXACT).sample == sample


@given(st.integers(10, 3000), confidences, confidences, rates, rates)
def test_more_sure_or_a_smaller_rate_never_needs_less(lot: int, sure: str, surer: str, rate: str, other: str) -> None:
    low, high = sorted((float(sure), float(surer)))
    small, large = sorted((float(rate), float(other)))
    assert lot_plan(lot, low, small, EXACT).sample <= lot_plan(lot, high, small, EXACT).sample
    assert lot_plan(lot, low, small, EXACT).sample >= lot_plan(lot, low, large, EXACT).sample
    assert stream_plan(low, small, EXACT).sample <= stream_plan(high, small, EXACT).sample
    assert stream_plan(low, small, EXACT).sample >= stream_plan(low, large, EXACT).sample


@given(st.integers(1, 60), confidences, st.sampled_from(["0.01", "0.02", "0.05", "0.1"]))
def test_a_larger_lot_of_the_same_share_never_needs_less_and_never_more_than_a_stream(
    hundreds: int, confidence: str, rate: str
) -> None:
    """Lots of whole hundreds have the rate exactly. (Between them the count of bad pieces and the plan jump.)"""
    smaller = lot_plan(hundreds * 100, float(confidence), float(rate), EXACT).sample
    larger = lot_plan(hundreds * 100 + 100, float(confidence), float(rate), EXACT).sample
    assert smaller <= larger <= stream_plan(float(confidence), float(rate), EXACT).sample


@pytest.mark.parametrize(
    ("sample", "accept", "rate"),
    [(20, 1, 0.18), (50, 1, 0.076), (80, 2, 0.066), (125, 3, 0.053)],
)
def test_what_published_plans_cannot_see(sample: int, accept: int, rate: float) -> None:
    """4.4: "n=20, Ac=1 still passes a lot that is 18 % bad one time in ten; n=50, Ac=1: 7.6 %; ..." (to two figures)."""
    chance = passes(Plan(lot=0, sample=sample, accept=accept), rate, EXACT)
    assert chance == pytest.approx(float(oracle.binomial(accept, sample, Fraction(repr(rate)))), rel=1e-10)
    assert chance == pytest.approx(0.1, abs=0.006)


def test_a_plan_passes_perfect_work_and_finds_the_worst() -> None:
    for plan in (stream_plan(0.9, 0.02, EXACT), lot_plan(500, 0.9, 0.02, EXACT)):
        assert passes(plan, 0.0, EXACT) == 1.0
        assert passes(plan, 1.0, EXACT) == 0.0


@pytest.mark.parametrize(("confidence", "rate"), [(0.0, 0.1), (1.0, 0.1), (0.9, 0.0), (0.9, 1.0)])
def test_nonsense_is_no_plan(confidence: float, rate: float) -> None:
    with pytest.raises(ValueError, match="between 0 and 1"):
        stream_plan(confidence, rate, EXACT)
    with pytest.raises(ValueError, match="between 0 and 1"):
        lot_plan(100, confidence, rate, EXACT)
    with pytest.raises(ValueError, match="at least one piece"):
        lot_plan(0, 0.9, 0.1, EXACT)
