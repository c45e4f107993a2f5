"""The emulated FEIG reader and the emulated Alma, one process a test."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.emulators.alma_rig import Alma
from tests.emulators.feig_rig import Rig


@pytest.fixture
def idle_rig(tmp_path: Path) -> Iterator[Rig]:
    """Not started yet."""
    rig = Rig(tmp_path)
    yield rig
    rig.close()


@pytest.fixture
def rig(idle_rig: Rig) -> Rig:
    """Started with the virtual clock, no tags."""
    return idle_rig.start()


@pytest.fixture
def alma(tmp_path: Path) -> Iterator[Alma]:
    """One item with the barcode 1."""
    found = Alma(tmp_path)
    yield found
    found.close()
