"""Read the records of a large file on all cores: each core reads a batch of frames in a process of its own, and the answers
are used in the order of the file.

Threads do not help, because reading a record is work of the interpreter. A process is forked, because starting Python and
importing the station takes as long as reading some thousand records. So the caller must have no other thread: a lock that
a thread holds at that moment would never be released in the process. The process closes all files of the caller, and runs
nothing but `_serve`. It ends when its input ends, so also when the caller is killed. A batch whose process cannot be
forked, or ends without an answer, is read here.
"""

from __future__ import annotations

import os
import select
import signal
import socket
import threading
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import IO, Final, NamedTuple, NoReturn

import msgspec

from station.catalog.marc.evidence import Evidence
from station.catalog.marc.iso2709 import Frame
from station.store.catalog_index.taken import Rules, Taken, taken_of

_LARGE: Final = 1 << 20
"""Bytes of a file for which it pays to fork processes."""
_MOST: Final = 4
"""Processes: the caller, which writes the index, cannot use the answers of more."""
_BATCH_BYTES: Final = 64 << 10
_BATCH_FRAMES: Final = 500
_AHEAD: Final = 1 << 20
"""Bytes of records that are given and not yet used: enough work for the time in which the file is weighed."""
_LENGTH: Final = 4
"""Bytes before each message: its length."""


class _Batch(msgspec.Struct, array_like=True):
    frames: list[Frame]
    size: int
    """Bytes of the frames."""
    start: int
    prices: bool
    evidence: tuple[int, int] = (0, 0)

    def taken(self, rules: Rules) -> list[Taken]:
        return list(taken_of(self.frames, self.start, Evidence(*self.evidence), rules, prices=self.prices))


class _Process:
    """A process that reads records. It has at most one batch, so neither side waits for the other to read."""

    def __init__(self, rules: Rules) -> None:
        self._line, other_end = socket.socketpair()
        with other_end:
            try:
                self._pid = os.fork()
            except OSError:
                self._line.close()
                raise
            if not self._pid:
                _serve(other_end.fileno(), rules)
        self._answers = self._line.makefile("rb")

    def give(self, batch: _Batch) -> None:
        """Send a batch, if the process has not ended."""
        with suppress(OSError):
            self._line.sendall(_message(batch))

    def answer(self) -> bytes | None:
        """Return the answer to the batch: a `list[Taken]`; None = the process has ended."""
        with suppress(OSError):
            return _received(self._answers)
        return None

    def fileno(self) -> int:
        """Return the descriptor on which the answers arrive."""
        return self._line.fileno()

    def kill(self) -> None:
        """End the process; `forget` it afterwards."""
        os.kill(self._pid, signal.SIGKILL)

    def forget(self) -> None:
        """Wait for the end of the process, and close its line."""
        os.waitpid(self._pid, 0)
        self._answers.close()
        self._line.close()


class Place(NamedTuple):
    """Where in a file its frames begin."""

    number: int
    """Number of the record before them."""
    start: int
    """Bytes before them."""
    size: int
    """Bytes from there to the end of the file."""


def taken_on_cores(
    frames: Iterator[Frame],
    place: Place,
    weigh: Callable[[Callable[[], None]], Evidence],
    rules: Rules,
    wants_prices: Callable[[], bool],
) -> Iterator[Taken]:
    """Yield what an import takes from all records in these frames, in order. `weigh` returns the evidence of the file; it
    is called once, before the first record, and calls its argument now and then."""
    batches = _batches(frames, place.start, wants_prices)
    number = place.number
    for answer in _answers(batches, weigh, rules, _cores() if place.size >= _LARGE else 0):
        for record in answer:
            number += 1
            record.number = number
            yield record


def _answers(
    batches: Iterator[_Batch], weigh: Callable[[Callable[[], None]], Evidence], rules: Rules, count: int
) -> Iterator[list[Taken]]:
    team = _Team(batches, rules, count)
    try:
        team.serve(0)
        # meanwhile the processes read without it what is mostly clear by itself
        team.evidence = evidence = weigh(lambda: team.serve(0))
        while team.waiting:
            batch, answer = team.next_answer()
            records = None if answer is None else msgspec.msgpack.decode(answer, type=list[Taken])
            if records is None or (batch.evidence != evidence and any(map(_may_be_unclear, records))):
                batch.evidence = evidence
                records = batch.taken(rules)
            yield records
        for batch in batches:
            batch.evidence = evidence
            yield batch.taken(rules)
    finally:
        team.end()


