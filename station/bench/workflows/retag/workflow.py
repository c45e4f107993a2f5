"""The workflows erase and migrate: one tag on the pad is shown completely, then changed permanently after two
gestures."""

from __future__ import annotations

from typing import Final

import msgspec

from station.base.cells import cut
from station.base.errors import (
    BarcodeMalformed,
    CatalogError,
    ItemWithdrawn,
    RecordNotTold,
    SettingsError,
    StationError,
    SyncError,
    TagAbsent,
    TagGivenUp,
    TagsCollide,
)
from station.base.sentence import EMPTY, Sentence
from station.bench.desk import Desk
from station.bench.item.in_hand import fault_of
from station.bench.item.tag_writer import TagReading
from station.bench.item.titles import LONGEST
from station.bench.item.unfinished import failures
from station.bench.item.withdrawn import refuse_withdrawn
from station.bench.moves import moved
from station.bench.snapshot import Shown
from station.bench.workflows.guard import Guard, PadAtRest, made_choice, thrown_away
from station.bench.workflows.retag.rules import (
    MOVES,
    Draft,
    Trigger,
    target_of,
    to_erase,
    to_finish,
    to_migrate,
)
from station.bench.workflows.retag.writing import RetagWriting
from station.bench.workflows.workflow import BenchWorkflow
from station.catalog.barcodes.barcode import check as check_barcode
from station.domain.choice import Choice
from station.domain.commands import Act
from station.domain.events import TagWriteStarted
from station.domain.inventory import Inventory
from station.domain.item import Barcode
from station.domain.people.rights import Right, least, may
from station.domain.ports import Worker
from station.domain.snapshot import Fault, Light, Phase, Sound
from station.domain.tag_image import Uid
from station.domain.workflows import RetagState, RetagTask, RetagView
from station.encoding.write_plan.steps import WritePlan
from station.quality.tag_words import headline

_LIGHTS: Final = {
    RetagState.SURE: Light.WARNING,
    RetagState.WRITING: Light.BUSY,
    RetagState.STOPPED: Light.BAD,
    RetagState.DONE: Light.GOOD,
}
_KEPT: Final = frozenset({"retry", "give-up"})
STRAY: Final = "stray"
"""Choice to erase a tag that names another item than the one in the operator's hand."""


