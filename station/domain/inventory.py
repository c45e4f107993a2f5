"""Answers of tags to a reader: inventory, system information, blocks."""

from __future__ import annotations

import msgspec

from station.domain.tag_image import Uid


class TagSeen(msgspec.Struct, frozen=True):
    """One tag's answer to an inventory."""

    uid: Uid
    dsfid: int


class Inventory(msgspec.Struct, frozen=True):
    """Tags that answered an inventory. `collision` is True if an answer could not be resolved."""

    tags: tuple[TagSeen, ...]
    collision: bool = False

    @property
    def uids(self) -> frozenset[Uid]:
        """Return the UIDs that answered."""
        return frozenset(tag.uid for tag in self.tags)


class SystemInformation(msgspec.Struct, frozen=True):
    """Answer to Get System Information (ISO/IEC 15693-3, 10.3.12). Sizes are in bytes and blocks (not minus one as on
    the wire)."""

    uid: Uid
    dsfid: int
    afi: int
    block_size: int
    block_count: int
    ic_reference: int | None = None


class BlocksRead(msgspec.Struct, frozen=True):
    """Consecutive blocks with their block security status (True = locked)."""

    first: int
    block_size: int
    data: bytes
    locked: tuple[bool, ...]
