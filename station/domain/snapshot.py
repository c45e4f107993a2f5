"""Shared frozen values that every layer understands. No behavior beyond properties of a value.

Outcomes of rules are in `station.domain.findings`, an item's record in `station.domain.item`. `TagImage` and `Uid` are
in `station.domain.tag_image`, which needs the standard library only.
"""

from __future__ import annotations

from enum import StrEnum

import msgspec

from station.base.words import tell
from station.domain.choice import Choice
from station.domain.findings import Check, Finding
from station.domain.item import ItemRecord, OpenSet, Unjudged
from station.domain.lately import Lately
from station.domain.notices import NONE, Answered, Notice
from station.domain.rights import Role
from station.domain.sign_on import SignOnPrompt
from station.domain.staff_call import StaffCall
from station.domain.tag_image import Uid
from station.domain.workflows import InspectedTag, StackReport, Workflow, WorkflowView

# --- tag ------------------------------------------------------------------------------------------------------------


class TagSeen(msgspec.Struct, frozen=True):
    """One tag's answer to an inventory."""

    uid: Uid
    dsfid: int


class Inventory(msgspec.Struct, frozen=True):
    """Tags that answered an inventory. `collision` is True if an answer could not be resolved."""

    tags: tuple[TagSeen, ...]
    collision: bool = False

    @property
    def uids(self) -> frozenset[Uid]:
        """Return the UIDs that answered."""
        return frozenset(tag.uid for tag in self.tags)


class SystemInformation(msgspec.Struct, frozen=True):
    """Answer to Get System Information (ISO/IEC 15693-3, 10.3.12). Sizes are in bytes and blocks (not minus one as on
    the wire)."""

    uid: Uid
    dsfid: int
    afi: int
    block_size: int
    block_count: int
    ic_reference: int | None = None


class BlocksRead(msgspec.Struct, frozen=True):
    """Consecutive blocks with their block security status (True = locked)."""

    first: int
    block_size: int
    data: bytes
    locked: tuple[bool, ...]


# --- quality --------------------------------------------------------------------------------------------------------


class Waiver(msgspec.Struct, frozen=True):
    """A failed finding accepted by a person with the right to do so. The finding stays as it is; the verdict no longer
    counts it (`rights.Right.WAIVE`; for a critical finding: `WAIVE_CRITICAL`)."""

    rule: str
    by: str
    """The worker's id, or the name of a person who is not registered."""
    role: Role
    reason: str


class Verdict(StrEnum):
    """Result of the work on an item."""

    PASS = "pass"
    FAIL = "fail"
    """A critical or major finding failed: the item is held back."""
    ABANDONED = "abandoned"
    """The operator set it aside before it was finished."""


# --- corrections ----------------------------------------------------------------------------------------------------


class CorrectionKind(StrEnum):
    """Required action."""

    MEND = "mend"
    """A finding failed: mend it."""
    RECHECK = "recheck"
    """Another person repeats the checks of an item, because a sampling plan drew it."""


class CorrectionState(StrEnum):
    """State of a correction."""

    OPEN = "open"
    MENDED = "mended"
    """It was reported as mended and waits for its recheck."""
    CLOSED = "closed"


class Recheck(StrEnum):
    """Who rechecks after a mend; the rule decides."""

    NONE = "none"
    MACHINE = "machine"
    """The machine that found it."""
    PERSON = "person"
    """A person other than the one who mended it."""


class Result(StrEnum):
    """How a correction ended."""

    MENDED = "mended"
    WAIVED = "waived"
    NO_DEFECT = "no-defect"
    """There was nothing to mend."""
    WITHDRAWN = "withdrawn"
    """The item left the collection, or is lost."""
    PASSED = "passed"
    """An ordered recheck found nothing."""
    FAILED = "failed"
    """An ordered recheck found errors; each has its own correction."""


class Flag(msgspec.Struct, frozen=True):
    """A correction as shown to the operator with the item in hand."""

    correction: str
    title: str
    owner: str
    due: str
    """ISO 8601 date."""
    state: CorrectionState
    kind: CorrectionKind = CorrectionKind.MEND
    overdue: bool = False
    new: bool = False
    """True if this verdict opened it."""
    other_person: bool = False
    """True if another person must check it. False where people do not sign on, and for what the station checks."""


# --- answers to other programs about the pad
# ----------------------------------------------------------------------------


