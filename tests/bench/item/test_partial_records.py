"""A partial record: what is known is checked, what is missing is named, and no item passes without a look at its label."""

from __future__ import annotations

import pytest

from station.domain.commands import Answer
from station.domain.events import ScanRefused
from station.domain.findings import Check, Outcome
from station.domain.item import Barcode
from station.domain.snapshot import Phase, Snapshot
from station.domain.verdict import Verdict
from tests.support.simulated_bench import NO_CALL, NO_TITLE, Rig
from tests.support.told import told


def to_the_checks(barcode: Barcode) -> tuple[Rig, Snapshot]:
    rig = Rig()
    rig.world.place(rig.world.tag(1))
    return rig, rig.scan(barcode)


def check_of(shown: Snapshot, rule: str) -> Check:
    return next(check for check in shown.checks if check.rule == rule)


def pass_until(rig: Rig, rule: str) -> None:
    """Answer Pass until this check is the open one."""
    while (check := rig.now.checks[rig.now.current_check]).rule != rule:
        rig.bench.handle(Answer(check.rule, Outcome.PASS))


@pytest.mark.parametrize(("barcode", "missing"), [(NO_TITLE, "title"), (NO_CALL, "call number")])
def test_an_item_is_not_refused_for_a_missing_field(barcode: Barcode, missing: str) -> None:
    _, shown = to_the_checks(barcode)
    assert (shown.phase, shown.fault) == (Phase.CHECKING, None)
    assert shown.item is not None and told(shown.item.missing_words) == f"Missing: {missing}."


def test_without_a_title_the_person_compares_what_else_is_known() -> None:
    _, shown = to_the_checks(NO_TITLE)
    assert shown.item is not None
    lines = told(check_of(shown, "title-in-hand").expectation).splitlines()
    assert lines[0] == "! Missing: title."
    assert {shown.item.author, shown.item.call_number} <= set(lines)


def test_without_a_call_number_the_label_is_asked_with_what_is_known() -> None:
    rig, shown = to_the_checks(NO_CALL)
    check = check_of(shown, "spine-label")
    assert told(check.question) == "The expected label is not known. Is the label on the item right?"
    assert told(check.expectation).splitlines()[0].startswith("Location: ")
    assert rig.pass_all().verdict is Verdict.FAIL, "the rule for complete call numbers must fail"


def test_a_label_that_is_wrong_all_the_same_is_a_finding() -> None:
    rig, shown = to_the_checks(NO_CALL)
    pass_until(rig, "spine-label")
    reason = told(check_of(shown, "spine-label").reasons[0])
    rig.bench.handle(Answer("spine-label", Outcome.FAIL, reason=reason))
    rig.pass_all()
    findings = {one.rule: one.outcome for one in rig.now.findings}
    assert findings["spine-label"] is Outcome.FAIL


def test_the_text_of_a_label_without_an_expected_one_is_noted_and_answers_nothing() -> None:
    rig, _ = to_the_checks(NO_CALL)
    pass_until(rig, "spine-label")
    before = rig.now.current_check
    shown = rig.scan("FIC|SMITH")
    assert (shown.notice.code, shown.current_check) == ("notice.label-unknown", before)
    noted = [event for event in rig.journal.events if isinstance(event, ScanRefused)]
    assert (told(noted[-1].text), noted[-1].code) == ("FIC|SMITH", "label-unknown")
