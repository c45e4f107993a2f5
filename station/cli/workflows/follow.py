"""Commands at the terminal as clients of the bench: submit a command, find its answer, follow the snapshots."""

from __future__ import annotations

import contextlib
import queue
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

from station.base.clock import Clock, Deadline
from station.base.errors import BenchBusy, NotFinished, StationBusy, StationClosed, StationError
from station.base.sentence import Sentence
from station.base.words import tell
from station.cli.shared.until import until
from station.domain.commands import BeginJob, Command, EndJob, Enter
from station.domain.notices import BEGUN, DONE, Answered
from station.domain.ports import BenchPort
from station.domain.snapshot import Snapshot
from station.domain.workflows import Workflow

_PATIENCE_S: Final = 5.0
AtEnd = Callable[[Callable[[], None]], None]
"""Registers a function that is called, from any thread, when the station goes away."""


class Follower:
    """Submits commands, finds the answer to the newest one, and prints each new sentence once."""

    def __init__(self, bench: BenchPort, say: Callable[[str], None]) -> None:
        self.bench = bench
        self._say = say
        self._ticket = ""
        self._said = ""
        self._done: object = None

    def submit(self, command: Command) -> None:
        """Submit a command. From now on, `answer` looks for its answer."""
        self._ticket = self.bench.submit(command)

    def answer(self, snapshot: Snapshot) -> Answered | None:
        """Return the answer to the newest command; None until the bench has carried it out."""
        return next((answer for answer in snapshot.answered if answer.ticket == self._ticket), None)

    def refusal(self, snapshot: Snapshot) -> Answered | None:
        """Return the answer that refuses the newest command; None if there is no answer yet, or no refusal."""
        answer = self.answer(snapshot)
        return None if answer is None or answer.code in (BEGUN, DONE) else answer

    def tell(self, sentence: str) -> bool:
        """Print a sentence, unless it is the last one printed. Return True if it was printed."""
        new = sentence != self._said
        if new:
            self._said = sentence
            self._say(sentence)
        return new

    def once(self, what: object) -> bool:
        """Return True unless `what` was handled last, so that a repeated snapshot is not handled twice."""
        new = what != self._done
        self._done = what
        return new

    def again(self) -> None:
        """Allow what was handled last to be handled again."""
        self._done = None


def unfinished(latest: Snapshot, waited: str) -> StationError:
    """Return the error of a command that gives up: the fault, else the prompt, and how long nothing has changed."""
    return NotFinished(
        latest.fault.sentence if latest.fault is not None else Sentence.joined((latest.prompt, "."), ""), waited
    )


@contextmanager
def job(bench: BenchPort, clock: Clock, sender: str) -> Iterator[None]:
    """Use the bench of the running station as one job. Its screen names the sender; at the end, unfinished work is put
    down.

    Raises `BenchBusy` while an item is in hand at the bench, `StationBusy` while another job is open.
    """
    name = uuid.uuid4().hex
    follower = Follower(bench, lambda _: None)
    follower.submit(BeginJob(name, sender))
    snapshot = until(lambda: bench.snapshot, clock, _PATIENCE_S, lambda now: follower.answer(now) is not None)
    refusal = follower.refusal(snapshot) if snapshot is not None else None
    if refusal is not None:
        raise BenchBusy(refusal.sentence) if refusal.code == BenchBusy.code else StationBusy(refusal.sentence)
    try:
        yield
    finally:
        with contextlib.suppress(StationError):  # if the station went away, no job is left to end
            bench.submit(EndJob(name))


@contextmanager
def following(
    bench: BenchPort,
    clock: Clock,
    timeout: float,
    at_end: AtEnd,
    gave_up: Callable[[Snapshot, str], StationError] = unfinished,
) -> Iterator[Iterator[Snapshot]]:
    """Yield an iterator of snapshots, the present one first. The subscription ends with the block.

    The iterator raises what `gave_up` makes of the newest snapshot if nothing has changed for `timeout` seconds, and
    `StationClosed` if the station goes away.
    """
    news: queue.SimpleQueue[Snapshot | None] = queue.SimpleQueue()
    at_end(lambda: news.put(None))
    unsubscribe = bench.subscribe(news.put)

    def snapshots() -> Iterator[Snapshot]:
        latest = bench.snapshot
        yield latest
        deadline = Deadline(clock, timeout)
        while True:
            try:
                snapshot = news.get(timeout=max(0.001, deadline.remaining))
            except queue.Empty:
                if deadline.expired:
                    raise gave_up(latest, tell("process.nothing-changed", seconds=f"{timeout:g}")) from None
                continue
            if snapshot is None:
                raise StationClosed(Sentence("process.went-away"))
            if snapshot.number >= latest.number:
                latest = snapshot
                yield snapshot
                deadline = Deadline(clock, timeout)  # the caller may have asked a person meanwhile

    try:
        yield snapshots()
    finally:
        unsubscribe()


def entered(news: Iterator[Snapshot], workflow: Workflow) -> Snapshot:
    """Return the first snapshot of a workflow that was just entered."""
    return next(snapshot for snapshot in news if snapshot.workflow is workflow)


def back_to(bench: BenchPort, clock: Clock, workflow: Workflow) -> None:
    """Enter the previous workflow again, and wait until the bench is in it, so that the next command finds it."""
    bench.submit(Enter(workflow))
    until(lambda: bench.snapshot, clock, _PATIENCE_S, lambda now: now.workflow is workflow)
