"""Inspect at the bench: tags on the pad, an item's history by its barcode, and undo of a last write.

Inspecting changes nothing. Undo asks for confirmation first; only a yes to that question writes, and only to that tag.
An interrupted undo continues when the tag is back on the pad, or is offered again after a restart.
"""

from __future__ import annotations

import msgspec

from station.base.cells import cut
from station.base.errors import (
    BarcodeMalformed,
    CatalogError,
    ItemWithdrawn,
    NotAllowed,
    NotPossible,
    StationError,
    SyncError,
    TagAbsent,
    TagLocked,
    TagsCollide,
    TagUnreadable,
    UndoRefused,
)
from station.base.sentence import EMPTY, Sentence
from station.bench.desk import Desk
from station.bench.item.in_hand import fault_of
from station.bench.item.ledger import ledger, of_item, of_item_elsewhere, state_lines
from station.bench.item.titles import LONGEST
from station.bench.item.undo import MOVES, Trigger
from station.bench.moves import moved
from station.bench.pad import GONE
from station.bench.snapshot import Shown
from station.bench.tag_report import TagReporter, history_lines
from station.bench.workflows.workflow import BenchWorkflow, stopped_by
from station.catalog.barcodes.barcode import check as check_barcode
from station.domain.commands import Act
from station.domain.events import TagChangeStarted, TagErased, TagWriteVerified
from station.domain.item import Barcode
from station.domain.people.rights import Right
from station.domain.ports import Worker
from station.domain.snapshot import Fault, Light, Phase, Sound
from station.domain.tag_image import Uid
from station.domain.workflows import HistoryLine, InspectedTag, InspectView, TagSummary, UndoState

_BEFORE: tuple[type[StationError], ...] = (UndoRefused, ItemWithdrawn, TagLocked, NotPossible)
"""Refusals before anything is written."""


