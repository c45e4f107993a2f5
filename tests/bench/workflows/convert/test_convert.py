"""Bulk conversion: its rhythm, every doubt that stops it, the stack, and its state after a restart of the station."""

from __future__ import annotations

import itertools
from typing import cast

import msgspec
import pytest

from station.base.errors import StationDefect
from station.base.sentence import Sentence
from station.bench.workflows.convert.session import MOVES, PAUSE_SECONDS, ConvertSession, Trigger
from station.bench.workflows.convert.stack import Look, compare, doubts
from station.domain import events
from station.domain.commands import CheckStack
from station.domain.events import ItemJudged, ItemSetAside, StackChecked
from station.domain.item import Barcode
from station.domain.ports import Binding
from station.domain.snapshot import Light, Phase, Snapshot, Sound
from station.domain.tag_image import Uid
from station.domain.verdict import Verdict
from station.domain.workflows import ConvertState, ConvertView, DoneItem, StackState, Workflow
from station.encoding.content import Recognition, TagContent, TagState
from station.tui.drawing.snapshot_views import light_word
from tests.support.for_each import for_each
from tests.support.simulated_bench import BOOK, CATALOG, DVD, ISIL, OTHER, Rig, record
from tests.support.told import told


def luhn(payload: str) -> Barcode:
    total = 0
    for place, digit in enumerate(reversed(payload)):
        value = int(digit) * (2 if place % 2 == 0 else 1)
        total += value - 9 if value > 9 else value
    return Barcode(payload + str(-total % 10))


MANY = [luhn(f"3123400{number:06d}") for number in range(200, 212)]


@pytest.fixture(autouse=True)
def shelf(monkeypatch: pytest.MonkeyPatch) -> None:
    for code in MANY:
        monkeypatch.setitem(CATALOG, code, record(code))


class Line(Rig):
    """A conversion in progress."""

    numbers = itertools.count(0x500)

    def start(self) -> None:
        super().start()

    def begin(self) -> Snapshot:
        return self.enter(Workflow.CONVERT)

    @property
    def workflow_view(self) -> ConvertView:
        assert isinstance(self.now.workflow_view, ConvertView)
        return self.now.workflow_view

    def one(self, barcode: str, uid: Uid | None = None) -> Uid:
        """Scan, place and lift one item."""
        uid = uid or self.world.tag(next(self.numbers))
        self.scan(barcode)
        self.place(uid)
        self.lift()
        return uid

    def judged(self) -> list[ItemJudged]:
        return [event for event in self.journal.events if isinstance(event, ItemJudged)]

    def stacks(self) -> list[StackChecked]:
        return [event for event in self.journal.events if isinstance(event, StackChecked)]


def line() -> Line:
    made = Line()
    made.begin()
    return made


# --- the table of moves ------------------------------------------------------------------------------------------------


def test_every_state_is_reached_and_left() -> None:
    assert set(MOVES.values()) == set(ConvertState)
    assert {at for at, _ in MOVES} == set(ConvertState)
    assert {trigger for _, trigger in MOVES} == set(Trigger)
    reached, before = {ConvertState.CLOSED}, set[ConvertState]()
    while reached != before:
        before = set(reached)
        reached |= {to for (at, _), to in MOVES.items() if at in before}
    assert reached == set(ConvertState)
    for state in ConvertState:  # from every state the operator can return to the line without a new session
        seen, front = {state}, {state}
        while front:
            front = {to for (at, _), to in MOVES.items() if at in front} - seen
            seen |= front
        assert ConvertState.LINE in seen


@for_each("state", list(ConvertState))
@for_each("trigger", list(Trigger))
def test_what_is_not_in_the_table_cannot_happen(state: ConvertState, trigger: Trigger) -> None:
    convert = ConvertSession(8)
    convert.state = state
    if (state, trigger) in MOVES:
        convert.move(trigger)
        assert convert.state is MOVES[state, trigger]
    else:
        with pytest.raises(StationDefect):
            convert.move(trigger)
        assert convert.state is state


