"""A site's list of what was in a box, beside what was packed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from station.domain.distribution.box import PackedItem


class SiteList(NamedTuple):
    missing: tuple[str, ...]
    """Barcodes that were packed and are not in the list, in the order of packing."""
    strange: tuple[str, ...]
    """Barcodes in the list that were not packed."""


def compare(packed: Sequence[PackedItem], came: Iterable[str]) -> SiteList:
    """Return what differs. `came`: barcodes of the site's list."""
    inside, listed = [item.barcode for item in packed], dict.fromkeys(came)
    return SiteList(
        missing=tuple(barcode for barcode in inside if barcode not in listed),
        strange=tuple(barcode for barcode in listed if barcode not in set(inside)),
    )
