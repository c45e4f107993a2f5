"""The seams: what the core asks of the world, as protocols. Adapters implement them; wiring joins them.

All calls are synchronous and may block; none is ever made from the screen's thread, except those of `BenchPort`,
`QueryPort` and `DemoPort` that say so. All of them raise nothing but `errors.StationError`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

import msgspec

from station.domain.commands import Command
from station.domain.corrections import Correction, Entry
from station.domain.deliveries.delivery import (
    NO_REASON,
    Check,
    Confirmation,
    Delivery,
    DeliveryRate,
    DeliveryState,
    NewDelivery,
    Receipt,
    Sending,
    Why,
    unwitnessed,
)
from station.domain.events import (
    AnyEvent,
    ItemDrawn,
    ItemJudged,
    PersonEvent,
    SecurityWriteStarted,
    TagWriteStarted,
    WorkOrder,
)
from station.domain.ports.readers import Reader as Reader
from station.domain.ports.readers import ReaderCapabilities as ReaderCapabilities
from station.domain.ports.readers import Signal as Signal
from station.domain.rights import Role
from station.domain.sampling import RejectedLot, Stream, Whose
from station.domain.snapshot import (
    Barcode,
    Finding,
    ItemRecord,
    Snapshot,
    Uid,
)
from station.domain.workflows import ReleaseLine

# --- catalog --------------------------------------------------------------------------------------------------------


class Catalog(Protocol):
    """Records by barcode."""

    def find(self, barcode: Barcode) -> ItemRecord:
        """The record; raises `BarcodeUnknown`, or another `CatalogError` where that is not known."""
        ...


# --- statistics -----------------------------------------------------------------------------------------------------


class Distributions(Protocol):
    """Exact distributions of counts. Probabilities are floats of at least 12 correct digits. Raises `ExtraMissing`."""

    def binomial(self, most: int, sample: int, rate: float) -> float:
        """P(at most `most` bad ones among `sample`), each bad with the probability `rate`: a stream."""
        ...

    def hypergeometric(self, most: int, sample: int, lot: int, bad: int) -> float:
        """P(at most `most` bad ones among `sample` drawn without return from `lot` pieces of which `bad` are bad)."""
        ...

    def interval(self, found: int, sample: int, confidence: float) -> tuple[float, float]:
        """The exact two-sided interval of Clopper and Pearson (1934) for a rate; (0, 1) for an empty sample."""
        ...


# --- people ---------------------------------------------------------------------------------------------------------


class Worker(msgspec.Struct, frozen=True, kw_only=True):
    """Who stands at the bench, or is spoken of."""

    id: str
    """What the journal says: the id of a registered worker, the name of anybody else."""
    name: str
    """For the screen; "" = erased."""
    role: Role | None = Role.OPERATOR
    """None = does not work here any more."""
    registered: bool = False


class Workforce(Protocol):
    """Names to workers and back. Sign-on comes before it: it only says who somebody is, not whether it is really he."""

    def find(self, name: str) -> Worker:
        """Whoever has this login or id; somebody who is not registered is an operator by that name."""
        ...


# --- journal and outbox ---------------------------------------------------------------------------------------------


class Binding(msgspec.Struct, frozen=True):
    """This tag carries this part of this item (the newest verified write of either)."""

    uid: Uid
    barcode: Barcode
    part: int
    parts: int


class Journal(Protocol):
    """The one place where things become true."""

    def record(self, *events: AnyEvent, deliveries: Sequence[NewDelivery] = ()) -> int:
        """Append events, their projections and deliveries in one transaction; durable when this returns.

        The deliveries belong to the last event. Returns the last event's sequence number.
        """
        ...

    def order(
        self,
        *events: WorkOrder | PersonEvent,
        result: ItemJudged | None = None,
        deliveries: Sequence[NewDelivery] = (),
    ) -> int:
        """The same for what a person asks: first looks, in the same transaction, whether it may be. Raises `WorkError`;
        then none of it is journaled. `result`: the verdict that follows from it, with its deliveries."""
        ...

    def open_corrections(self, barcode: Barcode) -> tuple[Correction, ...]:
        """What is still to be mended or rechecked of an item, the oldest first."""
        ...

    def open_attempt(self, uid: Uid) -> TagWriteStarted | None:
        """The newest write to this tag that was started and neither verified nor abandoned."""
        ...

    def open_attempts(self) -> tuple[TagWriteStarted, ...]:
        """All such writes, oldest first."""
        ...

    def open_security(self) -> SecurityWriteStarted | None:
        """The newest change of security, if it was begun and has no end: the station ended in the middle of it."""
        ...

    def binding_of(self, uid: Uid) -> Binding | None: ...

    def bindings_for(self, barcode: Barcode) -> tuple[Binding, ...]: ...

    def passed_by(self, barcode: Barcode, part: int) -> str:
        """Whose newest verdict on this part is a pass; "" = it is a fail, or there is none."""
        ...

    def passed_parts(self, barcode: Barcode) -> frozenset[int]:
        """The parts of the item (1 = first) whose newest verdict is a pass."""
        ...


class SamplingFacts(msgspec.Struct, frozen=True, kw_only=True):
    """What the journal knows that decides about sampling one item."""

    streams: tuple[Stream, ...] = ()
    """Those of this worker and vendor that there are."""
    absent: dict[Whose, int] = {}
    """Whole days since the newest draw of each; never negative."""
    open_draw: ItemDrawn | None = None
    """The item was drawn before and has no verdict since."""
    open_corrections: bool = False
    """Something of the item is still to be mended or rechecked."""
    recheck_of: str = ""
    """Whose work another person shall go through once more: an open order of the item says so."""
    failed_before: bool = False
    """The item's newest verdict is a fail."""
    trainee: bool = False
    failed_rechecks: int = 0
    """How often another person's recheck found bad work that this worker had passed."""
    retrainings: int = 0
    """How often this worker was shown again how it is done."""