class RetagWorkflow(BenchWorkflow):
    """Erases or migrates one tag at a time. `task`: erase (make it like a new tag), or migrate it to the site's own
    profile."""

    def __init__(self, desk: Desk, task: RetagTask) -> None:
        self._desk = desk
        self._guard = Guard(desk, self._broke)
        self._task = task
        self._profile = desk.profile
        self._writing = RetagWriting(desk, task)
        self._pad_at_rest = PadAtRest()
        self.state = RetagState.EMPTY
        self._forget()

    def _forget(self) -> None:
        self._draft: Draft | None = None
        self._barcode = ""
        """The scanned barcode, for a tag whose content is only a claim."""
        self._title = ""
        self._lifted = False
        """The tag was removed after the first gesture. Putting it back is the second gesture."""
        self._held: Barcode | None = None
        """The item in the operator's hand, if it was scanned as the second gesture in place of the item that the tag
        names: the tag may be a stray one."""
        self._by = ""
        """Id of the person who lent the right, if the operator lacks it."""
        self._stopped: Fault | None = None
        self._uid = ""
        self._job = ""
        """The job of another terminal during which the tag was put down; "" = the operator's own work."""
        self._steps = (0, 0)

    def _move(self, trigger: Trigger) -> None:
        self.state = moved(MOVES, self.state, trigger)

    # --- BenchWorkflow ---------------------------------------------------------------------------------------------------

    def enter(self) -> None:
        """Forget a finished tag: it may have left or been rewritten meanwhile."""
        self._guard.run(self._entered)

    def scan(self, text: str, part: int = 0) -> None:  # noqa: ARG002 - the tag says its part
        """Take the barcode of the item that the tag names: it confirms a claim, or is the second gesture."""
        self._desk.require_worker()
        self._guard.run(lambda: self._scanned(text))

    def look(self) -> None:
        if not self._guard.failed:
            self._guard.run(lambda: self._looked(self._desk.pad.inventory))

    def act(self, act: Act) -> None:
        """Handle the actions want and uid (the whole UID, typed, as the second gesture)."""
        self._guard.run(lambda: self._acted(act.name, act.argument))

    def choose(self, choice: str) -> None:
        self._guard.run(lambda: self._chosen(choice))

    def leave(self) -> None:
        self._guard.run(self._left)

    def failed(self, error: StationError) -> None:
        self._guard.fail(error)

    def job_ended(self, job: str) -> Sentence:
        if not self._uid or self._job != job or not self.busy:
            return EMPTY
        named = Sentence.verbatim(self._title or self._uid)
        self._guard.run(self._left)
        return named

    @property
    def busy(self) -> Sentence:
        if self.state not in (RetagState.SHOWN, RetagState.SURE, RetagState.STOPPED) or not self._uid:
            return EMPTY
        return Sentence("detail.in-hand", item=self._title or self._uid)

    # --- scans, looks and taps ---------------------------------------------------------------------------------------------

    def _entered(self) -> None:
        if self.state is RetagState.DONE:
            self._away()
        self._pad_at_rest.forget()

    def _looked(self, seen: Inventory) -> None:
        at_rest = self._pad_at_rest.steady(seen)
        match self.state:
            case RetagState.STOPPED:
                self._look_stopped(seen)
            case RetagState.SHOWN | RetagState.DONE if at_rest and self._uid not in seen.uids:
                self._away()
                self._look_new(seen, at_rest=True)
            case RetagState.SURE if at_rest and self._uid not in seen.uids:
                self._lift_as_gesture(seen)
            case RetagState.SURE if self._lifted and at_rest and seen.uids == {Uid(self._uid)}:
                self._write()
            case RetagState.EMPTY:
                self._look_new(seen, at_rest=at_rest)
            case _ if at_rest and len(seen.uids) > 1 and self.state in (RetagState.SHOWN, RetagState.SURE):
                self._doubt(fault_of(TagsCollide(Sentence("pad.tags-answer", count=len(seen.uids)))))

    def _look_new(self, seen: Inventory, *, at_rest: bool) -> None:
        if seen.collision or len(seen.uids) > 1:
            if at_rest or seen.collision:
                self._doubt(fault_of(TagsCollide(Sentence("pad.tags-answer", count=len(seen.uids)))))
        elif at_rest and seen.uids:
            self._pad_at_rest.done(seen.uids)
            self._laid(next(iter(seen.uids)))

    def _look_stopped(self, seen: Inventory) -> None:
        back = (
            seen.uids == {Uid(self._uid)} if self._half_written() else len(seen.uids) < 2 and self._uid not in seen.uids
        )
        if back and not seen.collision:
            self._settle()

    def _lift_as_gesture(self, seen: Inventory) -> None:
        draft = self._draft
        if draft is not None and not draft.named and not seen.uids:
            self._lifted = True
            return
        self._away()
        self._look_new(seen, at_rest=True)

    def _scanned(self, text: str) -> None:
        try:
            barcode = check_barcode(text, self._desk.settings.barcodes)
        except BarcodeMalformed as error:
            if self.state is RetagState.SURE and self._draft is not None and text.strip() == self._draft.named:
                self._write()  # another library's number, as printed on the item
                return
            self._desk.wrong_scan(text, error)
            return
        draft = self._draft
        if self._task is RetagTask.ERASE and self.state is RetagState.DONE:
            self._away()
            self._desk.next_item = barcode  # the erased tag is for that item
        elif self.state is RetagState.SHOWN and draft is not None and draft.needs_barcode:
            self._barcode = barcode
            self._show(TagReading(draft.image, draft.recognition, None))
        elif self.state is RetagState.SURE and draft is not None and barcode == draft.named:
            self._write()
        elif self.state is RetagState.SURE and self._may_be_stray(barcode):
            self._held = barcode
            self._desk.play(Sound.WARNING)
        elif self.state is RetagState.SURE:
            self._take_back()
            self._desk.say(Sentence("retag.another-barcode"), Sound.WARNING)
        else:
            self._desk.say(Sentence("retag.no-scan"), Sound.WARNING)

    def _acted(self, name: str, argument: str) -> None:
        draft = self._draft
        match name:
            case "want" if self.state is RetagState.SHOWN and draft is not None and draft.plan is not None:
                self._want(draft)
            case "uid" if self.state is RetagState.SURE and argument.upper() == self._uid:
                self._write()

    def _chosen(self, choice: str) -> None:
        if self.state is RetagState.SURE and choice == "keep":
            self._take_back()
        elif self.state is RetagState.SURE and choice == STRAY and self._held is not None:
            self._erase_stray()
        elif self._stopped is not None and choice in {offered.id for offered in self._stopped.choices}:
            made_choice(self._desk, self._stopped.code, choice)
            if choice == "give-up" and self._uid:
                thrown_away(self._desk, Uid(self._uid))
            self._settle()

    def _left(self) -> None:
        if self.state in (RetagState.SHOWN, RetagState.SURE):
            self._away()
            self._pad_at_rest.done(self._desk.pad.uids)
        elif self.state is RetagState.STOPPED:
            self._settle()
            self._pad_at_rest.done(self._desk.pad.uids)

    def _broke(self, error: StationError) -> None:
        if isinstance(error, TagAbsent) and self.state in (RetagState.EMPTY, RetagState.SHOWN):
            self._away()  # it only passed over the pad
            return
        if (self.state, Trigger.DOUBT) in MOVES:
            self._doubt(fault_of(error))
        else:
            self._desk.say(error, Sound.WARNING)

    # --- the tag on the pad -----------------------------------------------------------------------------------------------

    def _away(self) -> None:
        if (self.state, Trigger.LIFTED) in MOVES:
            self._move(Trigger.LIFTED)
        self._forget()

    def _laid(self, uid: Uid) -> None:
        self._forget()
        self._uid, self._job = uid, self._desk.job_id
        with self._desk.noticing():
            self._desk.tag_writer.single(uid, self._desk.pad.inventory, self._desk.pad.looked_at)
            reading = self._desk.tag_writer.look(uid)
        if reading.retag_write is not None and reading.retag_write.purpose == self._task:
            self._finish(reading, reading.retag_write)
            return
        self._show(reading)

    def _show(self, reading: TagReading) -> None:
        self._draft = self._drafted(reading)
        named = self._draft.named
        self._title = self._title_of(named) if named else ""
        self._move(Trigger.LAID)
        self._desk.play(Sound.ACCEPTED if self._draft.plan is not None else Sound.WARNING)

    def _drafted(self, reading: TagReading) -> Draft:
        capabilities = self._desk.reader.capabilities
        if self._task is RetagTask.ERASE:
            draft = to_erase(reading.image, reading.recognition, self._profile, capabilities)
            too_early = self._too_early(draft)
            return msgspec.structs.replace(draft, plan=None, refused=too_early) if too_early else draft
        self._may_write()
        draft = to_migrate(
            reading.image, reading.recognition, self._desk.site, self._profile.isil, capabilities, self._barcode
        )
        refused = self._not_ours(draft) if draft.plan is not None else EMPTY
        return msgspec.structs.replace(draft, plan=None, refused=refused) if refused else draft

    def _too_early(self, draft: Draft) -> Sentence:
        """Return why the tag of an item that leaves is not erased yet; empty = it may be."""
        bound = self._desk.journal.binding_of(draft.image.uid)
        barcode = bound.barcode if bound is not None else draft.named
        leaving = self._desk.ports.departures.withdrawal_of_item(barcode) if barcode else None
        if leaving is None or not leaving.decided_at or leaving.deleted_at or leaving.part:
            return EMPTY
        return Sentence("withdrawal.refused.not-deleted", title=leaving.title or barcode)

    def _not_ours(self, draft: Draft) -> Sentence:
        """Return why the item that the tag names cannot get this tag; empty = it can."""
        barcode, content = Barcode(draft.named), draft.content
        try:
            check_barcode(barcode, self._desk.settings.barcodes)
            self._refuse_withdrawn(barcode)
            self._desk.catalog.find(barcode)
        except ItemWithdrawn as error:
            return error.with_remedy
        except RecordNotTold as error:
            return error.sentence
        except (BarcodeMalformed, CatalogError):
            return Sentence("retag.not-ours", barcode=barcode)
        part = content.part if content is not None else 1
        held = (
            binding
            for binding in self._desk.journal.bindings_for(barcode)
            if binding.part == part and binding.uid != self._uid
        )
        other = next(held, None)
        return Sentence("fault.second-tag") if other is not None else EMPTY

    def _refuse_withdrawn(self, barcode: Barcode) -> None:
        """Raise `ItemWithdrawn` instead of migrating the tag of an item that leaves the library. It is erased."""
        if self._task is RetagTask.MIGRATE:
            refuse_withdrawn(self._desk.journal, barcode, self._desk.titles.of)

    def _may_write(self) -> None:
        if not self._profile.isil:
            raise SettingsError(Sentence("detail.no-isil"))
        if self._desk.site.read_only:
            raise SettingsError(Sentence("detail.read-only", profile=repr(self._desk.site.name)))

    def _title_of(self, barcode: str) -> str:
        try:
            return self._desk.catalog.find(Barcode(barcode)).title
        except (CatalogError, SyncError):
            return ""

    # --- gestures ---------------------------------------------------------------------------------------------------------

    def _want(self, draft: Draft) -> None:
        """Take the first gesture. If the worker lacks the right, ask for a person who has it, and then continue
        here."""
        if may(self._desk.worker.role, draft.right):
            self._wanted("")
            return

        def lent(by: Worker) -> None:
            self._wanted(by.id)

        if not self._desk.ask_for(draft.right, lent, lambda: self._draft is draft and self.state is RetagState.SHOWN):
            self._desk.say(Sentence("retag.not-allowed", role=least(draft.right).value), Sound.WARNING)

    def _wanted(self, by: str) -> None:
        self._by = by
        made_choice(self._desk, f"tag-{self._task}", "want")  # not for people
        self._move(Trigger.WANTED)
        self._desk.play(Sound.WARNING)

    def _take_back(self) -> None:
        self._held = None
        self._move(Trigger.TAKEN_BACK)

    def _may_be_stray(self, barcode: Barcode) -> bool:
        """Return True if the operator may mean this tag although another item's barcode was scanned: the tag to erase
        names an item, and the barcode is that of an item of ours."""
        if self._task is not RetagTask.ERASE or self._draft is None or not self._draft.named:
            return False
        try:
            self._desk.catalog.find(barcode)
        except (CatalogError, SyncError):
            return False
        return True

    def _erase_stray(self) -> None:
        """Take the third gesture, for a tag whose item is not at hand. Where people sign on, a technician approves."""
        draft, held = self._draft, self._held
        right = Right.OVERWRITE_FOREIGN

        def approved(by: str) -> None:
            self._by = by or self._by
            made_choice(self._desk, f"tag-{self._task}", STRAY)  # not for people
            self._write()

        def still() -> bool:
            return self.state is RetagState.SURE and self._draft is draft and self._held == held

        what = Sentence("retag.stray.lend", item=self._name())
        allowed = may(self._desk.worker.role, right)
        if allowed or not self._desk.ask_for(right, lambda who: self._guard.run(lambda: approved(who.id)), still, what):
            approved("")

    def _name(self) -> str:
        """Return the title of the item that the tag names, or else its barcode."""
        return cut(self._title or (self._draft.named if self._draft is not None else ""), LONGEST)

    # --- writing ----------------------------------------------------------------------------------------------------------

    def _write(self) -> None:
        """Carry out what was shown, after the second gesture, if the tag is unchanged."""
        draft = self._draft
        if draft is None or draft.plan is None:
            return
        self._refuse_withdrawn(Barcode(draft.named))
        uid = Uid(self._uid)
        desk = self._desk
        answered = desk.tag_writer.single(uid, desk.pad.inventory, desk.pad.looked_at)
        reading = desk.tag_writer.look(uid)
        if reading.image != draft.image or answered != 1:
            self._show(reading)
            desk.say(Sentence("retag.changed"), Sound.WARNING)
            return
        made_choice(self._desk, f"tag-{self._task}", "confirmed")  # not for people
        kept = sum(1 for line in draft.lines if line.kind == "kept")
        note = Sentence("retag.note", kept=kept, all=len(draft.lines)) if draft.lines else EMPTY
        if self._held is not None:
            note = Sentence("retag.stray.note", barcode=self._held)
        started = self._writing.started(draft, draft.plan, note, self._by)
        self._carry_out(draft.plan, started, draft)

    def _finish(self, reading: TagReading, attempt: TagWriteStarted) -> None:
        """Complete a half-written tag that is back to the image that its attempt intended."""
        desk = self._desk
        self._refuse_withdrawn(Barcode(attempt.barcode))
        failed = failures(desk.journal, attempt)
        if failed >= desk.settings.tag.max_attempts:
            raise TagGivenUp(Sentence("detail.attempts", count=failed))
        eas = self._task is not RetagTask.ERASE if self._profile.eas else None
        plan = to_finish(reading.image, attempt.new, desk.reader.capabilities, eas=eas)
        again = msgspec.structs.replace(
            attempt,
            attempt=desk.new_id(),
            resumes=attempt.attempt,
            tries=failed + 1,
            plan_digest=plan.digest,
            steps=len(plan.steps),
            operator=desk.worker.id,
        )
        self._draft = Draft(image=reading.image, recognition=reading.recognition, plan=plan)
        self._carry_out(plan, again, self._draft)

    def _carry_out(self, plan: WritePlan, started: TagWriteStarted, draft: Draft) -> None:
        self._move(Trigger.WRITES)
        self._writing.write(plan, started, draft.content, self._progress)
        self._move(Trigger.WRITTEN)
        self._desk.refresh_unfinished()
        self._desk.play(Sound.GOOD)

    def _progress(self, done: int, total: int) -> None:
        self._steps = (done, total)
        self._desk.progress(done, total)

    # --- doubts -----------------------------------------------------------------------------------------------------------

    def _doubt(self, fault: Fault) -> None:
        self._move(Trigger.DOUBT)
        self._steps = (0, 0)
        kept = tuple(choice for choice in fault.choices if choice.id in _KEPT)
        self._stopped = msgspec.structs.replace(fault, choices=kept)
        self._pad_at_rest.forget()
        named, uid, stopped = self._draft.named if self._draft is not None else "", self._uid, self._stopped
        if fault.code == TagsCollide.code and not self._half_written():
            # The report was about a single tag. The next single tag is a new case, and is read again.
            self._forget()
            self._stopped = stopped
        failed = self._desk.line_stopped(stopped, Sound.BAD, named, uid)
        if failed is not None:
            raise failed

    def _half_written(self) -> bool:
        return bool(self._uid) and self._desk.journal.open_attempt(Uid(self._uid)) is not None

    def _settle(self) -> None:
        self._move(Trigger.SETTLED)
        self._forget()
        self._pad_at_rest.forget()

    # --- display ----------------------------------------------------------------------------------------------------------

    def _view(self) -> RetagView:
        draft = self._draft
        view = RetagView(
            task=self._task,
            state=self.state,
            uid=self._uid,
            barcode=draft.named if draft is not None else "",
            title=self._title,
            target=target_of(self._task, self._desk.site),
            held=self._held or "",
            answers=self._answers(),
            steps_done=self._steps[0],
            steps_total=self._steps[1],
        )
        if draft is None:
            return view
        bound = self._desk.journal.binding_of(Uid(self._uid))
        carries = (
            Sentence("retag.bound", barcode=bound.barcode, part=bound.part, parts=bound.parts)
            if bound is not None
            else EMPTY
        )
        return msgspec.structs.replace(
            view,
            says=headline(draft.recognition, draft.image),
            bound=carries,
            lines=draft.lines,
            refused=draft.refused,
            commands=draft.plan.write_commands if draft.plan is not None else 0,
        )

    def _answers(self) -> tuple[Choice, ...]:
        if self.state is not RetagState.SURE:
            return ()
        keep = Choice("keep", Sentence("choice.keep"), main=True)
        return (keep,) if self._held is None else (keep, Choice(STRAY, Sentence("choice.stray")))

    def shown(self) -> Shown:
        view = self._view()
        light = _LIGHTS.get(self.state, Light.NEUTRAL)
        if self.state is RetagState.SHOWN and view.refused:
            light = Light.WARNING
        writing = self.state is RetagState.WRITING
        shown = Shown(
            view=view,
            phase=Phase.WRITING if writing else Phase.STOPPED if self._stopped is not None else Phase.IDLE,
            prompt=self._prompt(view),
            light=light,
            fault=self._stopped,
            steps=self._steps if writing else (0, 0),
        )
        return self._guard.over(shown)

    def _prompt(self, view: RetagView) -> Sentence:
        named = view.barcode
        match self.state:
            case RetagState.SHOWN if self._draft is not None and self._draft.needs_barcode:
                return Sentence("retag.scan-claim")
            case RetagState.SHOWN if view.refused:
                return view.refused
            case RetagState.SHOWN:
                return Sentence(f"retag.shown.{self._task.value}")
            case RetagState.SURE if self._held is not None:
                return Sentence("retag.stray", item=self._name(), held=self._desk.titles.of(self._held))
            case RetagState.SURE if named:
                return Sentence(f"retag.sure.{self._task.value}", item=self._name())
            case RetagState.SURE if self._lifted:
                return Sentence("retag.lay-again")
            case RetagState.SURE:
                return Sentence("retag.lift-and-lay")
            case RetagState.WRITING:
                return Sentence("state.writing")
            case RetagState.DONE:
                return Sentence(f"retag.done.{self._task.value}")
            case _:
                return Sentence(f"retag.lay.{self._task.value}")
