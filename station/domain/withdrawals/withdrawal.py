"""A withdrawal as it stands: one item, or one part of a set, with a proof for each layer."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

import msgspec

from station.base.sentence import Sentence
from station.domain.withdrawals.proof import Layer, Proof
from station.domain.withdrawals.stop_signs import SignAnswer


class Piece(StrEnum):
    """Whether the piece is at hand."""

    PRESENT = "present"
    LOST = "lost"
    MISSING = "missing"
    CLAIMED_RETURNED = "claimed-returned"


class TitleEffect(StrEnum):
    """What a change means for the title."""

    TITLE = "title"
    """The library's last item of the title goes, or its first comes."""
    COPY = "copy"
    """Another item of the title stays."""
    PART = "part"
    """A part of a set goes; the item stays."""
    NOT_KNOWN = "not-known"


class TagStanding(StrEnum):
    """State of one tag of an item that leaves."""

    LIVE = "live"
    """It still carries the item."""
    ERASED = "erased"
    """It was read back blank."""
    DESTROYED = "destroyed"
    """A person destroyed it; its number is watched."""
    WATCHED = "watched"
    """Its piece was not at hand; its number is watched."""
    NOT_KNOWN = "not-known"
    """The journal knows no tag of the part. Another station may have written one."""
    NONE = "none"
    """A person said that the part has none, or is not at hand; no number is known."""


LEFT_OPEN = frozenset({TagStanding.LIVE, TagStanding.NOT_KNOWN})
"""Standings that keep an item from leaving."""
PART_MISSING = "part-missing"
"""`TagDestroyed.how`: the part is not at hand. Its tag is watched, if its number is known."""
NO_TAG = "no-tag"
"""`TagDestroyed.how`: the part has no tag."""


def tag_key(uid: str, part: int) -> str:
    """Return the name of a tag among those of its item: the number, else the part."""
    return uid or f"part-{part}"


class LeavingTag(msgspec.Struct, frozen=True, kw_only=True):
    """One tag of an item that leaves."""

    uid: str
    """"" = its number is not known."""
    part: int = 1
    standing: TagStanding
    at: str = ""
    seq: int = 0

    @property
    def key(self) -> str:
        """Return its name among the tags of the item."""
        return tag_key(self.uid, self.part)


TAG_RULE = "tag-released"
"""The rule about the tag of an item that leaves."""


class BoundTag(msgspec.Struct, frozen=True):
    """A tag that carried an item, or one part of it."""

    uid: str
    part: int


class NextStep(StrEnum):
    """What has to happen next, in the order of the layers."""

    DECIDE = "decide"
    """It was checked or ordered, and nobody recorded a decision."""
    WAIT = "wait"
    """The library system has not answered yet."""
    SETTLE = "settle"
    """The library system refused, or nobody can tell: a person decides about the delivery."""
    CONFIRM = "confirm"
    """No system can confirm the deletion: a technician confirms it."""
    STRIP = "strip"
    """The tags are to erase or to destroy."""
    STRIKE = "strike"
    """The marks are to strike."""
    PLACE = "place"
    """It is to put into its box, or onto its list."""
    OCLC = "oclc"
    """The holding in OCLC is to remove by hand, or to look at on its date."""
    NOTHING = "nothing"
    """It is finished, or was taken back."""


_AT_THE_BENCH: Final = frozenset({NextStep.STRIP, NextStep.STRIKE, NextStep.PLACE})


def step_words(step: NextStep) -> Sentence:
    """Return a step for display."""
    return Sentence(f"withdrawal.step.{step.value}")


def next_words(step: NextStep) -> Sentence:
    """Return for display what has to happen next."""
    return step_words(step) if step is NextStep.NOTHING else Sentence("withdrawal.next", step=step_words(step))


