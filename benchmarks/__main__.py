"""Run all measurements with one command: `python -m benchmarks [--long] [--json]` (`make bench`)."""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

import msgspec

from benchmarks import (
    callnumbers,
    carton,
    catalog,
    codec,
    cycle,
    danish,
    imports,
    lookup,
    office,
    outbox,
    paint,
    readers,
    receiving,
    rules,
    sampling,
    start,
    verify,
)
from benchmarks.report import Section, render
from station.base.settings import Settings


class Size(msgspec.Struct, frozen=True, kw_only=True):
    """Amount of work of each measurement."""

    tags: int
    indexed: int
    lookups: int
    imported: int
    codec_seconds: float
    keys: int
    catalog: int
    open_lines: int
    call_numbers: int
    call_numbers_of_peer: int
    """pycallnumber needs milliseconds per number."""
    backlog: int
    waiting: int
    outbox_seconds: float
    events: int
    starts: int
    office: office.Size


SHORT = Size(
    tags=15,
    indexed=100_000,
    lookups=5_000,
    imported=10_000,
    codec_seconds=0.3,
    keys=100,
    catalog=20_000,
    open_lines=10_000,
    call_numbers=100_000,
    call_numbers_of_peer=1_000,
    backlog=1_000,
    waiting=100_000,
    outbox_seconds=8.0,
    events=20_000,
    starts=5,
    office=office.Size(events=20_000, requests=20, day=100, items=10),
)
LONG = Size(
    tags=100,
    indexed=100_000,
    lookups=50_000,
    imported=100_000,
    codec_seconds=2.0,
    keys=500,
    catalog=1_000_000,
    open_lines=100_000,
    call_numbers=100_000,
    call_numbers_of_peer=100_000,
    backlog=10_000,
    waiting=100_000,
    outbox_seconds=60.0,
    events=200_000,
    starts=20,
    office=office.Size(events=1_000_000, requests=50, day=5_000, items=30),
)


def run(size: Size) -> list[Section]:
    """Run the measurements in sequence, never in parallel."""
    settings = Settings()
    with tempfile.TemporaryDirectory(prefix="station-bench-") as name:
        folder = Path(name)
        index = folder / "catalog.db"
        sections = [cycle.section(size.tags), cycle.section(size.tags, cycle.THREEM), readers.section(size.tags)]
        imports.import_numbered(folder / "catalog.mrc", index, size.indexed, settings)
        sections.append(lookup.section(index, size.indexed, size.lookups, settings))
        sections.append(imports.section(folder, size.imported, settings))
        sections.append(codec.section(size.codec_seconds))
        sections.append(paint.section(size.keys))
        sections.append(danish.section(size.codec_seconds))
        sections.append(catalog.section(folder, size.catalog, size.lookups, settings))
        sections.append(callnumbers.section(size.call_numbers, size.call_numbers_of_peer))
        sections.append(rules.section(size.tags * 50))
        sections.append(receiving.section(folder, size.lookups))
        sections.append(carton.section(folder, size.open_lines, size.tags * 20))
        sections.append(sampling.section(folder, size.indexed, size.tags * 10))
        sections.append(outbox.section(folder, size.backlog, size.waiting, size.outbox_seconds))
        sections.append(verify.section(folder, size.events))
        sections.append(start.section(folder, size.starts))
        sections += [office.section(folder, size.office), office.beside(folder, size.office.items)]
    return sections


def main() -> None:
    """Print the table, or the figures as JSON."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--long", action="store_true", help="more of everything, for figures to be quoted")
    parser.add_argument("--json", action="store_true", help="one JSON document instead of the table")
    parser.add_argument("--catalog", type=int, metavar="N", help="records in the large catalog, a multiple of 20")
    chosen = parser.parse_args()
    size = LONG if chosen.long else SHORT
    sections = run(msgspec.structs.replace(size, catalog=chosen.catalog) if chosen.catalog else size)
    print(msgspec.json.format(msgspec.json.encode(sections), indent=2).decode() if chosen.json else render(sections))


if __name__ == "__main__":
    main()
