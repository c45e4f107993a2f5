"""The desk: state that all parts of the bench share. Ports and tools, the worker, and the notice, sound and answers."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final, Protocol

import msgspec

from station.base.errors import CatalogError, LocalProtocolError, ProtocolError, StoreError, TransportError, WorkerGone
from station.base.sentence import EMPTY, Sentence
from station.base.text import clean
from station.bench.answers import Answers
from station.bench.bench_ports import BenchPorts
from station.bench.item.checks import Judge
from station.bench.item.corrections import ItemCorrections
from station.bench.item.counted_parts import CountedCatalog
from station.bench.item.sampling import Sampling
from station.bench.item.tag_content import site_profile, tag_profile
from station.bench.item.tag_writer import TagWriter
from station.bench.item.titles import Titles, name_of, name_of_part
from station.bench.item.undo_write import UndoWriter
from station.bench.pad import Pad
from station.bench.remarks import OTHER_ITEM, WRONG, Remarks
from station.bench.signed_journal import SignedJournal
from station.bench.tag_report import TagReporter
from station.catalog.record.publisher_number import publisher_kind
from station.domain.commands import BeginJob, Loudness, SoundCheck
from station.domain.events import DefectFound, ItemJudged, LineStopped, RollLoaded, SoundChecked, TagChangeStarted
from station.domain.item import Barcode, ItemRecord, OpenSet, Unjudged
from station.domain.notices import Notice, Said, detailed, notice
from station.domain.people.rights import Right, may
from station.domain.people.sign_on import NOBODY
from station.domain.ports import Journal, Signal, Worker, standing
from station.domain.snapshot import Fault, Sound
from station.domain.workflows import Workflow
from station.quality.rules import Rule

if TYPE_CHECKING:
    from station.encoding.content import TagProfile
    from station.encoding.profiles.value import SiteProfile

NOISY: Final = 4
"""Consecutive failures that become a fault, even though the reader comes back each time."""
GONE: Final = Sentence("detail.nobody")
"""The words shown instead of the name of a worker who has left."""
SIGNED_OFF: Final = Worker(id=NOBODY, name="", role=None)
"""The worker while no one is signed on."""


def always() -> bool:
    """Default `still` of `ask_for`: the request remains valid whatever happens."""
    return True


class Surroundings(Protocol):
    """Services of the bench for its parts."""

    def look(self) -> None:
        """Look at the pad, and let the current workflow react to it."""
        ...

    def publish(self) -> None:
        """Publish changes at once. Needed only within one long operation."""
        ...

    def progress(self, done: int, total: int) -> None:
        """Publish how far the current write is: the last snapshot with other steps. The first call of a write publishes
        all changes."""
        ...

    def enter(self, workflow: Workflow) -> None:
        """Make this workflow the active one. The work in hand of the other workflow waits there."""
        ...

    def tag_changes(self, event: TagChangeStarted) -> None:
        """Tell every workflow that this change of a tag begins."""
        ...

    def ask_for(
        self, right: Right, then: Callable[[Worker], None], still: Callable[[], bool], what: Sentence = EMPTY
    ) -> bool:
        """Ask on the spot for a person with this right, and call `then` with that person if `still` is true by then.
        `what`: the purpose, if the right does not say enough. Return False if sign-on is not required."""
        ...


_BUZZES: Final = {
    Sound.ACCEPTED: Signal.GOOD,
    Sound.GOOD: Signal.GOOD,
    Sound.WARNING: Signal.WARNING,
    Sound.BAD: Signal.BAD,
}
"""Signal of the reader's buzzer for each sound."""


