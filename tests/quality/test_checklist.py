"""The person's checklist: only what applies, filled in from the record, one question a rule."""

from __future__ import annotations

import msgspec
import pytest

from station.model import Barcode, ItemRecord, Outcome
from station.quality.checklist import applies, checks, machine_findings
from station.quality.facts import Facts
from station.quality.machine import PREDICATES
from station.quality.rules import Applies, Rule, parse
from tests.conftest import ROOT

TODAY = "2026-06-01"
RULES = parse(
    (ROOT / "station/quality/catalogue.toml").read_text(encoding="utf-8"), "catalogue.toml", frozenset(PREDICATES)
)
ITEM = ItemRecord(
    barcode=Barcode("31234000000016"),
    title="Imaginary proofs",
    author="Doe, Jane",
    description="v.2",
    material="book",
    location="STACKS",
    label_lines=("QA", "76.73"),
)


def item(**changes: object) -> ItemRecord:
    return msgspec.structs.replace(ITEM, **changes)


def asked(record: ItemRecord, part: int = 1) -> list[str]:
    return [check.rule for check in checks(RULES, record, part, TODAY)]


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, ["title-in-hand", "spine-label", "property-stamp"]),
        ({"label_lines": ()}, ["title-in-hand", "property-stamp"]),
        ({"accompanying": "1 map"}, ["title-in-hand", "spine-label", "pieces-counted", "property-stamp"]),
        ({"parts": 2}, ["title-in-hand", "spine-label", "set-part", "property-stamp"]),
        ({"material": "dvd"}, ["title-in-hand", "spine-label", "disc-marked"]),
        ({"material": "object"}, ["title-in-hand", "spine-label"]),
        (
            {"material": "music-cd", "parts": 3, "accompanying": "1 booklet"},
            ["title-in-hand", "spine-label", "pieces-counted", "set-part", "disc-marked"],
        ),
    ],
)
def test_only_what_applies_is_asked(changes: dict[str, object], expected: list[str]) -> None:
    assert asked(item(**changes)) == expected


def test_questions_and_expectations_are_filled_in_from_the_record() -> None:
    record = item(parts=3, accompanying="1 booklet", extent="2 discs", alternate_title="Мнимые доказательства")
    found = {check.rule: check for check in checks(RULES, record, 2, TODAY)}
    assert found["set-part"].question == "Is the piece in your hand part 2 of 3?"
    assert found["set-part"].expectation.splitlines() == ["Part 2 of 3", "v.2"]
    assert found["title-in-hand"].expectation.splitlines() == [
        "Мнимые доказательства",
        "Imaginary proofs",
        "Doe, Jane",
        "v.2",
    ]
    assert found["spine-label"].expectation.splitlines() == ["QA", "76.73"]
    assert found["pieces-counted"].expectation.splitlines() == ["2 discs", "+ 1 booklet"]
    assert all(check.answer is None and check.reasons for check in found.values())


def test_what_a_person_must_know_of_set_label_and_script_stands_with_the_question() -> None:
    record = item(
        alternate_author="Мнимый, А.",
        set_note="Disc 2 of a set of 3; each has a barcode of its own.",
        label_problems=("There are 12 lines, the label takes 9.",),
    )
    found = {check.rule: check for check in checks(RULES, record, 1, TODAY)}
    assert found["title-in-hand"].expectation.splitlines() == [
        "Imaginary proofs",
        "Мнимый, А.",
        "Doe, Jane",
        "v.2",
        "Disc 2 of a set of 3; each has a barcode of its own.",
    ]
    assert found["spine-label"].expectation.splitlines() == [
        "QA",
        "76.73",
        "! There are 12 lines, the label takes 9.",
    ]


def test_braces_in_a_record_are_only_text() -> None:
    record = item(parts=2, title="{part} {0} {parts!r}", description="{")
    found = {check.rule: check for check in checks(RULES, record, 1, TODAY)}
    assert "{part} {0} {parts!r}" in found["title-in-hand"].expectation


PERSON = Rule(
    id="x",
    number=1,
    title="t",
    compares="c",
    severity=RULES[0].severity,
    how="person",
    question="Good?",
    reasons=("No",),
)


@pytest.mark.parametrize(
    ("condition", "holds_for", "not_for"),
    [
        (Applies(materials=("book", "")), item(material=""), item(material="dvd")),
        (Applies(locations=("STACKS",)), item(), item(location="OVERSIZE")),
        (Applies(parts_at_least=2), item(parts=2), item()),
        (Applies(accompanying=True), item(accompanying="1 map"), item()),
        (Applies(accompanying=False), item(), item(accompanying="1 map")),
        (Applies(label_known=True), item(), item(label_lines=())),
        (Applies(label_known=False), item(label_lines=()), item()),
        (Applies(materials=("book",), parts_at_least=2), item(parts=2), item(parts=2, material="dvd")),
    ],
)
def test_every_condition_alone_and_all_together(condition: Applies, holds_for: ItemRecord, not_for: ItemRecord) -> None:
    rule = msgspec.structs.replace(PERSON, applies=condition)
    assert applies(rule, holds_for, TODAY)
    assert not applies(rule, not_for, TODAY)
    assert applies(PERSON, not_for, TODAY), "a rule without a condition always applies"
    assert not applies(msgspec.structs.replace(rule, retired=True), holds_for, TODAY)


def test_a_machine_rule_that_does_not_apply_says_so_and_one_that_is_retired_says_nothing() -> None:
    rule = next(rule for rule in RULES if rule.id == "price-present")
    facts = Facts(item=ITEM, part=1)
    assert machine_findings((rule,), facts, TODAY)[0].outcome is Outcome.FAIL
    other = msgspec.structs.replace(rule, applies=Applies(materials=("dvd",)))
    (finding,) = machine_findings((other,), facts, TODAY)
    assert (finding.outcome, finding.by) == (Outcome.NOT_APPLICABLE, "machine")
    assert machine_findings((msgspec.structs.replace(rule, retired=True),), facts, TODAY) == ()


def test_findings_carry_rule_title_and_severity_in_the_order_of_the_rules() -> None:
    found = machine_findings(RULES, Facts(item=ITEM, part=1), TODAY)
    machine = [rule for rule in RULES if rule.how == "machine"]
    assert [(f.rule, f.title, f.severity) for f in found] == [(r.id, r.title, r.severity) for r in machine]
