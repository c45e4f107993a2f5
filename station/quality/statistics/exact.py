"""`ports.Distributions` with scipy.stats. scipy is an extra: it is loaded at the first use, which takes a second or two
(1.6 s of processor time measured), so that a station without sampling neither needs nor loads it."""

from __future__ import annotations

from functools import cache
from typing import Any

from station.base.extras import extra


@cache
def _stats() -> Any:
    with extra("statistics"):
        import scipy.stats  # type: ignore[import-untyped]
    return scipy.stats


class ExactDistributions:
    def ready(self) -> None:
        """Load scipy now. Raise `ExtraMissing` with what to install."""
        _stats()

    def binomial(self, most: int, sample: int, rate: float) -> float:
        return float(_stats().binom.cdf(most, sample, rate))

    def hypergeometric(self, most: int, sample: int, lot: int, bad: int) -> float:
        return float(_stats().hypergeom.cdf(most, lot, bad, sample))

    def interval(self, found: int, sample: int, confidence: float) -> tuple[float, float]:
        if sample == 0:
            return 0.0, 1.0
        found_interval = _stats().binomtest(found, sample).proportion_ci(confidence, method="exact")
        return float(found_interval.low), float(found_interval.high)
