"""The store's statements over PostgreSQL: an `Sql` for the tables of one bench."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from psycopg import pq
from psycopg.adapt import Buffer, Loader

from station.store.database.database import Rows, SqlValue
from station.store.postgres.connection import Connection, translated
from station.store.postgres.statements import for_postgres


class _NumberLoader(Loader):
    """Loads a sum as SQLite gives it."""

    def load(self, data: Buffer) -> int | float:
        text = bytes(data).decode()
        return float(text) if "." in text else int(text)


class PostgresSql:
    """Implements `database.Sql` on one connection. Its rows are those of the bench that `use` named last."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        connection.adapters.register_loader("numeric", _NumberLoader)

    def use(self, bench: str) -> None:
        """Read and write the rows of this bench from now on."""
        with translated():
            self._connection.execute("SELECT set_config('station.bench', %s, false)", (bench,))

    @contextmanager
    def pipelined(self) -> Iterator[None]:
        """Inside a transaction: send the statements of the block without a wait for each result. A statement's error may be
        raised at a later one, or at the end of the block."""
        with translated(), self._connection.pipeline():
            yield

    @property
    def in_transaction(self) -> bool:
        return self._connection.info.transaction_status != pq.TransactionStatus.IDLE

    def execute(self, statement: str, parameters: Sequence[SqlValue] | Mapping[str, SqlValue] = (), /) -> Rows:
        """Run a statement that is written for SQLite. Raises `StoreError`."""
        values = (
            {name: _plain(value) for name, value in parameters.items()}
            if isinstance(parameters, Mapping)
            else [_plain(value) for value in parameters]
        )
        with translated():
            return self._connection.execute(for_postgres(statement), values)


def _plain(value: Any) -> SqlValue:
    """Return a truth value as a number, and a member of an enumeration as its text, as SQLite stores them."""
    if isinstance(value, bool):
        return int(value)
    return str(value) if isinstance(value, str) else value
