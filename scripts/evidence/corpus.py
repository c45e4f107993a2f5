"""Genuine items of a folder of MARC files, each as the bench would have it before the item is on the pad."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Final, NamedTuple

import msgspec

from station.base.errors import CatalogError
from station.base.settings import Barcodes, CatalogSettings
from station.catalog.findings.record_facts import charset_note, describe_with_facts, record_facts
from station.catalog.marc import marc
from station.catalog.marc.iso2709 import BadRecord
from station.catalog.marc.marc import NotMarc, RawRecord, Rejected
from station.catalog.record import profiles
from station.catalog.record.file_prices import ENOUGH, FilePrices
from station.catalog.record.item_fields import looks_like_barcode
from station.catalog.record.profiles import Item, Profile
from station.catalog.record.record import describe_record
from station.catalog.record.record_price import price_of
from station.domain.findings import Finding
from station.domain.item import Barcode, ItemRecord
from station.quality.checks.facts import Facts, Site
from station.quality.rulebook.shipped import shipped
from station.quality.verdict.checklist import machine_findings

SHARED: Final = Path(__file__).resolve().parents[3] / "shared" / "data"
GENUINE: Final = SHARED.parents[1] / "genuine"
"""More genuine files, which are not in ../shared; docs/reference/systems.md#genuine-records names their origins."""
DAY: Final = "2026-11-28"
"""Day on which the rules are in force, and before which a year of publication lies."""
SITE: Final = Site(barcodes=Barcodes(length=0, prefixes=(), check_digit="none", characters="alphanumeric"))
"""Every barcode of these libraries is one of ours; all else is not specified."""
RULES: Final = shipped()
_YEAR: Final = int(DAY[:4])
_SETTINGS: Final = CatalogSettings()
_SUFFIXES: Final = frozenset({".mrc", ".marc", ".dat", ".xml", ".mrx"})


class Record(NamedTuple):
    """One record of a file; `position` counts from 0."""

    file: str
    position: int
    raw: bytes


class Piece(NamedTuple):
    """One item, or one record of a file without items; then `barcode` is ""."""

    record: Record
    barcode: str
    item: ItemRecord


class Source(NamedTuple):
    """One file: its records, the profile of its items (None = no items), and the records that were rejected."""

    name: str
    records: tuple[Record, ...]
    profile: Profile | None
    rejected: int
    price_of_file: bool = False
    """True if the import says once what is true of the price of all its items."""


def files(folders: Sequence[Path]) -> list[tuple[str, Path]]:
    """Return (name, path) of all MARC files below these folders, in order of name; of files with one name the first."""
    found: dict[str, Path] = {}
    for folder in folders:
        for path in sorted(path for path in folder.rglob("*") if path.is_file() and path.suffix in _SUFFIXES):
            found.setdefault(path.name, path)
    return list(found.items())


def located(name: str) -> Path | None:
    """Return the path of a judged file; None = it is not on this machine."""
    found = next(SHARED.rglob(name), GENUINE / name)
    return found if found.exists() else None


@cache
def source(name: str, path: Path) -> Source | None:
    """Return the file's records and profile; None if it is not MARC."""
    try:
        data = path.read_bytes()
        read = list(marc.read_like_file(marc.read(data), marc.file_evidence(data)))
    except NotMarc:
        return None
    records = tuple(Record(name, one.number - 1, one.data) for one in read if isinstance(one, RawRecord))
    profile = _profile(records)
    rejected = sum(isinstance(one, Rejected) for one in read)
    return Source(name, records, profile, rejected, profile is not None and _has_common_price(records, profile))


def _has_common_price(records: Sequence[Record], profile: Profile) -> bool:
    """Return True if the same is true of the price of all items, and there are enough of them."""
    prices = FilePrices()
    for record in records:
        with suppress(BadRecord):
            parsed = marc.parse(record.raw)
            prices.take(price_of(parsed), [item.price for item in profiles.items(parsed, profile)])
    return prices.common is not None and prices.items >= ENOUGH


def _profile(records: Sequence[Record]) -> Profile | None:
    """Return the shipped profile that finds most items with a call number, then most items. What does not look like a
    barcode is none (991 $i of the Library of Congress is a part of the call number)."""
    counts: Counter[str] = Counter()
    for record in records:
        try:
            parsed = marc.parse(record.raw)
        except BadRecord:
            continue
        for name in profiles.PROFILE_NAMES:
            for item in profiles.items(parsed, profiles.load(name)):
                if looks_like_barcode(item.barcode):
                    counts[name] += 1001 if item.call_number else 1
    best = max(profiles.PROFILE_NAMES, key=lambda name: counts[name])
    return profiles.load(best) if counts[best] else None


def pieces(found: Source) -> Iterator[Piece]:
    """Yield the items of a file in order; of a file without items, its records."""
    for record in found.records:
        yield from pieces_of(record, found.profile, price_of_file=found.price_of_file)


def pieces_of(record: Record, profile: Profile | None, *, price_of_file: bool = False) -> list[Piece]:
    """Return the items of a record; without a profile the record by itself. A record that cannot be read has none."""
    try:
        if profile is None:
            return [piece_of(record)]
        barcodes = dict.fromkeys(item.barcode for item in profiles.items(marc.parse(record.raw), profile))
        return [piece_of(record, profile, code, price_of_file=price_of_file) for code in barcodes]
    except (BadRecord, CatalogError):
        return []


def piece_of(
    record: Record, profile: Profile | None = None, barcode: str = "", *, price_of_file: bool = False
) -> Piece:
    """Return the item with this barcode; without a profile the record by itself.

    Raises BadRecord, and CatalogError if the record has no such item.
    """
    if profile is not None:
        item = describe_with_facts(
            record.raw, Barcode(barcode), profile, _SETTINGS, year=_YEAR, price_of_file=price_of_file
        )
        return Piece(record, barcode, item)
    item = describe_record(record.raw, _SETTINGS)
    facts = record_facts(marc.parse(record.raw), item, charset_note=charset_note(record.raw), year=_YEAR)
    return Piece(record, "", msgspec.structs.replace(item, marc=facts))


def items_of(record: Record, profile: Profile) -> tuple[Item, ...]:
    """Return the item fields of a record; of one that cannot be read none."""
    try:
        return profiles.items(marc.parse(record.raw), profile)
    except BadRecord:
        return ()


def judged(piece: Piece) -> tuple[Finding, ...]:
    """Return what all machine rules say of the item before it is on the pad."""
    site = SITE if piece.barcode else Site()
    return machine_findings(RULES, Facts(item=piece.item, site=site), DAY)
