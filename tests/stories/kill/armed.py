"""The station with named points at which it can be killed: it runs its own code and dies at one of them by SIGKILL.

A point is KIND:NUMBER:SIDE; the number is counted within one process. The side is the place relative to the operation:

  journal, outbox, pins   a transaction: `before` it, `inside` (all written, not committed), `after` the commit;
  a transaction of the journal is named by the kind of its last event once that is known (item-judged:1:inside)
  answer                  `after`: the journal's answer has reached the caller; its number counts as acknowledged
  write                   a command that changes a tag: `before` it, `sent` (not answered yet), `after` its answer
  read                    blocks read: `after`
  line                    a line of the results file: `before`, `torn` (half of it is written), `after`
  http                    a request that changes data in the library system: `before`, `after` its answer
  look                    a PIN compared with its verifier: `before`, `after`

Each point that is reached is written to the trace, so that a run without a kill lists the points.
"""

from __future__ import annotations

import os
import signal
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from station.domain.tag_image import NOBODY

CHANGES = frozenset({0x22, 0x24, 0x27, 0x28, 0x29, 0x2A})
"""Control bytes of FEIG's [0xB0] that change a tag: locks, blocks, AFI, DSFID (H20800-16e 7.2)."""
READS = 0x23


class Points:
    """The points that this process has reached, and the one at which it dies."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._counts: Counter[str] = Counter()
        self._trace = -1
        self._target = ""

    def arm(self, trace: str, target: str) -> None:
        """Write the trace from now on. `target`: the point at which the process dies, "" = none."""
        self._trace = os.open(trace, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        self._target = target

    def number(self, kind: str) -> int:
        """Count an operation of this kind and return its number."""
        with self._lock:
            self._counts[kind] += 1
            return self._counts[kind]

    def tell(self, text: str) -> None:
        """Write a line of the trace. It has left the process when this returns."""
        if self._trace >= 0:
            os.write(self._trace, f"{text}\n".encode())

    def due(self, kind: str, number: int, side: str) -> bool:
        """Return whether the process is to die at this point."""
        return self._target == f"{kind}:{number}:{side}"

    def at(self, kind: str, number: int, side: str) -> None:
        """Note that a point is reached, and die there if it is the target."""
        self.tell(f"{kind}:{number}:{side}")
        if self.due(kind, number, side):
            self.die()

    def die(self) -> None:
        """Send SIGKILL, which no process can catch. No other thread runs beyond its present instruction."""
        os.kill(os.getpid(), signal.SIGKILL)
        time.sleep(60)


POINTS = Points()


def around(kind: str, call: Callable[..., Any]) -> Callable[..., Any]:
    """Wrap a call with the points `before` and `after`."""

    def wrapped(*args: Any, **kwargs: Any) -> Any:
        number = POINTS.number(kind)
        POINTS.at(kind, number, "before")
        found = call(*args, **kwargs)
        POINTS.at(kind, number, "after")
        return found

    return wrapped


def _transactions(module: Any, kind: str) -> None:
    whole = module.transaction

    @contextmanager
    def told(sql: Any) -> Iterator[None]:
        number = POINTS.number(kind)
        POINTS.at(kind, number, "before")
        with whole(sql):
            yield
            POINTS.at(kind, number, "inside")
        POINTS.at(kind, number, "after")

    module.transaction = told


def _appends(journal: Any) -> None:
    """Put points into the journal's transactions, named by the events in them."""
    whole, append = journal.transaction, journal.JournalStore.append
    now = threading.local()

    def noted(self: Any, events: Any, deliveries: Any = ()) -> int:
        now.kind = journal.ev.kind(events[-1])
        return int(append(self, events, deliveries))

    @contextmanager
    def told(sql: Any) -> Iterator[None]:
        now.kind = "journal"
        POINTS.at("journal", POINTS.number("journal"), "before")
        with whole(sql):
            yield
            kind, number = now.kind, POINTS.number(now.kind)
            POINTS.at(kind, number, "inside")
        POINTS.at(kind, number, "after")

    journal.JournalStore.append = noted
    journal.transaction = told


