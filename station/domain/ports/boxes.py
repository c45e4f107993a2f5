"""Boxes to the sites: what the bench reads when it packs."""

from __future__ import annotations

from typing import Protocol

import msgspec

from station.domain.distribution.box import Box, PackedItem


class ListedCopy(msgspec.Struct, frozen=True, kw_only=True):
    """What counts, lists and orders say about the copy with a barcode; "" = nothing."""

    order_line: str = ""
    library: str = ""
    """Code of the library that the order line, or the vendor's list, names."""
    listed_barcode: str = ""
    """The barcode that the vendor names for the counted copy."""
    listed_title: str = ""
    """Title of the list line that names this barcode, if that is not the line of the counted copy."""


class Boxes(Protocol):
    """Read access to boxes. Calls may block for milliseconds. Raises `StoreError`."""

    def boxes(self, *, everything: bool = False) -> tuple[Box, ...]:
        """Return the boxes that are open, under way, or lack items, the oldest first; `everything`: all, the newest
        first."""
        ...

    def box(self, ident: str) -> Box | None: ...

    def packed(self, ident: str) -> tuple[PackedItem, ...]:
        """Return the items of a box, in the order of packing."""
        ...

    def box_of_item(self, barcode: str) -> str:
        """Return the id of the newest box that has the item: open, or left with it; "" = none. An item that is missing
        from a received box is in none."""
        ...

    def listed_copy(self, barcode: str) -> ListedCopy: ...


class NoBoxes:
    """Null `Boxes`."""

    def boxes(self, *, everything: bool = False) -> tuple[Box, ...]:
        return ()

    def box(self, ident: str) -> Box | None:
        return None

    def packed(self, ident: str) -> tuple[PackedItem, ...]:
        return ()

    def box_of_item(self, barcode: str) -> str:
        return ""

    def listed_copy(self, barcode: str) -> ListedCopy:
        return ListedCopy()
