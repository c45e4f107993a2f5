"""Look-up of a record by barcode in a large index, compared with plain sqlite3 fetching the same row in the same
run."""

from __future__ import annotations

import random
import sqlite3
import time
from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path
from typing import Final
from unittest.mock import patch

from benchmarks.report import Row, Section, duration, percentile
from station.base.settings import Settings
from station.catalog.sample.sample import numbered_barcode
from station.domain.item import Barcode
from station.store.catalog_index.index import CatalogIndex

_ROW: Final = (
    "SELECT record.key, record.raw FROM barcode JOIN record ON record.id = barcode.record "
    "WHERE barcode.barcode = ? LIMIT 3"
)


def section(index: Path, records: int, samples: int, settings: Settings) -> Section:
    """Measure an `index` that holds the numbered items 1 to `records`."""
    chance = random.Random(28560)
    keys = [numbered_barcode(chance.randint(1, records)) for _ in range(samples)]
    connection = sqlite3.connect(index)
    catalog = CatalogIndex(index, settings.catalog.profile, settings.catalog)
    try:
        execute = connection.execute
        plain = _times(keys, lambda key: execute(_ROW, (key,)).fetchall())
        # `find` alone, without the description of the row. An index of its own: it remembers what was described.
        with (
            patch("station.store.catalog_index.index.describe_with_facts"),
            closing(CatalogIndex(index, settings.catalog.profile, settings.catalog)) as finding,
        ):
            raw = _times(keys, lambda key: finding.find(Barcode(key)))
        whole = _times(keys, lambda key: catalog.find(Barcode(key)))
        if catalog.find(Barcode(keys[0])).barcode != keys[0]:
            raise RuntimeError("the index gives another record")
    finally:
        connection.close()
        catalog.close()
    rows = []
    figures = {}
    for name, found in (("raw row", raw), ("decoded record", whole)):
        for percent in (50, 99):
            mine, other = percentile(found, percent), percentile(plain, percent)
            figures[f"{name} p{percent} us"] = mine * 1e6
            figures[f"plain sqlite3 p{percent} us"] = other * 1e6
            rows.append(
                Row(
                    what=f"{name}, p{percent}",
                    value=duration(mine),
                    beside=duration(other),
                    ratio=mine / other,
                    how="CatalogIndex.find" if found is whole else "CatalogIndex.find without describe (decoding)",
                )
            )
    return Section(
        title="2. Barcode look-up",
        how=f"{records:,} records, {samples:,} random barcodes, warm; beside: the same row by plain sqlite3",
        rows=tuple(rows),
        figures=figures,
    )


def _times(keys: Sequence[str], find: Callable[[str], object]) -> list[float]:
    for key in keys[: len(keys) // 4]:
        find(key)
    found = []
    for key in keys:
        began = time.perf_counter()
        find(key)
        found.append(time.perf_counter() - began)
    return found
