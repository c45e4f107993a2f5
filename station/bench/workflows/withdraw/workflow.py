"""Withdrawal or lease return at the bench.

docs/reference/quality-sources.md#withdrawal: a withdrawal is undone layer by layer. `Leaving` does the first layers of a
withdrawal: decision, library system, tags. Then come the checks, answered one by one: the machine checks the record, the
journal and, if the item is on the pad, its tag; the operator answers the rest. Each answer is journaled at once, so that a
checklist survives a restart.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final, cast, get_args

import msgspec

from station.base.errors import BarcodeMalformed, CatalogError, StationError, SyncError, TagError
from station.base.sentence import EMPTY, Sentence
from station.bench.desk import Desk
from station.bench.item.gate import SET_ASIDE
from station.bench.item.in_hand import ItemInHand
from station.bench.item.security import eas_of
from station.bench.item.write_steps import read_image
from station.bench.moves import moved
from station.bench.rules_change import rules_changed
from station.bench.snapshot import Shown, state
from station.bench.workflows.withdraw.leaving import Leaving
from station.bench.workflows.withdraw.rules import light, prompt_of
from station.bench.workflows.workflow import BenchWorkflow, stopped_by
from station.catalog.barcodes.barcode import check as check_barcode
from station.domain.commands import Act, Answer
from station.domain.events import CheckAnswered, TagErased, WithdrawalBegan, WithdrawalJudged, WithdrawalLeft
from station.domain.findings import Finding, Outcome
from station.domain.item import ItemRecord
from station.domain.item_state import ItemState
from station.domain.notices import NONE, Notice, detailed
from station.domain.people.rights import Role
from station.domain.snapshot import Fault, Light, Phase, Sound
from station.domain.tag_image import Uid
from station.domain.verdict import Verdict
from station.domain.workflows import WithdrawState
from station.encoding.content import TagState
from station.encoding.recognition.recognise import recognise
from station.quality.checks.facts import Task
from station.quality.verdict.checklist import OPEN
from station.quality.verdict.verdict import to_journal, verdict

TASKS: Final[tuple[Task, ...]] = tuple(task for task in get_args(Task) if task != "processing")
_STOPS: Final = 2
"""Findings that are shown at once when the machine makes them."""


class Trigger(StrEnum):
    """Triggers of a checklist's moves."""

    BEGUN = "begun"
    """An item was scanned."""
    JUDGED = "judged"
    """The last check was answered."""
    LEFT = "left"
    """The item was set aside before its verdict."""
    PUT_DOWN = "put-down"
    """The item with its verdict is no longer shown."""


_S, _H = WithdrawState, Trigger
MOVES: Final[dict[tuple[WithdrawState, Trigger], WithdrawState]] = {
    (_S.FREE, _H.BEGUN): _S.ASKING,
    (_S.DONE, _H.BEGUN): _S.ASKING,
    (_S.ASKING, _H.JUDGED): _S.DONE,
    (_S.ASKING, _H.LEFT): _S.FREE,
    (_S.DONE, _H.PUT_DOWN): _S.FREE,
}
"""Moves of a checklist. An item with open checks is judged or set aside; the next item cannot displace it."""


