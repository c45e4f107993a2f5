"""The projector makes each bench's tables from the copies of its events, and one bench cannot stop another's."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing

import pytest

from station.base.errors import StoreError
from station.domain.deliveries.delivery import DeliveryState
from station.fleet.projector import Projector
from station.store.journal import hash_chain
from station.store.journal.journal import JournalStore
from station.store.journal.outbox import OutboxStore
from station.store.postgres.connection import Connection, connect
from station.store.postgres.sql import PostgresSql
from tests.conftest import FakeClock
from tests.store.postgres.both_engines import EVENTS, copy, tables, tables_of
from tests.store.postgres.test_projections import one_of_each, random_journal
from tests.support import sample_events
from tests.support.postgres import PostgresServer

OUTBOX = (
    "SELECT id, event_seq, place, system, lane, intent, state, changed_seq, holds, count_seq FROM outbox ORDER BY id"
)


@pytest.fixture
def session(center_database: str) -> Iterator[Connection]:
    with connect(center_database) as connection:
        connection.execute("SET ROLE station_projector")
        yield connection


def sent(address: str, bench: str, sql: sqlite3.Connection) -> None:
    """Copy a bench's journal to the center, with its deliveries."""
    journal = hash_chain.journal_id(sql)
    copy(address, bench, journal, sql.execute(EVENTS))
    with connect(address) as owner:
        for row in sql.execute("SELECT event_seq, system, place, lane, intent, not_before FROM outbox"):
            owner.execute("INSERT INTO delivery VALUES (%s, %s, %s, %s, %s, %s, %s)", (journal, *row))


def place(session: Connection, bench: str) -> tuple[int, int | None]:
    """Return the last event that was applied, and the event that stopped the tables."""
    sql = PostgresSql(session)
    sql.use(bench)
    seq, stopped = sql.execute("SELECT seq, stopped_seq FROM projected").fetchone()
    return seq, stopped


def project(session: Connection) -> None:
    projector = Projector(session)
    while projector.run():
        pass


def test_the_tables_and_deliveries_of_each_bench_are_those_of_its_journal(
    center_database: str, session: Connection
) -> None:
    journals = {"bench-1": one_of_each(), "bench-2": random_journal(7)}
    journal = JournalStore(journals["bench-2"], FakeClock())
    journal.record(sample_events.judged(), deliveries=[sample_events.delivery(), sample_events.delivery()])
    outbox = OutboxStore(journals["bench-2"], journal)
    first = outbox.heads()[0].id
    outbox.lease(first)
    outbox.settle(first, DeliveryState.DELIVERED)
    for bench, sql in journals.items():
        sent(center_database, bench, sql)

    project(session)

    for bench, sql in journals.items():
        with closing(sql):
            assert tables_of(PostgresSql(session), bench) == tables(sql)
            assert list(PostgresSql(session).execute(OUTBOX)) == list(sql.execute(OUTBOX))


@pytest.mark.parametrize(
    ("kind", "payload"),
    [
        ("of-a-newer-program", b"{}"),
        ("item-scanned", b"\xff\x00"),
        ("item-scanned", b"{}"),
        (
            "cataloging-requested",
            b'{"request":"a\\u0000","barcode":"1","isbn":"","operator":"x","reason":"","text":""}',
        ),
        ("cataloging-requested", b'{"request":"%s","barcode":"1","isbn":"","operator":"x"}' % (b"long" * 900)),
    ],
)
def test_an_event_that_cannot_be_applied_stops_only_its_bench(
    center_database: str, session: Connection, kind: str, payload: bytes
) -> None:
    with closing(random_journal(3)) as good, closing(random_journal(4)) as bad:
        rows = list(bad.execute(EVENTS))
        broken = [(*row[:2], kind, payload, *row[4:]) if row[0] == 60 else row for row in rows]
        copy(center_database, "bad", hash_chain.journal_id(bad), broken)
        sent(center_database, "good", good)

        projector = Projector(session)
        while projector.run():
            pass

        assert place(session, "bad") == (59, 60)
        assert place(session, "good") == (101, None)
        assert tables_of(PostgresSql(session), "good") == tables(good)

        with connect(center_database) as owner:  # a program that knows the event
            whole = (*rows[59][2:4], hash_chain.journal_id(bad))
            owner.execute("UPDATE event SET kind = %s, payload = %s WHERE journal = %s AND seq = 60", whole)
        assert projector.run() == 0, "it tried again"
        project(session)
        assert place(session, "bad") == (101, None)
        assert tables_of(PostgresSql(session), "bad") == tables(bad)


def test_the_tables_follow_the_path_of_a_bench_that_continued_from_an_older_copy(
    center_database: str, session: Connection
) -> None:
    with closing(random_journal(5)) as lost, closing(random_journal(6)) as now:
        sent(center_database, "bench", lost)
        project(session)

        with connect(center_database) as owner:
            owner.execute("UPDATE timeline SET current = false, last_seq = 0")
        copy(center_database, "bench", hash_chain.journal_id(now), now.execute(EVENTS))
        project(session)

        assert tables_of(PostgresSql(session), "bench") == tables(now)


class Killing:
    """A connection whose server is killed before one statement."""

    def __init__(self, connection: Connection, server: PostgresServer, statements: int) -> None:
        self._connection, self._server, self._left = connection, server, statements

    def execute(self, *statement: object) -> object:
        self._left -= 1
        if self._left == 0:
            self._server.kill()
            self._server.start()
        return self._connection.execute(*statement)  # type: ignore[arg-type]

    def __getattr__(self, name: str) -> object:
        return getattr(self._connection, name)


def test_a_server_that_is_killed_between_statements_loses_and_doubles_nothing(
    postgres_server: PostgresServer, center_database: str
) -> None:
    with closing(random_journal(8)) as sql:
        sent(center_database, "bench", sql)
        for statements in range(5, 120, 23):
            with connect(center_database) as dying, pytest.raises(StoreError):
                dying.execute("SET ROLE station_projector")
                Projector(Killing(dying, postgres_server, statements)).run()  # type: ignore[arg-type]
        with connect(center_database) as session:
            session.execute("SET ROLE station_projector")
            project(session)
            assert place(session, "bench") == (101, None)
            assert tables_of(PostgresSql(session), "bench") == tables(sql)


def test_one_projector_works_at_a_time(center_database: str, session: Connection) -> None:
    with connect(center_database) as other:
        assert Projector(session).is_alone()
        assert not Projector(other).is_alone()
