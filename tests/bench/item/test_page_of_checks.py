"""A page of checks: one tap passes what is shown, and the journal has each rule's answer, marked as given together."""

from __future__ import annotations

import pytest

from station.domain.commands import AllGood, Answer
from station.domain.events import CheckAnswered, ItemJudged
from station.domain.findings import Outcome, page
from station.domain.snapshot import Phase, Snapshot
from station.domain.verdict import Verdict
from tests.bench.item.test_rules import Trainees, at_the_checks
from tests.support.simulated_bench import BOOK, CATALOG, Rig, record
from tests.support.told import told


def open_rules(shown: Snapshot) -> tuple[str, ...]:
    on_page = [shown.checks[at] for at in page(shown.checks, shown.current_check)]
    return tuple(check.rule for check in on_page if check.answer is None)


def all_good(rig: Rig, rules: tuple[str, ...] | None = None) -> Snapshot:
    rig.bench.handle(AllGood(open_rules(rig.now) if rules is None else rules))
    return rig.now


def answers(rig: Rig) -> list[CheckAnswered]:
    return [event for event in rig.journal.events if isinstance(event, CheckAnswered)]


def test_one_tap_passes_the_page_and_each_rule_has_its_answer() -> None:
    rig = Rig()
    rules = [cover.rule for check in at_the_checks(rig).checks for cover in check.covers]
    rig.clock.pause(2)
    assert all_good(rig).verdict is Verdict.PASS
    assert [one.finding.rule for one in answers(rig)] == rules
    assert {(one.finding.outcome, one.together, one.quick) for one in answers(rig)} == {(Outcome.PASS, True, False)}


def test_a_page_passed_sooner_than_the_screen_allows_is_marked() -> None:
    rig = Rig()
    at_the_checks(rig)
    rig.clock.pause(0.4)
    all_good(rig)
    assert {one.quick for one in answers(rig)} == {True}
    assert 0.4 <= answers(rig)[0].seconds < 1.5


def test_a_wrong_line_fails_and_the_rest_passes_with_one_tap() -> None:
    rig = Rig()
    shown = at_the_checks(rig)
    label = next(check for check in shown.checks if check.rule == "spine-label")
    rig.bench.handle(Answer(label.rule, Outcome.FAIL, told(label.reasons[1])))
    assert rig.now.current_check == 0
    assert label.rule not in open_rules(rig.now)
    assert all_good(rig).verdict is Verdict.FAIL
    judged = rig.journal.events[-1]
    assert isinstance(judged, ItemJudged)
    assert [(one.rule, one.code) for one in judged.findings if one.outcome is Outcome.FAIL and one.by != "machine"] == [
        ("spine-label", "label-line-missing")
    ]


@pytest.fixture
def _with_disc(monkeypatch: pytest.MonkeyPatch) -> None:
    """The book has a disc without a tag: a person counts its pieces."""
    monkeypatch.setitem(CATALOG, BOOK, record(BOOK, extent="310 pages", accompanying="1 CD-ROM", material="book"))


@pytest.mark.usefixtures("_with_disc")
def test_a_tap_that_names_what_is_answered_or_not_shown_changes_nothing() -> None:
    rig = Rig()
    shown = at_the_checks(rig)
    assert "pieces-counted" not in open_rules(shown)
    late = open_rules(shown)
    rig.bench.handle(Answer(late[0], Outcome.PASS))
    before = rig.now.checks
    for rules in (late, (), ("pieces-counted",), (late[1], "pieces-counted"), (late[1], late[1])):
        assert all_good(rig, rules).checks == before


@pytest.mark.usefixtures("_with_disc")
def test_counting_has_a_page_of_its_own_and_back_takes_the_whole_tap_back() -> None:
    rig = Rig()
    first = open_rules(at_the_checks(rig))
    while rig.now.checks[rig.now.current_check].rule != "pieces-counted":
        all_good(rig)
    assert open_rules(rig.now) == ("pieces-counted",)
    while open_rules(rig.now) != first:
        rig.reopen()
    assert all(check.answer is None for check in rig.now.checks)
    assert rig.now.phase is Phase.CHECKING


def test_a_trainee_gets_a_page_for_each_place_on_the_item_and_each_question_its_time() -> None:
    trainee = Rig(people=Trainees())
    shown = at_the_checks(trainee)
    pages = {tuple(shown.checks[at].rule for at in page(shown.checks, check)) for check in range(len(shown.checks))}
    assert pages == {
        ("title-in-hand", "undamaged"),
        ("spine-label", "oversize-location", "label-place"),
        ("property-stamp", "tag-place"),
    }
    for seconds in (3.0, 2.9, 3.0):  # two questions, three, two: 1.5 seconds each
        trainee.clock.pause(seconds)
        all_good(trainee)
    answers = [event for event in trainee.journal.events if isinstance(event, CheckAnswered)]
    assert {event.finding.rule for event in answers if event.quick} == {
        "spine-label",
        "oversize-location",
        "label-place",
    }
    assert [event.finding.rule for event in answers] == [check.rule for check in shown.checks]
