"""A small simulation of the bench: tags as bytes, a reader with faults, a journal in memory, a manual clock.

The reader here is a *simulation of ISO 15693 behavior at the level of the port*, for speed. The byte-exact, independent
counterpart is the emulator, which the tests in tests/stories drive through the real driver.
"""

from __future__ import annotations

import copy
import itertools
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from station.base import errors
from station.base.sentence import Sentence
from station.base.settings import Library, Settings
from station.bench.bench import Bench
from station.bench.bench_ports import BenchPorts, Unregistered
from station.domain import events
from station.domain.commands import Act, Answer, AskPad, Cancel, Choose, Enter, PadRequest, Reopen, Scan, SelectPart
from station.domain.correction_states import CorrectionKind, CorrectionState
from station.domain.corrections.correction import Correction, advance, is_second_check, opened
from station.domain.deliveries.delivery import Delivery, NewDelivery
from station.domain.events import AnyEvent, SecurityWriteStarted, TagWriteInterrupted, TagWriteStarted
from station.domain.findings import Outcome
from station.domain.inventory import BlocksRead, Inventory, SystemInformation, TagSeen
from station.domain.item import Barcode, ItemRecord, OpenSet, Unjudged
from station.domain.item_state import ItemState, StateSince
from station.domain.pad_answers import PadAnswer
from station.domain.people.staff_call import StaffCall
from station.domain.ports import (
    Authenticator,
    Binding,
    History,
    Logged,
    NoPackingLists,
    NoShelfList,
    NoTruckLists,
    PackingLists,
    ReaderCapabilities,
    ShelfList,
    Signal,
    TruckLists,
    Workforce,
)
from station.domain.snapshot import Phase, Snapshot
from station.domain.tag_image import Uid
from station.domain.verdict import Verdict
from station.domain.workflows import Workflow
from station.quality.rulebook.shipped import shipped
from station.quality.rules import Catalogue
from station.quality.sampling.sampler import Sampler
from station.store.projections import item_states, open_sets, unjudged
from station.store.queries.second_check_cover import TOLD
from tests.conftest import FakeClock
from tests.support.told import told

RULES: Catalogue = shipped()
ISIL = "US-TxImag"
SETTINGS = Settings(library=Library(isil=ISIL, name="Imaginary College"))

BOOK = Barcode("31234000000016")
OTHER = Barcode("31234000000024")
DVD = Barcode("31234000000032")
NO_CALL = Barcode("31234000000040")
NO_TITLE = Barcode("31234000000057")
UNKNOWN = Barcode("31234000000065")


def record(barcode: str, **changes: object) -> ItemRecord:
    values: dict[str, object] = {
        "barcode": barcode,
        "title": f"Title of {barcode}",
        "author": "Doe, Jane",
        "call_number": "QA76.73 .P98 D64 2026",
        "call_number_scheme": "lc",
        "location": "STACKS",
        "material": "book",
        "price": "10.00",
        "label_lines": ("QA", "76.73", ".P98", "D64", "2026"),
    }
    values.update(changes)
    return ItemRecord(**values)  # type: ignore[arg-type]


CATALOG = {
    BOOK: record(BOOK),
    OTHER: record(OTHER),
    DVD: record(DVD, parts=3, material="dvd"),
    NO_CALL: record(NO_CALL, call_number="", label_lines=()),
    NO_TITLE: record(NO_TITLE, title=""),
}


class MemoryCatalog:
    def find(self, barcode: Barcode) -> ItemRecord:
        try:
            return CATALOG[barcode]
        except KeyError:
            raise errors.BarcodeUnknown(barcode) from None


@dataclass
class Tag:
    uid: Uid
    memory: bytearray = field(default_factory=lambda: bytearray(28 * 4))
    afi: int = 0
    dsfid: int = 0
    locked: set[int] = field(default_factory=set)
    writes: int = 0

    @property
    def blocks(self) -> int:
        return len(self.memory) // 4

    def image(self) -> tuple[bytes, int, int]:
        return bytes(self.memory), self.afi, self.dsfid