def test_rate_leaves_pauses_out() -> None:
    convert = ConvertSession(8)
    convert.open("s")
    now = 0.0
    for number in range(4):
        convert.judged(DoneItem(f"b{number}"), good=True, now=now)
        now += 12.0
    assert convert.per_hour == 300
    now += PAUSE_SECONDS * 20
    for number in range(4, 7):
        convert.judged(DoneItem(f"b{number}"), good=True, now=now)
        now += 12.0
    assert convert.per_hour == 300
    assert ConvertSession(8).per_hour is None


# --- the rhythm ----------------------------------------------------------------------------------------------------------


def test_barcode_place_next_without_a_touch() -> None:
    rig = line()
    for number, code in enumerate(MANY[:5], 1):
        rig.scan(code)
        assert rig.now.phase is Phase.NEED_TAG
        rig.place(rig.world.tag(number))
        assert (rig.now.phase, rig.now.verdict, rig.now.light) == (Phase.DONE, Verdict.PASS, Light.GOOD)
        assert rig.now.sound is Sound.GOOD
        assert (rig.workflow_view.done, rig.workflow_view.newest[0].barcode) == (number, code)
        rig.lift()
        rig.clock.pause(9.0)
    judged = rig.judged()
    assert [event.barcode for event in judged] == MANY[:5]
    assert len({event.session for event in judged} - {""}) == 1
    assert not [event for event in judged for finding in event.findings if finding.by not in ("machine",)]
    assert rig.workflow_view.per_hour is not None and 300 < rig.workflow_view.per_hour < 420
    assert rig.world.tags[Uid("E004010000000001")].dsfid == 0x06


def test_the_tag_may_come_first_and_the_next_scan_before_the_last_item_has_left() -> None:
    rig = line()
    first, second = rig.world.tag(1), rig.world.tag(2)
    rig.place(first)
    assert rig.now.phase is Phase.NEED_SCAN
    rig.scan(MANY[0])
    assert rig.now.verdict is Verdict.PASS
    rig.scan(MANY[1])
    assert "Take the finished item off" in told(rig.now.prompt)
    rig.lift()
    rig.place(second)
    assert rig.workflow_view.done == 2


def test_all_parts_of_a_set_are_items_of_the_line() -> None:
    rig = line()
    for _ in range(3):
        rig.one(DVD)
    assert [(item.barcode, item.part) for item in rig.workflow_view.stack] == [(DVD, 1), (DVD, 2), (DVD, 3)]
    rig.scan(DVD)
    assert rig.now.notice.code == "convert.done-before"
    assert (rig.now.phase, rig.workflow_view.done, len(rig.judged())) == (Phase.IDLE, 3, 3)


# --- any doubt stops the line ---------------------------------------------------------------------------------------------


def test_two_barcodes_in_a_row_stop_the_line_before_anything_is_guessed() -> None:
    rig = line()
    rig.scan(BOOK)
    rig.scan(OTHER)
    assert rig.now.fault is not None and rig.now.fault.code == "not-placed"
    assert CATALOG[BOOK].title in told(rig.now.fault.sentence)
    assert rig.workflow_view.state is ConvertState.STOPPED
    rig.scan(OTHER)
    assert rig.now.notice.code == "convert.answer-first" and rig.now.item is not None and rig.now.item.barcode == BOOK
    rig.place(rig.world.tag(1))
    assert rig.judged()[-1].barcode == BOOK and rig.workflow_view.state is ConvertState.LINE
    rig.lift()
    rig.scan(BOOK)
    rig.scan(OTHER)  # BOOK is done: not a doubt, but reported
    assert rig.now.item is not None and rig.now.item.barcode == OTHER


def test_the_next_scan_is_taken_when_the_item_before_was_never_put_down() -> None:
    """The stop asks no question that the operator could answer first."""
    rig = line()
    rig.scan(BOOK)
    shown = rig.look(60)
    assert shown.fault is not None and shown.fault.code == "tag-absent"
    shown = rig.scan(MANY[0])
    assert (shown.fault, shown.phase) == (None, Phase.NEED_TAG)
    assert shown.item is not None and shown.item.barcode == MANY[0]
    assert [one.barcode for one in rig.journal.events if isinstance(one, ItemSetAside)] == [BOOK]


