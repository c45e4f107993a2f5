"""Sampling plans with accept number zero: the fewest items that show, with a given confidence, that a rate is not
reached.

"If `sample` pieces are checked and none is bad, then the confidence is at least `confidence` that fewer than `rate` are
bad": the smallest sample whose chance to hold no bad piece, in a lot exactly as bad as `rate`, is at most 1 -
confidence.

Exact: hypergeometric for a lot, binomial for a stream (Schilling and Neubauer, "Acceptance Sampling in Quality
Control", zero acceptance number plans; docs/reference/quality-sources.md#sampling). The distributions come from
`ports.Distributions`. The plans and switching rules of ISO 2859-1 are not included: no available source settles its
numbers.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Final

from station.domain.ports import Distributions
from station.domain.sampling import Plan

COMPUTED: Final = "computed"
_SLACK: Final = 1 + 1e-9
"""Tolerance by which a chance that equals its limit counts as reached; floats are correct to 12 digits."""
_MOST: Final = 10_000_000
"""Maximum sample size."""


def bad_pieces(lot: int, rate: float) -> int:
    """Return the fewest bad pieces that make a lot as bad as `rate` (a decimal number, taken as written); at least
    1."""
    exact = Fraction(repr(rate))
    return max(1, -(-exact.numerator * lot // exact.denominator))


def stream_plan(confidence: float, rate: float, distributions: Distributions) -> Plan:
    """Return the plan for the number of consecutive good items: binomial. `confidence` and `rate` are between 0 and 1,
    both excluded."""
    _check(confidence, rate)
    sample = _smallest(lambda size: distributions.binomial(0, size, rate), _MOST, confidence)
    return Plan(lot=0, sample=sample, confidence=confidence, rate=rate, source=COMPUTED)


def lot_plan(lot: int, confidence: float, rate: float, distributions: Distributions) -> Plan:
    """Return the plan for the number of good items to check among `lot` items: hypergeometric. At most the whole
    lot."""
    _check(confidence, rate)
    if lot < 1:
        raise ValueError("a lot has at least one piece")
    bad = bad_pieces(lot, rate)
    sample = _smallest(lambda size: distributions.hypergeometric(0, size, lot, bad), lot, confidence)
    return Plan(lot=lot, sample=sample, confidence=confidence, rate=rate, source=COMPUTED)


def passes(plan: Plan, rate: float, distributions: Distributions) -> float:
    """Return the chance that work with this share of bad items passes the plan: a point of its operating
    characteristic."""
    if not plan.lot:
        return distributions.binomial(plan.accept, plan.sample, rate)
    return distributions.hypergeometric(plan.accept, plan.sample, plan.lot, bad_pieces(plan.lot, rate) if rate else 0)


def _smallest(misses: Callable[[int], float], most: int, confidence: float) -> int:
    """Return the first size whose chance to miss is at most 1 - confidence, or `most` if there is none. The chance
    falls with the size."""
    limit = (1 - confidence) * _SLACK
    low, high = 0, 1
    while high < most and misses(high) > limit:
        low, high = high, min(high * 2, most)
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if misses(middle) <= limit else (middle, high)
    return high


def _check(confidence: float, rate: float) -> None:
    if not (0 < confidence < 1 and 0 < rate < 1):
        raise ValueError("confidence and rate must be between 0 and 1")
