"""Import of a file into the catalog index, compared with plain pymarc on the same file."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Final

from pymarc import MARCReader

from benchmarks.report import Row, Section, rate
from station.base.settings import Settings
from station.catalog.sample.sample import numbered
from station.store.catalog_index.import_file import import_file

_WORD: Final = b"Imaginary book number"
_UTF8: Final = "Imaginary bük number".encode()
_MARC8: Final = b"Imaginary b\xe8uk number"
"""The same word: in MARC-8 (ANSEL) the diaeresis E8 precedes its letter. All three have the same length."""


def import_numbered(source: Path, index: Path, count: int, settings: Settings) -> tuple[int, float]:
    """Write `count` numbered records to `source` and import them; return the file's size and the seconds of the
    import."""
    data = numbered(count)
    source.write_bytes(data)
    return len(data), _import(source, index, count, settings)


def section(folder: Path, count: int, settings: Settings) -> Section:
    """Import two files of `count` records that differ only in their character set."""
    plain = numbered(count)
    utf8 = plain.replace(_WORD, _UTF8)
    # Leader/09: "a" = UTF-8, blank = MARC-8. Nothing else in these records begins like this.
    marc8 = b"".join(
        record[:9] + b" " + record[10:] + b"\x1d" for record in plain.replace(_WORD, _MARC8).split(b"\x1d") if record
    )
    rows = []
    figures = {}
    for name, data in (("UTF-8", utf8), ("MARC-8", marc8)):
        source = folder / f"{name}.mrc"
        source.write_bytes(data)
        own = _import(source, folder / f"{name}.db", count, settings)
        other = _read(source, count)
        figures[f"import {name} records/s"] = count / own
        figures[f"pymarc {name} records/s"] = count / other
        rows.append(
            Row(
                what=f"import, {name}",
                value=rate(count, own, "rec"),
                beside=rate(count, other, "rec"),
                ratio=own / other,
                how="ratio of times: below 1 = faster than pymarc only reads",
            )
        )
    return Section(
        title="3. Import",
        how=f"{count:,} records of {len(plain) // count} bytes, indexed and synced; beside: pymarc MARCReader, reading alone",
        rows=tuple(rows),
        figures=figures,
    )


def _import(source: Path, index: Path, count: int, settings: Settings) -> float:
    began = time.perf_counter()
    report = import_file(
        source,
        index,
        settings.catalog.profile,
        settings.catalog,
    )
    took = time.perf_counter() - began
    if report.items != count or report.rejected_count:
        raise RuntimeError(f"{report.items} of {count} items imported, {report.rejected_count} rejected")
    return took


def _read(source: Path, count: int) -> float:
    began = time.perf_counter()
    with source.open("rb") as stream:
        found = sum(record is not None and "k number" in record["245"]["a"] for record in MARCReader(stream))
    took = time.perf_counter() - began
    if found != count:
        raise RuntimeError(f"pymarc reads {found} of {count} records")
    return took
