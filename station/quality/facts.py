"""Everything that the machine checks may look at, for one item: gathered by the bench, never fetched by a rule."""

from __future__ import annotations

import msgspec

from station.encoding.content import TagContent
from station.model import ItemRecord


class Facts(msgspec.Struct, frozen=True, kw_only=True):
    """One item's facts. `None` = not known: a rule that needs it abstains."""

    item: ItemRecord
    part: int
    tag: TagContent | None = None
    """Content read back from the tag after the field was off and on."""
    afi: int | None = None
    tags_in_field: int | None = None
    isil: str = ""
    afi_in_stock: int = 0x07
    oversize_cm: float = 30.0
    oversize_locations: tuple[str, ...] = ()