class PadTag(msgspec.Struct, frozen=True, kw_only=True):
    """One tag on the pad as read. All text has passed `text.clean`."""

    uid: Uid
    state: str
    """"blank", "ours", "foreign", "incomplete" or "unknown"; only "ours" and "foreign" have an identity."""
    barcode: str = ""
    """The primary item identifier; "" unless the tag is finished."""
    owner: str = ""
    """ISIL on the tag."""
    part: int = 1
    parts: int = 1
    secure: bool = False
    """True if its AFI is that of an item that triggers the gate alarm."""
    afi: int = 0
    media_format: str = ""
    """Element 19, two hexadecimal digits; "" = not on the tag."""
    location: str = ""
    """Shelf location (element 6) on the tag."""


class Refusal(msgspec.Struct, frozen=True):
    """Why the bench did not carry out a request, or did not finish it."""

    code: str
    """Code of an error (docs/errors.md) or of a stop of the gate ("foreign-tag", "other-item", ...)."""
    sentence: str
    detail: str = ""
    right: str = ""
    """The missing right (`rights.Right`), if another worker could lend it; "" = it cannot be lent."""
    uid: str = ""
    """The tag for which the right would be lent."""
    is_error: bool = False
    """True if this is the error with this code, with the error's own sentence; else the code gives only the kind of
    refusal."""


class PadAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """Answer to a pad request: the tags as they are now, or the refusal."""

    tags: tuple[PadTag, ...] = ()
    """For a reading: all tags read. For a change: the tags that were changed and read back."""
    inspected: tuple[InspectedTag, ...] = ()
    """Full inspections of tags (for `InspectPad`, `UndoWrite`)."""
    stack: StackReport | None = None
    """The comparison of the stack on the pad (for `CheckStack`)."""
    refusal: Refusal | None = None


# --- what the screen shows ------------------------------------------------------------------------------------------


class Phase(StrEnum):
    """State of the work on the item in hand."""

    IDLE = "idle"
    """"Scan a barcode, or put an item on the pad"."""
    NEED_TAG = "need-tag"
    """The barcode is known; the bench waits for the item on the pad."""
    NEED_SCAN = "need-scan"
    """A tag is on the pad; the bench waits for the barcode."""
    WRITING = "writing"
    STOPPED = "stopped"
    """A fault is open and its choices are offered."""
    CHECKING = "checking"
    """The tag is verified; a person answers the checks."""
    DONE = "done"
    """The verdict is given; the next item may be scanned."""


class Light(StrEnum):
    """Light of a state; always shown with its symbol, word and sound, never by color alone."""

    NEUTRAL = "neutral"
    BUSY = "busy"
    GOOD = "good"
    WARNING = "warning"
    BAD = "bad"


class Sound(StrEnum):
    """Sound for the operator; sounds differ in rhythm and not only in pitch."""

    NONE = "none"
    ACCEPTED = "accepted"
    """A scan or tag was accepted."""
    GOOD = "good"
    WARNING = "warning"
    BAD = "bad"


class Fault(msgspec.Struct, frozen=True):
    """Why the bench stopped, and the choices to go on."""

    code: str
    sentence: str
    detail: str = ""
    """For staff; not shown in large type."""
    old: str = ""
    """Current content of the tag, if relevant."""
    new: str = ""
    """Content that the write would put on the tag."""
    choices: tuple[Choice, ...] = ()
    do: str = ""
    """What the operator must do, in at most two sentences."""
    barcode: str = ""
    """The item that the stop is about, if it is not in hand."""


class Finished(msgspec.Struct, frozen=True):
    """The newest verdict, a pass, on an item that is scanned again."""

    at: str
    """ISO 8601, UTC."""
    who: str = ""
    """Name of the worker; "" = people do not sign on."""


class PlannedTag(msgspec.Struct, frozen=True):
    """Planned tag content in the standard's terms, shown before anything is written."""

    model: str
    elements: tuple[tuple[str, str], ...]
    """(element name, value) in tag order."""
    afi: int
    part: int
    parts: int
    on_tag: bool = False
    """The item's tag holds this already, so that nothing will be written to it."""


