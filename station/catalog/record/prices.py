"""Prices in records and lists: text with an amount."""

from __future__ import annotations

import re
from decimal import Decimal, InvalidOperation
from typing import Final

_AMOUNT: Final = re.compile(r"(?:[A-Z]{3}|[$€£¥])?\s*(?P<number>\d{1,9}(?:[.,]\d{1,2})?)\s*(?:[A-Z]{3}|[$€£¥])?\Z")


def amount(text: str) -> Decimal | None:
    """Return the amount of a price: digits with at most two decimals, with or without a currency; None for other text
    ("12.50 each")."""
    found = _AMOUNT.match(text.strip())
    if found is None or not found["number"].isascii():
        return None
    try:
        return Decimal(found["number"].replace(",", "."))
    except InvalidOperation:
        return None
