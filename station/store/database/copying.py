"""Copy a database while another process writes it, by SQLite's backup interface (sqlite.org/backup.html)."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from pathlib import Path

from station.store.database.database import translated
from station.store.database.disk import disk_errors, sync_file


def copy_database(sql: sqlite3.Connection, target: Path) -> None:
    """Copy the database to the new file `target`, and sync it. Inside a transaction of `sql`, the copy has the state
    that the transaction sees. The copy is a single file without a log. Raises `StoreError`."""
    with disk_errors(target):
        os.close(os.open(target, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600))
        with translated(target), closing(sqlite3.connect(target, isolation_level=None)) as copy:
            sql.backup(copy)
            copy.execute("PRAGMA journal_mode=DELETE").fetchone()
        sync_file(target)
