"""Workers, and the proof of who somebody is."""

from __future__ import annotations

from enum import StrEnum
from typing import Protocol

import msgspec

from station.domain.rights import Role
from station.domain.sign_on import Pin


class Worker(msgspec.Struct, frozen=True, kw_only=True):
    """A worker: signed on, or named in a record."""

    id: str
    """As in the journal: the id of a registered worker, the name of anyone else."""
    name: str
    """For the screen; "" = erased."""
    role: Role | None = Role.OPERATOR
    """None = no longer works here."""
    registered: bool = False


class Workforce(Protocol):
    """Finds workers by name. Identifies only; `Authenticator` proves identity."""

    def find(self, name: str) -> Worker:
        """The worker with this login or id; anyone who is not registered is an operator by that name."""
        ...


# --- journal and outbox ---------------------------------------------------------------------------------------------


class Proof(StrEnum):
    """Result of a PIN check."""

    RIGHT = "right"
    WRONG = "wrong"
    WAIT = "wait"
    """Not checked: too many wrong PINs, and the delay is not over."""
    LOCKED = "locked"
    """Not checked: an authorised worker must set a new PIN."""
    NONE = "none"
    """This person has no PIN."""


class Tried(msgspec.Struct, frozen=True, kw_only=True):
    """One try. Only `RIGHT` proves identity."""

    proof: Proof
    must_change: bool = False
    """Right, but set by another person: the worker must first choose a new PIN."""
    wait_s: float = 0.0
    """Seconds until the next PIN is checked."""
    left: int = 0
    """Further wrong PINs before it locks."""


class Authenticator(Protocol):
    """Finds workers by card or badge and checks their PINs. Every try counts before it is checked."""

    def identify(self, text: str) -> Worker | None:
        """The registered worker with this card, else with this login."""
        ...

    def identify_badge(self, badge: str) -> Worker | None:
        """The worker with this badge. Identifies, proves nothing."""
        ...

    def prove(self, worker: str, pin: Pin) -> Tried:
        """Check the PIN of the worker with this id."""
        ...

    def unfit(self, worker: str, pin: Pin) -> str:
        """Why this PIN is a bad choice, as a sentence without the PIN; "" = it is good."""
        ...

    def change(self, worker: str, pin: Pin) -> None:
        """Set the PIN that the worker has chosen."""
        ...

    def redeem(self, grant: str, purpose: str) -> str:
        """The id of the worker who proved their identity on the command line and got this grant for this purpose
        (`domain.sign_on.SIGNING_ON`, `domain.sign_on.lending`); "" = none. A grant is valid once, and for a short time."""
        ...
