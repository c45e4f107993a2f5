"""Shared by all tests: hypothesis profiles, the path of ../shared, and a manual clock."""

from __future__ import annotations

import gc
import os
import sys
import traceback
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

os.environ["HYPOTHESIS_NO_PLUGINS"] = "1"  # no test uses trio's plug-in, which imports all of trio
from hypothesis import HealthCheck, settings

if TYPE_CHECKING:
    from tests.support.postgres import PostgresServer

ROOT = Path(__file__).resolve().parent.parent
SHARED = ROOT.parent / "shared"
IN_CI_RUN = os.environ.get("STATION_CI") == "1"

# One switch for counts: `make test` tries few examples, `make soak` many. Tests that run only in a soak have the mark
# `soak`.
SOAK = os.environ.get("HYPOTHESIS_PROFILE") == "soak"
settings.register_profile("ci", max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("soak", max_examples=2000, deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("soak" if SOAK else "ci")


def _report_ignored(error: sys.UnraisableHookArgs) -> None:
    """Print an error that Python ignores, such as a file that an earlier test left open, to the terminal. Python prints
    it to `sys.stderr`, which may be the output of a command under test at that moment."""
    print(f"Ignored in {error.object!r}:", file=sys.__stderr__)
    traceback.print_exception(error.exc_type, error.exc_value, error.exc_traceback, file=sys.__stderr__)


sys.unraisablehook = _report_ignored

YOUNG = 20_000
"""Number of new objects before the youngest generation is collected; Python's default is 700. An app that starts makes
tens of thousands, and each collection finds nearly all of them in use."""


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, Any, Any]:
    """Disable garbage collection while the tests are collected, because these objects stay in use.

    Freezing them spares every later collection, and every fork, the traversal. The little garbage among them is kept as
    well, because finding it takes half a second. This is a hook and not module code, because processes that run no
    tests import this file, too.
    """
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.set_threshold(YOUNG)
        gc.enable()


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_setupnodes() -> None:
    """Compile the tests before the workers start, in the process that starts them."""
    from tests.support.compiled import compile_once

    compile_once()


SOAK_LIMIT_S = 3600.0
"""Minimum limit of a soak test in seconds, however it is started. The suite's limit, or that of its file, would stop it
in the middle of an example. Hypothesis takes that for a failure, repeats the example, and reports that the data are
inconsistent (FlakyStrategyDefinition), although only the clock was."""


@pytest.fixture(autouse=True)
def _english() -> None:
    """Begin each test in English: a test may leave a session in another language."""
    from station.base import words

    words.use()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Give every soak test at least its time limit. A test may set a longer one."""
    for item in items:
        limit = item.get_closest_marker("timeout")
        if item.get_closest_marker("soak") and (limit is None or limit.args[0] < SOAK_LIMIT_S):
            item.add_marker(pytest.mark.timeout(SOAK_LIMIT_S), append=False)


def missing(what: str) -> None:
    """Report a missing counterparty or ../shared: a failure under .ci/run, a skip with its reason elsewhere."""
    if IN_CI_RUN:
        pytest.fail(f"{what} is missing, and .ci/run promises it")
    pytest.skip(f"{what} is not here")


@pytest.fixture(scope="session")
def shared() -> Path:
    """Return the folder ../shared with genuine records, or skip (a failure under .ci/run)."""
    if not SHARED.is_dir():
        missing("../shared")
    return SHARED


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[PostgresServer]:
    """Start a PostgreSQL 17 for all tests of this process, or skip (a failure under .ci/run)."""
    from station.demo.postgres import programs
    from tests.support.postgres import PostgresServer

    folder = programs()
    if folder is None:
        missing("PostgreSQL 17")
    else:
        server = PostgresServer(folder)
        yield server
        server.stop()


@pytest.fixture
def center_database(postgres_server: PostgresServer) -> Iterator[str]:
    """Make a new database with the center's schema. Return its address for libpq."""
    name = postgres_server.new_database()
    yield postgres_server.address(name)
    postgres_server.drop(name)


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
