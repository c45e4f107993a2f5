"""The same events give the same rows over both engines, also where events of several benches come interleaved."""

from __future__ import annotations

import random
import sqlite3
from collections.abc import Iterator
from contextlib import closing

from station.domain import events as ev
from station.store.journal.journal import JournalStore
from tests.conftest import FakeClock
from tests.store.journal.test_journal import in_memory
from tests.store.postgres.both_engines import EVENTS, center, project, tables, tables_of
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
    rng, verdicts = random.Random(seed), dict[str, int]()
    sql = in_memory()
    sql.execute("PRAGMA foreign_keys=OFF")
    journal = JournalStore(sql, FakeClock(), lambda _day: sample_events.RULES)
    journal.append([sample_events.RULES])
    for number in range(2, 102):
        happened = sample_events.signed(event(rng, number, verdicts))
        journal.append([happened])
        if isinstance(happened, ev.ItemJudged | ev.ItemDrawn):
            verdicts.pop(happened.barcode, None)
        if isinstance(happened, ev.ItemJudged) and not happened.waivers:
            verdicts[happened.barcode] = number
    return sql


def test_one_event_of_each_kind_gives_the_same_rows(center_database: str) -> None:
    with closing(one_of_each()) as sql, center(center_database) as fleet:
        project(fleet, "bench-1", sql.execute(EVENTS))
        assert tables_of(fleet, "bench-1") == tables(sql)


def interleaved(
    journals: dict[str, sqlite3.Connection], rng: random.Random
) -> Iterator[tuple[str, tuple[object, ...]]]:
    """Yield the events of all benches, each bench's in order, the benches in random order."""
    waiting = {bench: list(sql.execute(EVENTS)) for bench, sql in journals.items()}
    while waiting:
        bench = rng.choice(sorted(waiting))
        yield bench, waiting[bench].pop(0)
        if not waiting[bench]:
            del waiting[bench]


def test_interleaved_histories_of_several_benches_give_the_same_rows(center_database: str) -> None:
    journals = {f"bench-{seed}": random_journal(seed) for seed in range(8)} | {"bench-8": one_of_each()}
    with center(center_database) as fleet:
        for bench, row in interleaved(journals, random.Random(1)):
            project(fleet, bench, [row])
        for bench, sql in journals.items():
            assert tables_of(fleet, bench) == tables(sql), bench
            sql.close()
