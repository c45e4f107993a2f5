"""Files of the data directory that a start opens for writing, and why it could not, for `station doctor`."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from station.runtime.data_directory import JOURNAL, LOG, PEOPLE
from station.runtime.lock import LOCK_NAME
from station.runtime.socket.wire import SOCKET_NAME
from station.store.journal.newest_head import file_of

_WRITTEN: Final = (LOCK_NAME, LOG, JOURNAL, f"{JOURNAL}-wal", f"{JOURNAL}-shm", file_of(Path(JOURNAL)).name, PEOPLE)
_REPLACED: Final = (SOCKET_NAME,)
"""Removed and made again at each start, so that only a directory is in the way."""
_MAY_BE_LINKS: Final = (JOURNAL, PEOPLE)
"""SQLite follows a symbolic link; the station itself follows none to a file that it writes."""


def obstacles(data: Path) -> Iterator[tuple[Path, str, str]]:
    """Yield each file that refuses a start: its path, what is wrong, and what to do."""
    for name in (*_WRITTEN, *_REPLACED):
        path = data / name
        try:
            mode = path.lstat().st_mode
        except FileNotFoundError:
            continue
        if stat.S_ISDIR(mode):
            yield path, "is a directory", f"Move it away: mv {path} {path}.away"
        elif name in _REPLACED:
            continue
        elif stat.S_ISLNK(mode) and name not in _MAY_BE_LINKS:
            yield path, "is a symbolic link", f"Put the file itself there: mv {path} {path}.away"
        elif not os.access(path, os.R_OK | os.W_OK, effective_ids=True):
            yield path, "cannot be written", "Give it to the user who runs the station, with mode 600 (chown, chmod)."
