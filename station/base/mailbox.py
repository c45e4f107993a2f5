"""Owner threads: one thread owns an object; other threads send it work and get a future."""

from __future__ import annotations

import contextlib
import queue
import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import Generic, TypeVar

from station.base.errors import StationClosed

T = TypeVar("T")
R = TypeVar("R")


class Owner(Generic[T]):
    """A non-daemon thread that builds an object, owns it, and runs jobs on it in sequence.

    `build` runs in the thread (required by SQLite connections and serial ports); its failure is raised by `start`.
    `close` runs in the thread when it ends. Jobs still queued at the end fail with `StationClosed`. `idle` runs in the
    thread once, if no job came for `idle_after` seconds after some work; it must not raise.
    """

    def __init__(
        self,
        name: str,
        build: Callable[[], T],
        close: Callable[[T], None] | None = None,
        *,
        idle: Callable[[T], None] | None = None,
        idle_after: float = 5.0,
    ) -> None:
        self._build = build
        self._close = close
        self._idle = idle
        self._idle_after = idle_after
        self._jobs: queue.SimpleQueue[tuple[Callable[[T], object], Future[object]] | None] = queue.SimpleQueue()
        self._lock = threading.Lock()
        self._closed = False
        self._built: Future[None] = Future()
        self._thread = threading.Thread(target=self._run, name=name, daemon=False)

    def start(self) -> None:
        """Start the thread and wait until the object is built."""
        self._thread.start()
        self._built.result()

    def submit(self, job: Callable[[T], R]) -> Future[R]:
        """Queue `job`; its result or exception arrives in the future."""
        future: Future[R] = Future()
        with self._lock:
            if self._closed:
                future.set_exception(StationClosed())
                return future
            self._jobs.put((job, future))  # type: ignore[arg-type]
        return future

    def call(self, job: Callable[[T], R], timeout: float | None = None) -> R:
        """Run `job` in the owner's thread and wait for it. Never call this from the screen's thread."""
        return self.submit(job).result(timeout)

    def stop(self, timeout: float = 10.0) -> bool:
        """Accept no more jobs, let the running and queued ones finish, and join. Return False if the thread did not end
        in time."""
        with self._lock:
            if not self._closed:
                self._closed = True
                self._jobs.put(None)
        if self._thread.ident is None or self._thread is threading.current_thread():
            return True
        self._thread.join(timeout)
        return not self._thread.is_alive()

    def _run(self) -> None:
        try:
            thing = self._build()
        except BaseException as error:
            with self._lock:
                self._closed = True
            self._built.set_exception(error)
            return
        self._built.set_result(None)
        worked = False
        try:
            while True:
                try:
                    item = self._jobs.get(timeout=self._idle_after if worked and self._idle is not None else None)
                except queue.Empty:
                    worked = False
                    if self._idle is not None:
                        self._idle(thing)
                    continue
                if item is None:
                    return
                worked = True
                job, future = item
                if not future.set_running_or_notify_cancel():
                    continue
                try:
                    future.set_result(job(thing))
                except BaseException as error:
                    future.set_exception(error)
        finally:
            if self._close is not None:
                self._close(thing)


class Tickets(Generic[R]):
    """Requests that wait for an answer: a thread asks under a ticket, the owner of the object answers from its own
    thread.

    `begin` claims a ticket whose sender still waits; after that the sender can no longer cancel. Each ticket is
    answered at most once. `close` fails all open tickets with `StationClosed`.
    """

    def __init__(self, new_id: Callable[[], str]) -> None:
        self._new_id = new_id
        self._lock = threading.Lock()
        self._open: dict[str, Future[R]] = {}
        self._closed = False

    def new(self) -> tuple[str, Future[R]]:
        """Return a new ticket and the future of its answer."""
        ticket, future = self._new_id(), Future[R]()
        with self._lock:
            if not self._closed:
                self._open[ticket] = future
                return ticket, future
        future.set_exception(StationClosed())
        return ticket, future

    def begin(self, ticket: str) -> bool:
        """Return True if a sender waits under this ticket and it was not begun before."""
        with self._lock:
            future = self._open.get(ticket)
            if future is None or future.running():
                return False
            if future.set_running_or_notify_cancel():
                return True
            del self._open[ticket]
            return False

    def answer(self, ticket: str, answer: R) -> None:
        """Answer a ticket that was begun; an unknown ticket is ignored."""
        with self._lock:
            future = self._open.pop(ticket, None)
        if future is not None:
            future.set_result(answer)

    def close(self) -> None:
        """Accept no more answers."""
        with self._lock:
            self._closed = True
            left, self._open = tuple(self._open.values()), {}
        for future in left:
            if future.running() or future.set_running_or_notify_cancel():
                future.set_exception(StationClosed())


class Mailbox(Generic[T]):
    """A non-daemon thread that passes items, in order, to `handle`, and calls `idle` if none came for a while.

    `idle` returns the seconds to wait for the next item before it is called again. Exceptions from `handle` and `idle`
    are passed to `failed` (they are not supposed to raise).
    """

    def __init__(
        self, name: str, handle: Callable[[T], None], idle: Callable[[], float], failed: Callable[[Exception], None]
    ) -> None:
        self._handle = handle
        self._idle = idle
        self._failed = failed
        self._items: queue.Queue[T | None] = queue.Queue()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name=name, daemon=False)

    def start(self) -> None:
        self._thread.start()

    def put(self, item: T) -> None:
        """Queue an item; never blocks. The item is dropped if the mailbox is closed."""
        if not self._stopping.is_set():
            self._items.put(item)

    @property
    def waiting(self) -> int:
        """Number of queued items."""
        return self._items.qsize()

    def stop(self, timeout: float = 10.0, *, last: T | None = None) -> bool:
        """Accept no more items, finish the current and queued ones, and join. `last`: an item that takes the place of
        the queued ones. Return False if the thread did not end in time."""
        if not self._stopping.is_set():
            if last is not None:  # before the event: the thread ends at an empty queue once the event is set
                with contextlib.suppress(queue.Empty):
                    while True:
                        self._items.get_nowait()
                self._items.put(last)
            self._stopping.set()
            self._items.put(None)
        if self._thread.ident is None or self._thread is threading.current_thread():
            return True
        self._thread.join(timeout)
        return not self._thread.is_alive()

    def _run(self) -> None:
        wait = 0.0
        while True:
            try:
                item = self._items.get(timeout=wait) if wait > 0 else self._items.get_nowait()
            except queue.Empty:
                if self._stopping.is_set():
                    return
                try:
                    wait = max(0.001, self._idle())
                except Exception as error:
                    self._failed(error)
                    wait = 1.0
                continue
            if item is None:
                return
            try:
                self._handle(item)
            except Exception as error:
                self._failed(error)
