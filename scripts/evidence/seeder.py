"""Seed one known defect into each of many clean genuine items, and count which of them the rules find.

An item is clean if no machine rule fails on it with everything known: tag, label, count, price. What the source itself
lacks (a price, a size; an item, where the file has none) is completed first; nothing else is changed. The same seed gives
the same items and defects.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from random import Random
from typing import Final, NamedTuple

import msgspec
from pymarc import Field, Indicators, Record, Subfield, record_to_xml

from scripts.evidence import corpus
from scripts.evidence.corpus import DAY, Piece
from scripts.evidence.defects import DEFECTS, Defect
from station.base.settings import Barcodes
from station.catalog.marc import marc
from station.catalog.marc.iso2709 import BadRecord
from station.catalog.record import profiles
from station.catalog.record.profiles import Profile
from station.domain.findings import Outcome, Severity
from station.domain.packing_lists.packing_list import Receipt
from station.encoding.content import TagContent
from station.quality.checks.facts import Facts, Ledger, Site
from station.quality.checks.piece_count import record_pieces
from station.quality.rulebook.shipped import with_site
from station.quality.rules import Catalogue
from station.quality.verdict.checklist import machine_findings

ISIL: Final = "US-InU-Mu"
SITE_RULES: Final = """
[[change]]
id = "prefix-wanted"
table = { REF = "REF" }

[[change]]
id = "class-location"
table = { DC = "{places}", QA = "{places}" }

[[change]]
id = "strip-allowed"
table = { music-cd = "Tattle-Tape", "" = "Tattle-Tape", audiobook = "Tattle-Tape" }

[[change]]
id = "call-number-dated"
table = { DATED = "date" }

