"""Invoices and orders of one fiscal year as values, with what a hostile vendor may write."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, Final

import msgspec

from station.domain.invoices.invoice import Invoice, InvoiceKind, InvoiceLine
from station.domain.invoices.order import OrderStanding, PurchaseOrder
from station.domain.invoices.plan import AccountPlan
from station.domain.invoices.standing import (
    Application,
    Entry,
    EntryPart,
    InvoiceStanding,
    InvoiceState,
    LineStanding,
    Objection,
    ObjectionCode,
    Signature,
)
from station.domain.receiving.vendor import Account, Vendor

HOSTILE: Final = '=HYPERLINK("http://x","\x1b[31mpay")\r\nBcc: all@example.org \u202e'
PLAN: Final = AccountPlan(currency="USD")
VENDORS: Final = (
    Vendor(id="gobi", name="GOBI", codes=("1694510",), accounts=(Account(number="0012-7"),)),
    Vendor(id="harrassowitz", name="Harrassowitz"),
)


def entry(line: str, amount: str, account: str = "11-0000-6300", fund: str = "MONO", **fields: Any) -> Entry:
    return Entry(
        line=line, part=fields.pop("part", EntryPart.LINE), account=account, fund=fund, amount=amount, **fields
    )


def standing(at: int, /, **fields: Any) -> InvoiceStanding:
    """Return an invoice of GOBI with the okay to pay; its total is the sum of its entries."""
    names = {"kind": InvoiceKind.INVOICE, "vendor": "gobi", "number": f"INV-{at}", "date": "2026-07-14"}
    names |= {name: fields.pop(name) for name in [*fields] if name in Invoice.__struct_fields__}
    entries: tuple[Entry, ...] = fields.pop("entries", (entry("1", "10.00"),))
    paid = sum((Decimal(row.amount) for row in entries if row.part is not EntryPart.ACCRUED), Decimal(0))
    line = InvoiceLine(line="1", title="A title", amount=str(abs(paid)))
    values: dict[str, Any] = {
        "id": f"invoice-{at}",
        "content": Invoice(lines=(line,), **names),
        "state": InvoiceState.SIGNED,
        "vendor_name": "GOBI",
        "rule": "typed",
        "off": Decimal(0),
        "total": abs(paid),
        "lines": (LineStanding(line=line, here=1, entries=entries),),
        "entries": entries,
        "objections": (),
        "signature": Signature(seq=at + 50, at="2026-07-20T17:00:00.000Z", by="w-tess", counted=at + 40),
        "recorded_at": "2026-07-15T17:00:00.000Z",
        "received_on": "2026-07-16",
    }
    return InvoiceStanding(**{**values, **fields})


def a_year() -> tuple[InvoiceStanding, ...]:
    """Return a paid, an exported, a foreign, a credited, a credit, an open and a void invoice, and one of the year before."""
    two = (
        entry("1", "20.10", order="B-1"),
        entry("1", "9.90", "11-0000-6301", "AV", order="B-1"),
        entry("1", "1.50", part=EntryPart.TAX, order="B-1"),
        entry("1", "2.07", part=EntryPart.ACCRUED, order="B-1"),
    )
    credited = (Application(credit="invoice-6", invoice="invoice-3", amount=Decimal("4.00")),)
    return (
        standing(1, entries=two, state=InvoiceState.PAID, paid_on="2026-08-03", export="export-90"),
        standing(2, date="2026-08-31", state=InvoiceState.EXPORTED, received_on="2026-09-01", export="export-90"),
        standing(3, date="2027-06-30", received_on="2027-07-02", applied=credited),
        standing(
            4,
            vendor="harrassowitz",
            vendor_name="Harrassowitz",
            currency="EUR",
            rate="1.0834",
            total=Decimal("100.00"),
            entries=(entry("1", "108.34", "", ""),),
        ),
        standing(5, date="2026-06-30", state=InvoiceState.PAID, paid_on="2026-07-05", received_on="2026-06-28"),
        standing(
            6,
            kind=InvoiceKind.CREDIT,
            number="CR-6",
            entries=(entry("1", "-5.00"),),
            applied=credited,
            received_on="",
        ),
        standing(
            7,
            number=HOSTILE,
            vendor_name=HOSTILE,
            state=InvoiceState.OPEN,
            signature=None,
            objections=(Objection(code=ObjectionCode.NO_CODE, line="1"),),
        ),
        standing(8, state=InvoiceState.VOID),
    )


def an_order(**fields: Any) -> OrderStanding:
    values: dict[str, Any] = {
        "content": PurchaseOrder(number="B-1", vendor="gobi", account="11-0000-6300", amount="500.00"),
        "charged": Decimal("31.50"),
        "invoiced": Decimal("0.00"),
        "encumbered": Decimal("12.00"),
        "unpriced": 2,
        "invoices": ("invoice-1",),
        "warnings": (),
        "newest": 7,
    }
    return OrderStanding(**{**values, **fields})


def hostile(row: InvoiceStanding) -> InvoiceStanding:
    """Return the invoice with hostile text wherever a file or a person may have text."""
    content = msgspec.structs.replace(row.content, number=HOSTILE[:60], note=HOSTILE, vendor=HOSTILE[:60])
    entries = tuple(msgspec.structs.replace(part, account=HOSTILE, fund=HOSTILE, order=HOSTILE) for part in row.entries)
    signature = row.signature and msgspec.structs.replace(row.signature, by=HOSTILE, second=HOSTILE, reason=HOSTILE)
    return msgspec.structs.replace(row, content=content, vendor_name=HOSTILE, entries=entries, signature=signature)
