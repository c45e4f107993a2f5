"""Loss of the terminal: the process then ends in order, and without a busy loop.

Textual 8.2.8 reads a hung-up terminal forever (100 % of a core if there is no controlling terminal, and so no SIGHUP).
Its writing thread dies while the screen waits for room in its queue. `WatchedDriver` detects the hang-up (POLLHUP),
ends the reading, drops pending output, and tells the app to leave. `leave_on_signals` makes SIGHUP and SIGTERM leave in
the same orderly way, so that a write in progress is finished or journaled.

The kernel sends SIGCONT with the hang-up, and so does a program that stops and continues the process. Textual takes any
SIGCONT for the end of a suspension that it began, and starts its threads a second time. The first reader then takes
half the keys and never ends, so the process never ends; if the screens have already ended, Textual raises during
shutdown. Textual handles SIGTSTP inside the signal handler, where a held lock is never released. Here the loop handles
both signals.
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
    """The terminal hung up."""


class WatchedDriver(LinuxDriver):
    """Textual's Linux driver, which also watches for a hang-up."""

    lost = False
    _done: threading.Event | None = None

    def write(self, data: str) -> None:
        """Write unless the terminal is lost."""
        if not self.lost:
            super().write(data)

    def start_application_mode(self) -> None:
        """Start; also start watching."""
        super().start_application_mode()  # type: ignore[no-untyped-call]
        self._done = threading.Event()
        threading.Thread(target=self._watch, args=(self._done,), name="terminal-watch", daemon=True).start()

    def stop_application_mode(self) -> None:
        """Stop; also stop watching."""
        if self._done is not None:
            self._done.set()
        super().stop_application_mode()

    def _sigtstp_application(self, *_: object) -> None:
        if not _soon(self._loop, self._suspend):
            os.kill(os.getpid(), signal.SIGSTOP)

    def _sigcont_application(self, *_: object) -> None:
        _soon(self._loop, self._go_on)

    def _suspend(self) -> None:
        if self._must_signal_resume:  # already suspended: the next stop discards a SIGCONT that was not seen yet
            os.kill(os.getpid(), signal.SIGSTOP)
        else:
            super()._sigtstp_application()

    def _go_on(self) -> None:
        if self._must_signal_resume:
            super()._sigcont_application()
        elif not self.lost:
            self._app.refresh()  # a shell may have overwritten the screen

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
            writer.join(timeout=0.1)  # the thread ends at the first write that fails; the rest is dropped
            while True:
                try:
                    writer._queue.get_nowait()
                except queue.Empty:
                    break


def leave_on_signals(leave: Callable[[], object]) -> None:
    """Make SIGHUP and SIGTERM call `leave` in the running loop. After the loop has ended they do nothing, because the
    shutdown is already in progress. Do nothing outside the main thread (tests, embedding)."""
    if threading.current_thread() is not threading.main_thread():
        return
    loop = asyncio.get_running_loop()
    for number in (signal.SIGHUP, signal.SIGTERM):
        signal.signal(number, lambda *_: _soon(loop, leave))


def _soon(loop: asyncio.AbstractEventLoop, call: Callable[[], object]) -> bool:
    """Schedule a call in the loop, because a signal handler may interrupt anything (for example, while a queue's lock
    is held). False: the loop is closed."""
    try:
        loop.call_soon_threadsafe(call)
    except RuntimeError:
        return False
    return True
