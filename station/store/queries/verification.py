"""The complete check of a journal: chain and heads, deliveries, SQLite's integrity, and tables that follow from the
events. This process replays the events; a second process recomputes a long chain."""

from __future__ import annotations

import gc
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing, contextmanager, nullcontext
from pathlib import Path
from typing import Final

import msgspec

from station.domain.events import Head
from station.store.database.database import integrity_check, read_every_page
from station.store.journal import hash_chain
from station.store.journal.hash_chain import AT_A_TIME, ChainReport, Event
from station.store.projections.projections import REPLAYED, Replay
from station.store.queries.chain_process import beside

LONG: Final = 20_000
"""Number of events from which a second process saves more time than it costs."""
_STEPS: Final = 1_000_000
"""Instructions of SQLite's virtual machine between two calls of `waiting`."""

Progress = Callable[[int, int], None]


def verify(
    sql: sqlite3.Connection, path: Path, head: str | None, exported: Iterable[Head], progress: Progress
) -> ChainReport:
    """See `Queries.verify`. `sql`: the journal at `path`, inside one transaction."""
    (count,) = sql.execute("SELECT coalesce(max(seq), 0) FROM events").fetchone()
    done = 0

    def waiting() -> None:
        progress(done, count)

    def each(events: Sequence[Event]) -> None:
        waiting()
        replay.check(events)

    with (
        _without_collector(),
        closing(Replay(sql)) as replay,
        beside(path, count, REPLAYED) if count >= LONG else nullcontext(lambda _waiting: None) as chain_of_child,
    ):
        while (last := replay.take(done, AT_A_TIME)) is not None:
            done = last
            waiting()
        replay.compare(sql)
        chain = chain_of_child(waiting)
        damaged: tuple[str, ...] = ()
        if chain is None or (chain.good, chain.head) != (count, hash_chain.hash_at(sql, count)):
            chain, damaged = hash_chain.recompute(sql, each=each), _damaged(sql, waiting)
        progress(count, count)
        differing = () if chain.broken else replay.differences()
    report = hash_chain.report(sql, chain, head, exported)
    return msgspec.structs.replace(report, problems=damaged + differing + report.problems)


@contextmanager
def _without_collector() -> Iterator[None]:
    """Switch off the collector of cycles: a batch of events holds none, and looking for them takes a fifth of the time
    (measured)."""
    before = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if before:
            gc.enable()


def _damaged(sql: sqlite3.Connection, waiting: Callable[[], None]) -> tuple[str, ...]:
    """Return SQLite's findings."""
    raised: list[BaseException] = []

    def ended() -> bool:
        try:
            waiting()
        except BaseException as error:  # SQLite would not pass it on
            raised.append(error)
        return bool(raised)

    sql.set_progress_handler(ended, _STEPS)
    try:
        damaged = integrity_check(sql)
        if damaged:  # it also reports an unreadable page as damaged
            read_every_page(sql)
            damaged = integrity_check(sql)
    except sqlite3.OperationalError:
        if raised:
            raise raised[0] from None
        raise
    finally:
        sql.set_progress_handler(None, _STEPS)
    return damaged
