"""Receipts of counted copies in a library system."""

from __future__ import annotations

from typing import Final

from station.domain.deliveries.intents import ReceiveIntent
from station.domain.receiving.counting import CountOutcome, Purpose
from station.domain.receiving.shipment import Count

RECEIVED: Final = frozenset({Purpose.PURCHASE, Purpose.APPROVAL, Purpose.STANDING})
"""Purposes whose copies are ordered in the library system. Gifts and leased copies have no order line there."""


def is_received_by_itself(count: Count, purpose: Purpose) -> bool:
    """Return whether a copy is received in the library system once it has our barcode. Of a copy that is another than the
    ordered one, or more than that, a person decides: it stands as a difference."""
    return count.outcome is CountOutcome.MATCHED and bool(count.order_line) and purpose in RECEIVED


def receive_intent(count: Count, barcode: str, received: str = "") -> ReceiveIntent:
    """Return the receipt of a counted copy with our barcode. `received`: ISO 8601 date; "" = today."""
    return ReceiveIntent(
        order_line=count.order_line,
        barcode=barcode,
        count=count.id,
        listed_barcode=count.listed_barcode,
        library=count.library,
        title=count.title,
        received=received,
    )
