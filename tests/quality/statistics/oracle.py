"""Exact rational arithmetic from the definitions, the oracle for scipy's numbers. No library's distributions."""

from __future__ import annotations

from fractions import Fraction
from math import comb


def hypergeometric(most: int, sample: int, lot: int, bad: int) -> Fraction:
    """Return P(X <= most): counted over all samples of `sample` pieces."""
    ways = sum(comb(bad, found) * comb(lot - bad, sample - found) for found in range(most + 1) if found <= sample)
    return Fraction(ways, comb(lot, sample))


def binomial(most: int, sample: int, rate: Fraction) -> Fraction:
    """Return P(X <= most)."""
    return sum(
        (comb(sample, found) * rate**found * (1 - rate) ** (sample - found) for found in range(min(most, sample) + 1)),
        Fraction(0),
    )


def bad_pieces(lot: int, rate: Fraction) -> int:
    """Return the fewest bad pieces that make a lot as bad as `rate`; at least one."""
    return max(1, -(-rate.numerator * lot // rate.denominator))
