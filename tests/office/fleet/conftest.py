"""A center with two benches."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.office.fleet.center import center_directory, filled


@pytest.fixture
def benches(tmp_path: Path, center_database: str) -> dict[str, str]:
    """Ids of the benches, by name."""
    return filled(center_database, tmp_path)


@pytest.fixture
def center(tmp_path: Path, center_database: str, benches: dict[str, str]) -> Path:
    """The center's data directory."""
    return center_directory(tmp_path / "center", center_database)
