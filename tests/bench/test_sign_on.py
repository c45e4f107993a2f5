"""Sign-on: in no state does a card or badge alone sign a person on, no work is done while no person is signed on, and
no work in progress is lost."""

from __future__ import annotations

import itertools

import msgspec
import pytest
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from station.base.settings.people import People
from station.bench.sign_on_questions import NEXT, End, Input, Question
from station.domain import events
from station.domain.commands import (
    Answer,
    Badge,
    Cancel,
    CancelQuestion,
    Choose,
    Command,
    GivePin,
    SelectPart,
    SetSecurity,
    SignOff,
    SignOn,
)
from station.domain.findings import Outcome
from station.domain.people.sign_on import NOBODY, SIGNING_ON, Asks, Pin, SignOnPrompt, Why
from station.domain.snapshot import Phase, Snapshot
from tests.bench.staff import BADGE_OF, PINS, SIGN_ON, Staff, rig_with
from tests.support.simulated_bench import BOOK, OTHER, Rig
from tests.support.told import told


def pin(rig: Rig, text: str) -> Snapshot:
    rig.bench.handle(GivePin(Pin(text)))
    return rig.now


def sign_on_prompt(rig: Rig) -> SignOnPrompt:
    assert rig.now.sign_on_prompt is not None
    return rig.now.sign_on_prompt


def sign_on(rig: Rig, login: str) -> Snapshot:
    rig.scan(f"staff-{login}")
    pin(rig, PINS[login])
    assert (rig.now.worker, rig.now.sign_on_prompt) == (f"w-{login}", None)
    return rig.now


def kinds(rig: Rig) -> list[str]:
    return [events.kind(event) for event in rig.journal.events]


# --- the table --------------------------------------------------------------------------------------------------------


def test_only_a_right_pin_leads_through_the_table() -> None:
    proven = {key for key, after in NEXT.items() if after is End.PROVEN}
    assert proven == {(Asks.PIN, Input.RIGHT), (Asks.AGAIN, Input.SAME)}
    assert {asked for (asked, given), after in NEXT.items() if after is Asks.AGAIN} == {Asks.NEW_PIN}
    assert {key for key, after in NEXT.items() if after is Asks.NEW_PIN and key[0] is Asks.PIN} == {
        (Asks.PIN, Input.FIRST)
    }


@pytest.mark.parametrize("why", Why)
def test_what_means_nothing_changes_nothing(why: Why) -> None:
    for asked, given in itertools.product(Asks, Input):
        question = Question(why, 0.0, asks=asked)
        if (asked, given) not in NEXT:
            assert question.take(given, 1.0) is None
            assert (question.asks, question.since) == (asked, 0.0)
        else:
            assert question.take(given, 1.0) is not None


def test_the_question_of_sign_on_never_ends_unproven() -> None:
    for asked, given in NEXT:
        after = Question(Why.SIGN_ON, 0.0, asks=asked).take(given, 0.0)
        assert after is not End.CANCELED


# --- signing on -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("how", ["card", "badge", "login"])
def test_card_badge_or_login_and_then_the_pin(how: str) -> None:
    rig, _ = rig_with()
    assert (sign_on_prompt(rig).asks, sign_on_prompt(rig).why, rig.now.worker) == (Asks.WHO, Why.SIGN_ON, NOBODY)
    if how == "badge":
        rig.bench.handle(Badge(BADGE_OF["ann"]))
    elif how == "card":
        rig.scan("staff-ann")
    else:
        rig.bench.handle(SignOn("ann"))
    assert (sign_on_prompt(rig).asks, sign_on_prompt(rig).who, rig.now.worker) == (Asks.PIN, "Ann", NOBODY)
    pin(rig, PINS["ann"])
    assert (rig.now.worker, told(rig.now.operator), rig.now.sign_on_prompt) == ("w-ann", "Ann", None)
    event = rig.journal.events[-1]
    assert isinstance(event, events.SignedOn)
    assert (event.operator, event.how) == ("w-ann", how)


