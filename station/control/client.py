"""The other end: ask the running station over its socket, and see its bench as if it were here."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

from station.bus import Bus
from station.commands import Command, PadRequest
from station.control import wire
from station.errors import ControlRefused, StationClosed, StationError, walk
from station.events import CatalogImported, CatalogingRequested, CatalogingResolved, PersonEvent, WorkOrder
from station.model import PadAnswer, Snapshot

_CHUNK: Final = 65536
_ANSWER_S: Final = 10.0


class Client:
    """One connection. Every call raises `StationClosed` when the station went away, and what the station refused."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection
        self._lines = wire.Lines(wire.MAX_REPLY)
        self._waiting: list[bytes] = []

    def submit(self, command: Command) -> None:
        """Hand a command to the bench; returns when the station has it, not when it is done."""
        self._ask(wire.Request(submit=command))

    def snapshot(self) -> Snapshot:
        """The present snapshot."""
        reply = self._ask(wire.Request(snapshot=True))
        if reply.snapshot is None:
            raise ControlRefused("no snapshot in the answer")
        return reply.snapshot

    def retry(self, delivery: str | None) -> int:
        """Make a parked delivery due again (None: all); returns how many."""
        request = wire.Request(retry_all=True) if delivery is None else wire.Request(retry=delivery)
        reply = self._ask(request)
        return reply.retried or 0

    def decide(self, decided: wire.Decided) -> str:
        """Carry out what a person decided about a delivery; what became of it."""
        return self._ask(wire.Request(decide=decided)).decided

    def imported(self, event: CatalogImported) -> None:
        """Let the station journal an import that this process made; durable when this returns."""
        self._ask(wire.Request(imported=event))

    def cataloging(self, event: CatalogingRequested | CatalogingResolved) -> None:
        """Let the station journal what this process says about the cataloging queue; durable when this returns."""
        self._ask(wire.Request(cataloging=event))

    def ask(self, request: PadRequest) -> PadAnswer:
        """Let the bench read or change what lies on the pad; returns when it has, or has refused."""
        reply = self._ask(wire.Request(pad=request))
        if reply.pad is None:
            raise ControlRefused("no tags in the answer")
        return reply.pad

    def order(self, event: WorkOrder | PersonEvent) -> None:
        """Ask the station to journal something about work or people; durable when this returns. Raises what it refuses."""
        self._ask(wire.Request(order=event))

    def quit(self) -> None:
        """Ask the station to end."""
        self._ask(wire.Request(quit=True))

    def watch(self) -> Iterator[Snapshot]:
        """The present and every later snapshot, until the station or `close` ends it. Use a connection for nothing else."""
        self._connection.settimeout(None)
        self._send(wire.Request(watch=True))
        while True:
            try:
                reply = self._receive()
            except StationClosed:
                return
            if reply.snapshot is not None:
                yield reply.snapshot

    def close(self) -> None:
        """End the connection, also under a `watch` that waits in another thread."""
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
            raise StationClosed(f"the running station went away: {error}") from error

    def _receive(self) -> wire.Reply:
        try:
            while not self._waiting:
                data = self._connection.recv(_CHUNK)
                if not data:
                    raise StationClosed("the running station went away")
                self._waiting.extend(self._lines.feed(data))
            reply = wire.decode_reply(self._waiting.pop(0))
        except TimeoutError as error:
            raise ControlRefused(f"no answer within {_ANSWER_S:.0f} s") from error
        except OSError as error:
            raise StationClosed(f"the running station went away: {error}") from error
        except wire.BadLine as error:
            raise ControlRefused(str(error)) from error
        if reply.error is not None:
            raise _raised(reply.error)
        return reply


def connect(data: Path) -> Client | None:
    """Connect to the station that runs on `data`; None when none listens there.

    Raises `ControlRefused` when the socket is there but not ours to use.
    """
    connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    connection.settimeout(_ANSWER_S)
    try:
        with wire.address(data) as address:
            connection.connect(address)
    except (FileNotFoundError, NotADirectoryError, ConnectionRefusedError):
        connection.close()
        return None
    except OSError as error:
        connection.close()
        raise ControlRefused(f"{data / wire.SOCKET_NAME}: {error}") from error
    except BaseException:
        connection.close()
        raise
    return Client(connection)


class RemoteBench:
    """The running station's bench as a `BenchPort`: one connection for commands, one for snapshots, one thread."""

    def __init__(self, data: Path) -> None:
        """Raises `StationClosed` when no station runs on `data`."""
        asking, watching = connect(data), connect(data)
        if asking is None or watching is None:
            for client in (asking, watching):
                if client is not None:
                    client.close()
            raise StationClosed(f"no station runs on {data}")
        self._asking = asking
        self._watching = watching
        self._asking_lock = threading.Lock()
        self._bus = Bus(asking.snapshot())
        self._closed = threading.Event()
        self._at_end: Callable[[], None] = lambda: None
        self._thread = threading.Thread(target=self._run, name="remote-bench", daemon=False)

    def start(self, at_end: Callable[[], None] | None = None) -> None:
        """Begin to receive snapshots; `at_end` is called from a foreign thread when the station goes away."""
        if at_end is not None:
            self._at_end = at_end
        self._thread.start()

    def submit(self, command: Command) -> None:
        """See `BenchPort.submit`; waits only for the station's "I have it"."""
        with self._asking_lock:
            self._asking.submit(command)

    @property
    def snapshot(self) -> Snapshot:
        """The newest snapshot received."""
        return self._bus.latest

    def subscribe(self, subscriber: Callable[[Snapshot], None]) -> Callable[[], None]:
        """See `BenchPort.subscribe`."""
        return self._bus.subscribe(subscriber)

    @property
    def closed(self) -> bool:
        """True once the station went away."""
        return self._closed.is_set()

    def stop(self, timeout: float = 5.0) -> bool:
        """Close both connections and end the thread. False if it did not end in time."""
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
            self._closed.set()
            self._at_end()


_BY_CODE: Final = {error.code: error for error in walk()}


def _raised(problem: wire.Problem) -> StationError:
    """The station's refusal as the error class of its code, so that exit codes and sentences are the same."""
    known = _BY_CODE.get(problem.code, ControlRefused)
    error = known.__new__(known)
    StationError.__init__(error, problem.detail or problem.sentence)
    return error
