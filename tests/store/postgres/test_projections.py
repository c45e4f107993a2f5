"""The same events give the same rows over both engines, also where events of several benches come interleaved."""

from __future__ import annotations

import random
import sqlite3
from contextlib import closing, suppress

import pytest

from station.base.errors import StoreError
from station.domain import events as ev
from station.store.database.database import transaction
from station.store.journal import hash_chain
from station.store.journal.journal import JournalStore
from tests.conftest import FakeClock
from tests.store.journal.test_journal import in_memory
from tests.store.postgres.both_engines import EVENTS, center, copy, project, tables, tables_of
from tests.store.projections.test_busy import event
from tests.support import sample_events


def one_of_each() -> sqlite3.Connection:
    """Make a journal with one event of each kind."""
    sql = in_memory()
    sql.execute("PRAGMA foreign_keys=OFF")
    JournalStore(sql, FakeClock()).append([sample_events.signed(event) for event in sample_events.ONE_OF_EACH])
    return sql


def random_journal(seed: int) -> sqlite3.Connection:
    """Make a journal of a hundred random events, some of them taken back."""
    sql = in_memory()
    sql.execute("PRAGMA foreign_keys=OFF")
    journal = JournalStore(sql, FakeClock(), lambda _day: sample_events.RULES)
    journal.append([sample_events.RULES])
    random_events(journal, seed)
    return sql


def random_events(journal: JournalStore, seed: int) -> None:
    """Append a hundred random events to a journal with one event."""
    rng, verdicts = random.Random(seed), dict[str, int]()
    for number in range(2, 102):
        happened = sample_events.signed(event(rng, number, verdicts))
        journal.append([happened])
        _judge(verdicts, number, happened)


def _judge(verdicts: dict[str, int], number: int, happened: ev.AnyEvent) -> None:
    """Keep the verdicts that may be taken back."""
    if isinstance(happened, ev.ItemJudged | ev.ItemDrawn):
        verdicts.pop(happened.barcode, None)
    if isinstance(happened, ev.ItemJudged) and not happened.waivers:
        verdicts[happened.barcode] = number


def random_mixture(seed: int) -> sqlite3.Connection:
    """Make a journal of random events of all kinds, in any order and again and again. What SQLite refuses is left out. The
    verdicts that are taken back are those of the journal: the sample's is of an event to come, which no bench can have."""
    samples = [happened for happened in sample_events.ONE_OF_EACH if not isinstance(happened, ev.VerdictTakenBack)]
    rng, sql = random.Random(seed), in_memory()
    sql.execute("PRAGMA foreign_keys=OFF")
    journal = JournalStore(sql, FakeClock(), lambda _day: sample_events.RULES)
    journal.append([sample_events.RULES])
    verdicts: dict[str, int] = {}
    for _ in range(400):
        (number,) = sql.execute("SELECT max(seq) + 1 FROM events").fetchone()
        happened = rng.choice(samples) if rng.random() < 0.8 else event(rng, number, verdicts)
        with suppress(sqlite3.IntegrityError, LookupError, StoreError), transaction(sql):
            journal.append([sample_events.signed(happened)])
            _judge(verdicts, number, happened)
    return sql


def test_one_event_of_each_kind_gives_the_same_rows(center_database: str) -> None:
    with closing(one_of_each()) as sql, center(center_database) as fleet:
        copy(center_database, "bench-1", hash_chain.journal_id(sql), sql.execute(EVENTS))
        project(fleet, "bench-1")
        assert tables_of(fleet, "bench-1") == tables(sql)


def test_interleaved_histories_of_several_benches_give_the_same_rows(center_database: str) -> None:
    journals = {f"bench-{seed}": random_journal(seed) for seed in range(6)} | {"bench-6": one_of_each()}
    waiting: list[str] = []
    for bench, sql in journals.items():
        copy(center_database, bench, hash_chain.journal_id(sql), sql.execute(EVENTS))
        waiting += [bench] * sql.execute("SELECT count(*) FROM events").fetchone()[0]
    random.Random(1).shuffle(waiting)
    applied = dict.fromkeys(journals, 0)
    with center(center_database) as fleet:
        for bench in waiting:
            applied[bench] += 1
            project(fleet, bench, applied[bench], applied[bench])
        for bench, sql in journals.items():
            assert tables_of(fleet, bench) == tables(sql), bench
            sql.close()


@pytest.mark.parametrize("first", [0, *(pytest.param(seed, marks=pytest.mark.soak) for seed in range(10, 500, 10))])
def test_any_mixture_of_all_kinds_gives_the_same_rows(center_database: str, first: int) -> None:
    with center(center_database) as fleet:
        for seed in range(first, first + (3 if first == 0 else 10)):
            with closing(random_mixture(seed)) as sql:
                copy(center_database, f"bench-{seed}", f"{seed:016x}", sql.execute(EVENTS))
                project(fleet, f"bench-{seed}")
                assert tables_of(fleet, f"bench-{seed}") == tables(sql), seed
