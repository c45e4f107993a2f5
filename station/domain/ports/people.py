"""Workers, and proof of identity."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from typing import Protocol

import msgspec

from station.base.sentence import Sentence
from station.domain.people.rights import Role
from station.domain.people.sign_on import Pin


class Worker(msgspec.Struct, frozen=True, kw_only=True):
    """A worker: signed on, or named in a record."""

    id: str
    """Id as in the journal: the id of a registered worker, the name of anyone else."""
    name: str
    """Name for the screen; "" = erased."""
    role: Role | None = Role.OPERATOR
    """None = no longer works here."""
    registered: bool = False
    language: str = ""
    """Code of the language of the screens; "" = the station's."""


class Workforce(Protocol):
    """Finds workers by name. This identifies only; `Authenticator` proves identity."""

    def find(self, name: str) -> Worker:
        """Return the worker with this login or id. Anyone who is not registered is an operator by that name."""
        ...


class Proof(StrEnum):
    """Result of a PIN check."""

    RIGHT = "right"
    WRONG = "wrong"
    WAIT = "wait"
    """Not checked: too many wrong PINs, and the delay is not over."""
    LOCKED = "locked"
    """Not checked: an authorized worker must set a new PIN."""
    NONE = "none"
    """The worker has no PIN."""


class Tried(msgspec.Struct, frozen=True, kw_only=True):
    """Result of one attempt. Only `RIGHT` proves identity."""

    proof: Proof
    must_change: bool = False
    """The PIN is right, but was set by another person: the worker must first choose a new one."""
    wait_s: float = 0.0
    """Seconds until the next PIN is checked."""
    left: int = 0
    """Number of further wrong PINs before it locks."""


class Authenticator(Protocol):
    """Finds workers by card or badge and checks their PINs. Every attempt counts before it is checked."""

    def identify(self, text: str) -> Worker | None:
        """Return the registered worker with this card, else with this login."""
        ...

    def identify_badge(self, badge: str) -> Worker | None:
        """Return the worker with this badge. This identifies, but proves nothing."""
        ...

    def prove(self, worker: str, pin: Pin) -> Tried:
        """Check the PIN of the worker with this id."""
        ...

    def unfit(self, worker: str, pin: Pin) -> Sentence:
        """Return why this PIN is a bad choice, without the PIN in it; empty = it is acceptable."""
        ...

    def change(self, worker: str, pin: Pin, journaled: Callable[[str], object]) -> None:
        """Set the PIN that the worker has chosen. `journaled` is called with its mark (`PinSet.mark`), and journals
        it."""
        ...

    def redeem(self, grant: str, purpose: str) -> str:
        """Return the id of the worker who proved their identity on the command line and received this grant for this
        purpose (`domain.people.sign_on.SIGNING_ON`, `domain.people.sign_on.lending`); "" = none. A grant works once,
        and for a short time."""
        ...
