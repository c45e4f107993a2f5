"""The center, as a bench asks it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path as FilePath
from typing import Final, TypeVar

from station.base.clock import Clock
from station.base.credentials import Secret, load
from station.base.errors import CredentialsRefused, Unreachable
from station.base.sentence import Sentence
from station.base.settings import Fleet
from station.domain.heartbeat import Beat, Heard, Move
from station.domain.journal_copy import Batch, CopiedEvent, Joined, JoinRequest, Received, Timelines
from station.domain.tags_elsewhere import SecondTags, TagQuestion, TagsElsewhere
from station.fleet.paths import EVENTS, HEAD, HEARTBEAT, JOIN, LEAVE, MOVED, SECOND_TAGS, TAGS
from station.fleet.wire import FRAME, MOST_BYTES, BadFrame, decode, encode
from station.sync.http import Answer, Http

T = TypeVar("T")

CREDENTIAL: Final = "fleet"
"""Name of the bench's key: "BENCH.KEY"."""
_TIMEOUT_S: Final = 20.0
IDLE_S: Final = 100.0
"""Seconds for which a connection is kept for the next request. Without it, the question at a scan costs a TLS handshake,
which takes the processor from the screen."""
_TAGS_S: Final = 5.0
_OK, _UNAUTHORIZED = 200, 401


class Center:
    """Requests to the center. Each raises `Unreachable`, `CredentialsRefused`, and `SettingsError` for an address or a
    certificate file that cannot work."""

    def __init__(self, fleet: Fleet, data: FilePath, clock: Clock) -> None:
        self._data = data
        ca_file = data / fleet.ca_file if fleet.ca_file else None

        def http(authorization: Callable[[], Secret] | None) -> Http:
            return Http(
                fleet.center,
                clock=clock,
                timeout_s=_TIMEOUT_S,
                authorization=authorization,
                max_answer=MOST_BYTES,
                ca_file=ca_file,
                idle_s=IDLE_S,
            )

        self._http, self._stranger = http(self._key), http(None)

    def path(self) -> Timelines:
        """Return the bench's timelines at the center, the newest first, each with its newest event there."""
        return self._read(self._http.get(HEAD, accept=FRAME), Timelines)

    def send(self, batch: Batch) -> Received:
        """Send a batch. Sending it again is harmless."""
        return self._read(self._post(EVENTS, batch), Received)

    def tell(self, beat: Beat) -> Heard:
        """Tell how the bench is."""
        return self._read(self._post(HEARTBEAT, beat), Heard)

    def move(self, move: Move) -> Heard:
        """Be known on another machine from now on."""
        return self._read(self._post(MOVED, move), Heard)

    def leave(self, move: Move) -> Heard:
        """End the key of this bench, unless the center knows it on another machine ("moved")."""
        return self._read(self._post(LEAVE, move), Heard)

    def within(self, seconds: float) -> AbstractContextManager[None]:
        """Limit the total time of this thread's requests in the block."""
        return self._http.within(seconds)

    def events(self, after: int) -> tuple[CopiedEvent, ...]:
        """Return the bench's next events after a number; none at the end."""
        return self._read(self._http.get(f"{EVENTS}?after={after}", accept=FRAME), tuple[CopiedEvent, ...])

    def events_after(self, seq: int) -> Iterator[CopiedEvent]:
        """Yield all events of the bench after a number."""
        while events := self.events(seq):
            yield from events
            seq += len(events)

    def tags(self, question: TagQuestion) -> TagsElsewhere:
        """Ask what other benches know of an item or a tag. Does not wait long."""
        with self.within(_TAGS_S):
            return self._read(self._post(TAGS, question), TagsElsewhere)

    def second_tags(self) -> SecondTags:
        """Return the second tags that this bench wrote."""
        return self._read(self._http.get(SECOND_TAGS, accept=FRAME), SecondTags)

    def join(self, request: JoinRequest) -> Joined:
        """Use an invitation. If no answer came, the code may be used up."""
        answer = self._stranger.post(JOIN, encode(request), accept=FRAME, content_type=FRAME)
        return self._read(answer, Joined)

    def close(self) -> None:
        """Close idle connections."""
        self._http.close()
        self._stranger.close()

    def _post(self, path: str, value: object) -> Answer:
        """Send what may be sent twice without harm."""
        return self._http.post(path, encode(value), changes=False, accept=FRAME, content_type=FRAME)

    def _key(self) -> Secret:
        return Secret(f"Bearer {load(CREDENTIAL, self._data).reveal()}")

    def _read(self, answer: Answer, kind: type[T]) -> T:
        if answer.status == _UNAUTHORIZED:
            raise CredentialsRefused(Sentence("fleet.key-refused", origin=self._http.origin))
        if answer.status != _OK:
            raise Unreachable(Sentence("fleet.status", origin=self._http.origin, status=answer.status))
        try:
            return decode(answer.body, kind)
        except BadFrame:
            raise Unreachable(Sentence("fleet.no-center-answer", origin=self._http.origin)) from None
