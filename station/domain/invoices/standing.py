"""Where an invoice stands: its lines beside count and order, what its accounts pay, and what speaks against its payment."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from enum import StrEnum

import msgspec

from station.domain.invoices.invoice import Figure, Invoice, InvoiceLine, Text


class InvoiceState(StrEnum):
    OPEN = "open"
    SIGNED = "signed"
    """It has the okay to pay."""
    EXPORTED = "exported"
    """It was handed to Accounts Payable."""
    PAID = "paid"
    """The fiscal office paid it."""
    VOID = "void"
    """It was recorded by mistake."""


class EntryPart(StrEnum):
    LINE = "line"
    CHARGE = "charge"
    TAX = "tax"
    """Charged by the vendor."""
    ACCRUED = "accrued"
    """Tax that the library owes to the state, and not to the vendor."""


class Entry(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What one account pays of one part of an invoice, in the site's currency. A credit's entries are negative."""

    line: str
    """"" = a charge with an account of its own."""
    part: EntryPart
    account: Text
    """"" = no code."""
    fund: Text = ""
    order: Text = ""
    """Number of the order that is charged."""
    amount: Figure


class ObjectionCode(StrEnum):
    """What speaks against an okay to pay."""

    NO_CODE = "no-code"
    UNKNOWN_CODE = "unknown-code"
    """The site's list does not have the code on the invoice's date."""
    SHARES = "shares"
    """The shares of a line do not add up to it."""
    NO_RATE = "no-rate"
    """The rate of a foreign currency is not written down."""
    OVERDRAWN = "overdrawn"
    """The order would be overdrawn."""
    ORDER_CLOSED = "order-closed"
    ORDER_EXPIRED = "order-expired"
    """The invoice's date is outside of the order's days."""
    UNKNOWN_ORDER = "unknown-order"
    TOTAL = "total"
    """The document does not add up."""
    DIFFERENCE = "difference"
    """A difference with the vendor is open."""
    NOT_HERE = "not-here"
    """More copies are invoiced than counted."""
    INVOICED_BEFORE = "invoiced-before"
    """All invoices together name more copies than were ordered or listed."""
    PRICE = "price"
    """The price differs from the order's by more than the vendor's tolerance."""
    TAX = "tax"
    """The vendor's tax is not that of the site's table."""
    ALIKE = "alike"
    """Another invoice of the vendor has the same date and total."""


STOPS = frozenset(
    {
        ObjectionCode.NO_CODE,
        ObjectionCode.UNKNOWN_CODE,
        ObjectionCode.SHARES,
        ObjectionCode.NO_RATE,
        ObjectionCode.OVERDRAWN,
        ObjectionCode.ORDER_CLOSED,
        ObjectionCode.ORDER_EXPIRED,
        ObjectionCode.UNKNOWN_ORDER,
    }
)
"""Objections that no reason outweighs; for all others a technician says why the invoice may be paid."""


class Objection(msgspec.Struct, frozen=True, kw_only=True):
    code: ObjectionCode
    line: str = ""
    """"" = the whole invoice."""
    values: Mapping[str, str] = {}
    """What the sentence of the code needs."""

    @property
    def stops(self) -> bool:
        return self.code in STOPS


class LineStanding(msgspec.Struct, frozen=True, kw_only=True):
    """A line beside count and order."""

    line: InvoiceLine
    listed: int | None = None
    """Copies on packing lists; None = on no list. As the three below: of all list lines and order lines that share their
    copies with the line (`store.projections.shared_copies`)."""
    ordered: int | None = None
    here: int = 0
    """Copies counted, without those sent back."""
    invoiced_before: int = 0
    """Copies on earlier invoices, and on earlier lines of this one, less credited ones."""
    order_price: str = ""
    """Of one copy, as the order writes it."""
    rule: str = ""
    """Id of the rule that gave the line its accounts; "" = a person chose them, or it has none."""
    entries: tuple[Entry, ...] = ()
    objections: tuple[Objection, ...] = ()

    @property
    def invoiced_here(self) -> int:
        """Return how many of the line's copies are here and on no earlier invoice."""
        return max(min(self.here - self.invoiced_before, self.line.copies), 0)


class Signature(msgspec.Struct, frozen=True, kw_only=True):
    """An okay to pay."""

    seq: int
    at: str
    """ISO 8601, UTC."""
    by: str
    counted: int
    """Number of the newest event about count and invoice that the technician saw."""
    second: str = ""
    unproven: bool = False
    reason: str = ""


class Application(msgspec.Struct, frozen=True, kw_only=True):
    """Part of a credit memo that reduces the payment of an invoice."""

    credit: str
    invoice: str
    amount: Decimal
    """In the invoice's currency."""


class InvoiceStanding(msgspec.Struct, frozen=True, kw_only=True):
    """An invoice as it stands. Amounts in the invoice's currency unless said otherwise; a credit's are positive here."""

    id: str
    content: Invoice
    state: InvoiceState
    vendor_name: str
    rule: str
    """The `TotalsRule` that held; "" = none."""
    off: Decimal
    """Stated total less computed total."""
    total: Decimal
    """What the document asks for."""
    listed: int = 0
    """Copies that packing lists list for its lines, each once."""
    applied: tuple[Application, ...] = ()
    """Credits that reduce it; of a credit memo: invoices that it reduces."""
    lines: tuple[LineStanding, ...]
    """The line with most objections first."""
    entries: tuple[Entry, ...]
    """In the site's currency. After the okay those that were certified."""
    objections: tuple[Objection, ...]
    """Of the whole invoice and of its lines, those that stop first."""
    signature: Signature | None = None
    export: str = ""
    """Id of the export; "" = not exported."""
    paid_on: str = ""
    paid_reference: str = ""
    recorded_at: str = ""
    """ISO 8601, UTC."""
    received_on: str = ""
    """Local date on which the last of its copies was counted; "" = none was."""
    exported_on: str = ""
    newest: int = 0
    """Number of the newest event about it."""

    @property
    def invoiced_here(self) -> int:
        """Return how many of its copies are here and on no earlier invoice."""
        return sum(line.invoiced_here for line in self.lines)

    @property
    def to_pay(self) -> Decimal:
        """Return what is left to pay; of a credit memo, what is left to use."""
        return self.total - sum((part.amount for part in self.applied), Decimal(0))

    @property
    def in_site_currency(self) -> Decimal:
        """Return what the accounts pay the vendor, without accrued tax."""
        parts = (Decimal(entry.amount) for entry in self.entries if entry.part is not EntryPart.ACCRUED)
        return sum(parts, Decimal(0))


class Export(msgspec.Struct, frozen=True, kw_only=True):
    """Invoices handed to Accounts Payable in one file."""

    id: str
    at: str
    by: str
    file: str
    digest: str
    """SHA-256 of the CSV form, hexadecimal."""
    invoices: tuple[str, ...]


def export_id(seq: int) -> str:
    return f"export-{seq}"
