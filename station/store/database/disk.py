"""Meaning of disk errors, and files that appear complete or not at all."""

from __future__ import annotations

import errno
import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from station.base.errors import StoreError, StoreFull, StoreIo, StoreReadOnly
from station.base.files import open_own

_LEAST: Final = 32 * 1024
"""Bytes. SQLite's shared memory grows by this amount (sqlite.org/walformat.html, 2.1); with less free space, no log can
begin."""
_MEANS: Final = {
    errno.ENOSPC: StoreFull,
    errno.EDQUOT: StoreFull,
    errno.EACCES: StoreReadOnly,
    errno.EPERM: StoreReadOnly,
    errno.EROFS: StoreReadOnly,
    errno.EIO: StoreIo,
}


def disk_error(error: OSError, path: Path | None = None) -> StoreError | None:
    """Return the station's error for a disk error; None for all others, such as a missing file."""
    means = _MEANS.get(error.errno or 0)
    return None if means is None else means(f"{path}: {error}" if path is not None else str(error))


def no_space(path: Path) -> bool:
    """Return True if the disk of `path` is full."""
    try:
        return shutil.disk_usage(path.parent).free < _LEAST
    except OSError:
        return False


@contextmanager
def disk_errors(path: Path) -> Iterator[None]:
    """Turn every `OSError` inside the block into a `StoreError`."""
    try:
        yield
    except OSError as error:
        raise (disk_error(error, path) or StoreError(f"{path}: {error}")) from error


def sync_file(path: Path) -> None:
    """Have the operating system write a file (or a directory's entries) to the medium."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def put_new(path: Path, content: bytes) -> None:
    """Create the file `path`, readable only by its owner. After any interruption it is there with its whole content or
    not at all.

    Two processes may try at once: the second one finds the file of the first and leaves it. Raises `StoreError`.
    """
    beside = path.with_name(path.name + ".new")
    with disk_errors(path):
        handle = open_own(beside, os.O_RDWR)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX)
            if path.exists():
                beside.unlink(missing_ok=True)
                return
            try:
                os.ftruncate(handle, 0)  # remains of an interrupted creation
                rest = memoryview(content)
                while rest:
                    rest = rest[os.write(handle, rest) :]
                os.fsync(handle)
                beside.replace(path)
            except OSError:
                with suppress(OSError):
                    os.ftruncate(handle, 0)  # a full disk needs the space
                raise
            sync_file(path.parent)
        finally:
            os.close(handle)
