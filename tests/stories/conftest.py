"""The prepared data directory, made once per session, and tests that run in parallel with others.

Most of these tests wait for processes. Tests marked `@beside` (`station_process.beside`; arguments: parameters and
`template` only) start in two threads at the first test of this folder. When pytest reaches such a test, it only
collects the result. This is disabled if pytest itself has several workers (xdist), because each worker would start all
of these tests.
"""

from __future__ import annotations

import inspect
import os
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.support import station_process, whole_bench

_RUNNING: dict[str, Future[object]] = {}


@pytest.fixture(scope="session")
def template() -> Iterator[Path]:
    """A data directory with a catalog, to be copied."""
    with station_process.short_folder() as folder:
        yield whole_bench.prepare(folder)


@pytest.fixture(scope="session", autouse=True)
def _start_those_beside(request: pytest.FixtureRequest) -> Iterator[None]:
    if "PYTEST_XDIST_WORKER" in os.environ:
        yield
        return
    pool = ThreadPoolExecutor(2)
    for item in request.session.items:
        if isinstance(item, pytest.Function) and getattr(item.function, "beside", False):
            given = dict(item.callspec.params) if hasattr(item, "callspec") else {}
            if "template" in inspect.signature(item.function).parameters:
                given["template"] = request.getfixturevalue("template")
            _RUNNING[item.nodeid] = pool.submit(item.function, **given)
    yield
    pool.shutdown(cancel_futures=True)


def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> bool | None:
    """For a test that already runs in parallel, wait for its result and raise its exception."""
    future = _RUNNING.get(pyfuncitem.nodeid)
    if future is None:
        return None
    future.result()
    return True


@pytest.fixture
def desk(template: Path) -> Iterator[whole_bench.Bench]:
    """A bench for one test."""
    with whole_bench.bench(template) as made:
        yield made


@pytest.fixture(scope="module")
def shared_desk(template: Path) -> Iterator[whole_bench.Bench]:
    """One bench for all tests of a module. Each test uses its own items."""
    with whole_bench.bench(template) as made:
        yield made
