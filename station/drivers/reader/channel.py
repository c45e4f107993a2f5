"""Commands to one reader and its answers: fenced, timed, with its optional commands known and its refusals told apart.

Two exchanges must never be mistaken for each other. After an exchange that ended without its own answer, or with bytes
beside it, the fence is asked first: a request whose answer has a command byte of its own and comes after everything that
was still under way.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
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
"""Allowed on top of the reader's own time and the wire's: USB latency, a busy machine."""

X = TypeVar("X")
"""How the reader's refusals are read."""
A = TypeVar("A")
A_co = TypeVar("A_co", covariant=True)


class Question(Asked, Protocol[A_co]):
    """A request whose answer is read as this type, or as a refusal."""

    @property
    def parse(self) -> Callable[..., A_co]: ...


class Channel(Generic[X]):
    """Closed until `connection.connect` and `greet` have succeeded."""

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
        """`protocol` and `fence` are those of the likeliest way to greet. `silence_s`: between an answer and the next request;
        where not `always_silent`, only before a request whose answer could be mistaken. `wire_s`: seconds that a request and
        its longest answer are on the wire. `refusal`: the type of a refusal, `error_for` the error of one to the command with
        this name. `unknown`: does this answer say that the reader does not have the command?"""
        self.connection = Connection(
            transport_factory, clock, silence_s=silence_s, operation_s=settings.operation_ms / 1000
        )
        self.optional = Optional(unknown, self._alive)
        """Which commands it has, beside what is required."""
        self._answer_s = settings.answer_ms / 1000
        self._always_silent = always_silent
        self._wire_s = wire_s
        self._refusal = refusal
        self._error_for = error_for
        self._protocol = protocol
        self._fence = fence
        self._behind_fence = False
        """The last request was the fence: a silence follows it."""

    def greet(self, ways: Sequence[tuple[Conversation[Any, Any, Any], Question[A | X]]]) -> tuple[int, A]:
        """Try each way to greet, in this order: its request is the fence from then on. Returns the index of the way that was
        answered first, and its answer; raises the first failure. A failure may be the rest of a conversation with another
        program, so that what is most likely belongs in twice."""
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
        """One request and its answer or refusal, behind a fence where one is needed."""
        answer: A | X = self._exchange(request)
        return answer

    def ask(self, request: Question[A | X]) -> A:
        """As `exchange`; a refusal is raised as the error it stands for."""
        answer: A = self.accepted(self._exchange(request), request)
        return answer

    def try_optional(
        self, request: Question[A | X], unknown: Callable[[object], bool] | None = None, name: str = ""
    ) -> A | X | None:
        """The answer to a command that changes no tag; None from a reader that does not have it. `unknown`: see
        `Optional.ask`; `name`: of an optional form of the command."""
        answer: A | X | None = self.optional.ask(name or request.row.name, lambda: self._exchange(request), unknown)
        return answer

    def ask_optional(
        self, request: Question[A | X], unknown: Callable[[object], bool] | None = None, name: str = ""
    ) -> A | None:
        """As `try_optional`; a refusal is raised as the error it stands for."""
        said = self.optional.ask(name or request.row.name, lambda: self._exchange(request), unknown)
        answer: A | None = None if said is None else self.accepted(said, request)
        return answer

    def find_out(self, request: Question[Any], unknown: Callable[[object], bool] | None = None) -> bool:
        """Does the reader have this command? Asked unless it is known."""
        return self.optional.find_out(request.row.name, lambda: self._exchange(request), unknown)

    def change(self, request: Question[Any], of_nobody: Question[Any] | None) -> X | None:
        """Send a command that changes a tag, once; returns the refusal, if there was one. `of_nobody`: the same to a tag that
        is not there, for a command that the reader may not have. Raises `NotPossible` if it does not."""
        name = request.row.name
        if of_nobody is None:
            answer = self._exchange(request)
        else:
            answer = self.optional.change(name, lambda: self._exchange(request), lambda: self._exchange(of_nobody))
        if answer is None:
            raise missing(name)
        return answer if isinstance(answer, self._refusal) else None

    def accepted(self, answer: A | X, request: Asked) -> A:
        """The answer; raises the error that a refusal stands for."""
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
        """Behind this no answer is under way. True if the fence had to be asked."""
        if not self.connection.doubtful:
            return False
        self.connection.counters.fences += 1
        self._once(self._fence)
        self.connection.doubtful = False
        self._behind_fence = True
        return True

    def _once(self, request: Asked, *, silence: bool = True) -> Any:
        """What the request's own parser made of the answer, or a refusal."""
        seconds = self._answer_s + self._wire_s(request) + _MARGIN_S
        return self.connection.ask(self._protocol, request, seconds, request.row.name, silence=silence)
