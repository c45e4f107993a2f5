"""The item in hand, and the stop before it. Mutable; owned by the workflow that has the item in hand."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple

from station.base.errors import Recovery, RulesUnusable, StationError, TagGivenUp
from station.base.sentence import EMPTY, Sentence
from station.bench.item.gate import RETRY, SET_ASIDE, SET_ASIDE_MAIN
from station.bench.item.tag_proof import TagProof
from station.domain.choice import Choice
from station.domain.correction_states import Flag
from station.domain.corrections.correction import Correction
from station.domain.events import ItemDrawn, ItemJudged
from station.domain.findings import Check, Finding
from station.domain.item import Barcode, ItemRecord
from station.domain.packing_lists.packing_list import Receipt
from station.domain.ports import Worker
from station.domain.sampling import Stream
from station.domain.snapshot import Fault, Finished, PlannedTag
from station.domain.tag_image import TagImage, Uid
from station.domain.verdict import Verdict, Waiver
from station.encoding.content import TagContent
from station.quality.checks.facts import Facts, Task


class StopKind(StrEnum):
    """Conditions that let a stopped line continue."""

    PAD = "pad"
    """Any change on the pad."""
    TAG = "tag"
    """The tag leaves the pad, or the operator chooses."""
    INTERRUPTED = "interrupted"
    """The half-written tag comes back, or the operator sets it aside."""
    RECORD = "record"
    """The operator chooses, or scans another barcode."""
    LINE = "line"
    """Only the operator's choice: the station itself has a fault."""


@dataclass
class Stopped:
    kind: StopKind
    fault: Fault
    uid: Uid | None = None
    may_overwrite: bool = False
    until_lifted: bool = False
    """The half-written tag is not tried again while it stays on the pad, because the reader would refuse again."""
    authorised: str = ""
    """Id of the person who lent the right to overwrite this tag."""
    armed: bool = False
    original: Fault | None = None
    """The fault as it was before the overwriting gesture began."""
    barcode: Barcode | None = None
    """The barcode whose look-up failed."""
    by_search: bool = False
    """It was chosen in the search, not scanned."""
    isbn: str = ""
    """The publisher's number on the piece, scanned while the line was stopped for a missing record."""

    def disarm(self) -> None:
        """Cancel an overwriting gesture that was begun."""
        if self.original is not None:
            self.fault, self.armed, self.original = self.original, False, None


class Given(NamedTuple):
    """The answers of one tap."""

    rules: tuple[str, ...]
    """The rules that the answered checks are named after."""
    together: bool = False
    """They were passed with one tap for a page of checks."""


@dataclass(frozen=True)
class LastWord:
    """The answer that led to the verdict, and the data needed to take both back."""

    judged: int
    """Sequence number of the verdict's `ItemJudged`."""
    first: int
    """Sequence number of the first event that was journaled with it."""
    opened: tuple[str, ...]
    """Corrections that it opened."""
    streams: tuple[Stream, ...]
    """Sampling streams before it."""
    until: float
    """Monotonic time at which it becomes final."""


