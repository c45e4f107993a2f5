"""The newest head of a journal, in a small file beside it: `journal.head` for `journal.db`.

SQLite leaves out what follows a missing, cut or damaged part of the write-ahead log, without an error. The journal then
ends earlier, and its chain is whole. This file still has number and hash of the newest event. It is written after each
commit, so that a killed process leaves it complete, and synced before a delivery leaves the station: one fdatasync for
each event with deliveries, whatever the number of systems.
"""

from __future__ import annotations

import hashlib
import logging
import os
from pathlib import Path
from typing import Final

from station.base.clock import Clock
from station.base.files import open_own
from station.domain.events import Head
from station.store.database.database import Sql
from station.store.database.disk import disk_errors, sync_file
from station.store.journal import hash_chain

_SIZE: Final = 512
"""Bytes: one sector, which a power cut leaves old or new. The file has this size from the beginning, so that a full
disk does not prevent writing it."""
_CHECK: Final = 16
"""Hexadecimal digits of the SHA-256 of the line, which follow it. A torn line is ignored: it could refuse a whole
journal."""

_log = logging.getLogger("station.store")


class NewestHead:
    """Writes the file of the journal at `path`, in the thread that writes the journal."""

    def __init__(self, sql: Sql, path: Path, clock: Clock) -> None:
        """Create the file if it is missing. Raises `StoreError`."""
        self._sql = sql
        self._clock = clock
        self._path = file_of(path)
        self._synced = 0
        """Number of the newest event that the file had when it was last synced."""
        self._failed = False
        with disk_errors(self._path):
            created = not self._path.exists()
            self._handle = open_own(self._path, os.O_RDWR)
            if created:
                os.pwrite(self._handle, b"\n" * _SIZE, 0)
                os.fsync(self._handle)
                sync_file(self._path.parent)

    def write(self) -> None:
        """Write the head, not synced. A failure is logged: the events are committed, and `keep` tries again."""
        try:
            self._write()
        except OSError as error:
            if not self._failed:
                _log.warning("the newest head was not written: %s: %s", self._path, error)
            self._failed = True

    def keep(self, seq: int) -> None:
        """Sync a head of event `seq` or a newer one, if that was not done yet. Raises `StoreError`."""
        if seq <= self._synced:
            return
        with disk_errors(self._path):
            newest = self._write()
            os.fdatasync(self._handle)
        self._synced = newest

    def close(self) -> None:
        os.close(self._handle)

    def _write(self) -> int:
        head = hash_chain.current_head(self._sql, self._clock.now())
        line = hash_chain.line_of(head)
        os.pwrite(self._handle, f"{line} {_check(line)}\n".encode().ljust(_SIZE, b"\n"), 0)
        self._failed = False
        return head.seq


def file_of(path: Path) -> Path:
    """Return the path of the file for the journal at `path`."""
    return path.with_suffix(".head")


def read(path: Path) -> tuple[Head, ...]:
    """Return the newest head of the journal at `path`; () if there is no file, or no whole line in it. Raises
    `OSError`."""
    try:
        line, _, check = file_of(path).read_text("ascii", "replace").partition("\n")[0].rpartition(" ")
    except FileNotFoundError:
        return ()
    head = hash_chain.head_in(line)
    return (head,) if head is not None and check == _check(line) else ()


def _check(line: str) -> str:
    return hashlib.sha256(line.encode(errors="replace")).hexdigest()[:_CHECK]
