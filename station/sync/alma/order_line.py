"""An order line (PO line), from Alma's answer. Fields: docs/reference/systems.md#alma-acquisitions. Absent values come as null,
"", or a code without a value; lists may come as one object. `interested_user` names people, and is never read."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from station.domain.receiving.order_line import OrderedCopy, OrderLine, OrderLineState
from station.sync.alma.document import Fields, day, flag, rows, text

MOST_COPIES: Final = 1000
_STATES: Final = {
    "CLOSED": OrderLineState.CLOSED,
    "CANCELLED": OrderLineState.CANCELLED,
    "CANCELED": OrderLineState.CANCELLED,
}
_CONTINUOUS: Final = ("_CO", "_SO")
"""Endings of `type`: continuous orders and standing orders. One-time orders end in _OT."""


def order_line_of(fields: Fields) -> OrderLine:
    """Return the order line of an answer."""
    status = text(fields, "status", 60)
    places = list(rows(fields, "location"))
    copies = tuple(copy for _, copy in zip(range(MOST_COPIES), _copies(places), strict=False))
    quantity = sum(_count(place.get("quantity")) for place in places)
    return OrderLine(
        number=text(fields, "number", 100),
        state=_STATES.get(status.upper(), OrderLineState.ACTIVE),
        status=status,
        one_time=not text(fields, "type", 60).upper().endswith(_CONTINUOUS),
        title=text(_object(fields, "resource_metadata"), "title"),
        vendor=text(fields, "vendor", 60),
        vendor_reference=text(fields, "vendor_reference_number", 100),
        order=text(fields, "po_number", 100),
        price=_price(_object(fields, "price")),
        quantity=quantity or len(copies),
        copies=copies,
        expected=day(fields, "expected_receipt_date"),
        receiving_note=text(fields, "receiving_note", 1000),
        vendor_note=text(fields, "vendor_note", 1000),
        rush=flag(fields, "rush"),
    )


def _copies(places: list[Fields]) -> Iterator[OrderedCopy]:
    for place in places:
        for copy in rows(place, "copy", "copies"):
            yield OrderedCopy(
                item=text(copy, "pid", 60),
                barcode=text(copy, "barcode", 60),
                library=text(copy, "permanent_library", 60) or text(place, "library", 60),
                location=text(copy, "permanent_shelving_location", 60) or text(place, "shelving_location", 60),
                received=day(copy, "receive_date"),
            )


def _price(price: Fields) -> str:
    """Return amount and currency, as written. The amount is a text here, and a number in invoices."""
    amount = text(price, "sum", 40)
    try:
        Decimal(amount)
    except InvalidOperation:
        return ""
    return f"{amount} {text(price, 'currency', 10)}".strip()


def _object(fields: Fields, name: str) -> Fields:
    value: Any = fields.get(name)
    return value if isinstance(value, dict) else {}


def _count(value: Any) -> int:
    """Return a number of copies: a number in JSON, a text in XML."""
    try:
        return min(max(int(value), 0), MOST_COPIES)
    except (TypeError, ValueError, OverflowError):
        return 0
