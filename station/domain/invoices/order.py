"""A blanket or standing order, and where it stands."""

from __future__ import annotations

from decimal import Decimal
from enum import StrEnum
from typing import Annotated

import msgspec
from msgspec import Meta

from station.domain.invoices.invoice import Currency, Day, Figure, Text


class OrderKind(StrEnum):
    BLANKET = "blanket"
    STANDING = "standing"


class PurchaseOrder(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """Content of an order. `number` never changes."""

    number: Annotated[str, Meta(min_length=1, max_length=60)]
    kind: OrderKind = OrderKind.BLANKET
    vendor: Annotated[str, Meta(min_length=1, max_length=60)]
    account: Text = ""
    fund: Text = ""
    amount: Figure
    """Limit; the site's currency unless `currency` names another."""
    currency: Currency = ""
    valid_from: Day = ""
    valid_to: Day = ""
    closed: bool = False
    """True if nothing more is charged to it."""
    note: Annotated[str, Meta(max_length=300)] = ""


class OrderWarning(StrEnum):
    USED = "used"
    """Charged and encumbered amounts reach the plan's percentage."""
    EXPIRES = "expires"
    """Its last day comes within the plan's days."""
    EXPIRED = "expired"
    OVERDRAWN = "overdrawn"
    """Charged and encumbered amounts are more than its amount."""


class OrderStanding(msgspec.Struct, frozen=True, kw_only=True):
    """An order and what was charged to it, in the order's currency."""

    content: PurchaseOrder
    charged: Decimal
    """Of invoices with an okay to pay, less credits."""
    invoiced: Decimal
    """Of invoices that wait for their okay."""
    encumbered: Decimal
    """Counted and not yet invoiced, at the price of list or order."""
    unpriced: int
    """Copies counted, not yet invoiced, and without a price."""
    invoices: tuple[str, ...]
    """Ids of the invoices."""
    warnings: tuple[OrderWarning, ...]
    newest: int
    """Number of the event that holds the present content."""

    @property
    def remaining(self) -> Decimal:
        return Decimal(self.content.amount or 0) - self.charged - self.invoiced - self.encumbered


def pays(order: str, order_line: str) -> bool:
    """Return True if an order line is the order's: its number, or its number and what follows "/" or "-"."""
    line, number = order_line.strip().casefold(), order.strip().casefold()
    return line == number or line.startswith((f"{number}/", f"{number}-"))
