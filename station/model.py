"""The nouns: frozen values that every layer understands. No behaviour beyond what a value can say about itself.

What rules say of an item stands in `station.findings`. `TagImage` and `Uid` stand in `station.image`, which needs the
standard library alone.
"""

from __future__ import annotations

from enum import StrEnum
from typing import NewType

import msgspec

from station.findings import Check as Check
from station.findings import Covered as Covered
from station.findings import Finding as Finding
from station.findings import Outcome as Outcome
from station.findings import Severity as Severity
from station.image import TagImage as TagImage
from station.image import Uid as Uid
from station.rights import Role

Barcode = NewType("Barcode", str)
"""An item's barcode: cleaned, checked, and the primary item identifier on its tag."""


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


# --- catalog --------------------------------------------------------------------------------------------------------


class RecordFacts(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What the quality rules look at in a MARC record beyond `ItemRecord`'s own fields (`catalog.facts_marc`). Clean text."""

    findings: tuple[tuple[str, str], ...] = ()
    """(code, sentence) of every record finding (`catalog.findings`)."""
    deleted: bool = False
    """Leader/05 = d."""
    edition: str = ""
    """250 $a."""
    years: tuple[str, ...] = ()
    """Years in 264 and 260 $c, in order."""
    fixed_years: tuple[str, ...] = ()
    """Date 1 and date 2 of 008 (positions 7 to 14), those that are whole years."""
    part_title: str = ""
    """245 $n $p."""
    class_numbers: tuple[tuple[str, str, str], ...] = ()
    """(field, scheme, number) of 050, 060, 082, 086, 090, 092, 096, 099 that follow their scheme, the one that counts first."""
    cancelled_isbns: tuple[str, ...] = ()
    """Valid ISBNs of 020 $z, as 13 digits."""
    other_numbers: tuple[str, ...] = ()
    """024 $a and 028 $a: letters and digits only, upper case, without leading zeros."""
    acquisition: str = ""
    """541 $c: method of acquisition."""
    donor: str = ""
    """Where it came from: 541 $a, else 561 $a."""
    retention: str = ""
    """583 $a $f $5 of an action that keeps the piece ("committed to retain")."""
    vendor_barcodes: tuple[str, ...] = ()
    """949 $i and 952 $p, as a supplier or library system has written them."""
    carriers: tuple[str, ...] = ()
    """338 $b."""
    language: str = ""
    """008/35-37."""
    languages: tuple[str, ...] = ()
    """041 $a $d $j: of text, sound and subtitles."""
    audience: str = ""
    """008/22 where the material has one."""
    height_given: bool = False
    """300 $c is there."""


class ItemRecord(msgspec.Struct, frozen=True, kw_only=True):
    """What catalog and item data say about the thing with one barcode. All text has passed `text.clean`."""

    barcode: Barcode
    title: str = ""
    author: str = ""
    call_number: str = ""
    call_number_scheme: str = ""
    """"lc", "dewey", "nlm", "sudoc", "anscr", "local" or ""."""
    call_number_source: str = ""
    """Where the call number came from, for people: "item field 949 $a", "050 (hint)"."""
    call_number_reason: str = ""
    """Why this one counts, and how its scheme was found; or why there is none. Sentences."""
    library: str = ""
    location: str = ""
    """Location code."""
    item_type: str = ""
    description: str = ""
    """Volume or part designation as on the item ("v.2", "disc 1")."""
    copy: str = ""
    parts: int = 1
    """Number of physical parts that carry a tag each."""
    material: str = ""
    """"book", "music-cd", "dvd", "audiobook", "score", "map", "kit", "software", "object", "" when the record does not say."""
    extent: str = ""
    """300 $a as it stands."""
    accompanying: str = ""
    """300 $e as it stands."""
    height_cm: float | None = None
    """Height parsed from 300 $c."""
    isbns: tuple[str, ...] = ()
    price: str = ""
    vendor: str = ""
    """Who supplied the item, as its record says ("source of acquisition"); "" where it does not."""
    record_id: str = ""
    """001 or the library system's record number."""
    label_lines: tuple[str, ...] = ()
    """Expected spine label, one entry a line; empty when no call number is known."""
    label_problems: tuple[str, ...] = ()
    """What does not fit the label, a sentence each; with no label: why. The lines are never cut."""
    set_barcodes: tuple[str, ...] = ()
    """All barcodes of the set that the item belongs to, where each piece has one of its own; () = no such set."""
    set_note: str = ""
    """Which piece of such a set it is, as a sentence."""
    alternate_title: str = ""
    """880 for 245: the title in its own script."""
    alternate_author: str = ""
    """880 for the author's heading."""
    origin: str = ""
    """Which system answered ("catalog index", "Alma"), for people."""
    age: str = ""
    """How old these data are, for people ("3 hours old: Alma does not answer"); "" where they are fresh or of the index."""
    standing: tuple[str, ...] = ()
    """What the library system says of the item now and a person should know, a sentence each: on loan, suppressed."""
    status: str = ""
    """Item status code of the library system ("LOAN", "MISSING", "ACQ"); "" = not known."""
    suppressed: bool | None = None
    """Bibliographic record or holdings are hidden from the public; None = not known."""
    notes: tuple[str, ...] = ()
    """Notes and alerts that whoever handles the item must read."""
    retained: bool | None = None
    """The library has committed itself to keep the piece; None = not known."""
    purchase: str = ""
    """Order line ("POL-123")."""
    marc: RecordFacts | None = None
    """What the MARC record says beyond this; None = no MARC record was at hand."""


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


class PadAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """What became of a request to the pad: tags as they are now, or why not."""

    tags: tuple[PadTag, ...] = ()
    """All that was read (of a reading), or the tags that were changed and read back (of a change)."""
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


class Choice(msgspec.Struct, frozen=True):
    """One button a stopped line offers."""

    id: str
    label: str
    main: bool = False
    """True for the action that most people want: the big button."""


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
    prompt: str = "Scan a barcode, or put an item on the pad"
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
    notice: str = ""
    """A sentence that needs no action ("The last scan was not one of our barcodes")."""
    steps_done: int = 0
    steps_total: int = 0
    checks: tuple[Check, ...] = ()
    current_check: int = 0
    """Index into `checks` of the one to answer; len(checks) when all are."""
    findings: tuple[Finding, ...] = ()
    verdict: Verdict | None = None
    reader: str = "starting"
    """"ready", or why not, in words."""
    reader_ready: bool = False
    outbox_depth: int = 0
    outbox_parked: int = 0
    """Deliveries that wait for a person."""
    outbox_note: str = ""
    flags: tuple[Flag, ...] = ()
    """Open corrections of the item in hand."""
    operator: str = ""
    worker: str = ""
    """The operator as the journal knows him: an id, or the name of somebody who is not registered."""
    done_today: int = 0
    web: str = ""
    """Whom the station serves over HTTPS, or why it does not; "" = it is not asked to."""
    web_ready: bool = False
    unfinished: tuple[str, ...] = ()
    """Items whose write was interrupted and never finished: "check this item"."""
