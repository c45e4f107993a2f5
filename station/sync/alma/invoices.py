"""An invoice, from Alma's answers: read to be compared, never written. Amounts are numbers here, and texts in order lines."""

from __future__ import annotations

import re
from collections.abc import Iterable
from decimal import Decimal, InvalidOperation
from typing import Final

from station.domain.invoices.system_invoice import SystemInvoice, SystemInvoiceLine
from station.sync.alma.document import Fields, day, rows, text

_FIGURE: Final = re.compile(r"-?[0-9]{1,11}(?:\.[0-9]{1,4})?")
_MOST_LINES: Final = 2000
_PLACES: Final = 4
"""Decimals of an amount that are kept: a float such as 0.1 + 0.2 has more."""


def invoice_of(fields: Fields, lines: Iterable[Fields]) -> SystemInvoice:
    """Return the invoice of an answer, with its lines."""
    payment = fields.get("payment")
    return SystemInvoice(
        number=text(fields, "number", 100),
        id=text(fields, "id", 60),
        vendor=text(fields, "vendor", 60),
        date=day(fields, "invoice_date"),
        total=figure(text(fields, "total_amount", 40)),
        currency=text(fields, "currency", 10),
        status=text(fields, "invoice_status", 60),
        step=text(fields, "invoice_workflow_status", 60),
        payment=text(payment, "payment_status", 60) if isinstance(payment, dict) else "",
        alerts=tuple(filter(None, (text(alert, "value", 60) for alert in rows(fields, "alert")))),
        lines=tuple(_line(line) for _, line in zip(range(_MOST_LINES), lines, strict=False)),
    )


def _line(fields: Fields) -> SystemInvoiceLine:
    quantity = text(fields, "quantity", 9)
    return SystemInvoiceLine(
        number=text(fields, "number", 60),
        order_line=text(fields, "po_line", 100),
        price=figure(text(fields, "price", 40)),
        total=figure(text(fields, "total_price", 40)),
        quantity=int(quantity) if quantity.isascii() and quantity.isdigit() else 0,
        kind=text(fields, "type", 60),
        note=text(fields, "note", 300),
    )


def figure(amount: str) -> str:
    """Return an amount without needless zeros; "" if it is none."""
    try:
        value = round(Decimal(amount), _PLACES)
    except InvalidOperation:
        return ""
    plain = f"{value:f}" if value.is_finite() else ""
    if "." in plain:
        whole, _, decimals = plain.partition(".")
        plain = f"{whole}.{decimals.rstrip('0').ljust(2, '0')}"
    return plain if _FIGURE.fullmatch(plain) else ""