class _Team:
    """The processes. Each gets its next batch as soon as it has answered, whichever answers first."""

    def __init__(self, batches: Iterator[_Batch], rules: Rules, count: int) -> None:
        self.evidence = Evidence()
        """What the next batches are given."""
        self.waiting: deque[_Batch] = deque()
        """Batches that were given and not yet used, in order."""
        self._batches = batches
        self._answers: dict[int, bytes | None] = {}
        """By the id of the batch."""
        self._processes: list[_Process] = []
        for _ in range(count):
            with suppress(OSError):
                self._processes.append(_Process(rules))
        self._idle = list(self._processes)
        self._busy: dict[_Process, _Batch] = {}
        self._ahead = 0
        """Bytes of the batches in `waiting`."""

    def serve(self, seconds: float | None) -> None:
        """Receive the answers that arrive within this time (None = at least one), and give their processes work."""
        for process in select.select(list(self._busy), (), (), seconds)[0]:
            answer = self._answers[id(self._busy.pop(process))] = process.answer()
            if answer is not None:
                self._idle.append(process)
        self._give()

    def next_answer(self) -> tuple[_Batch, bytes | None]:
        """Return the next batch with the answer to it: a `list[Taken]`; None = its process has ended."""
        batch = self.waiting[0]
        while id(batch) not in self._answers:
            self.serve(None)
        self.waiting.popleft()
        self._ahead -= batch.size
        self.serve(0)  # before the answer is used, so that no process waits long
        return batch, self._answers.pop(id(batch))

    def end(self) -> None:
        """End the processes: all at once, as each needs some milliseconds to give its memory back."""
        for process in self._processes:
            process.kill()
        for process in self._processes:
            process.forget()

    def _give(self) -> None:
        while self._idle and self._ahead < _AHEAD and (batch := next(self._batches, None)) is not None:
            process = self._idle.pop()
            batch.evidence = self.evidence
            process.give(batch)
            self._busy[process] = batch
            self.waiting.append(batch)
            self._ahead += batch.size


def _may_be_unclear(record: Taken) -> bool:
    """Return True if the record may be another one with the evidence of its file."""
    return record.charset == "unclear" or bool(record.rejected)


def _batches(frames: Iterator[Frame], start: int, wants_prices: Callable[[], bool]) -> Iterator[_Batch]:
    waiting: list[Frame] = []
    size = 0
    for frame in frames:
        waiting.append(frame)
        size += len(frame[1])
        if size >= _BATCH_BYTES or len(waiting) == _BATCH_FRAMES or not frame[1]:
            yield _Batch(waiting, size, start, wants_prices())
            waiting, size = [], 0
    if waiting:
        yield _Batch(waiting, size, start, wants_prices())


def _cores() -> int:
    """Return the number of processes that can be forked and run side by side; 0 = only this one."""
    cores = len(os.sched_getaffinity(0))
    return min(cores, _MOST) if cores > 1 and threading.active_count() == 1 else 0


def _serve(line: int, rules: Rules) -> NoReturn:
    """Answer the batches that arrive at this descriptor until its input ends, then end the process, whatever happens:
    nothing that the caller has yet to do is done here."""
    try:
        os.setsid()  # Ctrl-C is for the caller
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, signal.SIG_DFL)
        os.dup2(line, 0)
        os.closerange(1, os.sysconf("SC_OPEN_MAX"))
        with socket.socket(fileno=0) as own_end, own_end.makefile("rb") as requests:
            while (data := _received(requests)) is not None:
                own_end.sendall(_message(msgspec.msgpack.decode(data, type=_Batch).taken(rules)))
    finally:
        os._exit(0)


def _message(content: object) -> bytes:
    data = msgspec.msgpack.encode(content)
    return len(data).to_bytes(_LENGTH, "big") + data


def _received(stream: IO[bytes]) -> bytes | None:
    """Return the next message; None = the other side has ended."""
    length = stream.read(_LENGTH)
    size = int.from_bytes(length, "big")
    data = stream.read(size) if len(length) == _LENGTH else b""
    return data if len(length) == _LENGTH and len(data) == size else None
