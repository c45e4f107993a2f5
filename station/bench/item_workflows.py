"""Process and convert: the two workflows that take items from scan to verdict. Change between them.

Both use the same gate, encoder and judge. Each keeps its own item in hand while another workflow has the bench. Convert asks
no checks; any doubt stops it until the operator answers at the screen.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import msgspec

from station.base.errors import BarcodeMalformed
from station.base.text import clean
from station.base.words import Sentence, tell
from station.bench.bench_ports import BenchPorts
from station.bench.item.corrections import flagged
from station.bench.item.gate import SET_ASIDE
from station.bench.item.in_hand import ItemInHand, StopKind, Stopped
from station.bench.item_flow import SET_ASIDE_MAIN
from station.bench.orders import BenchOrders
from station.bench.workflows.convert.session import ConvertSession, Trigger, done_item
from station.catalog.barcodes.barcode import check as check_barcode
from station.domain.choice import Choice
from station.domain.commands import Act, CheckStack
from station.domain.events import ConvertBegan, ConvertEnded, ItemJudged, ItemSetAside, StackChecked
from station.domain.findings import Outcome
from station.domain.notices import NONE, Notice
from station.domain.snapshot import Fault, Light, Phase, Snapshot, Sound, Verdict
from station.domain.tag_image import Uid
from station.domain.workflows import ConvertState, StackReport, StackState, Workflow

if TYPE_CHECKING:
    from station.domain.item import Barcode, ItemRecord

ITEM_WORKFLOWS: Final = (Workflow.PROCESS, Workflow.CONVERT)
"""Workflows that take items from scan to verdict."""
_FREE: Final = (Phase.IDLE, Phase.DONE, Phase.NEED_SCAN)
_LOOKING: Final = (ConvertState.LAY_STACK, ConvertState.STACK)
_DISMISS: Final = Choice(id="dismiss", label="choice.go-on", main=True)
_GO_ON: Final = Choice(id="go-on", label="choice.go-on")
_LEAST_STACK: Final = 2
"""So many tags of finished items on the pad are a stack, and no crowd."""


@dataclass
class _Suspended:
    """The state of process or convert while another workflow has the bench."""

    phase: Phase = Phase.IDLE
    in_hand: ItemInHand | None = None
    stopped: Stopped | None = None
    tag: tuple[Uid, str] | None = None


class BenchItemWorkflows(BenchOrders):
    """Process and convert; see the module."""

    def __init__(self, ports: BenchPorts) -> None:
        super().__init__(ports)
        self._item_workflow = Workflow.PROCESS
        self._suspended: dict[Workflow, _Suspended] = {}
        self._by_tap = False
        """The stack was asked for by a tap: then the station waits for it."""
        self._convert = ConvertSession(self._settings.convert.stack)
        self._corrections.first_verdict = self._verdict_of
        self._resume_session()

    def _verdict_of(self, barcode: str, part: int, worker: str) -> ItemJudged | None:
        """The newest verdict of this worker about a part of an item."""
        judged = (one.event for one in self._history.about_item(barcode) if isinstance(one.event, ItemJudged))
        return next((one for one in reversed(tuple(judged)) if (one.part, one.operator) == (part, worker)), None)

    # --- workflows -------------------------------------------------------------------------------------------------------

    def _enter(self, workflow: Workflow) -> None:
        """Give the bench to a workflow; the item in hand waits in its own workflow."""
        if workflow is self._workflow:
            return
        self._notice = NONE
        if workflow in ITEM_WORKFLOWS:
            self._change_item_workflow(workflow)
        self._workflow = workflow
        if workflow is Workflow.CONVERT and self._convert.state is ConvertState.CLOSED:
            session = self._new_id()
            self._journal.record(ConvertBegan(session=session, operator=self._operator))
            self._convert.open(session)
        self._play(Sound.ACCEPTED)

    def _change_item_workflow(self, line: Workflow) -> None:
        if line is self._item_workflow:
            return
        self._suspended[self._item_workflow] = _Suspended(self._phase, self._in_hand, self._stopped, self._tag)
        place = self._suspended.pop(line, _Suspended())
        self._item_workflow = line
        self._phase, self._in_hand, self._stopped, self._tag = place.phase, place.in_hand, place.stopped, place.tag
        if self._in_hand is not None:
            self._in_hand.waiting_since = self._clock.monotonic()

    def _forget_item_of(self, uid: Uid) -> None:
        """Set aside the item whose tag was undone, also in the workflow that waits; no longer show its verdict."""
        self._suspended[self._item_workflow] = _Suspended(self._phase, self._in_hand, self._stopped, self._tag)
        for line, place in tuple(self._suspended.items()):
            in_hand = place.in_hand
            if in_hand is not None and uid in (in_hand.uid, in_hand.half):
                why = tell("undo.taken-back")
                if in_hand.verdict is None:
                    self._journal.record(
                        ItemSetAside(barcode=in_hand.item.barcode, uid=uid, reason=why, operator=self._operator)
                    )
                self._suspended[line] = _Suspended()
        place = self._suspended.pop(self._item_workflow)
        self._phase, self._in_hand, self._stopped, self._tag = place.phase, place.in_hand, place.stopped, place.tag

    def _resume_session(self) -> None:
        """A session that the station's end cut short goes on where it was."""
        began = self._history.open_session()
        if began is None:
            return
        in_hand = self._convert.restored(self._history.of_session(began.seq))
        self._item_workflow = self._workflow = Workflow.CONVERT
        if in_hand:
            self._say(Sentence("convert.in-hand", barcode=in_hand), Sound.WARNING)

    def _act(self, act: Act) -> None:
        """A tap on an action of the workflow; one that does not fit is late or doubled, and does nothing."""
        if self._workflow is not Workflow.CONVERT:
            return
        self._notice = NONE
        state = self._convert.state
        if act.name == "check-stack" and state is ConvertState.LINE and self._phase in _FREE:
            self._convert.move(Trigger.ASKED)
            self._stacking.begin()
            self._by_tap = True
        elif act.name == "go-on" and state in _LOOKING:
            self._convert.settle()
            self._rest()
        elif act.name == "end" and state is ConvertState.LINE and self._phase in _FREE:
            self._end_session()

    def _end_session(self) -> None:
        convert = self._convert
        self._journal.record(
            ConvertEnded(
                session=convert.session,
                done=convert.done,
                not_good=convert.not_good,
                unverified=len(convert.stack),
                operator=self._operator,
            )
        )
        done, left = convert.done, len(convert.stack)
        convert.end()
        self._rest()
        self._enter(Workflow.PROCESS)
        if left:
            said = f"{tell('convert.over', count=done)} {tell('convert.unverified', count=left)}"
            self._say(Notice("convert.unverified", said), Sound.WARNING)
        else:
            self._say(Sentence("convert.over", count=done), Sound.GOOD)

    # --- the line stops, and goes on --------------------------------------------------------------------------------------

    @property
    def _converting(self) -> bool:
        return self._item_workflow is Workflow.CONVERT and self._convert.state is not ConvertState.CLOSED

    def _stop(self, kind: StopKind, fault: Fault, *, uid: Uid | None = None, may_overwrite: bool = False) -> None:
        super()._stop(kind, fault, uid=uid, may_overwrite=may_overwrite)
        if self._converting:
            self._convert.move(Trigger.DOUBT)

    def _clear_stop(self, phase: Phase) -> None:
        super()._clear_stop(phase)
        if self._converting and self._convert.state is ConvertState.STOPPED:
            self._convert.settle()

    def _refuses_scan(self, text: str) -> bool:
        """In a conversion a scan never runs past a doubt. True: it was answered here."""
        if self._workflow is not Workflow.CONVERT:
            return False
        try:
            barcode = check_barcode(text, self._settings.barcodes)
        except BarcodeMalformed:
            return False
        stopped, in_hand, convert = self._stopped, self._in_hand, self._convert
        again = in_hand is not None and barcode == in_hand.item.barcode
        if stopped is not None and not stopped.armed and not again:
            self._say(Sentence("convert.line-stands"), Sound.WARNING)
            return True
        if convert.state is ConvertState.STACK and convert.report is not None and convert.report.doubtful:
            self._say(Sentence("convert.stack-not-right"), Sound.WARNING)
            return True
        if convert.state in _LOOKING:
            convert.settle()
            self._rest()
        if self._phase is Phase.NEED_TAG and in_hand is not None and not again:
            self._not_placed(in_hand)
            return True
        return self._done_before(barcode)

    def _not_placed(self, in_hand: ItemInHand) -> None:
        """Two barcodes in a row: the station must not guess which of the two items comes to lie on the pad."""
        name = in_hand.item.title or in_hand.item.barcode
        sentence = tell("convert.not-placed", item=clean(name, 80))
        fault = Fault(code="not-placed", sentence=sentence, new=str(in_hand.item.barcode), choices=(SET_ASIDE,))
        self._stop(StopKind.PAD, fault)

    def _done_before(self, barcode: Barcode) -> bool:
        known = next((item.parts for item in self._convert.items if item.barcode == barcode), 0)
        if not known or not self._convert.has(barcode, known):
            return False
        self._say(Sentence("convert.done-before", barcode=barcode), Sound.WARNING)
        return True

    # --- one item ----------------------------------------------------------------------------------------------------------

    def _begin(self, item: ItemRecord, part: int) -> None:
        super()._begin(item, part)
        if self._converting and self._in_hand is not None:
            self._in_hand.session = self._convert.session

    def _doubt(self, in_hand: ItemInHand) -> Fault | None:
        """In a conversion an item that is not done stops the line too."""
        fault = super()._doubt(in_hand)
        if fault is None and self._converting and in_hand.flags and "not-done" not in in_hand.accepted:
            return Fault(code="not-done", sentence=str(flagged(in_hand.flags)), choices=(SET_ASIDE_MAIN, _GO_ON))
        return fault

    def _begin_checks(self, in_hand: ItemInHand) -> None:
        if not in_hand.session:
            super()._begin_checks(in_hand)
            return
        # Where the record cannot be read, the machine alone passes nothing: then a person is asked here too.
        unattended = "" if in_hand.item.unread else tell("convert.nobody-asked")
        self._judge.begin(in_hand, self._clock.now()[:10], unattended=unattended)

    def _conclude(self, in_hand: ItemInHand) -> None:
        super()._conclude(in_hand)
        if in_hand.session and in_hand.judged is not None:
            self._converted(in_hand)

    def _converted(self, in_hand: ItemInHand) -> None:
        good = in_hand.verdict is Verdict.PASS
        judged = in_hand.judged
        if judged is None:
            return
        self._convert.judged(done_item(judged), good=good, now=self._clock.monotonic())
        if not good or in_hand.flags:
            failed = [one for one in in_hand.findings if one.outcome is Outcome.FAIL]
            why = "; ".join(one.reason or one.title for one in failed[:_REASONS]) or str(flagged(in_hand.flags))
            sentence = tell("convert.not-good", item=clean(in_hand.item.title, 80), why=clean(why))
            self._stop(
                StopKind.LINE, Fault(code="not-good", sentence=sentence, new=in_hand.item.barcode, choices=(_DISMISS,))
            )
            return
        self._convert.move(Trigger.DONE)

    # --- the stack ---------------------------------------------------------------------------------------------------------

    def _on_pad(self) -> None:
        if self._workflow is Workflow.CONVERT and self._stack_on_pad():
            return
        super()._on_pad()

    def _stack_on_pad(self) -> bool:
        """True when what lies there is looked at as a stack."""
        convert, seen = self._convert, self._pad.inventory
        if convert.state is ConvertState.LINE and self._phase in _FREE and not seen.collision:
            if sum(convert.holds(*one) for one in self._lying(seen.uids)) < _LEAST_STACK:
                return False
            convert.move(Trigger.ASKED)
            self._stacking.begin()
            self._by_tap = False
        if convert.state not in _LOOKING:
            return False
        if not seen.uids:
            over = not self._by_tap if convert.report is None else convert.report.whole
            if over:
                convert.settle()
                self._finished = None
                self._rest()
            return True
        if self._stacking.steady(seen):
            report = self._stacking.compare(seen.uids, convert.expected(self._lying(seen.uids)))
            if report is not None:
                self._stack_looked(report)
        return True

    def _lying(self, uids: Iterable[Uid]) -> list[tuple[str, int]]:
        """Item and part of each of these tags, as the journal has them."""
        bound = (self._journal.binding_of(uid) for uid in sorted(uids))
        return [(one.barcode, one.part) for one in bound if one is not None]

    def _stack_looked(self, report: StackReport) -> None:
        self._notice = NONE
        self._journal.record(StackChecked(session=self._convert.session, lines=report.lines, operator=self._operator))
        self._convert.looked(report)
        self._play(Sound.GOOD if report.whole else Sound.BAD if report.doubtful else Sound.WARNING)

    def _check_stack(self, request: CheckStack) -> StackReport:
        """Without named items: the stack of the open session, which what is right then leaves."""
        convert = self._convert
        if request.barcodes or convert.state is not ConvertState.LINE or not convert.stack:
            return super()._check_stack(request)
        report = self._stack_seen(
            convert.session, lambda uids: convert.expected(self._lying(uids)), clean(request.source)
        )
        convert.move(Trigger.ASKED)
        convert.looked(report)
        convert.settle()
        return report

    # --- what is shown -------------------------------------------------------------------------------------------------------

    def _dressed(self, snapshot: Snapshot) -> Snapshot:
        if self._workflow is not Workflow.CONVERT:
            return msgspec.structs.replace(snapshot, workflow=self._workflow)
        view = self._convert.view()
        shown = msgspec.structs.replace(snapshot, workflow=self._workflow, workflow_view=view)
        rests = view.state is ConvertState.LINE and self._phase in (Phase.IDLE, Phase.DONE) and shown.fault is None
        if rests and self._convert.full:
            return msgspec.structs.replace(shown, prompt=tell("convert.stack-full", count=len(view.stack)))
        if view.state not in _LOOKING or not snapshot.reader_ready:
            return shown
        report, count = view.report, len(self._convert.expected(()))
        shown = msgspec.structs.replace(shown, verdict=None)  # that of the item before is not the stack's
        if report is None:
            return msgspec.structs.replace(shown, prompt=tell("convert.lay-stack", count=count), light=Light.NEUTRAL)
        light = Light.GOOD if report.whole else Light.BAD if report.doubtful else Light.WARNING
        return msgspec.structs.replace(shown, prompt=stack_sentence(report), light=light)


_REASONS: Final = 2


def stack_sentence(report: StackReport) -> str:
    """What a look at a stack came to, and what to do."""
    right, missing = len(report.of(StackState.RIGHT)), len(report.of(StackState.MISSING))
    if report.whole:
        return tell("stack.whole", count=right)
    out = len(report.lines) - right - missing
    said = [tell("stack.right", count=right)]
    said += [tell("stack.take-out", count=out)] if out else []
    said += [tell("stack.to-come", count=missing)] if missing else []
    return ", ".join(said)
