"""Bulk conversion, release of trucks, the withdrawal checklist, and sets."""

from __future__ import annotations

from station.base.sentence import EMPTY, Sentence
from station.domain.events.base import Event
from station.domain.findings import Finding
from station.domain.item import ItemRecord
from station.domain.verdict import Verdict
from station.domain.workflows import ReleaseLine, SetModel, StackLine


class ConvertBegan(Event, frozen=True, kw_only=True, tag="conversion-began"):
    """A bulk conversion session started; verdicts carry its id until `ConvertEnded`."""

    session: str
    operator: str = ""
    note: Sentence = EMPTY


class ConvertEnded(Event, frozen=True, kw_only=True, tag="conversion-ended"):
    """The operator ended the session."""

    session: str
    done: int
    """Parts finished with a good verdict."""
    not_good: int = 0
    unverified: int = 0
    """Parts finished but not in any stack that was checked and found right."""
    operator: str = ""


class StackChecked(Event, frozen=True, kw_only=True, tag="stack-checked"):
    """Finished items were put on the pad together, and all their tags read and compared."""

    session: str = ""
    """Empty for a stack that belongs to no session."""
    lines: tuple[StackLine, ...] = ()
    operator: str = ""


class ReleaseItemListed(Event, frozen=True, kw_only=True, tag="truck-listed"):
    """An item was added to a truck's release list, or removed."""

    release: str
    barcode: str
    removed: bool = False
    operator: str = ""


class ReleaseTruckNamed(Event, frozen=True, kw_only=True, tag="truck-named"):
    """The truck's label was scanned: it names the open list, or starts one."""

    release: str
    truck: str
    """Empty = the list was cleared."""
    operator: str = ""


class TruckReleased(Event, frozen=True, kw_only=True, tag="truck-released"):
    """The items of a list that are right may leave; the others are held back, each with its reasons."""

    release: str
    truck: str = ""
    """Name of the truck, or of the list; "" = none."""
    right: tuple[str, ...] = ()
    """Barcodes."""
    wrong: tuple[ReleaseLine, ...] = ()
    operator: str = ""


class WithdrawalBegan(Event, frozen=True, kw_only=True, tag="checklist-began"):
    """The checks of a task (`quality.checks.facts.Task`) were started for an item."""

    checklist: str
    task: str
    barcode: str
    day: str
    """The day (ISO 8601) that selects the rules in force."""
    item: ItemRecord


class WithdrawalJudged(Event, frozen=True, kw_only=True, tag="checklist-judged"):
    """All checks are answered. This is not a verdict on the processing of a new item: it counts in no sampling and no
    chart."""

    checklist: str
    task: str
    barcode: str
    uid: str = ""
    """The tag on the pad; "" = none was read."""
    verdict: Verdict
    findings: tuple[Finding, ...]
    passed: tuple[str, ...] = ()
    """Ids of the rules that the machine passed."""
    day: str
    item: ItemRecord
    seconds: float = 0.0


class WithdrawalLeft(Event, frozen=True, kw_only=True, tag="checklist-left"):
    """The operator gave up the checklist before its verdict."""

    checklist: str
    task: str
    barcode: str
    reason: Sentence = EMPTY


class SetOpened(Event, frozen=True, kw_only=True, tag="set-opened"):
    """An item's parts are being gathered on the pad."""

    barcode: str
    model: SetModel
    parts: int
    """Number of parts, as far as known."""
    record_parts: int
    """Number of parts in the record."""


class SetSized(Event, frozen=True, kw_only=True, tag="set-sized"):
    """A person set the number of parts, or which of them carry tags. Committed before a tag is written for it. Valid
    until the record's number differs from `record_parts`."""

    barcode: str
    model: SetModel
    parts: int
    before: int
    record_parts: int


class SetClosed(Event, frozen=True, kw_only=True, tag="set-closed"):
    """The work on a set ended: complete, or with the missing parts named."""

    barcode: str
    model: SetModel
    parts: int
    record_parts: int
    complete: bool
    seen: tuple[int, ...] = ()
    """Parts whose tags were on the pad and proven."""
    missing: tuple[int, ...] = ()
    loose: int | None = None
    """Pieces without tag or barcode, counted by a person; None = not counted."""
    remark: Sentence = EMPTY
    """How the piece counts disagree, as a sentence."""


class StaffCalled(Event, frozen=True, kw_only=True, tag="staff-called"):
    """The operator called staff to the bench. The call is open until `StaffCallAnswered`."""

    bench: str
    barcode: str = ""
    """The item in hand; "" = none."""
    title: str = ""


class StaffCallAnswered(Event, frozen=True, kw_only=True, tag="staff-call-answered"):
    """The operator or the staff lowered the flag."""


WorkflowEvent = (
    ConvertBegan
    | ConvertEnded
    | StackChecked
    | ReleaseItemListed
    | ReleaseTruckNamed
    | TruckReleased
    | WithdrawalBegan
    | WithdrawalJudged
    | WithdrawalLeft
    | SetOpened
    | SetSized
    | SetClosed
    | StaffCalled
    | StaffCallAnswered
)
