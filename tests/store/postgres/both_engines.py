"""The same events over SQLite and over PostgreSQL, by the store's own projections."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from station.store.database.database import LAST, Sql, transaction
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
        connection.execute("SET ROLE station_projector")
        yield PostgresSql(connection)


def copy(address: str, bench: str, journal: str, rows: Iterable[Row]) -> None:
    """Copy events of a bench to the center, without a look at their hashes."""
    with connect(address) as connection:
        connection.execute(
            "INSERT INTO bench (bench, name, site, key_digest) VALUES (%(bench)s, %(bench)s, 'Main', sha256(%(key)s)) "
            "ON CONFLICT DO NOTHING",
            {"bench": bench, "key": bench.encode()},
        )
        connection.execute(
            "INSERT INTO timeline (journal, bench, first_seq, head_seq, head, current) "
            "VALUES (%s, %s, 1, 0, sha256(''), true) ON CONFLICT DO NOTHING",
            (journal, bench),
        )
        with connection.cursor() as cursor:
            cursor.executemany(
                "INSERT INTO event (journal, seq, at, kind, payload, deliveries, hash) VALUES (%s, %s, %s, %s, %s, %s, %s)",
                [(journal, *row) for row in rows],
            )


def project(sql: PostgresSql, bench: str, first: int = 1, last: int = LAST) -> None:
    """Apply copied events of a bench."""
    sql.use(bench)
    decode = Decoder(sql)
    with transaction(sql):
        for seq, kind, payload in sql.execute(
            "SELECT seq, kind, payload FROM events WHERE seq BETWEEN ? AND ? ORDER BY seq", (first, last)
        ):
            projections.apply(sql, seq, decode(seq, kind, payload))


def tables(sql: Sql) -> dict[str, list[Row]]:
    """Return the rows of all projections."""
    return projections.dump(sql)


def tables_of(sql: PostgresSql, bench: str) -> dict[str, list[Row]]:
    """Return the rows of a bench at the center, without the column that names it."""
    sql.use(bench)
    return {
        name: [row[: len(row) - (row[-1:] == (bench,))] for row in rows] for name, rows in projections.dump(sql).items()
    }
