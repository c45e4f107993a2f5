"""Convert: items one after another without a tap, in sessions, and stacks of finished items checked together.

Convert asks no checks, except for an item with an unreadable record. Any doubt stops it until the operator answers on
the screen. Each item goes through the item flow of process, so tags are written and verified exactly as there.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

import msgspec

from station.base.errors import BarcodeMalformed, StationError, TagAbsent
from station.base.sentence import EMPTY, Sentence
from station.bench.desk import Desk
from station.bench.item.corrections import flagged
from station.bench.item.gate import SET_ASIDE, SET_ASIDE_MAIN
from station.bench.item.in_hand import ItemInHand, StopKind
from station.bench.item.titles import name_of
from station.bench.snapshot import Shown
from station.bench.workflows.convert.session import ConvertSession, Trigger, done_item
from station.bench.workflows.convert.stack_reading import Stacking
from station.bench.workflows.process.checks import Checks
from station.bench.workflows.process.choices import Choices
from station.bench.workflows.process.item_flow import ItemFlow
from station.bench.workflows.process.scans import Scans
from station.bench.workflows.workflow import BenchWorkflow
from station.catalog.barcodes.barcode import check as check_barcode
from station.domain.choice import Choice
from station.domain.commands import Act, AllGood, Answer
from station.domain.events import ConvertBegan, ConvertEnded, StackChecked, TagChangeStarted, TagUndoStarted
from station.domain.finding_words import reason_of
from station.domain.inventory import Inventory
from station.domain.item import Barcode
from station.domain.notices import NONE, Notice
from station.domain.snapshot import Fault, Light, Phase, Sound
from station.domain.tag_image import Uid
from station.domain.verdict import Verdict
from station.domain.workflows import ConvertState, StackReport, StackState, Workflow

_FREE: Final = (Phase.IDLE, Phase.DONE, Phase.NEED_SCAN)
_LOOKING: Final = (ConvertState.LAY_STACK, ConvertState.STACK)
_DISMISS: Final = Choice(id="dismiss", label=Sentence("choice.go-on"), main=True)
_GO_ON: Final = Choice(id="go-on", label=Sentence("choice.go-on"))
_LEAST_STACK: Final = 2
"""Minimum number of finished items' tags on the pad that counts as a stack rather than a collision."""
_REASONS: Final = 2
"""Failed findings that a stop names."""


