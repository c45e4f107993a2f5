"""Read the records of a large file on all cores: each core reads a batch of frames in a process of its own, and the answers
are used in the order of the file.

Threads do not help, because reading a record is work of the interpreter. A process is started by its command, not forked:
it has no part of the caller's threads, locks or files. It ends when its input ends, so also when the caller is killed. A
batch whose process cannot be started, or ends without an answer, is read here.
"""

from __future__ import annotations

import os
import select
import subprocess
import sys
from collections import deque
from collections.abc import Callable, Iterator
from typing import IO, Final, NamedTuple

import msgspec

from station.catalog.marc.evidence import Evidence
from station.catalog.marc.iso2709 import Frame
from station.store.catalog_index.taken import Rules, Taken, taken_of

_LARGE: Final = 4 << 20
"""Bytes of a file for which it pays to start processes: the start takes as long as some thousand records."""
_MOST: Final = 4
"""Processes: the caller, which writes the index, cannot use the answers of more."""
_BATCH_BYTES: Final = 256 << 10
_BATCH_FRAMES: Final = 500
_LENGTH: Final = 4
"""Bytes before each message: its length."""
_READY: Final = b"+"
_START: Final = "import sys; sys.path[:] = {path!r}; from station.store.catalog_index.cores import serve; serve()"


class _Batch(msgspec.Struct, frozen=True, array_like=True):
    frames: list[Frame]
    start: int
    evidence: tuple[int, int]
    prices: bool

    def taken(self, rules: Rules) -> list[Taken]:
        return list(taken_of(self.frames, self.start, Evidence(*self.evidence), rules, prices=self.prices))


class _Process:
    """A process that reads records. It has at most one batch, so neither side waits for the other to read."""

    def __init__(self, rules: Rules) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-c", _START.format(path=sys.path)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,  # what fails there is done again here, and then reported
            start_new_session=True,  # Ctrl-C is for the caller
        )
        self._rules = rules
        self._ready = False
        self.batch: _Batch | None = None

    @property
    def is_ready(self) -> bool:
        """Return True once the process has started."""
        output = self._process.stdout
        if not self._ready and output is not None and select.select([output], [], [], 0)[0]:
            self._ready = output.read(1) == _READY
            if self._ready:
                self._send(self._rules)
        return self._ready and self.batch is None

    def give(self, batch: _Batch) -> None:
        """Send a batch."""
        self.batch = batch
        self._send(batch)

    def answer(self) -> list[Taken]:
        """Return the answer to the batch."""
        batch, self.batch = self.batch, None
        if batch is None:
            raise RuntimeError("no batch was given")
        output = self._process.stdout
        data = _received(output) if output is not None else None
        if data is None:
            self._ready = False
            return batch.taken(self._rules)
        return msgspec.msgpack.decode(data, type=list[Taken])

    def _send(self, message: object) -> None:
        if self._process.stdin is not None:
            try:
                _sent(self._process.stdin, message)
            except OSError:
                self._ready = False  # it has ended: `answer` finds no answer

    def end(self) -> None:
        """End the process."""
        self._process.kill()
        self._process.communicate()


class Place(NamedTuple):
    """Where in a file its frames begin."""

    number: int
    """Number of the record before them."""
    start: int
    """Bytes before them."""
    size: int
    """Bytes from there to the end of the file."""


def taken_on_cores(
    frames: Iterator[Frame], place: Place, evidence: Evidence, rules: Rules, wants_prices: Callable[[], bool]
) -> Iterator[Taken]:
    """Yield what an import takes from all records in these frames, in order."""
    batches = _batches(frames, place.start, evidence, wants_prices)
    number = place.number
    for answer in _answers(batches, rules, _cores() if place.size >= _LARGE else 0):
        for record in answer:
            number += 1
            record.number = number
            yield record


def _answers(batches: Iterator[_Batch], rules: Rules, count: int) -> Iterator[list[Taken]]:
    processes: list[_Process] = []
    busy: deque[_Process] = deque()
    """In the order of their batches."""
    try:
        for _ in range(count):
            try:
                processes.append(_Process(rules))
            except OSError:
                break
        while True:
            for process in processes:
                if process.is_ready and (batch := next(batches, None)):
                    process.give(batch)
                    busy.append(process)
            if busy:
                process = busy.popleft()
                answer = process.answer()
                if process.is_ready and (batch := next(batches, None)):  # before the caller uses the answer
                    process.give(batch)
                    busy.append(process)
                yield answer
            elif batch := next(batches, None):
                yield batch.taken(rules)
            else:
                return
    finally:
        for process in processes:
            process.end()


def _batches(
    frames: Iterator[Frame], start: int, evidence: Evidence, wants_prices: Callable[[], bool]
) -> Iterator[_Batch]:
    waiting: list[Frame] = []
    size = 0
    for frame in frames:
        waiting.append(frame)
        size += len(frame[1])
        if size >= _BATCH_BYTES or len(waiting) == _BATCH_FRAMES or not frame[1]:
            yield _Batch(waiting, start, evidence, wants_prices())
            waiting, size = [], 0
    if waiting:
        yield _Batch(waiting, start, evidence, wants_prices())


def _cores() -> int:
    """Return the number of processes that the machine can run side by side; 0 = only this one."""
    cores = len(os.sched_getaffinity(0))
    return min(cores, _MOST) if cores > 1 and sys.executable else 0


def serve() -> None:
    """Read batches from standard input until it ends, and answer each on standard output."""
    requests, answers = sys.stdin.buffer, sys.stdout.buffer
    answers.write(_READY)
    answers.flush()
    if (data := _received(requests)) is None:
        return
    rules = msgspec.msgpack.decode(data, type=Rules)
    while (data := _received(requests)) is not None:
        _sent(answers, msgspec.msgpack.decode(data, type=_Batch).taken(rules))


def _sent(stream: IO[bytes], message: object) -> None:
    data = msgspec.msgpack.encode(message)
    stream.write(len(data).to_bytes(_LENGTH, "big") + data)
    stream.flush()


def _received(stream: IO[bytes]) -> bytes | None:
    """Return the next message; None = the other side has ended."""
    length = stream.read(_LENGTH)
    size = int.from_bytes(length, "big")
    data = stream.read(size) if len(length) == _LENGTH else b""
    return data if len(length) == _LENGTH and len(data) == size else None
