"""An order line as the library system has it, and what the library system knows of the copies of a count."""

from __future__ import annotations

from enum import StrEnum

import msgspec

from station.base.sentence import EMPTY, Sentence


class OrderLineState(StrEnum):
    """State of an order line, whatever its library system calls it."""

    ACTIVE = "active"
    CLOSED = "closed"
    CANCELLED = "cancelled"


class OrderedCopy(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A copy of an order line in the library system."""

    item: str = ""
    """The library system's number of the item (Alma: pid)."""
    barcode: str = ""
    library: str = ""
    """Code of the permanent library."""
    location: str = ""
    received: str = ""
    """ISO 8601 date; "" = not received."""


class OrderLine(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An order line. Clean text; it names no people."""

    number: str
    state: OrderLineState = OrderLineState.ACTIVE
    status: str = ""
    """As the library system writes it ("SENT", "WAITING_FOR_INVOICE")."""
    one_time: bool = True
    """False for a continuous order: each receipt makes a new item."""
    title: str = ""
    vendor: str = ""
    """The library system's code of the vendor."""
    vendor_reference: str = ""
    """The vendor's number of the line."""
    order: str = ""
    """Number of the purchase order."""
    price: str = ""
    """An amount with its currency, as written."""
    quantity: int = 0
    """Copies ordered."""
    copies: tuple[OrderedCopy, ...] = ()
    expected: str = ""
    """ISO 8601 date on which it should arrive; "" = unknown."""
    receiving_note: str = ""
    vendor_note: str = ""
    rush: bool = False

    @property
    def lacks(self) -> int:
        """Return the copies that the library system has not received."""
        return max(self.quantity - sum(bool(copy.received) for copy in self.copies), 0)

    def is_late(self, today: str) -> bool:
        """Return True if copies are due and not received: the line may be claimed."""
        return self.state is OrderLineState.ACTIVE and "" < self.expected < today and self.lacks > 0

    def standing(self, today: str) -> str:
        """Return the code of its state for lists: "late" if it is late, "received" if an active line lacks nothing, else the
        state."""
        if self.is_late(today):
            return "late"
        is_received = self.state is OrderLineState.ACTIVE and self.quantity > 0 and not self.lacks
        return "received" if is_received else self.state.value


class ReceiptState(StrEnum):
    """How far the library system has received a counted copy."""

    WAITING = "waiting"
    """The receipt was ordered and is not sent, or its effect is not known yet."""
    RECEIVED = "received"
    """Received. If copies are kept in the department, that step waits."""
    KEPT = "kept"
    """Received, and kept in the department."""
    REFUSED = "refused"
    """The library system refused the receipt, or reading back does not show whether it happened."""
    NOT_KEPT = "not-kept"
    """Received, but not kept in the department: it is in transit there."""


class ReceiptStanding(msgspec.Struct, frozen=True, kw_only=True):
    """What the library system knows of a counted copy, by the outbox."""

    count: int
    """Number of the count."""
    state: ReceiptState
    order_line: str
    barcode: str
    delivery: str
    """Id of the newest delivery about it."""
    detail: Sentence = EMPTY
    """What the library system answered; empty = nothing."""


class ReceiptRules(msgspec.Struct, frozen=True, kw_only=True):
    """Whether and how counted copies are received in a library system."""

    system: str = ""
    """Name of the system in the outbox; "" = none receives."""
    keep: bool = True
    """True if a received copy is then kept in the department."""
    wait_s: float = 0.0
    """Seconds after our barcode was stuck on before which the receipt is not sent: until then it can be undone."""
