"""What the queries read: the journal file of one bench, or the copy of its journal at a center."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Protocol

from station.store.database.database import Sql, damage_confirmed, open_reader


class Tables(Protocol):
    """Events and projections of one bench, read-only. Any thread may read."""

    @property
    def exists(self) -> bool:
        """Whether there are any; a bench has none before its first start."""
        ...

    def reading(self) -> AbstractContextManager[Sql]:
        """Return a context in which all statements see one moment. Raises `StoreError` and its kinds."""
        ...

    def at_once(self) -> AbstractContextManager[None]:
        """Return a context in which this thread reads everything as of one moment, by one connection."""
        ...


class _Moment(threading.local):
    """What a thread reads by one connection."""

    asked = False
    connection: sqlite3.Connection | None = None


class JournalFile:
    """Implements `Tables` over the journal at `path`. Each reading opens its own query-only connection (a tenth of a
    millisecond, measured)."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._moment = _Moment()

    @property
    def exists(self) -> bool:
        return self.path.exists()

    @contextmanager
    def at_once(self) -> Iterator[None]:
        moment = self._moment
        moment.asked = True
        try:
            yield
        finally:
            moment.asked = False
            if moment.connection is not None:
                moment.connection.close()
                moment.connection = None

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        moment = self._moment
        connection = moment.connection or open_reader(self.path)
        if moment.asked:
            moment.connection = connection
        try:
            with damage_confirmed(connection, self.path):
                if not connection.in_transaction:
                    connection.execute("BEGIN")
                yield connection
        finally:
            if not moment.asked:
                connection.close()
