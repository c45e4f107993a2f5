"""The center keeps exact copies of journals. It recomputes each hash, and refuses what does not follow."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import msgspec
import psycopg
import pytest

from station.domain.journal_copy import Batch, Place
from station.store.postgres.connection import connect
from station.store.postgres.copies import Copies
from station.store.postgres.migrations import migrate
from tests.support.copied_bench import CopiedBench
from tests.support.postgres import PostgresServer

LATER = "00000000000000aa"
LATEST = "00000000000000bb"


@pytest.fixture
def copies(center_database: str) -> Iterator[Copies]:
    """The center's journals, for the role that serves the benches."""
    receiver = center_database.replace("user=owner", "user=station_receiver")
    made = Copies(receiver)
    yield made
    made.close()


@pytest.fixture(scope="module")
def migrated_database(postgres_server: PostgresServer) -> Iterator[str]:
    """A database that was migrated itself: a copy of a template has not the rights of the database."""
    with connect(postgres_server.address("postgres")) as owner:
        owner.execute("CREATE DATABASE migrated")
    with connect(postgres_server.address("migrated")) as owner:
        migrate(owner)
    yield postgres_server.address("migrated")
    postgres_server.drop("migrated")


@pytest.fixture
def bench(tmp_path: Path) -> CopiedBench:
    made = CopiedBench(tmp_path / "bench")
    made.work("30001000000010", "30001000000028")
    return made


@pytest.fixture
def name(copies: Copies, center_database: str, bench: CopiedBench) -> str:
    """The bench's id at the center."""
    return bench.join(copies, center_database).bench


def stored(database: str, statement: str) -> list[tuple[object, ...]]:
    with connect(database) as connection:
        return connection.execute(statement).fetchall()


def path_at(database: str) -> list[tuple[object, ...]]:
    return stored(database, "SELECT seq, at, kind, payload, deliveries, hash FROM events ORDER BY seq")


def quarantine(database: str) -> list[tuple[object, ...]]:
    return stored(database, "SELECT bench, seq, why FROM quarantine ORDER BY seq")


def test_the_copy_equals_the_journal_byte_for_byte(
    copies: Copies, center_database: str, bench: CopiedBench, name: str
) -> None:
    received = bench.send(copies, name)

    rows = bench.rows()
    assert (received.outcome, received.head.seq, received.head.hash) == ("taken", rows[-1][0], rows[-1][5])
    assert path_at(center_database) == rows
    assert stored(center_database, "SELECT system, place, lane FROM delivery ORDER BY seq, system") == [
        ("alma", 0, "30001000000010"),
        ("file", 0, "30001000000010"),
        ("alma", 0, "30001000000028"),
        ("file", 0, "30001000000028"),
    ]


def test_a_batch_that_is_sent_twice_is_taken_once(
    copies: Copies, center_database: str, bench: CopiedBench, name: str
) -> None:
    batch = bench.batch(copies, name)

    assert copies.receive(name, batch) == copies.receive(name, batch)
    assert path_at(center_database) == bench.rows()
    assert quarantine(center_database) == []


def test_events_after_a_gap_are_refused_and_asked_for_again(
    copies: Copies, center_database: str, bench: CopiedBench, name: str
) -> None:
    whole = bench.batch(copies, name)
    first = whole.events[0]
    behind = Batch(Place(whole.after.journal, 1, first.hash), whole.events[1:])

    assert copies.receive(name, behind).outcome == "gap"
    assert path_at(center_database) == quarantine(center_database) == []
    assert bench.send(copies, name).outcome == "taken"


