"""Prices as records and lists have them: text with an amount in it."""

from __future__ import annotations

import re
from decimal import Decimal, InvalidOperation
from typing import Final

_AMOUNT: Final = re.compile(r"(?:[A-Z]{3}|[$€£¥])?\s*(?P<number>\d{1,9}(?:[.,]\d{1,2})?)\s*(?:[A-Z]{3}|[$€£¥])?\Z")


def amount(text: str) -> Decimal | None:
    """A price: digits with at most two decimals, with or without a currency; None for anything else ("12.50 each")."""
    found = _AMOUNT.match(text.strip())
    if found is None or not found["number"].isascii():
        return None
    try:
        return Decimal(found["number"].replace(",", "."))
    except InvalidOperation:
        return None