def test_a_wrong_pin_and_a_pin_of_somebody_else_open_nothing() -> None:
    rig, _ = rig_with()
    rig.scan("staff-ann")
    for wrong in (PINS["bea"], "000000"):
        pin(rig, wrong)
        assert (sign_on_prompt(rig).asks, rig.now.worker) == (Asks.PIN, NOBODY)
    assert sign_on_prompt(rig).wait_s == 60
    pin(rig, PINS["ann"])
    assert rig.now.worker == NOBODY, "during the delay even the right PIN must not be compared"
    rig.clock.pause(30)
    rig.look()
    assert 28 <= sign_on_prompt(rig).wait_s <= 30
    rig.scan("staff-ann")
    rig.clock.pause(31)
    pin(rig, PINS["ann"])
    assert rig.now.worker == "w-ann"


def test_locked_and_without_a_pin_one_is_sent_back_to_the_card() -> None:
    rig, staff = rig_with()
    staff.wrong["ann"] = 6
    del staff.pins["bea"]
    for login, code in (("ann", "pin-locked"), ("bea", "pin-missing")):
        rig.scan(f"staff-{login}")
        pin(rig, PINS[login])
        assert (sign_on_prompt(rig).asks, rig.now.worker) == (Asks.WHO, NOBODY)
        assert told(sign_on_prompt(rig).sentence)
        refused = rig.journal.events[-1]
        assert isinstance(refused, events.SignOnRefused)
        assert (refused.code, refused.worker) == (code, f"w-{login}")


def test_the_first_pin_must_be_changed_before_anything_else() -> None:
    rig, staff = rig_with()
    staff.first.add("ann")
    rig.scan("staff-ann")
    pin(rig, PINS["ann"])
    assert (sign_on_prompt(rig).asks, rig.now.worker) == (Asks.NEW_PIN, NOBODY)
    pin(rig, PINS["ann"])
    assert sign_on_prompt(rig).asks is Asks.NEW_PIN and told(sign_on_prompt(rig).sentence), (
        "the old PIN must be refused as the new one"
    )
    pin(rig, "902811")
    assert sign_on_prompt(rig).asks is Asks.AGAIN
    pin(rig, "902812")
    assert (sign_on_prompt(rig).asks, staff.pins["ann"]) == (Asks.NEW_PIN, PINS["ann"])
    pin(rig, "902811")
    pin(rig, "902811")
    assert (rig.now.worker, staff.pins["ann"]) == ("w-ann", "902811")
    assert kinds(rig)[-2:] == ["pin-set", "signed-on"]
    assert not any("902811" in repr(event) for event in rig.journal.events)


def test_nothing_is_done_while_nobody_is_signed_on() -> None:
    rig, _ = rig_with()
    tag = rig.world.tag(1)
    rig.scan(BOOK)
    assert "item" in told(sign_on_prompt(rig).sentence)
    rig.place(tag)
    rig.look(5)
    for command in (Cancel(), Choose("retry"), Answer("spine-label", Outcome.PASS), SelectPart(1)):
        rig.bench.handle(command)
    assert rig.now.phase is Phase.IDLE and rig.now.item is None
    assert rig.world.write_commands == 0
    assert set(kinds(rig)) <= {"sign-on-refused", "line-stopped"}
    assert {event.operator for event in rig.journal.events} == {NOBODY}


def test_what_was_typed_at_the_door_is_in_no_event() -> None:
    rig, _ = rig_with()
    for text in ("482913", "9988776655", "somebody@example", "\x1b[2J"):
        rig.scan(text)
        pin(rig, text)
    sign_on(rig, "ann")
    pin(rig, "482913")
    rig.scan("staff-bea")
    pin(rig, "555111")
    said = repr(rig.journal.events) + repr(rig.shown)
    for text in ("482913", "9988776655", "somebody", "555111"):
        assert text not in said
    assert "482913" not in repr(GivePin(Pin("482913")))


