"""The bench: takes commands and looks at the pad, and produces snapshots and events.

A plain object for one thread. It passes each command to the part that handles it: `sign_on` (who works here), `orders`
(corrections, deliveries, waivers), `pad_requests` (other programs), or the current workflow. A `StationError` becomes a
fault with a sentence. Any other exception is a defect: the bench journals it, shows it, and stops the line.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

import msgspec

from station.base.errors import BenchBusy, ProtocolError, StationBusy, StationDefect, StationError, TransportError
from station.base.sentence import EMPTY, Sentence
from station.base.text import clean
from station.bench import snapshot as view
from station.bench.bench_ports import BenchPorts
from station.bench.desk import Desk
from station.bench.orders import Orders
from station.bench.pad_requests import PadRequests
from station.bench.remarks import BUSY
from station.bench.sign_on import SignOnFlow
from station.bench.staff_call import StaffCalls
from station.bench.watched_tags import WatchedTags
from station.bench.workflows.convert.workflow import ConvertWorkflow
from station.bench.workflows.inspect import InspectWorkflow
from station.bench.workflows.pack.workflow import PackWorkflow
from station.bench.workflows.process.item_flow import ItemFlow
from station.bench.workflows.process.workflow import ProcessWorkflow
from station.bench.workflows.receive.workflow import ReceiveWorkflow
from station.bench.workflows.release.workflow import ReleaseWorkflow
from station.bench.workflows.retag.workflow import RetagWorkflow
from station.bench.workflows.sets.workflow import SetsWorkflow
from station.bench.workflows.withdraw.workflow import WithdrawWorkflow
from station.bench.workflows.workflow import BenchWorkflow
from station.domain.command_barcodes import is_command
from station.domain.commands import (
    Act,
    AllGood,
    Answer,
    AskPad,
    BeginJob,
    CallStaff,
    Cancel,
    Choose,
    Command,
    EndJob,
    Enter,
    GivePin,
    LoadRoll,
    Loudness,
    Reopen,
    Scan,
    SelectPart,
    SoundCheck,
    Speak,
    TakeFound,
    Tick,
    TrySound,
)
from station.domain.events import DefectFound, TagChangeStarted
from station.domain.notices import NONE, NOT_POSSIBLE, Notice, notice
from station.domain.people.rights import Right
from station.domain.ports import Worker
from station.domain.snapshot import Phase, Snapshot, Sound
from station.domain.workflows import RetagTask, RetagView, SetView, Workflow

_LONGEST_SENDER: Final = 40
_WORK: Final = Scan | TakeFound | Enter | Act | Choose | Answer | AllGood | Reopen | Cancel | SelectPart
"""Commands about the work in hand. The bench ignores those of a job that is over."""


class Bench:
    """Dispatches commands, looks and errors. Implements `Surroundings` for its desk."""

    def __init__(self, ports: BenchPorts) -> None:
        self.desk = desk = Desk(ports, self)
        self._publish_to = ports.publish
        self._last = Snapshot()
        process, convert = ProcessWorkflow(desk), ConvertWorkflow(desk)
        self._process = process
        self._flows: dict[Workflow, ItemFlow] = {Workflow.PROCESS: process.flow, Workflow.CONVERT: convert.flow}
        self._workflows: dict[Workflow, BenchWorkflow] = {
            Workflow.PROCESS: process,
            Workflow.CONVERT: convert,
            Workflow.RECEIVE: ReceiveWorkflow(desk),
            Workflow.PACK: PackWorkflow(desk),
            Workflow.RELEASE: ReleaseWorkflow(desk),
            Workflow.SETS: SetsWorkflow(desk),
            Workflow.WITHDRAW: WithdrawWorkflow(desk),
            Workflow.INSPECT: InspectWorkflow(desk),
            Workflow.ERASE: RetagWorkflow(desk, RetagTask.ERASE),
            Workflow.MIGRATE: RetagWorkflow(desk, RetagTask.MIGRATE),
        }
        self._workflow = Workflow.PROCESS
        self._current: BenchWorkflow = process
        self._before_job = Workflow.PROCESS
        """The workflow to return to when the job of another terminal ends early."""
        self._notice_before_job = NONE
        self._attended = False
        """A person at the bench has begun something since the start. Until then, work in hand is left from before a
        restart, and the terminal that began it may finish it."""
        self._item_workflow = Workflow.PROCESS
        """The workflow that was active last: process or convert."""
        flows = tuple(self._flows.values())
        self._sign_on = SignOnFlow(desk, ports.greeting, flow=self._flow, scan=self._scan_at_prompt)
        self._staff_calls = StaffCalls(desk)
        self._watched_tags = WatchedTags(desk)
        self._orders = Orders(desk, flow=self._flow, flows=flows)
        self._pad_requests = PadRequests(desk, busy=self._busy, convert=convert, flows=flows)
        newest = ports.history.newest_write()
        if newest is not None:
            desk.signed_journal.wrote(newest.event)
        taken_up = (workflow for workflow in Workflow if workflow.row.taken_up)
        restored = (workflow for workflow in taken_up if self._workflows[workflow].restored())
        self._set_workflow(next(restored, Workflow.PROCESS))

    def _flow(self) -> ItemFlow:
        """Return the flow of the item in hand, even while another workflow is active."""
        return self._flows[self._item_workflow]

    def _set_workflow(self, workflow: Workflow) -> None:
        self._workflow, self._current = workflow, self._workflows[workflow]
        if workflow in self._flows and workflow is not self._item_workflow:
            self._flow().end_take_back()
            self._item_workflow = workflow

    def _busy(self) -> Sentence:
        """Return why no other program may use the pad; empty = it may."""
        if self.desk.job is not None:
            return self._one_job()
        return self._current.busy or self._flow().busy

    def _one_job(self) -> Sentence:
        return Sentence("notice.one-job", sender=self.desk.job.sender if self.desk.job is not None else "")

    # --- commands and time -----------------------------------------------------------------------------------------------

    def handle(self, command: Command, ticket: str = "", job: str = "") -> None:
        """Carry out a command. Never raises errors of the tag, reader, catalog or journal. `ticket`: see
        `Snapshot.answered`. `job`: see `SharedBench.submit`."""

        def work() -> None:
            with self.desk.answers.carrying_out(ticket):
                self._dispatch(command, job)

        self._guarded(work)

    def tick(self) -> float:
        """Look at the pad, or go on reading a tag there. Return the seconds until the next tick. Commands that came
        meanwhile are carried out before it."""
        self._guarded(self._tick)
        return 0.0 if self._reading else self.desk.settings.reader.poll_ms / 1000

    @property
    def _reading(self) -> bool:
        return not self.desk.closed and self._current.reading

    def _tick(self) -> None:
        self._staff_calls.time_passes()  # first: a sound of the work replaces that of the call
        self._sign_on.time_passes()
        if self._reading:
            self._current.read_on()
        else:
            self.look()
        self._sign_on.pad_seen()

    def _dispatch(self, command: Command, job: str) -> None:
        desk, current = self.desk, self._current
        if _is_command_barcode(command):
            desk.say(Sentence(NOT_POSSIBLE), Sound.WARNING)
            return
        if isinstance(command, CallStaff):
            self._staff_calls.take(command, self._last.item if self._last.verdict is None else None)
            return
        if job and job != desk.job_id and isinstance(command, _WORK):
            desk.answers.comes_to(notice(Sentence("notice.job-over")))
            return
        if self._sign_on.hears(command) or self._orders.takes(command):
            return
        if isinstance(command, Scan | TakeFound | Enter):
            if job != desk.job_id:
                self._refuse_for_job()
                return
            self._attended = self._attended or not job
        match command:
            case AskPad():
                self._pad_requests.ask(command)
            case BeginJob():
                self._begin_job(command)
            case EndJob(job=job):
                self._end_job(job)
            case Enter(workflow=Workflow.INSPECT) if self._workflow is Workflow.INSPECT:
                current.enter()  # the menu leads here without Back
            case Enter(workflow=workflow):
                self.enter(workflow)
            case LoadRoll(name=name):
                desk.load_roll(name)
            case Loudness():
                desk.set_loudness(command)
            case Speak(language=language):
                if desk.speak(language):
                    desk.say(Sentence("people.language"), Sound.ACCEPTED)
            case TrySound(sound=sound):
                desk.try_sound(sound)
            case SoundCheck():
                desk.sound_checked(command)
            case Tick():
                self._tick()
            case Scan(text=text, part=part):
                self._scan(text, part)
            case TakeFound(barcode=barcode):
                desk.notice = NONE
                self.enter(Workflow.PROCESS)
                self._process.take_found(barcode)
            case Act():
                desk.notice = NONE
                current.act(command)
                self._take_next_item()
            case Choose(choice=choice) if not desk.pad.ready:
                # A reader fault hides all other faults, and with them their choices.
                if choice == view.TRY_NOW.id:
                    desk.pad.hurry()
                    self.look()
            case Choose(choice="set-aside" | "dismiss" as choice):
                with self._may_end_job(job):
                    current.choose(choice)
            case Choose(choice=choice):
                current.choose(choice)
            case Answer():
                current.answer(command)
            case AllGood():
                current.answer_all(command)
            case Reopen():
                current.reopen()
            case Cancel():
                with self._may_end_job(job):
                    current.leave()
            case SelectPart(part=part):
                current.select_part(part)
            case _:
                return

    def _scan(self, text: str, part: int = 0) -> None:
        self.desk.remarks.end()
        self._flow().end_take_back()
        self._current.scan(text, part)
        self._take_next_item()

    def _scan_at_prompt(self, text: str) -> None:
        """Take an item that was scanned while the station asked for a card or PIN. Only a person at the bench does."""
        if self.desk.job is not None:
            self._refuse_for_job()
        else:
            self._scan(text)

    def _take_next_item(self) -> None:
        """Begin, in the process workflow, the item that another workflow hands over."""
        barcode, self.desk.next_item = self.desk.next_item, ""
        if barcode:
            self.enter(Workflow.PROCESS)
            self._current.scan(barcode)

    # --- jobs of other terminals -----------------------------------------------------------------------------------------

    def _begin_job(self, job: BeginJob) -> None:
        desk = self.desk
        if desk.job is not None:
            desk.answers.comes_to(Notice(StationBusy.code, self._one_job()))
            return
        if self._attended and (busy := self._in_hand()):
            desk.answers.comes_to(Notice(BenchBusy.code, busy))
            return
        self._notice_before_job = desk.notice
        desk.job = msgspec.structs.replace(job, sender=clean(job.sender, _LONGEST_SENDER))
        self._before_job = self._workflow

    def _in_hand(self) -> Sentence:
        """Return which work is in hand, in any workflow; empty = none."""
        return next(filter(None, (workflow.busy for workflow in self._workflows.values())), EMPTY)

    @contextmanager
    def _may_end_job(self, sender: str) -> Iterator[None]:
        """End the job of another terminal if its work is set aside at the bench: the bench is free at once. The wait
        for a tag to erase or migrate is such work. A conversion goes on with its next item."""
        desk, had_work = self.desk, bool(self._in_hand()) or self._workflow.row.waits_for_tag
        yield
        if sender or desk.job is None or not had_work or self._in_hand() or self._workflow is Workflow.CONVERT:
            return
        desk.job = None
        desk.remarks.wrong("")
        left = desk.notice
        self.enter(self._before_job)
        desk.notice = left

    def _refuse_for_job(self) -> None:
        """Refuse new work at the bench while another terminal uses it: the scan would go into the other's work."""
        self.desk.remarks.wrong(BUSY)
        self.desk.say(Notice(BenchBusy.code, self._one_job()), Sound.WARNING)

    def _end_job(self, name: str) -> None:
        """Drop the work that the job began and name its sender. Mark a notice that the job left as the sender's."""
        desk, job = self.desk, self.desk.job
        if job is None or job.job != name:
            return
        desk.job = None
        desk.remarks.wrong("")
        put_down = [sentence for workflow in self._workflows.values() if (sentence := workflow.job_ended(name))]
        if put_down:
            self.enter(self._before_job)
            desk.say(Sentence("notice.sender-gone", sender=job.sender, what=put_down[0]), Sound.WARNING)
        elif desk.notice.sentence and desk.notice is not self._notice_before_job and desk.notice.code != BenchBusy.code:
            said_by = Sentence("notice.by", sender=job.sender, said=desk.notice.sentence)
            desk.notice = Notice(desk.notice.code, said_by)

    def _guarded(self, work: Callable[[], None]) -> None:
        try:
            work()
        except (TransportError, ProtocolError) as error:
            if self.desk.reader_failed(error):
                self._current.failed(error)
        except StationError as error:
            self._current.failed(error)
        except Exception as error:
            text = f"{type(error).__name__}: {error}"
            self._current.failed(StationDefect(text))
            self.desk.journal_safely(DefectFound(where=self._workflow.value, error=clean(text, 500)))
        self._publish(done=True)

    # --- Surroundings ----------------------------------------------------------------------------------------------------

    def look(self) -> None:
        desk = self.desk
        was_ready, before = desk.pad.ready, desk.pad.uids
        if not desk.pad.look():
            if was_ready:
                desk.play(Sound.BAD)
            if not desk.closed:
                self._current.look_without_reader()
            return
        if not was_ready:
            desk.play(Sound.ACCEPTED)
            self._flow().reader_returned()
        for uid in desk.pad.uids - before:
            desk.ledger.ask(uid=uid)
        if not desk.closed:  # without a signed-on worker, tags on the pad change nothing
            self._current.look()
            self._watched_tags.look(desk.pad.uids)

    def enter(self, workflow: Workflow) -> None:
        if workflow is self._workflow:
            return
        self.desk.notice = NONE
        self._set_workflow(workflow)
        self.desk.play(Sound.WARNING if self.desk.job is not None else Sound.ACCEPTED)
        self._current.enter()

    def tag_changes(self, event: TagChangeStarted) -> None:
        for workflow in self._workflows.values():
            workflow.tag_changes(event)

    def ask_for(
        self, right: Right, then: Callable[[Worker], None], still: Callable[[], bool], what: Sentence = EMPTY
    ) -> bool:
        return self._sign_on.ask_for(right, then, still, what)

    def publish(self) -> None:
        self._publish(done=False)

    def progress(self, done: int, total: int) -> None:
        last = self._last
        if last.phase is not Phase.WRITING:
            self.publish()
        elif (last.steps_done, last.steps_total) != (done, total):
            workflow_view = last.workflow_view
            if isinstance(workflow_view, RetagView | SetView):
                workflow_view = msgspec.structs.replace(workflow_view, steps_done=done, steps_total=total)
            self._last = msgspec.structs.replace(
                last, number=last.number + 1, steps_done=done, steps_total=total, workflow_view=workflow_view
            )
            self._publish_to(self._last)

    def _publish(self, *, done: bool) -> None:
        """Publish the snapshot if it changed. `done`: the command or look has ended, so the bench is in its new step."""
        desk = self.desk
        shown = self._current.shown()
        if done:
            desk.remarks.shown_in(self._step(shown))
        snapshot = view.snapshot(
            self._workflow,
            shown,
            reader=desk.pad.error,
            writing=desk.writing,
            reading=desk.reading,
            notice=desk.remarks.notice,
            wrong_scan=desk.remarks.wrong_scan,
            answered=desk.answers.kept,
            sound=(desk.sound, desk.sound_number),
            loudness=(desk.volume, desk.muted),
            silent=desk.silent,
            operator=desk.operator,
            worker=desk.worker.id,
            language=desk.language,
            sign_on_prompt=self._sign_on.prompt(),
            role=desk.worker.role,
            sign_on=desk.authenticator is not None,
            sender=desk.job.sender if desk.job is not None else "",
            undo=desk.signed_journal.undoable,
            status=desk.ports.status(desk.worker.id),
            unfinished=desk.unfinished,
            staff_call=self._staff_calls.open,
            call_sounds=self._staff_calls.sounds,
            unjudged=desk.unjudged,
            open_sets=desk.open_sets,
        )
        if msgspec.structs.replace(snapshot, number=self._last.number) != self._last:
            self._last = msgspec.structs.replace(snapshot, number=self._last.number + 1)
            self._publish_to(self._last)

    def _step(self, shown: view.Shown) -> tuple[str, ...]:
        """Return what identifies the operator's current step. Notices end with it."""
        item = shown.in_hand.item.barcode if shown.in_hand is not None else ""
        fault = shown.fault.code if shown.fault is not None else ""
        return (self._workflow.value, shown.state or shown.phase.value, item, fault)


def _is_command_barcode(command: Command) -> bool:
    """Return True for a command barcode. The screen sends its text only if it shows no such button now; as a scan it
    must change nothing."""
    match command:
        case Scan(text=text):
            return is_command(text)
        case GivePin(pin=pin):
            return is_command(pin.text)
        case _:
            return False
