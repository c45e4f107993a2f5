"""What an import takes from one record of a file. Pure, so that several processes can do it (`cores`)."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from functools import partial
from typing import Final

import msgspec

from station.base.settings import Barcodes
from station.base.text import clean
from station.catalog.barcodes.barcode import ungrouped
from station.catalog.marc import marc
from station.catalog.marc.evidence import Evidence
from station.catalog.marc.iso2709 import BadRecord, Frame
from station.catalog.marc.marc import RawRecord, Rejected
from station.catalog.record import profiles, record_price, search_words, shelf_keys
from station.catalog.record.profiles import Item, Profile
from station.catalog.record.salvage import barcodes_in
from station.catalog.record.separate_holdings import TITLE, control_field, is_holdings
from station.store.catalog_index.digest import digest_of_record, digest_of_row

HELD: Final = "holdings:"
"""Begins the key of a holdings record with 004: its 001 may also be that of a title."""


_OTHERS: Final = TITLE | shelf_keys.TAGS | search_words.TAGS | record_price.TAGS


class Rules(msgspec.Struct, frozen=True, array_like=True):
    """Rules by which records are read: the same for a whole import."""

    profile: Profile
    scheme: str
    """The library's own call number scheme, for call numbers whose field names none."""
    barcodes: Barcodes | None
    """Format by which blanks in a barcode are removed; None = blanks stay."""
    fields: frozenset[str]
    """Tags of the fields that are read of each record."""
    tags: frozenset[str]
    """Tags of these, and of fields that are read if they are needed, or only for their text."""

    @classmethod
    def of(cls, profile: Profile, scheme: str, barcodes: Barcodes | None) -> Rules:
        """Return the rules for these settings."""
        fields = profile.tags | profile.status_tags | {"001", "004"}
        return cls(profile, scheme, barcodes, fields, fields | _OTHERS)


class Rows(msgspec.Struct, frozen=True, array_like=True):
    """Rows of the index for one record with items."""

    digest: bytes
    barcodes: tuple[tuple[str, bytes], ...]
    """Of each item, with the digest that its row has if no other item has this barcode."""
    statuses: tuple[str, ...]
    """Status of each item, as far as it has one."""
    shelf: tuple[tuple[str, bytes], ...]
    """Each shelf key, with the digest that its row has if no other record has this key."""
    words: tuple[str, str, str]


class Taken(msgspec.Struct, array_like=True):
    """One record, usable or not."""

    number: int
    data: bytes = b""
    """The record as the index keeps it; of a rejected record nothing."""
    end: int = -1
    """Bytes of the file up to its end; -1 where reading cannot continue there."""
    notes: tuple[str, ...] = ()
    charset: str = ""
    key: str = ""
    deleted: bool = False
    holdings: bool = False
    link: str = ""
    """004 of a holdings record."""
    rows: Rows | None = None
    """None = it has no items, or is a holdings record that waits for its title, or is rejected."""
    items: int = 0
    price: str = ""
    """Price of the record, where an item has none, or there is no item."""
    prices: tuple[str, ...] = ()
    """Price of each item; "" = none. Empty if no prices were wanted."""
    rejected: str = ""
    """Why it is not usable; "" = it is."""
    offset: int = -1
    """Of a rejected record: bytes before it in the file."""
    unread: tuple[str, ...] = ()
    """Barcodes in a rejected record."""


def taken(record: RawRecord | Rejected, rules: Rules, *, prices: bool) -> Taken:
    """Return what the import takes from this record. `prices`: False = the prices are not needed."""
    if isinstance(record, Rejected):
        return _rejected(record, rules)
    try:
        record = marc.only(record, rules.tags)
        fields = marc.fields_of(record.data, rules.fields, record.known, record.charset)
        leader = marc.leader_of(record.data, record.known)
        link = control_field(fields, "004")
        holdings = is_holdings(record, leader, link)
    except BadRecord as error:
        return _rejected(Rejected(record.number, clean(str(error)), data=record.data), rules)
    deleted = leader[5:6] == "d"
    key = control_field(fields, "001")
    if not key:
        key = f"sha256:{hashlib.sha256(marc.without_charset(record.data)).hexdigest()[:32]}"
    if holdings and link:
        key = f"{HELD}{key}"
    items = profiles.numbers_in(fields, rules.profile)
    of_items = tuple([item.price for item in items]) if prices and not deleted else ()
    return Taken(
        number=record.number,
        data=record.data,
        end=record.end,
        notes=record.notes,
        charset=record.charset,
        key=key,
        deleted=deleted,
        holdings=holdings,
        link=link,
        rows=rows_of(key, record, items, rules) if items and not (deleted or holdings) else None,
        items=len(items),
        price=_price(record) if prices and not deleted and not (items and all(of_items)) else "",
        prices=of_items,
    )


def _price(record: RawRecord) -> str:
    return record_price.price_in(marc.fields_of(record.data, record_price.TAGS, record.known, record.charset))


def rows_of(key: str, record: RawRecord, items: Sequence[Item], rules: Rules) -> Rows:
    """Return the rows of a record under this key."""
    others = partial(marc.fields_of, record.data, shelf_keys.TAGS, record.known, record.charset)
    texts = marc.texts_of(record.data, search_words.TAGS, record.known, record.charset)
    digest = digest_of_record(key, 1, record.data)
    barcodes = [_ungrouped(item.barcode, rules) for item in items]
    shelf = shelf_keys.keys_in(items, others, rules.scheme)
    return Rows(
        digest=digest,
        barcodes=tuple([(barcode, digest_of_row(barcode, at, 1, digest)) for at, barcode in enumerate(barcodes)]),
        statuses=tuple([item.status for item in items if item.status]),
        shelf=tuple([(key, digest_of_row(key, 0, 1, digest)) for key in shelf]),
        words=search_words.words_in(texts),
    )


def taken_of(frames: Sequence[Frame], start: int, evidence: Evidence, rules: Rules, *, prices: bool) -> Iterator[Taken]:
    """Yield what the import takes from the records in these frames, with numbers from 1. `start`, as `read_frames`."""
    for record in marc.read_like_file(marc.read_frames(frames, start=start), evidence):
        yield taken(record, rules, prices=prices)


def _rejected(record: Rejected, rules: Rules) -> Taken:
    return Taken(
        number=record.number,
        rejected=record.reason,
        offset=record.offset,
        unread=tuple(_ungrouped(barcode, rules) for barcode in barcodes_in(record.data, rules.profile)),
    )


def _ungrouped(barcode: str, rules: Rules) -> str:
    return barcode if rules.barcodes is None else ungrouped(barcode, rules.barcodes)
