"""The emulated Alma, one process for each module."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.support.alma_process import AlmaProcess, fictitious


@pytest.fixture(scope="module")
def alma_process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[AlmaProcess]:
    """Shared by a module's tests; use `alma`."""
    process = AlmaProcess(tmp_path_factory.mktemp("alma"))
    yield process
    process.close()


@pytest.fixture
def alma(alma_process: AlmaProcess) -> AlmaProcess:
    """The emulated Alma, reset to one item with the barcode 1."""
    alma_process.reset({"1": fictitious()})
    return alma_process
