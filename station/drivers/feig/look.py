"""A look at one tag: a block read, which every ISO 15693 tag with memory answers at any time."""

from __future__ import annotations

from station.base.errors import StationError
from station.domain.tag_image import Uid
from station.drivers.feig import commands
from station.drivers.feig.line import FeigChannel
from station.drivers.feig.replies import Refused
from station.drivers.feig.statuses import STATUSES, Blame, error_for


def there(channel: FeigChannel, uid: Uid) -> bool:
    """Return whether the tag answers a read of block 0; a refusal by the tag counts. Raises what the line raises."""
    look = channel.exchange(commands.read_blocks(uid, 0, 1, security=False))
    return not (isinstance(look, Refused) and STATUSES[look.status].blame is Blame.TAG_SILENT)


def refused(channel: FeigChannel, uid: Uid, block: int) -> StationError | None:
    """Return the error with which a block is refused; None if it was read. Raises what the line raises."""
    look = channel.exchange(commands.read_blocks(uid, block, 1, security=False))
    return error_for(look, commands.READ_BLOCKS.name) if isinstance(look, Refused) else None