@dataclass
class ItemInHand:
    item: ItemRecord
    part: int
    started: float
    worker: Worker
    """The worker who began the item. It stays theirs if another worker finishes it."""
    job: str = ""
    """The job of another terminal that began the item; "" = the operator began it."""
    part_chosen: bool = False
    by_search: bool = False
    """The operator chose the item in the search: no barcode proves which item it is."""
    accepted: set[str] = field(default_factory=set)
    """Codes of the doubts about item and record that the operator overrode."""
    task: Task = "processing"
    """The current task."""
    erased: bool = False
    """This station erased a tag of the item. Read only for an item that leaves."""
    checklist: str = ""
    """Id of the checklist, if the item is in hand for one beside the main job."""
    session: str = ""
    """Id of the item's conversion session."""
    finished: Finished | None = None
    """When the item was finished before; None = it was not, or its worker must not know."""
    planned: PlannedTag | None = None
    """Planned content of the tag of the part that was shown last."""
    on_tag: bool = False
    """It was finished, and by the journal its tag holds what would be written."""
    uid: Uid | None = None
    """The verified tag."""
    half: Uid | None = None
    """The tag whose write began for this item in hand and has not ended."""
    judging: bool = False
    """The tag is verified and the checks have begun."""
    proof: TagProof | None = None
    """That the verified tag is as it was; None = no tag is verified."""
    image: TagImage | None = None
    content: TagContent | None = None
    tags_in_field: int | None = None
    eas: bool | None = None
    """The tag's EAS bit; None = unknown, for the reason in `no_eas`."""
    no_eas: Sentence = EMPTY
    waiting_since: float = 0.0
    foreign: bool = False
    """The tag belonged to another library before."""
    replaced: str = ""
    """UID of the tag that this part had before."""
    scanned: str = ""
    """The publisher's number on the piece, scanned while the item was in hand."""
    differs: str = ""
    """Kind of that number ("isbn") if a rule fails it; "" = none does."""
    receipt: Receipt | None = None
    """The item's line of the packing lists."""
    no_receipt: Sentence = EMPTY
    """Reason why the packing lists give no answer, if that needs an explanation."""
    day: str = ""
    """The day that decides which rules are in force for this item."""
    facts: Facts | None = None
    spared: tuple[Finding, ...] = ()
    """Findings that a sampling plan left out."""
    findings: tuple[Finding, ...] = ()
    drawn: ItemDrawn | None = None
    """The confirmations that sampling asks for; None = all of them."""
    checks: tuple[Check, ...] = ()
    current: int = 0
    """Position of the first check without an answer; len(checks) if all are answered."""
    given: list[Given] = field(default_factory=list)
    """The answers in order."""
    page_since: float = 0.0
    """Monotonic time at which the current page of checks opened, or was last answered."""
    all_good_after: float = 0.0
    """Seconds before one tap may pass a page of checks. Faster answers are marked."""
    quick: bool = False
    """A page was passed faster."""
    verdict: Verdict | None = None
    judged: ItemJudged | None = None
    """The verdict as last journaled."""
    last_word: LastWord | None = None
    """What the operator can still take back; None = the verdict is final."""
    waivers: tuple[Waiver, ...] = ()
    standing: tuple[Correction, ...] = ()
    """Open corrections of the item, as last read."""
    flags: tuple[Flag, ...] = ()
    """The same as `standing`, as the operator sees it."""
    to_fix: set[str] = field(default_factory=set)
    """Rules of the corrections that were open after the verdict."""
    fixed: bool = False
    """The item failed, and the correction of each fault is closed since."""
    parts_left: tuple[int, ...] = ()
    """After a pass: the parts of the set that carry no tag yet. The next one may be put on the pad without a scan."""
    steps: tuple[int, int] = field(default=(0, 0))


def fault_of(error: StationError) -> Fault:
    """Return the error as a fault for the screen, with the choices that its recovery allows."""
    match error:
        case TagGivenUp():
            choices = _GIVEN_UP
        case RulesUnusable():
            choices = (SET_ASIDE_MAIN,)  # the rules are read at the start, so trying again cannot help
        case _:
            choices = _CHOICES[error.recovery]
    return Fault(code=error.code, sentence=error.sentence, detail=error.detail, do=error.remedy, choices=choices)


_GIVEN_UP: tuple[Choice, ...] = (Choice(id="give-up", label=Sentence("choice.give-up"), main=True), SET_ASIDE)

_CHOICES: dict[Recovery, tuple[Choice, ...]] = {
    Recovery.RETRY_SELF: (RETRY, SET_ASIDE),
    Recovery.REPLACE_ITEM: (RETRY, SET_ASIDE),
    Recovery.ASK_OPERATOR: (RETRY, SET_ASIDE),
    Recovery.ASK_STAFF: (
        SET_ASIDE_MAIN,
        Choice(id="retry", label=Sentence("choice.retry")),
    ),
    Recovery.STOP_LINE: (Choice(id="retry", label=Sentence("choice.go-on"), main=True), SET_ASIDE),
}
