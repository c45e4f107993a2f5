"""What is journaled by the workflows beside the main job; see `events`, which gives them to everybody else.

Never remove or rename a field or a tag: old journals must stay readable. New fields need a default.
"""

from __future__ import annotations

from station.domain.event import Event
from station.domain.snapshot import Finding, ItemRecord, Verdict
from station.domain.tag_image import TagImage
from station.domain.workflows import ReleaseLine, StackLine
from station.domain.workflows.sets import SetModel


class ConvertBegan(Event, frozen=True, kw_only=True, tag="conversion-began"):
    """A session of bulk conversion was opened; verdicts carry its id until `ConvertEnded`."""

    session: str
    operator: str = ""
    note: str = ""


class ConvertEnded(Event, frozen=True, kw_only=True, tag="conversion-ended"):
    """The operator has ended the session."""

    session: str
    done: int
    """Parts finished and good."""
    not_good: int = 0
    unverified: int = 0
    """Finished, and in no stack that was looked at and right."""
    operator: str = ""


class StackChecked(Event, frozen=True, kw_only=True, tag="stack-checked"):
    """Finished items were laid on the pad together, all their tags read and compared."""

    session: str = ""
    """"" for a stack that belongs to no session."""
    lines: tuple[StackLine, ...] = ()
    operator: str = ""


class ReleaseItemListed(Event, frozen=True, kw_only=True, tag="truck-listed"):
    """An item was put on the list of a truck that is to be released, or taken off."""

    release: str
    barcode: str
    removed: bool = False
    operator: str = ""


class ReleaseTruckNamed(Event, frozen=True, kw_only=True, tag="truck-named"):
    """The label of the truck was scanned: the list that is open, or that begins with it, is this truck's."""

    release: str
    truck: str
    """"" = the list was cleared."""
    operator: str = ""


class TruckReleased(Event, frozen=True, kw_only=True, tag="truck-released"):
    """The items of a list that are right may leave; the others stay back, each with its reasons."""

    release: str
    truck: str = ""
    """Name of the truck, or of the list; "" = it was not said."""
    right: tuple[str, ...] = ()
    """Barcodes."""
    wrong: tuple[ReleaseLine, ...] = ()
    operator: str = ""


class WithdrawalBegan(Event, frozen=True, kw_only=True, tag="checklist-began"):
    """The checks of a task beside the main job were begun for an item (`quality.checks.facts.Task`)."""

    checklist: str
    task: str
    barcode: str
    day: str
    """By which rules are in force (ISO 8601)."""
    item: ItemRecord


class WithdrawalJudged(Event, frozen=True, kw_only=True, tag="checklist-judged"):
    """All its checks are answered. It is no verdict about the work on a new item: it counts in no sampling and no chart."""

    checklist: str
    task: str
    barcode: str
    uid: str = ""
    """The tag that lay on the pad; "" = none was read."""
    verdict: Verdict
    findings: tuple[Finding, ...]
    passed: tuple[str, ...] = ()
    """Ids of the rules that the machine passed."""
    day: str
    item: ItemRecord
    seconds: float = 0.0


class WithdrawalLeft(Event, frozen=True, kw_only=True, tag="checklist-left"):
    """The operator gave it up before its verdict."""

    checklist: str
    task: str
    barcode: str
    reason: str = ""


class SetOpened(Event, frozen=True, kw_only=True, tag="set-opened"):
    """The parts of this item are being gathered on the pad."""

    barcode: str
    model: SetModel
    parts: int
    """How many it has, as far as is known."""
    record_parts: int
    """How many the record has for it."""


class SetSized(Event, frozen=True, kw_only=True, tag="set-sized"):
    """A person said how many parts the set has, or which of them carry tags; committed before a tag is written for it. What
    was said stands until the record says another number than `record_parts`."""

    barcode: str
    model: SetModel
    parts: int
    before: int
    record_parts: int


class SetClosed(Event, frozen=True, kw_only=True, tag="set-closed"):
    """The work on a set ended: complete, or with parts missing that are named."""

    barcode: str
    model: SetModel
    parts: int
    record_parts: int
    complete: bool
    seen: tuple[int, ...] = ()
    """Parts whose tags were on the pad and proven."""
    missing: tuple[int, ...] = ()
    loose: int | None = None
    """Pieces without tag or barcode, counted by hand; None = nobody counted."""
    remark: str = ""
    """What does not agree about the number of pieces, in words."""


class TagUndoStarted(Event, frozen=True, kw_only=True, tag="tag-undo-started"):
    """Committed before the first byte: the last write to this tag is taken back, to the image that was journaled before it."""

    attempt: str
    undoes: str
    """The attempt whose write is taken back."""
    uid: str
    barcode: str
    """The item that loses this tag."""
    part: int
    old: TagImage
    """The tag as it was just read."""
    new: TagImage
    """As it shall be again."""
    plan_digest: str
    steps: int
    operator: str = ""
    authorised: str = ""
    """Who lent his right to it, where the operator's own does not suffice."""
    resumes: str = ""
    """The undo that this one takes up again."""
    eas: bool | None = None
    """The EAS bit as it shall be again; None = it stays as it is."""


class TagUndoInterrupted(Event, frozen=True, kw_only=True, tag="tag-undo-interrupted"):
    attempt: str
    uid: str
    barcode: str
    written: int
    planned: int
    code: str
    detail: str = ""


class TagUndoVerified(Event, frozen=True, kw_only=True, tag="tag-undo-verified"):
    """Read back after field off and on: the tag is byte for byte as it was before the write."""

    attempt: str
    undoes: str
    uid: str
    barcode: str
    restored: str = ""
    """The item that it carries again, if this station had verified that; "" = the ledger has nothing for it."""
    part: int = 1
    """Part of the restored item."""
    parts: int = 1
    writes: int = 0
    operator: str = ""
    authorised: str = ""
    """Who lent his right to it."""
    told: tuple[str, ...] = ()
    """Library systems to which the item's result with this tag has gone, or is on its way: people see to it."""


class RollLoaded(Event, frozen=True, kw_only=True, tag="roll-loaded"):
    """A roll of new tags was put in; the tags written from now on are counted for it."""

    name: str
