"""The price that a record gives.

MARC 21 has the price in 365 $b, and the terms of availability, mostly a price, in $c of 020, 024 and 037.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from pymarc import Field, Record

from station.base.text import clean
from station.domain.amount import amount_in

TAGS: Final = frozenset({"365", "020", "024", "037"})


def price_of(record: Record) -> str:
    """Return the price that a record gives: the first amount in 365 $b, 020, 024 and 037 $c, with the words beside it;
    without an amount the first text in 365 $b or 020 $c, because 024 and 037 $c also have "(v. 1)", "set" and ISBNs;
    "" = none."""
    return price_in(record.fields)


def price_in(fields: Iterable[Field]) -> str:
    """Return the price that these fields of a record give (at least all with `TAGS`)."""
    priced = [field for field in fields if field.tag in TAGS]
    if not priced:
        return ""
    other = ""
    for tag, code in (("365", "b"), ("020", "c"), ("024", "c"), ("037", "c")):
        for field in priced:
            price = clean(" ".join(field.get_subfields(code))) if field.tag == tag else ""
            if price and amount_in(price) is not None:
                return price
            other = other or (price if tag in ("365", "020") else "")
    return other
