"""What happened, as it is journaled: append-only, frozen, stored as the exact bytes that `encode` returns.

Never remove or rename a field or a tag: old journals must stay readable. New fields need a default.
"""

from __future__ import annotations

from typing import Any

import msgspec

from station.domain.deliveries.intents import Intent, Side
from station.domain.event import Event as Event
from station.domain.events.corrections import CorrectionAssigned as CorrectionAssigned
from station.domain.events.corrections import CorrectionClosed as CorrectionClosed
from station.domain.events.corrections import CorrectionMended as CorrectionMended
from station.domain.events.corrections import CorrectionOpened as CorrectionOpened
from station.domain.events.corrections import CorrectionRechecked as CorrectionRechecked
from station.domain.events.corrections import FindingWaived as FindingWaived
from station.domain.events.people import CardChanged as CardChanged
from station.domain.events.people import PersonEvent as PersonEvent
from station.domain.events.people import PinRecovered as PinRecovered
from station.domain.events.people import PinSet as PinSet
from station.domain.events.people import RetrainingHeld as RetrainingHeld
from station.domain.events.people import RulesAccepted as RulesAccepted
from station.domain.events.people import SecondCheckSeen as SecondCheckSeen
from station.domain.events.people import SignedOff as SignedOff
from station.domain.events.people import SignedOn as SignedOn
from station.domain.events.people import SignOnRefused as SignOnRefused
from station.domain.events.people import WorkerLeft as WorkerLeft
from station.domain.events.people import WorkerRegistered as WorkerRegistered
from station.domain.events.people import WorkerRoleChanged as WorkerRoleChanged
from station.domain.events.tag_security import PadRequestRefused as PadRequestRefused
from station.domain.events.tag_security import SecurityWriteInterrupted as SecurityWriteInterrupted
from station.domain.events.tag_security import SecurityWriteStarted as SecurityWriteStarted
from station.domain.events.tag_security import SecurityWriteVerified as SecurityWriteVerified
from station.domain.events.workflows import ConvertBegan as ConvertBegan
from station.domain.events.workflows import ConvertEnded as ConvertEnded
from station.domain.events.workflows import ReleaseItemListed as ReleaseItemListed
from station.domain.events.workflows import ReleaseTruckNamed as ReleaseTruckNamed
from station.domain.events.workflows import RollLoaded as RollLoaded
from station.domain.events.workflows import SetClosed as SetClosed
from station.domain.events.workflows import SetOpened as SetOpened
from station.domain.events.workflows import SetSized as SetSized
from station.domain.events.workflows import StackChecked as StackChecked
from station.domain.events.workflows import TagUndoInterrupted as TagUndoInterrupted
from station.domain.events.workflows import TagUndoStarted as TagUndoStarted
from station.domain.events.workflows import TagUndoVerified as TagUndoVerified
from station.domain.events.workflows import TruckReleased as TruckReleased
from station.domain.events.workflows import WithdrawalBegan as WithdrawalBegan
from station.domain.events.workflows import WithdrawalJudged as WithdrawalJudged
from station.domain.events.workflows import WithdrawalLeft as WithdrawalLeft
from station.domain.packing_lists import LineKey
from station.domain.sampling import ItemDrawn as ItemDrawn
from station.domain.sampling import SamplingCounted as SamplingCounted
from station.domain.snapshot import (
    Finding,
    ItemRecord,
    TagImage,
    Verdict,
    Waiver,
)


class StationStarted(Event, frozen=True, kw_only=True, tag="station-started"):
    version: str
    station: str
    library: str = ""
    note: str = ""


class StationStopped(Event, frozen=True, kw_only=True, tag="station-stopped"):
    reason: str = ""


class Head(msgspec.Struct, frozen=True):
    """One exported line: at this time event `seq` of the journal was the last and had this hash (hexadecimal)."""

    at: str
    seq: int
    hash: str
    journal_id: str
    replaces: tuple[str, ...] = ()
    """Ids of the journals that this one continues, or whose lost parts it has given up."""


class TimelineBegan(Event, frozen=True, kw_only=True, tag="timeline-began"):
    """An older copy of the journal continues under another id. The first event that is hashed with the new id; sequence
    numbers continue. `parent...`: id, newest event and its hash of what it continues."""

    journal: str
    """The new id: 16 hexadecimal digits, random."""
    parent: str = ""
    parent_seq: int = 0
    parent_hash: str = ""
    lost: tuple[Head, ...] = ()
    """For each journal id the newest exported head that the copy does not have."""
    reason: str = ""


