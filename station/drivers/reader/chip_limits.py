"""Limits of chips: functions that are refused before anything is sent, and the blocks that one command may carry."""

from __future__ import annotations

from station.base.errors import ChipUnfit
from station.domain.tag_image import Uid
from station.encoding.chips import Feature, chip_of


def require(uid: Uid, feature: Feature) -> None:
    """Raise `ChipUnfit` if the chip with this UID does not have `feature`. An unknown chip is allowed to try."""
    chip = chip_of(uid)
    if not chip.has(feature):
        raise ChipUnfit(f"{chip.name} has no {feature.value}")


def most_read(uid: Uid, reader: int) -> int:
    """Return how many blocks one read of this tag may request, if the reader allows `reader` blocks."""
    return min(reader, chip_of(uid).most_read)


def most_written(uid: Uid, reader: int) -> int:
    """Return how many blocks one write to this tag may carry, if the reader allows `reader` blocks."""
    return min(reader, chip_of(uid).most_write)
