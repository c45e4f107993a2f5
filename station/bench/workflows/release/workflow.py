"""Truck release at the bench: scan the truck's items, see at once which may leave, and release them.

Each scan is journaled at once, so that a list of eighty items survives a restart.
"""

from __future__ import annotations

from collections import Counter
from typing import Final

from station.base.errors import BarcodeMalformed, StationError
from station.base.sentence import Sentence
from station.bench.desk import Desk
from station.bench.moves import moved
from station.bench.snapshot import Shown
from station.bench.workflows.release.line import line_now, record_now
from station.bench.workflows.release.rules import MOVES, Trigger, finished, sentence
from station.bench.workflows.workflow import BenchWorkflow, stopped_by
from station.catalog.barcodes.barcode import check as check_barcode
from station.catalog.barcodes.barcode import truck_of
from station.domain.commands import Act
from station.domain.events import ReleaseItemListed, ReleaseTruckNamed, TruckReleased
from station.domain.notices import Notice
from station.domain.snapshot import Fault, Light, Phase, Sound
from station.domain.workflows import ListFile, ReleaseLine, ReleaseState, ReleaseView

MOST_ITEMS: Final = 500
"""Most items in a list file; a longer file is not a truck list."""
_NAMED: Final = 3
"""Barcodes that a remark names."""