class Withdrawal(msgspec.Struct, frozen=True, kw_only=True):
    """One withdrawal, with its proofs."""

    id: str
    task: str = "withdrawal"
    """"withdrawal" or "lease-return", as the checklist."""
    barcode: str
    part: int = 0
    """The part of a set that leaves alone; 0 = the whole item."""
    title: str = ""
    call_number: str = ""
    library: str = ""
    location: str = ""
    reason: str = ""
    """Code of the settings (`withdrawal.reasons`)."""
    destination: str = ""
    """Code of the settings (`withdrawal.destinations`)."""
    note: str = ""
    approver: str = ""
    """Name of the librarian who approved it."""
    piece: Piece = Piece.PRESENT
    signs: tuple[SignAnswer, ...] = ()
    despite: tuple[str, ...] = ()
    """`Sign`s that replied yes, despite which a person decided."""
    cart: str = ""
    """Id of the cart whose lent right was used; "" = none."""
    list: str = ""
    """Id of the pull list; "" = none."""
    owner: str = ""
    """Id of the person who sees to it; "" = who decided."""
    decided_at: str = ""
    """ISO 8601, UTC; "" = no decision is recorded."""
    decided_by: str = ""
    authorised: str = ""
    """Who lent the right."""
    system: str = ""
    """Library system that deletes it; "" = a person confirms."""
    delivery: str = ""
    """Id of the delivery that deletes it; "" = none."""
    delivery_state: str = ""
    """Its `DeliveryState`."""
    deleted_at: str = ""
    """ISO 8601, UTC: when the deletion was confirmed; "" = it is not."""
    tags: tuple[LeavingTag, ...] = ()
    checklist: str = "none"
    """Newest checklist: "none", "open", "left", "fail", "pass"."""
    failed: tuple[str, ...] = ()
    """Ids of its failed rules."""
    place: str = ""
    """Box or list in which it left."""
    may_cancel: bool = False
    """Whether it can still be taken back: no deletion may have been sent; of a part, no write of its tag and no check has
    begun."""
    proofs: tuple[Proof, ...] = ()
    next_step: NextStep
    canceled_at: str = ""
    cancel_reason: str = ""
    finished_at: str = ""
    newest: int
    """Number of the newest event about it."""
    newest_at: str = ""

    @property
    def since(self) -> str:
        """Return the time from which its age counts (ISO 8601, UTC)."""
        return self.decided_at or self.newest_at

    @property
    def ready_to_strip(self) -> bool:
        """Return whether the item is counted as ready to strip, at the bench, on the status board, on Today and by the
        commands: its deletion is confirmed, and its tags, its marks or its place are still to do."""
        return self.next_step in _AT_THE_BENCH

    @property
    def next_words(self) -> Sentence:
        """Return for display what has to happen next."""
        return Sentence("withdrawal.is-canceled") if self.canceled_at else next_words(self.next_step)

    def proof(self, layer: Layer) -> Proof | None:
        return next((proof for proof in self.proofs if proof.layer is layer), None)


class Cart(msgspec.Struct, frozen=True, kw_only=True):
    """A cart of items that leave: decided alike, by one lent right."""

    id: str
    name: str
    reason: str
    destination: str
    note: str = ""
    approver: str = ""
    place: str = ""
    """Box or list into which its items go; "" = the destination."""
    operator: str
    authorised: str = ""
    opened_at: str
    closed_at: str = ""
    count: int = 0
    """Items decided in it."""
    newest: int


class WithdrawRules(msgspec.Struct, frozen=True, kw_only=True):
    """What the site's settings say about deletions."""

    oclc_owner: str = "none"
    """"none", "library-system" or "by-hand"."""
    oclc_days: int = 30


NO_RULES = WithdrawRules()


class WatchedTag(msgspec.Struct, frozen=True, kw_only=True):
    """A tag that must not be seen again."""

    uid: str
    barcode: str
    part: int = 1
    title: str = ""
    standing: TagStanding
    """DESTROYED or WATCHED."""
    withdrawal: str
    since: str
    """ISO 8601, UTC: when its item was withdrawn."""
    day: str
    """The same as a local date."""


def withdrawal_id(seq: int) -> str:
    """Return the id of the withdrawal that the event with this number began."""
    return f"withdrawal-{seq}"


def cart_id(seq: int) -> str:
    """Return the id of the cart that the event with this number opened."""
    return f"cart-{seq}"
