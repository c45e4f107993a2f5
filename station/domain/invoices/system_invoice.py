"""An invoice as the library system has it, and what differs from ours. Read and compared, never written there."""

from __future__ import annotations

import msgspec

from station.domain.invoices.invoice import Figure


class SystemInvoiceLine(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A line. Clean text."""

    number: str = ""
    order_line: str = ""
    price: Figure = ""
    """Of one copy."""
    total: Figure = ""
    quantity: int = 0
    kind: str = ""
    """As the library system writes it ("REGULAR", "SHIPMENT")."""
    note: str = ""


class SystemInvoice(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An invoice. Clean text; it names no people."""

    number: str
    id: str = ""
    """The library system's number of the invoice."""
    vendor: str = ""
    date: str = ""
    """ISO 8601."""
    total: Figure = ""
    currency: str = ""
    status: str = ""
    """As the library system writes it ("ACTIVE", "CLOSED")."""
    step: str = ""
    """Step of its workflow, as the library system writes it."""
    payment: str = ""
    """State of the payment, as the library system writes it."""
    alerts: tuple[str, ...] = ()
    """Codes of its warnings ("DIFF_PRICE_THAN_POLINE")."""
    lines: tuple[SystemInvoiceLine, ...] = ()
