"""Table of sign-on questions: what the station asks, the inputs, and what it asks next. Pure; time is passed in as a
number.

    what is asked     input
    ──────────────────────────────────────────────────────────────────────────────────────────────────────────
                KNOWN   RIGHT    FIRST     WRONG  REFUSED  FIT     UNFIT     SAME     OTHER     CANCELED
    WHO         PIN     .        .         .      WHO      .       .         .        .         end / WHO
    PIN         PIN     proven   NEW_PIN   PIN    WHO      .       .         .        .         end / WHO
    NEW_PIN     PIN     .        .         .      WHO      AGAIN   NEW_PIN   .        .         end / WHO
    AGAIN       PIN     .        .         .      WHO      .       .         proven   NEW_PIN   end / WHO

A card or badge (KNOWN) alone never leads to "proven". That takes the right PIN or, after the right first PIN, a new PIN
that was typed twice alike. An input marked "." has no effect there. CANCELED ends the question; if no one is signed on,
the question starts again.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from station.base.sentence import EMPTY, Sentence
from station.domain.people.rights import Right
from station.domain.people.sign_on import Asks, Pin, Why
from station.domain.ports import Worker


class Input(StrEnum):
    """Outcome of a card, badge, login or PIN."""

    KNOWN = "known"
    """A known card, badge or login."""
    RIGHT = "right"
    """The right PIN."""
    FIRST = "first"
    """The right PIN, but set by another person."""
    WRONG = "wrong"
    """A wrong PIN, or one that was not checked because of the delay."""
    REFUSED = "refused"
    """This person cannot prove their identity here: locked, no PIN, or no right."""
    FIT = "fit"
    """A new PIN that is acceptable."""
    UNFIT = "unfit"
    """A new PIN that is too easy to guess, or the same as the old one."""
    SAME = "same"
    """The new PIN, repeated correctly."""
    OTHER = "other"
    """The new PIN, repeated differently."""
    CANCELED = "withdrawn"
    """Canceled, or nothing was typed for too long."""


class End(StrEnum):
    """Result of a question."""

    PROVEN = "proven"
    CANCELED = "withdrawn"


NEXT: Final[dict[tuple[Asks, Input], Asks | End]] = {
    **{(asked, Input.KNOWN): Asks.PIN for asked in Asks},
    **{(asked, Input.REFUSED): Asks.WHO for asked in Asks},
    **{(asked, Input.CANCELED): End.CANCELED for asked in Asks},
    (Asks.PIN, Input.RIGHT): End.PROVEN,
    (Asks.PIN, Input.FIRST): Asks.NEW_PIN,
    (Asks.PIN, Input.WRONG): Asks.PIN,
    (Asks.NEW_PIN, Input.FIT): Asks.AGAIN,
    (Asks.NEW_PIN, Input.UNFIT): Asks.NEW_PIN,
    (Asks.AGAIN, Input.SAME): End.PROVEN,
    (Asks.AGAIN, Input.OTHER): Asks.NEW_PIN,
}
"""The table above."""


@dataclass
class Question:
    """The question that the operator has to answer."""

    why: Why
    since: float
    """Time of the last input, in monotonic seconds."""
    asks: Asks = Asks.WHO
    who: Worker | None = None
    how: str = ""
    new: Pin | None = None
    """The new PIN as first typed."""
    sentence: Sentence = EMPTY
    wait_until: float = 0.0
    right: Right | None = None
    what: Sentence = EMPTY
    """What is to be authorized."""
    id: str = ""
    """Unique id of an authorization question."""

    def take(self, outcome: Input, now: float) -> Asks | End | None:
        """Apply the outcome. Return the next question or the end; None = the outcome has no effect here."""
        after = NEXT.get((self.asks, outcome))
        if after is None:
            return None
        self.since = now
        if after is End.CANCELED and self.why is Why.SIGN_ON:
            after = Asks.WHO
        if isinstance(after, Asks):
            self.asks = after
            if after is Asks.WHO:
                self.who, self.new, self.wait_until = None, None, 0.0
            if after in (Asks.PIN, Asks.NEW_PIN):
                self.new = None
        return after

    def wait(self, now: float) -> int:
        """Return the whole seconds until the next PIN is checked."""
        return max(0, -int(-(self.wait_until - now) // 1))
