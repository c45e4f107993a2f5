"""The site's account plan: account codes, rules that give a line its code, taxes, rounding, fiscal year. Data of the site,
recorded by a technician."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from station.domain.invoices.invoice import ChargeKind, Currency, Day, Figure, Share, Text


class Rounding(StrEnum):
    HALF_UP = "half-up"
    HALF_EVEN = "half-even"


class TaxRounding(StrEnum):
    LINE = "line"
    """The tax of each line is rounded."""
    INVOICE = "invoice"
    """The tax of the document is rounded once."""


class Spread(StrEnum):
    """How a charge of the whole document reaches the lines."""

    AMOUNT = "amount"
    """In proportion to the lines' amounts."""
    COPIES = "copies"
    """In proportion to their copies."""
    ACCOUNT = "account"
    """It does not: it has an account of its own."""


class TaxTreatment(StrEnum):
    CHARGED = "charged"
    """The vendor charges the tax."""
    ACCRUED = "accrued"
    """The library owes the tax to the state (use tax): the vendor is not paid it."""
    EXEMPT = "exempt"


class AccountCode(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """A code that the fiscal office accepts."""

    account: Annotated[str, Meta(min_length=1, max_length=100)]
    title: Text = ""
    valid_from: Day = ""
    valid_to: Day = ""
    """"" = without end."""


class CodeRule(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """Lines that fit all texts that are not empty, in whatever case, have these accounts. The first rule that fits counts."""

    id: Annotated[str, Meta(pattern=r"^[a-z0-9][a-z0-9-]{0,39}\Z")]
    vendor: Text = ""
    """Id, name or code of the vendor."""
    library: Text = ""
    material: Text = ""
    fund: Text = ""
    shares: Annotated[tuple[Share, ...], Meta(min_length=1, max_length=20)]
    """With percentages, or one share without."""


class ChargeRule(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """How charges of a kind are spread."""

    kind: ChargeKind
    spread: Spread = Spread.AMOUNT
    account: Text = ""
    """For `Spread.ACCOUNT`."""
    fund: Text = ""


class TaxRule(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """Tax on lines that fit all texts that are not empty, on invoices of these days. The first rule that fits counts."""

    library: Text = ""
    material: Text = ""
    vendor: Text = ""
    treatment: TaxTreatment
    percent: Figure = ""
    on_charges: bool = False
    """True if charges that are spread to the line are taxed, too."""
    valid_from: Day = ""
    valid_to: Day = ""
    note: Text = ""
    """Certificate of an exemption, or the law."""


ExportField = Literal[
    "vendor",
    "vendor_name",
    "vendor_account",
    "kind",
    "invoice",
    "invoice_id",
    "corrects",
    "invoice_date",
    "due_date",
    "currency",
    "rate",
    "total",
    "credits",
    "credit_memos",
    "to_pay",
    "account",
    "fund",
    "order",
    "amount",
    "tax",
    "accrued_tax",
    "account_currency",
    "copies",
    "note",
    "certified_by",
    "certified_on",
    "second_person",
    "reason",
]
"""Fields of the export for Accounts Payable (docs/invoices.md)."""


class ExportColumn(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """A column of the export for Accounts Payable."""

    field: ExportField
    title: Annotated[str, Meta(min_length=1, max_length=60)]


class AccountPlan(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """The whole plan."""

    currency: Currency = "USD"
    """In which the site keeps its accounts."""
    rounding: Rounding = Rounding.HALF_UP
    tax_rounding: TaxRounding = TaxRounding.INVOICE
    year_begins: Annotated[str, Meta(pattern=r"^(0[1-9]|1[0-2])-(0[1-9]|1\d|2[0-8])\Z")] = "07-01"
    """Month and day on which a fiscal year begins. The year has the number of the calendar year in which it ends."""
    tolerance: Annotated[str, Meta(pattern=r"^0[.]\d{2}\Z")] = "0.02"
    """Amount by which a total may differ from its lines as rounding."""
    warn_percent: Annotated[int, Meta(ge=1, le=100)] = 80
    """Part of an order's amount from which the order is warned about."""
    warn_days: Annotated[int, Meta(ge=0, le=365)] = 60
    """Days before an order's last day from which the order is warned about."""
    codes: Annotated[tuple[AccountCode, ...], Meta(max_length=5000)] = ()
    rules: Annotated[tuple[CodeRule, ...], Meta(max_length=2000)] = ()
    charges: Annotated[tuple[ChargeRule, ...], Meta(max_length=20)] = ()
    """A kind without a rule is spread in proportion to the lines' amounts."""
    taxes: Annotated[tuple[TaxRule, ...], Meta(max_length=200)] = ()
    """A line without a rule: no tax is known."""
    columns: Annotated[tuple[ExportColumn, ...], Meta(max_length=40)] = ()
    """Columns of the export; () = all fields, under their own names."""
