"""The snapshot: everything that an operator screen shows about the bench. Values only, with properties of a value."""

from __future__ import annotations

from enum import StrEnum

import msgspec

from station.base.sentence import EMPTY, Sentence
from station.domain.center_notice import CenterNotice
from station.domain.choice import Choice
from station.domain.correction_states import Flag
from station.domain.findings import Check, Finding
from station.domain.item import ItemRecord, OpenSet, Unjudged
from station.domain.lately import Lately
from station.domain.notices import NONE, Answered, Notice
from station.domain.people.sign_on import SignOnPrompt
from station.domain.people.staff_call import StaffCall
from station.domain.verdict import Verdict
from station.domain.workflows import Workflow, WorkflowView


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
    sentence: Sentence
    detail: Sentence = EMPTY
    """For staff; not shown in large type."""
    old: Sentence = EMPTY
    """Current content of the tag, if relevant."""
    new: Sentence = EMPTY
    """Content that the write would put on the tag."""
    choices: tuple[Choice, ...] = ()
    do: Sentence = EMPTY
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
    elements: tuple[tuple[str, Sentence], ...]
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
    prompt: Sentence = Sentence("state.idle")
    light: Light = Light.NEUTRAL
    sound: Sound = Sound.NONE
    """Played once, with the first snapshot that has its `sound_number`."""
    sound_number: int = 0
    call_sounds: int = 0
    """How many of the sounds were those of a call for staff."""
    item: ItemRecord | None = None
    part: int = 1
    planned: PlannedTag | None = None
    finished: Finished | None = None
    """When the item was finished before, that waits for its tag, or whose tag waits for a scan; None = it was not."""
    tag_uid: str = ""
    tag_summary: Sentence = EMPTY
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
    reader: Sentence = Sentence("page.reader-starting")
    """Sentence or word for people: ready, starting, or the reason why not."""
    reader_code: str = ""
    """Code of the error that keeps the reader away, for the single word that fits the title line."""
    reader_ready: bool = False
    outbox_depth: int = 0
    outbox_parked: int = 0
    """Deliveries that wait for a person."""
    outbox_note: Sentence = EMPTY
    flags: tuple[Flag, ...] = ()
    """Open corrections of the item in hand."""
    sign_on_prompt: SignOnPrompt | None = None
    """The station's question about identity; shown above everything else."""
    sign_on: bool = False
    """True if sign-on is required (shows the sign-off button)."""
    operator: Sentence = EMPTY
    worker: str = ""
    """The operator as the journal knows them: an id, or the name of a person who is not registered."""
    language: str = ""
    """The worker's language; "" = the station's."""
    lately: Lately = Lately()
    undo: str = ""
    """Item (or else UID) of the tag whose last write "Undo tag write" would undo; "" = nothing."""
    web: Sentence = EMPTY
    """Clients that the station serves over HTTPS, or why it does not serve; "" = not configured."""
    web_ready: bool = False
    web_open: bool = False
    """True if other computers may connect to it."""
    unusable: tuple[Sentence, ...] = ()
    """What is wrong with the site's own files that the station does not use (words, rules), one line each."""
    center: CenterNotice = CenterNotice()
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
    unfinished: tuple[Sentence, ...] = ()
    """Names of items (or else UIDs) whose write was interrupted and never finished; each must be checked."""
