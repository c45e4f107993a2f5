"""Shipments: vendors, the count at the open carton, additions to the collection, differences and claims."""

from __future__ import annotations

from station.domain.events.base import Event
from station.domain.packing_lists.packing_list import LineKey, MissingCopies
from station.domain.receiving.counting import CopyFault, CountOutcome, Purpose
from station.domain.receiving.difference import DifferenceEnd, DifferenceKind
from station.domain.receiving.shipment import AddedCopy
from station.domain.receiving.vendor import Vendor


class VendorRecorded(Event, frozen=True, kw_only=True, tag="vendor-recorded"):
    """A vendor was added, or has another content from now on."""

    content: Vendor


class ShipmentOpened(Event, frozen=True, kw_only=True, tag="shipment-opened"):
    """A shipment was opened. Its id is `shipment_id` of this event's number."""

    purpose: Purpose = Purpose.PURCHASE
    vendor: str = ""
    """Id of the vendor, or its name as the lists have it; "" = unknown."""
    carton: str = ""
    """Serial shipping container code (SSCC, 18 digits); "" = none was scanned."""
    lists: tuple[str, ...] = ()
    """Ids of packing lists."""
    donor: str = ""
    """Who gave a gift."""
    plan: str = ""
    """Lease plan."""
    note: str = ""


class CopyCounted(Event, frozen=True, kw_only=True, tag="copy-counted"):
    """A copy came out of the carton. Its count is named by this event's number. The store fills in line and outcome, and
    what the line says."""

    shipment: str
    scanned: str = ""
    """The text scanned or typed; "" = there is nothing to scan."""
    numbers: tuple[str, ...] = ()
    """Numbers of the piece, in the form of the lists."""
    related: tuple[str, ...] = ()
    """Numbers of other editions in the same record."""
    key: LineKey | None = None
    """The line; None = no line."""
    chosen: bool = False
    """True if a person took the line."""
    other_edition: bool = False
    """True if the person saw that the piece is another edition than its line."""
    outcome: CountOutcome = CountOutcome.MATCHED
    title: str = ""
    listed_barcode: str = ""
    """The barcode that the vendor names for this copy."""
    library: str = ""
    order_line: str = ""
    fund: str = ""
    price: str = ""
    vendor: str = ""


class CopyFaulted(Event, frozen=True, kw_only=True, tag="copy-faulted"):
    """A person found a fault at a counted copy."""

    count: int
    fault: CopyFault
    note: str = ""
    photo: str = ""
    """Path of a photo, as given."""


class CountUndone(Event, frozen=True, kw_only=True, tag="count-undone"):
    """A count was a mistake. What followed from it (addition, differences) is undone with it."""

    count: int
    title: str = ""
    """The store fills it in."""
    despite_receipt: bool = False
    """True if the person knows that the library system keeps its receipt, which has to be corrected there."""


class CopyReturned(Event, frozen=True, kw_only=True, tag="copy-returned"):
    """A counted copy goes back to its sender: an approval book that was not chosen, or a faulty copy."""

    count: int
    reason: str = ""
    title: str = ""
    """The store fills it in."""


class Added(Event, frozen=True, kw_only=True, tag="added"):
    """A bought copy became part of the collection: our barcode was stuck on."""

    barcode: str
    count: int = 0
    """Number of the count; 0 = the copy was not counted."""
    copy: AddedCopy = AddedCopy()
    purpose: Purpose = Purpose.PURCHASE


class Gift(Event, frozen=True, kw_only=True, tag="gift"):
    """A gift became part of the collection."""

    barcode: str
    count: int = 0
    copy: AddedCopy = AddedCopy()
    donor: str = ""
    terms: str = ""


class LeaseIn(Event, frozen=True, kw_only=True, tag="lease-in"):
    """A leased copy came into the collection."""

    barcode: str
    count: int = 0
    copy: AddedCopy = AddedCopy()
    plan: str = ""
    points: str = ""
    """Allowance that the copy uses, a decimal number."""


class ShipmentClosed(Event, frozen=True, kw_only=True, tag="shipment-closed"):
    """A shipment was counted. Each line that lacks copies becomes a difference, unless more cartons are expected."""

    shipment: str
    more: bool = False
    """True if another carton of the same lists is expected."""
    missing: tuple[MissingCopies, ...] = ()
    """The store fills it in."""


class DifferenceOpened(Event, frozen=True, kw_only=True, tag="difference-opened"):
    """Something differs from lists and orders. Its id is `difference_id` of this event's number. The store opens it, in the
    transaction of the event that shows it."""

    what: DifferenceKind
    shipment: str
    """"" = an invoice shows it, or the receipt of a copy that was not counted."""
    count: int = 0
    """Number of the count; 0 = a short line, or an invoice's difference."""
    key: LineKey | None = None
    vendor: str = ""
    title: str = ""
    number: str = ""
    order_line: str = ""
    copies: int = 1
    price: str = ""
    owner: str
    due: str
    """ISO 8601 date."""
    note: str = ""
    photo: str = ""
    invoice: str = ""
    """Id of the invoice whose total or price differs."""
    delivery: str = ""
    """Id of the delivery whose receipt was refused, or cannot be taken back."""


class DifferenceNoted(Event, frozen=True, kw_only=True, tag="difference-noted"):
    """A note or a photo was added."""

    difference: str
    note: str = ""
    photo: str = ""


class DifferenceAssigned(Event, frozen=True, kw_only=True, tag="difference-assigned"):
    """The owner or the due date changed; "" = unchanged."""

    difference: str
    owner: str = ""
    due: str = ""
    reason: str = ""


class ClaimMade(Event, frozen=True, kw_only=True, tag="claim-made"):
    """A vendor was asked to settle differences. Its id is `claim_id` of this event's number. They are due again after the
    vendor's days."""

    differences: tuple[str, ...]
    vendor: str = ""
    due: str = ""
    """ISO 8601 date. The store fills in vendor and due date."""


class DifferenceEnded(Event, frozen=True, kw_only=True, tag="difference-ended"):
    """A difference has its end."""

    difference: str
    end: DifferenceEnd
    reason: str
    reference: str = ""
    """Number of the credit memo, of the claim, of the replacement's list."""
    second: str = ""
    """The second person, where the site asks for two; a worker's id, or a name where people do not sign on."""
    unproven: bool = False
    """True if the second person is only a typed name."""


ShipmentStep = (
    VendorRecorded
    | ShipmentOpened
    | CopyCounted
    | CopyFaulted
    | CountUndone
    | CopyReturned
    | Added
    | Gift
    | LeaseIn
    | ShipmentClosed
    | DifferenceNoted
    | DifferenceAssigned
    | ClaimMade
    | DifferenceEnded
)
"""Events that a person may ask to journal about shipments."""

ShipmentEvent = ShipmentStep | DifferenceOpened
