"""Crash handling that leaves the terminal clean.

Textual 8.2.8 prints its own report of a crash, with the error's raw text and the values of variables. A title among
them could clear the terminal or change its colors. Here the report goes to the log. The error goes to the caller of the
screens, which prints it like any error of the command line.
"""

from __future__ import annotations

import logging
from typing import Final

from textual.app import App
from textual.message import Message
from textual.worker import WorkerFailed

from station.base.errors import ScreensEnded, StationError
from station.base.text import clean

_MOST: Final = 200
"""Maximum characters of an error's text at the terminal, so that its sentence stays visible."""
_log = logging.getLogger("station.tui")


class PartEnded(Message):
    """A thread of the station ended because of a defect."""

    def __init__(self, part: str) -> None:
        super().__init__()
        self.part = part


class CleanEnd(App[None]):
    """An app that never prints Textual's own crash report."""

    crash: Exception | None = None
    """The error that ended the screens unexpectedly."""

    def run_to_the_end(self) -> None:
        """Run the app. If an error ended the screens, raise it: a `StationError` as it is, any other as
        `ScreensEnded`."""
        self.run()
        if isinstance(self.crash, StationError):
            raise self.crash
        if self.crash is not None:
            raise ScreensEnded(clean(f"{type(self.crash).__name__}: {self.crash}", _MOST)) from self.crash

    def _handle_exception(self, error: Exception) -> None:
        cause = error.error if isinstance(error, WorkerFailed) and isinstance(error.error, Exception) else error
        self.crash = self.crash or cause
        _log.critical("the screens ended: %s", type(cause).__name__, exc_info=cause)
        super()._handle_exception(error)

    def _fatal_error(self) -> None:
        self._close_messages_no_wait()

    def _print_error_renderables(self) -> None:
        self._exit_renderables.clear()
