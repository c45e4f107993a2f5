"""The courier's thread: steps while there is work, sleeps while there is none, and ends in good order."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from typing import Final

from station.errors import StationClosed
from station.ports import Outbox
from station.sync.courier import Courier, CourierStatus

FAILED_WAIT_S: Final = 1.0
"""First wait after the store failed, seconds; doubles up to `FAILED_CAP_S`."""
FAILED_CAP_S: Final = 30.0

_log = logging.getLogger("station.sync.thread")


class CourierThread:
    """A non-daemon thread around `Courier.step`. At its start, what was leased when the station died becomes in doubt.

    `on_status` is called in this thread whenever the status has changed; it must only pass the value on.
    """

    def __init__(
        self, courier: Courier, outbox: Outbox, on_status: Callable[[CourierStatus], None] | None = None
    ) -> None:
        self._courier = courier
        self._outbox = outbox
        self._on_status = on_status
        self._wake = threading.Event()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="courier", daemon=False)
        self._shown: CourierStatus | None = None

    def start(self) -> None:
        """Start the thread."""
        self._thread.start()

    def nudge(self) -> None:
        """There may be something to do: look now. Never blocks."""
        self._wake.set()

    def retry_now(self) -> None:
        """Forget all waiting times and look now."""
        self._courier.retry_now()
        self._wake.set()

    def stop(self, timeout: float = 30.0) -> bool:
        """Start no further delivery, finish the one in flight, join. False if that did not end in time."""
        self._stopping.set()
        self._wake.set()
        if self._thread.ident is None or self._thread is threading.current_thread():
            return True
        self._thread.join(timeout)
        return not self._thread.is_alive()

    def _run(self) -> None:
        recovered = False
        pause = FAILED_WAIT_S
        while not self._stopping.is_set():
            self._wake.clear()
            try:
                if not recovered:
                    count = self._outbox.recover()
                    recovered = True
                    if count:
                        _log.warning(
                            "%d deliveries were under way when the station ended; each is looked up first", count
                        )
                wait = self._courier.step()
                pause = FAILED_WAIT_S
            except StationClosed:
                return
            except Exception:
                # The journal says what is true; as long as it cannot be reached nothing is sent.
                _log.exception("the outbox cannot be used; next try in %.0f s", pause)
                wait = pause
                pause = min(FAILED_CAP_S, pause * 2)
            self._show()
            if wait > 0 and not self._stopping.is_set():
                self._wake.wait(wait)

    def _show(self) -> None:
        status = self._courier.status()
        if self._on_status is not None and status != self._shown:
            self._shown = status
            self._on_status(status)
