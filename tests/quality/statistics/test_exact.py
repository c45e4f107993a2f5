"""scipy in `Distributions`, compared with exact rational arithmetic; intervals by the tails that define them."""

from __future__ import annotations

import subprocess
import sys
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from station.base import extras
from station.base.errors import ExtraMissing
from station.quality.statistics import exact
from station.quality.statistics.exact import ExactDistributions
from tests.conftest import ROOT
from tests.quality.statistics import oracle
from tests.support.for_each import for_each
from tests.support.patience import PATIENCE_S
from tests.support.told import raises_told

DISTRIBUTIONS = ExactDistributions()
CLOSE = 1e-11


@given(st.integers(1, 150), st.data())
def test_binomial_is_the_sum_of_its_terms(sample: int, data: st.DataObject) -> None:
    most = data.draw(st.integers(0, sample))
    rate = data.draw(st.integers(0, 1000))
    wanted = oracle.binomial(most, sample, Fraction(rate, 1000))
    assert DISTRIBUTIONS.binomial(most, sample, rate / 1000) == pytest.approx(float(wanted), rel=CLOSE, abs=1e-290)


@given(st.integers(1, 300), st.data())
def test_hypergeometric_is_the_count_of_samples(lot: int, data: st.DataObject) -> None:
    bad, sample = data.draw(st.integers(0, lot)), data.draw(st.integers(0, lot))
    most = data.draw(st.integers(0, sample))
    wanted = oracle.hypergeometric(most, sample, lot, bad)
    assert DISTRIBUTIONS.hypergeometric(most, sample, lot, bad) == pytest.approx(float(wanted), rel=CLOSE, abs=1e-290)


@given(st.integers(1, 90), st.data(), st.sampled_from([Fraction(8, 10), Fraction(9, 10), Fraction(95, 100)]))
def test_each_end_of_the_interval_leaves_half_of_the_rest_in_its_tail(
    sample: int, data: st.DataObject, confidence: Fraction
) -> None:
    """Clopper and Pearson: P(X >= found) is alpha/2 at the lower end, and P(X <= found) at the upper end."""
    found = data.draw(st.integers(0, sample))
    low, high = DISTRIBUTIONS.interval(found, sample, float(confidence))
    half = float((1 - confidence) / 2)
    assert 0 <= low <= found / sample <= high <= 1
    if found == 0:
        assert low == 0
    else:
        assert 1 - float(oracle.binomial(found - 1, sample, Fraction(low))) == pytest.approx(half, abs=1e-9)
    if found == sample:
        assert high == 1
    else:
        assert float(oracle.binomial(found, sample, Fraction(high))) == pytest.approx(half, abs=1e-9)


@for_each("sample", [5, 20, 60])
@for_each("permille", [1, 20, 50, 180, 500])
def test_the_interval_covers_the_true_rate_at_least_as_often_as_it_says(sample: int, permille: int) -> None:
    """Coverage computed exactly, over every possible count."""
    rate, covered = Fraction(permille, 1000), Fraction(0)
    for found in range(sample + 1):
        low, high = DISTRIBUTIONS.interval(found, sample, 0.95)
        if low <= float(rate) <= high:
            before = oracle.binomial(found - 1, sample, rate) if found else Fraction(0)
            covered += oracle.binomial(found, sample, rate) - before
    assert covered >= Fraction(95, 100)


def test_nothing_looked_at_says_nothing() -> None:
    assert DISTRIBUTIONS.interval(0, 0, 0.95) == (0.0, 1.0)


def test_without_scipy_the_error_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    exact._stats.cache_clear()
    exact._special.cache_clear()
    monkeypatch.setitem(sys.modules, "scipy.stats", None)
    monkeypatch.setitem(sys.modules, "scipy.special", None)
    monkeypatch.setitem(sys.modules, "scipy", None)
    monkeypatch.setattr(extras, "install_command", lambda package, extra: f"install {package} from {extra}")
    with raises_told(ExtraMissing, match="install scipy from statistics"):
        DISTRIBUTIONS.ready()
    exact._stats.cache_clear()
    exact._special.cache_clear()


def test_scipy_is_not_loaded_before_it_is_used() -> None:
    code = "import sys, station.quality.statistics.exact; sys.exit('scipy' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, timeout=PATIENCE_S).returncode == 0
