"""The parts of the state machine: a reader that checks every write, a journal that checks every entry, systems that
fail.

All checks judge the bench from outside: from the bytes on the tags, the tags that were on the pad, the operator's
actions and the order of the journal. They never use the bench's own memory.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from random import Random

import msgspec

from station.base import errors
from station.base.sentence import EMPTY, Sentence
from station.base.settings import Settings
from station.bench.bench import Bench
from station.bench.bench_ports import BenchPorts
from station.domain import events
from station.domain.deliveries.delivery import (
    NO_REASON,
    WAITING,
    Check,
    Confirmation,
    Delivery,
    DeliveryState,
    NewDelivery,
    Receipt,
    Sending,
    Why,
    unwitnessed,
)
from station.domain.events import AnyEvent
from station.domain.inventory import Inventory
from station.domain.item import Barcode, ItemRecord
from station.domain.snapshot import Light, Phase, Snapshot
from station.domain.tag_image import TagImage, Uid
from station.domain.verdict import Verdict
from station.encoding.content import Recognition, TagContent, TagProfile, TagState
from station.encoding.recognition.recognise import recognise
from station.encoding.write_plan.image import new_image
from station.sync.courier.courier import Courier
from tests.support.simulated_bench import (
    ISIL,
    RULES,
    SETTINGS,
    MemoryCatalog,
    MemoryJournal,
    Rig,
    SimReader,
    Tag,
    World,
)
from tests.support.told import told

PROFILE = TagProfile(ISIL)
SYSTEMS = ("file", "alma")
STARTS = (events.TagWriteStarted,)
ENDS = (events.TagWriteVerified, events.TagWriteInterrupted, events.TagWriteAbandoned)


class Killed(BaseException):
    """A power failure. No code of the station may catch it."""


def image_of(tag: Tag) -> TagImage:
    return TagImage(
        tag.uid, 4, bytes(tag.memory), tuple(n in tag.locked for n in range(tag.blocks)), tag.afi, tag.dsfid
    )


def state_of(tag: Tag) -> Recognition:
    return recognise(image_of(tag), PROFILE)


def expected(old: TagImage, barcode: str, part: int, parts: int) -> TagImage:
    return new_image(old, TagContent(barcode, ISIL, part, parts), PROFILE)


class Witness:
    """The facts of the simulated world, and the violations found."""

    def __init__(self, world: World, stats: Counter[str]) -> None:
        self.world = world
        self.stats = stats
        self.violations: list[str] = []
        self.alone: dict[Uid, tuple[str, int]] = {}
        """Tag -> (barcode of the item in process at the newest inventory, number of successive inventories with this
        tag alone)."""
        self.intended: dict[Uid, set[str]] = {}
        """Identifiers that a tag may hold."""
        self.tapped = False
        """True after a tap on "Overwrite" until an action cancels it."""
        self.current: tuple[str, object] = ("", None)
        """The operator's present action."""
        self.life = 0
        """Journal length when the running bench was started."""

    def wrong(self, what: str) -> None:
        self.violations.append(f"{what} during {self.current}")

    def begin(self, uid: Uid) -> None:
        """Record the identifier on a tag that is new to the station."""
        self.intended[uid] = {state_of(self.world.tags[uid]).identifier}


