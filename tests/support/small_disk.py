"""A disk of two megabytes, mounted for a test."""

from __future__ import annotations

import contextlib
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest


@contextlib.contextmanager
def small_disk(place: Path) -> Iterator[Path]:
    """Mount it on the new directory `place`. Where that is not allowed, the test is skipped."""
    place.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", str(place)], capture_output=True)
    if mounted.returncode != 0:
        pytest.skip("mounting a small disk is not permitted here")
    try:
        yield place
    finally:
        subprocess.run(["umount", str(place)], check=True)


def fill(place: Path, left: int) -> Path:
    """Fill the disk until `left` bytes are free. Return the file that takes the rest."""
    disk, filler = os.statvfs(place), place / "filler"
    filler.write_bytes(bytes(max(0, disk.f_bavail * disk.f_frsize - left)))
    return filler