class ItemScanned(Event, frozen=True, kw_only=True, tag="item-scanned"):
    """A barcode was accepted and its record found."""

    barcode: str
    part: int
    item: ItemRecord


class ScanRefused(Event, frozen=True, kw_only=True, tag="scan-refused"):
    """A scan was not accepted; `text` is cleaned."""

    text: str
    code: str
    reason: str = ""


class TagRecognised(Event, frozen=True, kw_only=True, tag="tag-recognised"):
    """A tag was read and judged."""

    uid: str
    state: str
    summary: str = ""


class LineStopped(Event, frozen=True, kw_only=True, tag="line-stopped"):
    """A fault stood before the operator."""

    code: str
    sentence: str
    detail: str = ""
    barcode: str = ""
    uid: str = ""


class ChoiceMade(Event, frozen=True, kw_only=True, tag="choice-made"):
    code: str
    choice: str


class TagWriteStarted(Event, frozen=True, kw_only=True, tag="tag-write-started"):
    """Committed before the first byte of a write goes to the port: undo image and intent."""

    attempt: str
    uid: str
    barcode: str
    part: int
    parts: int
    old: TagImage
    new: TagImage
    plan_digest: str
    """SHA-256 of the planned steps, hexadecimal."""
    steps: int
    resumes: str = ""
    """The attempt that this one takes up again."""
    tries: int = 1
    replaces: str = ""
    """UID of the item's tag so far, when the operator said that this one shall replace it."""
    purpose: str = ""
    """"erase", "migrate": what is done to the tag as such; "" = it is written for the item."""
    note: str = ""
    """What was shown before, in short."""
    eas: bool | None = None
    """The EAS bit before, where the site's security uses it and it could be told: an undo sets it so again."""


class TagWriteInterrupted(Event, frozen=True, kw_only=True, tag="tag-write-interrupted"):
    attempt: str
    uid: str
    barcode: str
    written: int
    planned: int
    code: str
    detail: str = ""


class TagWriteVerified(Event, frozen=True, kw_only=True, tag="tag-write-verified"):
    """Read back after field off and on, byte for byte and element for element."""

    attempt: str
    uid: str
    barcode: str
    part: int
    parts: int
    writes: int = 0
    """Write commands sent, for wear."""
    unchanged: bool = False
    """The tag held exactly this already; nothing was written."""


class TagErased(Event, frozen=True, kw_only=True, tag="tag-erased"):
    """The end of a write with the purpose "erase": read back after field off and on, byte for byte. The tag carries nothing
    any more; whatever the ledger said of it has ended."""

    attempt: str
    uid: str
    barcode: str
    """What it said before; "" = nothing certain."""
    part: int = 1
    parts: int = 1
    writes: int = 0


class TagWriteAbandoned(Event, frozen=True, kw_only=True, tag="tag-write-abandoned"):
    """A person decided that this write will not be finished."""

    attempt: str
    uid: str
    barcode: str
    reason: str


class CheckAnswered(Event, frozen=True, kw_only=True, tag="check-answered"):
    barcode: str
    finding: Finding
    checklist: str = ""
    """The checklist beside the main job that it belongs to (`WithdrawalBegan`)."""


class ItemJudged(Event, frozen=True, kw_only=True, tag="item-judged"):
    """The result: committed in one transaction with its deliveries."""

    barcode: str
    uid: str
    part: int
    parts: int
    verdict: Verdict
    findings: tuple[Finding, ...]
    item: ItemRecord
    seconds: float = 0.0
    """From the first scan or sight of the tag to the verdict."""
    finished_by: str = ""
    """Who gave the last answer, where that was another person than the operator, whose work the item is; "" = the same."""
    waivers: tuple[Waiver, ...] = ()
    """Failed findings that do not count, each with who said so and why."""
    passed: tuple[str, ...] = ()
    """Ids of the rules that the machine passed; `findings` has only its other outcomes. () in old journals: all are above."""
    day: str = ""
    """The day (ISO 8601) by which rules were in force; "" in old journals."""
    receipt: LineKey | None = None
    """The line of a packing list that the item is a copy of."""
    session: str = ""
    """The conversion session in which it fell; then no person was asked."""


class ItemSetAside(Event, frozen=True, kw_only=True, tag="item-set-aside"):
    """The operator gave the item up before a verdict."""

    barcode: str
    uid: str = ""
    reason: str = ""


class DefectFound(Event, frozen=True, kw_only=True, tag="defect-found"):
    """An exception that is a defect of the program."""

    where: str
    error: str


class DeliveryOrdered(Event, frozen=True, kw_only=True, tag="delivery-ordered"):
    """A person asked for something in a library system; committed with its delivery."""

    system: str
    intent: Intent
    reason: str = ""


