"""Client side of the control socket: send requests to the running station, and use its bench remotely."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Final

import msgspec

from station.base.bus import Bus
from station.base.errors import ControlRefused, StationClosed, StationError, sentence_of, walk
from station.base.sentence import Sentence
from station.base.text import clean
from station.domain.commands import Command, PadRequest
from station.domain.events import Ordered
from station.domain.item_question import ItemAnswer, ItemQuestion
from station.domain.order_question import OrderAnswer, OrderQuestion
from station.domain.pad_answers import PadAnswer
from station.domain.people.changes import Account, Change, Changed, OwnPin
from station.domain.people.rights import Right
from station.domain.people.sign_on import THIS_PROGRAM, By, Claim, Pin
from station.domain.ports import Worker
from station.domain.reader_health import ReaderHealth
from station.domain.snapshot import Snapshot
from station.runtime.socket import wire

_CHUNK: Final = 65536
_ANSWER_S: Final = 10.0
_READ_S: Final = 90.0
"""Longest wait for what the station has to ask of the library system."""


class Client:
    """One connection. Every call raises `StationClosed` if the station has ended, and the station's refusals."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection
        self._lines = wire.Lines(wire.MAX_REPLY)
        self._waiting: list[bytes] = []

    def submit(self, command: Command) -> str:
        """Submit a command to the bench. Return its ticket when the station has received it, not when it is done."""
        return self._ask(wire.Request(submit=command)).ticket

    def snapshot(self) -> Snapshot:
        """Return the present snapshot."""
        reply = self._ask(wire.Request(snapshot=True))
        if reply.snapshot is None:
            raise ControlRefused(Sentence("control.no-snapshot"))
        return reply.snapshot

    def retry(self, delivery: str | None, by: By = THIS_PROGRAM, expects: int | None = None) -> int:
        """Make a parked delivery due again (None: all). Return how many. `by`: who asks. `expects`: number of the
        delivery's newest event that the person has seen; None = any."""
        request = _by(wire.Request(retry=delivery or "", retry_all=delivery is None, operator=by.operator), by, expects)
        return self._ask(request).retried or 0

    def decide(self, decided: wire.Decided, by: By = THIS_PROGRAM, expects: int | None = None) -> str:
        """Carry out a person's decision about a delivery. Return the outcome. `expects`: as for `retry`."""
        return self._ask(_by(wire.Request(decide=decided), by, expects)).decided

    def names(self, session: str) -> dict[str, str]:
        """Return the names, by worker id, that the person of a session may see; none if it has ended."""
        return self._ask(wire.Request(names=session)).names

    def account(self, session: str, worker: str) -> Account:
        """Return the account of a worker as the person of a session may see it. Raises `NotAllowed`."""
        reply = self._ask(wire.Request(account=worker, session=session))
        if reply.account is None:
            raise ControlRefused(Sentence("control.no-sign-on"))
        return reply.account

    def change(self, change: Change, by: By = THIS_PROGRAM, expects: int | None = None) -> Changed:
        """Make a change of people that the file of names keeps, too. `expects`: as for `order`."""
        reply = self._ask(_by(wire.Request(change=change), by, expects))
        if reply.changed is None:
            raise ControlRefused(Sentence("control.no-orders"))
        return reply.changed

    def own_pin(self, own: OwnPin, via: str) -> None:
        """Give a person the PIN that they have chosen. Raises the authenticator's errors, and `PinUnfit`."""
        self._ask(wire.Request(own_pin=own, via=via))

    def ask(self, request: PadRequest) -> PadAnswer:
        """Have the bench read or change the tags on the pad. Return when it has done so or refused."""
        reply = self._ask(wire.Request(pad=request))
        if reply.pad is None:
            raise ControlRefused(Sentence("control.no-tags"))
        return reply.pad

    def order(self, events: Sequence[Ordered], by: By = THIS_PROGRAM, expects: int | None = None) -> int:
        """Have the station journal orders about work or people, or what this process reports: all or none. Return the
        number of the last event, which is durable then. `expects`: as for `ports.Journal.order`. Raises the station's
        refusals."""
        return self._ask(_by(wire.Request(order=tuple(events)), by, expects)).number

    def read(self, question: OrderQuestion, by: By = THIS_PROGRAM) -> OrderAnswer:
        """Have the station ask the library system for order lines or an invoice, and journal the answer. It may take a
        minute."""
        self._connection.settimeout(_READ_S)
        try:
            reply = self._ask(_by(wire.Request(read=question, operator=by.operator), by, None))
        finally:
            self._connection.settimeout(_ANSWER_S)
        if reply.read is None:
            raise ControlRefused(Sentence("control.no-orders"))
        return reply.read

    def item(self, question: ItemQuestion, by: By = THIS_PROGRAM) -> ItemAnswer:
        """Have the station ask the library system about an item. It may take a minute."""
        self._connection.settimeout(_READ_S)
        try:
            reply = self._ask(_by(wire.Request(item=question, operator=by.operator), by, None))
        finally:
            self._connection.settimeout(_ANSWER_S)
        if reply.item is None:
            raise ControlRefused(Sentence("control.no-orders"))
        return reply.item

    def sign_in(self, name: str, pin: Pin, via: str) -> tuple[str, Worker]:
        """Begin a session for a person at a desk. Return its id, and the worker. Raises the authenticator's errors."""
        reply = self._ask(wire.Request(sign_in=Claim(name=name, pin=pin), via=via))
        if reply.worker is None:
            raise ControlRefused(Sentence("control.no-sign-on"))
        return reply.session, reply.worker

    def sign_out(self, session: str, via: str) -> None:
        """End a session."""
        self._ask(wire.Request(sign_out=session, via=via))

    def viewer(self, session: str, *, use: bool = True) -> Worker | None:
        """Return the person of a session; None = it has ended. `use`: the session lasts longer."""
        return self._ask(wire.Request(viewer=session, idle=not use)).worker

    def reader_health(self) -> ReaderHealth | None:
        """Return the reader's figures; None while there is no reader."""
        return self._ask(wire.Request(health=True)).health

    def sign_on(self, name: str, pin: Pin) -> str:
        """Sign a person on at the bench. Return the worker's id. Raises the authenticator's errors."""
        return self._ask(wire.Request(sign_on=Claim(name=name, pin=pin))).who

    def authorise(self, what: str, right: Right, name: str, pin: Pin) -> str:
        """Have a person lend a right once. Return the grant for the command or request concerned. Raises the
        authenticator's errors, and `NotAllowed` if the person does not have that right."""
        claim = Claim(name=name, pin=pin)
        return self._ask(wire.Request(authorise=wire.Authorising(what=what, right=right, claim=claim))).grant

    def quit(self) -> None:
        """Ask the station to end."""
        self._ask(wire.Request(quit=True))

    def watch(self) -> Iterator[Snapshot]:
        """Yield the present and every later snapshot, until the station ends or `close` is called. Use the connection
        for nothing else."""
        try:
            self._connection.settimeout(None)
            self._send(wire.Request(watch=True))
        except (OSError, StationClosed):
            return  # the connection ended first
        while True:
            try:
                reply = self._receive()
            except StationClosed:
                return
            if reply.snapshot is not None:
                yield reply.snapshot

    def close(self) -> None:
        """End the connection, even during a `watch` in another thread."""
        with contextlib.suppress(OSError):  # the station closed first
            self._connection.shutdown(socket.SHUT_RDWR)
        self._connection.close()

    def __enter__(self) -> Client:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _ask(self, request: wire.Request) -> wire.Reply:
        self._send(request)
        return self._receive()

    def _send(self, request: wire.Request) -> None:
        try:
            self._connection.sendall(wire.encode(request))
        except OSError as error:
            raise StationClosed(Sentence("control.went-away", why=clean(str(error)))) from error

    def _receive(self) -> wire.Reply:
        try:
            while not self._waiting:
                data = self._connection.recv(_CHUNK)
                if not data:
                    raise StationClosed(Sentence("process.went-away"))
                self._waiting.extend(self._lines.feed(data))
            reply = wire.decode_reply(self._waiting.pop(0))
        except TimeoutError as error:
            raise ControlRefused(Sentence("pad.no-answer", seconds=f"{_ANSWER_S:.0f}")) from error
        except OSError as error:
            raise StationClosed(Sentence("control.went-away", why=clean(str(error)))) from error
        except wire.BadLine as error:
            raise ControlRefused(str(error)) from error
        if reply.error is not None:
            raise _raised(reply.error)
        return reply


