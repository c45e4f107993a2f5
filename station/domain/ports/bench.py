"""The bench, for screens, sockets, scripts and other programs."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from typing import Protocol

import msgspec

from station.base.sentence import EMPTY, Sentence
from station.domain.center_notice import CenterNotice
from station.domain.commands import Command, PadRequest
from station.domain.lately import Lately
from station.domain.pad_answers import PadAnswer
from station.domain.snapshot import Snapshot


class StationStatus(msgspec.Struct, frozen=True):
    """State of the other threads, as the bench shows it."""

    outbox_depth: int = 0
    outbox_parked: int = 0
    outbox_note: Sentence = EMPTY
    lately: Lately = Lately()
    web: Sentence = EMPTY
    web_ready: bool = False
    web_open: bool = False
    unusable: tuple[Sentence, ...] = ()
    center: CenterNotice = CenterNotice()


class BenchPort(Protocol):
    """The bench for a screen, a socket or a script. No call blocks."""

    def submit(self, command: Command) -> str:
        """Queue a command and return its ticket. `Snapshot.answered` gives the command's outcome under this ticket."""
        ...

    @property
    def snapshot(self) -> Snapshot: ...

    def subscribe(self, subscriber: Callable[[Snapshot], None]) -> Callable[[], None]:
        """Call the subscriber with every later snapshot, from another thread. Return a function that ends the
        subscription."""
        ...


class SharedBench(BenchPort, Protocol):
    """The bench for the control socket, which tells it whose command it is."""

    def submit(self, command: Command, job: str = "") -> str:
        """See `BenchPort.submit`. `job`: the job of another terminal that sends the command (`commands.BeginJob`); "" =
        a person at the bench."""
        ...

    @property
    def waiting(self) -> int:
        """Number of commands that the bench has not begun."""
        ...


class PadPort(Protocol):
    """The pad for another program. The bench decides in its own thread, one request after the other."""

    def ask(self, request: PadRequest) -> Future[PadAnswer]:
        """Queue a request; never blocks. `cancel()` of the future succeeds only while the bench has not started: then
        nothing was done or will be. The only exception of the future is `StationClosed`."""
        ...


class Askers(Protocol):
    """Programs that wait for the bench's answers. No call blocks."""

    def begin(self, ticket: str) -> bool:
        """Return True if the program still waits. Only then may the bench start; after that the program cannot
        cancel."""
        ...

    def answer(self, ticket: str, answer: PadAnswer) -> None: ...
