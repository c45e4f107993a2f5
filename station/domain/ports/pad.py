"""The seam between the bench and other programs that ask something of the pad; see `ports` for all the others."""

from __future__ import annotations

from concurrent.futures import Future
from typing import Protocol

from station.domain.commands import PadRequest
from station.domain.snapshot import PadAnswer


class PadPort(Protocol):
    """The pad for another program: the bench decides, in its own thread, one request after the other."""

    def ask(self, request: PadRequest) -> Future[PadAnswer]:
        """Queue a request; never blocks. `cancel()` of the future succeeds only while the bench has not begun: then nothing
        was done and nothing will be. Its one exception is `StationClosed`."""
        ...


class Askers(Protocol):
    """Those who wait for answers of the bench, as the bench sees them. Neither call blocks."""

    def begin(self, ticket: str) -> bool:
        """Does somebody still wait? Only then may the bench begin; from then on the asker cannot take it back."""
        ...

    def answer(self, ticket: str, answer: PadAnswer) -> None: ...
