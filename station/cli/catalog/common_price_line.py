"""The price that is common to all items of a file, for the import, `catalog show` and `catalog check`."""

from __future__ import annotations

from station.base.words import tell
from station.catalog.record.file_prices import CommonPrice


def common_price_line(common: CommonPrice) -> str:
    """Return the fact as a sentence."""
    return tell(f"catalog.price.{common.kind}", price=common.price)
