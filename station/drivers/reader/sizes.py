"""How many blocks a tag has, where the reader does not tell it.

The table of chips (`station.encoding.chips`) says what to expect, and the tag has to prove it: it has the last block,
and none behind
it. A tag of any other chip is refused, because a size is never guessed.
"""

from __future__ import annotations

from collections.abc import Callable

from station.base.errors import StationError, TagAbsent, TagRefused
from station.domain.tag_image import Uid
from station.drivers.reader.silence import answered
from station.encoding.chips import chip_of


def has_block(read: Callable[[], StationError | None]) -> bool | None:
    """True: it was read. False: the tag refuses it. None: the tag is silent. `read`: None, or the error of a refusal; any
    error that is not the tag's is raised."""
    error = read()
    if error is None:
        return True
    if isinstance(error, TagRefused):
        return False
    if isinstance(error, TagAbsent):
        return None
    raise error


def proven_size(uid: Uid, read: Callable[[int], StationError | None], there: Callable[[], bool]) -> int:
    """Number of blocks. `read`: one block; None, or the error of a refusal. `there`: does the tag answer? Raises `TagRefused`
    where the size is not proven, `TagAbsent`, and what the line raises."""
    chip = chip_of(uid)

    def has(block: int) -> bool:
        return bool(answered(lambda: has_block(lambda: read(block)), there))

    if chip.blocks and has(chip.blocks - 1) and not has(chip.blocks):
        return chip.blocks
    raise TagRefused(0x01, f"the reader does not tell the size of a tag, and this one ({chip.name}) has not proven it")