def connect(data: Path) -> Client | None:
    """Connect to the station that runs on `data`: by its own socket, or, in an account that may not use it, by that of
    the office. Return None if none listens there.

    Raises `ControlRefused` if there is a socket and this user may use none.
    """
    try:
        return connect_to(data, wire.SOCKET_NAME)
    except ControlRefused:
        client = connect_to(data, wire.OFFICE_SOCKET) if (data / wire.OFFICE_SOCKET).exists() else None
        if client is None:
            raise
        return client


def connect_to(data: Path, name: str) -> Client | None:
    """Connect to one socket of the station. Return None if none listens there. Raises `ControlRefused` if the socket
    exists but must not be used by this user."""
    connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    connection.settimeout(_ANSWER_S)
    try:
        with wire.address(data, name) as address:
            connection.connect(address)
    except (FileNotFoundError, NotADirectoryError, ConnectionRefusedError):
        connection.close()
        return None
    except OSError as error:
        connection.close()
        raise ControlRefused(f"{data / name}: {error}") from error
    except BaseException:
        connection.close()
        raise
    return Client(connection)


class RemoteBench:
    """The running station's bench as a `BenchPort`, with one connection for commands, one for snapshots, and one
    thread."""

    def __init__(self, data: Path) -> None:
        """Raises `StationClosed` if no station runs on `data`."""
        asking, watching = connect(data), connect(data)
        if asking is None or watching is None:
            for client in (asking, watching):
                if client is not None:
                    client.close()
            raise StationClosed(Sentence("control.no-station", data=str(data)))
        self._asking = asking
        self._watching = watching
        self._asking_lock = threading.Lock()
        self._bus = Bus(asking.snapshot())
        self._closed = threading.Event()
        self._at_end: list[Callable[[], None]] = []
        self._ending = threading.Lock()
        self._thread = threading.Thread(target=self._run, name="remote-bench", daemon=False)

    def start(self, at_end: Callable[[], None] | None = None) -> None:
        """Start receiving snapshots, unless already started. `at_end` is added to the functions that are called, from
        another thread, when the station ends; it is called at once if the station has ended."""
        with self._ending:
            gone = self.closed
            if at_end is not None and not gone:
                self._at_end.append(at_end)
            if self._thread.ident is None:
                self._thread.start()
        if gone and at_end is not None:
            at_end()

    def submit(self, command: Command) -> str:
        """Submit a command, waiting only until the station has received it."""
        with self._asking_lock:
            return self._asking.submit(command)

    @property
    def snapshot(self) -> Snapshot:
        """The newest snapshot received."""
        return self._bus.latest

    def subscribe(self, subscriber: Callable[[Snapshot], None]) -> Callable[[], None]:
        return self._bus.subscribe(subscriber)

    @property
    def closed(self) -> bool:
        """Whether the station has ended."""
        return self._closed.is_set()

    def stop(self, timeout: float = 5.0) -> bool:
        """Close both connections and end the thread. Return False if it did not end in time."""
        self._asking.close()
        self._watching.close()
        if self._thread.ident is None:
            return True
        self._thread.join(timeout)
        return not self._thread.is_alive()

    def _run(self) -> None:
        try:
            for snapshot in self._watching.watch():
                if snapshot != self._bus.latest:
                    self._bus.publish(snapshot)
        finally:
            with self._ending:
                self._closed.set()
            for at_end in self._at_end:
                at_end()


def _by(request: wire.Request, by: By, expects: int | None) -> wire.Request:
    return msgspec.structs.replace(request, claims=by.claims, session=by.session, via=by.via, expects=expects)


_BY_CODE: Final = {error.code: error for error in walk()}


def _raised(problem: wire.Problem) -> StationError:
    """Return the station's refusal as the error class of its code, so that exit codes and sentences are the same."""
    known = _BY_CODE.get(problem.code, ControlRefused)
    error = known.__new__(known)
    StationError.__init__(error, problem.detail or sentence_of(problem.code) or problem.sentence)
    return error
