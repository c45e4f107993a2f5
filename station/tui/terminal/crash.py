"""A screen that fails leaves the terminal clean.

Textual 8.2.8 prints its own report when it fails: an error's words as they are, and the values of variables, where a title
may clear the terminal or name a colour. Here the report goes to the log, and the error to whoever ran the screens, who
says it as the command line says everything.
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
"""Letters of an error's words at the terminal: its sentence must not be pushed off the screen by them."""
_log = logging.getLogger("station.tui")


class PartEnded(Message):
    """A thread of the station ended because of a defect."""

    def __init__(self, part: str) -> None:
        super().__init__()
        self.part = part


class CleanEnd(App[None]):
    """An app that never prints a report of its own."""

    crash: Exception | None = None
    """What ended the screens, where nobody asked for it."""

    def run_to_the_end(self) -> None:
        """Run; raises what ended the screens, where nobody asked for it: a `StationError`, else `ScreensEnded`."""
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
