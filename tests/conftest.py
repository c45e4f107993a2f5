"""What all tests share: hypothesis profiles, the place of ../shared, and a clock turned by hand."""

from __future__ import annotations

import gc
import os
from collections.abc import Generator
from pathlib import Path
from typing import Any

import pytest

os.environ["HYPOTHESIS_NO_PLUGINS"] = "1"  # no test uses trio's, which loads all of trio
from hypothesis import HealthCheck, settings

ROOT = Path(__file__).resolve().parent.parent
SHARED = ROOT.parent / "shared"
IN_CI_RUN = os.environ.get("STATION_CI") == "1"

# One switch for counts: `make test` tries few examples, `make soak` many. What only a soak does has the mark `soak`.
SOAK = os.environ.get("HYPOTHESIS_PROFILE") == "soak"
settings.register_profile("ci", max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("soak", max_examples=2000, deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("soak" if SOAK else "ci")


YOUNG = 20_000
"""Objects until the youngest are looked through, for Python's 700: an app that starts makes ten thousands, and each look finds
nearly all of them in use."""


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, Any, Any]:
    """Garbage is not looked for while the tests are collected, for what is made then stays: no later look, and no fork, has to go
    through it. What little of it is garbage stays as well: to find it takes half a second. For processes that run tests only:
    others import this file, too."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.set_threshold(YOUNG)
        gc.enable()


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_setupnodes() -> None:
    """Before the workers start, in the process that starts them."""
    from tests.support.compiled import compile_once

    compile_once()


SOAK_LIMIT_S = 3600.0
"""A soak test has an hour, however it is started. The suite's limit would end it in the middle of an example, and
hypothesis, which takes that for a failure and plays the example again, then says that the data are inconsistent
(FlakyStrategyDefinition): the clock was, not the data."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Give every soak test its time, unless it says its own."""
    for item in items:
        if item.get_closest_marker("soak") and not item.get_closest_marker("timeout"):
            item.add_marker(pytest.mark.timeout(SOAK_LIMIT_S))


def missing(what: str) -> None:
    """A counterparty or ../shared is not here: a failure under .ci/run, a skip with its reason elsewhere."""
    if IN_CI_RUN:
        pytest.fail(f"{what} is missing, and .ci/run promises it")
    pytest.skip(f"{what} is not here")


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder ../shared with genuine records, or a skip (a failure under .ci/run)."""
    if not SHARED.is_dir():
        missing("../shared")
    return SHARED


class FakeClock:
    """Time that moves only when a test (or a pause) moves it."""

    def __init__(self) -> None:
        self.seconds = 1000.0

    def monotonic(self) -> float:
        return self.seconds

    def now(self) -> str:
        from datetime import UTC, datetime

        return datetime.fromtimestamp(1_790_000_000 + self.seconds, UTC).isoformat(timespec="microseconds")

    def day(self, ahead: int = 0) -> str:
        from datetime import date, timedelta

        return (date.fromisoformat(self.now()[:10]) + timedelta(days=ahead)).isoformat()

    def pause(self, seconds: float) -> None:
        self.seconds += seconds


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()
