"""Restore a backup into an empty data directory.

Everything is made and checked beside the directory, and takes its place in one step. The restored journal is marked: no
station works with it before `station journal continue --restored`, because the old machine may have sent results after
the backup.
"""

from __future__ import annotations

import os
from pathlib import Path

from station.base.clock import Clock
from station.base.credentials import Secret
from station.runtime.backup import archive
from station.runtime.backup.check import Checked, Progress, check_file, quiet
from station.runtime.backup.workplace import workplace
from station.runtime.data_directory import JOURNAL
from station.store.database.disk import disk_errors, sync_file
from station.store.journal.hash_chain import line_of
from station.store.journal.timeline import restored_file


def restore(
    path: Path, data: Path, clock: Clock, passphrase: Secret | None = None, progress: Progress = quiet
) -> Checked:
    """Restore the backup `path` as the directory `data`, which is empty or does not exist; with a passphrase, also keys
    and certificates. Raises what `check_file` raises; then `data` is as it was."""
    data = data.resolve()  # a link to an empty directory stays a link
    with disk_errors(data):
        data.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with workplace(data.parent) as place:
        folder = place / "data"
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
            folder.rename(data)  # refused if it is not empty (rename(2))
            sync_file(data.parent)
    return checked


def is_empty(data: Path) -> bool:
    """Return whether the directory is empty or does not exist. Raises `StoreError`."""
    with disk_errors(data):
        return not data.exists() or (data.is_dir() and next(data.iterdir(), None) is None)
