"""The same events over SQLite and over PostgreSQL, by the store's own projections."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from station.store.database.database import Sql, transaction
from station.store.database.decoding import Decoder
from station.store.postgres.connection import connect
from station.store.postgres.sql import PostgresSql
from station.store.projections import projections

EVENTS = "SELECT seq, at, kind, payload, deliveries, hash FROM events ORDER BY seq"
Row = tuple[Any, ...]


@contextmanager
def center(address: str) -> Iterator[PostgresSql]:
    """Open the center's database with the rights of the projector."""
    with connect(address) as connection:
        connection.execute(
            "CREATE TABLE IF NOT EXISTS events (seq bigint, at text, kind text, payload bytea, deliveries bytea, hash bytea, "
            "bench text COLLATE \"C\" DEFAULT current_setting('station.bench'), PRIMARY KEY (bench, seq))"
        )
        connection.execute("CALL only_own_bench('events')")
        connection.execute("SET ROLE station_projector")
        yield PostgresSql(connection)


def project(sql: PostgresSql, bench: str, rows: Iterable[Row]) -> None:
    """Copy events of a bench to the center, and apply them."""
    decode = Decoder(sql)
    with transaction(sql):
        sql.use(bench)
        for row in rows:
            sql.execute("INSERT INTO events (seq, at, kind, payload, deliveries, hash) VALUES (?, ?, ?, ?, ?, ?)", row)
            projections.apply(sql, row[0], decode(row[0], row[2], row[3]))


def tables(sql: Sql) -> dict[str, list[Row]]:
    """Return the rows of all projections."""
    return projections.dump(sql)


def tables_of(sql: PostgresSql, bench: str) -> dict[str, list[Row]]:
    """Return the rows of a bench at the center, without the column that names it."""
    sql.use(bench)
    return {
        name: [row[: len(row) - (row[-1:] == (bench,))] for row in rows] for name, rows in projections.dump(sql).items()
    }
