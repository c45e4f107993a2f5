"""Server side of a control socket: a Unix socket in the data directory, served by its own thread.

Bad input only gets an error line. The thread only forwards: commands to the bench's mailbox, snapshots from the bench
to the watchers, requests with a PIN to threads that check it. A watcher that does not read loses old snapshots, not new
ones.
"""

from __future__ import annotations

import logging
import os
import selectors
import socket
import threading
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Executor, Future
from typing import Final, Protocol

from station.base.errors import BenchBusy, ControlRefused, StationDefect, StationError, StoreReadOnly
from station.base.sentence import Sentence
from station.base.text import clean_sentence
from station.domain.commands import BeginJob, EndJob, PadRequest
from station.domain.events import Ordered
from station.domain.item_question import ItemAnswer, ItemQuestion
from station.domain.order_question import OrderAnswer, OrderQuestion
from station.domain.pad_answers import PadAnswer
from station.domain.people.changes import Account, Change, Changed, OwnPin
from station.domain.people.sign_on import By, Claim
from station.domain.ports import PadPort, SharedBench, Worker
from station.domain.reader_health import ReaderHealth
from station.domain.snapshot import Snapshot
from station.runtime.lock import Held
from station.runtime.socket import wire
from station.runtime.socket.access import OWN, Access

MAX_CLIENTS: Final = 32
MAX_QUEUED: Final = 64
"""Commands that a client may have in the bench's queue. A client that goes on, such as a badge reader gone wild, is
answered that the bench is busy, and the screen does not wait for it."""
_KEPT_SNAPSHOTS: Final = 64
_CHUNK: Final = 65536
_MAX_WAITING: Final = 64 * 1024
"""Bytes of unread answers from which on a client is not read."""
MAX_PUT_OFF: Final = 16
"""Requests that a client may send while its PIN is checked."""
_log = logging.getLogger("station.runtime.socket")


class _Client:
    """One connection: its incomplete line, the data to be sent, and whether it watches."""

    def __init__(self, connection: socket.socket) -> None:
        self.connection = connection
        self.lines = wire.Lines(wire.MAX_REQUEST)
        self.out = bytearray()
        self.watching = False
        self.snapshots: deque[Snapshot] = deque(maxlen=_KEPT_SNAPSHOTS)
        self.closing = False
        self.job = ""
        """The job that the client has begun; it ends with the connection."""
        self.asked: Future[PadAnswer] | None = None
        """The client's unanswered pad request; a client has at most one."""
        self.checked: Future[wire.Reply | None] | None = None
        """The client's request whose PIN is being checked, or that asks the library system; its further requests wait, so
        that answers keep their order."""
        self.put_off: deque[bytes] = deque()
        """The requests that wait."""
        self.queued = 0
        """Commands submitted since the bench's queue was last seen empty."""

    @property
    def wants_to_send(self) -> bool:
        return bool(self.out or self.snapshots)

    @property
    def takes_input(self) -> bool:
        """Whether to read from the client. A client that does not read its answers is not read, so that memory stays
        bounded."""
        return not self.closing and len(self.out) < _MAX_WAITING


class Orders(Protocol):
    """What people ask of a running station. Each call that acts for a person checks the proofs, and raises if one is
    missing."""

    def order(self, events: Sequence[Ordered], by: By, expects: int | None) -> int:
        """Journal orders, all or none. Return the number of the last event."""
        ...

    def decided(self, decided: wire.Decided, by: By, expects: int | None) -> str:
        """Carry out a decision about a delivery. Return the outcome."""
        ...

    def retried(self, delivery: str | None, by: By, expects: int | None) -> int:
        """Make a parked delivery due again (None: all). Return how many."""
        ...

    def read(self, question: OrderQuestion, by: By) -> OrderAnswer:
        """Ask the library system for order lines or an invoice, and journal the answer."""
        ...

    def item(self, question: ItemQuestion, by: By) -> ItemAnswer:
        """Ask the library system about an item."""
        ...

    def sign_on(self, claim: Claim) -> str:
        """Sign a person on at the bench. Return the worker's id."""
        ...

    def authorise(self, asked: wire.Authorising) -> str:
        """Have a person lend a right once. Return the grant."""
        ...

    def sign_in(self, claim: Claim, via: str) -> tuple[str, Worker]:
        """Begin a session of a person at a desk. Return its id, and the worker."""
        ...

    def sign_out(self, session: str, via: str) -> None:
        """End a session."""
        ...

    def viewer(self, session: str, *, use: bool) -> Worker | None:
        """Return the person of a session; None = it has ended."""
        ...

    def names(self, session: str) -> dict[str, str]:
        """Return the names, by worker id, that the person of a session may see."""
        ...

    def account(self, session: str, worker: str) -> Account:
        """Return the account of a worker as the person of a session may see it."""
        ...

    def changed(self, change: Change, by: By, expects: int | None) -> Changed:
        """Make a change of people that the file of names keeps, too."""
        ...

    def own_pin(self, own: OwnPin, via: str) -> Worker:
        """Give a person the PIN that they have chosen. Return the worker."""
        ...