[[change]]
id = "tag-usage"
table = { REF = "20" }
"""
LOCATIONS: Final = """
[[change]]
id = "location-known"
table = { {codes} }
"""
STACKS: Final = "STACKS"
_HAS_SIZE: Final = frozenset("acet")
_HOLDINGS: Final = frozenset("uvxy")
"""Leader/06 of holdings records, which describe nothing."""


class Clean(NamedTuple):
    """One clean item, with its record as MARCXML and all facts."""

    piece: Piece
    profile: Profile
    raw: bytes
    facts: Facts


class Seed(NamedTuple):
    """One defect in one item, and the rules that failed on it."""

    defect: Defect
    piece: Piece
    failed: frozenset[str]

    @property
    def found(self) -> bool:
        """Return True if a rule for this defect failed."""
        return not self.failed.isdisjoint(self.defect.rules)


class Seeded(NamedTuple):
    """The result for a number of defects."""

    clean: int
    """Clean items that were tried."""
    seeds: tuple[Seed, ...]
    idle: tuple[str, ...]
    """Defects for which no clean item was suitable."""

    @property
    def missed(self) -> tuple[Seed, ...]:
        """Return the defects that no rule found."""
        return tuple(seed for seed in self.seeds if not seed.found)


class Seeder:
    """The clean items of some folders, in an order given by the seed."""

    def __init__(self, folders: Sequence[Path], seed: int, *, most: int = sys.maxsize) -> None:
        """`most`: number of clean items to try."""
        self._seed = seed
        found = (corpus.source(name, path) for name, path in corpus.files(folders))
        sources = [source for source in found if source is not None]
        self._records = [
            (record, source.profile) if source.profile else (_with_item(record), profiles.load("symphony-949"))
            for source in sources
            for record in source.records
        ]
        Random(seed).shuffle(self._records)
        self._clean: list[Clean] = []
        self._rest = islice(self._cleaned(), most)
        self._idle: set[str] = set()
        self.rules = _rules(self._records)

    def seeded(self, number: int) -> Seeded:
        """Seed this many defects, the kinds in turn, each into an item of its own as long as there are enough."""
        seeds: list[Seed] = []
        used: set[int] = set()
        turn = 0
        while len(seeds) < number and len(self._idle) < len(DEFECTS):
            seed = self._one(DEFECTS[turn % len(DEFECTS)], used, Random(f"{self._seed} {turn}"))
            seeds += [seed] if seed else []
            turn += 1
        return Seeded(len(self._clean), tuple(seeds), tuple(sorted(self._idle)))

    def clean_items(self) -> list[Clean]:
        """Return all clean items."""
        return [clean for _, clean in self._each()]

    def _one(self, defect: Defect, used: set[int], random: Random) -> Seed | None:
        if defect.name in self._idle:
            return None
        again: list[int] = []
        for at, clean in self._each():
            if at in used:
                again.append(at)
                continue
            wrong = self._wrong(defect, clean, random)
            if wrong is not None:
                used.add(at)
                return self._seed_of(defect, clean, wrong)
        for at in again:
            clean = self._clean[at]
            wrong = self._wrong(defect, clean, random)
            if wrong is not None:
                return self._seed_of(defect, clean, wrong)
        self._idle.add(defect.name)
        return None

    def _seed_of(self, defect: Defect, clean: Clean, wrong: Facts) -> Seed:
        return Seed(defect, clean.piece, failed(self.rules, wrong))

    def _wrong(self, defect: Defect, clean: Clean, random: Random) -> Facts | None:
        """Return the facts with the defect; None = this item cannot have it."""
        if defect.on_facts is not None:
            return defect.on_facts(clean.facts, random)
        assert defect.on_record is not None, defect.name
        record = marc.parse(clean.raw)
        if not defect.on_record(record, random):
            return None
        piece = piece_of_record(clean.piece, record, clean.profile)
        return None if piece is None else msgspec.structs.replace(clean.facts, item=piece.item)

    def _each(self) -> Iterator[tuple[int, Clean]]:
        """Yield all clean items, those known first."""
        at = 0
        while True:
            if at == len(self._clean):
                found = next(self._rest, None)
                if found is None:
                    return
                self._clean.append(found)
            yield at, self._clean[at]
            at += 1

    def _cleaned(self) -> Iterator[Clean]:
        for record, profile in self._records:
            for piece in corpus.pieces_of(record, profile)[:1]:
                clean = _completed(piece, profile)
                if clean is not None and not failed(self.rules, clean.facts):
                    yield clean


def failed(rules: Catalogue, facts: Facts) -> frozenset[str]:
    """Return the machine rules that fail."""
    return frozenset(one.rule for one in machine_findings(rules, facts, DAY) if one.outcome is Outcome.FAIL)


def _rules(records: Sequence[tuple[corpus.Record, Profile]]) -> Catalogue:
    """Return the shipped rules with the tables of a site that knows the locations of its items."""
    found = {item.location for record, profile in records for item in corpus.items_of(record, profile)}
    places = sorted({*found, "REF", "DATED", STACKS} - {""})
    text = SITE_RULES.replace("{places}", " ".join(places))
    if "location-known" in {rule.id for rule in corpus.RULES.rules}:
        text += LOCATIONS.replace("{codes}", ", ".join(f'"{code}" = "yes"' for code in (*places, "MUSICONLY")))
    return with_site(text, "site.toml")


def piece_of_record(piece: Piece, record: Record, profile: Profile) -> Piece | None:
    """Return the item with this barcode in a changed record; None = the record has no such item."""
    pieces = corpus.pieces_of(piece.record._replace(raw=_xml(record)), profile)
    return next((one for one in pieces if one.barcode == piece.barcode), None)


def _with_item(record: corpus.Record) -> corpus.Record:
    """Return the record with an item in 949, with the number of 090 or 050."""
    try:
        parsed = marc.parse(record.raw)
    except BadRecord:
        return record
    number = next((" ".join(field.get_subfields("a", "b")) for field in parsed.get_fields("090", "050")), "")
    scheme = "LC" if re.match(r"[A-Z]{1,3}\d", number) else "ALPHANUM"
    given = {"a": number, "w": scheme, "i": f"30001{record.position:09d}", "l": STACKS, "m": "MAIN"}
    parsed.remove_fields("949")
    parsed.add_ordered_field(Field("949", Indicators(" ", " "), [Subfield(*one) for one in given.items()]))
    return record._replace(raw=_xml(parsed))


def _xml(record: Record) -> bytes:
    return bytes(record_to_xml(record, namespace=True))  # type: ignore[no-untyped-call]


def _completed(piece: Piece, profile: Profile) -> Clean | None:
    """Return the item with what its source lacks, and with all facts of the bench; None = it cannot be read again."""
    try:
        record = marc.parse(piece.record.raw)
    except BadRecord:
        return None
    if str(record.leader)[6] in _HOLDINGS:
        return None
    if not piece.item.price:
        record.add_ordered_field(Field("365", Indicators(" ", " "), [Subfield("b", "24.95"), Subfield("c", "USD")]))
    if str(record.leader)[6] in _HAS_SIZE:
        for field in record.get_fields("300")[:1]:
            if not field.get_subfields("c"):
                field.add_subfield("c", "24 cm.")
    found = piece_of_record(piece, record, profile)
    if found is None:
        return None
    return Clean(found, profile, _xml(record), _facts(found))


def _facts(piece: Piece) -> Facts:
    """Return the facts of an item that lies tagged and labeled on the pad."""
    item = piece.item
    site = Site(
        isil=ISIL,
        barcodes=Barcodes(length=len(item.barcode), prefixes=(), check_digit="none", characters="alphanumeric"),
        model="28560-2",
        usage=0x10,
        oversize_locations=("OVERSIZE",),
    )
    return Facts(
        item=item,
        site=site,
        scanned=item.isbns[0] if item.isbns else "",
        label_seen=item.label_lines or None,
        counted=record_pieces(item),
        tag=TagContent(item.barcode, ISIL, parts=item.parts, type_of_usage=0x10),
        afi=site.afi_in_stock,
        eas=True,
        tags_in_field=1,
        others=(),
        diagnoses=(),
        ledger=Ledger(bound_to=item.barcode),
        polls=(8, 8),
        receipt=Receipt(listed=True),
        same_number=(),
    )


class Recall(NamedTuple):
    """Defects made for one rule, and how many of them that rule or another one for the same defect found."""

    rule: str
    seeded: int
    found: int


def by_rule(seeded: Seeded) -> tuple[Recall, ...]:
    """Return the recall of each rule that a defect was made for."""
    counts: dict[str, list[int]] = {}
    for seed in seeded.seeds:
        count = counts.setdefault(seed.defect.rules[0], [0, 0])
        count[0] += 1
        count[1] += seed.found
    return tuple(Recall(rule, *counts[rule]) for rule in sorted(counts))


def critical() -> frozenset[str]:
    """Return the rules whose failure stops the item."""
    return frozenset(rule.id for rule in corpus.RULES.rules if rule.severity is Severity.CRITICAL)
