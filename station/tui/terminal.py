"""The terminal may go away, and then the process must, too: in order, and without turning in circles.

Textual 8.2.8 reads a hung-up terminal for ever (100 % of a core when there is no controlling terminal, so no SIGHUP),
and its writing thread dies while the screen waits for room in its queue. `WatchedDriver` looks for the hang-up
(POLLHUP), ends the reading, drops what would be written, and tells the app to leave. `leave_on_signals` makes SIGHUP
and SIGTERM the same orderly way out, so that a write in flight is finished or journaled.
"""

from __future__ import annotations

import asyncio
import queue
import select
import signal
import threading
from collections.abc import Callable
from typing import Final

from textual.drivers.linux_driver import LinuxDriver
from textual.message import Message

_LOOK_EVERY_MS: Final = 250
_GONE: Final = select.POLLHUP | select.POLLERR | select.POLLNVAL


class TerminalLost(Message):
    """Nobody sees the screen any more."""


class WatchedDriver(LinuxDriver):
    """Textual's own driver for Linux, with an eye on the cable."""

    lost = False
    _done: threading.Event | None = None

    def write(self, data: str) -> None:
        """Write, unless nobody reads."""
        if not self.lost:
            super().write(data)

    def start_application_mode(self) -> None:
        """Start watching as well."""
        super().start_application_mode()  # type: ignore[no-untyped-call]
        self._done = threading.Event()
        threading.Thread(target=self._watch, args=(self._done,), name="terminal-watch", daemon=True).start()

    def stop_application_mode(self) -> None:
        """Stop watching as well."""
        if self._done is not None:
            self._done.set()
        super().stop_application_mode()

    def _watch(self, done: threading.Event) -> None:
        poll = select.poll()
        poll.register(self.fileno, 0)
        while not done.is_set():
            if any(happened & _GONE for _, happened in poll.poll(_LOOK_EVERY_MS)):
                self._give_up()
                return

    def _give_up(self) -> None:
        self.lost = True
        self.exit_event.set()
        self._app.post_message(TerminalLost())
        writer = self._writer_thread
        if writer is not None:
            writer.join(timeout=0.1)  # it ends by itself at the first write that fails; what it leaves is dropped
            while True:
                try:
                    writer._queue.get_nowait()
                except queue.Empty:
                    break


def leave_on_signals(leave: Callable[[], object]) -> None:
    """SIGHUP and SIGTERM call `leave` in the running loop. Does nothing outside the main thread (tests, embedding)."""
    if threading.current_thread() is not threading.main_thread():
        return
    loop = asyncio.get_running_loop()
    for number in (signal.SIGHUP, signal.SIGTERM):
        loop.add_signal_handler(number, leave)
