"""Judge the records of an import by the rules of the record: what many of them have in common is told once for the file.

Only some records are judged, spread over the import, so that a large file takes no longer than a small one.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from typing import Final

import msgspec

from station.base.settings import CatalogSettings
from station.catalog.callnumber.settings import options
from station.catalog.findings.common_findings import Sample
from station.catalog.findings.record_facts import charset_note, record_facts
from station.catalog.marc import marc
from station.catalog.marc.iso2709 import BadRecord
from station.catalog.record import profiles
from station.catalog.record.profiles import Profile
from station.catalog.record.record import describe_item
from station.quality.checks.facts import Facts, Site
from station.quality.rules import Catalogue
from station.quality.verdict.checklist import OF_FILE, machine_findings

LOOKED_AT: Final = 100
"""Most records of an import that are judged."""

Judge = Callable[[bytes, bool], frozenset[str] | None]
"""Return the rules that a record breaks, by its first item, without those that the item is told itself; None = it has no
item, or cannot be read. The flag is `ItemRecord.price_of_file`."""


def judge_of(rules: Catalogue, profile: Profile, settings: CatalogSettings, day: str) -> Judge:
    """Return the judge of records by these rules. `day`: ISO 8601 date of today."""
    of_record = Catalogue(tuple(rule for rule in rules.in_force(day) if rule.of_record), rules.reasons)
    every_rule = tuple(rule.id for rule in of_record.rules)
    numbers = options(settings.numbers)

    def judge(raw: bytes, price_of_file: bool) -> frozenset[str] | None:
        try:
            record = marc.parse(raw)
            note = charset_note(raw)
        except BadRecord:
            return None
        items = profiles.items(record, profile)
        if not items:
            return None
        described = describe_item(record, items[0], settings)
        item = msgspec.structs.replace(described, price_of_file=price_of_file)
        marc_facts = record_facts(record, item, charset_note=note, numbers=numbers, year=int(day[:4]))
        facts = Facts(
            item=msgspec.structs.replace(item, marc=marc_facts), site=Site(numbers=numbers), rules_of_file=every_rule
        )
        return frozenset(
            finding.rule for finding in machine_findings(of_record, facts, day) if finding.reason.key == OF_FILE
        )

    return judge


def sampled(connection: sqlite3.Connection, judge: Judge, *, price_of_file: bool) -> dict[int, Sample]:
    """Judge records of an index, evenly spread. Return the counts by the number of their file."""
    first, last = connection.execute("SELECT coalesce(min(id), 1), coalesce(max(id), 0) FROM record").fetchone()
    count = last - first + 1
    samples: dict[int, Sample] = {}
    for at in range(min(count, LOOKED_AT)):
        number = first + (at * count // LOOKED_AT if count > LOOKED_AT else at)
        row = connection.execute("SELECT source, raw FROM record WHERE id = ?", (number,)).fetchone()
        broken = judge(row[1], price_of_file) if row is not None else None
        for rule in ("", *broken) if broken is not None else ():
            samples.setdefault(row[0], Sample()).count(rule)
    return samples
