"""A center without a network: real frames, and the real functions of the database. By chance, requests and answers are lost,
doubled or late."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from random import Random
from typing import TypeVar

from station.base.errors import CredentialsRefused, Unreachable
from station.domain.heartbeat import Heard, Move
from station.domain.journal_copy import Batch, CopiedEvent, Received, Timelines
from station.domain.tags_elsewhere import SecondTags, TagQuestion, TagsElsewhere
from station.fleet.wire import batch_in, decode, encode
from station.store.postgres.copies import Copies

T = TypeVar("T")


class DirectCenter:
    """The methods of `center.Center` that `Link`, `ElsewhereThread` and a restore call."""

    def __init__(self, copies: Copies, bench: str, key: bytes, random: Random) -> None:
        self._copies, self._random = copies, random
        self.bench, self.key = bench, key
        self.bad = False
        """True while the network loses, doubles and delays."""
        self.away = False
        self._late: Batch | None = None
        """A batch that may arrive later, perhaps for the second time."""

    def path(self) -> Timelines:
        return self._request(lambda: self._copies.path(self.bench), Timelines)

    def send(self, batch: Batch) -> Received:
        batch = batch_in(encode(batch))
        if self.bad and self._random.random() < 0.2:
            self._late = batch
            raise Unreachable
        answer = self._request(lambda: self._copies.receive(self.bench, batch), Received)
        if self.bad and self._random.random() < 0.2:
            self._late = batch
        return answer

    def deliver_late_batch(self) -> None:
        """Deliver the late batch."""
        if self._late is not None and self._has_key():
            self._copies.receive(self.bench, self._late)
        self._late = None

    def move(self, move: Move) -> Heard:
        return self._request(lambda: self._copies.move(self.bench, move), Heard)

    def events(self, after: int) -> tuple[CopiedEvent, ...]:
        return self._request(lambda: self._copies.events(self.bench, after), tuple[CopiedEvent, ...])

    def tags(self, question: TagQuestion) -> TagsElsewhere:
        return self._request(lambda: self._copies.tags(self.bench, question), TagsElsewhere)

    def second_tags(self) -> SecondTags:
        return self._request(lambda: self._copies.second_tags(self.bench), SecondTags)

    def within(self, _seconds: float) -> AbstractContextManager[None]:
        return nullcontext()

    def close(self) -> None: ...

    def _has_key(self) -> bool:
        return self._copies.key_digest(self.bench) == hashlib.sha256(self.key).digest()

    def _request(self, work: Callable[[], object], kind: type[T]) -> T:
        if self.away or (self.bad and self._random.random() < 0.2):
            raise Unreachable  # the request is lost
        if not self._has_key():
            raise CredentialsRefused
        answer = work()
        if self.bad and self._random.random() < 0.1:
            answer = work()  # the request comes twice
        if self.bad and self._random.random() < 0.2:
            raise Unreachable  # the answer is lost
        return decode(encode(answer), kind)
