"""One server for all tests that do not change its configuration."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.support.served_pad import Desk, FakePad, serving


@pytest.fixture(scope="session")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    with serving(tmp_path_factory.mktemp("web")) as desk:
        yield desk


@pytest.fixture
def desk(served: Desk) -> Desk:
    """The shared server with its pad reset."""
    FakePad.__init__(served.pad)
    return served
