"""A fiscal year of invoices from 12 vendors against 60 orders, and random histories: the journal says what a model works out
anew (`fiscal_year.FiscalYear`). Packing lists name the order lines of their lines always, sometimes, or never."""

from __future__ import annotations

import random
import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.stories.purchases.fiscal_year import FiscalYear


@pytest.mark.parametrize("named", ["always", "sometimes", "never"])
@pytest.mark.parametrize(
    ("seed", "steps"), [(7, 250), *(pytest.param(seed, 6000, marks=pytest.mark.soak) for seed in range(3))]
)
def test_a_year_of_12_vendors_and_60_orders(tmp_path: Path, seed: int, steps: int, named: str) -> None:
    dice = random.Random(seed)
    year = FiscalYear(tmp_path, dice.randrange, vendors=12, orders=60, named=named)
    try:
        for _ in range(steps):
            year.step()
        year.check()
    finally:
        year.close()
    done = {name.split()[0] for name in year.stats if name.endswith("done")}
    assert len(done) == 8, "each kind of act was done"


def _history(data: st.DataObject, steps: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        named = data.draw(st.sampled_from(["always", "sometimes", "never"]))
        year = FiscalYear(
            Path(folder), lambda most: data.draw(st.integers(0, most - 1)), vendors=1, orders=2, named=named
        )
        try:
            for _ in range(steps):
                year.step()
            year.check()
        finally:
            year.close()


@settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.data())
def test_histories(data: st.DataObject) -> None:
    _history(data, 40)


@pytest.mark.soak
@settings(max_examples=300, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.data())
def test_many_histories(data: st.DataObject) -> None:
    _history(data, 120)