def test_digits_that_come_too_late_are_not_journaled() -> None:
    """The question ended in the middle of a PIN. The digits then count as a scan, and their text could be a PIN."""
    rig, _ = rig_with()
    sign_on(rig, "ann")
    rig.scan("482913")
    rig.scan("13")
    refused = [event for event in rig.journal.events if isinstance(event, events.ScanRefused)]
    assert [told(event.text) for event in refused] == ["(6 digits)", "(2 digits)"]
    assert "482913" not in repr(rig.journal.events) + repr(rig.shown)


def test_a_grant_of_the_command_line_signs_on_once() -> None:
    rig, staff = rig_with()
    staff.grants["g1"] = ("w-bea", SIGNING_ON)
    rig.bench.handle(SignOn("w-bea", "g2"))
    assert rig.now.worker == NOBODY
    rig.bench.handle(SignOn("w-bea", "g1"))
    assert rig.now.worker == "w-bea"
    rig.bench.handle(SignOff())
    rig.bench.handle(SignOn("w-bea", "g1"))
    assert rig.now.worker == NOBODY


def test_a_site_without_sign_on_works_as_before() -> None:
    staff = Staff()
    rig = Rig(msgspec.structs.replace(SIGN_ON, people=People()), people=staff, keeper=staff)
    assert (rig.now.sign_on_prompt, rig.now.sign_on, rig.now.worker) == (None, False, "operator")
    for command in (Badge(BADGE_OF["ann"]), GivePin(Pin("482913")), SignOff(), CancelQuestion()):
        rig.bench.handle(command)
    assert rig.scan(BOOK).item is not None
    rig.bench.handle(SignOn("bea"))
    assert rig.now.worker == "w-bea"
    assert staff.looked == []


# --- another person, and leaving --------------------------------------------------------------------------------------


def test_work_in_hand_stays_whose_it_was() -> None:
    rig, _ = rig_with()
    sign_on(rig, "ann")
    rig.scan(BOOK)
    rig.place(rig.world.tag(1))
    rig.answer()
    rig.scan("staff-bea")
    assert (sign_on_prompt(rig).why, rig.now.worker) == (Why.CHANGE, "w-ann"), "Ann must stay signed on until the PIN"
    pin(rig, PINS["bea"])
    assert rig.now.phase is Phase.CHECKING and rig.now.current_check == 1
    rig.pass_all()
    answers = [event for event in rig.journal.events if isinstance(event, events.CheckAnswered)]
    assert {event.operator for event in answers} == {"w-ann", "w-bea"}
    judged = next(event for event in rig.journal.events if isinstance(event, events.ItemJudged))
    assert (judged.operator, judged.finished_by) == ("w-ann", "w-bea")
    rig.lift()
    rig.scan(OTHER)
    rig.place(rig.world.tag(2))
    rig.pass_all()
    second = [event for event in rig.journal.events if isinstance(event, events.ItemJudged)][-1]
    assert (second.operator, second.finished_by) == ("w-bea", "")


@pytest.mark.parametrize("end", ["withdraw", "time", "wrong"])
def test_a_change_that_does_not_come_about_changes_nothing(end: str) -> None:
    rig, _ = rig_with()
    sign_on(rig, "ann")
    rig.scan(BOOK)
    before = rig.now
    rig.scan("staff-bea")
    if end == "withdraw":
        rig.bench.handle(CancelQuestion())
    elif end == "time":
        rig.clock.pause(61)
        rig.look()
    else:
        pin(rig, "000000")
        rig.bench.handle(CancelQuestion())
    assert (rig.now.worker, rig.now.sign_on_prompt, rig.now.item) == ("w-ann", None, before.item)
    assert "signed-off" not in kinds(rig)


