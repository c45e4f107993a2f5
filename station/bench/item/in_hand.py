"""The item in hand, and the stop before it. Mutable; owned by the workflow that has the item in hand."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from station.base.errors import Recovery, StationError, TagGivenUp
from station.bench.item.gate import RETRY, SET_ASIDE
from station.domain.choice import Choice
from station.domain.corrections import Correction
from station.domain.events import ItemDrawn, ItemJudged
from station.domain.findings import Check, Finding
from station.domain.item import Barcode, ItemRecord
from station.domain.packing_lists import Receipt
from station.domain.ports import Worker
from station.domain.snapshot import Fault, Flag, Verdict, Waiver
from station.domain.tag_image import TagImage, Uid
from station.encoding.content import TagContent
from station.quality.checks.facts import Facts, Task


class StopKind(StrEnum):
    """What makes a stopped line go on."""

    PAD = "pad"
    """Anything that changes on the pad."""
    TAG = "tag"
    """The tag is taken away, or the operator chooses."""
    INTERRUPTED = "interrupted"
    """The half written tag comes back, or the operator sets it aside."""
    RECORD = "record"
    """The operator chooses, or scans another barcode."""
    LINE = "line"
    """Only the operator's choice: something is wrong with the station itself."""


@dataclass
class Stopped:
    """A stopped line."""

    kind: StopKind
    fault: Fault
    uid: Uid | None = None
    may_overwrite: bool = False
    authorised: str = ""
    """Who lent his right to overwrite this tag."""
    armed: bool = False
    original: Fault | None = None
    """The fault as it was before the overwriting gesture began."""
    barcode: Barcode | None = None
    """The scan whose look-up failed."""
    record_id: str = ""
    """The record that was found and cannot be used."""
    isbn: str = ""
    """The publisher's number on the piece, scanned while the line stood for want of a record."""

    def disarm(self) -> None:
        """Give up an overwriting gesture that was begun."""
        if self.original is not None:
            self.fault, self.armed, self.original = self.original, False, None


@dataclass
class ItemInHand:
    """The item in hand."""

    item: ItemRecord
    part: int
    started: float
    worker: Worker
    """Who has begun it: it stays his work, whoever goes on with it."""
    job: str = ""
    """The job of another terminal that began it; "" = the operator did."""
    part_chosen: bool = False
    accepted: set[str] = field(default_factory=set)
    """Codes of the doubts about item and record at which the operator chose to go on."""
    task: Task = "processing"
    """What is being done with it."""
    checklist: str = ""
    """The checklist beside the main job that it is in hand for."""
    session: str = ""
    """The conversion session that it belongs to."""
    uid: Uid | None = None
    """The tag that was verified."""
    half: Uid | None = None
    """The tag whose write began in this hand and has no end yet."""
    judging: bool = False
    """The tag is verified and the checks have begun."""
    image: TagImage | None = None
    content: TagContent | None = None
    tags_in_field: int | None = None
    eas: bool | None = None
    """The tag's EAS bit; None = nobody knows, for the reason in `no_eas`."""
    no_eas: str = ""
    waiting_since: float = 0.0
    foreign: bool = False
    """The tag was another library's before."""
    replaced: str = ""
    """UID of the tag that this part had before."""
    scanned: str = ""
    """The publisher's number on the piece, scanned while it was in hand."""
    receipt: Receipt | None = None
    """What the packing lists say of it."""
    no_receipt: str = ""
    """Why they say nothing, where that is no matter of course."""
    day: str = ""
    """The day by which the rules for this item are in force."""
    facts: Facts | None = None
    spared: tuple[Finding, ...] = ()
    """What a sampling plan left out."""
    findings: tuple[Finding, ...] = ()
    drawn: ItemDrawn | None = None
    """Which confirmations sampling asks for; None = all of them."""
    checks: tuple[Check, ...] = ()
    current: int = 0
    verdict: Verdict | None = None
    judged: ItemJudged | None = None
    """The verdict as it was journaled last."""
    waivers: tuple[Waiver, ...] = ()
    standing: tuple[Correction, ...] = ()
    """Open corrections of the item, as last read."""
    flags: tuple[Flag, ...] = ()
    """The same as the operator sees them."""
    steps: tuple[int, int] = field(default=(0, 0))


def fault_of(error: StationError) -> Fault:
    """An error as the fault that stands on the screen, with the choices that its recovery allows."""
    choices = _GIVEN_UP if isinstance(error, TagGivenUp) else _CHOICES[error.recovery]
    return Fault(code=error.code, sentence=error.message, detail=error.detail, choices=choices)


_GIVEN_UP = (Choice(id="give-up", label="choice.give-up", main=True), SET_ASIDE)

_CHOICES: dict[Recovery, tuple[Choice, ...]] = {
    Recovery.RETRY_SELF: (RETRY, SET_ASIDE),
    Recovery.REPLACE_ITEM: (RETRY, SET_ASIDE),
    Recovery.ASK_OPERATOR: (RETRY, SET_ASIDE),
    Recovery.ASK_STAFF: (
        Choice(id="set-aside", label="choice.set-aside", main=True),
        Choice(id="retry", label="choice.retry"),
    ),
    Recovery.STOP_LINE: (Choice(id="retry", label="choice.go-on", main=True), SET_ASIDE),
}
