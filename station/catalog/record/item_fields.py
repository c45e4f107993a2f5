"""Find the likely item fields of records, by the shipped profiles and by values that look like the library's barcodes.

Used for the sentence that refuses a file in which no items were found. It proposes; a person compares with records of
the file.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from itertools import islice
from typing import Final

import msgspec

from station.base.settings import Barcodes
from station.catalog.barcodes.barcode import is_grouped, is_ours
from station.catalog.marc import marc
from station.catalog.marc.iso2709 import BadRecord
from station.catalog.marc.marc import RawRecord, Rejected
from station.catalog.record import profiles
from station.catalog.record.profiles import Profile

LOOKED_AT: Final = 200
"""Number of records examined, from the beginning of the file; takes a second or two for all profiles."""
_NAMED: Final = 3
"""Number of profiles and fields reported, the most frequent first."""

_BARCODE: Final = re.compile(r"(?!oc[mn]|on)[A-Za-z]{0,4}-?[0-9]{5,16}(?:-[0-9]{1,5})?[A-Za-z]?\Z")
"""Longer numbers are record numbers of systems (Alma: 17 to 19 digits); ocm, ocn and on begin those of OCLC."""
_DATE: Final = re.compile(r"(?:(?:19|20)?[0-9]{2})(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])(?:[0-9]{4}|[0-9]{6})?\Z")


def looks_like_barcode(text: str) -> bool:
    """Return True for 6 to 20 characters, mostly digits, that are not a date: "31999000000014", "X001614137",
    "1234567-1001", "3 1236 00307 1241"."""
    plain = text.strip()
    if is_grouped(plain):
        return True
    return 6 <= len(plain) <= 20 and _BARCODE.match(plain) is not None and not _is_date(plain)


def _is_date(text: str) -> bool:
    return len(text) in (6, 8, 12, 14) and _DATE.match(text) is not None and (len(text) < 9 or text[:2] in ("19", "20"))


class Likely(msgspec.Struct, frozen=True):
    """Results, each with its number of records."""

    records: int
    """Number of records examined."""
    profiles: tuple[tuple[str, int], ...] = ()
    """Shipped profiles that find barcodes of the library."""
    fields: tuple[tuple[str, int], ...] = ()
    """Fields with barcodes of the library ("930 $b")."""
    loose: tuple[tuple[str, int], ...] = ()
    """Shipped profiles that find items, whatever their barcodes."""
    own: int = 0
    """Records in which the library's profile finds items."""


def likely(found: Iterable[RawRecord | Rejected], rules: Barcodes, own: Profile | None = None) -> Likely:
    """Examine the first records. Without a length, prefixes or check digit, the library's barcodes look the same as
    other numbers, so fields are not searched."""
    told = bool(rules.length or rules.prefixes or rules.check_digit == "luhn")
    ours: Counter[str] = Counter()
    any_items: Counter[str] = Counter()
    fields: Counter[str] = Counter()
    looked_at = found_own = 0
    for one in islice((one for one in found if isinstance(one, RawRecord)), LOOKED_AT):
        try:
            record = marc.parse(one.data)
        except BadRecord:
            continue
        looked_at += 1
        found_own += own is not None and bool(profiles.items(record, own))
        for name in profiles.PROFILE_NAMES:
            items = profiles.items(record, profiles.load(name))
            any_items[name] += bool(items)
            ours[name] += any(is_ours(item.barcode, rules) for item in items)
        if told:
            fields.update(
                {
                    f"{field.tag} ${part.code}"
                    for field in record.fields
                    if not field.is_control_field()
                    for part in field.subfields
                    if is_ours(part.value, rules)
                }
            )
    return Likely(looked_at, _first(+ours), _first(fields), _first(+any_items), found_own)


def _first(counts: Counter[str]) -> tuple[tuple[str, int], ...]:
    return tuple(sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))[:_NAMED])
