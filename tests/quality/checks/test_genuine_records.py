"""Genuine records run through all rules; a person read the expected results of 30 of them (genuine.toml)."""

from __future__ import annotations

import functools
import tomllib
from pathlib import Path
from typing import Any

import msgspec

from station.base.settings import Barcodes, CatalogSettings
from station.catalog.findings.record_facts import charset_note, record_facts
from station.catalog.marc import marc
from station.catalog.marc.marc import RawRecord
from station.catalog.record.record import describe_record
from station.domain.findings import Outcome
from station.domain.item import ItemRecord
from station.quality.checks.facts import Facts, Site
from station.quality.checks.piece_count import record_pieces
from station.quality.rulebook.shipped import shipped
from station.quality.verdict.checklist import checks, machine_findings
from tests.conftest import SOAK
from tests.quality.examples import TODAY
from tests.support.for_each import for_each

RECORDS: list[dict[str, Any]] = tomllib.loads((Path(__file__).with_name("genuine.toml")).read_text(encoding="utf-8"))[
    "record"
]
RULES = shipped()


def item_of(raw: bytes) -> ItemRecord:
    item = describe_record(raw, CatalogSettings())
    facts = record_facts(marc.parse(raw), item, charset_note=charset_note(raw))
    return msgspec.structs.replace(item, marc=facts)


@functools.cache
def raws(shared: Path, name: str) -> list[bytes]:
    return [one.data for one in marc.read((shared / "data" / "marc" / name).read_bytes()) if isinstance(one, RawRecord)]


def test_thirty_records_were_read() -> None:
    assert len({(one["file"], one["position"]) for one in RECORDS}) == len(RECORDS) == 30
    assert all(one["why"] for one in RECORDS)


@for_each("one", RECORDS)
def test_the_rules_say_what_a_person_has_read(shared: Path, one: dict[str, Any]) -> None:
    item = item_of(raws(shared, one["file"])[one["position"]])
    found = machine_findings(RULES, Facts(item=item), TODAY)
    outcomes = {finding.rule: finding.outcome for finding in found}
    failed = {rule for rule, outcome in outcomes.items() if outcome is Outcome.FAIL}
    assert failed == set(one.get("fails", {}))
    assert {rule for rule in one.get("passes", ()) if outcomes[rule] is not Outcome.PASS} == set()
    assert {rule for rule in one.get("open", ()) if outcomes[rule] is not Outcome.ABSTAINED} == set()
    assert record_pieces(item) == one["pieces"]


def test_every_genuine_record_goes_through_all_rules(shared: Path) -> None:
    site = Site(barcodes=Barcodes(length=0, prefixes=(), check_digit="none", characters="alphanumeric"))
    count = 0
    for path in sorted((shared / "data" / "marc").iterdir()):
        if path.name == "README.md":
            continue
        records = raws(shared, path.name)
        count += len(records)
        for raw in records[:: 1 if SOAK else 4]:
            facts = Facts(item=item_of(raw), site=site)
            found = machine_findings(RULES, facts, TODAY)
            machine = {rule.id for rule in RULES.rules if rule.by_machine}
            assert machine <= {finding.rule for finding in found}, "every rule has an outcome"
            for finding in found:
                assert bool(finding.reason) is (finding.outcome in (Outcome.FAIL, Outcome.ABSTAINED)), finding
            taps = checks(RULES, facts, TODAY)
            assert 1 <= len(taps) <= 6
    assert count == 639
