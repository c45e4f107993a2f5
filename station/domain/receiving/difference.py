"""Differences between what a vendor should send and what came: each has an owner, a due date, a reason and one end."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

import msgspec

from station.domain.packing_lists.packing_list import LineKey
from station.domain.receiving.counting import CopyFault, CountOutcome

OWNER: Final = "Acquisitions"
"""Owner of a new difference, in the words of the rules (`quality/data`)."""


class DifferenceKind(StrEnum):
    """What differs. A line is short; total and price of an invoice differ; all others are found at a copy."""

    SHORT = "short"
    OVER = CountOutcome.OVER.value
    NOT_ORDERED = CountOutcome.NOT_ORDERED.value
    WRONG_EDITION = CountOutcome.WRONG_EDITION.value
    CANCELLED = CountOutcome.CANCELLED.value
    DUPLICATE = CountOutcome.DUPLICATE.value
    DAMAGED = CopyFault.DAMAGED.value
    PROCESSING = CopyFault.PROCESSING.value
    TOTAL = "total"
    """An invoice does not add up."""
    PRICE = "price"
    """An invoice's price is not the ordered one."""
    RECEIPT = "receipt"
    """The library system refused to receive a copy, or has received one whose count was undone."""


class DifferenceEnd(StrEnum):
    """How a difference ended."""

    CLAIMED = "claimed"
    """Claimed from the vendor, and the claim is pursued elsewhere."""
    CREDITED = "credited"
    REPLACED = "replaced"
    """The vendor sent what was missing, or another copy."""
    ACCEPTED = "accepted"
    """The library takes it as it is."""


class DifferenceState(StrEnum):
    OPEN = "open"
    CLAIMED = "claimed"
    """A claim was made, and the answer is awaited."""
    ENDED = "ended"
    UNDONE = "undone"
    """The count that showed it was undone; its invoice was corrected; or its receipt arrived after all."""


class Difference(msgspec.Struct, frozen=True, kw_only=True):
    """A difference as it stands."""

    id: str
    kind: DifferenceKind
    state: DifferenceState
    vendor: str
    shipment: str
    key: LineKey | None
    """The packing-list line; None = on no list."""
    count: int
    """Number of the count; 0 = a short line, or an invoice's difference."""
    title: str
    number: str
    """Number on the piece or on the line."""
    order_line: str
    copies: int
    price: str
    """Of one copy; of an invoice's total what it is off."""
    invoice: str
    """Id of the invoice that shows it; "" = none."""
    delivery: str
    """Id of the delivery whose receipt was refused, or cannot be taken back; "" = none."""
    owner: str
    due: str
    """ISO 8601 date."""
    end: str
    """A `DifferenceEnd`; "" = open."""
    claim: str
    """Id of the newest claim; "" = none."""
    opened_at: str
    """ISO 8601, UTC."""
    closed_at: str
    newest: int
    """Number of the newest event about it."""

    @property
    def is_open(self) -> bool:
        return self.state in (DifferenceState.OPEN, DifferenceState.CLAIMED)

    def is_overdue(self, today: str) -> bool:
        """Return True if it is open after its due date."""
        return self.is_open and self.due < today
