"""Workers, their PINs and cards, and who is signed on. An event holds ids only: no names, cards or PINs."""

from __future__ import annotations

from station.domain.events.base import Event
from station.domain.rights import Role


class WorkerRegistered(Event, frozen=True, kw_only=True, tag="worker-registered"):
    """A person works here. The journal holds the id only; the name is kept elsewhere and can be erased."""

    worker: str
    role: Role


class WorkerRoleChanged(Event, frozen=True, kw_only=True, tag="worker-role-changed"):
    worker: str
    role: Role
    reason: str = ""


class WorkerLeft(Event, frozen=True, kw_only=True, tag="worker-left"):
    """A person no longer works here; `erased`: the name was deleted, too."""

    worker: str
    erased: bool = False
    reason: str = ""


class RetrainingHeld(Event, frozen=True, kw_only=True, tag="retraining-held"):
    """A worker was retrained after errors; rechecks follow."""

    worker: str
    rules: tuple[str, ...] = ()
    """What it was about."""
    corrections: tuple[str, ...] = ()
    """The errors that led to it."""
    note: str = ""


class PinSet(Event, frozen=True, kw_only=True, tag="pin-set"):
    """A worker has a new PIN. `first`: set by another person; the worker must change it."""

    worker: str
    first: bool = False


class PinRecovered(Event, frozen=True, kw_only=True, tag="pin-recovered"):
    """A worker with the right to set PINs got a new first PIN without proof of identity, from the account that owns the
    station's files. Never accepted over the socket; its operator is `domain.sign_on.NOBODY`."""

    worker: str
    reason: str


class CardChanged(Event, frozen=True, kw_only=True, tag="card-changed"):
    """A worker was given a card or badge to sign on with, or lost it."""

    worker: str
    what: str
    """"barcode" or "badge"."""
    given: bool


class SignedOn(Event, frozen=True, kw_only=True, tag="signed-on"):
    """The operator has proven their identity and works at the bench from here on."""

    how: str
    """How they identified themselves: "card", "badge", "login" or "command"."""
    instead_of: str = ""
    """The worker who was signed on before; "" = none."""


class SignedOff(Event, frozen=True, kw_only=True, tag="signed-off"):
    """The operator stopped working at the bench."""

    why: str
    """"asked", "idle", "changed" (another person signed on) or "gone" (no longer works here)."""


class SignOnRefused(Event, frozen=True, kw_only=True, tag="sign-on-refused"):
    """A sign-on failed. Neither what was typed nor the number of an unknown card is recorded."""

    worker: str = ""
    """The owner of the card, badge or login; "" = unknown."""
    code: str
    """Of an error: "pin-wrong", "pin-wait", "pin-locked", "pin-missing", "pin-change-needed", "card-unknown",
    "not-allowed"."""
    purpose: str = ""
    """`domain.sign_on.Why`: "sign-on", "change" or "authorise"."""


class RulesAccepted(Event, frozen=True, kw_only=True, tag="rules-accepted"):
    """An authorised worker confirmed the present quality rules."""

    digest: str
    """SHA-256 over all rules of the station, hexadecimal."""
    rules: int
    """How many there are."""