class ConvertWorkflow(BenchWorkflow):
    """Owns an item flow and a session. Implements the flow's `ItemPolicy`."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self.flow = ItemFlow(desk, self)
        self._checks = Checks(desk, self.flow)
        self._scans = Scans(desk, self.flow, self._checks)
        self._choices = Choices(desk, self.flow, self._scans)
        self._session = ConvertSession(desk.settings.convert.stack)
        self._stacking = Stacking(desk.reader, desk.journal, desk.catalog, desk.tag_writer, desk.profile)
        self._by_tap = False
        """The operator requested the check by a tap, so the station waits for the stack."""
        self._job = ""
        """The job of another terminal that opened the session; "" = the operator opened it."""

    # --- the session -----------------------------------------------------------------------------------------------------

    def restored(self) -> bool:
        """Restore a session that was open when the station ended. Return False if the item in hand was in Process, as
        the session can be opened again from the menu."""
        began = self._desk.history.open_session()
        if began is None:
            return False
        in_hand = self._session.restored(self._desk.history.of_session(began.seq))
        if in_hand is None:
            return True
        self._desk.say(Sentence("convert.in-hand", title=name_of(in_hand.item)), Sound.WARNING)
        return in_hand.session == self._session.session

    def enter(self) -> None:
        """Open a session if none is open."""
        self.flow.reader_returned()
        if self._session.state is ConvertState.CLOSED:
            session = self._desk.new_id()
            self._desk.journal.record(ConvertBegan(session=session, operator=self._desk.worker.id))
            self._session.open(session)
            self._job = self._desk.job_id

    def act(self, act: Act) -> None:
        """Handle the actions check-stack, go-on and end."""
        state = self._session.state
        if act.name == "check-stack" and state is ConvertState.LINE and self.flow.phase in _FREE:
            self._look_for_stack(by_tap=True)
        elif act.name == "go-on" and state in _LOOKING:
            self._session.settle()
            self.flow.rest()
        elif act.name == "end" and state is ConvertState.LINE and self.flow.phase in _FREE:
            done, left = self._end()
            self._desk.enter(Workflow.PROCESS)
            if left:
                over, unverified = Sentence("convert.over", count=done), Sentence("convert.unverified", count=left)
                sentence = Sentence.joined((over, unverified), between=" ")
                self._desk.say(Notice(unverified.key, sentence), Sound.WARNING)
            else:
                self._desk.say(Sentence("convert.over", count=done), Sound.GOOD)

    def _end(self) -> tuple[int, int]:
        """End the session. Return (items done, items whose stack was not checked)."""
        desk, session = self._desk, self._session
        desk.journal.record(
            ConvertEnded(
                session=session.session,
                done=session.done,
                not_good=session.not_good,
                unverified=len(session.stack),
                operator=desk.worker.id,
            )
        )
        done, left = session.done, len(session.stack)
        session.end()
        self.flow.rest()
        return done, left

    def job_ended(self, job: str) -> Sentence:
        item = self.flow.job_ended(job)
        if self._session.state is ConvertState.CLOSED or self._job != job:
            return item
        if self._session.state in _LOOKING:
            self._session.settle()
        self.flow.rest()
        self._end()
        return item or Sentence("menu.convert")

    def tag_changes(self, event: TagChangeStarted) -> None:
        self.flow.tag_changes(event)
        if isinstance(event, TagUndoStarted):
            self._session.undone(event.barcode, event.part)

    # --- scans and taps --------------------------------------------------------------------------------------------------

    def scan(self, text: str, part: int = 0) -> None:
        if not self._refuses(text):
            self._scans.scan(text, part)

    def _refuses(self, text: str) -> bool:
        """Refuse a scan that would skip a doubt, or of a finished item. Return False if the scan may go on."""
        try:
            barcode = check_barcode(text, self._desk.settings.barcodes)
        except BarcodeMalformed:
            return False
        stopped, in_hand, session = self.flow.stopped, self.flow.in_hand, self._session
        again = in_hand is not None and barcode == in_hand.item.barcode
        only_waits = stopped is not None and stopped.fault.code == TagAbsent.code
        if stopped is not None and not stopped.armed and not again and not only_waits:
            self._desk.say(Sentence("convert.answer-first"), Sound.WARNING)
            return True
        if session.state is ConvertState.STACK and session.report is not None and session.report.doubtful:
            self._desk.say(Sentence("convert.stack-not-right"), Sound.WARNING)
            return True
        if session.state in _LOOKING:
            session.settle()
            self.flow.rest()
        if self.flow.phase is Phase.NEED_TAG and in_hand is not None and not again:
            self._not_placed(in_hand)
            return True
        return self._done_before(barcode)

    def _not_placed(self, in_hand: ItemInHand) -> None:
        """Stop after two barcodes in a row: the station must not guess which of the two items will be on the pad."""
        sentence = Sentence("convert.not-placed", item=name_of(in_hand.item))
        fault = Fault(code="not-placed", sentence=sentence, do=Sentence("do.not-placed"), choices=(SET_ASIDE,))
        self.flow.stop(StopKind.PAD, fault)

    def _done_before(self, barcode: Barcode) -> bool:
        known = next((item.parts for item in self._session.items if item.barcode == barcode), 0)
        if not known or not self._session.has(barcode, known):
            return False
        self._desk.say(Sentence("convert.done-before", barcode=barcode), Sound.WARNING)
        return True

    def choose(self, choice: str) -> None:
        self._choices.choose(choice)

    def answer(self, answer: Answer) -> None:
        """Take an answer to a check. Checks are asked here if the record cannot be read."""
        self._desk.notice = NONE
        self._checks.answer(answer)

    def answer_all(self, all_good: AllGood) -> None:
        self._desk.notice = NONE
        self._checks.answer_all(all_good)

    def reopen(self) -> None:
        self._checks.reopen()

    def leave(self) -> None:
        self.flow.set_aside(Sentence("detail.set-aside"))

    def select_part(self, part: int) -> None:
        self._choices.select_part(part)

    @property
    def reading(self) -> bool:
        return self.flow.reading

    def read_on(self) -> None:
        self.flow.read_on()

    def failed(self, error: StationError) -> None:
        self.flow.failed(error)

    @property
    def busy(self) -> Sentence:
        return self.flow.busy

    # --- ItemPolicy ------------------------------------------------------------------------------------------------------

    @property
    def session(self) -> str:
        return self._session.session

    def doubt(self, in_hand: ItemInHand) -> Fault | None:
        """Stop the line for an item with an open correction."""
        if not in_hand.flags or "not-done" in in_hand.accepted:
            return None
        return Fault(
            code="not-done",
            sentence=flagged(in_hand.flags),
            do=Sentence("do.not-done"),
            choices=(SET_ASIDE_MAIN, _GO_ON),
        )

    def begin_checks(self, in_hand: ItemInHand) -> None:
        # If the record cannot be read or has no title or label, the machine alone passes nothing: the operator is asked.
        item, clock = in_hand.item, self._desk.clock
        unattended = EMPTY if item.unread or not (item.title and item.label_lines) else Sentence("convert.not-asked")
        self._desk.judge.begin(in_hand, clock.now()[:10], clock.monotonic(), unattended=unattended)

    def judged(self, in_hand: ItemInHand) -> None:
        good, judged = in_hand.verdict is Verdict.PASS, in_hand.judged
        if judged is None:
            return
        self._session.judged(done_item(judged), good=good, now=self._desk.clock.monotonic())
        if good and not in_hand.flags:
            self._session.move(Trigger.DONE)
            return
        failed = [finding for finding in in_hand.findings if finding.fails_item]
        why = Sentence.joined(reason_of(finding.reason) or finding.heading for finding in failed[:_REASONS])
        sentence = Sentence("convert.not-good", item=name_of(in_hand.item), why=why or flagged(in_hand.flags))
        fault = Fault(
            code="not-good",
            sentence=sentence,
            do=Sentence("do.not-good"),
            barcode=in_hand.item.barcode,
            choices=(_DISMISS,),
        )
        self.flow.stop(StopKind.LINE, fault)

    def stopped(self) -> None:
        if self._session.can(Trigger.DOUBT):
            self._session.move(Trigger.DOUBT)

    def stop_ended(self) -> None:
        if self._session.state is ConvertState.STOPPED:
            self._session.settle()

    # --- the stack -------------------------------------------------------------------------------------------------------

    def look(self) -> None:
        if not self._stack_on_pad():
            self.flow.look()

    def _look_for_stack(self, *, by_tap: bool) -> None:
        self._session.move(Trigger.ASKED)
        self._stacking.begin()
        self._by_tap = by_tap

    def _stack_on_pad(self) -> bool:
        """Return True if the tags on the pad are handled as a stack."""
        session, pad = self._session, self._desk.pad
        seen = pad.inventory
        if session.state is ConvertState.LINE and self.flow.phase in _FREE and not seen.collision:
            if sum(session.holds(*key) for key in self._lying(seen.uids)) < _LEAST_STACK:
                return False
            self._look_for_stack(by_tap=False)
        if session.state not in _LOOKING:
            return False
        if not seen.uids:
            over = not self._by_tap if session.report is None else session.report.whole
            if over:
                session.settle()
                pad.finished = None
                self.flow.rest()
            return True
        if self._stacking.steady(seen):
            report = self._stacking.compare(seen.uids, session.expected(self._lying(seen.uids)))
            if report is not None:
                self._stack_looked(report)
        return True

    def _lying(self, uids: Iterable[Uid]) -> list[tuple[str, int]]:
        """Return item and part of each of these tags according to the journal."""
        bound = (self._desk.journal.binding_of(uid) for uid in sorted(uids))
        return [(binding.barcode, binding.part) for binding in bound if binding is not None]

    def _stack_looked(self, report: StackReport) -> None:
        desk = self._desk
        desk.notice = NONE
        desk.journal.record(StackChecked(session=self._session.session, lines=report.lines, operator=desk.worker.id))
        self._session.looked(report)
        desk.play(Sound.GOOD if report.whole else Sound.BAD if report.doubtful else Sound.WARNING)

    def check_stack(self, seen: Inventory, barcodes: tuple[str, ...], source: str) -> StackReport:
        """Compare the stack on the pad for another program. Without barcodes, compare it with the stack of the open
        session; items found right leave that stack. Without an open stack, compare the tags on the pad with the
        journal."""
        session = self._session
        of_session = not barcodes and session.state is ConvertState.LINE and bool(session.stack)
        if of_session:
            expected = session.expected(self._lying(seen.uids))
        else:
            expected = self._stacking.parts_of(barcodes)
        report = self._stacking.look(seen, expected)
        self._desk.journal.record(
            StackChecked(session=session.session if of_session else "", lines=report.lines, operator=source)
        )
        if of_session:
            session.move(Trigger.ASKED)
            session.looked(report)
            session.settle()
        return report

    # --- display ---------------------------------------------------------------------------------------------------------

    def shown(self) -> Shown:
        view = self._session.view()
        shown = msgspec.structs.replace(self.flow.shown(), view=view)
        rests = view.state is ConvertState.LINE and self.flow.phase in (Phase.IDLE, Phase.DONE)
        if rests and self._session.full:
            return msgspec.structs.replace(shown, prompt=Sentence("convert.stack-full", count=len(view.stack)))
        if view.state not in _LOOKING:
            return shown
        report = view.report
        if report is None:
            prompt, light = Sentence("convert.lay-stack", count=len(self._session.expected(()))), Light.NEUTRAL
        else:
            light = Light.GOOD if report.whole else Light.BAD if report.doubtful else Light.WARNING
            prompt = stack_sentence(report)
        # The verdict of the last item does not apply to the stack.
        return msgspec.structs.replace(shown, prompt=prompt, light=light, without_verdict=True)


def stack_sentence(report: StackReport) -> Sentence:
    """Return a sentence with the result of a stack check and the next step."""
    right, missing = len(report.of(StackState.RIGHT)), len(report.of(StackState.MISSING))
    if report.whole:
        return Sentence("stack.whole", count=right)
    out = len(report.lines) - right - missing
    parts = [Sentence("stack.right", count=right)]
    parts += [Sentence("stack.take-out", count=out)] if out else []
    parts += [Sentence("stack.to-come", count=missing)] if missing else []
    return Sentence.joined(parts, ", ")
