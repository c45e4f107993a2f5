"""What a person asks of the orders in the library system, and the answer."""

from __future__ import annotations

from typing import Annotated

import msgspec
from msgspec import Meta

from station.domain.invoices.system_invoice import SystemInvoice
from station.domain.receiving.order_line import OrderLine

MOST_ORDER_LINES = 20
"""Order lines of one question."""
_Text = Annotated[str, Meta(max_length=100)]


class OrderQuestion(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """Exactly one of these; `vendor` goes with `vendor_reference`."""

    order_lines: Annotated[tuple[_Text, ...], Meta(max_length=MOST_ORDER_LINES)] = ()
    """Numbers of order lines."""
    vendor_reference: _Text = ""
    """The vendor's number of an order line."""
    vendor: _Text = ""
    """The library system's code of the vendor; "" = any."""
    barcode: _Text = ""
    """Barcode of an item: its order line."""
    invoice: _Text = ""
    """Id of our invoice."""
    shipment: _Text = ""
    """Id of a shipment: the order lines of its lists. They are read one after the other, after the answer."""


class OrderAnswer(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What the library system has. It is journaled."""

    order_lines: tuple[OrderLine, ...] = ()
    unknown: tuple[str, ...] = ()
    """Numbers of order lines that the library system does not have."""
    invoice: SystemInvoice | None = None
    """None = it has none with our number, or was not asked."""