class Desk:
    """State shared by all parts of one bench. A part keeps no second copy of any of it."""

    def __init__(self, ports: BenchPorts, bench: Surroundings) -> None:
        settings = ports.settings
        self.ports = ports
        self.settings = settings
        self.reader = ports.reader
        self.clock = ports.clock
        self.history = ports.history
        self.people = ports.people
        self.rules = ports.rules
        self.truck_lists = ports.truck_lists
        self.new_id = ports.new_id
        self.authenticator = ports.authenticator if settings.people.sign_on else None
        """None: sign-on is not required."""
        self.look = bench.look
        self.publish = bench.publish
        self.progress = bench.progress
        self.enter = bench.enter
        self.ask_for = bench.ask_for

        self.closed = self.authenticator is not None
        """No worker is signed on: commands have no effect, and the item in hand stays."""
        self.worker = SIGNED_OFF
        self.operator = EMPTY if self.closed else GONE
        """Name of the worker for the screens."""
        self.language = ""
        """The worker's language; "" = the station's."""
        self.acting = ""
        """The other program that the bench is serving now; "" = the worker gave the command."""
        self.job: BeginJob | None = None
        """The open job of another terminal."""
        self._grants: dict[Right, str] = {}

        self.signed_journal = SignedJournal(
            ports.journal, lambda: self.acting or self.worker.id, bench.tag_changes, ports.elsewhere
        )
        self.ledger = self.signed_journal.ledger
        self.journal: Journal = self.signed_journal
        self.catalog = CountedCatalog(ports.catalog, ports.history)
        self.titles = Titles(ports.index if ports.index is not None else ports.catalog, ports.history)
        self.site: SiteProfile = ports.site or site_profile(settings)
        self.profile: TagProfile = tag_profile(settings, self.site)
        self.pad = Pad(ports.reader, ports.clock)
        self.tag_writer = TagWriter(
            reader=ports.reader,
            journal=self.journal,
            clock=ports.clock,
            site=self.site,
            isil=settings.library.isil,
            max_attempts=settings.tag.max_attempts,
            new_id=ports.new_id,
            title_of=self.titles.of,
        )
        self.tag_reporter = TagReporter(
            reader=ports.reader,
            journal=self.journal,
            history=ports.history,
            profile=self.profile,
            barcodes=settings.barcodes,
            title_of=self.titles.of,
            departures=ports.departures,
        )
        self.undo_writer = UndoWriter(
            reader=ports.reader,
            journal=self.journal,
            history=ports.history,
            profile=self.profile,
            new_id=ports.new_id,
            title_of=self.titles.of,
        )
        self.judge = Judge(
            self.journal,
            ports.rules,
            settings,
            ports.systems,
            self.profile,
            ports.shelf,
            ports.lists,
            ports.clock,
            wrong_rules=ports.wrong_rules,
        )
        self.corrections = ItemCorrections(
            self.journal,
            settings.corrections,
            ports.clock,
            ports.new_id,
            self._rule,
            self._verdict_of,
            second_look=self.authenticator is None,
        )
        self.sampling = Sampling(self.journal, ports.sampler, ports.new_id, self.corrections.recheck_due)

        self.remarks = Remarks(ports.clock)
        self.answers = Answers()
        self.sound, self.sound_number = Sound.NONE, 0
        self.volume, self.muted = settings.screen.volume, not settings.screen.sound
        self._player = True
        """The screen's computer plays sounds."""
        self.next_item = ""
        """Barcode that a workflow hands over to process; "" = none."""
        self.writing = False
        """A tag is being written for another program."""
        self.reading = False
        """A tag that was put on the pad is being read."""
        self._noise = 0
        """Consecutive reader failures after each of which the reader came back at once."""
        self.unfinished: tuple[Sentence, ...] = ()
        """Names of the items, or UIDs of the tags, with a write that was begun and not finished."""
        self.unjudged: tuple[Unjudged, ...] = ()
        """Items with a verified tag and no verdict, the item in hand included."""
        self.open_sets: tuple[OpenSet, ...] = ()
        """Sets with parts that carry no tag, the item in hand included."""
        self.refresh_unfinished()
        if not self.closed:
            self.seat(self.people.find(settings.station.operator))

    @contextmanager
    def noticing(self) -> Iterator[None]:
        """Show that a tag was noticed on the pad, before reading it (0.2 s on a slow reader)."""
        self.reading = True
        self.publish()
        try:
            yield
        finally:
            self.reading = False

    def _rule(self, id: str) -> Rule | None:
        return self.rules.rule(id, self.clock.now()[:10])

    def _verdict_of(self, barcode: str, part: int, worker: str) -> ItemJudged | None:
        """Return this worker's newest verdict on a part of an item."""
        logged = standing(self.history.about_item(barcode))
        judged = (entry.event for entry in logged if isinstance(entry.event, ItemJudged))
        return next(
            (verdict for verdict in reversed(tuple(judged)) if (verdict.part, verdict.operator) == (part, worker)), None
        )

    def refresh_unfinished(self) -> None:
        """Read which writes were not finished, which items have no verdict, and which sets lack tags."""
        self.unfinished = tuple(
            name_of_part(self.titles.of(attempt.barcode), attempt.part, attempt.parts)
            if attempt.barcode
            else Sentence.verbatim(attempt.uid)
            for attempt in self.journal.open_attempts()
        )
        self.unjudged = tuple(
            msgspec.structs.replace(item, title=clean(item.title)) for item in self.journal.unjudged()
        )
        self.open_sets = tuple(
            msgspec.structs.replace(open_set, title=clean(open_set.title)) for open_set in self.journal.open_sets()
        )

    # --- the worker ------------------------------------------------------------------------------------------------------

    def seat(self, worker: Worker) -> None:
        """Make this person the worker. The screens speak the worker's language until the worker changes, or chooses
        another one (`Speak`)."""
        if worker == self.worker:
            return
        if (worker.id, worker.language) != (self.worker.id, self.worker.language):
            self.speak(worker.language)
        self.worker = worker
        self.operator = Sentence.verbatim(worker.name) if worker.role is not None or self.closed else GONE

    def speak(self, language: str) -> bool:
        """Make this the language of the worker; "" = the station's. If it has no texts, say so, choose the station's, and
        return False."""
        known = not language or language in self.ports.languages
        self.language = language if known else ""
        if not known:
            self.say(Sentence("people.no-language", language=clean(language, 20)), Sound.WARNING)
        return known

    def require_worker(self) -> None:
        """Look up the worker before new work begins. Raises `WorkerGone` if the worker has left meanwhile."""
        self.seat(self.people.find(self.worker.id))
        if self.worker.role is None:
            raise WorkerGone(self.worker.id)

    def begin_item(self) -> None:
        """Look up the worker and the rules before an item is begun. Raises `WorkerGone` and `RulesUnusable`."""
        self.require_worker()
        self.judge.require_rules()

    def lent(self, right: Right) -> str | None:
        """Return the source of the worker's right: "" = the worker's own, or sign-on is not required; otherwise the id
        of the person who lent it until the worker changes. Return None if the right is lacking."""
        lent = self._grants.get(right, "")
        return lent if lent or self.authenticator is None or may(self.worker.role, right) else None

    def lend(self, right: Right, who: Worker) -> None:
        """Lend a right until the worker changes."""
        self._grants[right] = who.id

    @property
    def job_id(self) -> str:
        """Id of the open job of another terminal; "" = none."""
        return self.job.job if self.job is not None else ""

    def end_loans(self) -> None:
        self._grants.clear()

    # --- notices and sounds ----------------------------------------------------------------------------------------------

    @property
    def notice(self) -> Notice:
        """The notice beside the prompt. It ends by itself (`Remarks`)."""
        return self.remarks.notice

    @notice.setter
    def notice(self, notice: Notice) -> None:
        self.remarks.show(notice)

    def say(self, message: Said, sound: Sound) -> None:
        """Show a notice beside the prompt, and make it the answer to the current command."""
        self.notice = notice(message)
        self.answers.comes_to(self.notice)
        self.play(sound)

    def wrong_scan(self, text: str, error: CatalogError) -> None:
        """Show that the scanned text is not a barcode of this library. A publisher's barcode is named."""
        kind = publisher_kind(text)
        self.remarks.wrong(kind or WRONG)
        self.say(Sentence("notice.publisher-barcode", kind=kind.upper()) if kind else detailed(error), Sound.WARNING)

    def other_scan(self, barcode: Barcode, in_hand: ItemRecord) -> None:
        """Show that another item was scanned while the checks of the item in hand are open: the items may be mixed
        up."""
        self.remarks.wrong(OTHER_ITEM)
        sentence = Sentence("notice.checks-first", other=self.titles.of(barcode), title=name_of(in_hand))
        self.say(sentence, Sound.WARNING)

    def play(self, sound: Sound) -> None:
        """Play a sound at the screen; without a player there, through the reader's buzzer."""
        self.sound = sound
        self.sound_number += 1
        if not self._player and sound in _BUZZES:
            self._buzz(_BUZZES[sound])

    def signal(self, signal: Signal) -> None:
        """Use the reader's own lamp and buzzer for a result. Without a player, `play` has done so."""
        if self._player:
            self._buzz(signal)

    def try_sound(self, sound: Sound) -> None:
        self.play(sound)
        if sound in _BUZZES:
            self.signal(_BUZZES[sound])

    @property
    def silent(self) -> bool:
        """See `Snapshot.silent`."""
        return not self._player and not self._has_buzzer

    @property
    def _has_buzzer(self) -> bool:
        through = self.settings.screen.sound_through
        return through != "audio" and self.pad.ready and self.reader.capabilities.can_signal

    def _buzz(self, signal: Signal) -> None:
        """Use the lamp and buzzer. After a failure, the next look at the pad reports the reader's state."""
        if self._has_buzzer and not self.muted:
            try:
                self.reader.signal(signal)
            except (TransportError, ProtocolError) as error:
                self.pad.lost(error)

    def sound_checked(self, command: SoundCheck) -> None:
        self.journal.record(SoundChecked(heard=command.heard, seen=command.seen, operator=self.worker.id))

    def set_loudness(self, command: Loudness) -> None:
        self.volume = self.volume if command.volume is None else command.volume
        self.muted = self.muted if command.muted is None else command.muted
        self._player = self._player if command.player is None else command.player

    def load_roll(self, name: str) -> None:
        name = clean(name, 60) or self.clock.now()[:16].replace("T", " ")
        self.journal.record(RollLoaded(name=name, operator=self.worker.id))
        self.say(Sentence("notice.roll", name=name), Sound.ACCEPTED)

    # --- failures --------------------------------------------------------------------------------------------------------

    def reader_failed(self, error: TransportError | ProtocolError) -> bool:
        """Report the failure to the pad. Return True if the fault must be shown: the reader answers a greeting but
        fails at its work, so reconnecting does not help."""
        self.pad.lost(error)
        if not self.pad.ready:
            self.play(Sound.BAD)
        self._noise += 1
        hopeless = isinstance(error, LocalProtocolError) or (self.pad.ready and self._noise >= NOISY)
        if hopeless:
            self._noise = 0
        return hopeless

    def reader_worked(self) -> None:
        self._noise = 0

    def line_stopped(self, fault: Fault, sound: Sound, barcode: str = "", uid: str = "") -> StoreError | None:
        """Play and journal a fault that stopped the work, and make it the answer to the current command. Return the
        journal's error if the journal cannot record it."""
        self.answers.comes_to(Notice(fault.code, fault.sentence))
        self.play(sound)
        return self.journal_safely(
            LineStopped(
                code=fault.code,
                sentence=fault.sentence,
                detail=fault.detail,
                barcode=barcode,
                uid=uid,
            )
        )

    def journal_safely(self, event: DefectFound | LineStopped) -> StoreError | None:
        """Journal an event about a stop. Return the error if the journal itself failed; then only the screen shows the
        fault."""
        try:
            self.journal.record(event)
        except StoreError as error:
            return error
        return None