@pytest.mark.parametrize("kind", ["foreign", "second-tag", "two", "unknown-barcode"])
def test_a_scan_never_runs_past_a_doubt(kind: str) -> None:
    rig = line()
    if kind == "foreign":
        rig.world.tag(9, memory=bytearray(b"\x11\x00\x00\x01" + b"FOREIGN1".ljust(108, b"\0")))
        rig.scan(BOOK)
        rig.place(Uid("E004010000000009"))
    elif kind == "second-tag":
        rig.one(BOOK)
        rig.act("end")
        rig.begin()
        rig.scan(BOOK)
        rig.place(rig.world.tag(8))
    elif kind == "two":
        rig.scan(BOOK)
        rig.place(rig.world.tag(1), rig.world.tag(2))
    else:
        rig.scan("31234000000065")
    fault = rig.now.fault
    assert fault is not None and rig.workflow_view.state is ConvertState.STOPPED
    writes = sum(tag.writes for tag in rig.world.tags.values())
    rig.scan(MANY[0])
    assert rig.now.fault == fault and rig.now.notice.code == "convert.answer-first"
    assert sum(tag.writes for tag in rig.world.tags.values()) == writes
    rig.choose(
        next(choice.id for choice in fault.choices if choice.id in ("set-aside", "dismiss")) if fault.choices else ""
    )
    rig.lift()
    if rig.now.item is not None:
        rig.cancel()
    assert rig.workflow_view.state is ConvertState.LINE
    rig.one(MANY[0])
    assert rig.workflow_view.newest[0].barcode == MANY[0]


