"""The prepared data directory, made once a session."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.demo import bench, rig


@pytest.fixture(scope="session")
def template() -> Iterator[Path]:
    """A data directory with a catalog; to be copied."""
    with rig.short_folder() as folder:
        yield bench.prepare(folder)


@pytest.fixture
def desk(template: Path) -> Iterator[bench.Bench]:
    """A bench of the test's own."""
    with bench.bench(template) as made:
        yield made


@pytest.fixture(scope="module")
def shared_desk(template: Path) -> Iterator[bench.Bench]:
    """One bench for all tests of a module; each test takes its own items."""
    with bench.bench(template) as made:
        yield made