class WithdrawWorkflow(BenchWorkflow):
    """Checks one item at a time."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._leaving = Leaving(desk, self._begin)
        self._state = WithdrawState.FREE
        self._task: Task = TASKS[0]
        self._in_hand: ItemInHand | None = None
        self._fault: Fault | None = None
        self._other: Fault | None = None
        """The tag of another item is on the pad; the checks wait until it is gone."""
        self._seen: frozenset[Uid] = frozenset()
        self._read: frozenset[Uid] | None = None
        self._lifted = False
        """The pad was empty after a stop: what is put on it is tried again."""

    def _move(self, trigger: Trigger) -> None:
        self._state = moved(MOVES, self._state, trigger)

    def restored(self) -> bool:
        """Restore an open checklist with its journaled answers."""
        logged = [entry.event for entry in self._desk.history.open_withdrawal()]
        began = next((event for event in logged if isinstance(event, WithdrawalBegan)), None)
        if began is None or began.task not in TASKS or self._desk.ports.wrong_rules:
            return False  # with bad rules, the checklist waits for the next start
        answers = {event.finding.rule: event.finding for event in logged if isinstance(event, CheckAnswered)}
        self._task = began.task
        in_hand = self._take_up(began, answers)
        self._desk.say(Sentence("withdraw.taken-up", item=self._desk.titles.of(began.barcode)), Sound.WARNING)
        self._conclude_if_all(in_hand)  # the station may have ended between the last answer and the verdict
        return True

    # --- BenchWorkflow ---------------------------------------------------------------------------------------------------

    def enter(self) -> None:
        """Look at the tag again: it may have been erased meanwhile."""
        self._read = None
        in_hand = self._in_hand
        if in_hand is not None and self._state is WithdrawState.ASKING:
            in_hand.uid = in_hand.image = in_hand.content = in_hand.tags_in_field = None
            self._ask(in_hand, _answers(in_hand))
            self._conclude_if_all(in_hand)
        elif self._state is WithdrawState.DONE:
            self._put_down()

    def scan(self, text: str, part: int = 0) -> None:  # noqa: ARG002 - an item leaves with all its parts
        """Take an item. While one is in hand, another one must wait."""
        self._desk.begin_item()
        if rules_changed(self._desk, lambda: self._scan(text)):
            return
        self._scan(text)

    def _scan(self, text: str) -> None:
        self._fault = None
        try:
            barcode = check_barcode(text, self._desk.settings.barcodes)
        except BarcodeMalformed as error:
            self._desk.wrong_scan(text, error)
            return
        if self._state is WithdrawState.ASKING and self._in_hand is not None:
            if barcode == self._in_hand.item.barcode:
                self._desk.say(Sentence("notice.in-hand"), Sound.ACCEPTED)
            else:
                self._desk.other_scan(barcode, self._in_hand.item)
            return
        try:
            item = self._desk.catalog.find(barcode)
        except (CatalogError, SyncError) as error:
            # The library system has no record any more if the order was carried out before the checks.
            state = self._desk.history.state_of(barcode)
            withdrawn = state is not None and state.state is ItemState.WITHDRAWN
            known = self._desk.titles.record(barcode) if withdrawn else None
            leaving = self._leaving.find(barcode)
            if known is None and leaving is not None:
                known = ItemRecord(barcode=barcode, title=leaving.title, call_number=leaving.call_number)
            if known is None:
                self._desk.say(detailed(error), Sound.WARNING)
                return
            item = known
        if self._task == TASKS[0] and self._leaving.decides:
            self._put_down()
            self._leaving.take_up(item)
            return
        self._begin(item)

    def _begin(self, item: ItemRecord) -> None:
        """Begin the checklist of an item. That the library system has no such item any more is right for one that was
        withdrawn, and for a part that leaves: it is no finding."""
        state = self._desk.history.state_of(item.barcode)
        if (state is not None and state.state is ItemState.WITHDRAWN) or self._leaving.find(item.barcode) is not None:
            item = msgspec.structs.replace(item, unknown_to="")
        began = WithdrawalBegan(
            checklist=self._desk.new_id(),
            task=self._task,
            barcode=item.barcode,
            day=self._desk.clock.day(),
            item=item,
            operator=self._desk.worker.id,
        )
        self._desk.journal.record(began)
        in_hand = self._take_up(began, {})
        self._desk.play(Sound.ACCEPTED)
        self._say_what_stops()
        self._conclude_if_all(in_hand)

    def act(self, act: Act) -> None:
        """Handle the actions task (with its name) and settle, and those of an item on its way out."""
        self._fault = None
        if act.name == "task" and act.argument in TASKS and self._state is not WithdrawState.ASKING:
            self._task = act.argument
            self._put_down()
            self._desk.play(Sound.ACCEPTED)
        elif self._state is not WithdrawState.ASKING:
            self._desk.require_worker()
            self._leaving.act(act)

    def look(self) -> None:
        """Read the single tag on a pad at rest, unless it belongs to another item."""
        pad = self._desk.pad.inventory
        steady, self._seen = pad.uids == self._seen and not pad.collision, pad.uids
        in_hand = self._in_hand
        if steady and in_hand is not None and self._state is WithdrawState.ASKING and pad.uids != self._read:
            self._look_at(in_hand, pad.uids)
            self._conclude_if_all(in_hand)
        elif self._state is not WithdrawState.ASKING:
            self._settle(pad.uids)
            if self._fault is None:
                self._leaving.look(pad.uids, steady=steady)

    def look_without_reader(self) -> None:
        if self._state is not WithdrawState.ASKING and self._fault is None:
            self._leaving.follow()

    def _settle(self, uids: frozenset[Uid]) -> None:
        """End a stop once something is put on the empty pad."""
        if self._fault is not None and self._lifted and uids:
            self._fault = None
            self._leaving.try_again()
        self._lifted = not uids

    def choose(self, choice: str) -> None:
        if choice == SET_ASIDE.id and self._other is not None:
            self.leave()

    def failed(self, error: StationError) -> None:
        self._fault = stopped_by(self._desk, error)

    def shown(self) -> Shown:
        in_hand = self._in_hand
        view = msgspec.structs.replace(self._leaving.view(self._task), state=self._state)
        fault = self._fault or self._other
        if fault is not None:
            return Shown(
                view=view,
                phase=Phase.STOPPED,
                prompt=Sentence("state.stopped"),
                light=Light.BAD,
                fault=fault,
                in_hand=in_hand,
            )
        if in_hand is None:
            view = msgspec.structs.replace(view, state=self._leaving.state)
            steps = self._leaving.steps
            if steps is not None:
                writing = Sentence("state.writing")
                return Shown(view=view, phase=Phase.WRITING, prompt=writing, light=Light.BUSY, steps=steps)
            without_reader = view.state not in (WithdrawState.FREE, WithdrawState.STRIP)
            return Shown(
                view=view,
                prompt=prompt_of(view),
                light=light(view),
                without_reader=without_reader,
            )
        if in_hand.verdict is None:
            prompt = (
                Sentence.of(in_hand.checks[in_hand.current].question)
                if in_hand.current < len(in_hand.checks)
                else Sentence("state.checking")
            )
            return Shown(view=view, phase=Phase.CHECKING, prompt=prompt, in_hand=in_hand)
        ending = _ending(in_hand)
        return Shown(
            view=view,
            phase=Phase.DONE,
            state=state(Phase.DONE, in_hand, finished_on_pad=False),
            prompt=Sentence(f"withdraw.done.{ending}"),
            light=_LIGHTS[ending],
            in_hand=in_hand,
        )

    def answer(self, answer: Answer) -> None:
        self._desk.notice = NONE
        in_hand = self._in_hand
        if in_hand is None or self._state is not WithdrawState.ASKING:
            return
        if self._other is not None:
            self._desk.answers.comes_to(Notice(self._other.code, self._other.sentence))
            self._desk.play(Sound.WARNING)
        elif self._desk.judge.must_look(in_hand, answer):
            self._desk.say(Sentence("notice.must-look"), Sound.WARNING)
        elif self._desk.judge.needs_reason(in_hand, answer):
            self._desk.say(Sentence("withdraw.say-how"), Sound.WARNING)
        elif self._desk.judge.answer(in_hand, answer, self._desk.worker.id, self._desk.clock.monotonic()):
            self._conclude_if_all(in_hand)

    def reopen(self) -> None:
        self._desk.notice = NONE
        if self._in_hand is not None:
            self._desk.judge.reopen(self._in_hand, self._desk.clock.monotonic())

    def leave(self) -> None:
        self._desk.notice = NONE
        in_hand = self._in_hand
        if in_hand is None:
            self._leaving.put_down()
            return
        if self._state is WithdrawState.ASKING:
            self._desk.journal.record(
                WithdrawalLeft(
                    checklist=in_hand.checklist,
                    task=in_hand.task,
                    barcode=in_hand.item.barcode,
                    reason=Sentence("detail.set-aside"),
                    operator=self._desk.worker.id,
                )
            )
            self._move(Trigger.LEFT)
        self._put_down()

    def job_ended(self, job: str) -> Sentence:
        in_hand = self._in_hand
        if in_hand is None or self._state is not WithdrawState.ASKING or in_hand.job != job:
            return EMPTY
        self.leave()
        return Sentence.verbatim(in_hand.item.title or in_hand.item.barcode)

    def _put_down(self) -> None:
        if self._state is WithdrawState.DONE:
            self._move(Trigger.PUT_DOWN)
        self._in_hand, self._other = None, None
        self._leaving.put_down()

    # --- the item --------------------------------------------------------------------------------------------------------------

    def _take_up(self, began: WithdrawalBegan, answers: dict[str, Finding]) -> ItemInHand:
        desk = self._desk
        worker = desk.people.find(began.operator) if began.operator else desk.worker
        in_hand = ItemInHand(item=began.item, part=1, started=desk.clock.monotonic(), worker=worker)
        in_hand.task, in_hand.checklist, in_hand.day = cast(Task, began.task), began.checklist, began.day
        in_hand.job = desk.job_id
        self._in_hand, self._read = in_hand, None
        self._move(Trigger.BEGUN)
        self._ask(in_hand, answers)
        desk.corrections.look(in_hand)
        return in_hand

    def _ask(self, in_hand: ItemInHand, answers: dict[str, Finding]) -> None:
        """Make the machine findings and checks from what is known now. Earlier answers are kept."""
        logged = self._desk.history.about_item(in_hand.item.barcode)
        in_hand.erased = any(isinstance(entry.event, TagErased) and not entry.event.stray for entry in logged)
        each = Role.TRAINEE in (in_hand.worker.role, self._desk.worker.role)
        self._desk.judge.begin(in_hand, in_hand.day, self._desk.clock.monotonic(), each=each, alone=True)
        self._desk.judge.remember(in_hand, answers)

    def _conclude_if_all(self, in_hand: ItemInHand) -> None:
        if in_hand.current == len(in_hand.checks) and self._desk.pad.uids != self._read:
            self._look_at(in_hand, self._desk.pad.uids)  # the taps were faster than the looks at the pad
        if in_hand.current < len(in_hand.checks) or self._other is not None:
            return
        desk, worker = self._desk, self._desk.worker
        findings = desk.judge.left_open(in_hand, desk.judge.settle(in_hand))
        kept, passed = to_journal(findings)
        judged = WithdrawalJudged(
            checklist=in_hand.checklist,
            task=in_hand.task,
            barcode=in_hand.item.barcode,
            uid=in_hand.uid or "",
            verdict=verdict(findings),
            findings=kept,
            passed=passed,
            day=in_hand.day,
            item=in_hand.item,
            seconds=round(desk.clock.monotonic() - in_hand.started, 3),
            operator=worker.id,
        )
        desk.journal.record(*desk.corrections.after_withdrawal(in_hand, findings, judged.verdict, worker), judged)
        self._move(Trigger.JUDGED)
        in_hand.findings, in_hand.verdict = findings, judged.verdict
        desk.corrections.look(in_hand)
        desk.play(_SOUNDS[_LIGHTS[_ending(in_hand)]])
        if judged.verdict is Verdict.PASS:
            self._leaving.checked(in_hand.item.barcode)

    def _look_at(self, in_hand: ItemInHand, uids: frozenset[Uid]) -> None:
        """Read the single tag on the pad. An unreadable tag changes nothing. The tag of another item stops the checks
        until it is gone."""
        self._read, self._other = uids, None
        if len(uids) != 1:
            return
        uid = next(iter(uids))
        try:
            image = read_image(self._desk.reader, uid)
            seen = recognise(image, self._desk.profile)
            bit = eas_of(self._desk.reader, self._desk.profile, uid)
        except TagError:
            self._read = None
            return
        content = seen.content
        bound = self._desk.journal.binding_of(uid)
        name = content.primary_item_identifier if content is not None and seen.state is TagState.OURS else ""
        name = name or (bound.barcode if bound is not None else "")
        if name and name != in_hand.item.barcode:
            title = self._desk.titles.of(name)
            self._other = Fault(
                code="other-leaves",
                sentence=Sentence("fault.other-leaves", title=title),
                do=Sentence("do.other-leaves"),
                choices=(SET_ASIDE,),
            )
            self._desk.line_stopped(self._other, Sound.BAD, in_hand.item.barcode, uid)
            return
        in_hand.uid, in_hand.image, in_hand.content, in_hand.tags_in_field = uid, image, content, 1
        in_hand.eas, in_hand.no_eas = bit
        self._ask(in_hand, _answers(in_hand))
        self._say_what_stops()

    def _say_what_stops(self) -> None:
        """Show failed machine findings before the operator continues, since a commitment to keep the piece ends a
        withdrawal."""
        in_hand = self._in_hand
        failed = (
            [finding for finding in in_hand.findings if finding.outcome is Outcome.FAIL] if in_hand is not None else []
        )
        if failed:
            # The fault comes first: a rule's title describes the right state, and a line may be cut.
            why = Sentence.joined(
                Sentence.joined((finding.reason, finding.heading), ": ") for finding in failed[:_STOPS]
            )
            self._desk.say(Sentence("withdraw.stops", why=why), Sound.BAD)


def _answers(in_hand: ItemInHand) -> dict[str, Finding]:
    """Return the answers given so far, by rule."""
    return {finding.rule: finding for check in in_hand.checks for finding in check.findings}


def _ending(in_hand: ItemInHand) -> str:
    """Return how the checks ended: "fail", "open" (the tag is still to be erased), "flags" or "pass"."""
    if in_hand.verdict is not Verdict.PASS:
        return "fail"
    if any(finding.code == OPEN for finding in in_hand.findings):
        return "open"
    return "flags" if in_hand.flags else "pass"


_LIGHTS: Final = {"fail": Light.BAD, "open": Light.WARNING, "flags": Light.WARNING, "pass": Light.GOOD}
_SOUNDS: Final = {Light.BAD: Sound.BAD, Light.WARNING: Sound.WARNING, Light.GOOD: Sound.GOOD}
