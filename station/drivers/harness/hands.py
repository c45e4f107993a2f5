"""Physical actions during a run, requested from a person, an emulator's control socket, or a recorded run."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from typing import Protocol

from station.drivers.harness.results import Answer


class Wish(StrEnum):
    """A physical action that can be requested."""

    EMPTY = "clear the pad"
    SCRATCH = "lay the scratch tag alone on the pad"
    TWO = "lay a second tag beside the scratch tag"
    UNPLUG = "pull the reader's plug"
    PLUG = "put the reader's plug in again"
    DEAFEN = "make the reader silent with its plug in"
    HEAR = "let the reader answer again"


class Hands(Protocol):
    """Performs a requested action, or reports that it was not done (the case is then skipped)."""

    def do(self, wish: Wish) -> bool: ...


class NoHands:
    """No actions are possible: the scratch tag is already on the pad."""

    def do(self, wish: Wish) -> bool:
        """Return True only for `SCRATCH`."""
        return wish is Wish.SCRATCH


class Noted:
    """Other `Hands`, with a record of what they did."""

    def __init__(self, hands: Hands) -> None:
        self._hands = hands
        self.answers: list[Answer] = []

    def do(self, wish: Wish) -> bool:
        """Pass the wish on, and record the answer."""
        done = self._hands.do(wish)
        self.answers.append(Answer(wish.value, done))
        return done


class Played:
    """The answers of a recorded run, in order. A wish beyond the recorded ones is not done."""

    def __init__(self, answers: Iterable[Answer]) -> None:
        self._answers = iter(answers)

    def do(self, wish: Wish) -> bool:
        """Return the recorded answer; False if it belongs to another wish."""
        answer = next(self._answers, None)
        return answer is not None and answer.asked == wish.value and answer.done
