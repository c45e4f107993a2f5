"""What is journaled about people; see `events`, which gives them to everybody else.

Never remove or rename a field or a tag: old journals must stay readable. New fields need a default. Neither names nor cards
nor PINs ever stand in an event: the journal knows ids.
"""

from __future__ import annotations

from station.domain.event import Event
from station.domain.rights import Role


class WorkerRegistered(Event, frozen=True, kw_only=True, tag="worker-registered"):
    """A person works here now. The journal knows the id only; the name stands elsewhere and can be erased."""

    worker: str
    role: Role


class WorkerRoleChanged(Event, frozen=True, kw_only=True, tag="worker-role-changed"):
    worker: str
    role: Role
    reason: str = ""


class WorkerLeft(Event, frozen=True, kw_only=True, tag="worker-left"):
    """A person works here no longer; `erased`: the name is gone too."""

    worker: str
    erased: bool = False
    reason: str = ""


class RetrainingHeld(Event, frozen=True, kw_only=True, tag="retraining-held"):
    """Somebody was shown again how it is done: the middle of error, retraining, recheck."""

    worker: str
    rules: tuple[str, ...] = ()
    """What it was about."""
    corrections: tuple[str, ...] = ()
    """The errors that led to it."""
    note: str = ""


class PinSet(Event, frozen=True, kw_only=True, tag="pin-set"):
    """A person has another PIN. `first`: somebody else has set it, and the person must change it."""

    worker: str
    first: bool = False


class PinRecovered(Event, frozen=True, kw_only=True, tag="pin-recovered"):
    """A person who may set PINs got another first PIN without any proof, from the account that owns the station's files. It
    comes over no socket, and its operator is `domain.sign_on.NOBODY`: nobody has proven anything."""

    worker: str
    reason: str


class CardChanged(Event, frozen=True, kw_only=True, tag="card-changed"):
    """A person got a card or badge to sign on with, or has it no longer."""

    worker: str
    what: str
    """"barcode" or "badge"."""
    given: bool


class SignedOn(Event, frozen=True, kw_only=True, tag="signed-on"):
    """The operator has said and proven who he is, and works at the bench from here on."""

    how: str
    """How he said it: "card", "badge", "login" or "command"."""
    instead_of: str = ""
    """Who was signed on before; "" = nobody."""


class SignedOff(Event, frozen=True, kw_only=True, tag="signed-off"):
    """The operator works at the bench no longer."""

    why: str
    """"asked", "idle", "changed" (another person signed on) or "gone" (he works here no longer)."""


class SignOnRefused(Event, frozen=True, kw_only=True, tag="sign-on-refused"):
    """Somebody did not prove who he is. What was typed stands nowhere; an unknown card's number does not either."""

    worker: str = ""
    """Whose card, badge or login it was; "" = nobody's."""
    code: str
    """Of an error: "pin-wrong", "pin-wait", "pin-locked", "pin-missing", "pin-change-needed", "card-unknown",
    "not-allowed"."""
    purpose: str = ""
    """`domain.sign_on.Why`: "sign-on", "change" or "authorise"."""


class RulesAccepted(Event, frozen=True, kw_only=True, tag="rules-accepted"):
    """Somebody with the right to it says that the quality rules as they are now are meant."""

    digest: str
    """SHA-256 over all rules of the station, hexadecimal."""
    rules: int
    """How many there are."""


PersonEvent = WorkerRegistered | WorkerRoleChanged | WorkerLeft | PinSet | CardChanged | RulesAccepted
"""What a person may ask to be journaled about people, and about the rules for their work."""


class SecondCheckSeen(Event, frozen=True, kw_only=True, tag="second-check-seen"):
    """Somebody with the right to it looked at what was found of an item before its second check; he cannot do that check any
    more, nor can whoever lent the right."""

    correction: str
    """The order to recheck."""
