"""What leaves the library or moves in it: withdrawals, pull lists, transfers, lost and found items, deletions seen."""

from __future__ import annotations

from enum import StrEnum

from station.domain.deliveries.intents import Bib, Holdings
from station.domain.events.base import Event
from station.domain.item import ItemRecord
from station.domain.transfers.transfer import Shelf
from station.domain.withdrawals.pull_list import PullList, PullOutcome
from station.domain.withdrawals.stop_signs import SignAnswer
from station.domain.withdrawals.withdrawal import BoundTag, Piece, TitleEffect


class WithdrawalCartOpened(Event, frozen=True, kw_only=True, tag="withdrawal-cart-opened"):
    """A right was lent once for a cart of items that leave alike. Its id is `cart_id` of this event's number."""

    name: str
    """Name of the cart, for people."""
    reason: str
    destination: str
    note: str = ""
    approver: str = ""
    place: str = ""
    """Box or list into which its items go."""


class WithdrawalCartClosed(Event, frozen=True, kw_only=True, tag="withdrawal-cart-closed"):
    """Nothing more is decided in this cart."""

    cart: str


class WithdrawalDecided(Event, frozen=True, kw_only=True, tag="withdrawal-decided"):
    """An item, or one part of a set, shall leave the library. Its withdrawal's id is `withdrawal_id` of this event's
    number. The store commits the deletion's delivery with it."""

    barcode: str
    part: int = 0
    """The part of a set that leaves alone, so that the item stays in the library system; 0 = the whole item."""
    reason: str
    destination: str
    note: str = ""
    approver: str = ""
    """Name of the librarian who approved it."""
    piece: Piece = Piece.PRESENT
    holdings: Holdings = Holdings.RETAIN
    bib: Bib = Bib.RETAIN
    signs: tuple[SignAnswer, ...] = ()
    despite: tuple[str, ...] = ()
    """`Sign`s that replied yes, despite which the person decided."""
    despite_reason: str = ""
    cart: str = ""
    list: str = ""
    """Id of the pull list."""
    line: str = ""
    system: str = ""
    """Library system that shall delete it; "" = none can, and a person confirms, or it is deleted already."""
    item: ItemRecord
    tags: tuple[BoundTag, ...] = ()
    """Its tags, if the piece is not at hand: they are watched. The store fills them in."""


class WithdrawalCanceled(Event, frozen=True, kw_only=True, tag="withdrawal-canceled"):
    """The item stays. Possible until its deletion was sent; the delivery is discarded in the same transaction."""

    withdrawal: str
    reason: str
    title: str = ""
    """The store fills it in."""


class DeletionConfirmed(Event, frozen=True, kw_only=True, tag="deletion-confirmed"):
    """A person confirmed that the library system does not have the item any more, since no system can confirm it."""

    withdrawal: str
    reason: str
    """How the person knows."""
    title: str = ""
    """The store fills it in."""


class TagDestroyed(Event, frozen=True, kw_only=True, tag="tag-destroyed"):
    """A tag that cannot be erased was destroyed, or there is none to erase. Its number is watched, if it is known."""

    uid: str
    """"" = not known; then `part` says which."""
    barcode: str
    part: int = 1
    how: str = ""
    """"tag-cut", "tag-dead", "part-missing", "no-tag", or what a person wrote."""
    withdrawal: str = ""


class WithdrawalPlaced(Event, frozen=True, kw_only=True, tag="withdrawal-placed"):
    """The withdrawn piece is in its box, or on its list."""

    withdrawal: str
    place: str
    title: str = ""
    """The store fills it in."""


class OclcHoldingRemoved(Event, frozen=True, kw_only=True, tag="oclc-holding-removed"):
    """A person saw that the holding in OCLC is removed, or that it must stay."""

    withdrawal: str
    stays: bool = False
    note: str = ""
    title: str = ""
    """The store fills it in."""


class WithdrawalAssigned(Event, frozen=True, kw_only=True, tag="withdrawal-assigned"):
    """Another person sees to it."""

    withdrawal: str
    owner: str


class Withdrawn(Event, frozen=True, kw_only=True, tag="withdrawn"):
    """An item stopped being part of the collection: its deletion was confirmed. The store appends it."""

    withdrawal: str
    barcode: str
    part: int = 0
    title: str = ""
    effect: TitleEffect = TitleEffect.NOT_KNOWN
    reason: str = ""
    destination: str = ""
    piece: Piece = Piece.PRESENT
    format: str = ""
    """Material of the record ("book", "dvd")."""
    fund: str = ""
    price: str = ""
    library: str = ""
    location: str = ""
    record_id: str = ""
    by_hand: bool = False
    """True if a person confirmed the deletion."""
    oclc_owner: str = ""
    """Who removes the holding in OCLC: "none", "library-system" or "by-hand"."""
    oclc_until: str = ""
    """ISO 8601 date at which a person looks whether it is removed."""