class InspectWorkflow(BenchWorkflow):
    """Shows tags and items, and undoes a last write."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._tag_reporter: TagReporter = desk.tag_reporter
        self._seen: frozenset[Uid] = frozenset()
        self._read: frozenset[Uid] | None = None
        self._tags: dict[Uid, InspectedTag] = {}
        self._at: Uid | None = None
        self._item = InspectView()
        self._shown_to = ""
        """Id of the worker for whom the histories are filtered."""
        self._undo = UndoState.RESTS
        self._about: tuple[Uid, str] | None = None
        """Tag and write of the current undo."""
        self._lent: Worker | None = None
        """The person who lent the right to this undo, until the undo ends, even if the tag is lifted meanwhile."""
        self._lending = False
        """A person with the right was asked for, and the tag has not left the pad since."""
        self._said = EMPTY
        self._steps: tuple[int, int] | None = None
        self._fault: Fault | None = None
        self._last = ""
        """Name of the item whose tag was written last."""
        self._wanted = False
        """The operator tapped undo in the strip: ask as soon as the tag of the last write is on the pad."""

    def _move(self, trigger: Trigger) -> None:
        self._undo = moved(MOVES, self._undo, trigger)

    # --- BenchWorkflow ---------------------------------------------------------------------------------------------------

    def enter(self) -> None:
        """Read the tags on the pad again. An undo that was left with Back is forgotten, unless its write has begun."""
        self._read, self._wanted = None, False
        if self._undo is UndoState.ASKED:
            self._move(Trigger.KEPT)
            self._said = EMPTY

    def scan(self, text: str, part: int = 0) -> None:  # noqa: ARG002 - an item is shown with all its parts
        """Show the history of the item with this barcode. A scan never answers an open question."""
        self._desk.require_worker()
        if self._undo is UndoState.ASKED:
            self._desk.say(Sentence("undo.answer-first"), Sound.WARNING)
            return
        try:
            barcode = check_barcode(text, self._desk.settings.barcodes)
        except BarcodeMalformed as error:
            self._desk.wrong_scan(text, error)
            return
        history = self._desk.history
        self._desk.ledger.ask(barcode=barcode)
        self._item = InspectView(
            barcode=barcode,
            title=self._title(barcode),
            history=self._history(barcode),
            ledger=(
                *state_lines(
                    history.seen_by(self._shown_to).state_of(barcode),
                    self._desk.ports.departures.withdrawal_of_item(barcode),
                ),
                *of_item(ledger(history.writes()), barcode),
            ),
        )
        self._desk.play(Sound.ACCEPTED)

    def act(self, act: Act) -> None:
        """Handle the actions tag (the next one, or by its UID), item-off, undo, undo-last, undo-yes, undo-no and
        settle."""
        self._wanted = False
        match act.name:
            case "tag":
                self._show(Uid(act.argument) if act.argument else None)
            case "item-off":
                self._item = InspectView()
            case "undo":
                self._ask()
            case "undo-last" if self._undo in (UndoState.RESTS, UndoState.DONE, UndoState.REFUSED):
                self._item, self._wanted, self._read = InspectView(), True, None
                self._last = self._last_item()
            case "undo-yes" if self._undo is UndoState.ASKED and self._about is not None:
                self._carry_out(*self._about)
            case "undo-no" if self._undo in (UndoState.ASKED, UndoState.BROKEN):
                self._move(Trigger.KEPT)
                self._said = Sentence("undo.kept")
            case "settle":
                self._fault = None
                if self._undo in (UndoState.DONE, UndoState.REFUSED):
                    self._settle()
            case _:
                return

    def look(self) -> None:
        """Read the tags on a pad at rest. Continue an undo whose tag is back."""
        desk = self._desk
        uids = desk.pad.uids
        if self._undo is UndoState.BROKEN and self._about is not None and uids == {self._about[0]}:
            if not self._lending:
                self._carry_out(*self._about)
            return
        self._lending = False
        if self._undo is UndoState.ASKED and self._about is not None and desk.pad.looks_without(self._about[0]) >= GONE:
            self._move(Trigger.KEPT)
            self._said = Sentence("undo.gone")
            desk.play(Sound.WARNING)
        if desk.pad.inventory.collision:
            crowded = fault_of(TagsCollide(Sentence("detail.told-apart", count=len(uids))))
            self._fault = msgspec.structs.replace(crowded, choices=())
            self._seen, self._read = frozenset(), None
            return
        steady, self._seen = uids == self._seen, uids
        if steady and uids != self._read and self._undo in (UndoState.RESTS, UndoState.DONE, UndoState.REFUSED):
            self._read_all(uids)

    def tag_changes(self, event: TagChangeStarted) -> None:  # noqa: ARG002 - every tag on the pad is read again
        if self._steps is None:  # an undo of this workflow shows its own result
            self._read = None

    def failed(self, error: StationError) -> None:
        self._fault = stopped_by(self._desk, error)

    def shown(self) -> Shown:
        if self._shown_to != self._desk.worker.id:
            self._another_looks()
        shown = self._tags.get(self._at) if self._at is not None else None
        item = self._item
        view = InspectView(
            tags=tuple(TagSummary(uid=uid, summary=tag.summary) for uid, tag in self._tags.items()),
            shown=None if item.barcode else shown,
            barcode=item.barcode,
            title=item.title,
            history=item.history,
            ledger=(*item.ledger, *of_item_elsewhere(self._desk.ledger.held_for(item.barcode))),
            undo=self._undo,
            said=self._said,
        )
        if self._steps is not None:
            return Shown(
                view=view, phase=Phase.WRITING, prompt=Sentence("undo.writing"), light=Light.BUSY, steps=self._steps
            )
        if self._fault is not None:
            return Shown(
                view=view, phase=Phase.STOPPED, prompt=Sentence("state.stopped"), light=Light.WARNING, fault=self._fault
            )
        prompt, light = self._prompt(shown)
        return Shown(view=view, prompt=prompt, light=light)

    def _prompt(self, shown: InspectedTag | None) -> tuple[Sentence, Light]:
        offer = shown.undo if shown is not None else None
        match self._undo:
            case UndoState.ASKED if offer is not None:
                return offer.question, Light.WARNING
            case UndoState.BROKEN:
                return Sentence("undo.put-back"), Light.BAD
            case UndoState.DONE | UndoState.REFUSED:
                return self._said, Light.GOOD if self._undo is UndoState.DONE else Light.BAD
            case _:
                pass
        if self._wanted:
            return Sentence("undo.lay-down", item=self._last), Light.NEUTRAL
        if self._item.barcode:
            return Sentence("inspect.item", item=cut(self._item.title or self._item.barcode, LONGEST)), Light.NEUTRAL
        if not self._tags:
            return Sentence("inspect.lay-down"), Light.NEUTRAL
        if len(self._tags) > 1:
            return Sentence("inspect.tags", count=len(self._tags)), Light.NEUTRAL
        return Sentence("inspect.one", tag=next(iter(self._tags.values())).summary), Light.NEUTRAL

    # --- reading -----------------------------------------------------------------------------------------------------------

    def _read_all(self, uids: frozenset[Uid]) -> None:
        self._fault = None
        if self._undo is not UndoState.RESTS and uids != self._read:
            self._settle()
        contents = self._tag_reporter.contents(sorted(uids)) if len(uids) > 1 else {}
        tags: dict[Uid, InspectedTag] = {}
        for uid in sorted(uids):
            own = contents.get(uid)
            siblings = [
                content
                for other, content in contents.items()
                if other != uid and own and content.primary_item_identifier == own.primary_item_identifier
            ]
            try:
                with self._desk.noticing():
                    tags[uid] = self._tag_reporter.look(uid, siblings, self._desk.worker.id)
            except TagAbsent:
                return  # lifted: the next look reads again
            except TagUnreadable as error:
                self._fault = msgspec.structs.replace(fault_of(error), choices=())
        new = set(tags) - set(self._tags)
        self._tags, self._read = tags, uids
        if self._at not in tags:
            self._at = next(iter(tags), None)
        if new:
            self._item = InspectView()
            self._desk.play(Sound.ACCEPTED)
        self._ask_for_wanted()

    def _ask_for_wanted(self) -> None:
        newest = self._newest() if self._wanted else None
        if newest is not None and newest.uid in self._tags:
            self._wanted, self._at = False, Uid(newest.uid)
            self._ask()

    def _newest(self) -> TagWriteVerified | TagErased | None:
        """Return the event of the bench's last write, unless it was undone."""
        newest = self._desk.history.newest_write()
        event = newest.event if newest is not None else None
        return event if isinstance(event, TagWriteVerified | TagErased) else None

    def _last_item(self) -> str:
        newest = self._newest()
        if newest is None:
            return ""
        return self._desk.titles.of(newest.barcode) if newest.barcode else newest.uid

    def _show(self, uid: Uid | None) -> None:
        if self._undo in (UndoState.ASKED, UndoState.BROKEN) or not self._tags:
            return
        known = list(self._tags)
        if uid is None:
            uid = known[(known.index(self._at) + 1) % len(known)] if self._at in known else known[0]
        if uid in self._tags:
            self._at, self._item = uid, InspectView()

    def _history(self, barcode: str) -> tuple[HistoryLine, ...]:
        self._shown_to = self._desk.worker.id
        return history_lines(self._desk.history.seen_by(self._shown_to).about_item(barcode))

    def _another_looks(self) -> None:
        """Filter the histories for a new worker, who must not see some results before their blind second check."""
        if self._item.barcode:
            self._item = msgspec.structs.replace(self._item, history=self._history(self._item.barcode))
        self._shown_to = self._desk.worker.id
        for uid, tag in self._tags.items():
            self._tags[uid] = msgspec.structs.replace(
                tag, history=history_lines(self._desk.history.seen_by(self._shown_to).about_tag(uid))
            )

    def _title(self, barcode: Barcode) -> str:
        try:
            return self._desk.catalog.find(barcode).title
        except (CatalogError, SyncError):
            return ""

    # --- undo --------------------------------------------------------------------------------------------------------------

    def _ask(self) -> None:
        """Ask for confirmation to undo the shown tag's last write. Refuse, with the reason, a write that cannot be
        undone."""
        tag = self._tags.get(self._at) if self._at is not None else None
        if tag is None or (self._undo, Trigger.ASKED) not in MOVES or self._undo is UndoState.ASKED:
            return
        self._move(Trigger.ASKED)
        if tag.undo is None or tag.undo.refused:
            self._refuse(tag.undo.refused if tag.undo is not None else Sentence("undo.nothing"))
            return
        self._about, self._lent, self._lending = (Uid(tag.uid), tag.undo.attempt), None, False
        self._said = EMPTY  # clear the last result
        self._desk.play(Sound.WARNING)

    def _carry_out(self, uid: Uid, attempt: str) -> None:
        desk, lent = self._desk, self._lent
        self._fault = None
        try:
            self._alone(uid)
            self._steps = (0, 1)
            desk.publish()
            to_do = desk.undo_writer.write(uid, attempt, desk.worker, self._progress, lent)
            tag = msgspec.structs.replace(self._tag_reporter.look(uid, viewer=desk.worker.id), to_do=to_do)
        except NotAllowed as error:
            if lent is None and self._asks_for(error, uid, attempt):
                self._lending = True
                return
            self._refuse(error.with_remedy)
        except _BEFORE as error:
            reason = error.with_remedy
            if isinstance(error, UndoRefused):
                reason = Sentence.joined((error.sentence, error.detail), between=" ")
            self._refuse(reason)
        except StationError as error:
            self._move(Trigger.BROKEN)
            self._said = error.sentence
            desk.play(Sound.BAD)
            if not isinstance(error, TagAbsent):
                raise
        else:
            self._move(Trigger.DONE)
            desk.refresh_unfinished()
            self._tags[uid] = tag
            self._said = Sentence("undo.done", tag=tag.summary)
            desk.play(Sound.GOOD)
        finally:
            self._steps = None

    def _asks_for(self, error: NotAllowed, uid: Uid, attempt: str) -> bool:
        """Ask for a person with the right that the operator lacks, and then continue this undo."""

        def granted(who: Worker) -> None:
            self._lent, self._lending = who, False
            self._carry_out(uid, attempt)

        return self._desk.ask_for(
            Right(error.right),
            granted,
            lambda: self._undo in (UndoState.ASKED, UndoState.BROKEN) and self._about == (uid, attempt),
        )

    def _alone(self, uid: Uid) -> None:
        """Require that this tag and no other answers now. A write never goes to one tag among several."""
        seen = self._desk.reader.inventory()
        if uid not in seen.uids:
            raise TagAbsent(Sentence("detail.left-field", uid=uid))
        if seen.collision or len(seen.uids) > 1:
            raise UndoRefused(Sentence("undo.alone"))

    def _refuse(self, why: Sentence) -> None:
        self._move(Trigger.REFUSED)
        self._said = why
        self._desk.play(Sound.BAD)

    def _settle(self) -> None:
        self._move(Trigger.SETTLED if self._undo in (UndoState.DONE, UndoState.REFUSED) else Trigger.KEPT)
        self._said, self._about, self._lent = EMPTY, None, None

    def _progress(self, done: int, total: int) -> None:
        self._steps = (done, total)
        self._desk.progress(done, total)
