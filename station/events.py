"""What happened, as it is journaled: append-only, frozen, stored as the exact bytes that `encode` returns.

Never remove or rename a field or a tag: old journals must stay readable. New fields need a default.
"""

from __future__ import annotations

from typing import Any

import msgspec

from station.event import Event as Event
from station.intents import Intent, Side
from station.model import (
    CorrectionKind,
    Finding,
    ItemRecord,
    Recheck,
    Result,
    Severity,
    TagImage,
    Verdict,
    Waiver,
)
from station.pad_events import PadRequestRefused as PadRequestRefused
from station.pad_events import SecurityWriteInterrupted as SecurityWriteInterrupted
from station.pad_events import SecurityWriteStarted as SecurityWriteStarted
from station.pad_events import SecurityWriteVerified as SecurityWriteVerified
from station.rights import Role
from station.sampled import ItemDrawn as ItemDrawn
from station.sampled import SamplingCounted as SamplingCounted


class StationStarted(Event, frozen=True, kw_only=True, tag="station-started"):
    version: str
    station: str
    library: str = ""
    note: str = ""


class StationStopped(Event, frozen=True, kw_only=True, tag="station-stopped"):
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
    operator: str = ""


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
    operator: str = ""
    resumes: str = ""
    """The attempt that this one takes up again."""
    tries: int = 1
    replaces: str = ""
    """UID of the item's tag so far, when the operator said that this one shall replace it."""


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


class TagWriteAbandoned(Event, frozen=True, kw_only=True, tag="tag-write-abandoned"):
    """A person decided that this write will not be finished."""

    attempt: str
    uid: str
    barcode: str
    reason: str
    operator: str = ""


class CheckAnswered(Event, frozen=True, kw_only=True, tag="check-answered"):
    barcode: str
    finding: Finding
    operator: str = ""


class ItemJudged(Event, frozen=True, kw_only=True, tag="item-judged"):
    """The result: committed in one transaction with its deliveries."""

    barcode: str
    uid: str
    part: int
    parts: int
    verdict: Verdict
    findings: tuple[Finding, ...]
    item: ItemRecord
    operator: str = ""
    seconds: float = 0.0
    """From the first scan or sight of the tag to the verdict."""
    waivers: tuple[Waiver, ...] = ()
    """Failed findings that do not count, each with who said so and why."""
    passed: tuple[str, ...] = ()
    """Ids of the rules that the machine passed; `findings` has only its other outcomes. () in old journals: all are above."""
    day: str = ""
    """The day (ISO 8601) by which rules were in force; "" in old journals."""


class ItemSetAside(Event, frozen=True, kw_only=True, tag="item-set-aside"):
    """The operator gave the item up before a verdict."""

    barcode: str
    uid: str = ""
    reason: str = ""
    operator: str = ""


class DefectFound(Event, frozen=True, kw_only=True, tag="defect-found"):
    """An exception that is a defect of the program."""

    where: str
    error: str


class DeliveryOrdered(Event, frozen=True, kw_only=True, tag="delivery-ordered"):
    """A person asked for something in a library system; committed with its delivery."""

    system: str
    intent: Intent
    operator: str = ""
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
    operator: str = ""
    """Who decided."""


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
    operator: str = ""


class CatalogingResolved(Event, frozen=True, kw_only=True, tag="cataloging-resolved"):
    """The piece has its record, or will get none for a reason; one of `record_id` and `reason` is said."""

    request: str
    barcode: str = ""
    record_id: str = ""
    reason: str = ""
    operator: str = ""


