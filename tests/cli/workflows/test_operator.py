"""The headless operator at a real bench with simulated tags: it acts as a person at the screen would, and gives up."""

from __future__ import annotations

from collections.abc import Callable

import msgspec
import pytest

from station.base.errors import (
    BarcodeMalformed,
    BarcodeUnknown,
    NotFinished,
    PortMissing,
    StationBusy,
    StationClosed,
    TagAbsent,
    TagsCollide,
)
from station.base.sentence import Sentence
from station.cli.shared.app import App
from station.cli.workflows.operator import NoAnswers, Operator, Result, Wish, in_words
from station.cli.workflows.process import report
from station.domain.choice import Choice
from station.domain.commands import Answer, Command, Enter
from station.domain.findings import Check, Finding, Outcome, Severity
from station.domain.item import Barcode, RecordFacts
from station.domain.notices import Notice
from station.domain.snapshot import Fault, Phase, Snapshot
from station.domain.workflows import Workflow
from tests.conftest import FakeClock
from tests.support.simulated_bench import BOOK, CATALOG, OTHER, UNKNOWN, Rig, record
from tests.support.told import raises_told, told


class Desk:
    """`BenchPort` for a rig: a command is executed at once, followed by a few looks at the pad."""

    def __init__(self, rig: Rig) -> None:
        self.rig = rig
        self.asked: list[Command] = []
        self.subscribers: list[Callable[[Snapshot], None]] = []
        self.after: dict[type, Callable[[], object]] = {}

    def submit(self, command: Command) -> str:
        self.asked.append(command)
        ticket = f"ticket {len(self.asked)}"
        seen = len(self.rig.shown)
        self.rig.bench.handle(command, ticket)
        self.rig.look(3)
        if (hook := self.after.pop(type(command), None)) is not None:
            hook()
            self.rig.look(3)
        for snapshot in self.rig.shown[seen:]:
            for subscriber in self.subscribers:
                subscriber(snapshot)
        return ticket

    @property
    def snapshot(self) -> Snapshot:
        return self.rig.now

    def subscribe(self, subscriber: Callable[[Snapshot], None]) -> Callable[[], None]:
        self.subscribers.append(subscriber)
        return lambda: self.subscribers.remove(subscriber)


class Impatient(FakeClock):
    """A clock that advances one second at each reading, so that a deadline passes without waiting for it."""

    def monotonic(self) -> float:
        self.seconds += 30.0
        return self.seconds


def do(desk: Desk, said: list[str] | None = None, ask: NoAnswers | None = None, **wish: object) -> Result:
    whole = Wish(**{"barcode": BOOK, "timeout": 20.0, **wish})  # type: ignore[arg-type]
    operator = Operator(desk, whole, Impatient(), ask or NoAnswers(), (said if said is not None else []).append)
    return operator.run(lambda _: None)


@pytest.fixture
def desk() -> Desk:
    return Desk(Rig())


def test_another_workflow_that_has_the_bench_is_not_scanned_into(desk: Desk) -> None:
    desk.submit(Enter(Workflow.INSPECT))
    before = list(desk.asked)
    with raises_told(StationBusy, match="Inspect"):
        do(desk)
    assert desk.asked == before


def test_what_was_said_before_the_scan_is_no_answer_to_it(desk: Desk) -> None:
    """After a kill the station names the item in process, and a look at the pad repeats that before the scan is
    handled."""
    with pytest.raises(BarcodeMalformed):
        do(desk, barcode="12")
    said = desk.snapshot
    assert said.notice.code == "barcode-malformed"
    submit = desk.submit

    def late(command: Command) -> None:
        for subscriber in desk.subscribers:
            subscriber(msgspec.structs.replace(said, number=desk.snapshot.number))
        submit(command)

    desk.submit = late  # type: ignore[method-assign]
    with pytest.raises(TagAbsent):
        do(desk)
    desk.submit = submit  # type: ignore[method-assign]
    with pytest.raises(BarcodeMalformed):
        do(desk, barcode="12")
    with pytest.raises(BarcodeMalformed):
        do(desk, barcode="12")


def test_one_item_is_done_and_every_step_told(desk: Desk) -> None:
    desk.rig.place(desk.rig.world.tag(1))
    said: list[str] = []
    result = do(desk, said, pass_all=True)
    assert (result.good, result.outcome) == (True, "pass")
    assert "item-judged" in desk.rig.journal.kinds()
    assert said[-1].startswith("Good.")
    assert len(said) > 3
    assert len(set(said)) > len(said) / 2, "a sentence must be reported only when it changes"
    assert not desk.subscribers


def test_the_tag_may_come_later(desk: Desk) -> None:
    from station.domain.commands import Scan

    uid = desk.rig.world.tag(1)
    desk.after[Scan] = lambda: desk.rig.world.place(uid)
    assert do(desk, pass_all=True).good