def test_an_items_barcode_while_a_pin_is_asked_for_is_the_works() -> None:
    rig, staff = rig_with()
    sign_on(rig, "ann")
    rig.scan("staff-bea")
    pin(rig, BOOK)
    assert rig.now.item is not None and rig.now.item.barcode == BOOK
    assert sign_on_prompt(rig).asks is Asks.PIN, "the question must stay"
    rig.scan(OTHER)
    assert rig.now.item is not None and rig.now.item.barcode == OTHER
    assert ("bea", BOOK) not in staff.looked
    pin(rig, "staff-tess")
    assert sign_on_prompt(rig).who == "Tess", "another card while the PIN is asked for"
    rig.scan("staff-ann")
    assert sign_on_prompt(rig).who == "Ann"


@pytest.mark.parametrize("phase", ["need-tag", "checking", "stopped", "half"])
def test_walking_away_loses_nothing(phase: str) -> None:
    rig, _ = rig_with()
    sign_on(rig, "ann")
    tag = rig.world.tag(1)
    rig.scan(BOOK)
    if phase == "checking":
        rig.place(tag)
        rig.answer()
    elif phase == "stopped":
        rig.place(tag, rig.world.tag(2))
    elif phase == "half":
        rig.world.lift_at_write = 3
        rig.place(tag)
    before, writes = rig.now, rig.world.write_commands
    rig.clock.pause(301)
    rig.look()
    assert (rig.now.worker, sign_on_prompt(rig).why) == (NOBODY, Why.SIGN_ON)
    assert rig.journal.events[-1].operator == "w-ann"
    if phase in ("need-tag", "half"):
        rig.world.pad = [tag]
    rig.look(10)
    assert rig.world.write_commands == writes, "nothing may be written while no person is signed on"
    same = {"phase", "item", "checks", "current_check", "fault"}
    after = rig.now
    assert {name: getattr(after, name) for name in same} == {name: getattr(before, name) for name in same}
    sign_on(rig, "ann")
    if phase in ("need-tag", "half"):
        rig.look(3)
        assert rig.now.phase is Phase.CHECKING, "it must continue where it was"


def test_whoever_works_is_not_signed_off() -> None:
    rig, _ = rig_with()
    sign_on(rig, "ann")
    for _ in range(5):
        rig.clock.pause(200)
        rig.scan(BOOK)
        rig.look()
        assert rig.now.worker == "w-ann"
    tags = [rig.world.tag(number) for number in (1, 2)]
    for number in range(1, 7):
        rig.clock.pause(200)
        rig.world.pad = [tags[number % 2]] if number % 2 else []
        rig.look(3)
    assert rig.now.worker == "w-ann", "tags placed on the pad must count as activity"
    rig.clock.pause(301)
    rig.look()
    assert rig.now.worker == NOBODY


def test_another_programs_work_is_not_the_operators() -> None:
    rig, _ = rig_with()
    sign_on(rig, "ann")
    rig.ask(SetSecurity(barcode=BOOK, secure=False, source="Alma"))
    refused = rig.journal.events[-1]
    assert isinstance(refused, events.PadRequestRefused)
    assert refused.operator == 'program "Alma"'


def test_a_kill_in_the_middle_leaves_nobody_signed_on() -> None:
    for steps in range(4):
        rig, staff = rig_with()
        staff.first.add("ann")
        rig.scan("staff-ann")
        for text in (PINS["ann"], "902811", "902811")[:steps]:
            pin(rig, text)
        rig.start()
        assert (rig.now.worker, sign_on_prompt(rig).asks) == (NOBODY, Asks.WHO)
        rig.scan("staff-ann")
        pin(rig, staff.pins["ann"])
        assert rig.now.worker == ("w-ann" if steps == 3 else NOBODY)


# --- commands in any order --------------------------------------------------------------------------------------------

LOGINS = sorted(PINS)


