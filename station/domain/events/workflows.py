"""Conversion, release of trucks, the checklist of a withdrawal, and sets."""

from __future__ import annotations

from station.domain.events.base import Event
from station.domain.findings import Finding
from station.domain.item import ItemRecord
from station.domain.snapshot import Verdict
from station.domain.workflows import ReleaseLine, SetModel, StackLine


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
    """Finished, and in no stack that was checked and right."""
    operator: str = ""


class StackChecked(Event, frozen=True, kw_only=True, tag="stack-checked"):
    """Finished items were laid on the pad together, all their tags read and compared."""

    session: str = ""
    """"" for a stack that belongs to no session."""
    lines: tuple[StackLine, ...] = ()
    operator: str = ""


class ReleaseItemListed(Event, frozen=True, kw_only=True, tag="truck-listed"):
    """An item was put on a truck's release list, or taken off."""

    release: str
    barcode: str
    removed: bool = False
    operator: str = ""


class ReleaseTruckNamed(Event, frozen=True, kw_only=True, tag="truck-named"):
    """The truck's label was scanned: it names the open list, or begins one."""

    release: str
    truck: str
    """"" = the list was cleared."""
    operator: str = ""


class TruckReleased(Event, frozen=True, kw_only=True, tag="truck-released"):
    """Items of a list that are right may leave; the others are held back, each with its reasons."""

    release: str
    truck: str = ""
    """Name of the truck, or of the list; "" = none."""
    right: tuple[str, ...] = ()
    """Barcodes."""
    wrong: tuple[ReleaseLine, ...] = ()
    operator: str = ""


class WithdrawalBegan(Event, frozen=True, kw_only=True, tag="checklist-began"):
    """The checks of a task (`quality.checks.facts.Task`) were begun for an item."""

    checklist: str
    task: str
    barcode: str
    day: str
    """By which rules are in force (ISO 8601)."""
    item: ItemRecord


class WithdrawalJudged(Event, frozen=True, kw_only=True, tag="checklist-judged"):
    """All checks are answered. Not a verdict on the processing of a new item: counts in no sampling and no chart."""

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
    reason: str = ""


class SetOpened(Event, frozen=True, kw_only=True, tag="set-opened"):
    """The parts of this item are gathered on the pad."""

    barcode: str
    model: SetModel
    parts: int
    """How many it has, as far as is known."""
    record_parts: int
    """How many the record has for it."""


class SetSized(Event, frozen=True, kw_only=True, tag="set-sized"):
    """A person set the number of parts, or which of them carry tags; committed before a tag is written for it. Valid until
    the record has another number than `record_parts`."""

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
    """Pieces without tag or barcode, counted by hand; None = not counted."""
    remark: str = ""
    """How the numbers of pieces disagree, in words."""