def test_a_failed_check_keeps_its_reason(desk: Desk) -> None:
    desk.rig.place(desk.rig.world.tag(1))
    assert do(Desk(desk.rig), pass_all=True).good
    rule, reason = desk.rig.now.checks[0].rule, told(desk.rig.now.checks[0].reasons[0])
    desk.rig.lift()
    desk.rig.place(desk.rig.world.tag(2))
    result = do(desk, barcode=OTHER, pass_all=True, answers={rule: Answer(rule, Outcome.FAIL, reason)})
    assert (result.good, result.outcome) == (False, "fail")
    assert [told(f.said) for f in result.snapshot.findings if f.rule == rule] == [
        "Title and author: this is another title"
    ]


def test_a_check_that_nobody_answers_sets_the_item_aside(desk: Desk) -> None:
    desk.rig.place(desk.rig.world.tag(1))
    with raises_told(NotFinished, match="--answer"):
        do(desk)
    assert desk.rig.journal.kinds()[-1] == "item-set-aside"


def test_a_reason_that_is_not_offered_is_named(desk: Desk) -> None:
    desk.rig.place(desk.rig.world.tag(1))
    assert do(Desk(desk.rig), pass_all=True).good
    rule, reason = desk.rig.now.checks[0].rule, told(desk.rig.now.checks[0].reasons[0])
    desk.rig.lift()
    desk.rig.place(desk.rig.world.tag(2))
    with raises_told(NotFinished, match=reason):
        do(desk, barcode=OTHER, pass_all=True, answers={rule: Answer(rule, Outcome.FAIL, "eaten")})


@pytest.mark.parametrize("rule", ["title-in-hand", "undamaged", "spine-label", "tag-place"])
def test_not_applicable_to_a_rule_that_cannot_fail_to_apply_sets_the_item_aside(desk: Desk, rule: str) -> None:
    desk.rig.place(desk.rig.world.tag(1))
    with raises_told(NotFinished, match=f"--answer {rule}=pass") as raised:
        do(desk, pass_all=True, answers={rule: Answer(rule, Outcome.NOT_APPLICABLE)})
    assert told(raised.value.sentence).endswith("Look at the item, then answer pass or fail.")
    assert desk.rig.journal.kinds()[-1] == "item-set-aside"


def test_not_applicable_to_one_rule_of_a_tap_leaves_the_others_to_be_answered(desk: Desk) -> None:
    desk.rig.place(desk.rig.world.tag(1))
    told = {
        "property-stamp": Answer("property-stamp", Outcome.NOT_APPLICABLE),
        "tag-place": Answer("tag-place", Outcome.FAIL, "Tag loose"),
    }
    result = do(desk, pass_all=True, answers=told)
    said = {one.rule: one.outcome for one in result.snapshot.findings if one.by != "machine"}
    assert (said["property-stamp"], said["tag-place"]) == (Outcome.NOT_APPLICABLE, Outcome.FAIL)


