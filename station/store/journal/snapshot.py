"""The journal at one moment, while its station goes on writing."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from station.base.clock import Clock
from station.domain.events import Head
from station.store.database.copying import copy_database
from station.store.database.database import open_reader, translated
from station.store.journal import hash_chain


class JournalSnapshot:
    """A read transaction on the journal. It holds up no writer; meanwhile the write-ahead log grows."""

    def __init__(self, sql: sqlite3.Connection, clock: Clock) -> None:
        self._sql = sql
        self.head: Head = hash_chain.current_head(sql, clock.now())
        self.schema = int(sql.execute("PRAGMA user_version").fetchone()[0])

    def copy(self, target: Path) -> None:
        """Copy the journal of this moment to the new file `target`. Raises `StoreError`."""
        copy_database(self._sql, target)


@contextmanager
def journal_snapshot(path: Path, clock: Clock) -> Iterator[JournalSnapshot]:
    """Open the journal at `path`, of any schema, for reading. Raises the errors of `open_reader`."""
    with closing(open_reader(path, any_schema=True)) as sql, translated(path):
        sql.execute("BEGIN")
        yield JournalSnapshot(sql, clock)