class World:
    """Tags on a pad, with every fault a write must survive (docs/reference/tag-writing.md#fault-model)."""

    def __init__(self) -> None:
        self.tags: dict[Uid, Tag] = {}
        self.pad: list[Uid] = []
        self.plugged = True
        self.commands = 0
        self.write_commands = 0
        self.lift_at_write: int | None = None
        """Lift the addressed tag during the n-th write from now (1 = the next)."""
        self.tear: Callable[[bytes, bytes], bytes] = lambda old, _new: old
        self.at_command: dict[int, Callable[[], None]] = {}
        self.lose_answers: set[int] = set()
        """Numbers of write commands whose answer is lost after the effect."""
        self.garbled = 0
        """Number of inventories, from now, that report a collision in which no tag can be identified."""
        self.weak: random.Random | None = None
        self.recent: list[tuple[Tag, int, bytes]] = []

    def tag(self, number: int, **values: object) -> Uid:
        uid = Uid(f"E0040100{number:08X}")
        self.tags[uid] = Tag(uid, **values)  # type: ignore[arg-type]
        return uid

    def place(self, *uids: Uid) -> None:
        self.pad = [*self.pad, *(uid for uid in uids if uid not in self.pad)]

    def lift(self) -> None:
        self.pad = []


class SimReader:
    """`ports.Reader` for a `World`."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.connected = False

    capabilities = ReaderCapabilities("simulated", can_signal=False)

    def _enter(self) -> None:
        world = self.world
        world.commands += 1
        hook = world.at_command.pop(world.commands, None)
        if hook:
            hook()
        if not world.plugged:
            self.connected = False
            raise errors.PortLost("unplugged")
        if not self.connected:
            raise errors.PortMissing("not open")

    def _tag(self, uid: Uid) -> Tag:
        if uid not in self.world.pad:
            raise errors.TagAbsent(uid)
        return self.world.tags[uid]

    def reconnect(self) -> None:
        if not self.world.plugged:
            raise errors.PortMissing("no port")
        self.connected = True

    def inventory(self) -> Inventory:
        self._enter()
        if self.world.garbled:
            self.world.garbled -= 1
            return Inventory((), collision=True)
        return Inventory(tuple(TagSeen(uid, self.world.tags[uid].dsfid) for uid in self.world.pad))

    def system_information(self, uid: Uid) -> SystemInformation:
        self._enter()
        tag = self._tag(uid)
        return SystemInformation(uid, tag.dsfid, tag.afi, 4, tag.blocks)

    def read_blocks(self, uid: Uid, first: int, count: int) -> BlocksRead:
        self._enter()
        tag = self._tag(uid)
        if first + count > tag.blocks:
            raise errors.TagRefused(0x10)
        locked = tuple(n in tag.locked for n in range(first, first + count))
        return BlocksRead(first, 4, bytes(tag.memory[first * 4 : (first + count) * 4]), locked)

    def write_blocks(self, uid: Uid, first: int, data: bytes, block_size: int) -> None:
        for offset in range(0, len(data), block_size):
            block = first + offset // block_size
            self._write(uid, block, data[offset : offset + block_size], last=offset + block_size >= len(data))

    def _write(self, uid: Uid, block: int, data: bytes, *, last: bool) -> None:
        self._enter()
        tag = self._tag(uid)
        if block in tag.locked:
            raise errors.TagRefused(0x12, block=block)
        old = bytes(tag.memory[block * 4 : block * 4 + 4])
        if self._torn():
            tag.memory[block * 4 : block * 4 + 4] = self.world.tear(old, data)
            self.world.pad.remove(uid)
            raise errors.TagAbsent(uid)
        self.world.recent.append((tag, block, old))
        tag.memory[block * 4 : block * 4 + 4] = data
        tag.writes += 1
        self._lost_answer(last=last)

    def _torn(self) -> bool:
        world = self.world
        world.write_commands += 1
        if world.lift_at_write is not None:
            world.lift_at_write -= 1
            if world.lift_at_write == 0:
                world.lift_at_write = None
                return True
        return False

    def _lost_answer(self, *, last: bool = True) -> None:
        if self.world.write_commands in self.world.lose_answers and last:
            raise errors.ReaderSilent("answer lost")

    def write_afi(self, uid: Uid, afi: int) -> None:
        self._enter()
        tag = self._tag(uid)
        if self._torn():
            self.world.pad.remove(uid)
            raise errors.TagAbsent(uid)
        tag.afi = afi
        tag.writes += 1
        self._lost_answer()

    def write_dsfid(self, uid: Uid, dsfid: int) -> None:
        self._enter()
        tag = self._tag(uid)
        if self._torn():
            tag.dsfid = self.world.tear(bytes([0, 0, 0, tag.dsfid]), bytes([0, 0, 0, dsfid]))[3]
            self.world.pad.remove(uid)
            raise errors.TagAbsent(uid)
        tag.dsfid = dsfid
        tag.writes += 1
        self._lost_answer()

    def lock_block(self, uid: Uid, block: int) -> None:
        raise AssertionError("the station must never lock a block")

    def reset_field(self) -> None:
        self._enter()
        if self.world.weak is not None:
            for tag, block, old in self.world.recent:
                if self.world.weak.random() < 0.01:
                    tag.memory[block * 4 : block * 4 + 4] = old
        self.world.recent.clear()

    def signal(self, signal: Signal) -> None: ...


def _key(event: events.CorrectionOpened) -> tuple[str, str, CorrectionKind]:
    return event.barcode, event.rule, event.what


class MemoryJournal:
    """`ports.Journal` in lists. The real journal is tested with the store and in the runs with the real driver."""

    def __init__(self) -> None:
        self.events: list[AnyEvent] = []
        self.deliveries: list[NewDelivery] = []
        self.bindings: dict[Uid, Binding] = {}
        self.attempts: dict[str, TagWriteStarted] = {}
        self.corrections: dict[str, Correction] = {}
        self.fail: errors.StoreError | None = None
        self.delivered_with: dict[int, tuple[NewDelivery, ...]] = {}
        self.taken_back: set[int] = set()
        """Verdicts, by their number."""
        self.sender_was_faster = False
        """A delivery has begun, so that no verdict can be taken back."""
        self.sent: list[Delivery] = []
        """Content of the outbox, set by a test."""

    def record(self, *new: AnyEvent, deliveries: Sequence[NewDelivery] = ()) -> int:
        if self.fail is not None:
            raise self.fail
        for event in new:
            assert events.decode(events.encode(event)) == event
            self.events.append(event)
            match event:
                case events.TagWriteStarted():
                    self.attempts.pop(event.resumes, None)
                    self.attempts[event.attempt] = event
                case events.TagWriteVerified():
                    self.attempts = {name: one for name, one in self.attempts.items() if one.uid != event.uid}
                    self.bindings = {
                        u: b
                        for u, b in self.bindings.items()
                        if u != event.uid and (b.barcode, b.part) != (event.barcode, event.part)
                    }
                    self.bindings[Uid(event.uid)] = Binding(
                        Uid(event.uid), Barcode(event.barcode), event.part, event.parts
                    )
                case events.TagUndoVerified():
                    self.attempts = {name: one for name, one in self.attempts.items() if one.uid != event.uid}
                    self.bindings.pop(Uid(event.uid), None)
                    held = {(one.barcode, one.part) for one in self.bindings.values()}
                    if event.restored and (event.restored, event.part) not in held:
                        self.bindings[Uid(event.uid)] = Binding(
                            Uid(event.uid), Barcode(event.restored), event.part, event.parts
                        )
                case events.TagErased():
                    self.attempts = {name: one for name, one in self.attempts.items() if one.uid != event.uid}
                    self.bindings.pop(Uid(event.uid), None)
                case events.TagWriteAbandoned():
                    self.attempts.pop(event.attempt, None)
                case events.CorrectionOpened():
                    key = next((i for i, c in self._open() if (c.barcode, c.rule, c.kind) == _key(event)), "")
                    old = self.corrections.get(key)
                    self.corrections[key or event.correction] = opened(event) if old is None else advance(old, event)
                case (
                    events.CorrectionAssigned()
                    | events.CorrectionMended()
                    | events.CorrectionRechecked()
                    | events.CorrectionClosed()
                    | events.SecondCheckSeen()
                ):
                    self.corrections[event.correction] = advance(self.corrections[event.correction], event)
                case events.FindingWaived():
                    for ident, one in self._open():
                        if (one.barcode, one.rule, one.kind) == (event.barcode, event.rule, CorrectionKind.MEND):
                            self.corrections[ident] = advance(one, event)
        self.deliveries.extend(deliveries)
        self.delivered_with[len(self.events)] = tuple(deliveries)
        return len(self.events)

    def take_back(self, event: events.VerdictTakenBack, *also: AnyEvent) -> bool:
        if self.sender_was_faster:
            return False
        for one in self.delivered_with[event.judged]:
            self.deliveries.remove(one)
        self.taken_back.add(event.judged)
        self.record(*also, event)
        return True

    def unjudged(self) -> tuple[Unjudged, ...]:
        rows = unjudged.Rows()
        for seq, event in enumerate(self.events, 1):
            rows.apply(seq, event)
        return tuple(Unjudged(str(row[0]), int(str(row[1])), "") for row in rows.rows())

    def open_sets(self) -> tuple[OpenSet, ...]:
        found = []
        for barcode in dict.fromkeys(one.barcode for one in self.bindings.values() if one.parts > 1):
            newest = [one.event for one in reversed(self.about_item(barcode))]
            found.append(open_sets.open_set(barcode, {one.part for one in self.bindings_for(barcode)}, newest))
        return tuple(one for one in found if one.left)

    def correction(self, name: str) -> Correction | None:
        return self.corrections.get(name)

    def _verdicts(self, barcode: str) -> list[events.ItemJudged]:
        standing = (one for seq, one in enumerate(self.events, 1) if seq not in self.taken_back)
        return [one for one in standing if isinstance(one, events.ItemJudged) and one.barcode == barcode]

    def order(
        self,
        *new: events.WorkOrder | events.PersonEvent | events.Reported,
        results: Sequence[tuple[events.ItemJudged, Sequence[NewDelivery]]] = (),
        expects: int | None = None,
    ) -> int:
        """Record without a check of rights. Rights are tested with the store."""
        seq = self.record(*new)
        for result, deliveries in results:
            seq = self.record(result, deliveries=deliveries)
        return seq

    def open_corrections(self, barcode: Barcode) -> tuple[Correction, ...]:
        return tuple(one for _, one in self._open() if one.barcode == barcode)

    def _open(self) -> list[tuple[str, Correction]]:
        return [(i, one) for i, one in self.corrections.items() if one.state is not CorrectionState.CLOSED]

    def open_attempt(self, uid: Uid) -> TagWriteStarted | None:
        return next((a for a in reversed(self.attempts.values()) if a.uid == uid), None)

    def interruption(self, attempt: TagWriteStarted) -> TagWriteInterrupted | None:
        mine = [e for e in self.events if isinstance(e, TagWriteInterrupted) and e.attempt == attempt.attempt]
        return mine[-1] if mine else None

    def open_security(self) -> SecurityWriteStarted | None:
        mine = [e for e in self.events if events.kind(e).startswith("security-write-")]
        return mine[-1] if mine and isinstance(mine[-1], SecurityWriteStarted) else None

    def open_attempts(self) -> tuple[TagWriteStarted, ...]:
        return tuple(self.attempts.values())

    def binding_of(self, uid: Uid) -> Binding | None:
        return self.bindings.get(uid)

    def bindings_for(self, barcode: Barcode) -> tuple[Binding, ...]:
        return tuple(b for b in self.bindings.values() if b.barcode == barcode)

    def state_of(self, barcode: Barcode) -> StateSince | None:
        found: StateSince | None = None
        for seq, event in enumerate(self.events, 1):
            withdraws = item_states.WITHDRAWS.get(type(event))
            if withdraws is not None and withdraws(event) == barcode:
                return StateSince(state=ItemState.WITHDRAWN, at=f"t{seq}", seq=seq, kind=events.kind(event))
            changed = item_states.CHANGES.get(type(event))
            states = dict(changed(event)) if changed is not None else {}
            if barcode in states:
                found = StateSince(state=states[barcode], at=f"t{seq}", seq=seq, kind=events.kind(event))
        return found

    def passed_by(self, barcode: Barcode, part: int) -> str:
        of_part = [one for one in self._verdicts(barcode) if one.part == part]
        return of_part[-1].operator if of_part and of_part[-1].verdict is not Verdict.FAIL else ""

    def passed_parts(self, barcode: Barcode) -> frozenset[int]:
        newest = {one.part: one.verdict for one in self._verdicts(barcode)}
        return frozenset(part for part, verdict in newest.items() if verdict is Verdict.PASS)

    # Methods of ledger_ports.History; the real history is tested with the store.

    viewer: str | None = None

    def seen_by(self, viewer: str) -> MemoryJournal:
        seen = copy.copy(self)
        seen.viewer = viewer
        return seen

    def _covered(self, event: AnyEvent) -> bool:
        if self.viewer is None or events.kind(event) in TOLD:
            return False
        orders = [one for _, one in self._open() if is_second_check(one, self.viewer)]
        return getattr(event, "barcode", "") in {one.barcode for one in orders}

    def _told(self, fits: Callable[[AnyEvent], bool]) -> tuple[Logged, ...]:
        return tuple(
            Logged(seq, f"t{seq}", event, Sentence.verbatim(events.kind(event)))
            for seq, event in enumerate(self.events, 1)
            if fits(event) and not self._covered(event)
        )

    def about_tag(self, uid: str) -> tuple[Logged, ...]:
        return self._told(lambda event: getattr(event, "uid", None) == uid)

    def about_item(self, barcode: str) -> tuple[Logged, ...]:
        return self._told(lambda event: getattr(event, "barcode", None) == barcode)

    def open_session(self) -> Logged | None:
        found = self._told(lambda event: isinstance(event, events.ConvertBegan | events.ConvertEnded))
        return found[-1] if found and isinstance(found[-1].event, events.ConvertBegan) else None

    def of_session(self, seq: int) -> tuple[Logged, ...]:
        return tuple(one for one in self._told(lambda _event: True) if one.seq >= seq)

    def newest_session(self) -> tuple[Logged, ...]:
        began = self._told(lambda event: isinstance(event, events.ConvertBegan))
        return self.of_session(began[-1].seq) if began else ()

    def open_release(self) -> tuple[Logged, ...]:
        listed = self._told(lambda event: isinstance(event, events.ReleaseItemListed | events.ReleaseTruckNamed))
        gone = {event.release for event in self.events if isinstance(event, events.TruckReleased)}
        return tuple(one for one in listed if one.event.release == listed[-1].event.release not in gone)

    def open_withdrawal(self) -> tuple[Logged, ...]:
        began = [e for e in self.events if isinstance(e, events.WithdrawalBegan)]
        over = {e.checklist for e in self.events if isinstance(e, events.WithdrawalJudged | events.WithdrawalLeft)}
        return self._told(
            lambda event: (
                bool(began)
                and isinstance(event, events.WithdrawalBegan | events.CheckAnswered)
                and event.checklist == began[-1].checklist not in over
            )
        )

    def withdrawals(self) -> tuple[Logged, ...]:
        kinds = events.WithdrawalBegan | events.WithdrawalJudged | events.WithdrawalLeft
        return self._told(lambda event: isinstance(event, kinds))

    def newest_write(self) -> Logged | None:
        found = [one for one in self.writes() if not getattr(one.event, "unchanged", False)]
        return found[-1] if found else None

    def writes(self) -> tuple[Logged, ...]:
        return self._told(
            lambda event: isinstance(event, events.TagWriteVerified | events.TagUndoVerified | events.TagErased)
        )

    def deliveries_of(self, barcode: str) -> tuple[Delivery, ...]:
        return tuple(one for one in self.sent if one.lane == barcode)

    def of_set(self, barcode: str) -> tuple[Logged, ...]:
        return tuple(one for one in self.sets() if getattr(one.event, "barcode", "") == barcode)

    def open_set(self) -> Logged | None:
        opened_or_closed = [one for one in self.sets() if not isinstance(one.event, events.SetSized)]
        return (
            opened_or_closed[-1]
            if opened_or_closed and isinstance(opened_or_closed[-1].event, events.SetOpened)
            else None
        )

    def sets(self) -> tuple[Logged, ...]:
        return self._told(lambda event: isinstance(event, events.SetOpened | events.SetSized | events.SetClosed))

    def staff_call(self) -> StaffCall | None:
        found = self._told(lambda event: isinstance(event, events.StaffCalled | events.StaffCallAnswered))
        called = found[-1].event if found else None
        if not isinstance(called, events.StaffCalled):
            return None
        return StaffCall(at=found[-1].at, bench=called.bench, worker=called.operator, title=called.title)

    def kinds(self) -> list[str]:
        return [events.kind(event) for event in self.events]


class Asker:
    """`domain.ports.Askers`: every requester waits for its answer, except the one with the ticket "gone"."""

    def __init__(self) -> None:
        self.answers: list[PadAnswer] = []

    def begin(self, ticket: str) -> bool:
        return ticket != "gone"

    def answer(self, ticket: str, answer: PadAnswer) -> None:
        self.answers.append(answer)


class Rig:
    """A bench on a simulated pad, with a method for each action of an operator."""

    sampler: Sampler | None = None
    history: History | None = None
    """History of past work, if it is not the journal itself."""
    made: Callable[[World], SimReader] = SimReader

    truck_lists: TruckLists | None = None

    def __init__(
        self,
        settings: Settings = SETTINGS,
        world: World | None = None,
        journal: Any = None,
        people: Workforce | None = None,
        shelf: ShelfList | None = None,
        keeper: Authenticator | None = None,
        lists: PackingLists | None = None,
    ) -> None:
        self.shelf = shelf
        self.keeper = keeper
        self.lists = lists
        self.people = people
        self.world = world or World()
        self.journal: MemoryJournal = journal or MemoryJournal()
        """Or another `ports.Journal` and `ports.History` with the properties that a test uses."""
        self.clock = FakeClock()
        self.settings = settings
        self.shown: list[Snapshot] = []
        self.reader = self.made(self.world)
        self._ids = itertools.count(len(self.journal.events) + 1)
        self.asker = Asker()
        self.start()

    def start(self) -> None:
        """Build the bench, or build it again as a restart after kill -9 does."""
        self.reader = self.made(self.world)
        self.bench = Bench(self.ports())
        self.look()

    def ports(self) -> BenchPorts:
        return BenchPorts(
            reader=self.reader,
            catalog=MemoryCatalog(),
            journal=self.journal,
            clock=self.clock,
            settings=self.settings,
            rules=RULES,
            languages=("en", "es"),
            systems=("file",),
            new_id=lambda: f"attempt-{next(self._ids)}",
            publish=self.shown.append,
            askers=self.asker,
            people=self.people or Unregistered(),
            authenticator=self.keeper,
            history=self.history or self.journal,
            sampler=self.sampler,
            shelf=self.shelf or NoShelfList(),
            lists=self.lists or NoPackingLists(),
            truck_lists=self.truck_lists or NoTruckLists(),
        )

    def start_with(self, **changed: object) -> None:
        """Build the bench again with other ports."""
        self.bench = Bench(replace(self.ports(), **changed))  # type: ignore[arg-type]
        self.look()

    def ask(self, request: PadRequest) -> PadAnswer:
        """Ask as Alma's page does; assert that there is exactly one answer."""
        before = len(self.asker.answers)
        self.bench.handle(AskPad("t", request))
        assert len(self.asker.answers) == before + 1
        return self.asker.answers[-1]

    @property
    def now(self) -> Snapshot:
        return self.shown[-1] if self.shown else Snapshot()

    def look(self, times: int = 1) -> Snapshot:
        """Look at the pad so often, and read a tag to the end where a look begins to read it."""
        for _ in range(times):
            while not (seconds := self.bench.tick()):
                pass
            self.clock.pause(seconds)
        return self.now

    def scan(self, text: str) -> Snapshot:
        self.bench.handle(Scan(text))
        return self.now

    def place(self, *uids: Uid) -> Snapshot:
        self.world.place(*uids)
        return self.look()

    def lift(self) -> Snapshot:
        self.world.lift()
        return self.look(2)

    def enter(self, workflow: Workflow) -> Snapshot:
        self.bench.handle(Enter(workflow))
        return self.now

    def act(self, name: str, argument: str = "") -> Snapshot:
        self.bench.handle(Act(name, argument))
        return self.now

    def choose(self, choice: str) -> Snapshot:
        self.bench.handle(Choose(choice))
        return self.now

    def cancel(self) -> Snapshot:
        self.bench.handle(Cancel())
        return self.now

    def reopen(self) -> Snapshot:
        self.bench.handle(Reopen())
        return self.now

    def part(self, number: int) -> Snapshot:
        self.bench.handle(SelectPart(number))
        return self.now

    def answer(self, outcome: Outcome = Outcome.PASS, reason: str | Sentence = "", rule: str = "") -> Snapshot:
        checks = self.now.checks
        rule = rule or checks[self.now.current_check].rule
        self.bench.handle(Answer(rule, outcome, told(reason)))
        return self.now

    def pass_all(self) -> Snapshot:
        while self.now.phase is Phase.CHECKING:
            before = self.now.current_check
            self.answer()
            assert self.now.current_check > before or self.now.phase is not Phase.CHECKING
        return self.now
