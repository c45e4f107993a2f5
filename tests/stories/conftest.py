"""The prepared data directory, made once a session, and tests that run beside the others.

Most of these tests wait for processes. Those marked `@beside` (rig.beside; arguments: parameters and `template` only)
are started in two threads at the first test of this folder, and only collected when their turn comes. Not so where pytest
itself has several workers (xdist): each would start them all.
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
    """A data directory with a catalog; to be copied."""
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
    """A test that runs beside the others: wait for it, and pass on what it raised."""
    future = _RUNNING.get(pyfuncitem.nodeid)
    if future is None:
        return None
    future.result()
    return True


@pytest.fixture
def desk(template: Path) -> Iterator[whole_bench.Bench]:
    """A bench of the test's own."""
    with whole_bench.bench(template) as made:
        yield made


@pytest.fixture(scope="module")
def shared_desk(template: Path) -> Iterator[whole_bench.Bench]:
    """One bench for all tests of a module; each test takes its own items."""
    with whole_bench.bench(template) as made:
        yield made