class SignOnMachine(RuleBasedStateMachine):
    """Any sequence of commands: a person is signed on only after their own right PIN was compared just before."""

    @initialize()
    def begin(self) -> None:
        self.rig, self.staff = rig_with()
        self.staff.first.add("tim")
        self.tag = self.rig.world.tag(1)
        self.asked, self.new = "", ""

    def do(self, command: Command, *, may_become: str = "") -> None:
        before = self.rig.now.worker
        events_before, writes = len(self.rig.journal.events), self.rig.world.write_commands
        self.rig.bench.handle(command)
        after = self.rig.now.worker
        assert after in (before, NOBODY, may_become), f"{command!r} let {after} in"
        if before == NOBODY:
            new = self.rig.journal.events[events_before:]
            allowed = (events.SignOnRefused, events.SignedOn, events.PinSet, events.LineStopped)
            assert all(isinstance(event, allowed) for event in new)
            if after == NOBODY:
                assert self.rig.world.write_commands == writes

    @rule(login=st.sampled_from(LOGINS), badge=st.booleans())
    def a_card_or_badge(self, login: str, badge: bool) -> None:
        looked = len(self.staff.looked)
        if badge:
            self.do(Badge(BADGE_OF[login]))
        else:
            from station.domain.commands import Scan

            self.do(Scan(f"staff-{login}"))
        assert len(self.staff.looked) == looked

    @rule(text=st.sampled_from([*PINS.values(), "000000", "902811", "902812", "12", BOOK, "nonsense"]))
    def something_typed(self, text: str) -> None:
        shown = self.rig.now.sign_on_prompt
        login = shown.who.lower() if shown is not None else ""
        looked = len(self.staff.looked)
        right = self.staff.pins.get(login) == text and login not in self.staff.first
        changed = shown is not None and shown.asks is Asks.AGAIN and text == self.new
        authorised = shown is not None and ((shown.asks is Asks.PIN and right) or changed)
        if shown is not None and shown.asks is Asks.NEW_PIN:
            self.new = text
        self.do(GivePin(Pin(text)), may_become=f"w-{login}" if authorised else "")
        if shown is None or (shown.wait_s and self.staff.until.get(login, 0) > self.rig.clock.monotonic() + 1):
            assert len(self.staff.looked) <= looked + (shown is not None)

    @rule(
        command=st.sampled_from(
            [CancelQuestion(), SignOff(), Cancel(), Choose("retry"), Answer("spine-label", Outcome.PASS)]
        )
    )
    def a_tap(self, command: Command) -> None:
        self.do(command)

    @rule(seconds=st.sampled_from([0.5, 31.0, 61.0, 200.0, 301.0]), lying=st.booleans())
    def time(self, seconds: float, lying: bool) -> None:
        before = self.rig.now.worker
        self.rig.clock.pause(seconds)
        self.rig.world.pad = [self.tag] if lying else []
        self.rig.look(2)
        assert self.rig.now.worker in (before, NOBODY)

    @rule()
    def the_program_is_killed(self) -> None:
        self.rig.start()
        assert self.rig.now.worker == NOBODY

    @invariant()
    def a_closed_door_asks(self) -> None:
        if hasattr(self, "rig"):
            now = self.rig.now
            assert (now.worker == NOBODY) == (now.sign_on_prompt is not None and now.sign_on_prompt.why is Why.SIGN_ON)
            assert not any(text in repr(self.rig.journal.events) for text in PINS.values())
            assert all(event.operator for event in self.rig.journal.events)


def at_sign_on(examples: int, steps: int) -> None:
    run_state_machine_as_test(
        SignOnMachine, settings=hypothesis_settings(max_examples=examples, stateful_step_count=steps, deadline=None)
    )


def test_nobody_gets_in_without_the_right_pin() -> None:
    at_sign_on(25, 30)


@pytest.mark.soak
def test_nobody_gets_in_without_the_right_pin_many() -> None:
    at_sign_on(1500, 60)
