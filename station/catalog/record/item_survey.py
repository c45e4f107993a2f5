"""Survey of a catalog file before its import: the fields that look like items, the items that each profile finds, and a
proposed profile where none of them fits.

All of it is drawn from the values in the file. Local data of MARC 21 are in fields with a 9 in the tag, or with letters
(docs/reference/systems.md#local-fields); holdings are in 852 and 876 to 878. Memory is bounded for any file.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from typing import Final

import msgspec
from pymarc import Field, Record
from stdnum import luhn

from station.base.errors import BarcodeMalformed
from station.base.sentence import EMPTY, Sentence
from station.base.settings import Barcodes
from station.base.text import clean
from station.catalog.barcodes.barcode import check
from station.catalog.callnumber import parse
from station.catalog.marc import marc
from station.catalog.marc.iso2709 import BadRecord
from station.catalog.marc.marc import RawRecord, Rejected
from station.catalog.record import profiles
from station.catalog.record.item_fields import NUMBERED, looks_like_barcode
from station.catalog.record.profiles import Item, Profile
from station.catalog.record.record import title

SAMPLES: Final = 5
"""Items shown as a profile reads them, each of another record."""
_TAGS: Final = 300
_CODES: Final = 40
"""Fields, and subfields of a field, that are counted; a file has fewer, and a hostile one is not counted beyond."""
_VALUES: Final = 2_000
"""Values of a subfield that are compared with each other and read as call numbers."""
_LONGEST: Final = 60
_HOLDINGS: Final = frozenset({"852", "876", "877", "878"})
_STANDARD: Final = frozenset({"019", "029", "490", "936", "938", "994"})
"""Series, and fields of OCLC and vendors (OCLC Bibliographic Formats and Standards)."""
_LINKS: Final = frozenset("0168")
"""Subfields that link fields, or hold numbers of other records (MARC 21, appendix A)."""
_SHORT: Final = re.compile(r"[^\W\d_][\w.&/-]{0,19}\Z")
"""A code of a library, location or item type."""


class SubfieldSeen(msgspec.Struct):
    """Values of one subfield."""

    values: int = 0
    like_barcodes: int = 0
    ours: int = 0
    """Values that [barcodes] accepts."""
    examples: list[str] = []
    distinct: set[str] = set()
    check_digits: int = 0
    """Of the first values that look like barcodes: those with a right mod-10 check digit."""
    lengths: Counter[int] = msgspec.field(default_factory=Counter)
    call_numbers: int = 0
    codes: int = 0
    looked_at: int = 0

    def add(self, text: str, rules: Barcodes) -> None:
        """Count one value."""
        self.values += 1
        like = looks_like_barcode(text)
        self.like_barcodes += like
        self.ours += not _why_refused(text, rules)
        if self.looked_at == _VALUES:
            return
        self.looked_at += 1
        if text not in self.distinct:
            self.distinct.add(text)
            if len(self.examples) < 3:
                self.examples.append(text)
        if like:
            plain = text.replace(" ", "")
            self.lengths[len(plain)] += 1
            self.check_digits += plain.isdigit() and len(plain) == 14 and luhn.is_valid(plain)
        elif " " in text or "." in text or not _SHORT.match(text):
            self.call_numbers += parse(text).scheme in NUMBERED
        else:
            self.codes += 1

    @property
    def is_barcode(self) -> bool:
        """Return True if most values look like barcodes, and nearly all are different."""
        return self.like_barcodes * 2 > self.values and len(self.distinct) * 10 >= self.looked_at * 8

    @property
    def weight(self) -> tuple[float, float, float, int]:
        """Return an order of subfields that may be the barcode: by the settings, check digits, equal lengths, number."""
        same = max(self.lengths.values(), default=0) / max(1, sum(self.lengths.values()))
        long = 9 <= max(self.lengths, key=lambda length: self.lengths[length], default=0) <= 14
        share = self.check_digits / max(1, self.looked_at)
        return (round(self.ours / max(1, self.values), 1), round(share, 1), round(same, 1) + long, self.like_barcodes)


class FieldSeen(msgspec.Struct):
    """One field in the file."""

    tag: str
    fields: int = 0
    records: int = 0
    most: int = 0
    """Most fields in one record."""
    subfields: dict[str, SubfieldSeen] = {}

    @property
    def barcode(self) -> str:
        """Return the subfield that is most likely the barcode; "" = no subfield looks like a barcode."""
        codes = [code for code, seen in self.subfields.items() if seen.is_barcode and code not in _LINKS]
        return max(codes, key=lambda code: self.subfields[code].weight, default="")

    @property
    def in_most(self) -> bool:
        """Return True if most of these fields have the barcode."""
        return self.subfields[self.barcode].values * 2 > self.fields

    @property
    def is_sure(self) -> bool:
        """Return True if more than the form of the barcodes speaks for items: the settings, check digits, a call number,
        or several such fields in many records."""
        ours, check_digits, *_ = self.subfields[self.barcode].weight
        repeated = self.fields * 10 > self.records * 12
        return self.in_most and (ours > 0.5 or check_digits > 0.5 or bool(_call_number(self)) or repeated)


class ItemSample(msgspec.Struct, frozen=True):
    """One item as a profile reads it."""

    record: int
    """Number of the record in the file."""
    title: str
    item: Item
    refused: Sentence = EMPTY
    """Why [barcodes] refuses the barcode; "" = it does not."""


class ProfileFinds(msgspec.Struct):
    """Items that a profile finds."""

    name: str
    profile: Profile
    items: int = 0
    records: int = 0
    """Records with an item."""
    refused: int = 0
    """Items whose barcode [barcodes] refuses."""
    why: Sentence = EMPTY
    """Reason of the first refusal."""
    numbered: int = 0
    """Items with a call number in the item or its holdings."""
    filled: int = 0
    samples: list[ItemSample] = []

    @property
    def weight(self) -> tuple[int, int, int]:
        """Return an order of profiles: by accepted barcodes, items, and what else they fill."""
        return (self.items - self.refused, self.items, self.filled)


class Survey:
    """Counts of the records given to `take`."""

    def __init__(self, candidates: Iterable[tuple[str, Profile]], rules: Barcodes) -> None:
        self._rules = rules
        self.records = 0
        self.rejected = 0
        self.noted = 0
        """Records that were repaired, or lost a character."""
        self.charsets: Counter[str] = Counter()
        """Records by character set."""
        self.finds = [ProfileFinds(name, profile) for name, profile in candidates]
        self._fields: dict[str, FieldSeen] = {}

    def take(self, raw: RawRecord | Rejected) -> None:
        """Count one record."""
        if isinstance(raw, Rejected):
            self.rejected += 1
            return
        try:
            record = raw.known if isinstance(raw.known, Record) else marc.parse(raw.data)
        except BadRecord:
            self.rejected += 1
            return
        self.records += 1
        self.noted += bool(raw.notes)
        if raw.charset:
            self.charsets[raw.charset] += 1
        tags = {field.tag for field in record.fields}
        self._count(record.fields)
        for finds in self.finds:
            if not tags.isdisjoint(finds.profile.item_tags) or finds.profile.holdings_barcode:
                self._find(finds, raw.number, record, profiles.items_in(record.fields, finds.profile))

    def _find(self, finds: ProfileFinds, number: int, record: Record, items: tuple[Item, ...]) -> None:
        for position, item in enumerate(items):
            why = _why_refused(item.barcode, self._rules)
            finds.items += 1
            finds.refused += bool(why)
            finds.why = finds.why or why
            finds.numbered += bool(item.call_number)
            finds.filled += sum(map(bool, (item.call_number, item.library, item.location, item.item_type, item.scheme)))
            if not position and len(finds.samples) < SAMPLES:
                finds.samples.append(ItemSample(number, title(record), item, why))
        finds.records += bool(items)

    def _count(self, fields: list[Field]) -> None:
        times: Counter[str] = Counter()
        for field in fields:
            if not _is_local(field.tag):
                continue
            seen = self._fields.get(field.tag)
            if seen is None:
                if len(self._fields) == _TAGS:
                    continue
                seen = self._fields[field.tag] = FieldSeen(field.tag)
            seen.fields += 1
            times[field.tag] += 1
            for code, value in field.subfields:
                if code not in seen.subfields and len(seen.subfields) == _CODES:
                    continue
                if text := clean(value, _LONGEST):
                    seen.subfields.setdefault(clean(code, 20), SubfieldSeen()).add(text, self._rules)
        for tag, count in times.items():
            self._fields[tag].records += 1
            self._fields[tag].most = max(self._fields[tag].most, count)

    @property
    def item_fields(self) -> list[FieldSeen]:
        """Return the fields that look like items, the most likely first."""
        fields = [field for field in self._fields.values() if field.barcode]
        return sorted(fields, key=lambda field: (field.in_most, field.subfields[field.barcode].weight), reverse=True)

    def barcodes_of(self, profile: Profile) -> frozenset[str]:
        """Return the first different barcodes in the item fields of a profile."""
        field = self._fields.get(profile.tag)
        found = (field.subfields.get(code) for code in profile.barcode) if field is not None else ()
        return frozenset().union(*(seen.distinct for seen in found if seen is not None))

    @property
    def best(self) -> ProfileFinds | None:
        """Return the profile that finds most items of the library; None if no profile finds any. A profile whose subfield
        holds something else than barcodes finds none."""
        return max((finds for finds in self.finds if _is_sensible(finds)), key=lambda finds: finds.weight, default=None)

    def proposal(self, about: str) -> Profile | None:
        """Return a profile made from the values, if no profile finds at least half of what looks like barcodes; `about`
        names the file."""
        likely = next(iter(self.item_fields), None)
        if likely is None or not likely.is_sure:
            return None
        like = likely.subfields[likely.barcode].like_barcodes
        best = self.best
        if best is not None and best.items * 2 >= like:
            return None
        number = _call_number(likely)
        codes = [
            code
            for code, seen in sorted(likely.subfields.items(), key=lambda pair: -pair[1].codes)
            if code not in (likely.barcode, number)
            and seen.codes * 2 > seen.looked_at
            and _is_code(seen, likely.fields)
        ]
        location = max(codes, key=lambda code: len(likely.subfields[code].distinct), default="")
        held = "" if number else next((tag for tag in ("852", "AVA") if tag in self._fields and tag != likely.tag), "")
        if held:
            return Profile(
                name=f"proposed-{likely.tag}",
                about=about,
                source=PROPOSED,
                kind="holdings",
                tag=likely.tag,
                barcode=likely.barcode,
                holdings_tag=held,
                call_number="d" if held == "AVA" else "",
                library="b",
                location="jc" if held == "AVA" else "c",
                item_link="80",
            )
        return Profile(
            name=f"proposed-{likely.tag}",
            about=about,
            source=PROPOSED,
            tag=likely.tag,
            barcode=likely.barcode,
            call_number=number,
            location=location,
        )


PROPOSED: Final = "station catalog inspect: a proposal from the values in the file"


def as_toml(profile: Profile) -> str:
    """Return a proposed profile as a file, with the keys that differ from their defaults."""
    values = msgspec.to_builtins(profile)
    empty = msgspec.to_builtins(Profile(name="-", about="", source="", tag="000", barcode="0"))
    keys = [key for key, value in values.items() if value != empty[key]]
    lines = ["# A proposal. Compare it with records that you know: docs/catalog.md#a-profile-of-your-own"]
    return "\n".join([*lines, *(f"{key} = {msgspec.json.encode(values[key]).decode()}" for key in keys)]) + "\n"


def _is_local(tag: str) -> bool:
    return not tag.isdigit() or tag in _HOLDINGS or ("9" in tag and tag not in _STANDARD)


def _is_sensible(finds: ProfileFinds) -> bool:
    """Return True if most barcodes of the samples look like barcodes."""
    fitting = sum(looks_like_barcode(sample.item.barcode) or not sample.refused for sample in finds.samples)
    return fitting * 2 > len(finds.samples)


def _call_number(field: FieldSeen) -> str:
    """Return the subfield in which most values are call numbers; "" if there is no such subfield."""
    subfields = {code: seen for code, seen in field.subfields.items() if code != field.barcode and len(code) == 1}
    best = max(subfields, key=lambda code: subfields[code].call_numbers, default="")
    return best if best and subfields[best].call_numbers * 2 > subfields[best].looked_at else ""


def _is_code(seen: SubfieldSeen, fields: int) -> bool:
    """Return True for a subfield of most fields with few different values."""
    return seen.values * 2 > fields and (len(seen.distinct) <= 3 or len(seen.distinct) * 4 <= seen.looked_at)


def _why_refused(text: str, rules: Barcodes) -> Sentence:
    try:
        check(text, rules)
    except BarcodeMalformed as error:
        return error.detail or Sentence.verbatim("-")
    return EMPTY
