"""What only hands can do, asked of somebody: a person, an emulator's control socket, the answers of a recorded run."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from typing import Protocol

from station.drivers.harness.results import Answer


class Wish(StrEnum):
    """What hands can be asked to do."""

    EMPTY = "clear the pad"
    SCRATCH = "lay the scratch tag alone on the pad"
    TWO = "lay a second tag beside the scratch tag"
    UNPLUG = "pull the reader's plug"
    PLUG = "put the reader's plug in again"
    DEAFEN = "make the reader silent with its plug in"
    HEAR = "let the reader answer again"


class Hands(Protocol):
    """Does a wish, or says that it was not done (then the case is skipped)."""

    def do(self, wish: Wish) -> bool: ...


class NoHands:
    """Nobody is there: the scratch tag lies on the pad already, and nothing else can be done."""

    def do(self, wish: Wish) -> bool:
        """True for the scratch tag alone."""
        return wish is Wish.SCRATCH


class Noted:
    """Other hands, and what they did."""

    def __init__(self, hands: Hands) -> None:
        self._hands = hands
        self.answers: list[Answer] = []

    def do(self, wish: Wish) -> bool:
        """As the others do."""
        done = self._hands.do(wish)
        self.answers.append(Answer(wish.value, done))
        return done


class Played:
    """The answers of a run that was recorded, in their order; more wishes than were asked then are not done."""

    def __init__(self, answers: Iterable[Answer]) -> None:
        self._answers = iter(answers)

    def do(self, wish: Wish) -> bool:
        """As it was answered then."""
        answer = next(self._answers, None)
        return answer is not None and answer.asked == wish.value and answer.done
