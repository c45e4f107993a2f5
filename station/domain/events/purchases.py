"""Account plan, invoices, blanket and standing orders."""

from __future__ import annotations

from station.domain.events.base import Event
from station.domain.invoices.invoice import Day, Figure, Invoice, Rate, Share
from station.domain.invoices.order import PurchaseOrder
from station.domain.invoices.plan import AccountPlan
from station.domain.invoices.standing import Entry


class AccountPlanRecorded(Event, frozen=True, kw_only=True, tag="account-plan-recorded"):
    """The site's account plan has this content from now on."""

    content: AccountPlan


class PurchaseOrderRecorded(Event, frozen=True, kw_only=True, tag="purchase-order-recorded"):
    """A blanket or standing order was recorded, or has another content from now on."""

    content: PurchaseOrder
    reason: str = ""
    """Why it has another content."""


class InvoiceRecorded(Event, frozen=True, kw_only=True, tag="invoice-recorded"):
    """An invoice, a credit memo or a correcting entry was read or typed, or has another content from now on. The store
    fills in the packing-list lines, `rule` and `off`."""

    content: Invoice
    invoice: str = ""
    """Id of the invoice that has another content; "" = a new one, whose id is `invoice_id` of this event's number."""
    source: str = ""
    """Name of the file; "" = typed."""
    digest: str = ""
    """SHA-256 of the file, hexadecimal; "" = typed."""
    rule: str = ""
    """The `TotalsRule` by which it adds up; "" = none."""
    off: str = ""
    """Stated total less computed total, in the invoice's currency."""


class InvoiceRated(Event, frozen=True, kw_only=True, tag="invoice-rated"):
    """The rate of an invoice's currency was written down."""

    invoice: str
    rate: Rate
    note: str = ""
    """Where the rate stands, and of which day it is."""


class InvoiceCoded(Event, frozen=True, kw_only=True, tag="invoice-coded"):
    """A person chose the accounts of a line, or its order. Both empty: the site's rules count again."""

    invoice: str
    line: str
    shares: tuple[Share, ...] = ()
    order: str = ""
    reason: str = ""


class CreditApplied(Event, frozen=True, kw_only=True, tag="credit-applied"):
    """A credit memo reduces the payment of an invoice by this amount; 0 = no longer."""

    credit: str
    """Id of the credit memo."""
    invoice: str
    amount: Figure


class InvoiceSigned(Event, frozen=True, kw_only=True, tag="invoice-signed"):
    """A technician certified receipt, amount and accounts: okay to pay. The fiscal office approves and pays."""

    invoice: str
    counted: int
    """Number of the newest event about count and invoice that the technician saw."""
    reason: str = ""
    """Why, although something speaks against it."""
    entries: tuple[Entry, ...] = ()
    """What was certified. The store fills it in."""
    second: str = ""
    unproven: bool = False
    """True if the second person is only a typed name."""


class InvoiceSignatureTakenBack(Event, frozen=True, kw_only=True, tag="invoice-signature-taken-back"):
    """The okay to pay no longer counts."""

    invoice: str
    reason: str


class InvoicesExported(Event, frozen=True, kw_only=True, tag="invoices-exported"):
    """Signed invoices were handed to Accounts Payable. The export's id is `export_id` of this event's number."""

    invoices: tuple[str, ...]
    file: str = ""
    """Name of the file."""
    digest: str = ""
    """SHA-256 of the export's CSV form, hexadecimal."""


class InvoicePaid(Event, frozen=True, kw_only=True, tag="invoice-paid"):
    """The fiscal office paid an exported invoice."""

    invoice: str
    on: Day
    """"" = the earlier date was a mistake."""
    reference: str = ""
    """Number of the check or transfer."""


class InvoiceVoided(Event, frozen=True, kw_only=True, tag="invoice-voided"):
    """An invoice was recorded by mistake."""

    invoice: str
    reason: str


PurchaseStep = (
    AccountPlanRecorded
    | PurchaseOrderRecorded
    | InvoiceRecorded
    | InvoiceRated
    | InvoiceCoded
    | CreditApplied
    | InvoiceSigned
    | InvoiceSignatureTakenBack
    | InvoicesExported
    | InvoicePaid
    | InvoiceVoided
)
"""Events that a person may ask to journal about invoices, accounts and orders."""
