"""The emulated readers and the emulated Alma, one process for each test."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.emulators.library_systems.alma_rig import Alma
from tests.support.feig_rig import Rig
from tests.support.threem_rig import ThreemRig


@pytest.fixture
def idle_rig(tmp_path: Path) -> Iterator[Rig]:
    """A FEIG reader that is not started yet."""
    rig = Rig(tmp_path)
    yield rig
    rig.close()


@pytest.fixture
def rig(idle_rig: Rig) -> Rig:
    """A FEIG reader with the virtual clock, no tags."""
    return idle_rig.start()


@pytest.fixture
def idle_pad(tmp_path: Path) -> Iterator[ThreemRig]:
    """A 3M reader that is not started yet."""
    rig = ThreemRig(tmp_path)
    yield rig
    rig.close()


@pytest.fixture
def pad(idle_pad: ThreemRig) -> ThreemRig:
    """A 3M reader with the virtual clock, no tags."""
    idle_pad.start()
    return idle_pad


@pytest.fixture
def alma(tmp_path: Path) -> Iterator[Alma]:
    """An emulated Alma with one item, barcode 1."""
    found = Alma(tmp_path)
    yield found
    found.close()
