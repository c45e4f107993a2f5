"""Commands to one reader and its answers: fenced, timed, with optional commands and refusals handled.

The answers of two exchanges must never be confused. After an exchange that ended without its own answer, or with extra
bytes, the fence is sent first: a request whose answer has its own command byte and arrives after everything that was
still on its way.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from functools import partial
from typing import Any, Final, Generic, Protocol, TypeVar, cast

from station.base.clock import Clock
from station.base.errors import ReaderSilent, RemoteProtocolError, StationError
from station.base.settings import Reader
from station.drivers.line.connection import Connection
from station.drivers.line.conversation import Asked, Conversation
from station.drivers.line.serial import Transport
from station.drivers.reader.optional import Optional, missing

_LOG = logging.getLogger(__name__)

_MARGIN_S: Final = 0.25
"""Seconds allowed in addition to the reader's time and the wire's: USB latency, a busy machine."""

_PRETENDED: Final = object()
"""Stands for the answer OK to a change of a tag that is not there. By the manuals a missing tag is reported."""

X = TypeVar("X")
"""Type of the reader's refusals."""
A = TypeVar("A")
A_co = TypeVar("A_co", covariant=True)


class Question(Asked, Protocol[A_co]):
    """A request whose answer is parsed as this type, or as a refusal."""

    @property
    def parse(self) -> Callable[..., A_co]: ...