@pytest.mark.parametrize("field", ["at", "kind", "payload", "hash"])
def test_a_forged_event_goes_to_quarantine_and_those_before_it_are_taken(
    copies: Copies, center_database: str, bench: CopiedBench, name: str, field: str
) -> None:
    batch = bench.batch(copies, name)
    event = batch.events[1]
    forged = {"at": event.at + "0", "kind": "tag-erased", "payload": event.payload + b" ", "hash": bytes(32)}
    events = (batch.events[0], msgspec.structs.replace(event, **{field: forged[field]}), *batch.events[2:])

    received = copies.receive(name, Batch(batch.after, events))

    assert (received.outcome, received.head.seq) == ("hash", 1)
    assert path_at(center_database) == bench.rows()[:1]
    assert quarantine(center_database) == [(name, number, "hash") for number in range(2, len(events) + 1)]
    assert bench.send(copies, name).outcome == "taken"


def test_an_event_without_the_intents_of_its_deliveries_is_refused(
    copies: Copies, bench: CopiedBench, name: str
) -> None:
    batch = bench.batch(copies, name)
    bare = tuple(msgspec.structs.replace(event, deliveries=()) for event in batch.events)

    received = copies.receive(name, Batch(batch.after, bare))

    first_judged = next(number for number, event in enumerate(batch.events, start=1) if event.deliveries)
    assert (received.outcome, received.head.seq) == ("hash", first_judged - 1)


def test_a_bench_cannot_send_the_journal_of_another(
    copies: Copies, center_database: str, bench: CopiedBench, name: str, tmp_path: Path
) -> None:
    bench.send(copies, name)
    other = CopiedBench(tmp_path / "other")
    other.work("30001000000036")
    thief = other.join(copies, center_database).bench
    bench.work("30001000000044")
    batch = bench.batch(copies, name)

    assert copies.receive(thief, batch).outcome == "foreign"
    assert {row[0] for row in quarantine(center_database)} == {thief}
    assert other.send(copies, thief).outcome == "taken"
    assert stored(center_database, "SELECT count(*) FROM event")[0][0] == len(other.rows()) + batch.after.seq


def test_of_two_benches_with_one_journal_the_second_is_in_quarantine(
    copies: Copies, center_database: str, bench: CopiedBench, name: str, tmp_path: Path
) -> None:
    bench.send(copies, name)
    clone = bench.copy_to(tmp_path / "clone")
    bench.work("30001000000044")
    before = len(clone.rows())
    clone.work("30001000000051")
    batch = clone.batch(copies, name)
    bench.send(copies, name)

    assert copies.receive(name, batch).outcome == "fork"
    assert clone.send(copies, name).outcome == "fork"
    assert path_at(center_database) == bench.rows()
    assert quarantine(center_database) == [(name, before + 1, "fork")]


def test_a_copy_that_continues_is_accepted_and_its_lost_part_is_kept(
    copies: Copies, center_database: str, bench: CopiedBench, name: str, tmp_path: Path
) -> None:
    older = bench.copy_to(tmp_path / "older")
    bench.work("30001000000044")
    bench.send(copies, name)
    lost = bench.rows()[len(older.rows()) :]

    older.go_on(LATER)
    older.work("30001000000051")
    received = older.send(copies, name)

    assert (received.outcome, received.head.journal) == ("taken", LATER)
    assert path_at(center_database) == older.rows()
    assert (
        stored(center_database, "SELECT seq, at, kind, payload, deliveries, hash FROM lost_events ORDER BY seq") == lost
    )
    older.work("30001000000069")
    older.go_on(LATEST)
    older.send(copies, name)
    assert path_at(center_database) == older.rows()
    assert [place.journal for place in copies.path(name)][:2] == [LATEST, LATER]


def test_the_oldest_timeline_is_the_last_of_the_path_though_it_has_no_event(
    copies: Copies, center_database: str, tmp_path: Path
) -> None:
    """A restore makes the journal with its id."""
    fresh = CopiedBench(tmp_path / "fresh")
    fresh.work()
    name = fresh.join(copies, center_database).bench
    oldest = copies.path(name)[0].journal
    for later in (LATER, LATEST):
        fresh.go_on(later)
    fresh.send(copies, name)

    assert [place.journal for place in copies.path(name)] == [LATEST, LATER, oldest]


