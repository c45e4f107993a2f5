"""Show the items of a record as the results of a search: what tells one item of a title from another."""

from __future__ import annotations

from collections.abc import Iterator

from pymarc import Record

from station.base.settings import CatalogSettings
from station.catalog.record import profiles, record, shelf_keys
from station.catalog.record.call_number import first_candidate
from station.catalog.record.profiles import Profile
from station.domain.item import Barcode
from station.domain.ports import FoundItem


def found_items(parsed: Record, profile: Profile, settings: CatalogSettings) -> Iterator[tuple[FoundItem, str]]:
    """Yield the items with their shelf keys ("" without a number), in the order of the record."""
    title, author = record.title(parsed), record.author(parsed)
    for item in profiles.items(parsed, profile):
        first = first_candidate(parsed, item, settings.scheme)
        number, scheme = (first.number, first.scheme.value) if first is not None else ("", "")
        shown = FoundItem(
            barcode=Barcode(item.barcode),
            title=title,
            author=author,
            call_number=number,
            description=item.description or record.part_of(number),
            copy=item.copy,
            location=item.location,
        )
        yield shown, shelf_keys.key_of(number, scheme)
