"""What other benches did to tags, as far as the center has answered."""

from __future__ import annotations

from typing import Protocol

from station.base.sentence import Sentence
from station.domain.tags_elsewhere import TagQuestion, TagsElsewhere


class Elsewhere(Protocol):
    """Questions to the center. No call waits for it."""

    @property
    def asks(self) -> bool:
        """False: this bench has no center."""
        ...

    def ask(self, question: TagQuestion) -> None:
        """Begin to ask. An earlier answer to the same question is forgotten."""
        ...

    def answer(self, question: TagQuestion) -> TagsElsewhere | None:
        """Return the answer; None = there is none, or not yet."""
        ...

    def day(self, at: str) -> Sentence:
        """Return the local day of a time (ISO 8601) of another bench, as a part of a sentence."""
        ...


class NoElsewhere:
    """Null `Elsewhere`: a bench without a center."""

    asks = False

    def ask(self, question: TagQuestion) -> None: ...

    def answer(self, question: TagQuestion) -> TagsElsewhere | None:  # noqa: ARG002 - the port names it
        return None

    def day(self, at: str) -> Sentence:
        return Sentence.verbatim(at)
