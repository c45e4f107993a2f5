"""State shared by all workflows: the item in hand, the fault that stopped the line, what is shown. The lowest layer."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

import msgspec

from station.base.errors import (
    CatalogError,
    EncodingError,
    LocalProtocolError,
    ProtocolError,
    StationDefect,
    StationError,
    StoreError,
    TagError,
    TagsCollide,
    TransportError,
)
from station.base.text import clean
from station.base.words import Sentence, tell
from station.bench import snapshot as view
from station.bench.bench_ports import BenchPorts
from station.bench.item.checks import Judge
from station.bench.item.corrections import ItemCorrections
from station.bench.item.in_hand import ItemInHand, StopKind, Stopped, fault_of
from station.bench.item.sampling import Sampling
from station.bench.item.tag_content import site_profile, tag_profile
from station.bench.item.tag_writer import Encoder
from station.bench.pad import Pad
from station.bench.sign_on_questions import Question
from station.bench.signed_journal import SignedJournal
from station.domain.commands import Loudness
from station.domain.events import DefectFound, LineStopped, RollLoaded
from station.domain.notices import BEGUN, DONE, NONE, Answered, Notice, Said, notice
from station.domain.ports import (
    Journal,
    Signal,
    Worker,
)
from station.domain.rights import Right
from station.domain.sign_on import NOBODY, SignOnPrompt, Why
from station.domain.signals import of_code
from station.domain.snapshot import Fault, Phase, PlannedTag, Snapshot, Sound
from station.domain.tag_image import Uid
from station.domain.workflows import Workflow
from station.encoding.iso15962.data_elements import element
from station.encoding.recognition.registry import data_model
from station.quality.rules import Rule
from station.quality.tag_words import usage_words

if TYPE_CHECKING:
    pass


ANSWERS_KEPT: Final = 16
"""Answers to commands in each snapshot: a client that misses a snapshot finds its answer in the next one."""
NOISY: Final = 4
"""So many failures in a row become a fault, although the reader comes back each time."""

GONE: Final = "detail.nobody"
"""The key of what stands for the name of somebody who does not work here any more."""
SIGNED_OFF: Final = Worker(id=NOBODY, name="", role=None)
"""Who works at the bench while nobody is signed on."""


def always() -> bool:
    """What was asked for is still wanted, whatever happens meanwhile."""
    return True


class BenchDesk:
    """State, stops, sounds and publishing."""

    def __init__(self, ports: BenchPorts) -> None:
        settings, clock, journal = ports.settings, ports.clock, ports.journal
        self._reader = ports.reader
        self._catalog = ports.catalog
        self._signed_journal = SignedJournal(journal, lambda: self._acting or self._operator)
        self._journal: Journal = self._signed_journal
        self._clock = clock
        self._settings = settings
        self._publish_to = ports.publish
        self._status = ports.status
        self._people = ports.people
        self._rules_accepted = ports.rules_accepted
        self._settle_delivery = ports.settle
        self._give_order = ports.give
        self._rechecks_of = ports.rechecks
        self._authenticator = ports.authenticator if settings.people.sign_on else None
        self._closed = self._authenticator is not None
        """Nobody is signed on: nothing is done, and what is in hand stays."""
        self._worker = SIGNED_OFF if self._closed else self._people.find(settings.station.operator)
        self._operator = self._worker.id
        self._acting = ""
        """The other program for which something is done now; "" = the operator does it."""
        first = Question(Why.SIGN_ON, clock.monotonic(), sentence=ports.greeting)
        self._question: Question | None = first if self._closed else None
        self._grants: dict[Right, str] = {}
        """What somebody has authorised until the operator changes, and who."""
        self._site = ports.site or site_profile(settings)
        self._profile = tag_profile(settings, self._site)
        self._encoder = Encoder(
            reader=ports.reader,
            journal=self._journal,
            clock=clock,
            site=self._site,
            isil=settings.library.isil,
            max_attempts=settings.tag.max_attempts,
            new_id=ports.new_id,
        )
        self._new_id = ports.new_id
        self._rules = ports.rules
        self._judge = Judge(
            self._journal, ports.rules, settings, ports.systems, self._profile, ports.shelf, ports.lists
        )
        self._corrections = ItemCorrections(self._journal, settings.corrections, clock, ports.new_id, self._rule)
        self._sampling = Sampling(self._journal, ports.sampler, ports.new_id, self._corrections.recheck_due)
        self._pad = Pad(ports.reader, clock)
        self._phase = Phase.IDLE
        self._in_hand: ItemInHand | None = None
        self._stopped: Stopped | None = None
        self._tag: tuple[Uid, str] | None = None
        self._finished: Uid | None = None
        """The tag of the item before: it must leave before the next one is written."""
        self._noise = 0
        """Failures in a row of a reader that each time came back at once."""
        self._notice = NONE
        self._ticket = ""
        """Of the command that is carried out now."""
        self._outcome = NONE
        """What answers it."""
        self._answered: tuple[Answered, ...] = ()
        self._volume, self._muted = settings.screen.volume, not settings.screen.sound
        self._sound = Sound.NONE
        self._sound_number = 0
        self._unfinished: tuple[str, ...] = ()
        self._workflow = Workflow.PROCESS
        self._last = Snapshot()
        self._refresh_unfinished()

    def _rule(self, id: str) -> Rule | None:
        return self._rules.rule(id, self._clock.now()[:10])

    # --- what goes wrong -------------------------------------------------------------------------------------------------

    def _guarded(self, work: Callable[[], None]) -> None:
        try:
            work()
        except (TransportError, ProtocolError) as error:
            self._reader_failed(error)
        except StationError as error:
            self._stop(self._kind(error), fault_of(error))
        except Exception as error:
            self._defect(error)
        self._publish()

    @staticmethod
    def _kind(error: StationError) -> StopKind:
        match error:
            case TagsCollide():
                return StopKind.PAD
            case TagError() | EncodingError():
                return StopKind.TAG
            case CatalogError():
                return StopKind.RECORD
            case _:
                return StopKind.LINE

    def _reader_failed(self, error: TransportError | ProtocolError, uid: Uid | None = None) -> None:
        self._pad.lost(error)
        if not self._pad.ready:
            self._play(Sound.BAD)
        if self._phase is Phase.WRITING:
            self._phase = Phase.NEED_TAG
        self._noise += 1
        if isinstance(error, LocalProtocolError) or (self._pad.ready and self._noise >= NOISY):
            # It answers to a greeting and fails at the work: trying for ever without a word would help nobody.
            self._noise = 0
            self._stop(StopKind.TAG if uid else StopKind.LINE, fault_of(error), uid=uid)

    def _defect(self, error: Exception) -> None:
        defect = StationDefect(f"{type(error).__name__}: {error}")
        self._stop(StopKind.LINE, fault_of(defect))
        self._journal_safely(DefectFound(where=self._phase.value, error=clean(defect.detail, 500)))

    def _journal_safely(self, event: DefectFound | LineStopped) -> None:
        """For events about a stop: when the journal itself is what failed, the fault on the screen must do."""
        try:
            self._journal.record(event)
        except StoreError as error:
            self._stopped = Stopped(StopKind.LINE, fault_of(error))

    # --- state and publishing --------------------------------------------------------------------------------------------

    def _stop(self, kind: StopKind, fault: Fault, *, uid: Uid | None = None, may_overwrite: bool = False) -> None:
        if self._in_hand is not None and self._in_hand.verdict is not None:
            self._in_hand = None  # Its result is journaled; a later stop concerns something else.
        in_hand = self._in_hand
        if uid is None and kind is StopKind.TAG and self._tag is not None:
            uid = self._tag[0]
        self._stopped = Stopped(kind, fault, uid=uid, may_overwrite=may_overwrite)
        self._comes_to(Notice(fault.code, fault.sentence))
        self._phase = Phase.STOPPED
        self._play(Sound.BAD if kind is StopKind.INTERRUPTED else of_code(fault.code).sound)
        self._journal_safely(
            LineStopped(
                code=fault.code,
                sentence=fault.sentence,
                detail=clean(fault.detail, 500),
                barcode=in_hand.item.barcode if in_hand else "",
                uid=uid or "",
            )
        )
        self._signal(Signal.BAD)

    def _clear_stop(self, phase: Phase) -> None:
        self._stopped = None
        self._phase = phase

    def _rest(self) -> None:
        self._in_hand = None
        self._tag = None
        self._clear_stop(Phase.IDLE)
        self._refresh_unfinished()

    def _refresh_unfinished(self) -> None:
        self._unfinished = tuple(attempt.barcode or attempt.uid for attempt in self._journal.open_attempts())

    @contextmanager
    def _answering(self, ticket: str) -> Iterator[None]:
        """Carry out a command: what is said of it meanwhile answers its ticket at the end."""
        outer = self._ticket, self._outcome
        self._ticket, self._outcome = ticket, Notice(DONE)
        try:
            yield
        except StationError as error:
            self._comes_to(notice(error))
            raise
        finally:
            self._answer_ticket(self._ticket, self._outcome)
            self._ticket, self._outcome = outer

    def _answer_ticket(self, ticket: str, outcome: Notice) -> None:
        if ticket:
            answer = Answered(ticket, outcome.code, outcome.sentence)
            self._answered = (*self._answered, answer)[-ANSWERS_KEPT:]

    def _comes_to(self, outcome: Notice) -> None:
        """An item that was begun answers its scan, whatever is said of it."""
        if self._outcome.code != BEGUN:
            self._outcome = outcome

    def _say(self, said: Said, sound: Sound) -> None:
        self._notice = notice(said)
        self._comes_to(self._notice)
        self._play(sound)

    def _load_roll(self, name: str) -> None:
        name = clean(name, 60) or self._clock.now()[:16].replace("T", " ")
        self._journal.record(RollLoaded(name=name, operator=self._operator))
        self._say(Sentence("notice.roll", name=name), Sound.ACCEPTED)

    def _loudness(self, command: Loudness) -> None:
        self._volume = self._volume if command.volume is None else command.volume
        self._muted = self._muted if command.muted is None else command.muted

    def _play(self, sound: Sound) -> None:
        self._sound = sound
        self._sound_number += 1

    def _signal(self, signal: Signal) -> None:
        """The reader's own lamp and buzzer are a courtesy: when they fail, the next look notices."""
        if self._muted or self._settings.screen.sound_through == "audio":
            return
        if self._pad.ready and self._reader.capabilities.can_signal:
            try:
                self._reader.signal(signal)
            except (TransportError, ProtocolError) as error:
                self._pad.lost(error)

    def _publish(self) -> None:
        snapshot = view.snapshot(
            phase=self._phase,
            in_hand=self._in_hand,
            stopped=self._stopped,
            pad=self._pad,
            planned=self._planned(),
            tag=self._tag,
            finished_on_pad=self._finished is not None,
            notice=self._notice,
            answered=self._answered,
            sound=(self._sound, self._sound_number),
            loudness=(self._volume, self._muted),
            operator=self._worker.name if self._worker.role is not None or self._closed else tell(GONE),
            worker=self._operator,
            sign_on_prompt=self._sign_on_prompt(),
            sign_on=self._authenticator is not None,
            status=self._status(),
            unfinished=self._unfinished,
        )
        undoable = self._signed_journal.undoable
        undo = tell("undo.tag-of", barcode=undoable) if undoable else ""
        snapshot = self._dressed(msgspec.structs.replace(snapshot, undo=undo))
        if msgspec.structs.replace(snapshot, number=self._last.number) != self._last:
            self._last = msgspec.structs.replace(snapshot, number=self._last.number + 1)
            self._publish_to(self._last)

    def _dressed(self, snapshot: Snapshot) -> Snapshot:
        """The snapshot with what the present workflow adds."""
        return snapshot

    def _ask_for(
        self,
        right: Right,  # noqa: ARG002 - the layer above names them
        then: Callable[[Worker], None],  # noqa: ARG002
        still: Callable[[], bool],  # noqa: ARG002
        what: str = "",  # noqa: ARG002
    ) -> bool:
        """Ask for somebody with this right on the spot; False where people do not sign on: then nobody can be asked."""
        return False

    def _sign_on_prompt(self) -> SignOnPrompt | None:
        """What is asked about who somebody is."""
        return None

    def _planned(self) -> PlannedTag | None:
        in_hand = self._in_hand
        if in_hand is None or self._site.read_only:
            return None
        content = self._encoder.content(in_hand.item, in_hand.part)
        rows = [(1, content.primary_item_identifier), (3, content.owner_institution)]
        rows.append((4, tell("item.part-of", part=content.part, parts=content.parts)))
        rows.append((5, str(usage_words(content.type_of_usage)) if content.type_of_usage is not None else ""))
        if content.shelf_location:
            rows.append((6, content.shelf_location))
        rows += content.further
        return PlannedTag(
            model=data_model(self._profile.model).title,
            elements=tuple((element(oid).name, value) for oid, value in rows if value),
            afi=self._profile.afi_in_stock,
            part=in_hand.part,
            parts=in_hand.item.parts,
        )
