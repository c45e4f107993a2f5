"""What a person asks about an item in the library system, and the answer."""

from __future__ import annotations

from typing import Annotated

import msgspec
from msgspec import Meta

from station.domain.item import ItemRecord
from station.domain.withdrawals.stop_signs import SignAnswer


class ItemQuestion(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    barcode: Annotated[str, Meta(min_length=1, max_length=100)]
    signs: bool = False
    """Ask for the stop signs, too."""


class ItemAnswer(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What the station knows of the item now. Not journaled."""

    record: ItemRecord | None = None
    """None = nobody knows the barcode."""
    unknown_to: str = ""
    """Name of the library system that was asked and has no item with this barcode."""
    signs: tuple[SignAnswer, ...] = ()