class Channel(Generic[X]):
    """The channel to one reader. Closed until `connection.connect` and `greet` have succeeded."""

    def __init__(
        self,
        transport_factory: Callable[[], Transport],
        clock: Clock,
        settings: Reader,
        protocol: Conversation[Any, Any, Any],
        fence: Asked,
        *,
        silence_s: float,
        always_silent: bool,
        wire_s: Callable[[Asked], float],
        refusal: type[X],
        error_for: Callable[[X, str], StationError],
        unknown: Callable[[object], bool],
    ) -> None:
        """`protocol`, `fence`: those of the likeliest way to greet. `silence_s`: seconds between an answer and the next
        request; if not `always_silent`, only before a request whose answer could be confused. `wire_s`: returns the
        seconds that a request and its longest answer take on the wire. `refusal`: type of a refusal. `error_for`:
        returns the error for a refusal of the command with this name. `unknown`: returns whether an answer means that
        the reader does not have the command."""
        self.connection = Connection(
            transport_factory, clock, silence_s=silence_s, operation_s=settings.operation_ms / 1000
        )
        self.optional = Optional(lambda answer: answer is _PRETENDED or unknown(answer), self._alive)
        """The optional commands that the reader has."""
        self._answer_s = settings.answer_ms / 1000
        self._always_silent = always_silent
        self._wire_s = wire_s
        self._refusal = refusal
        self._error_for = error_for
        self._protocol = protocol
        self._fence = fence
        self._behind_fence = False
        """Whether the last request was the fence: silence must follow it."""

    def greet(self, ways: Sequence[tuple[Conversation[Any, Any, Any], Question[A | X]]]) -> tuple[int, A]:
        """Try each way to greet, in order; its request then becomes the fence. Return the index of the first way that
        is answered, and its answer. Raises the first failure. Callers list the likeliest way twice, because a failure
        can be caused by the rest of a conversation with another program."""
        failure: ReaderSilent | RemoteProtocolError | None = None
        for index, (protocol, request) in enumerate(ways):
            self._protocol, self._fence = protocol, request
            self.connection.doubtful = False
            try:
                answer: A = self.accepted(self._exchange(request), request)
            except (ReaderSilent, RemoteProtocolError) as error:
                _LOG.info("greeting again: %s", error)
                failure = failure or error
            else:
                return index, answer
        raise failure or ReaderSilent("no greeting")

    def exchange(self, request: Question[A | X]) -> A | X:
        """Send one request and return its answer or refusal, after a fence if one is needed."""
        answer: A | X = self._exchange(request)
        return answer

    def ask(self, request: Question[A | X]) -> A:
        """As `exchange`, but raise a refusal as its error."""
        answer: A = self.accepted(self._exchange(request), request)
        return answer

    def try_optional(
        self, request: Question[A | X], unknown: Callable[[object], bool] | None = None, name: str = ""
    ) -> A | X | None:
        """Return the answer to a command that changes no tag; None if the reader does not have the command. `unknown`:
        see `Optional.ask`. `name`: name of an optional form of the command."""
        answer: A | X | None = self.optional.ask(name or request.row.name, lambda: self._exchange(request), unknown)
        return answer

    def ask_optional(
        self, request: Question[A | X], unknown: Callable[[object], bool] | None = None, name: str = ""
    ) -> A | None:
        """As `try_optional`, but raise a refusal as its error."""
        said = self.optional.ask(name or request.row.name, lambda: self._exchange(request), unknown)
        answer: A | None = None if said is None else self.accepted(said, request)
        return answer

    def find_out(self, request: Question[Any], unknown: Callable[[object], bool] | None = None) -> bool:
        """Return whether the reader has this command. The reader is asked unless the answer is known."""
        return self.optional.find_out(request.row.name, lambda: self._exchange(request), unknown)

    def find_out_change(self, of_nobody: Question[Any]) -> bool:
        """As `find_out`, for a command that changes tags, with the UID of no tag. A reader that answers OK does not
        carry it out."""
        return self.optional.find_out(of_nobody.row.name, lambda: self._of_nobody(of_nobody))

    def learn(self, looks: Iterable[Question[Any]], changes: Iterable[Question[Any]]) -> None:
        """Ask for each of these commands whether the reader has it, in an operation of its own. All carry the UID of no
        tag. An answer that is not in the manual tells nothing. Raises what the line raises."""
        for request, ask in (
            *((look, self._exchange) for look in looks),
            *((change, self._of_nobody) for change in changes),
        ):
            with self.connection.operation(), suppress(RemoteProtocolError):
                self.optional.ask_again(request.row.name, partial(ask, request))

    def _of_nobody(self, request: Question[Any]) -> object:
        answer = self._exchange(request)
        return answer if isinstance(answer, self._refusal) else _PRETENDED

    def change(self, request: Question[Any], of_nobody: Question[Any] | None) -> X | None:
        """Send a command that changes a tag, once. Return the refusal, if there was one. `of_nobody`: the same command
        with the UID of no tag, for a command that the reader may not have. Raises `NotPossible` if the reader does not
        have it."""
        name = request.row.name
        if of_nobody is None:
            answer = self._exchange(request)
        else:
            answer = self.optional.change(name, lambda: self._exchange(request), lambda: self._of_nobody(of_nobody))
        if answer is None:
            raise missing(name)
        return answer if isinstance(answer, self._refusal) else None

    def accepted(self, answer: A | X, request: Asked) -> A:
        """Return the answer, or raise the error for a refusal."""
        if isinstance(answer, self._refusal):
            raise self._error_for(answer, request.row.name)
        return cast("A", answer)

    def _exchange(self, request: Asked) -> Any:
        silence = (
            self._always_silent or self.connection.doubtful or self._behind_fence or self._protocol.mistakable(request)
        )
        self.connection.settle(silence=silence)
        silence = self._fenced() or silence
        self._behind_fence = False
        return self._once(request, silence=silence)

    def _alive(self) -> None:
        self.connection.settle(silence=self._always_silent or self.connection.doubtful)
        self._fenced()

    def _fenced(self) -> bool:
        """Send the fence if needed, so that no older answer is on its way afterwards. Return True if it was sent."""
        if not self.connection.doubtful:
            return False
        self.connection.counters.fences += 1
        self._once(self._fence)
        self.connection.doubtful = False
        self._behind_fence = True
        return True

    def _once(self, request: Asked, *, silence: bool = True) -> Any:
        """Run one exchange. Return the answer as parsed for the request, or a refusal."""
        seconds = self._answer_s + self._wire_s(request) + _MARGIN_S
        return self.connection.ask(self._protocol, request, seconds, request.row.name, silence=silence)