def test_not_applicable_to_a_rule_that_does_not_lead_its_tap(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    gift = RecordFacts(acquisition="Gift", donor="Imaginary Friends")
    monkeypatch.setitem(CATALOG, BOOK, record(BOOK, marc=gift))
    desk.rig.place(desk.rig.world.tag(1))
    told = {"gift-plate": Answer("gift-plate", Outcome.NOT_APPLICABLE)}
    result = do(desk, pass_all=True, answers=told)
    said = {one.rule: one.outcome for one in result.snapshot.findings if one.by != "machine"}
    assert (said["gift-plate"], said["property-stamp"]) == (Outcome.NOT_APPLICABLE, Outcome.PASS)


def test_somebody_at_the_terminal_is_asked(desk: Desk) -> None:
    class Person(NoAnswers):
        def answer(self, check: Check) -> Answer | None:
            return Answer(check.rule, Outcome.PASS)

    desk.rig.place(desk.rig.world.tag(1))
    assert do(desk, ask=Person()).good


def test_write_only_ends_with_the_verified_tag(desk: Desk) -> None:
    uid = desk.rig.world.tag(1)
    desk.rig.place(uid)
    result = do(desk, write_only=True)
    assert (result.good, result.outcome) == (True, "verified")
    kinds = desk.rig.journal.kinds()
    assert "tag-write-verified" in kinds
    assert "item-judged" not in kinds
    assert desk.rig.world.tags[uid].dsfid == 6
    assert desk.rig.now.phase is not Phase.CHECKING


def _foreign(desk: Desk) -> None:
    """Place a tag of another item of the library."""
    uid = desk.rig.world.tag(1)
    desk.rig.place(uid)
    assert do(Desk(desk.rig), barcode=OTHER, pass_all=True).good
    desk.rig.lift()
    desk.rig.place(uid)


def test_another_items_tag_stops_with_its_sentence_and_choices(desk: Desk) -> None:
    _foreign(desk)
    with pytest.raises(NotFinished) as stopped:
        do(desk, pass_all=True)
    assert stopped.value.exit_code == 20
    assert 'The tag on the pad is for "' in told(stopped.value.sentence)
    assert "overwrite" in told(stopped.value.detail)
    assert OTHER in told(stopped.value.detail)


def test_overwriting_takes_two_gestures(desk: Desk) -> None:
    _foreign(desk)
    with raises_told(NotFinished, match="keep"):
        do(desk, pass_all=True, choices=("overwrite",))
    desk.rig.lift()
    desk.rig.look(3)
    _place_again(desk)
    assert do(desk, pass_all=True, choices=("overwrite", "scan")).good


def _place_again(desk: Desk) -> None:
    desk.rig.place(next(iter(desk.rig.world.tags)))


def test_a_choice_to_set_aside_is_an_end_too(desk: Desk) -> None:
    _foreign(desk)
    result = do(desk, pass_all=True, choices=("set-aside",))
    assert (result.good, result.outcome) == (False, "set-aside")


@pytest.mark.parametrize(
    ("barcode", "error"), [(UNKNOWN, BarcodeUnknown), (Barcode("junk"), BarcodeMalformed)], ids=["unknown", "malformed"]
)
def test_a_barcode_that_is_no_use_ends_at_once(desk: Desk, barcode: Barcode, error: type[Exception]) -> None:
    with pytest.raises(error):
        do(desk, barcode=barcode)


def test_a_fault_that_is_dismissed_ends_without_waiting(desk: Desk) -> None:
    with pytest.raises(NotFinished):
        do(desk, barcode=UNKNOWN, choices=("dismiss",))


def test_no_tag_in_time(desk: Desk) -> None:
    with pytest.raises(TagAbsent):
        do(desk)
    assert desk.rig.journal.kinds()[-1] == "item-set-aside"


def test_two_tags_in_the_end(desk: Desk) -> None:
    desk.rig.place(desk.rig.world.tag(1), desk.rig.world.tag(2))
    with pytest.raises(TagsCollide):
        do(desk)


def test_no_reader_in_time(desk: Desk) -> None:
    desk.rig.world.plugged = False
    desk.rig.look(3)
    with pytest.raises(PortMissing):
        do(desk)


def test_an_item_in_somebody_elses_hand_is_left_alone(desk: Desk) -> None:
    desk.rig.scan(OTHER)
    with raises_told(StationBusy, match=OTHER):
        do(desk)
    assert desk.asked == []


def test_a_station_that_goes_away_is_told(desk: Desk) -> None:
    operator = Operator(desk, Wish(barcode=BOOK), FakeClock(), NoAnswers(), lambda _: None)
    with pytest.raises(StationClosed):
        operator.run(lambda ended: ended())


def test_a_snapshot_in_words() -> None:
    fault = Fault("x", Sentence.verbatim("The tag is locked."))
    assert (
        in_words(Snapshot(fault=fault, notice=Notice("notice", Sentence.verbatim("Beep"))))
        == "The tag is locked. (Beep)"
    )
    assert in_words(Snapshot(prompt=Sentence.verbatim("Scan"))) == "Scan"
    choice = msgspec.structs.replace(fault, choices=(Choice("retry", Sentence.verbatim("Try again")),))
    assert in_words(Snapshot(fault=choice)) == "The tag is locked. [retry]"
    assert in_words(Snapshot(fault=choice), choices=False) == "The tag is locked."


def _finding(rule: str, outcome: Outcome, reason: str = "") -> Finding:
    return Finding(
        rule=rule,
        title=rule.capitalize(),
        severity=Severity.MAJOR,
        outcome=outcome,
        by="machine",
        reason=Sentence.verbatim(reason),
    )


@pytest.mark.parametrize("everything", [False, True])
def test_the_report_names_what_failed_and_counts_the_rest(everything: bool, capsys: pytest.CaptureFixture[str]) -> None:
    found = (
        _finding("title", Outcome.PASS),
        _finding("label", Outcome.FAIL, "torn"),
        _finding("packing list", Outcome.ABSTAINED, "there is none"),
        _finding("discs", Outcome.ABSTAINED),
        _finding("theft strip", Outcome.NOT_APPLICABLE),
    )
    snapshot = Snapshot(tag_uid="E004", findings=found)
    report(App(), Result(barcode=BOOK, good=False, outcome="fail", snapshot=snapshot), all_findings=everything)
    counted = "Checks: 1 pass, 1 fail, 1 not applicable, 2 not known"
    rest = [
        "not known: Packing list: there is none",
        "not known: Discs",
        "not applicable: Theft strip",
    ]
    said = [f"{BOOK}: fail", "tag E004", counted, "fail: Label: torn", *(rest if everything else [])]
    assert capsys.readouterr().out.splitlines() == said


def test_an_answer_may_name_any_rule_of_the_tap(desk: Desk) -> None:
    desk.rig.place(desk.rig.world.tag(1))
    assert "undamaged" not in {check.rule for check in desk.rig.now.checks}, "it must be asked together with the title"
    torn = Answer("undamaged", Outcome.FAIL, "Damaged", note="the spine is torn", photo="/media/p1.jpg")
    result = do(desk, pass_all=True, answers={"undamaged": torn})
    (finding,) = [one for one in result.snapshot.findings if one.outcome is Outcome.FAIL]
    assert (finding.rule, finding.code, told(finding.note), finding.photo) == (
        "undamaged",
        "damaged",
        "the spine is torn",
        "/media/p1.jpg",
    )