def test_what_the_machine_finds_bad_stops_the_line_and_does_not_count(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(CATALOG, BOOK, record(BOOK, call_number="QA76", label_lines=("QA", "76")))
    rig = line()
    rig.one(BOOK)
    assert rig.now.fault is not None and rig.now.fault.code == "not-good"
    assert "problem shelf" in told(rig.now.fault.do) and CATALOG[BOOK].title in told(rig.now.fault.sentence)
    assert (rig.judged()[-1].verdict, rig.workflow_view.done, rig.workflow_view.not_good) == (Verdict.FAIL, 0, 1)
    assert rig.journal.open_corrections(BOOK), "the fail must open a correction like any other"
    rig.choose("dismiss")
    assert (rig.now.phase, rig.workflow_view.state) == (Phase.IDLE, ConvertState.LINE)
    rig.scan(BOOK)  # known as not done: stops before any write
    assert rig.now.fault is not None and rig.now.fault.code == "not-done"
    rig.choose("set-aside")
    assert rig.now.item is None


def test_an_item_whose_record_cannot_be_read_is_looked_at_by_a_person(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(CATALOG, BOOK, record(BOOK, unread=Sentence.verbatim("no right to read it")))
    rig = line()
    rig.scan(BOOK)
    shown = rig.place(rig.world.tag(1))
    assert (shown.phase, rig.workflow_view.done) == (Phase.CHECKING, 0)
    assert [check.rule for check in shown.checks] == ["title-in-hand", "spine-label", "property-stamp"]
    assert rig.scan(OTHER).item == CATALOG[BOOK], "the next item must wait for the answer"
    rig.pass_all()
    assert (rig.judged()[-1].verdict, rig.workflow_view.done) == (Verdict.PASS, 1)
    rig.lift()
    rig.one(OTHER)
    assert rig.workflow_view.done == 2


def test_a_lifted_item_is_finished_when_it_comes_back() -> None:
    rig = line()
    uid = rig.world.tag(1)
    rig.scan(BOOK)
    rig.world.lift_at_write = 5
    rig.place(uid)
    assert rig.now.fault is not None and rig.now.fault.code == "tag-lost"
    rig.scan(OTHER)
    assert rig.now.item is not None and rig.now.item.barcode == BOOK
    rig.place(uid)
    assert rig.workflow_view.done == 1 and rig.judged()[-1].barcode == BOOK


# --- the stack --------------------------------------------------------------------------------------------------------------


def test_a_stack_of_eight_is_verified_by_laying_it_down() -> None:
    rig = line()
    uids = [rig.one(code) for code in MANY[:8]]
    assert told(rig.now.prompt) == "8 items are done. Put them all on the pad to verify.", (
        "the prompt must name the next step"
    )
    rig.place(*uids)
    rig.look(2)
    assert (
        rig.workflow_view.report is not None
        and rig.workflow_view.report.whole
        and len(rig.workflow_view.report.lines) == 8
    )
    assert (rig.now.light, rig.now.sound) == (Light.GOOD, Sound.GOOD)
    assert "All 8 are right" in told(rig.now.prompt)
    assert light_word(rig.now) == "GOOD"
    rig.lift()
    assert (rig.workflow_view.state, rig.workflow_view.stack, rig.workflow_view.done) == (ConvertState.LINE, (), 8)
    assert [line.state for line in rig.stacks()[-1].lines] == [StackState.RIGHT] * 8
    rig.start()
    assert (rig.workflow_view.stack, rig.workflow_view.done) == ((), 8), (
        "verified items must not be asked for again after a restart"
    )


def test_what_was_verified_may_lie_there_again_and_is_never_called_extra() -> None:
    rig = line()
    uids = [rig.one(code) for code in MANY[:3]]
    rig.place(*uids[:2])
    rig.look(2)
    assert [item.barcode for item in rig.workflow_view.stack] == [MANY[2]]
    rig.scan(MANY[2])
    assert rig.now.notice.code == "convert.done-before", "the scan of a missing item must end the look"
    rig.look(3)
    report = rig.workflow_view.report
    assert report is not None and not report.doubtful and len(report.of(StackState.RIGHT)) == 2
    assert rig.now.light is Light.WARNING and rig.now.notice.code == "", "the earlier notice must be gone"
    rig.place(uids[2])
    rig.look(2)
    assert (
        rig.workflow_view.report is not None
        and rig.workflow_view.report.whole
        and len(rig.workflow_view.report.lines) == 3
    )
    rig.lift()
    rig.world.tags[uids[0]].afi = 0xC2
    rig.place(*uids[:2])
    rig.look(2)
    assert rig.workflow_view.report is not None
    assert [line.barcode for line in rig.workflow_view.report.of(StackState.WRONG)] == [MANY[0]], (
        "it must be checked as at the first time"
    )


def test_what_is_in_no_verified_stack_is_said_at_the_end() -> None:
    rig = line()
    for code in MANY[:2]:
        rig.one(code)
    rig.act("end")
    assert rig.now.notice.code == "convert.unverified"
    assert rig.now.sound is Sound.WARNING


def test_missing_extra_and_wrong_ones_are_named() -> None:
    rig = line()
    uids = [rig.one(code) for code in MANY[:6]]
    stranger = rig.world.tag(0x77)
    rig.world.tags[uids[1]].afi = 0xC2
    rig.world.tags[uids[2]].memory[4] ^= 0xFF
    rig.place(*uids[1:6], stranger)
    rig.look(2)
    report = rig.workflow_view.report
    assert report is not None and report.doubtful and not report.whole
    states = {line.barcode or line.uid: (line.state, tuple(map(told, line.reasons))) for line in report.lines}
    assert states[MANY[0]][0] is StackState.MISSING
    assert states[MANY[1]] == (StackState.WRONG, ("It is not secured.",))
    assert states[MANY[2]][0] is StackState.WRONG
    assert states[stranger][0] is StackState.EXTRA and "The tag is blank." in states[stranger][1]
    assert [code for code in MANY[3:6] if states[code][0] is StackState.RIGHT] == MANY[3:6]
    assert (rig.now.light, rig.now.sound) == (Light.BAD, Sound.BAD)
    assert light_word(rig.now) == "STOP", "the light must not show the verdict of the previous item"
    rig.scan(MANY[7])
    assert rig.now.notice.code == "convert.stack-not-right" and len(rig.judged()) == 6
    # the wrong item is taken out and the missing one is placed: the others need not be read again
    rig.world.lift()
    rig.world.tags[uids[1]].afi = 0x07
    rig.place(uids[0], uids[1])
    rig.look(2)
    assert [item.barcode for item in rig.workflow_view.stack] == [MANY[2]]
    rig.act("go-on")
    assert rig.workflow_view.state is ConvertState.LINE


def test_a_second_tag_in_the_stack_is_found() -> None:
    rig = line()
    uids = [rig.one(code) for code in MANY[:3]]
    double = rig.world.tag(0x88)
    rig.world.tags[double].memory[:] = rig.world.tags[uids[0]].memory
    rig.world.tags[double].dsfid, rig.world.tags[double].afi = 0x06, 0x07
    rig.place(*uids, double)
    rig.look(2)
    assert rig.workflow_view.report is not None
    wrong = rig.workflow_view.report.of(StackState.WRONG)
    assert {line.uid for line in wrong} == {uids[0], double}
    assert any("Two tags" in told(reason) for line in wrong for reason in line.reasons)


def test_a_stack_is_asked_for_by_a_tap_too_and_by_another_program() -> None:
    rig = line()
    uids = [rig.one(code) for code in MANY[:2]]
    rig.act("check-stack")
    assert "Put the whole stack" in told(rig.now.prompt) and rig.workflow_view.state is ConvertState.LAY_STACK
    assert (rig.now.light, light_word(rig.now)) == (Light.NEUTRAL, "READY")
    rig.act("check-stack")
    rig.act("go-on")
    rig.act("go-on")
    assert rig.workflow_view.state is ConvertState.LINE
    rig.world.place(*uids)
    answer = rig.ask(CheckStack(source="test"))
    assert answer.stack is not None and answer.stack.whole
    assert rig.workflow_view.stack == ()
    named = rig.ask(CheckStack(barcodes=(MANY[0], MANY[1], MANY[2])))
    assert named.stack is not None
    assert [line.state for line in named.stack.lines] == [StackState.RIGHT, StackState.RIGHT, StackState.MISSING]
    assert [event.operator for event in rig.stacks()][-2:] == ['program "test"', "machine"], (
        "the person at the bench must never be recorded"
    )
    rig.world.lift()
    assert cast("object", rig.ask(CheckStack()).refusal) is not None


OURS = Recognition(TagState.OURS, "28560-2", 1.0, content=TagContent(BOOK, ISIL))
TAG = Uid("E004010000000001")
RIGHT = Look(uid=TAG, recognition=OURS, bound=Binding(TAG, BOOK, 1, 1), holder=TAG, item=record(BOOK))


@for_each(
    ("changes", "reason"),
    [
        ({}, ""),
        ({"recognition": None}, "The tag cannot be read."),
        ({"half": True}, "Writing this tag was begun and not finished."),
        ({"bound": None}, "The journal does not know this tag."),
        ({"bound": Binding(TAG, OTHER, 1, 1)}, f"The journal has this tag for {OTHER}, part 1."),
        ({"holder": "E004010000BEEF99"}, "The journal has another tag for this item (...BEEF99): it has two."),
        ({"item": None}, "The catalog has no record of it."),
        ({"differs": (Sentence.verbatim("Shelf location differs."),)}, "Shelf location differs."),
        ({"secure": False}, "It is not secured."),
        ({"passed": False}, "Its newest verdict is no pass."),
    ],
)
def test_each_fact_that_makes_a_tag_of_a_stack_wrong(changes: dict[str, object], reason: str) -> None:
    look = msgspec.structs.replace(RIGHT, **changes)
    assert tuple(map(told, doubts(look))) == ((reason,) if reason else ())
    (line,) = compare([DoneItem(BOOK)], [look]).lines
    assert (line.state, tuple(map(told, line.reasons))) == (
        (StackState.WRONG, (reason,)) if reason else (StackState.RIGHT, ())
    )


# --- leaving, and the end of the station ------------------------------------------------------------------------------------


def test_each_line_keeps_its_item_in_hand() -> None:
    rig = Line()
    rig.scan(BOOK)
    rig.begin()
    assert (rig.now.workflow, rig.now.item) == (Workflow.CONVERT, None)
    rig.one(OTHER)
    assert rig.workflow_view.done == 1
    rig.enter(Workflow.PROCESS)
    assert (rig.now.item and rig.now.item.barcode, rig.now.phase) == (BOOK, Phase.NEED_TAG)
    rig.place(rig.world.tag(3))
    assert rig.now.phase is Phase.CHECKING, "the main job must ask its questions"
    rig.enter(Workflow.CONVERT)
    assert (rig.workflow_view.done, rig.workflow_view.state) == (1, ConvertState.LINE)
    rig.enter(Workflow.PROCESS)
    assert rig.now.phase is Phase.CHECKING
    assert rig.pass_all().verdict is Verdict.PASS
    assert rig.judged()[-1].session == ""


def test_a_session_goes_on_after_the_end_of_the_station_and_counts_nothing_twice() -> None:
    rig = line()
    for code in MANY[:3]:
        rig.one(code)
    rig.scan(MANY[3])
    before = rig.workflow_view
    rig.start()  # kill -9 and a restart
    rig.look()
    assert rig.now.workflow is Workflow.CONVERT
    assert MANY[3] in told(rig.now.notice.sentence)
    assert (rig.workflow_view.session, rig.workflow_view.done, rig.workflow_view.stack) == (
        before.session,
        3,
        before.stack,
    )
    rig.scan(MANY[0])
    assert rig.now.notice.code == "convert.done-before" and len(rig.judged()) == 3
    rig.one(MANY[3])
    assert rig.workflow_view.done == 4
    rig.act("end")
    assert rig.now.workflow is Workflow.PROCESS
    (ended,) = [event for event in rig.journal.events if isinstance(event, events.ConvertEnded)]
    assert (ended.done, ended.not_good, ended.unverified) == (4, 0, 4)
    rig.start()
    assert rig.now.workflow is Workflow.PROCESS
    rig.begin()
    assert rig.workflow_view.done == 0 and rig.workflow_view.session != before.session


def test_after_a_restart_the_workflow_opens_that_had_the_item() -> None:
    rig = line()
    rig.enter(Workflow.PROCESS)
    rig.scan(BOOK)
    rig.start()
    assert rig.now.workflow is Workflow.PROCESS
    assert (rig.now.notice.code, CATALOG[BOOK].title in told(rig.now.notice.sentence)) == ("convert.in-hand", True)
    rig.enter(Workflow.CONVERT)
    assert rig.workflow_view.state is ConvertState.LINE
    assert "conversion-ended" not in rig.journal.kinds(), "the session is still open"


def test_a_tag_that_was_verified_before_the_end_is_judged_once() -> None:
    rig = line()
    uid = rig.world.tag(1)
    rig.scan(BOOK)
    cut = 0

    class Cut(BaseException):
        pass

    record_it = rig.journal.record

    def failing(*new: events.AnyEvent, **more: object) -> int:
        nonlocal cut
        if any(isinstance(event, ItemJudged) for event in new):
            cut += 1
            raise Cut
        return record_it(*new, **more)  # type: ignore[arg-type]

    rig.journal.record = failing  # type: ignore[method-assign]
    with pytest.raises(Cut):
        rig.place(uid)
    rig.journal.record = record_it  # type: ignore[method-assign]
    rig.start()
    assert cut == 1 and rig.judged() == [] and BOOK in told(rig.now.notice.sentence)
    rig.look()
    rig.scan(BOOK)
    assert [event.barcode for event in rig.judged()] == [BOOK]
    assert rig.workflow_view.done == 1
