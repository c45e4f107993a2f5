"""Work that takes longer than a page may: one at a time, in a thread of its own, and the result of the last one."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from typing import Generic, TypeVar

import msgspec

from station.base.clock import Clock
from station.base.errors import StationDefect, StationError

Result = TypeVar("Result")
Progress = Callable[[int, int], None]
_log = logging.getLogger("station.office")


class Ended(msgspec.Struct, Generic[Result], frozen=True, kw_only=True):
    """How the last work ended: with a result, or with an error."""

    at: str
    result: Result | None = None
    error: StationError | None = None


class Background(Generic[Result]):
    """One kind of work, for all readers of the office."""

    def __init__(self, clock: Clock, name: str) -> None:
        self._clock, self._name = clock, name
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self.ended: Ended[Result] | None = None
        """None = it was never done since the office started."""
        self.progress = (0, 0)
        """How much is done, and of how much."""

    @property
    def running(self) -> bool:
        """Whether the work goes on."""
        thread = self._thread
        return thread is not None and thread.is_alive()

    def begin(self, work: Callable[[Progress], Result], wait_s: float) -> None:
        """Begin, unless the same work goes on. Return when it has ended, or after `wait_s` seconds."""
        with self._lock:
            if not self.running:
                self.progress = (0, 0)
                self._thread = threading.Thread(target=self._do, args=(work,), name=self._name, daemon=True)
                self._thread.start()
            thread = self._thread
        if thread is not None:
            thread.join(wait_s)

    def _do(self, work: Callable[[Progress], Result]) -> None:
        try:
            ended = Ended(at=self._clock.now(), result=work(self._note))
        except StationError as error:
            ended = Ended(at=self._clock.now(), error=error)
        except Exception as error:
            _log.exception("%s", self._name)
            ended = Ended(at=self._clock.now(), error=StationDefect(type(error).__name__))
        self.ended = ended

    def _note(self, done: int, count: int) -> None:
        self.progress = (done, count)
