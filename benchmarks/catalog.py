"""A large catalog: its import compared with plain pymarc on the same file, and its look-ups compared with plain
sqlite3.

The import is compared with reading alone by pymarc: raw (`to_unicode=False`: records split into fields, text left as
bytes) and decoded (every subfield as text). The look-up is compared with a bare table of two columns, barcode and
record, that holds the same records: the lower bound for any solution on SQLite.
"""

from __future__ import annotations

import random
import sqlite3
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Final
from unittest.mock import patch

from pymarc import MARCReader

from benchmarks import catalog_records
from benchmarks.report import Row, Section, duration, percentile, rate
from station.base.settings import Settings
from station.domain.item import Barcode
from station.store.catalog_index.import_file import import_file
from station.store.catalog_index.index import CatalogIndex

_READ: Final = 50_000
"""Records that pymarc reads: its rate does not depend on how many follow."""
_BATCH: Final = 10_000


def section(folder: Path, count: int, samples: int, settings: Settings) -> Section:
    """Measure `count` records (a multiple of 20) and `samples` look-ups."""
    source, index = folder / "large.mrc", folder / "large.db"
    size = catalog_records.write(source, count)
    took = _import(source, index, count, settings)
    read = min(count, _READ)
    rows, figures = [], {"import records/s": count / took}
    for name, to_unicode in (("raw", False), ("decoded", True)):
        other = _read(source, read, to_unicode=to_unicode) * count / read
        figures[f"pymarc {name} records/s"] = count / other
        rows.append(
            Row(
                what=f"import, beside pymarc {name}",
                value=rate(count, took, "rec"),
                beside=rate(count, other, "rec"),
                ratio=took / other,
                how="ratio of times: below 1 = faster than pymarc only reads",
            )
        )
    with closing(_bare(folder / "bare.db", count)) as bare:
        found, more = _lookups(index, bare, count, samples, settings)
    return Section(
        title="7. Large catalog",
        how=f"{count:,} records, {size // count:,} bytes each, synced; {samples:,} random barcodes of all, warm",
        rows=(*rows, *found),
        figures={**figures, **more},
    )


def _import(source: Path, index: Path, count: int, settings: Settings) -> float:
    began = time.perf_counter()
    report = import_file(source, index, settings.catalog.profile, settings.catalog)
    took = time.perf_counter() - began
    if (report.records, report.items, report.rejected_count) != (count, catalog_records.items_in(count), 0):
        raise RuntimeError(f"{report.items} items in {report.records} records, {report.rejected_count} rejected")
    return took


def _read(source: Path, count: int, *, to_unicode: bool) -> float:
    began = time.perf_counter()
    found = 0
    with source.open("rb") as stream:
        for record in MARCReader(stream, to_unicode=to_unicode, force_utf8=False, utf8_handling="replace"):
            if record is None:
                raise RuntimeError("pymarc rejects a record")
            # decoded: each field and subfield is text by now; raw: fields are split but remain bytes
            found += any(field.tag == "245" for field in record.fields)
            if found == count:
                break
    took = time.perf_counter() - began
    if found != count:
        raise RuntimeError(f"pymarc reads {found} of {count} records")
    return took


def _bare(path: Path, count: int) -> sqlite3.Connection:
    """Make a table of two columns with the same records by the same barcodes."""
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA page_size=8192")
    connection.execute("PRAGMA synchronous=OFF")
    connection.execute("CREATE TABLE bare (barcode TEXT PRIMARY KEY, raw BLOB NOT NULL)")
    connection.execute("BEGIN")
    for start in range(1, count + 1, _BATCH):
        connection.executemany("INSERT INTO bare VALUES (?, ?)", _pairs(range(start, min(start + _BATCH, count + 1))))
    connection.execute("COMMIT")
    return connection


def _pairs(numbers: Iterable[int]) -> Iterator[tuple[str, bytes]]:
    for number in numbers:
        if catalog_records.items(number):
            yield catalog_records.barcode(number), catalog_records.record(number)


def _lookups(
    index: Path, bare: sqlite3.Connection, count: int, samples: int, settings: Settings
) -> tuple[list[Row], dict[str, float]]:
    chance = random.Random(28560)
    keys: list[str] = []
    while len(keys) < samples:
        number = chance.randint(1, count)
        if catalog_records.items(number):
            keys.append(catalog_records.barcode(number))
    catalog = CatalogIndex(index, settings.catalog.profile, settings.catalog)
    execute = bare.execute
    with closing(catalog):
        plain = _times(keys, lambda key: execute("SELECT raw FROM bare WHERE barcode = ?", (key,)).fetchone()[0])
        with patch(
            "station.store.catalog_index.index.describe_with_facts"
        ):  # measures `find` alone, without the description of the row
            raw = _times(keys, lambda key: catalog.find(Barcode(key)))
        whole = _times(keys, lambda key: catalog.find(Barcode(key)))
    rows, figures = [], {}
    for name, found in (("raw row", raw), ("decoded record", whole)):
        for percent in (50, 99):
            mine, other = percentile(found, percent), percentile(plain, percent)
            figures[f"large, {name} p{percent} us"] = mine * 1e6
            figures[f"large, plain sqlite3 p{percent} us"] = other * 1e6
            rows.append(
                Row(
                    what=f"look-up, {name}, p{percent}",
                    value=duration(mine),
                    beside=duration(other),
                    ratio=mine / other,
                    how="beside: sqlite3, a bare table of barcode and record",
                )
            )
    return rows, figures


def _times(keys: list[str], find: Callable[[str], object]) -> list[float]:
    for key in keys:
        find(key)
    found = []
    for key in keys:
        began = time.perf_counter()
        find(key)
        found.append(time.perf_counter() - began)
    return found
