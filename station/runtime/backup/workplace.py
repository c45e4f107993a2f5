"""A directory in which a new file or directory is made until it is complete, on the disk on which it will be.

A killed process leaves it behind. The next one removes it: the lock on it is free.
"""

from __future__ import annotations

import fcntl
import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from station.store.database.disk import disk_errors

SUFFIX: Final = ".station-new"


@contextmanager
def workplace(parent: Path) -> Iterator[Path]:
    """Make an empty directory in `parent`, and remove it at the end. Raises `StoreError`."""
    folder = parent / f".{secrets.token_hex(8)}{SUFFIX}"
    with disk_errors(parent):
        for left in left_behind(parent):
            shutil.rmtree(left, ignore_errors=True)
        folder.mkdir(mode=0o700)
        handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        os.close(handle)


def left_behind(parent: Path) -> Iterator[Path]:
    """Yield the directories that killed processes left in `parent`, each locked for its turn."""
    for left in parent.glob(f".*{SUFFIX}"):
        with suppress(OSError):  # another account's, or a process is still at work in it
            handle = os.open(left, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                yield left
            finally:
                os.close(handle)
