"""The complete check of a journal: chain and heads, deliveries, SQLite's integrity, and tables that follow from the
events. Each event is read once. SQLite checks the file in a thread beside."""

from __future__ import annotations

import gc
import sqlite3
import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Final

import msgspec

from station.base.sentence import Sentence
from station.domain.events import Head
from station.store.database.database import integrity_check, open_reader, read_every_page
from station.store.journal import hash_chain
from station.store.journal.hash_chain import ChainReport, Events
from station.store.projections.projections import Replay

_POLL_S: Final = 0.05
_STEPS: Final = 1_000_000
"""Instructions of SQLite's virtual machine between two questions whether to stop."""

Progress = Callable[[int, int], None]


def verify(
    sql: sqlite3.Connection, path: Path, head: str | None, exported: Iterable[Head], progress: Progress
) -> ChainReport:
    """See `Queries.verify`. `sql`: the journal at `path`, inside one transaction.

    The collector of cycles is off meanwhile: events and tables hold none, and looking for them takes a fifth of the time
    (measured).
    """
    before = gc.isenabled()
    gc.disable()
    try:
        return _verify(sql, path, head, exported, progress)
    finally:
        if before:
            gc.enable()


def _verify(
    sql: sqlite3.Connection, path: Path, head: str | None, exported: Iterable[Head], progress: Progress
) -> ChainReport:
    (count,) = sql.execute("SELECT coalesce(max(seq), 0) FROM events").fetchone()
    done = 0

    def waiting() -> None:
        progress(done, count)

    def each(events: Events) -> None:
        nonlocal done
        replay.take(events.numbers, events.kinds, events.payloads)
        done = events.numbers[-1]
        waiting()

    with _integrity(path, waiting) as damage, closing(Replay(sql)) as replay:
        report = hash_chain.verify(sql, head, exported, each)
        differing = () if report.first_bad or report.unread else replay.differences()
        return msgspec.structs.replace(
            report, problems=(*map(Sentence.verbatim, damage() + differing), *report.problems)
        )


@contextmanager
def _integrity(path: Path, waiting: Callable[[], None]) -> Iterator[Callable[[], tuple[str, ...]]]:
    """Let SQLite check the file in a thread, where it works without the interpreter's lock. Yield a function that waits
    for the findings, and calls `waiting` meanwhile. The check is stopped at the end of the block."""
    stopped = threading.Event()

    def check() -> tuple[str, ...]:
        with closing(open_reader(path)) as sql:
            sql.set_progress_handler(stopped.is_set, _STEPS)
            damaged = integrity_check(sql)
            if damaged:  # it also reports an unreadable page as damaged
                read_every_page(sql)
                damaged = integrity_check(sql)
            return damaged

    with ThreadPoolExecutor(1) as beside:
        findings = beside.submit(check)

        def damage() -> tuple[str, ...]:
            while True:
                try:
                    return findings.result(_POLL_S)
                except TimeoutError:
                    waiting()

        try:
            yield damage
        finally:
            stopped.set()
