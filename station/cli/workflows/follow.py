"""Commands at the terminal as clients of the bench: submit, find the answer, follow the snapshots."""

from __future__ import annotations

import contextlib
import queue
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

from station.base.clock import Clock, Deadline
from station.base.errors import NotFinished, StationBusy, StationClosed, StationError
from station.base.words import tell
from station.cli.shared.until import until
from station.domain.commands import BeginJob, Command, EndJob, Enter
from station.domain.notices import BEGUN, DONE, Answered
from station.domain.ports import BenchPort
from station.domain.snapshot import Snapshot
from station.domain.workflows import Workflow

_PATIENCE_S: Final = 5.0
AtEnd = Callable[[Callable[[], None]], None]
"""Takes a function that is called, from any thread, when the station goes away."""


class Follower:
    """Submits commands, finds the answer to the newest one, and says each new sentence once."""

    def __init__(self, bench: BenchPort, say: Callable[[str], None]) -> None:
        self.bench = bench
        self._say = say
        self._ticket = ""
        self._said = ""
        self._done: object = None

    def submit(self, command: Command) -> None:
        """Its answer is the one that `answer` looks for from now on."""
        self._ticket = self.bench.submit(command)

    def answer(self, snapshot: Snapshot) -> Answered | None:
        """What became of the newest command; None while the bench has not carried it out."""
        return next((one for one in snapshot.answered if one.ticket == self._ticket), None)

    def refusal(self, snapshot: Snapshot) -> Answered | None:
        """Why the newest command was not carried out; None while it may be, or has been."""
        answer = self.answer(snapshot)
        return None if answer is None or answer.code in (BEGUN, DONE) else answer

    def tell(self, sentence: str) -> bool:
        """Say it, unless it was the last one said; True if it was said."""
        new = sentence != self._said
        if new:
            self._said = sentence
            self._say(sentence)
        return new

    def once(self, what: object) -> bool:
        """True unless `what` was dealt with last: a repeated snapshot is not answered twice."""
        new = what != self._done
        self._done = what
        return new

    def again(self) -> None:
        """Deal anew with what was dealt with last."""
        self._done = None


def unfinished(latest: Snapshot, waited: str) -> StationError:
    """The error with which a command gives up: the fault, else the prompt, and how long nothing has changed."""
    return NotFinished(latest.fault.sentence if latest.fault is not None else f"{latest.prompt}.", waited)


@contextmanager
def job(bench: BenchPort, clock: Clock, sender: str) -> Iterator[None]:
    """Use the running station's bench as one job: its screen names the sender, and what is not finished at the end is put
    down there. Raises `StationBusy` while another job is open."""
    name = uuid.uuid4().hex
    follower = Follower(bench, lambda _: None)
    follower.submit(BeginJob(name, sender))
    snapshot = until(lambda: bench.snapshot, clock, _PATIENCE_S, lambda now: follower.answer(now) is not None)
    refusal = follower.refusal(snapshot) if snapshot is not None else None
    if refusal is not None:
        raise StationBusy(refusal.sentence)
    try:
        yield
    finally:
        with contextlib.suppress(StationError):  # it went away: then nothing is left to end
            bench.submit(EndJob(name))


@contextmanager
def following(
    bench: BenchPort,
    clock: Clock,
    timeout: float,
    at_end: AtEnd,
    gave_up: Callable[[Snapshot, str], StationError] = unfinished,
) -> Iterator[Iterator[Snapshot]]:
    """Snapshots from now on, the present one first. The iterator raises what `gave_up` makes of the newest one when nothing
    has changed for `timeout` seconds, and `StationClosed` when the station went away; the subscription ends with the block."""
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
                raise StationClosed(tell("process.went-away"))
            if snapshot.number >= latest.number:
                latest = snapshot
                yield snapshot
                deadline = Deadline(clock, timeout)  # whoever follows may have asked a person meanwhile

    try:
        yield snapshots()
    finally:
        unsubscribe()


def entered(news: Iterator[Snapshot], workflow: Workflow) -> Snapshot:
    """The first snapshot of a workflow that was just entered."""
    return next(snapshot for snapshot in news if snapshot.workflow is workflow)


def back_to(bench: BenchPort, clock: Clock, workflow: Workflow) -> None:
    """Go back to the workflow of before, and wait until it is there: the next command must not take this one's for it."""
    bench.submit(Enter(workflow))
    until(lambda: bench.snapshot, clock, _PATIENCE_S, lambda now: now.workflow is workflow)
