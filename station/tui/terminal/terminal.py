"""The terminal may go away, and then the process must, too: in order, and without turning in circles.

Textual 8.2.8 reads a hung-up terminal for ever (100 % of a core when there is no controlling terminal, so no SIGHUP),
and its writing thread dies while the screen waits for room in its queue. `WatchedDriver` looks for the hang-up
(POLLHUP), ends the reading, drops what would be written, and tells the app to leave. `leave_on_signals` makes SIGHUP
and SIGTERM the same orderly way out, so that a write in flight is finished or journaled.

With the hang-up the kernel sends SIGCONT, too, as does whoever stops and continues the process. Textual takes any SIGCONT
for the end of a suspension that it began, and starts its threads a second time: the first reader then takes half the keys
and never ends, nor does the process; and where the screens have ended already, it raises in the middle of the leaving. What
it does on SIGTSTP it does in the handler itself, where a lock that is held is never given back. Here both wait their turn.
"""

from __future__ import annotations

import asyncio
import os
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

    def _sigtstp_application(self, *_: object) -> None:
        if not _soon(self._loop, self._suspend):
            os.kill(os.getpid(), signal.SIGSTOP)

    def _sigcont_application(self, *_: object) -> None:
        _soon(self._loop, self._go_on)

    def _suspend(self) -> None:
        if self._must_signal_resume:  # put away already: a SIGCONT that was not seen yet is dropped by the next stop
            os.kill(os.getpid(), signal.SIGSTOP)
        else:
            super()._sigtstp_application()

    def _go_on(self) -> None:
        if self._must_signal_resume:
            super()._sigcont_application()
        elif not self.lost:
            self._app.refresh()  # a shell may have written over it

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
    """SIGHUP and SIGTERM call `leave` in the running loop; once that has ended they do nothing more, as everything is being
    put away already. Does nothing outside the main thread (tests, embedding)."""
    if threading.current_thread() is not threading.main_thread():
        return
    loop = asyncio.get_running_loop()
    for number in (signal.SIGHUP, signal.SIGTERM):
        signal.signal(number, lambda *_: _soon(loop, leave))


def _soon(loop: asyncio.AbstractEventLoop, call: Callable[[], object]) -> bool:
    """Have it done in the loop, not in the handler of a signal, which comes in the middle of anything (a queue's lock that
    is held, for one). False: the loop is closed."""
    try:
        loop.call_soon_threadsafe(call)
    except RuntimeError:
        return False
    return True
