"""Workers, their PINs and cards, and sign-on. An event holds ids only: no names, cards or PINs."""

from __future__ import annotations

from station.domain.events.base import Event
from station.domain.people.rights import Role


class WorkerRegistered(Event, frozen=True, kw_only=True, tag="worker-registered"):
    """A person was registered as a worker. The journal holds the id only; the name is kept elsewhere and can be
    erased."""

    worker: str
    role: Role


class WorkerRoleChanged(Event, frozen=True, kw_only=True, tag="worker-role-changed"):
    worker: str
    role: Role
    reason: str = ""


class WorkerLeft(Event, frozen=True, kw_only=True, tag="worker-left"):
    """A worker left. `erased`: the name was deleted, too."""

    worker: str
    erased: bool = False
    reason: str = ""


class RetrainingHeld(Event, frozen=True, kw_only=True, tag="retraining-held"):
    """A worker was retrained after errors; rechecks follow."""

    worker: str
    rules: tuple[str, ...] = ()
    """Ids of the rules that the retraining covered."""
    corrections: tuple[str, ...] = ()
    """The errors that led to the retraining."""
    note: str = ""


class PinSet(Event, frozen=True, kw_only=True, tag="pin-set"):
    """A worker has a new PIN. `first`: another person set it, so the worker must change it. `mark`: random, kept beside
    the PIN in people.db, where only the PIN with the newest mark counts; "" = of an older version."""

    worker: str
    first: bool = False
    mark: str = ""


class PinRecovered(Event, frozen=True, kw_only=True, tag="pin-recovered"):
    """A worker with the right to set PINs got a new first PIN without proof of identity, from the account that owns the
    station's files. Never accepted over the socket; its operator is `domain.people.sign_on.NOBODY`. `mark`: as in
    `PinSet`."""

    worker: str
    reason: str
    mark: str = ""


class CardChanged(Event, frozen=True, kw_only=True, tag="card-changed"):
    """A worker was given a card or badge for sign-on, or it was removed."""

    worker: str
    what: str
    """"barcode" or "badge"."""
    given: bool


class SignedOn(Event, frozen=True, kw_only=True, tag="signed-on"):
    """The operator proved their identity and now works at the bench."""

    how: str
    """Means of identification: "card", "badge", "login" or "command"."""
    instead_of: str = ""
    """The worker who was signed on before; "" = none."""


class SignedOff(Event, frozen=True, kw_only=True, tag="signed-off"):
    """The operator stopped working at the bench."""

    why: str
    """"asked", "idle", "changed" (another person signed on) or "gone" (no longer works here)."""


class SignOnRefused(Event, frozen=True, kw_only=True, tag="sign-on-refused"):
    """A sign-on failed. Neither the typed input nor the number of an unknown card is recorded."""

    worker: str = ""
    """The owner of the card, badge or login; "" = unknown."""
    code: str
    """Error code: "pin-wrong", "pin-wait", "pin-locked", "pin-missing", "pin-change-needed", "card-unknown",
    "not-allowed"."""
    purpose: str = ""
    """`domain.people.sign_on.Why`: "sign-on", "change" or "authorise"."""


class RulesAccepted(Event, frozen=True, kw_only=True, tag="rules-accepted"):
    """An authorized worker confirmed the current quality rules."""

    digest: str
    """SHA-256 over all rules of the station, hexadecimal."""
    rules: int
    """Number of rules."""


class ListTaken(Event, frozen=True, kw_only=True, tag="list-taken"):
    """A person took a list in which people are named as a file. The journal knows no more of what became of it."""

    list: str
    """Path of its page, with the id of the person or item that it is about."""
    form: str
    """"csv" or "xlsx"."""
    rows: int


PersonEvent = WorkerRegistered | WorkerRoleChanged | WorkerLeft | PinSet | CardChanged | RulesAccepted
"""Events that a person may ask to journal about people and the rules for their work."""

WorkerEvent = PersonEvent | RetrainingHeld | PinRecovered | SignedOn | SignedOff | SignOnRefused | ListTaken
