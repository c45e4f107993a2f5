"""The courier's threads: one that leases and settles, and as many as the systems allow that communicate with them."""

from __future__ import annotations

import logging
import queue
import threading
from collections.abc import Callable
from typing import Final

from station.base.errors import StationClosed
from station.domain.ports import Outbox
from station.sync.courier.courier import Attempt, Courier, CourierStatus, Outcome

FAILED_WAIT_S: Final = 1.0
"""First wait after the store failed, seconds; doubles up to `FAILED_CAP_S`."""
FAILED_CAP_S: Final = 30.0

_log = logging.getLogger("station.sync.courier.thread")


class _Carriers:
    """Threads that carry attempts. One is started when an attempt comes and no thread is free. All run until `stop`."""

    def __init__(self, carry: Callable[[Attempt], Outcome], done: Callable[[Outcome], None]) -> None:
        self._carry = carry
        self._done = done
        self._attempts: queue.SimpleQueue[Attempt | None] = queue.SimpleQueue()
        self._threads: list[threading.Thread] = []
        self.under_way = 0
        """Used only by the courier's thread."""

    def start(self, attempt: Attempt) -> None:
        self.under_way += 1
        if self.under_way > len(self._threads):
            thread = threading.Thread(target=self._run, name=f"courier-{len(self._threads) + 1}", daemon=False)
            self._threads.append(thread)
            thread.start()
        self._attempts.put(attempt)

    def stop(self) -> None:
        for _ in self._threads:
            self._attempts.put(None)
        for thread in self._threads:
            thread.join()

    def _run(self) -> None:
        while (attempt := self._attempts.get()) is not None:
            self._done(self._carry(attempt))


class CourierThread:
    """A non-daemon thread around a `Courier`. At its start, deliveries that were leased when the station died become in
    doubt.

    `on_status` is called in this thread whenever the status has changed. It must only pass the value on.
    """

    def __init__(
        self, courier: Courier, outbox: Outbox, on_status: Callable[[CourierStatus], None] | None = None
    ) -> None:
        self._courier = courier
        self._outbox = outbox
        self._on_status = on_status
        self._wake = threading.Event()
        self._stopping = threading.Event()
        self._ended: queue.SimpleQueue[Outcome] = queue.SimpleQueue()
        self._carriers = _Carriers(courier.carry, self._carried)
        self._thread = threading.Thread(target=self._run, name="courier", daemon=False)
        self._shown: CourierStatus | None = None

    def start(self) -> None:
        self._thread.start()

    def nudge(self) -> None:
        """Look for work now. Never blocks."""
        self._wake.set()

    def retry_now(self) -> None:
        """End all waits and look for work now."""
        self._courier.retry_now()
        self._wake.set()

    def stop(self, timeout: float = 30.0) -> bool:
        """Start no further delivery, finish those in flight, join. Return False if that did not end in time."""
        self._stopping.set()
        self._wake.set()
        if self._thread.ident is None or self._thread is threading.current_thread():
            return True
        self._thread.join(timeout)
        return not self._thread.is_alive()

    def _carried(self, outcome: Outcome) -> None:
        self._ended.put(outcome)
        self._wake.set()

    def _run(self) -> None:
        try:
            self._work()
        finally:
            self._carriers.stop()

    def _work(self) -> None:
        recovered = False
        pause = FAILED_WAIT_S
        while self._carriers.under_way or not self._stopping.is_set():
            self._wake.clear()
            try:
                if not recovered:
                    count = self._outbox.recover()
                    recovered = True
                    if count:
                        _log.warning(
                            "%d deliveries were under way when the station ended; each is looked up first", count
                        )
                self._take_in()
                wait = self._hand_out()
                pause = FAILED_WAIT_S
            except StationClosed:
                if not self._carriers.under_way:
                    return
                wait = FAILED_WAIT_S
            except Exception:
                # Only the journal has the true state. Nothing is sent while it cannot be read.
                _log.exception("the outbox cannot be used; next try in %.0f s", pause)
                wait = pause
                pause = min(FAILED_CAP_S, pause * 2)
            self._show()
            if wait > 0 and (self._carriers.under_way or not self._stopping.is_set()):
                self._wake.wait(wait)

    def _take_in(self) -> None:
        while not self._ended.empty():
            outcome = self._ended.get()
            self._carriers.under_way -= 1
            self._courier.finish(outcome)

    def _hand_out(self) -> float:
        """Begin all attempts that are due. Return the seconds until there may be more."""
        while not self._stopping.is_set():
            attempt, wait = self._courier.begin()
            if attempt is None:
                return wait
            self._carriers.start(attempt)
            if not self._ended.empty():
                return 0.0
        return FAILED_WAIT_S

    def _show(self) -> None:
        status = self._courier.status()
        if self._on_status is not None and status != self._shown:
            self._shown = status
            self._on_status(status)