class CorrectionOpened(Event, frozen=True, kw_only=True, tag="correction-opened"):
    """Something must be mended, or checked once more. One that is still open for the same item and rule takes it in."""

    correction: str
    """Id of this report; the first one of a correction names it for ever."""
    what: CorrectionKind = CorrectionKind.MEND
    barcode: str
    part: int = 1
    parts: int = 1
    item_title: str = ""
    rule: str = ""
    """"" for a recheck that a plan drew."""
    title: str
    severity: Severity = Severity.MAJOR
    recheck: Recheck = Recheck.PERSON
    owner: str = ""
    """Who has it mended, as the rule says: a department, or a worker's id."""
    due: str
    """ISO 8601 date."""
    worker: str = ""
    """Whose work it is."""
    found_by: str = ""
    """"machine", or who found it."""
    reason: str = ""
    note: str = ""


class CorrectionAssigned(Event, frozen=True, kw_only=True, tag="correction-assigned"):
    """It has another owner or another due date; "" leaves either as it is."""

    correction: str
    owner: str = ""
    due: str = ""
    reason: str = ""
    operator: str = ""


class CorrectionMended(Event, frozen=True, kw_only=True, tag="correction-mended"):
    """Somebody says that it is mended. Closes it only where its rule asks for no recheck."""

    correction: str
    note: str = ""
    due: str = ""
    """When the recheck is due; "" = as it was."""
    operator: str = ""


class CorrectionRechecked(Event, frozen=True, kw_only=True, tag="correction-rechecked"):
    """Another person, or the machine, looked again."""

    correction: str
    passed: bool
    by_machine: bool = False
    part: int = 1
    """The part of the set that was looked at; a machine's word is about one part."""
    reason: str = ""
    operator: str = ""


class CorrectionClosed(Event, frozen=True, kw_only=True, tag="correction-closed"):
    """It ends without a mend, for a reason that is said."""

    correction: str
    result: Result
    reason: str
    operator: str = ""


class FindingWaived(Event, frozen=True, kw_only=True, tag="finding-waived"):
    """A failed finding may stand. It stays in the journal; its open correction ends."""

    barcode: str
    part: int = 1
    rule: str
    title: str
    severity: Severity
    reason: str
    operator: str
    role: Role


class WorkerRegistered(Event, frozen=True, kw_only=True, tag="worker-registered"):
    """A person works here now. The journal knows the id only; the name stands elsewhere and can be erased."""

    worker: str
    role: Role
    operator: str = ""


class WorkerRoleChanged(Event, frozen=True, kw_only=True, tag="worker-role-changed"):
    worker: str
    role: Role
    reason: str = ""
    operator: str = ""


class WorkerLeft(Event, frozen=True, kw_only=True, tag="worker-left"):
    """A person works here no longer; `erased`: the name is gone too."""

    worker: str
    erased: bool = False
    reason: str = ""
    operator: str = ""


class RetrainingHeld(Event, frozen=True, kw_only=True, tag="retraining-held"):
    """Somebody was shown again how it is done: the middle of error, retraining, recheck."""

    worker: str
    rules: tuple[str, ...] = ()
    """What it was about."""
    corrections: tuple[str, ...] = ()
    """The errors that led to it."""
    note: str = ""
    operator: str = ""
    """Who trained."""


AnyEvent = (
    StationStarted
    | StationStopped
    | ItemScanned
    | ScanRefused
    | TagRecognised
    | LineStopped
    | ChoiceMade
    | TagWriteStarted
    | TagWriteInterrupted
    | TagWriteVerified
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
    | FindingWaived
    | WorkerRegistered
    | WorkerRoleChanged
    | WorkerLeft
    | RetrainingHeld
    | ItemDrawn
    | SamplingCounted
)

CorrectionStep = CorrectionAssigned | CorrectionMended | CorrectionRechecked | CorrectionClosed
"""What can happen to a correction by its id."""

WorkOrder = CorrectionStep | CorrectionOpened | FindingWaived | RetrainingHeld | DeliveryOrdered
"""What a person may ask to be journaled about work; the store looks first whether it may be (`ports.Journal.order`)."""

PersonEvent = WorkerRegistered | WorkerRoleChanged | WorkerLeft
"""The same about people."""

Reported = CatalogImported | CatalogingRequested | CatalogingResolved
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