class SamplingBook(Protocol):
    """Where sampling stands. What is decided goes into the journal with everything else."""

    def sampling_facts(self, barcode: Barcode, part: int, worker: str, vendor: str) -> SamplingFacts:
        """`worker`, `vendor`: as events name them; "" = not known."""
        ...


class CirculationSystem(Protocol):
    """A library system (or a file that stands for one). May be called from several threads. Raises `SyncError` only.

    `tests/sync/test_contract.py` is the suite that each adapter has to pass.
    """

    name: str
    side_by_side: int
    """How many deliveries may be under way at once (of different lanes)."""
    kinds: frozenset[str]
    """Tags of the intents that it can carry out (`intents.KINDS`); any other is `Rejected`."""

    def look_up(self, barcode: Barcode) -> ItemRecord:
        """The live record; raises `BarcodeUnknown`, `BarcodeAmbiguous`, `Unreachable`, ..."""
        ...

    def deliver(self, delivery: Delivery, sending: Sending = unwitnessed) -> Receipt:
        """Make it so: look whether it is so already, call `sending` before the first change goes out, send, re-read.

        `InDoubt` when a change was sent and no answer came; any other error says that this delivery changed nothing
        (`Conflict`: that somebody else's change stands there now, with `sides`).
        """
        ...

    def confirm(self, delivery: Delivery) -> Confirmation:
        """Re-read whether what was sent with `delivery.witness` has landed; sends no change."""
        ...

    def check(self) -> tuple[Check, ...]:
        """Does it answer, with which rights, and what is missing? Changes nothing and raises nothing."""
        ...


class StationStatus(msgspec.Struct, frozen=True):
    """What the bench shows of the other threads."""

    outbox_depth: int = 0
    outbox_parked: int = 0
    outbox_note: str = ""
    done_today: int = 0
    last_hour: int = 0
    web: str = ""
    web_ready: bool = False


class Outbox(Protocol):
    """What the courier needs of the store. Waiting times live in the courier (monotonic), never in the database."""

    def heads(self, limit: int = 100, system: str | None = None) -> tuple[Delivery, ...]:
        """The first delivery of each lane (of one system, or of all) that is pending, deferred or in doubt, oldest
        first. A lane whose first delivery is leased has none."""
        ...

    def waiting(self) -> dict[str, int]:
        """How many deliveries are the courier's business, by system."""
        ...

    def parked(self) -> int:
        """How many deliveries wait for a person, of all systems."""
        ...

    def lease(self, delivery: str) -> Delivery | None:
        """Mark it leased, count the attempt; durable when this returns, before anything is sent. None when it does not
        wait any more or is not the first of its lane (a person decided meanwhile)."""
        ...

    def sending(self, delivery: str, witness: str) -> None:
        """A leased delivery is about to send its first change; durable when this returns."""
        ...

    def settle(self, delivery: str, state: DeliveryState, detail: str = "", *, why: Why = NO_REASON) -> None:
        """End a lease in any other state; journaled as `DeliveryChanged` in the same transaction."""
        ...

    def recover(self) -> int:
        """At the start: what was leased when the station died becomes in doubt, or deferred where nothing can have
        been sent. Returns how many."""
        ...


