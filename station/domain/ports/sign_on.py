"""The seam between the bench and what proves who somebody is; `ports` has all others."""

from __future__ import annotations

from enum import StrEnum
from typing import Protocol

import msgspec

from station.domain.ports import Worker
from station.domain.sign_on import Pin


class Proof(StrEnum):
    """What became of a PIN."""

    RIGHT = "right"
    WRONG = "wrong"
    WAIT = "wait"
    """It was not looked at: there were too many wrong ones, and the delay is not over."""
    LOCKED = "locked"
    """It was not looked at: only a new PIN, set by somebody with the right to it, opens again."""
    NONE = "none"
    """This person has no PIN."""


class Tried(msgspec.Struct, frozen=True, kw_only=True):
    """One try. Only `RIGHT` says who somebody is."""

    proof: Proof
    must_change: bool = False
    """It was right, but somebody else has set it: nothing may be done before the person has chosen another."""
    wait_s: float = 0.0
    """Seconds until the next PIN is looked at."""
    left: int = 0
    """How many further wrong ones there may be before it locks."""


class Authenticator(Protocol):
    """Cards and badges to people, and PINs to proofs. Every try counts before it is looked at."""

    def identify(self, text: str) -> Worker | None:
        """Whoever has this card, else this login; only people who are registered."""
        ...

    def identify_badge(self, badge: str) -> Worker | None:
        """Whoever has this badge. It says who somebody is and proves nothing."""
        ...

    def prove(self, worker: str, pin: Pin) -> Tried:
        """Look at a PIN of the person with this id."""
        ...

    def unfit(self, worker: str, pin: Pin) -> str:
        """Why the person should choose another PIN than this, as a sentence in which it does not stand; "" = it is good."""
        ...

    def change(self, worker: str, pin: Pin) -> None:
        """The person has chosen this PIN himself."""
        ...

    def redeem(self, grant: str, purpose: str) -> str:
        """The id of whoever was proven elsewhere (the command line) and got this grant for this purpose
        (`domain.sign_on.SIGNING_ON`,
        `domain.sign_on.lending`); "" = nobody. Once, and soon: whatever comes of it, the grant is used up."""
        ...
