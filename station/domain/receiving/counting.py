"""The count at the open carton: on which line a copy is counted, and what that says about the shipment.

Keys of a line, the surest first: barcode that the vendor stuck on, order line, vendor's number, number on the piece; a
title only proposes a line, and a person takes it.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from typing import Final

import msgspec

from station.domain.packing_lists.packing_list import LineKey, ListKind, PackingLine


class Purpose(StrEnum):
    """Why material comes to the library."""

    PURCHASE = "purchase"
    GIFT = "gift"
    APPROVAL = "approval"
    """Sent for choice: kept, or returned."""
    STANDING = "standing"
    """Volumes of a standing order."""
    LEASE = "lease"


class CountOutcome(StrEnum):
    """What a counted copy is, compared with lists and orders."""

    MATCHED = "matched"
    OVER = "over"
    """More copies than the line lists."""
    NOT_ORDERED = "not-ordered"
    WRONG_EDITION = "wrong-edition"
    CANCELLED = "cancelled"
    """The order of its line was cancelled."""
    DUPLICATE = "duplicate"
    """All ordered copies came before, in another shipment."""


class CopyFault(StrEnum):
    """What a person found at a counted copy."""

    DAMAGED = "damaged"
    PROCESSING = "processing"
    """The vendor's processing is not to specification."""


class Fit(StrEnum):
    """How a line was found for a copy. The order of the members is their rank."""

    CHOSEN = "chosen"
    """A person took it."""
    BARCODE = "barcode"
    ORDER_LINE = "order-line"
    VENDOR_NUMBER = "vendor-number"
    NUMBER = "number"
    RELATED = "related"
    """It has a number of another edition of the title."""


class OpenLine(msgspec.Struct, frozen=True, kw_only=True):
    """A line on which a copy may be counted."""

    key: LineKey
    line: PackingLine
    vendor: str = ""
    kind: ListKind = ListKind.BOX
    fit: Fit = Fit.NUMBER
    here: int = 0
    """Copies counted on the line, in all shipments."""
    here_now: int = 0
    """Copies counted on the line in this shipment."""
    ordered: int | None = None
    """Copies of its order line that are ordered; None = unknown."""
    order_here: int = 0
    """Copies counted on any line of its order line, whether or not the line names it."""
    cancelled: bool = False
    """True if this line, or another with its order line, is cancelled."""
    in_shipment: bool = False
    """True if its list belongs to the shipment."""

    @property
    def lacks(self) -> int:
        """Return the number of copies that have not come."""
        return max(self.line.quantity - self.here, 0)


class CountPlace(msgspec.Struct, frozen=True):
    """Where a copy is counted."""

    key: LineKey | None
    outcome: CountOutcome


_RANK: Final = {fit: rank for rank, fit in enumerate(Fit)}


def place_of(
    lines: Sequence[OpenLine], purpose: Purpose, *, has_lists: bool, other_edition: bool = False
) -> CountPlace:
    """Return where a copy is counted. `lines`: those that fit, the oldest first; `has_lists`: the shipment names lists;
    `other_edition`: a person saw that the piece is another edition than its line."""
    if purpose is Purpose.GIFT:
        return CountPlace(None, CountOutcome.MATCHED)
    own = [line for line in lines if line.fit is not Fit.RELATED]
    if not own:
        related = min((line for line in lines if line.lacks), key=_order, default=None)
        if related is not None:
            return CountPlace(related.key, CountOutcome.WRONG_EDITION)
        expected_without_list = purpose is not Purpose.PURCHASE and not has_lists
        return CountPlace(None, CountOutcome.MATCHED if expected_without_list else CountOutcome.NOT_ORDERED)
    surest = min(_RANK[line.fit] for line in own)
    best = min((line for line in own if _RANK[line.fit] == surest), key=_order)
    return CountPlace(best.key, CountOutcome.WRONG_EDITION if other_edition else _outcome(best))


def _order(line: OpenLine) -> tuple[bool, bool, bool]:
    """Lines that lack copies come first, then those of this shipment, then what is in a box before what is ordered."""
    return (not line.lacks, not line.in_shipment, line.kind is ListKind.ORDER)


def _outcome(line: OpenLine) -> CountOutcome:
    if line.cancelled:
        return CountOutcome.CANCELLED
    if line.lacks:
        is_full = line.ordered is not None and line.order_here >= line.ordered
        return CountOutcome.DUPLICATE if is_full else CountOutcome.MATCHED
    return CountOutcome.OVER if line.here_now else CountOutcome.DUPLICATE
