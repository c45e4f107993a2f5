"""The shipped rules against the rule catalog itself: docs/reference/quality-sources.md#rule-catalog, read row by
row."""

from __future__ import annotations

import re
from typing import NamedTuple

import pytest

from station.base.sentence import Sentence
from station.base.words import tell
from station.domain.finding_words import told
from station.domain.findings import Severity
from station.quality.rulebook.file import subject
from station.quality.rulebook.shipped import shipped
from station.quality.rules import NUMBERS, Rule
from tests.conftest import ROOT
from tests.quality.examples import MACHINE
from tests.support.for_each import for_each

RULES = shipped().rules
SEVERITIES = {"C": Severity.CRITICAL, "M": Severity.MAJOR, "m": Severity.MINOR, "i": Severity.INFO}
ORDER = list(SEVERITIES.values())
_ROW = re.compile(
    r"\| (?P<number>\d+) \| (?P<rule>[^|]*) \| (?P<severity>[CMmi]) \| (?P<how>[^|]*) \| (?P<source>[^|]*)\|"
)


class Row(NamedTuple):
    severity: Severity
    how: str


@pytest.fixture(scope="module")
def rows() -> dict[int, Row]:
    text = (ROOT / "docs/reference/quality-sources.md").read_text(encoding="utf-8")
    table = text[text.index("## Rule catalog") : text.index("## MARC fields and types")]
    return {int(one["number"]): Row(SEVERITIES[one["severity"]], one["how"]) for one in _ROW.finditer(table)}


def of(number: int) -> list[Rule]:
    return [rule for rule in RULES if rule.number == number]


def test_a_fail_is_a_short_noun_and_a_phrase() -> None:
    titles = [rule.title for rule in RULES]
    assert len(set(titles)) == len(titles) and max(map(len, titles)) <= 26
    assert all(rule.requires and subject(rule.title) == rule.title for rule in RULES), "a title is no sentence"
    for reason in shipped().reasons:
        assert reason.says and reason.says[0].islower() and not reason.says.endswith("."), reason.code
    label = next(rule for rule in RULES if rule.id == "spine-label")
    assert [
        tell(told(label.id, label.title, Sentence.verbatim(one.phrase))) for one in shipped().reasons_of(label)
    ] == [
        "Spine label: the text is different",
        "Spine label: a line is missing",
        "Spine label: there is no label",
        "Spine label: the label cannot be read",
    ]


def test_the_table_was_read(rows: dict[int, Row]) -> None:
    assert set(rows) == set(NUMBERS)


@for_each("number", NUMBERS)
def test_the_severity_is_the_catalogues(rows: dict[int, Row], number: int) -> None:
    """The worst rule of a number has its severity; the other rules of that number warn or show."""
    assert min((rule.severity for rule in of(number)), key=ORDER.index) is rows[number].severity
    milder = {rule.id for rule in of(number) if rule.severity is not rows[number].severity}
    assert milder == {
        4: {"piece-number-cancelled"},
        22: {"class-near"},
        43: {"item-type-agrees"},
        49: {"retention-shown"},
    }.get(number, set())


LOOKS_TOO = {
    14: "whether the tag of what leaves is erased, where it does not lie on the pad",
    12: "which part is in hand",
    17: "whether the old tag is out",
    29: "whether it is tall, where 300 $c is empty",
}
"""Questions to a person in addition to the machine's check, where the table names only the machine."""


@for_each("number", NUMBERS)
def test_who_looks_is_the_catalogues(rows: dict[int, Row], number: int) -> None:
    machine, person = any(rule.by_machine for rule in of(number)), any(rule.by_person for rule in of(number))
    how = rows[number].how
    if how.startswith("M+P"):
        # "Machine computes expectation, person compares": by a separate check, or by the text beside the question.
        assert person and (machine or all(rule.expectation for rule in of(number)))
    elif how.startswith("Machine shows"):  # 52: the person's question is about what it shows
        assert person
    elif how.startswith("Machine"):
        assert machine
        assert person is (number in LOOKS_TOO)
    else:
        assert how.startswith("Person")
        assert person and not machine


PROCESS_TYPES = {
    "LOAN",
    "MISSING",
    "LOST_LOAN",
    "LOST_LOAN_AND_PAID",
    "LOST_ILL",
    "CLAIM_RETURNED_LOAN",
    "HOLDSHELF",
    "TRANSIT",
    "TRANSIT_TO_REMOTE_STORAGE",
    "ILL",
}
"""Alma's process types (docs/reference/systems.md#alma-item). An item in acquisition or in the department's work has
none of them.
"""


def test_every_code_that_a_rule_looks_for_has_its_example() -> None:
    """So that a test fails if a code is removed from a rule."""
    for rule in RULES:
        shown = {str(one.value) for one in MACHINE.get(rule.id, ())} | {one.word for one in MACHINE.get(rule.id, ())}
        for code in rule.codes:
            assert any(code.casefold() in text.casefold() for text in shown), (rule.id, code)


def test_the_states_in_which_an_item_may_not_leave() -> None:
    codes = {code for rule in of(7) for code in rule.codes}
    assert codes >= PROCESS_TYPES
    words = {"withdrawn", "missing", "lost", "on-hold", "in-transit", "on loan", "checked out"}
    assert {code for code in codes if code.islower()} == words
    assert not codes & {"ACQ", "WORK_ORDER_DEPARTMENT"}
