"""The nouns: frozen values that every layer understands. No behaviour beyond what a value can say about itself.

What rules say of an item stands in `station.domain.findings`, its record in `station.domain.item`. `TagImage` and `Uid` stand in
`station.domain.tag_image`, which needs the standard library alone.
"""

from __future__ import annotations

from enum import StrEnum

import msgspec

from station.base.words import tell
from station.domain.choice import Choice
from station.domain.findings import Check, Finding
from station.domain.item import ItemRecord
from station.domain.notices import NONE, Answered, Notice
from station.domain.rights import Role
from station.domain.sign_on import SignOnPrompt
from station.domain.tag_image import Uid
from station.domain.workflows import InspectedTag, StackReport, Workflow, WorkflowView

# --- tag ------------------------------------------------------------------------------------------------------------


class TagSeen(msgspec.Struct, frozen=True):
    """One answer to an inventory."""

    uid: Uid
    dsfid: int


class Inventory(msgspec.Struct, frozen=True):
    """What answered an inventory. `collision` is true when something answered that could not be resolved."""

    tags: tuple[TagSeen, ...]
    collision: bool = False

    @property
    def uids(self) -> frozenset[Uid]:
        """The UIDs that answered."""
        return frozenset(tag.uid for tag in self.tags)


class SystemInformation(msgspec.Struct, frozen=True):
    """Answer to Get System Information (ISO/IEC 15693-3, 10.3.12). Sizes in bytes and blocks, not minus one."""

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
    """A person with the right to it lets one failed finding stand. The finding stays as it is; the verdict no longer
    counts it (`rights.Right.WAIVE`; a critical one: `WAIVE_CRITICAL`)."""

    rule: str
    by: str
    """The worker's id, or the name of somebody who is not registered."""
    role: Role
    reason: str


class Verdict(StrEnum):
    """What the item's work came to."""

    PASS = "pass"
    FAIL = "fail"
    """Something critical or major is wrong: the item stays back."""
    ABANDONED = "abandoned"
    """The operator set it aside before it was finished."""


# --- corrections ----------------------------------------------------------------------------------------------------


class CorrectionKind(StrEnum):
    """What is to be done."""

    MEND = "mend"
    """A finding failed: mend it."""
    RECHECK = "recheck"
    """Another person does the checks of an item once more, because a plan drew it."""


class CorrectionState(StrEnum):
    """Where a correction stands."""

    OPEN = "open"
    MENDED = "mended"
    """Somebody says it is mended; it waits for its recheck."""
    CLOSED = "closed"


class Recheck(StrEnum):
    """Who looks again once something is mended; a rule says which."""

    NONE = "none"
    MACHINE = "machine"
    """The machine that found it."""
    PERSON = "person"
    """A person who is not the one that mended it."""


class Result(StrEnum):
    """How a correction ended."""

    MENDED = "mended"
    WAIVED = "waived"
    NO_DEFECT = "no-defect"
    """There was nothing to mend."""
    WITHDRAWN = "withdrawn"
    """The item left the collection, or is lost."""
    PASSED = "passed"
    """A recheck that was ordered found nothing."""
    FAILED = "failed"
    """A recheck that was ordered found errors; each is a correction of its own."""


class Flag(msgspec.Struct, frozen=True):
    """A correction as the operator sees it with the item in hand."""

    correction: str
    title: str
    owner: str
    due: str
    """ISO 8601 date."""
    state: CorrectionState
    kind: CorrectionKind = CorrectionKind.MEND
    overdue: bool = False
    new: bool = False
    """This verdict opened it."""


# --- what another program may know of the pad ---------------------------------------------------------------------------


class PadTag(msgspec.Struct, frozen=True, kw_only=True):
    """One tag on the pad as it was read. All text has passed `text.clean`."""

    uid: Uid
    state: str
    """"blank", "ours", "foreign", "incomplete" or "unknown"; only "ours" and "foreign" have an identity."""
    barcode: str = ""
    """The primary item identifier; "" unless the tag is a finished one."""
    owner: str = ""
    """ISIL as on the tag."""
    part: int = 1
    parts: int = 1
    secure: bool = False
    """Its AFI is that of an item that alarms at the gate."""
    afi: int = 0
    media_format: str = ""
    """Element 19, two hexadecimal digits; "" = the tag does not say."""
    location: str = ""
    """Shelf location (element 6) as on the tag."""


class Refusal(msgspec.Struct, frozen=True):
    """Why the bench did not do what was asked, or did not finish it."""

    code: str
    """Of an error (docs/errors.md) or of a stop of the gate ("foreign-tag", "other-item", ...)."""
    sentence: str
    detail: str = ""
    right: str = ""
    """The right that is lacking (`rights.Right`), where somebody who has it could lend it; "" = nobody could."""
    uid: str = ""
    """The tag that it would be lent for."""
    is_error: bool = False
    """The error with this code, in its own sentence; else the code only says the kind of the refusal."""


class PadAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """What became of a request to the pad: tags as they are now, or why not."""

    tags: tuple[PadTag, ...] = ()
    """All that was read (of a reading), or the tags that were changed and read back (of a change)."""
    inspected: tuple[InspectedTag, ...] = ()
    """Tags from all sides (of `InspectPad`, `UndoWrite`)."""
    stack: StackReport | None = None
    """The stack on the pad, compared (of `CheckStack`)."""
    refusal: Refusal | None = None


# --- what the screen shows ------------------------------------------------------------------------------------------


class Phase(StrEnum):
    """Where the bench stands with the item in hand."""

    IDLE = "idle"
    """"Scan a barcode, or put an item on the pad"."""
    NEED_TAG = "need-tag"
    """Barcode known, waiting for the item on the pad."""
    NEED_SCAN = "need-scan"
    """A tag lies on the pad, waiting for the barcode."""
    WRITING = "writing"
    STOPPED = "stopped"
    """A fault stands; its choices are offered."""
    CHECKING = "checking"
    """The tag is verified; a person confirms."""
    DONE = "done"
    """The verdict stands; the next item may be scanned."""


class Light(StrEnum):
    """How a state is shown: always with its symbol, word and sound, never by colour alone."""

    NEUTRAL = "neutral"
    BUSY = "busy"
    GOOD = "good"
    WARNING = "warning"
    BAD = "bad"


class Sound(StrEnum):
    """What the operator hears; each differs in rhythm and not only in pitch."""

    NONE = "none"
    ACCEPTED = "accepted"
    """A scan or tag was taken."""
    GOOD = "good"
    WARNING = "warning"
    BAD = "bad"


class Fault(msgspec.Struct, frozen=True):
    """Why the line stopped, and what can be done."""

    code: str
    sentence: str
    detail: str = ""
    """For staff; not shown large."""
    old: str = ""
    """What is on the tag now, where that matters."""
    new: str = ""
    """What would be on the tag."""
    choices: tuple[Choice, ...] = ()


class PlannedTag(msgspec.Struct, frozen=True):
    """What will be written, in the words of the standard: shown before anything is written."""

    model: str
    elements: tuple[tuple[str, str], ...]
    """(element name, value) in tag order."""
    afi: int
    part: int
    parts: int


class Snapshot(msgspec.Struct, frozen=True, kw_only=True):
    """All that an operator screen shows about the bench: the screen is a function of this value."""

    number: int = 0
    """Counts up with every publication; a screen never goes back to a smaller one."""
    phase: Phase = Phase.IDLE
    volume: int = 60
    """Of sounds, 0 to 100."""
    muted: bool = False
    state: str = "idle"
    """The name of what is to be done next (`domain.signals.STATES`); of a stopped line: "stopped", and `fault.code`
    says the rest."""
    prompt: str = msgspec.field(default_factory=lambda: tell("state.idle"))
    light: Light = Light.NEUTRAL
    sound: Sound = Sound.NONE
    """Played once, when this snapshot is the first with its `sound_number`."""
    sound_number: int = 0
    item: ItemRecord | None = None
    part: int = 1
    planned: PlannedTag | None = None
    tag_uid: str = ""
    tag_summary: str = ""
    """What lies on the pad, in words."""
    fault: Fault | None = None
    notice: Notice = NONE
    answered: tuple[Answered, ...] = ()
    """The newest answers to commands, the newest last."""
    steps_done: int = 0
    steps_total: int = 0
    checks: tuple[Check, ...] = ()
    current_check: int = 0
    """Index into `checks` of the one to answer; len(checks) when all are."""
    findings: tuple[Finding, ...] = ()
    verdict: Verdict | None = None
    waived: tuple[str, ...] = ()
    """Rules whose failed finding somebody let stand."""
    reader: str = "starting"
    """"ready", or why not, in words."""
    reader_code: str = ""
    """Of the error that keeps the reader away, for the one word that the title line has room for."""
    reader_ready: bool = False
    outbox_depth: int = 0
    outbox_parked: int = 0
    """Deliveries that wait for a person."""
    outbox_note: str = ""
    flags: tuple[Flag, ...] = ()
    """Open corrections of the item in hand."""
    sign_on_prompt: SignOnPrompt | None = None
    """What the station asks about who somebody is; over everything else."""
    sign_on: bool = False
    """People sign on here, so that somebody who is can sign off."""
    operator: str = ""
    worker: str = ""
    """The operator as the journal knows him: an id, or the name of somebody who is not registered."""
    done_today: int = 0
    last_hour: int = 0
    """Items judged in the last sixty minutes."""
    undo: str = ""
    """What a tap on Undo would take back, in words; "" = there is nothing."""
    web: str = ""
    """Whom the station serves over HTTPS, or why it does not; "" = it is not asked to."""
    web_ready: bool = False
    workflow: Workflow = Workflow.PROCESS
    """What the bench is used for."""
    workflow_view: WorkflowView | None = None
    """What the workflow shows besides."""
    sender: str = ""
    """Who sends work from another terminal; "" = no job is open."""
    unfinished: tuple[str, ...] = ()
    """Items whose write was interrupted and never finished: "check this item"."""