class ReleaseWorkflow(BenchWorkflow):
    """One list at a time. The pad is not used."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._state = ReleaseState.OPEN
        self._release = ""
        self._truck = ""
        """Name of the truck, from its label."""
        self._lines: dict[str, ReleaseLine] = {}
        self._fault: Fault | None = None
        self._shown_to = ""
        """Id of the worker for whom the reasons are filtered."""
        self._files: tuple[ListFile, ...] = ()
        """Offered list files, while the operator chooses one."""
        self._restore()

    def _restore(self) -> None:
        """Restore the list that was open when the station ended."""
        for entry in self._desk.history.open_release():
            if isinstance(entry.event, ReleaseTruckNamed):
                self._release, self._truck = entry.event.release, entry.event.truck
            elif isinstance(entry.event, ReleaseItemListed):
                self._release = entry.event.release
                if entry.event.removed:
                    self._lines.pop(entry.event.barcode, None)
                else:
                    self._lines[entry.event.barcode] = ReleaseLine(barcode=entry.event.barcode)

    def _move(self, trigger: Trigger) -> None:
        self._state = moved(MOVES, self._state, trigger)

    # --- BenchWorkflow ---------------------------------------------------------------------------------------------------

    def enter(self) -> None:
        """Judge the listed items again, since other work may have changed them."""
        self._files = ()
        if self._state is ReleaseState.OPEN:
            self._look_again()

    def scan(self, text: str, part: int = 0) -> None:  # noqa: ARG002 - an item is listed with all its parts
        """Take an item of the truck, or the truck's own label."""
        self._desk.require_worker()
        self._fault, self._files = None, ()
        truck = truck_of(text, self._desk.settings.barcodes)
        if truck:
            self._name(truck)
            return
        try:
            barcode = check_barcode(text, self._desk.settings.barcodes)
        except BarcodeMalformed as error:
            self._desk.wrong_scan(text, error)
            return
        if self._state is ReleaseState.OPEN and barcode in self._lines:
            self._desk.say(Sentence("release.listed-already", barcode=barcode), Sound.WARNING)
            return
        self._put((barcode,))
        line = self._lines[barcode]
        self._desk.play(Sound.GOOD if line.right else Sound.BAD)

    def act(self, act: Act) -> None:
        """Handle the actions release, take-off, session, clear, files, file (by its key) and files-off."""
        self._fault = None
        files, self._files = self._files, ()
        is_open = self._state is ReleaseState.OPEN
        match act.name:
            case "release" if is_open and self._lines:
                self._do_release()
            case "take-off" if is_open and self._lines:
                self._take_off(next(reversed(self._lines)))
            case "session":
                self._use_session()
            case "clear" if self._lines or self._truck:
                self._clear()
            case "files":
                self._offer_files()
            case "file" if any(file.key == act.argument for file in files):
                self._use_file(next(file for file in files if file.key == act.argument))
            case _:
                return

    def failed(self, error: StationError) -> None:
        self._fault = stopped_by(self._desk, error)

    def shown(self) -> Shown:
        if self._lines and self._shown_to != self._desk.worker.id:
            self._look_again()
        lines = tuple(self._lines.values())
        view = ReleaseView(state=self._state, truck=self._truck, lines=lines, files=self._files)
        if self._fault is not None:
            return Shown(
                view=view, phase=Phase.STOPPED, prompt=Sentence("state.stopped"), light=Light.BAD, fault=self._fault
            )
        if self._files:
            return Shown(view=view, prompt=Sentence("release.choose-file"))
        if not lines:
            return Shown(view=view, prompt=Sentence("release.scan"))
        right = all(line.right for line in lines)
        prompt = sentence(lines)
        if self._state is ReleaseState.RELEASED:
            prompt = Sentence("release.released", count=sum(1 for line in lines if line.right))
        return Shown(view=view, prompt=prompt, light=Light.GOOD if right else Light.WARNING)

    # --- the list -----------------------------------------------------------------------------------------------------------

    def _name(self, truck: str) -> None:
        """Name the truck after a scan of its label, which may come before, between or after its items."""
        self._begin()
        self._desk.journal.record(ReleaseTruckNamed(release=self._release, truck=truck, operator=self._desk.worker.id))
        self._move(Trigger.LISTED)
        self._truck = truck
        self._desk.say(Sentence("release.named", truck=truck), Sound.ACCEPTED)

    def _begin(self) -> None:
        """Begin a new list if the last one was released; otherwise continue the open one."""
        if self._state is ReleaseState.RELEASED:
            self._release, self._truck, self._lines = "", "", {}
        self._release = self._release or self._desk.new_id()

    def _put(self, barcodes: tuple[str, ...]) -> None:
        self._begin()
        who = self._desk.worker.id
        self._desk.journal.record(
            *(ReleaseItemListed(release=self._release, barcode=barcode, operator=who) for barcode in barcodes)
        )
        self._move(Trigger.LISTED)
        for barcode in barcodes:
            self._lines[barcode] = self._line(barcode)

    def _take_off(self, barcode: str) -> None:
        self._desk.journal.record(
            ReleaseItemListed(release=self._release, barcode=barcode, removed=True, operator=self._desk.worker.id)
        )
        self._move(Trigger.LISTED)
        del self._lines[barcode]
        self._desk.say(Sentence("release.taken-off", barcode=barcode), Sound.ACCEPTED)

    def _clear(self) -> None:
        if self._state is ReleaseState.OPEN:
            who = self._desk.worker.id
            self._desk.journal.record(
                *(
                    ReleaseItemListed(release=self._release, barcode=barcode, removed=True, operator=who)
                    for barcode in self._lines
                ),
                *([ReleaseTruckNamed(release=self._release, truck="", operator=who)] if self._truck else []),
            )
        self._move(Trigger.CLEARED)
        self._release, self._truck, self._lines = "", "", {}
        self._desk.play(Sound.ACCEPTED)

    def _use_session(self) -> None:
        """Add all items that were finished in the newest conversion session."""
        done = finished(self._desk.history.newest_session())
        new = tuple(barcode for barcode in done if self._state is ReleaseState.RELEASED or barcode not in self._lines)
        if not new:
            self._desk.say(Sentence("release.no-session"), Sound.WARNING)
            return
        self._put(new)
        self._desk.play(Sound.ACCEPTED)

    def _offer_files(self) -> None:
        self._files = self._desk.truck_lists.files()
        if not self._files:
            folders = ", ".join(self._desk.settings.trucks.lists)
            self._desk.say(Sentence("release.no-files", folders=folders), Sound.WARNING)

    def _use_file(self, file: ListFile) -> None:
        """Add all lines of a file to the list. A line that is not one of our barcodes is listed too, but not as
        right."""
        contents = self._desk.truck_lists.read(file.key)
        names = {text: truck_of(text, self._desk.settings.barcodes) for text in contents.lines}
        new = tuple(
            text
            for text in dict.fromkeys(contents.lines)
            if not names[text] and (self._state is ReleaseState.RELEASED or text not in self._lines)
        )
        refused = contents.refused
        if refused is None and len(new) > MOST_ITEMS:
            refused = Sentence("release.file-long", name=file.name, count=len(new), most=MOST_ITEMS)
        if refused is None and not new:
            refused = Sentence("release.file-nothing-new", name=file.name)
        if refused is not None:
            self._desk.say(refused, Sound.WARNING)
            return
        truck = next((names[text] for text in reversed(contents.lines) if names[text]), "")
        if truck:
            self._name(truck)
        self._put(new)
        summary = Sentence("release.file-taken", name=file.name, count=len(new))
        twice = tuple(text for text, times in Counter(contents.lines).items() if times > 1 and not names[text])
        if twice:
            more = Sentence("release.repeated", barcode=", ".join(twice[:_NAMED]))
            self._desk.say(Notice(summary.key, Sentence.joined((summary, more), between=" ")), Sound.WARNING)
        else:
            self._desk.say(summary, Sound.ACCEPTED)

    def _do_release(self) -> None:
        self._look_again()
        lines = tuple(self._lines.values())
        self._desk.journal.record(
            TruckReleased(
                release=self._release,
                truck=self._truck,
                right=tuple(line.barcode for line in lines if line.right),
                wrong=tuple(line for line in lines if not line.right),
                operator=self._desk.worker.id,
            )
        )
        self._move(Trigger.RELEASED)
        self._desk.play(Sound.GOOD if all(line.right for line in lines) else Sound.WARNING)

    def _look_again(self) -> None:
        self._lines = {barcode: self._line(barcode) for barcode in self._lines}

    def _line(self, barcode: str) -> ReleaseLine:
        desk = self._desk
        self._shown_to = desk.worker.id
        try:
            check_barcode(barcode, desk.settings.barcodes)
        except BarcodeMalformed as error:  # it came from a file
            return ReleaseLine(barcode=barcode, reasons=(error.sentence,))
        return line_now(desk, barcode, lambda: record_now(desk, barcode))