class Snapshot(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that an operator screen shows about the bench: the screen is a function of this value."""

    number: int = 0
    """Increases with every publication; a screen never goes back to a smaller number."""
    phase: Phase = Phase.IDLE
    volume: int = 60
    """Volume of sounds, 0 to 100."""
    muted: bool = False
    silent: bool = False
    """No sound can be heard: the screen's computer has no player, and the reader no buzzer that may be used."""
    state: str = "idle"
    """Name of the next required action (`domain.signals.STATES`). For a stopped bench it is "stopped", and `fault.code`
    gives the reason."""
    prompt: str = msgspec.field(default_factory=lambda: tell("state.idle"))
    light: Light = Light.NEUTRAL
    sound: Sound = Sound.NONE
    """Played once, with the first snapshot that has its `sound_number`."""
    sound_number: int = 0
    item: ItemRecord | None = None
    part: int = 1
    planned: PlannedTag | None = None
    finished: Finished | None = None
    """The item in hand waits for its tag, and was finished before."""
    tag_uid: str = ""
    tag_summary: str = ""
    """Description of what is on the pad."""
    wrong_scan: str = ""
    """The newest scan was wrong, and `prompt` says so for some seconds: a publisher's barcode ("isbn", "ismn", "issn",
    "upc", "ean"), "malformed", "differs": the number on the piece is not in its record, "other-item": the barcode of
    another item while the checks of the item in hand are open, or "busy": another terminal uses the bench; "" = no."""
    fault: Fault | None = None
    notice: Notice = NONE
    answered: tuple[Answered, ...] = ()
    """The latest answers to commands, newest last."""
    steps_done: int = 0
    steps_total: int = 0
    checks: tuple[Check, ...] = ()
    current_check: int = 0
    """Index into `checks` of the next check to answer; len(checks) if all are answered."""
    all_good_after: float = 0.0
    """Seconds that a page of checks must be shown before one tap may pass all of them."""
    findings: tuple[Finding, ...] = ()
    verdict: Verdict | None = None
    take_back_s: int = 0
    """Seconds, rounded up, in which `Reopen` takes the verdict back; 0 = it is final."""
    waived: tuple[str, ...] = ()
    """Rules whose failed finding was waived."""
    may_waive: tuple[str, ...] = ()
    """Rules whose failed finding this worker may waive, or a person who can be asked at the bench."""
    reader: str = msgspec.field(default_factory=lambda: tell("page.reader-starting"))
    """Sentence or word for people: ready, starting, or the reason why not."""
    reader_code: str = ""
    """Code of the error that keeps the reader away, for the single word that fits the title line."""
    reader_ready: bool = False
    outbox_depth: int = 0
    outbox_parked: int = 0
    """Deliveries that wait for a person."""
    outbox_note: str = ""
    flags: tuple[Flag, ...] = ()
    """Open corrections of the item in hand."""
    sign_on_prompt: SignOnPrompt | None = None
    """The station's question about identity; shown above everything else."""
    sign_on: bool = False
    """True if sign-on is required (shows the sign-off button)."""
    operator: str = ""
    worker: str = ""
    """The operator as the journal knows them: an id, or the name of a person who is not registered."""
    lately: Lately = Lately()
    undo: str = ""
    """Item (or else UID) of the tag whose last write "Undo tag write" would undo; "" = nothing."""
    web: str = ""
    """Clients that the station serves over HTTPS, or why it does not serve; "" = not configured."""
    web_ready: bool = False
    web_open: bool = False
    """True if other computers may connect to it."""
    unusable: tuple[str, ...] = ()
    """What is wrong with the site's own files that the station does not use (words, rules), one line each."""
    workflow: Workflow = Workflow.PROCESS
    """The current workflow of the bench."""
    workflow_view: WorkflowView | None = None
    """Additional data that the workflow shows."""
    sender: str = ""
    """The sender of work from another terminal; "" = no job is open."""
    staff_call: StaffCall | None = None
    """The open call for staff."""
    unjudged: tuple[Unjudged, ...] = ()
    """Items with a written tag and no verdict, other than the item in hand. Their checks must be done."""
    open_sets: tuple[OpenSet, ...] = ()
    """Sets with parts that carry no tag, other than the item in hand."""
    parts_left: tuple[int, ...] = ()
    """After the pass of one part: the parts of its set that carry no tag yet."""
    unfinished: tuple[str, ...] = ()
    """Names of items (or else UIDs) whose write was interrupted and never finished; each must be checked."""
