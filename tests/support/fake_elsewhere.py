"""Another bench's tags, for tests of one bench: answers are there, or not, as the test says."""

from __future__ import annotations

from station.base.sentence import Sentence
from station.domain.tags_elsewhere import TagQuestion, TagsElsewhere


class FakeElsewhere:
    """Implements `ports.Elsewhere`."""

    asks = True

    def __init__(self) -> None:
        self.asked: list[TagQuestion] = []
        self.answers: dict[TagQuestion, TagsElsewhere] = {}

    def ask(self, question: TagQuestion) -> None:
        self.asked.append(question)

    def answer(self, question: TagQuestion) -> TagsElsewhere | None:
        return self.answers.get(question)

    def day(self, at: str) -> Sentence:
        return Sentence("fault.day.5") if at else Sentence("fault.day.unknown")
