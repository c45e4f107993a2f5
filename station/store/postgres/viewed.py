"""The center's tables as a viewer may read them: one bench at a time, and only benches of the sites that the viewer sees.
The database's row security decides, by the settings of the reading's transaction."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from queue import Empty, LifoQueue
from typing import Final

import msgspec

from station.domain.fleet_standing import BenchStanding, Goal, Holding, Refused
from station.store.database.database import Sql
from station.store.postgres import standing
from station.store.postgres.connection import Connection, connect, translated
from station.store.postgres.sql import PostgresSql

_ROLE: Final = "station_viewer"
_ALL: Final = "*"
_BEGIN: Final = "BEGIN TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY"
_SEEN: Final = "SELECT set_config('station.sites', %s, true), set_config('station.bench', %s, true)"
"""For this transaction alone, so that no later reading inherits them."""
_BENCHES: Final = """SELECT b.bench, b.name, b.site, coalesce(
    to_char(b.seen AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"+00:00"'), '') FROM bench b ORDER BY b.site, b.name, b.bench"""


class ViewedBench(msgspec.Struct, frozen=True):
    """A bench that the viewer sees."""

    id: str
    name: str
    site: str
    seen: str
    """Time of its last batch, ISO 8601 UTC; "" = none yet."""


class _Moment(threading.local):
    """What a thread reads by one connection."""

    asked = False
    connection: Connection | None = None


class Center:
    """Connections with the rights of `station_viewer`. For several threads."""

    def __init__(self, address: str) -> None:
        """`address`: of libpq; the role is always `station_viewer`."""
        self._address = address
        self._idle: LifoQueue[Connection] = LifoQueue()
        self._moment = _Moment()

    def benches(self, sites: Sequence[str] | None) -> tuple[ViewedBench, ...]:
        """Return the benches of these sites; None = of all. Raises `StoreError`, as all readings."""
        with self.reading(sites) as sql:
            return tuple(ViewedBench(*row) for row in sql.execute(_BENCHES))

    def standings(self, sites: Sequence[str] | None, benches: Sequence[str]) -> tuple[BenchStanding, ...]:
        """Return how these benches are."""
        with self.reading(sites) as sql:
            known = standing.benches(sql, benches)
        whole = []
        for bench in known:
            with self.reading(sites, bench.id) as sql:
                whole.append(standing.with_tables(sql, bench))
        return tuple(whole)

    def ledger(
        self, sites: Sequence[str] | None, benches: Sequence[str], what: str, only: str, after: str, limit: int
    ) -> tuple[Holding, ...]:
        """Return tags, as `standing.ledger`."""
        with self.reading(sites) as sql:
            return standing.ledger(sql, benches, what, only, after, limit)

    def quarantine(
        self, sites: Sequence[str] | None, benches: Sequence[str], why: str, after: str, limit: int
    ) -> tuple[Refused, ...]:
        """Return refused events, as `standing.quarantine`."""
        with self.reading(sites) as sql:
            return standing.quarantine(sql, benches, why, after, limit)

    def goals(self, sites: Sequence[str] | None, now: str) -> tuple[Goal, ...]:
        """Return goals, as `standing.goals`."""
        with self.reading(sites) as sql:
            return standing.goals(sql, now)

    def tables(self, sites: Sequence[str] | None, bench: str) -> BenchTables:
        """Return the tables of one bench, for one who sees these sites."""
        return BenchTables(self, sites, bench)

    @contextmanager
    def at_once(self) -> Iterator[None]:
        """Have this thread read everything in the block as of one moment, by one connection."""
        moment = self._moment
        moment.asked = True
        try:
            yield
        finally:
            moment.asked = False
            if moment.connection is not None:
                connection, moment.connection = moment.connection, None
                self._end(connection)

    @contextmanager
    def reading(self, sites: Sequence[str] | None, bench: str = "") -> Iterator[Sql]:
        """Read as one who sees these sites (None = all), the tables of one bench."""
        moment, seen = self._moment, _ALL if sites is None else json.dumps(sorted(sites))
        connection = moment.connection or self._begun()
        if moment.asked:
            moment.connection = connection
        try:
            with translated():
                connection.execute(_SEEN, (seen, bench))
                yield PostgresSql(connection)
        finally:
            if not moment.asked:
                self._end(connection)

    def close(self) -> None:
        """Close the connections that no thread uses."""
        while (connection := self._next_idle()) is not None:
            connection.close()

    def _begun(self) -> Connection:
        connection = self._next_idle() or connect(self._address, _ROLE)
        with translated():
            connection.execute(_BEGIN)
        return connection

    def _end(self, connection: Connection) -> None:
        with translated():
            if not connection.closed:  # psycopg closes a connection that the server has ended
                connection.execute("ROLLBACK")
                self._idle.put(connection)

    def _next_idle(self) -> Connection | None:
        try:
            return self._idle.get_nowait()
        except Empty:
            return None


class BenchTables:
    """Implements `store.queries.tables.Tables` over the copy of one bench, for one who sees these sites."""

    exists = True

    def __init__(self, center: Center, sites: Sequence[str] | None, bench: str) -> None:
        self._center, self._sites, self._bench = center, sites, bench

    def reading(self) -> AbstractContextManager[Sql]:
        return self._center.reading(self._sites, self._bench)

    def at_once(self) -> AbstractContextManager[None]:
        return self._center.at_once()
