"""What record, journal, lists and orders say about an item that shall go into a box. Pure."""

from __future__ import annotations

from station.domain.distribution.packing import Candidate
from station.domain.item import ItemRecord
from station.domain.ports import ListedCopy
from station.domain.workflows import ReleaseLine


def candidate_of(
    line: ReleaseLine,
    listed: ListedCopy,
    record: ItemRecord | None,
    *,
    has_tag: bool = False,
    tag_barcodes: tuple[str, ...] | None = None,
) -> Candidate:
    """Return the item with what each source says about it. `line`: whether it is done, as its reader may see it; `record`:
    by the library system, else by the catalog; None = neither knows it. `tag_barcodes`, `has_tag`: see `Candidate`."""
    return Candidate(
        barcode=line.barcode,
        title=line.title or (record.title if record is not None else ""),
        library=record.library if record is not None else "",
        order_library=listed.library,
        reasons=line.reasons,
        listed_barcode=listed.listed_barcode,
        listed_title=listed.listed_title,
        tag_barcodes=tag_barcodes,
        has_tag=has_tag,
    )
