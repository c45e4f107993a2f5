"""The number of blocks of a tag, if the reader does not report it.

The table of chips (`station.encoding.chips`) gives the expected number, and reads must confirm it: the tag has the last
block, and no block after it. A tag of any other chip is refused, because a size is never guessed.
"""

from __future__ import annotations

from collections.abc import Callable

from station.base.errors import StationError, TagAbsent, TagRefused
from station.domain.tag_image import Uid
from station.drivers.reader.silence import answered
from station.encoding.chips import chip_of


def has_block(read: Callable[[], StationError | None]) -> bool | None:
    """Return True if the block was read, False if the tag refuses it, None if the tag is silent. `read` returns None,
    or the error of a refusal. Raises an error that is not the tag's."""
    error = read()
    if error is None:
        return True
    if isinstance(error, TagRefused):
        return False
    if isinstance(error, TagAbsent):
        return None
    raise error


def proven_size(uid: Uid, read: Callable[[int], StationError | None], there: Callable[[], bool]) -> int:
    """Return the number of blocks. `read`: reads one block and returns None, or the error of a refusal. `there`:
    returns whether the tag answers. Raises `TagRefused` if the size is not confirmed, `TagAbsent`, and what the line
    raises."""
    chip = chip_of(uid)

    def has(block: int) -> bool:
        return bool(answered(lambda: has_block(lambda: read(block)), there))

    if chip.blocks and has(chip.blocks - 1) and not has(chip.blocks):
        return chip.blocks
    raise TagRefused(0x01, f"the reader does not report tag sizes, and reads of this {chip.name} did not confirm one")
