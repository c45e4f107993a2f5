"""The barcodes on the tags that lie on the pad."""

from __future__ import annotations

from collections.abc import Iterable

from station.base.errors import TagError
from station.bench.desk import Desk
from station.bench.item.write_steps import read_image
from station.domain.tag_image import Uid
from station.encoding.content import TagState
from station.encoding.recognition.recognise import recognise

_NAMED = (TagState.OURS, TagState.FOREIGN)


def barcodes_of(desk: Desk, uids: Iterable[Uid]) -> tuple[str, ...] | None:
    """Return the barcode of each tag, "" for one that names no item; None = a tag does not answer now."""
    barcodes = []
    with desk.noticing():
        for uid in sorted(uids):
            try:
                tag = recognise(read_image(desk.reader, uid), desk.profile)
            except TagError:
                return None
            is_named = tag.content is not None and tag.state in _NAMED
            barcodes.append(tag.content.primary_item_identifier if is_named and tag.content is not None else "")
    return tuple(barcodes)