class PullListImported(Event, frozen=True, kw_only=True, tag="pull-list-imported"):
    """A weeding list was imported. Its id is `pull_list_id` of this event's number."""

    content: PullList
    source: str = ""
    """Name of the file, or of the set in the library system."""
    digest: str = ""
    """SHA-256 of the file, hexadecimal."""


class PullTicked(Event, frozen=True, kw_only=True, tag="pull-ticked"):
    """A person looked for a line's piece, or asked the library system whether it is back. Of several ticks of a line the
    newest counts."""

    list: str
    line: str
    outcome: PullOutcome
    recalled: bool = False
    at_bench: bool = False
    """True if the piece was scanned at a bench; False = at the shelf, or by hand."""
    source: str = ""
    """Name of the library system that answered; "" = the person looked."""
    note: str = ""
    title: str = ""
    """The store fills it in."""


class PullListClosed(Event, frozen=True, kw_only=True, tag="pull-list-closed"):
    """Nothing more is pulled for a list."""

    list: str
    name: str = ""
    """The store fills it in."""


class TransferDecided(Event, frozen=True, kw_only=True, tag="transfer-decided"):
    """An item shall stand elsewhere, or get another call number. Its transfer's id is `transfer_id` of this event's number.
    The store commits the delivery with it."""

    barcode: str
    before: Shelf = Shelf()
    wanted: Shelf
    reason: str = ""
    note: str = ""
    approver: str = ""
    list: str = ""
    site: str = ""
    """Code of the site into whose box it goes; "" = it stays at its site."""
    system: str = ""
    """Library system that shall change it; "" = a person changes it there."""
    effect: TitleEffect = TitleEffect.NOT_KNOWN
    """Effect on the library that it leaves, as far as the sources knew then."""
    item: ItemRecord


class TransferCanceled(Event, frozen=True, kw_only=True, tag="transfer-canceled"):
    """The item stays where it is. Possible until the library system shows the new place."""

    transfer: str
    reason: str
    title: str = ""
    """The store fills it in."""


class Transferred(Event, frozen=True, kw_only=True, tag="transferred"):
    """The library system shows the item at its new place."""

    transfer: str
    barcode: str
    title: str = ""
    before: Shelf = Shelf()
    after: Shelf = Shelf()
    effect: TitleEffect = TitleEffect.NOT_KNOWN
    """Effect on the library that it left."""
    fund: str = ""
    price: str = ""
    reason: str = ""
    by_hand: bool = False
    """True if a person confirmed it, since no system can be read."""
    note: str = ""


class Reclassified(Event, frozen=True, kw_only=True, tag="reclassified"):
    """The library system shows the item's new call number."""

    transfer: str
    barcode: str
    title: str = ""
    before: Shelf = Shelf()
    after: Shelf = Shelf()
    fund: str = ""
    price: str = ""
    reason: str = ""
    by_hand: bool = False
    note: str = ""


class Lost(Event, frozen=True, kw_only=True, tag="lost"):
    """An item is lost, missing, or claimed returned."""

    barcode: str
    piece: Piece = Piece.LOST
    title: str = ""
    library: str = ""
    format: str = ""
    effect: TitleEffect = TitleEffect.NOT_KNOWN
    fund: str = ""
    price: str = ""
    reason: str = ""


class Found(Event, frozen=True, kw_only=True, tag="found"):
    """A lost item turned up."""

    barcode: str
    title: str = ""
    library: str = ""
    format: str = ""
    effect: TitleEffect = TitleEffect.NOT_KNOWN
    fund: str = ""
    price: str = ""
    reason: str = ""
    uid: str = ""
    """Tag by which it was recognized; "" = none."""


class Presence(StrEnum):
    """Whether the library system has an item."""

    PRESENT = "present"
    ABSENT = "absent"


class PresenceRead(Event, frozen=True, kw_only=True, tag="presence-read"):
    """The library system was asked whether it has an item. It is journaled if it contradicts the journal, or ends such a
    contradiction."""

    system: str
    barcode: str
    presence: Presence
    title: str = ""


WithdrawalStep = (
    WithdrawalCartOpened
    | WithdrawalCartClosed
    | WithdrawalDecided
    | WithdrawalCanceled
    | DeletionConfirmed
    | TagDestroyed
    | WithdrawalPlaced
    | OclcHoldingRemoved
    | WithdrawalAssigned
)
"""Events that a person may ask to journal about withdrawals."""

PullStep = PullListImported | PullTicked | PullListClosed
"""Events that a person may ask to journal about pull lists."""

TransferStepEvent = TransferDecided | TransferCanceled | Transferred | Reclassified | Lost | Found
"""Events that a person may ask to journal about transfers, lost and found items."""

DepartureEvent = WithdrawalStep | Withdrawn | PullStep | TransferStepEvent | PresenceRead