def test_the_journal_that_was_replaced_cannot_go_on(
    copies: Copies, center_database: str, bench: CopiedBench, name: str, tmp_path: Path
) -> None:
    bench.send(copies, name)
    older = bench.copy_to(tmp_path / "older")
    older.go_on(LATER)
    bench.work("30001000000044")
    batch = bench.batch(copies, name)
    older.send(copies, name)

    assert copies.receive(name, batch).outcome == "fork"
    assert path_at(center_database) == older.rows()


def test_a_timeline_that_names_another_parent_is_refused(
    copies: Copies, center_database: str, bench: CopiedBench, name: str, tmp_path: Path
) -> None:
    bench.send(copies, name)
    older = bench.copy_to(tmp_path / "older")
    older.go_on(LATER)
    batch = older.batch(copies, name)
    parent = batch.after.hash.hex().encode()
    for payload in (
        batch.events[0].payload.replace(parent, b"0" * 64),
        b"[1]",
        b"\xff",
        b'{"parent_seq":"x"}',
        b"[" * 200_000,
    ):
        began = msgspec.structs.replace(batch.events[0], payload=payload)

        assert copies.receive(name, Batch(batch.after, (began,))).outcome == "timeline"

    assert path_at(center_database) == bench.rows()


def test_a_code_works_once_and_no_journal_joins_twice(
    copies: Copies, center_database: str, bench: CopiedBench, name: str
) -> None:
    assert bench.join(copies, center_database).outcome == "known"
    again = bench.join(copies, center_database, again=name)
    assert (again.outcome, again.bench) == ("joined", name)
    used = stored(center_database, "SELECT count(*) FROM invitation WHERE used IS NOT NULL")
    assert used == [(2,)]


@pytest.mark.parametrize(
    ("role", "statement"),
    [
        ("station_receiver", "SELECT * FROM event"),
        ("station_receiver", "SELECT key_digest FROM bench"),
        ("station_receiver", "INSERT INTO event VALUES ('0000000000000000', 1, '', '', '', '', '')"),
        ("station_receiver", "UPDATE timeline SET current = false"),
        ("station_receiver", "DELETE FROM quarantine"),
        ("station_receiver", "SELECT begin_timeline('00000000000000aa', '', '', 1, '')"),
        ("station_receiver", "SELECT payload_json('{}')"),
        ("station_receiver", "SELECT * FROM holding"),
        ("station_receiver", "SELECT * FROM tag_write"),
        ("station_receiver", "CREATE TABLE mine (a int)"),
        ("station_receiver", "CREATE TEMPORARY TABLE mine (a int)"),
        ("station_receiver", "SET ROLE station_owner"),
        ("station_receiver", "COPY event TO STDOUT"),
        ("station_projector", "SELECT key_digest_of('')"),
        ("station_projector", "SELECT tags_elsewhere('', '', '')"),
        ("station_projector", "SELECT key_digest FROM bench"),
        ("station_projector", "DELETE FROM event"),
        ("station_projector", "CREATE TEMPORARY TABLE mine (a int)"),
        ("station_viewer", "SELECT path_of('')"),
        ("station_viewer", "SELECT key_digest FROM bench"),
        ("station_viewer", "SELECT payload FROM quarantine"),
        ("station_viewer", "SELECT * FROM delivery"),
        ("station_viewer", "DELETE FROM corrections"),
        ("station_viewer", "CREATE TEMPORARY TABLE mine (a int)"),
        ("station_viewer", "SELECT tags_elsewhere('', '', '')"),
        ("station_viewer", "SELECT second_tags_of('')"),
        ("station_viewer", "SELECT * FROM tag_write"),
        ("station_viewer", "DELETE FROM holding"),
        ("station_viewer", "UPDATE bench SET name = ''"),
    ],
)
def test_a_role_can_do_its_work_only(migrated_database: str, role: str, statement: str) -> None:
    with (
        connect(migrated_database.replace("user=owner", f"user={role}")) as connection,
        pytest.raises(psycopg.errors.InsufficientPrivilege),
    ):
        connection.execute(statement)
