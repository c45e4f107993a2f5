"""Deliberate defects of the station, which prove that the checker finds them. Each of them could occur in a real
station."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.stories.kill.armed import POINTS, journal_answers


def unjournaled_write() -> None:
    """A tag is written before the write is journaled (here: the write is never journaled)."""
    from station.domain.events import TagErased, TagUndoStarted, TagUndoVerified, TagWriteStarted, TagWriteVerified
    from station.store.journal.journal import JournalStore

    told = (TagWriteStarted, TagWriteVerified, TagErased, TagUndoStarted, TagUndoVerified)
    append = JournalStore.append

    def without(self: JournalStore, events: Any, deliveries: Any = ()) -> int:
        kept = [one for one in events if not isinstance(one, told)]
        if kept:
            return append(self, kept, deliveries)
        return int(self._sql.execute("SELECT max(seq) FROM events").fetchone()[0])

    JournalStore.append = without  # type: ignore[method-assign]


def answer_first() -> None:
    """The journal answers before it has committed."""

    def early(store: Any, record: Callable[..., int]) -> Callable[..., int]:
        def recorded(*events: Any, deliveries: Any = ()) -> int:
            POINTS.tell(f"ack {store.queries.head().seq + len(events)}")
            return record(*events, deliveries=deliveries)

        return recorded

    journal_answers("record", early)


def result_alone() -> None:
    """A result is committed first and its deliveries afterwards."""

    def apart(_store: Any, record: Callable[..., int]) -> Callable[..., int]:
        def recorded(*events: Any, deliveries: Any = ()) -> int:
            if not deliveries:
                return record(*events)
            record(*events)
            return record(events[-1], deliveries=deliveries)

        return recorded

    journal_answers("record", apart)


def lines_again() -> None:
    """A line that may already be in the file is sent again without a check."""
    from station.sync.file_sink import FileSink

    def know(self: FileSink, handle: int) -> None:
        self._ids = {}

    FileSink._know = know  # type: ignore[method-assign]


def forgotten_start() -> None:
    """At its start, the station closes open attempts as if they had been finished."""
    from station.store.journal.journal import JournalStore

    JournalStore.open_attempt = lambda self, uid: None  # type: ignore[method-assign]
    JournalStore.open_attempts = lambda self: ()  # type: ignore[method-assign]


def counted_late() -> None:
    """A wrong PIN is counted after the comparison, not before it."""
    from station.store.people.pins import Pins, _row

    def count(self: Pins, worker: str) -> Any:
        from station.domain.ports import Proof, Tried

        with self._people.reading() as sql:
            row = None if sql is None else _row(sql, worker, self._marks().get(worker, ""))
        return (row, Tried(proof=Proof.WRONG)) if row is not None else (None, Tried(proof=Proof.NONE))

    Pins._count = count  # type: ignore[method-assign]


def closed_again() -> None:
    """The station does not check whether a correction still needs the step."""
    from station.store.projections import corrections

    corrections.check = lambda sql, event: None  # type: ignore[assignment]


def half_a_step() -> None:
    """The verdict of a failed check and the correction that it opens are committed in separate transactions."""
    from station.domain.events import CorrectionOpened

    def apart(_store: Any, record: Callable[..., int]) -> Callable[..., int]:
        def recorded(*events: Any, deliveries: Any = ()) -> int:
            last = [one for one in events if isinstance(one, CorrectionOpened)]
            if not last or len(last) == len(events):
                return record(*events, deliveries=deliveries)
            record(*(one for one in events if one not in last), deliveries=deliveries)
            return record(*last)

        return recorded

    journal_answers("record", apart)


MUTANTS: dict[str, Callable[[], None]] = {
    made.__name__: made
    for made in (
        unjournaled_write,
        answer_first,
        result_alone,
        lines_again,
        forgotten_start,
        counted_late,
        closed_again,
        half_a_step,
    )
}