class CheckedReader(SimReader):
    """A SimReader that checks every write: is it allowed now on this tag?"""

    def __init__(self, world: World, journal: CheckedJournal, witness: Witness) -> None:
        super().__init__(world)
        self.journal = journal
        self.witness = witness
        self.kill_torn = False

    def inventory(self) -> Inventory:
        seen = super().inventory()
        pad, witness = self.world.pad, self.witness
        scanned = next((e.barcode for e in reversed(self.journal.events) if isinstance(e, events.ItemScanned)), "")
        if len(pad) == 1:
            _, count = witness.alone.get(pad[0], ("", 0))
            witness.alone = {pad[0]: (scanned, count + 1)}
        else:
            witness.alone = {}
        return seen

    def _check(self, uid: Uid) -> None:
        if uid not in self.world.pad or not self.world.plugged:
            return
        mine = [e for e in self.journal.events[self.witness.life :] if isinstance(e, (*STARTS, *ENDS)) and e.uid == uid]
        if not mine or not isinstance(mine[-1], STARTS):
            self.witness.wrong(f"{uid} is written outside of a started write")

    def _write(self, uid: Uid, block: int, data: bytes, *, last: bool) -> None:
        self._check(uid)
        self._cut(uid, lambda: SimReader._write(self, uid, block, data, last=last))

    def write_dsfid(self, uid: Uid, dsfid: int) -> None:
        self._check(uid)
        self._cut(uid, lambda: SimReader.write_dsfid(self, uid, dsfid))

    def write_afi(self, uid: Uid, afi: int) -> None:
        self._check(uid)
        if uid in self.world.pad and afi == 0x07 and state_of(self.world.tags[uid]).state is not TagState.OURS:
            self.witness.wrong(f"{uid} gets its security before its identity")
        self._cut(uid, lambda: SimReader.write_afi(self, uid, afi))

    def _cut(self, uid: Uid, write: object) -> None:
        armed = self.world.lift_at_write is not None
        try:
            write()  # type: ignore[operator]
        except errors.TagAbsent:
            if armed and self.world.lift_at_write is None:
                self.witness.stats["torn"] += 1
                if self.kill_torn:
                    self.kill_torn = False
                    self.world.place(uid)
                    raise Killed from None
            raise
        except errors.ReaderSilent:
            self.witness.stats["lost answers"] += 1
            raise


