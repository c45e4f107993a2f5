"""What a chip cannot do is refused before anything goes to the reader; how many blocks of it one command may ask for."""

from __future__ import annotations

from station.base.errors import ChipUnfit
from station.domain.tag_image import Uid
from station.encoding.chips import Feature, chip_of


def require(uid: Uid, feature: Feature) -> None:
    """Raise `ChipUnfit` when the chip with this UID does not have `feature`; an unknown chip may try."""
    chip = chip_of(uid)
    if not chip.has(feature):
        raise ChipUnfit(f"{chip.name} has no {feature.value}")


def most_read(uid: Uid, reader: int) -> int:
    """Blocks that one read may ask of this tag, where the reader allows `reader` of them."""
    return min(reader, chip_of(uid).most_read)


def most_written(uid: Uid, reader: int) -> int:
    """Blocks that one write may bring to this tag, where the reader allows `reader` of them."""
    return min(reader, chip_of(uid).most_write)
