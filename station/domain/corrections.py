"""A correction from the failed finding to its end, as a pure table: which event leads where, and who may cause it.

    CorrectionOpened ─► open ─ CorrectionMended ─► mended ─ CorrectionRechecked(passed) ─► closed
                         ▲                            │ CorrectionRechecked(not passed), or the finding fails again
                         └────────────────────────────┘
    any open state ─ CorrectionClosed with a reason, FindingWaived ─► closed

One correction is open for one item (barcode) and rule; a further report joins it. The process follows
processing-and-quality.md 4.1 (another person checks, MSU [P61]) and 4.2 (verdict, flag, department, Georgetown [G23]).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import msgspec

from station.base.errors import CorrectionNotOpen, NotAllowed, NotBlind, OwnWork, ReasonMissing, WorkerGone, WorkError
from station.base.words import tell
from station.domain.events import (
    CorrectionAssigned,
    CorrectionClosed,
    CorrectionMended,
    CorrectionOpened,
    CorrectionRechecked,
    CorrectionStep,
    FindingWaived,
    SecondCheckSeen,
)
from station.domain.findings import Severity
from station.domain.rights import Right, Role, least, may
from station.domain.snapshot import CorrectionKind, CorrectionState, Recheck, Result

SECOND_CHECK: Final = "second-check"
"""Stands for a rule where two persons disagree about an item; only a technician ends that."""
MACHINE: Final = "machine"
_WORST: Final = (Severity.CRITICAL, Severity.MAJOR, Severity.MINOR, Severity.INFO)
_BY_HAND: Final = (Result.NO_DEFECT, Result.WITHDRAWN)
"""Results that a person may say; the others follow from what was done."""

CorrectionEvent = CorrectionOpened | CorrectionStep | FindingWaived


class Correction(msgspec.Struct, frozen=True, kw_only=True):
    """What all events about one correction come to."""

    id: str
    kind: CorrectionKind
    barcode: str
    rule: str
    title: str
    item_title: str = ""
    severity: Severity
    recheck: Recheck
    state: CorrectionState = CorrectionState.OPEN
    owner: str = ""
    due: str = ""
    worker: str = ""
    """Whose work it is: of the first report that says so."""
    mender: str = ""
    parts: tuple[int, ...] = (1,)
    """The parts of the set in which it stands, ascending."""
    returned: int = 0
    """How often it was called mended and was not."""
    result: Result | None = None
    seen: tuple[str, ...] = ()
    """Of an order to recheck: who has looked at what was found before the second check; none of them can do it."""


class Step(msgspec.Struct, frozen=True):
    """One event of a correction, and when."""

    seq: int
    at: str
    event: CorrectionEvent


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """A correction with its history, and as of a day."""

    correction: Correction
    steps: tuple[Step, ...]
    opened_at: str
    closed_at: str = ""
    age: int = 0
    """Whole days that it was or is open; never negative, whatever the clock did."""
    overdue: bool = False


def opened(event: CorrectionOpened) -> Correction:
    """A new correction."""
    return Correction(
        id=event.correction,
        kind=event.what,
        barcode=event.barcode,
        rule=event.rule,
        title=event.title,
        item_title=event.item_title,
        severity=event.severity,
        recheck=Recheck.PERSON if event.what is CorrectionKind.RECHECK else event.recheck,
        owner=event.owner,
        due=event.due,
        worker=event.worker,
        parts=(event.part,),
    )


def advance(now: Correction, event: CorrectionEvent) -> Correction:
    """After an event; the same value when the event has no effect. A closed one never changes, and whoever mended it
    never ends it by a recheck, whatever was journaled."""
    if now.state is CorrectionState.CLOSED:
        return now
    match event:
        case CorrectionOpened():
            return _joined(now, event)
        case CorrectionAssigned():
            return msgspec.structs.replace(now, owner=event.owner or now.owner, due=event.due or now.due)
        case CorrectionMended() if now.kind is CorrectionKind.MEND and now.state is CorrectionState.OPEN:
            mended = msgspec.structs.replace(now, mender=event.operator, due=event.due or now.due)
            if now.recheck is Recheck.NONE:
                return _closed(mended, Result.MENDED)
            return msgspec.structs.replace(mended, state=CorrectionState.MENDED)
        case SecondCheckSeen() if now.kind is CorrectionKind.RECHECK:
            looked = {event.operator, event.authorised} - {""}
            return msgspec.structs.replace(now, seen=tuple(sorted({*now.seen, *looked})))
        case CorrectionRechecked() if now.kind is CorrectionKind.RECHECK:
            own = event.operator == now.worker or event.operator in now.seen
            return now if own else _closed(now, Result.PASSED if event.passed else Result.FAILED)
        case CorrectionRechecked(passed=False):
            return _back(now, event.part)
        case CorrectionRechecked() if event.by_machine:
            left = tuple(part for part in now.parts if part != event.part)
            return msgspec.structs.replace(now, parts=left) if left else _closed(now, Result.MENDED)
        case CorrectionRechecked() if now.state is CorrectionState.MENDED and event.operator != now.mender:
            return _closed(now, Result.MENDED)
        case CorrectionClosed() if event.reason and event.result in _BY_HAND:
            return _closed(now, event.result)
        case FindingWaived() if event.reason:
            return _closed(now, Result.WAIVED)
        case _:
            return now


def covers(worker: str, seen: Sequence[str], viewer: str) -> bool:
    """True while an open order to recheck hides what was found of its item from this person: from everybody but whose work
    it is (`worker`) and those who have looked on purpose. `viewer`: "" = somebody who has not said who he is."""
    return not viewer or (viewer != worker and viewer not in seen)


def is_second_check(one: Correction, viewer: str) -> bool:
    """True for an order that makes what this person does a blind second check."""
    return (
        one.kind is CorrectionKind.RECHECK
        and one.state is not CorrectionState.CLOSED
        and covers(one.worker, one.seen, viewer)
    )


def is_own_work(now: Correction, worker: str) -> bool:
    """True where this person's recheck would be one of own work: of the own mend, or of what an order wants gone through
    once more. "" = somebody who has not said who he is: nobody knows."""
    return bool(worker) and worker == (now.worker if now.kind is CorrectionKind.RECHECK else now.mender)


def _joined(now: Correction, event: CorrectionOpened) -> Correction:
    severity = min(now.severity, event.severity, key=_WORST.index)
    due = min(text for text in (now.due, event.due, "9999") if text)
    joined = msgspec.structs.replace(
        now, severity=severity, due=now.due if due == "9999" else due, worker=now.worker or event.worker
    )
    return _back(joined, event.part)


def _back(now: Correction, part: int) -> Correction:
    again = now.state is CorrectionState.MENDED
    return msgspec.structs.replace(
        now,
        state=CorrectionState.OPEN,
        mender="",
        parts=tuple(sorted({*now.parts, part})),
        returned=now.returned + again,
    )


def _told(result: Result | None) -> str:
    return tell(f"correction.result.{result.value}") if result is not None else ""


def _closed(now: Correction, result: Result) -> Correction:
    return msgspec.structs.replace(now, state=CorrectionState.CLOSED, result=result)


# --- who may --------------------------------------------------------------------------------------------------------


def refusal(now: Correction, event: CorrectionStep, role: Role | None) -> WorkError | None:
    """Why a person may not do this to the correction; `None` = it may be done. `role` is that of `event.operator`;
    `None` = does not work here any more."""
    if role is None:
        return WorkerGone(event.operator)
    if now.state is CorrectionState.CLOSED:
        return CorrectionNotOpen(tell("correction.refused.closed", result=_told(now.result)))
    match event:
        case CorrectionAssigned():
            takes = event.owner == event.operator and not event.due
            if not event.owner and not event.due:
                return ReasonMissing(tell("correction.refused.nothing-said"))
            return lacks(role, Right.MEND if takes else Right.ASSIGN)
        case CorrectionMended():
            if now.kind is CorrectionKind.RECHECK:
                return CorrectionNotOpen(tell("correction.refused.recheck-only"))
            if now.state is CorrectionState.MENDED:
                return CorrectionNotOpen(tell("correction.refused.mended-already"))
            return lacks(role, Right.CLOSE if now.rule == SECOND_CHECK else Right.MEND)
        case CorrectionRechecked():
            return _recheck_refusal(now, event, role)
        case SecondCheckSeen():
            if now.kind is not CorrectionKind.RECHECK:
                return CorrectionNotOpen(tell("correction.refused.nothing-hidden"))
            return lacks(role, Right.SEE_OTHERS)
        case CorrectionClosed():
            if not event.reason:
                return ReasonMissing()
            if event.result not in _BY_HAND:
                return CorrectionNotOpen(tell("correction.refused.result", result=_told(event.result)))
            return lacks(role, Right.CLOSE)


def _recheck_refusal(now: Correction, event: CorrectionRechecked, role: Role) -> WorkError | None:
    if event.by_machine:
        return None if now.recheck is Recheck.MACHINE else CorrectionNotOpen(tell("correction.refused.person"))
    if now.recheck is Recheck.MACHINE:
        return CorrectionNotOpen(tell("correction.refused.machine"))
    if not event.passed and not event.reason:
        return ReasonMissing(tell("correction.refused.what"))
    if now.kind is CorrectionKind.MEND and now.state is not CorrectionState.MENDED:
        return CorrectionNotOpen(tell("correction.refused.not-mended"))
    if not event.operator or is_own_work(now, event.operator):
        return OwnWork(event.operator)
    if event.operator in now.seen:
        return NotBlind(event.operator)
    return lacks(role, Right.RECHECK)


def waiver_refusal(severity: Severity, reason: str, role: Role | None, operator: str) -> WorkError | None:
    """Why this person may not waive a finding of this severity; `None` = may."""
    if role is None:
        return WorkerGone(operator)
    if not reason:
        return ReasonMissing()
    return lacks(role, Right.WAIVE_CRITICAL if severity is Severity.CRITICAL else Right.WAIVE)


def lacks(role: Role | None, right: Right) -> NotAllowed | None:
    """The refusal for a role without this right, saying who has it."""
    return (
        None
        if may(role, right)
        else NotAllowed(tell("correction.refused.right", right=right.value, role=least(right).value), right.value)
    )