def acknowledged(call: Callable[..., int]) -> Callable[..., int]:
    """Wrap a method of the journal whose return acknowledges that the event is stored."""

    def wrapped(*args: Any, **kwargs: Any) -> int:
        seq = call(*args, **kwargs)
        POINTS.tell(f"ack {seq}")
        POINTS.at("answer", POINTS.number("answer"), "after")
        return seq

    return wrapped


def journal_answers(name: str, instead: Callable[[Any, Callable[..., int]], Callable[..., int]]) -> None:
    """Replace this operation of the journal, in every store that is opened from now on, by the result of `instead`,
    which gets the store and the operation."""
    from station.store.owner import Store

    begin = Store.__init__

    def begun(self: Store, *args: Any, **kwargs: Any) -> None:
        begin(self, *args, **kwargs)
        setattr(self.journal, name, instead(self, getattr(self.journal, name)))

    Store.__init__ = begun  # type: ignore[method-assign]


def _tags() -> None:
    from station.base.clock import Deadline
    from station.drivers.line import connection
    from station.drivers.line.serial import SerialTransport

    under_way = threading.local()
    write, exchange = SerialTransport.write, connection.exchange

    def kind_of(data: bytes) -> str:
        at = 4 if data[:1] == b"\x02" else 2
        if data[at : at + 1] != b"\xb0" or data[at + 3 : at + 11].hex().upper() == NOBODY:  # a question is no write
            return ""
        control = data[at + 1]
        return "write" if control in CHANGES else "read" if control == READS else ""

    def told(self: SerialTransport, data: bytes, deadline: Deadline) -> None:
        kind = kind_of(data)
        number = POINTS.number(kind) if kind else 0
        if kind == "write":
            POINTS.at(kind, number, "before")
        write(self, data, deadline)
        under_way.now = (kind, number)
        if kind == "write":
            POINTS.at(kind, number, "sent")

    def answered(*args: Any, **kwargs: Any) -> Any:
        under_way.now = ("", 0)
        found = exchange(*args, **kwargs)
        kind, number = under_way.now
        if kind:
            POINTS.at(kind, number, "after")
        return found

    SerialTransport.write = told  # type: ignore[method-assign]
    connection.exchange = answered  # type: ignore[assignment]


def _deliveries() -> None:
    from station.sync import file_sink, http

    whole, send = file_sink._write_all, http.Http._send

    def line(handle: int, data: bytes, at: int) -> None:
        number = POINTS.number("line")
        POINTS.at("line", number, "before")
        POINTS.tell(f"line:{number}:torn")
        if POINTS.due("line", number, "torn"):
            whole(handle, data[: len(data) // 2], at)
            POINTS.die()
        whole(handle, data, at)
        POINTS.at("line", number, "after")

    def sent(self: Any, method: str, *args: Any, **kwargs: Any) -> Any:
        if method == "GET":
            return send(self, method, *args, **kwargs)
        return around("http", send)(self, method, *args, **kwargs)

    file_sink._write_all = line
    http.Http._send = sent  # type: ignore[method-assign]


def _install() -> None:
    """Put all points into place."""
    from station.store.journal import journal, outbox
    from station.store.people import names
    from station.store.people.pin_hash import PinHasher

    _appends(journal)
    for module, kind in ((outbox, "outbox"), (names, "pins")):
        _transactions(module, kind)
    for name in ("record", "order"):
        journal_answers(name, lambda _, call: acknowledged(call))
    PinHasher.verify = around("look", PinHasher.verify)  # type: ignore[method-assign]
    _tags()
    _deliveries()


def arm(trace: str, target: str, mutant: str) -> None:
    """Prepare the process of one command: put the points into place, write them to the file `trace`, die at `target`,
    install the defect `mutant` (or none)."""
    from tests.stories.kill.mutants import MUTANTS

    _install()
    POINTS.arm(trace, target)
    if mutant:
        MUTANTS[mutant]()
