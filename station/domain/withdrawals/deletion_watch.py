"""What the library system and the journal say differently: an item that is in only one of them."""

from __future__ import annotations

from enum import StrEnum

import msgspec


class WatchKind(StrEnum):
    GONE_THERE = "gone-there"
    """The library system has no such item, and here it is in use."""
    STILL_THERE = "still-there"
    """It was withdrawn here, and the library system has it."""


class WatchRow(msgspec.Struct, frozen=True, kw_only=True):
    """One item of the deletion watch."""

    kind: WatchKind
    barcode: str
    title: str = ""
    source: str
    """Name of the library system that was asked, or "catalog"."""
    as_of: str
    """ISO 8601, UTC: when the source was asked; of the catalog, when its file was imported."""
    withdrawal: str = ""
    """Id of the withdrawal; "" = the item was not withdrawn here."""


class WatchedCatalog(StrEnum):
    """Whether the catalog index can be compared with the journal."""

    COMPARED = "compared"
    NONE = "none"
    """There is no index, or it cannot be read."""
    PARTIAL = "partial"
    """It lacks too many items of the journal to be the whole catalog."""


class Watch(msgspec.Struct, frozen=True, kw_only=True):
    rows: tuple[WatchRow, ...] = ()
    """The newest first."""
    catalog: WatchedCatalog = WatchedCatalog.NONE