class Server:
    """Serves `bench` on the socket of the held data directory, from `start` to `stop`."""

    def __init__(
        self,
        held: Held,
        bench: SharedBench,
        *,
        quit_station: Callable[[], None],
        orders: Orders | None = None,
        pad: PadPort | None = None,
        health: Callable[[], ReaderHealth | None] = lambda: None,
        access: Access = OWN,
        checks: Executor | None = None,
        reads: Executor | None = None,
    ) -> None:
        """`orders` does what people ask for. `pad` answers pad requests. `health` returns the reader's figures.
        `quit_station` asks the process to end. All are called from the server's thread and must return soon. `access`:
        the address of the socket, and what it takes. `checks` carries out requests with a PIN, whose check takes time,
        and `reads` those that ask the library system; None = the server's thread does."""
        self._held = held
        self._bench = bench
        self._quit = quit_station
        self._orders = orders
        self._pad = pad
        self._health = health
        self._access = access
        self._checks = checks
        self._reads = reads
        self._group = access.group_id()
        self._path = held.data / access.name
        self._selector = selectors.DefaultSelector()
        self._wake_read, self._wake_write = socket.socketpair()
        self._lock = threading.Lock()
        self._news: deque[Snapshot] = deque(maxlen=_KEPT_SNAPSHOTS)
        self._answered: deque[_Client] = deque()
        self._stopping = False
        self._clients: dict[socket.socket, _Client] = {}
        self._listener: socket.socket | None = None
        self._unsubscribe: Callable[[], None] = lambda: None
        self._thread = threading.Thread(target=self._run, name=access.thread, daemon=False)

    def start(self) -> None:
        """Bind and listen. A socket file left by a dead station is replaced, which is safe because the lock is held.

        Raises `StoreReadOnly` if the socket cannot be created.
        """
        if not self._held.valid:
            raise ValueError("the lock was released")
        listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            self._path.unlink(missing_ok=True)
            os.fchmod(listener.fileno(), 0o600)  # Linux gives the socket file this mode, so it is never open to others
            with wire.address(self._held.data, self._access.name) as address:
                listener.bind(address)
            if self._group is not None:
                os.chown(self._path, -1, self._group)
            self._path.chmod(0o600 if self._group is None else 0o660)
            listener.listen()
        except OSError as error:
            listener.close()
            self._close_all()
            raise StoreReadOnly(f"{self._path}: {error}") from error
        listener.setblocking(False)
        self._wake_read.setblocking(False)
        self._wake_write.setblocking(False)
        self._listener = listener
        self._selector.register(listener, selectors.EVENT_READ)
        self._selector.register(self._wake_read, selectors.EVENT_READ)
        self._unsubscribe = self._bench.subscribe(self._published)
        self._thread.start()

    def stop(self, timeout: float = 5.0) -> bool:
        """Close every connection, remove the socket file, end the thread. Return False if it did not end in time."""
        self._unsubscribe()
        with self._lock:
            self._stopping = True
        if self._thread.ident is None:
            self._close_all()
            return True
        self._wake()
        if self._thread is threading.current_thread():
            return True
        self._thread.join(timeout)
        return not self._thread.is_alive()

    # --- other threads ---

    def _published(self, snapshot: Snapshot) -> None:
        with self._lock:
            if self._stopping:
                return
            self._news.append(snapshot)
            self._wake()

    def _answered_elsewhere(self, client: _Client) -> None:
        with self._lock:
            if self._stopping:
                return
            self._answered.append(client)
            self._wake()

    def _wake(self) -> None:
        try:
            self._wake_write.send(b"\0")
        except OSError:
            return  # full (a wake-up is already pending) or closed (the thread has ended)

    # --- the server's thread ---

    def _run(self) -> None:
        try:
            while self._take_news():
                for key, events in self._selector.select():
                    self._serve(key.fileobj, events)
        finally:
            self._close_all()

    def _take_news(self) -> bool:
        with self._lock:
            news = tuple(self._news)
            self._news.clear()
            answered = tuple(self._answered)
            self._answered.clear()
            stopping = self._stopping
        for client in answered:
            self._hand_over(client)
        for client in tuple(self._clients.values()):
            if client.watching and news:
                client.snapshots.extend(news)
                self._send(client)
        return not stopping

    def _serve(self, ready: object, events: int) -> None:
        if ready is self._listener:
            self._accept()
        elif ready is self._wake_read:
            self._wake_read.recv(_CHUNK)
        elif isinstance(ready, socket.socket) and (client := self._clients.get(ready)) is not None:
            if events & selectors.EVENT_READ:
                self._receive(client)
            if ready in self._clients:
                self._send(client)

    def _accept(self) -> None:
        if self._listener is None:
            return
        try:
            connection, _ = self._listener.accept()
        except OSError as error:
            _log.warning("a connection was lost before it was accepted: %s", error)
            return
        connection.setblocking(False)
        client = _Client(connection)
        self._clients[connection] = client
        self._selector.register(connection, selectors.EVENT_READ)
        if len(self._clients) > MAX_CLIENTS:
            client.out += _refusal(Sentence("control.too-many"))
            client.closing = True
            self._send(client)

    def _receive(self, client: _Client) -> None:
        try:
            data = client.connection.recv(_CHUNK)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        if not data:
            self._drop(client)
            return
        try:
            lines = client.lines.feed(data)
        except wire.BadLine as error:
            client.out += _refusal(Sentence.verbatim(str(error)))
            client.closing = True
            return
        client.put_off.extend(line for line in lines if line.strip())
        self._go_on(client)

    def _go_on(self, client: _Client) -> None:
        """Answer the client's requests, up to one that another thread carries out."""
        while client.put_off and client.checked is None:
            client.out += self._answer(client, client.put_off.popleft())
        if len(client.put_off) > MAX_PUT_OFF:
            client.put_off.clear()
            client.out += _refusal(Sentence("control.queue-full"))
            client.closing = True

    def _answer(self, client: _Client, line: bytes) -> bytes:
        """Return the line that answers a request; b"" = it is answered later."""
        return _line(lambda: self._do(client, wire.decode_request(line)))

    def _hand_over(self, client: _Client) -> None:
        """Send what the bench or the check of a PIN has answered, unless the client has disconnected meanwhile."""
        if client.connection not in self._clients:
            return
        if (pad := client.asked) is not None and pad.done():
            client.asked = None
            client.out += _line(lambda: wire.Reply(pad=pad.result()))
        if (checked := client.checked) is not None and checked.done():
            client.checked = None
            client.out += _line(checked.result)
            self._go_on(client)
        self._send(client)

    def _ask_pad(self, client: _Client, request: PadRequest) -> None:
        if self._pad is None or client.asked is not None:
            raise ControlRefused(Sentence("control.one-question" if client.asked else "control.no-pad"))
        client.asked = self._pad.ask(request)
        client.asked.add_done_callback(lambda future: None if future.cancelled() else self._answered_elsewhere(client))

    def _do(self, client: _Client, request: wire.Request) -> wire.Reply | None:
        request = self._access.allow(request)
        asks = request.read is not None or request.item is not None
        threads = self._reads if asks else self._checks if request.has_pin else None
        if threads is not None:
            client.checked = threads.submit(self._serve_person, request)
            client.checked.add_done_callback(lambda _: self._answered_elsewhere(client))
            return None
        if request.submit is not None:
            if not self._bench.waiting:
                client.queued = 0
            if client.queued >= MAX_QUEUED:
                raise BenchBusy(Sentence("control.queue-full"))
            client.queued += 1
            if isinstance(request.submit, BeginJob):
                client.job = request.submit.job
            return wire.Reply(ok=True, ticket=self._bench.submit(request.submit, client.job))
        if request.snapshot:
            return wire.Reply(snapshot=self._access.shown(self._bench.snapshot))
        if request.health:
            return wire.Reply(ok=True, health=self._health())
        if request.watch:
            if not client.watching:
                client.watching = True
                client.snapshots.append(self._bench.snapshot)
            return None
        if request.pad is not None:
            self._ask_pad(client, request.pad)
            return None
        if not request.quit:
            return self._serve_person(request)
        self._quit()
        return wire.Reply(ok=True)

    def _serve_person(self, request: wire.Request) -> wire.Reply:
        if self._orders is None:
            raise ControlRefused(Sentence("control.no-orders"))
        by = By(operator=request.operator, session=request.session, claims=request.claims, via=request.via)
        if request.order:
            return wire.Reply(number=self._orders.order(request.order, by, request.expects))
        if request.decide is not None:
            return wire.Reply(decided=self._orders.decided(request.decide, by, request.expects))
        if request.retry or request.retry_all:
            return wire.Reply(retried=self._orders.retried(request.retry or None, by, request.expects))
        if request.sign_on is not None:
            return wire.Reply(who=self._orders.sign_on(request.sign_on))
        if request.authorise is not None:
            return wire.Reply(grant=self._orders.authorise(request.authorise))
        if request.sign_in is not None:
            session, worker = self._orders.sign_in(request.sign_in, request.via)
            return wire.Reply(session=session, worker=worker)
        if request.sign_out:
            self._orders.sign_out(request.sign_out, request.via)
            return wire.Reply(ok=True)
        if request.change is not None:
            return wire.Reply(changed=self._orders.changed(request.change, by, request.expects))
        if request.own_pin is not None:
            return wire.Reply(worker=self._orders.own_pin(request.own_pin, request.via))
        if request.read is not None:
            return wire.Reply(read=self._orders.read(request.read, by))
        if request.item is not None:
            return wire.Reply(item=self._orders.item(request.item, by))
        if request.account:
            return wire.Reply(account=self._orders.account(request.session, request.account))
        if request.names:
            return wire.Reply(names=self._orders.names(request.names))
        return wire.Reply(ok=True, worker=self._orders.viewer(request.viewer, use=not request.idle))

    def _send(self, client: _Client) -> None:
        try:
            while client.wants_to_send:
                if not client.out:
                    client.out += wire.encode(wire.Reply(snapshot=self._access.shown(client.snapshots.popleft())))
                sent = client.connection.send(client.out)
                del client.out[:sent]
        except BlockingIOError:
            pass
        except OSError:
            self._drop(client)
            return
        if client.closing and not client.wants_to_send:
            self._drop(client)
            return
        wanted = (selectors.EVENT_READ if client.takes_input else 0) | (
            selectors.EVENT_WRITE if client.wants_to_send else 0
        )
        self._selector.modify(client.connection, wanted or selectors.EVENT_READ)

    def _drop(self, client: _Client) -> None:
        del self._clients[client.connection]
        self._selector.unregister(client.connection)
        client.connection.close()
        if client.job:
            self._bench.submit(EndJob(client.job))
        if client.asked is not None:
            client.asked.cancel()  # cancel the request of a disconnected client, unless it has begun
        if client.checked is not None:
            client.checked.cancel()

    def _close_all(self) -> None:
        for client in tuple(self._clients.values()):
            self._drop(client)
        if self._listener is not None:
            self._listener.close()
            if self._held.valid:
                self._path.unlink(missing_ok=True)
        with self._lock:
            self._stopping = True
            self._wake_write.close()
        self._wake_read.close()
        self._selector.close()


def _line(does: Callable[[], wire.Reply | None]) -> bytes:
    """Return the line with the reply or the error of a request; b"" = it is answered later."""
    try:
        reply = does()
    except wire.BadLine as error:
        return _refusal(Sentence.verbatim(str(error)))
    except StationError as error:
        return wire.encode(wire.Reply(error=wire.problem(error)))
    except Exception:
        _log.exception("defect while serving a request")
        return wire.encode(wire.Reply(error=wire.problem(StationDefect("see the station's log"))))
    return b"" if reply is None else wire.encode(reply)


def _refusal(reason: Sentence) -> bytes:
    """Return the line for what is no request."""
    refusal = wire.Problem("control-refused", Sentence("control.not-understood"), clean_sentence(reason, 500))
    return wire.encode(wire.Reply(error=refusal))
