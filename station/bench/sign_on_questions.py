"""The question who somebody is, as a table: what is asked, what is heard, what is asked next. Pure; time comes in as a number.

    what is asked     what is heard
    ──────────────────────────────────────────────────────────────────────────────────────────────────────────
                KNOWN   RIGHT    FIRST     WRONG  REFUSED  FIT     UNFIT     SAME     OTHER     CANCELED
    WHO         PIN     .        .         .      WHO      .       .         .        .         end / WHO
    PIN         PIN     proven   NEW_PIN   PIN    WHO      .       .         .        .         end / WHO
    NEW_PIN     PIN     .        .         .      WHO      AGAIN   NEW_PIN   .        .         end / WHO
    AGAIN       PIN     .        .         .      WHO      .       .         proven   NEW_PIN   end / WHO

A card or badge (KNOWN) never leads to "proven", from nowhere: only a right PIN does, or a new one said twice alike after
the right first one. What stands at a point is never heard there; CANCELED ends the question, except where nobody is
signed on: then it begins anew.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from station.domain.ports import Worker
from station.domain.rights import Right
from station.domain.sign_on import Asks, Pin, Why


class Input(StrEnum):
    """What came of a card, badge, login or PIN."""

    KNOWN = "known"
    """A card, badge or login of somebody."""
    RIGHT = "right"
    """The right PIN."""
    FIRST = "first"
    """The right PIN, which somebody else has set."""
    WRONG = "wrong"
    """A wrong PIN, or one that was not looked at because of the delay."""
    REFUSED = "refused"
    """This person cannot prove anything here: locked, no PIN, no right."""
    FIT = "fit"
    """A new PIN that may be used."""
    UNFIT = "unfit"
    """A new PIN that is too easy to guess, or the old one."""
    SAME = "same"
    """The new PIN, typed again alike."""
    OTHER = "other"
    """The new PIN, typed again differently."""
    CANCELED = "withdrawn"
    """Never mind, or nothing was typed for too long."""


class End(StrEnum):
    """What a question comes to."""

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
    """One question that stands before the operator."""

    why: Why
    since: float
    """When something was last heard, in monotonic seconds."""
    asks: Asks = Asks.WHO
    who: Worker | None = None
    how: str = ""
    new: Pin | None = None
    """The new PIN as it was said first."""
    sentence: str = ""
    wait_until: float = 0.0
    right: Right | None = None
    what: str = ""
    """What is to be authorised, in words."""
    id: str = ""
    """Tells it from every other one, where something is to be authorised."""

    def take(self, given: Input, now: float) -> Asks | End | None:
        """Take it in; returns what it comes to, None for what means nothing here."""
        after = NEXT.get((self.asks, given))
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
        """Whole seconds until the next PIN is looked at."""
        return max(0, -int(-(self.wait_until - now) // 1))
