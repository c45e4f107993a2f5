"""An invoice here beside the same invoice in the library system."""

from __future__ import annotations

from decimal import Decimal

import msgspec

from station.domain.invoices.comparison import MismatchKind, mismatches
from station.domain.invoices.invoice import Invoice, InvoiceKind, InvoiceLine
from station.domain.invoices.standing import InvoiceStanding, InvoiceState
from station.domain.invoices.system_invoice import SystemInvoice, SystemInvoiceLine

OURS = InvoiceStanding(
    id="invoice-9",
    content=Invoice(
        vendor="nile",
        number="INV-9",
        date="2026-11-24",
        lines=(
            InvoiceLine(line="1", amount="20.00", copies=2, order_line="POL-1"),
            InvoiceLine(line="2", amount="5.00", order_line="POL-2"),
            InvoiceLine(line="3", amount="1.00"),
        ),
    ),
    state=InvoiceState.OPEN,
    vendor_name="Nile",
    rule="typed",
    off=Decimal(0),
    total=Decimal("26.00"),
    lines=(),
    entries=(),
    objections=(),
)
SAME = SystemInvoice(
    number="INV-9",
    date="2026-11-24",
    total="26",
    currency="USD",
    lines=(
        SystemInvoiceLine(number="1", order_line="POL-1", total="20.0", quantity=2),
        SystemInvoiceLine(number="2", order_line="POL-2", price="5", quantity=1),
        SystemInvoiceLine(number="3", total="1", kind="SHIPMENT"),
    ),
)


def test_the_same_amounts_written_otherwise_are_no_difference() -> None:
    assert mismatches(OURS, SAME, "USD") == ()


def test_a_credit_memo_is_negative_there() -> None:
    credit = msgspec.structs.replace(OURS, content=msgspec.structs.replace(OURS.content, kind=InvoiceKind.CREDIT))
    lines = tuple(
        msgspec.structs.replace(
            line, price=f"-{line.price}" if line.price else "", total=f"-{line.total}" if line.total else ""
        )
        for line in SAME.lines
    )
    assert mismatches(credit, msgspec.structs.replace(SAME, total="-26", lines=lines), "USD") == ()


def test_every_difference_is_named_with_both_sides() -> None:
    theirs = SystemInvoice(
        number="INV-9",
        date="2026-11-25",
        total="30.50",
        currency="EUR",
        alerts=("DIFF_PRICE_THAN_POLINE",),
        lines=(
            SystemInvoiceLine(order_line="POL-1", total="22.00", quantity=1),
            SystemInvoiceLine(order_line="POL-3", total="8.50", quantity=1),
        ),
    )
    assert [(each.kind, each.order_line, each.ours, each.theirs) for each in mismatches(OURS, theirs, "USD")] == [
        (MismatchKind.TOTAL, "", "26.00", "30.50"),
        (MismatchKind.CURRENCY, "", "USD", "EUR"),
        (MismatchKind.DATE, "", "2026-11-24", "2026-11-25"),
        (MismatchKind.ALERT, "", "", "DIFF_PRICE_THAN_POLINE"),
        (MismatchKind.COPIES, "POL-1", "2", "1"),
        (MismatchKind.AMOUNT, "POL-1", "20.00", "22.00"),
        (MismatchKind.LINE_NOT_THERE, "POL-2", "", ""),
        (MismatchKind.LINE_NOT_HERE, "POL-3", "", ""),
    ]
    assert [each.kind for each in mismatches(OURS, None, "USD")] == [MismatchKind.NOT_THERE]
