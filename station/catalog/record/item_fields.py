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
from station.catalog.callnumber import Scheme, enumeration, parse
from station.catalog.marc import marc
from station.catalog.marc.iso2709 import BadRecord
from station.catalog.marc.marc import RawRecord, Rejected
from station.catalog.record import profiles
from station.catalog.record.profiles import Profile

LOOKED_AT: Final = 200
"""Number of records examined, from the beginning of the file; takes a second or two for all profiles."""
NUMBERED: Final = frozenset({Scheme.LC, Scheme.DEWEY, Scheme.NLM, Scheme.SUDOC, Scheme.ANSCR})
"""Schemes whose numbers have a form that is recognized."""
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
    """Results for the first records of a file. Profiles and fields have their number of records."""

    records: int
    """Number of records examined."""
    profiles: tuple[tuple[str, int], ...] = ()
    """Shipped profiles that find barcodes of the library."""
    fields: tuple[tuple[str, int], ...] = ()
    """Fields with barcodes of the library ("930 $b")."""
    loose: tuple[tuple[str, int], ...] = ()
    """Shipped profiles that find items whose barcodes look like some, or are the library's."""
    own: int = 0
    """Records in which the library's profile finds items."""
    call_numbers: tuple[tuple[str, int], ...] = ()
    """Shipped profiles, with the number of different call numbers (a code that is read as a call number is the same at most
    items) that they find at items whose barcode looks like one, in the records in which the library's profile finds
    items."""
    own_call_numbers: int = 0
    """Different call numbers that the library's profile finds."""


def likely(records: Iterable[RawRecord | Rejected], rules: Barcodes, own: Profile | None = None) -> Likely:
    """Examine the first records. `own`: the library's profile, to compare it with the others; fields are searched only
    without it. Without a length, prefixes or check digit, the library's barcodes look the same as other numbers, so fields
    are not searched either."""
    searchable = bool(rules.length or rules.prefixes or rules.check_digit == "luhn")
    ours: Counter[str] = Counter()
    any_items: Counter[str] = Counter()
    call_numbers: dict[str, set[str]] = {name: set() for name in profiles.PROFILE_NAMES}
    own_call_numbers: set[str] = set()
    fields: Counter[str] = Counter()
    looked_at = own_records = 0
    for raw in islice((raw for raw in records if isinstance(raw, RawRecord)), LOOKED_AT):
        try:
            record = marc.parse(raw.data)
        except BadRecord:
            continue
        looked_at += 1
        own_items = profiles.items(record, own) if own is not None else ()
        own_records += bool(own_items)
        own_call_numbers |= {item.call_number for item in own_items if is_call_number(item.call_number)}
        for name in profiles.PROFILE_NAMES:
            items = profiles.items(record, profiles.load(name))
            of_library = {item.barcode for item in items if is_ours(item.barcode, rules)}
            like_barcodes = {item.barcode for item in items if looks_like_barcode(item.barcode)}
            any_items[name] += bool(of_library or like_barcodes)
            ours[name] += bool(of_library)
            sure = like_barcodes | of_library if searchable else like_barcodes
            if own_items:
                call_numbers[name] |= {
                    item.call_number for item in items if item.barcode in sure and is_call_number(item.call_number)
                }
        if searchable and own is None:
            fields.update(
                {
                    f"{field.tag} ${part.code}"
                    for field in record.fields
                    if not field.is_control_field()
                    for part in field.subfields
                    if is_ours(part.value, rules)
                }
            )
    return Likely(
        records=looked_at,
        profiles=_first(+ours),
        fields=_first(fields),
        loose=_first(+any_items),
        own=own_records,
        call_numbers=_first(+Counter({name: len(numbers) for name, numbers in call_numbers.items()})),
        own_call_numbers=len(own_call_numbers),
    )


def is_call_number(text: str) -> bool:
    """Return True for a number of a classification, and for words of a local scheme ("FIC SMITH"): not for a volume
    ("v.3"), a count or an amount, which another profile's subfields hold."""
    if parse(text).scheme in NUMBERED:
        return True
    return any(char.isalpha() for char in enumeration.split(text, keep=0)[0])


def _first(counts: Counter[str]) -> tuple[tuple[str, int], ...]:
    return tuple(sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))[:_NAMED])
