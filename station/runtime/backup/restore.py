"""Restore a backup into an empty data directory.

Everything is made and checked before the directory gets it. A directory that does not exist yet gets it in one step. One
that exists may be the mount point of a disk, which no other directory can replace: it gets each file or folder by itself,
the settings last, without which no station starts. The next restore removes what a killed one has left in it.

The restored journal is marked: no station works with it before `station journal continue --restored`, because the old
machine may have sent results after the backup.
"""

from __future__ import annotations

import errno
import os
import shutil
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import Final

from station.base.clock import Clock
from station.base.credentials import Secret
from station.runtime.backup import archive
from station.runtime.backup.check import Checked, Progress, check_file, quiet
from station.runtime.backup.workplace import left_behind, workplace
from station.runtime.data_directory import JOURNAL, SETTINGS_NAME
from station.store.database.disk import disk_errors, sync_file
from station.store.journal.hash_chain import line_of
from station.store.journal.timeline import restored_file

_MADE: Final = "data"
_MOVING: Final = "moving"
"""In the workplace: names of all that the directory gets, one a line."""
_OF_THE_DISK: Final = "lost+found"
"""In the root of an ext4 file system."""


def restore(
    path: Path, data: Path, clock: Clock, passphrase: Secret | None = None, progress: Progress = quiet
) -> Checked:
    """Restore the backup `path` as the directory `data`, which is empty or does not exist; with a passphrase, also keys
    and certificates. Raises what `check_file` raises; then `data` is as it was."""
    data = data.resolve()  # a link to an empty directory stays a link
    with disk_errors(data):
        data.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        if there := data.exists():
            _require_empty(data, but={*(left := _left(data))})
            _remove(left)
    with workplace(data if there else data.parent) as place:
        folder = place / _MADE
        checked = check_file(path, folder, clock, passphrase, progress)
        with disk_errors(data):
            for name, content in checked.keys.items():
                (folder / name).parent.mkdir(mode=0o700, parents=True, exist_ok=True)
                archive.put(folder / name, content)
            archive.put(restored_file(folder / JOURNAL), f"{line_of(checked.manifest.head)}\n".encode())
            for parent, _, names in os.walk(folder):
                for name in names:
                    sync_file(Path(parent) / name)
                sync_file(Path(parent))
            if there:
                _require_empty(data, but={place})
                _move(folder, data)
            else:
                folder.rename(data)  # refused if it is not empty (rename(2))
                sync_file(data.parent)
    return checked


def is_empty(data: Path) -> bool:
    """Return whether the directory is empty or does not exist, or has only what a killed restore left. Raises
    `StoreError`."""
    with disk_errors(data):
        return not data.exists() or (data.is_dir() and not _entries(data) - {*_left(data)})


def _require_empty(data: Path, but: set[Path]) -> None:
    if _entries(data) - but:
        raise OSError(errno.ENOTEMPTY, os.strerror(errno.ENOTEMPTY))


def _move(folder: Path, data: Path) -> None:
    """Move everything in `folder` to `data`. Raises `OSError`."""
    names = sorted((path.name for path in folder.iterdir()), key=lambda name: (name == SETTINGS_NAME, name))
    archive.put(folder.with_name(_MOVING), "".join(f"{name}\n" for name in names).encode())
    sync_file(folder.parent)
    with suppress(PermissionError):  # another account owns the directory
        data.chmod(0o700)
    try:
        for name in names:
            if name == names[-1]:
                sync_file(data)
            (folder / name).rename(data / name)
        sync_file(data)
    except BaseException:
        _remove([data / name for name in names if (data / name).exists()])
        raise


def _entries(data: Path) -> set[Path]:
    return {path for path in data.iterdir() if path.name != _OF_THE_DISK}


def _left(data: Path) -> list[Path]:
    """Return what killed restores left in the directory: workplaces, after what went from them to the directory. A restore
    that moved everything left only its workplace."""
    left: list[Path] = []
    for place in left_behind(data):
        with suppress(FileNotFoundError):
            names = (place / _MOVING).read_text("utf-8").splitlines()
            if any((place / _MADE).iterdir()):
                left += [data / name for name in names if (data / name).exists()]
        left.append(place)
    return left


def _remove(paths: Iterable[Path]) -> None:
    for path in paths:
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink()