class CheckedJournal(MemoryJournal):
    """A MemoryJournal with an outbox. It can die before or after an entry, and checks the tags at each entry."""

    def __init__(self, witness: Witness) -> None:
        super().__init__()
        self.witness = witness
        self.outbox: dict[str, Delivery] = {}
        self.die_in = 0
        """Die at the n-th record from now; 0 = never."""
        self.die_after = False

    def record(self, *new: AnyEvent, deliveries: Sequence[NewDelivery] = ()) -> int:
        dying = False
        if self.die_in:
            self.die_in -= 1
            dying = not self.die_in
        if dying and not self.die_after:
            raise Killed
        if self.fail is not None:
            self.witness.stats["store full"] += 1
            raise self.fail
        for event in new:
            self._look_at(event)
        seq = super().record(*new, deliveries=deliveries)
        for new_delivery in deliveries:
            key = f"{seq}/{new_delivery.system}"
            self.outbox[key] = Delivery(
                id=key,
                system=new_delivery.system,
                lane=new_delivery.lane,
                state=DeliveryState.PENDING,
                intent=new_delivery.intent,
                event_seq=seq,
                event_at="",
            )
        if dying:
            raise Killed
        return seq

    def _look_at(self, event: AnyEvent) -> None:
        self.witness.stats[events.kind(event)] += 1
        match event:
            case events.TagWriteStarted():
                self._started(event)
            case events.TagWriteVerified():
                self._verified(event)
            case events.DefectFound():
                self.witness.wrong(f"defect: {event.error}")

    def _started(self, event: events.TagWriteStarted) -> None:
        witness = self.witness
        uid = Uid(event.uid)
        tag = witness.world.tags[uid]
        item, times = witness.alone.get(uid, ("", 0))
        if item != event.barcode or times < 2:
            witness.wrong(f"{event.barcode} is begun on {uid}, which was not seen twice alone with it")
        seen = state_of(tag)
        resumed = self.attempts.get(event.resumes)
        mine = resumed is not None and (resumed.uid, resumed.barcode) == (event.uid, event.barcode)
        if event.resumes:
            witness.stats["resumed"] += 1
            if not mine:
                witness.wrong("resumes what is not its own")
        foreign = seen.identifier not in ("", event.barcode)
        strange = foreign or (seen.state in (TagState.INCOMPLETE, TagState.UNKNOWN, TagState.FOREIGN) and not mine)
        if mine and resumed is not None and foreign:
            # The tag may still hold the content whose overwriting was confirmed.
            strange = (bytes(tag.memory), tag.dsfid) != (resumed.old.memory, resumed.old.dsfid)
        others = {b.uid for b in self.bindings_for(Barcode(event.barcode)) if b.part == event.part} - {uid}
        if mine and resumed is not None:
            others -= {Uid(resumed.replaces)}
        if strange or others:
            if witness.tapped and witness.current == ("scan", event.barcode):
                witness.stats["overwritten" if strange else "tag replaced"] += 1
            else:
                witness.wrong(f"{uid} ({seen.state}, {seen.identifier}) is overwritten without both gestures")
        witness.intended[uid].add(event.barcode)

    def _verified(self, event: events.TagWriteVerified) -> None:
        tag = self.witness.world.tags[Uid(event.uid)]
        now = image_of(tag)
        want = expected(now, event.barcode, event.part, event.parts)
        if now != want:
            self.witness.wrong(f"{event.uid} is called verified and is not as expected")
        if event.writes > 60:
            self.witness.wrong(f"{event.writes} write commands in one attempt")
        if event.unchanged:
            self.witness.stats["unchanged"] += 1

    # --- ports.Outbox ------------------------------------------------------------------------------------------------

    def heads(self, limit: int = 100, system: str | None = None) -> tuple[Delivery, ...]:
        open_states = (DeliveryState.PENDING, DeliveryState.DEFERRED, DeliveryState.IN_DOUBT, DeliveryState.LEASED)
        first: dict[tuple[str, str], Delivery] = {}
        for delivery in self.outbox.values():
            if delivery.state in open_states and system in (None, delivery.system):
                first.setdefault((delivery.system, delivery.lane), delivery)
        return tuple(d for d in first.values() if d.state is not DeliveryState.LEASED)[:limit]

    def waiting(self) -> dict[str, int]:
        return dict(Counter(row.system for row in self.outbox.values() if row.state in WAITING))

    def parked(self) -> int:
        return sum(row.state is DeliveryState.PARKED for row in self.outbox.values())

    def sending(self, delivery: str, witness: str) -> None:
        self.outbox[delivery] = msgspec.structs.replace(self.outbox[delivery], sent=True, witness=witness)

    def lease(self, delivery: str) -> Delivery:
        row = self.outbox[delivery]
        row = msgspec.structs.replace(row, state=DeliveryState.LEASED, attempts=row.attempts + 1)
        self.outbox[delivery] = row
        return row

    def settle(self, delivery: str, state: DeliveryState, detail: Sentence = EMPTY, *, why: Why = NO_REASON) -> None:
        if self.fail is not None:
            raise self.fail
        sent = state is DeliveryState.IN_DOUBT or why.doubtful
        self.outbox[delivery] = msgspec.structs.replace(self.outbox[delivery], state=state, detail=detail, sent=sent)

    def recover(self) -> int:
        leased = [d.id for d in self.outbox.values() if d.state is DeliveryState.LEASED]
        for key in leased:
            state = DeliveryState.IN_DOUBT if self.outbox[key].sent else DeliveryState.DEFERRED
            self.outbox[key] = msgspec.structs.replace(self.outbox[key], state=state)
        return len(leased)


