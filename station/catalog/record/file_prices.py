"""Prices of all items of a file. What is true of each of them is a fact of the file: the import reports it once, and no
rule repeats it at every item."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, Literal, get_args

import msgspec

from station.domain.amount import amount_in

PriceKind = Literal["none", "same", "zero"]
""""none": no item has a price; "same": all items have the same one; "zero": each item has no price, or one of zero."""
PRICE_KINDS: Final = get_args(PriceKind)

ENOUGH: Final = 20
"""Items that prove a fact: of fewer, each may be an exception."""


class CommonPrice(msgspec.Struct, frozen=True):
    """A fact about the price of every item of a file."""

    kind: PriceKind
    price: str = ""
    """The price, as written; of "zero" the first one."""


class FilePrices(msgspec.Struct):
    """Count of the prices of a file, until two of them differ."""

    items: int = 0
    without: int = 0
    zero: int = 0
    same: int = 0
    """Items with the first price."""
    first: str = ""
    differ: bool = False
    """True: nothing is true of all items, and no further item is counted."""

    def take(self, price: str, of_items: Sequence[str]) -> None:
        """Count the prices of a record; "" = none. That of the record itself counts for items without one. In a record
        without items it counts as different: its items may be in a record of their own."""
        for of_item in of_items:
            self.add(of_item or price)
        if price and not of_items:
            self.differ = True

    def add(self, price: str) -> None:
        """Count the price of one item; "" = it has none."""
        if self.differ:
            return
        self.items += 1
        if price:
            self.first = self.first or price
            self.same += price == self.first
            amount = amount_in(price)
            self.zero += amount is not None and not amount.value
        else:
            self.without += 1
        self.differ = self.common is None

    @property
    def common(self) -> CommonPrice | None:
        """Return what is true of all items so far; None = nothing, or there are no items."""
        if self.differ or not self.items:
            return None
        if self.without == self.items:
            return CommonPrice("none")
        if self.same == self.items:
            return CommonPrice("same", self.first)
        return CommonPrice("zero", self.first) if self.without + self.zero == self.items else None
