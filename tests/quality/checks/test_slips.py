"""Slips of the finger in an item's call number, proved by the record's own: every provable one is found, and nothing that
libraries do on purpose.

The pairs are those of all genuine items of ../shared that have both numbers.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from functools import cache
from itertools import islice
from pathlib import Path
from random import Random
from typing import NamedTuple

from station.catalog.callnumber import enumeration
from station.catalog.marc import marc
from station.catalog.marc.marc import RawRecord
from station.catalog.record import profiles
from station.catalog.record.call_number import first_candidate
from station.domain.findings import Outcome
from station.domain.item import Barcode, ItemRecord, RecordFacts
from station.quality.checks.facts import Facts
from station.quality.rulebook.shipped import shipped
from station.quality.rules import Catalogue
from station.quality.verdict.checklist import machine_findings
from tests.conftest import SOAK
from tests.quality.checks.slips import on_purpose, provable, seeded
from tests.quality.examples import TODAY

NUMBERS = range(22, 26)
"""Rules about the call number itself: a slip may leave a number that follows no scheme or has no cutter or year."""
RULES = Catalogue(tuple(rule for rule in shipped().rules if rule.number in NUMBERS), shipped().reasons)


class Pair(NamedTuple):
    """The numbers of a genuine item, without volume and copy."""

    record: str
    item: str


FILES = {
    "evergreen_lul_fre_500.mrc": "symphony-949",
    "uva_demoRecs.mrc": "symphony-999",
    "tr_louis_armstrong.marc": "horizon-991",
}
"""The genuine files with items, and their profiles."""


@cache
def pairs(folder: Path) -> tuple[Pair, ...]:
    """Return a pair for each genuine item with an own number and a number of its record, both with a cutter; of every
    tenth record of a file, in the soak runs of all."""
    return tuple(_pairs(folder))


def _pairs(folder: Path) -> Iterator[Pair]:
    for name, profile in FILES.items():
        for raw in islice(marc.read((folder / name).read_bytes()), None, None, 1 if SOAK else 10):
            assert isinstance(raw, RawRecord)
            parsed = marc.parse(raw.data)
            of_record = [
                " ".join(field.get_subfields("a")[:1] + field.get_subfields("b"))
                for field in parsed.get_fields("090", "050", "055", "060", "092", "082")
            ]
            for item in profiles.items(parsed, profiles.load(profile)):
                own = first_candidate(None, item)
                if own is not None and own.scheme in ("lc", "nlm", "dewey"):
                    front = enumeration.split(own.number, keep=0)[0]
                    yield from (Pair(number, front) for number in of_record[:1] if re.search(r"[A-Z][0-9]", number[4:]))


def judged(record: str, item: str, scheme: str = "lc") -> list[str]:
    """Return the rules that fail on an item with this number, whose record has the other one."""
    field = "050" if scheme == "lc" else "092"
    facts = Facts(
        item=ItemRecord(
            barcode=Barcode("31234000000016"),
            call_number=item,
            call_number_scheme=scheme,
            marc=RecordFacts(class_numbers=((field, scheme, record),)),
        )
    )
    return [finding.rule for finding in machine_findings(RULES, facts, TODAY) if finding.outcome is Outcome.FAIL]


def some(folder: Path, count: int) -> list[Pair]:
    """Return this many different pairs; in the soak runs all. `slips` reads no item's number without blanks."""
    different = sorted({pair for pair in pairs(folder) if " " in pair.item})
    return different if SOAK else Random(11).sample(different, count)


def test_no_genuine_number_is_a_slip(shared: Path) -> None:
    found = pairs(shared / "data" / "marc")
    assert len(found) == 759 if SOAK else len(found) > 60
    assert [pair for pair in set(found) if "call-number-typed" in judged(*pair)] == []
    assert [pair for pair in set(found) if provable(*pair)] == []


def test_each_provable_slip_is_found_once_and_nothing_else(shared: Path) -> None:
    """Numbers of genuine items, each with one slip at each place of its cutters and its year."""
    random, counts = Random(12), Counter[str]()
    wrong = []
    for pair in some(shared / "data" / "marc", 40):
        for kind, typed in seeded(pair.item, random):
            rules, expected = judged(pair.record, typed), provable(pair.record, typed)
            counts[kind] += expected
            if rules != ["call-number-typed"] if expected else "call-number-typed" in rules:
                wrong.append((kind, pair.record, typed, rules))
    assert wrong == []
    assert min(counts.values()) > 10 and len(counts) == 6, counts


def test_what_libraries_change_on_purpose_is_no_slip(shared: Path) -> None:
    done = Counter[str]()
    for pair in some(shared / "data" / "marc", 40):
        for what, number in on_purpose(pair.record):
            done[what] += 1
            assert not provable(pair.record, number), (what, number)
            assert "call-number-typed" not in judged(pair.record, number), (what, number)
    assert len(done) >= 9, done