class FlakySystem:
    """A library system that goes down, loses answers after the effect, or dies with the station."""

    side_by_side = 1
    kinds = frozenset({"result"})

    def __init__(self, name: str) -> None:
        self.name = name
        self.up = True
        self.mishap = ""
        self.effects: Counter[str] = Counter()

    def look_up(self, barcode: str) -> ItemRecord:
        raise errors.BarcodeUnknown(barcode)

    def deliver(self, delivery: Delivery, sending: Sending = unwitnessed) -> Receipt:
        mishap, self.mishap = self.mishap, ""
        if mishap == "throttled":
            raise errors.Throttled("slow down", retry_after=2.0)
        if not self.up or mishap == "before":
            raise errors.Unreachable("down")
        sending("")
        if mishap == "in doubt, nothing done":
            raise errors.InDoubt("no answer")
        self.effects[delivery.id] += 1
        if mishap == "answer lost":
            raise errors.InDoubt("no answer")
        if mishap == "killed":
            raise Killed
        return Receipt()

    def confirm(self, delivery: Delivery) -> Confirmation:
        if not self.up:
            raise errors.Unreachable("down")
        return Confirmation.LANDED if self.effects[delivery.id] else Confirmation.NOT_LANDED

    def check(self) -> tuple[Check, ...]:
        return ()


class FailingCatalog(MemoryCatalog):
    """The sample records. While `error` is set, each look-up raises it; records may also vanish or change."""

    def __init__(self) -> None:
        self.error: errors.StationError | None = None
        self.gone: set[str] = set()

    def find(self, barcode: Barcode) -> ItemRecord:
        if self.error is not None:
            raise self.error
        if barcode in self.gone:
            raise errors.BarcodeUnknown(barcode)
        return super().find(barcode)


class MachineRig(Rig):
    """A rig with the checked parts. `start` is also the restart after a power failure."""

    def __init__(self, stats: Counter[str], settings: Settings = SETTINGS) -> None:
        self.stats = stats
        world = World()
        self.witness = Witness(world, stats)
        self.checked = CheckedJournal(self.witness)
        self.catalog = FailingCatalog()
        self.systems = {name: FlakySystem(name) for name in SYSTEMS}
        super().__init__(settings, world, self.checked)

    def start(self) -> None:
        self.witness.life = len(self.checked.events)
        self.witness.tapped = False
        self.checked.die_in = 0
        self.world.at_command.clear()
        self.world.lift_at_write = None
        self.checked_reader = CheckedReader(self.world, self.checked, self.witness)
        self.reader = self.checked_reader
        self.checked.recover()
        self.courier = Courier(self.checked, self.systems, self.clock, Random(1))
        self.bench = Bench(
            BenchPorts(
                reader=self.reader,
                catalog=self.catalog,
                journal=self.checked,
                clock=self.clock,
                settings=self.settings,
                rules=RULES,
                systems=SYSTEMS,
                new_id=lambda: f"attempt-{next(self._ids)}",
                publish=self._saw,
            )
        )
        self.look()

    def _saw(self, snapshot: Snapshot) -> None:
        self.shown.append(snapshot)
        fault = snapshot.fault
        if snapshot.phase is Phase.STOPPED:
            if fault is None or not told(fault.sentence).strip() or not fault.choices:
                self.witness.wrong(f"stopped without a sentence or a choice: {fault}")
            else:
                self.stats[f"fault {fault.code}"] += 1
        if snapshot.light is Light.GOOD:
            judged = next((e for e in reversed(self.checked.events) if isinstance(e, events.ItemJudged)), None)
            item = snapshot.item
            if (
                snapshot.phase is not Phase.DONE
                or judged is None
                or item is None
                or (judged.barcode, judged.part, judged.verdict) != (item.barcode, snapshot.part, Verdict.PASS)
            ):
                self.witness.wrong("green without a journaled pass")
            else:
                self.stats["green"] += 1
                self._green(judged)

    def _green(self, judged: events.ItemJudged) -> None:
        uid = Uid(judged.uid)
        proven = [e for e in self.checked.events if isinstance(e, (*STARTS, *ENDS)) and e.uid == uid]
        last = proven[-1] if proven else None
        if not isinstance(last, events.TagWriteVerified) or (last.barcode, last.part) != (judged.barcode, judged.part):
            self.witness.wrong("green, but the last word about the tag is not a verification for this item")
