"""View of an item that leaves the library: its decision, its proofs, and its checklist."""

from __future__ import annotations

from enum import StrEnum

import msgspec

from station.base.sentence import EMPTY, Sentence
from station.domain.withdrawals.stop_signs import SignAnswer
from station.domain.withdrawals.withdrawal import NextStep, Piece, tag_key
from station.domain.workflows.receive import Offered


class WithdrawState(StrEnum):
    """State of an item that leaves; the state tables are `bench.workflows.withdraw.rules.MOVES` and `CHECKLIST_MOVES`."""

    FREE = "free"
    """No item is in hand."""
    DECIDE = "decide"
    """The item and its stop signs are shown: is it this one, and shall it leave?"""
    CHOOSE = "choose"
    """A reason, a destination or the like is to choose."""
    WAIT = "wait"
    """The library system is awaited."""
    REFUSED = "refused"
    """The library system refused, or nobody can tell."""
    CONFIRM = "confirm"
    """A technician has to confirm the deletion."""
    STRIP = "strip"
    """The tags are to erase."""
    ASKING = "asking"
    """The checklist is open."""
    DONE = "done"
    """The verdict is given."""


class TagLeft(msgspec.Struct, frozen=True):
    """A tag that still carries the item, or a part of which no tag is known."""

    uid: str
    """"" = not known."""
    part: int

    @property
    def key(self) -> str:
        """Return its name among the tags of the item."""
        return tag_key(self.uid, self.part)


class WithdrawView(msgspec.Struct, frozen=True, kw_only=True, tag="withdraw"):
    """The item that leaves. Item, checks and verdict are in the snapshot, as in the workflow "process". All text is clean."""

    state: WithdrawState = WithdrawState.FREE
    task: str = "withdrawal"
    """"withdrawal" or "lease-return"."""
    barcode: str = ""
    """The item in hand; "" = none."""
    title: str = ""
    """Its title."""
    about: str = ""
    """What else tells it from a similar item: call number, volume, author."""
    cart: str = ""
    """Name of the open cart; "" = none."""
    cart_id: str = ""
    cart_count: int = 0
    ready: int = 0
    """Items that are ready to strip."""
    signs: tuple[SignAnswer, ...] = ()
    """The answers to the stop signs, for a decision."""
    reason: str = ""
    """Name of the chosen reason, from cart, pull list or taps; "" = none yet."""
    destination: str = ""
    """Name of the chosen destination."""
    approver: str = ""
    """Who approved it; "" = nobody yet, or nobody has to."""
    piece: Piece = Piece.PRESENT
    """Whether the piece is at hand, as chosen or decided."""
    asks: str = ""
    """What is to choose: "reason", "destination", "approver", "piece", "part"."""
    offered: tuple[Offered, ...] = ()
    parts: int = 1
    """Parts of the item."""
    list: str = ""
    """Name of the pull list that has the item; "" = none."""
    next_step: NextStep = NextStep.NOTHING
    late: bool = False
    """The library system did not answer in time: the item is stripped later."""
    detail: Sentence = EMPTY
    """Why the library system refused."""
    tags: tuple[TagLeft, ...] = ()
    """Tags that still carry the item, those on the pad first."""
    may_cancel: bool = False
    """Whether the withdrawal can still be taken back: that of the item in hand, or of one of its parts."""
    cancels_part: int = 0
    """The part of a set that stays then; 0 = the whole item."""