class DeliveryChanged(Event, frozen=True, kw_only=True, tag="delivery-changed"):
    """A delivery of the outbox changed its state. All text is cleaned and bounded."""

    delivery: str
    system: str
    state: str
    detail: str = ""
    reason: str = ""
    """Why a person has to look: the code of an error, "cannot-tell" or "again-and-again"."""
    body: str = ""
    """What the library system answered."""
    sides: tuple[Side, ...] = ()
    """What the station wants and what the library system has, where they disagree."""
    decision: str = ""
    """What a person decided (`intents.Decision`); stays with the delivery until it has ended."""


class CatalogImported(Event, frozen=True, kw_only=True, tag="catalog-imported"):
    source: str
    records: int
    items: int
    rejected: int


class CatalogingRequested(Event, frozen=True, kw_only=True, tag="cataloging-requested"):
    """A piece without a usable record goes to the queue for original cataloging. All text is cleaned."""

    request: str
    barcode: str = ""
    isbn: str = ""
    """ISBN, EAN or UPC as scanned from the piece."""
    title: str = ""
    """As typed from the title page."""
    note: str = ""
    code: str = ""
    """Why, as codes: of an error ("barcode-unknown") or of record findings, with spaces between."""
    reason: str
    """Why, as a sentence."""
    record_id: str = ""
    """The record that is too poor."""


class CatalogingResolved(Event, frozen=True, kw_only=True, tag="cataloging-resolved"):
    """The piece has its record, or will get none for a reason; one of `record_id` and `reason` is said."""

    request: str
    barcode: str = ""
    record_id: str = ""
    reason: str = ""


AnyEvent = (
    StationStarted
    | StationStopped
    | TimelineBegan
    | ItemScanned
    | ScanRefused
    | TagRecognised
    | LineStopped
    | ChoiceMade
    | RollLoaded
    | TagWriteStarted
    | TagWriteInterrupted
    | TagWriteVerified
    | TagErased
    | TagWriteAbandoned
    | SecurityWriteStarted
    | SecurityWriteVerified
    | SecurityWriteInterrupted
    | PadRequestRefused
    | CheckAnswered
    | ItemJudged
    | ItemSetAside
    | DefectFound
    | DeliveryOrdered
    | DeliveryChanged
    | CatalogImported
    | CatalogingRequested
    | CatalogingResolved
    | CorrectionOpened
    | CorrectionAssigned
    | CorrectionMended
    | CorrectionRechecked
    | CorrectionClosed
    | SecondCheckSeen
    | FindingWaived
    | WorkerRegistered
    | WorkerRoleChanged
    | WorkerLeft
    | RetrainingHeld
    | PinSet
    | PinRecovered
    | CardChanged
    | SignedOn
    | SignedOff
    | SignOnRefused
    | RulesAccepted
    | ItemDrawn
    | SamplingCounted
    | ConvertBegan
    | ConvertEnded
    | StackChecked
    | TagUndoStarted
    | TagUndoInterrupted
    | TagUndoVerified
    | ReleaseItemListed
    | ReleaseTruckNamed
    | TruckReleased
    | WithdrawalBegan
    | WithdrawalJudged
    | WithdrawalLeft
    | SetOpened
    | SetSized
    | SetClosed
)

CorrectionStep = CorrectionAssigned | CorrectionMended | CorrectionRechecked | CorrectionClosed | SecondCheckSeen
"""What can happen to a correction by its id."""

WorkOrder = CorrectionStep | CorrectionOpened | FindingWaived | RetrainingHeld | DeliveryOrdered
"""What a person may ask to be journaled about work; the store looks first whether it may be (`ports.Journal.order`)."""

Reported = CatalogImported | CatalogingRequested | CatalogingResolved | TruckReleased
"""What another process may give to the running station to be journaled."""

_ENCODER = msgspec.json.Encoder(order="sorted")
_DECODER: msgspec.json.Decoder[AnyEvent] = msgspec.json.Decoder(AnyEvent)


def encode(event: AnyEvent) -> bytes:
    """The exact bytes that are journaled (canonical JSON: keys sorted, UTF-8, bytes as base64)."""
    return _ENCODER.encode(event)


def decode(payload: bytes) -> AnyEvent:
    """Inverse of `encode`; raises `msgspec.ValidationError` for what is not an event."""
    return _DECODER.decode(payload)


def kind(event: AnyEvent) -> str:
    """The event's tag, as stored in the journal's column `kind`."""
    tag: Any = event.__struct_config__.tag
    return str(tag)