# --- faces ----------------------------------------------------------------------------------------------------------


class BenchPort(Protocol):
    """What a screen, a socket or a script sees of the bench. Neither call blocks."""

    def submit(self, command: Command) -> None: ...

    @property
    def snapshot(self) -> Snapshot: ...

    def subscribe(self, subscriber: Callable[[Snapshot], None]) -> Callable[[], None]:
        """Call back with every later snapshot, from a foreign thread; returns the function that ends it."""
        ...


class JournalRow(msgspec.Struct, frozen=True):
    """One event as a person may read it."""

    seq: int
    at: str
    kind: str
    summary: str


class Views(Protocol):
    """What one viewer may read, newest first, a page at a time. May block for milliseconds: call from a worker thread."""

    def journal_page(self, before: int | None = None, limit: int = 50) -> tuple[JournalRow, ...]: ...

    def outbox_page(self, offset: int = 0, limit: int = 50, state: str = "") -> tuple[Delivery, ...]:
        """Deliveries of one state, or of all."""
        ...


class QueryPort(Protocol):
    """Read-only views. May block for milliseconds: call from a worker thread."""

    def seen_by(self, viewer: str) -> Views:
        """What is journaled, as far as this viewer may know it: who owes an item its blind second check is not told what
        was found. `viewer` is an id as in `Snapshot.worker`; "" = nobody has said who he is."""
        ...

    def outbox_counts(self) -> dict[str, int]: ...

    def delivery_rates(self) -> tuple[DeliveryRate, ...]: ...

    def done_today(self) -> int: ...


class WorkPort(Protocol):
    """The correction queue as one viewer may see it. May block for milliseconds: call from a worker thread."""

    def corrections(self, viewer: str) -> tuple[Entry, ...]:
        """What is open, by owner, the oldest first. `viewer` is an id or name as in `Snapshot.worker`."""
        ...

    def correction(self, viewer: str, name: str) -> Entry | None:
        """One by its id, also when it is closed."""
        ...

    def rejected(self, viewer: str) -> tuple[RejectedLot, ...]:
        """Lots that were rejected and hold items which nobody was asked about nor has gone through since; the one that was
        rejected first comes first."""
        ...

    def names(self, viewer: str) -> dict[str, str]:
        """Name by id, of those whom the viewer may know."""
        ...


class LabelPort(Protocol):
    """Labels from the screen. Blocks for seconds: call from a worker thread. Raises `PrintError` and `SettingsError`."""

    def label(self, item: ItemRecord) -> str:
        """Print the item's spine label; what became of it, in words."""
        ...

    def slip(self, item: ItemRecord, findings: Sequence[Finding], operator: str) -> str:
        """Print a flag slip with what failed; what became of it, in words."""
        ...

    def truck(self, truck: str, wrong: Sequence[ReleaseLine], count: int, operator: str) -> str:
        """Print a slip with what of a list of `count` items is not right; what became of it, in words."""
        ...


class DemoItem(msgspec.Struct, frozen=True):
    """One imaginary item beside the imaginary bench."""

    barcode: str
    title: str
    hint: str
    """What is special about it ("a foreign library's tag")."""


class DemoState(msgspec.Struct, frozen=True):
    """The imaginary bench, for its controls."""

    item: DemoItem
    on_pad: tuple[str, ...] = ()
    """Titles of what lies on the pad."""
    reader_plugged: bool = True
    ils_up: bool = True


class DemoPort(Protocol):
    """Hands for the imaginary bench. Calls return at once; what they cause arrives by `subscribe`."""

    @property
    def state(self) -> DemoState: ...

    def subscribe(self, subscriber: Callable[[DemoState], None]) -> Callable[[], None]: ...

    def act(self, action: str) -> None:
        """ "next" (take the next item), "scan" (its barcode, as keystrokes of a scanner would), "place", "swap" (lift
        what lies there and place the item in hand), "lift", "two" (lay a second item beside it), "unplug"/"plug",
        "ils-down"/"ils-up", "lift-mid-write" (lift by itself during the next write)."""
        ...
