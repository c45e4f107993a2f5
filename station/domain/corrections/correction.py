"""Life of a correction from the failed finding to its end, as a pure state table: which event leads where, and who may
cause it.

    CorrectionOpened ─► open ─ CorrectionMended ─► mended ─ CorrectionRechecked(passed) ─► closed
                         ▲                            │ CorrectionRechecked(not passed), or the finding fails again
                         └────────────────────────────┘
    any open state ─ CorrectionClosed with a reason, FindingWaived ─► closed

At most one correction is open for one item (barcode) and rule; a further report joins it. The process follows
docs/reference/quality-sources.md#published-practice (another person checks, MSU) and
docs/reference/quality-sources.md#errors-found-in-practice (verdict, flag, department, Georgetown).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import msgspec

from station.base.errors import CorrectionNotOpen, NotAllowed, NotBlind, OwnWork, ReasonMissing, WorkerGone, WorkError
from station.base.sentence import EMPTY, Sentence
from station.domain.correction_states import CorrectionKind, CorrectionState, Recheck, Result
from station.domain.event_rights import right_for
from station.domain.events import (
    CorrectionAssigned,
    CorrectionClosed,
    CorrectionMended,
    CorrectionOpened,
    CorrectionRechecked,
    CorrectionStep,
    FindingWaived,
    ItemJudged,
    SecondCheckSeen,
)
from station.domain.finding_words import title_of
from station.domain.findings import Severity
from station.domain.people.rights import Right, Role, lacking, may
from station.domain.verdict import Verdict

SECOND_CHECK: Final = "second-check"
"""Placeholder for a rule where two persons disagree about an item. Only a technician may close it."""
_WORST: Final = (Severity.CRITICAL, Severity.MAJOR, Severity.MINOR, Severity.INFO)
_BY_HAND: Final = (Result.NO_DEFECT, Result.WITHDRAWN)
"""Results that a person may choose; the other results follow from events."""

CorrectionEvent = CorrectionOpened | CorrectionStep | FindingWaived


class Correction(msgspec.Struct, frozen=True, kw_only=True):
    """State of a correction after all its events."""

    id: str
    kind: CorrectionKind
    barcode: str
    rule: str
    title: Sentence
    item_title: str = ""
    severity: Severity
    recheck: Recheck
    state: CorrectionState = CorrectionState.OPEN
    owner: str = ""
    due: str = ""
    worker: str = ""
    """The worker who processed the item, from the first report that names one."""
    mender: str = ""
    parts: tuple[int, ...] = (1,)
    """The parts of the set that have the defect, ascending."""
    returned: int = 0
    """Number of times it was reported as mended and was not."""
    result: Result | None = None
    seen: tuple[str, ...] = ()
    """For a recheck order: the persons who saw the findings before the second check; none of them may do it."""

    @property
    def heading(self) -> Sentence:
        """Return the title for display."""
        return self.title if self.title.text is None else title_of(self.rule, self.title.text)


class Step(msgspec.Struct, frozen=True):
    """One event of a correction, with its time."""

    seq: int
    at: str
    event: CorrectionEvent


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """A correction with its history, evaluated on a given day."""

    correction: Correction
    steps: tuple[Step, ...]
    opened_at: str
    closed_at: str = ""
    age: int = 0
    """Whole days for which it is or was open; never negative, even if the clock was set back."""
    overdue: bool = False


class Brief(msgspec.Struct, frozen=True, gc=False):
    """What a correction is chosen and sorted by: a list of thousands needs no more of those that it does not show."""

    id: str
    kind: str
    """`CorrectionKind`."""
    barcode: str
    rule: str
    severity: str
    """`Severity`."""
    recheck: str
    """`Recheck`."""
    state: str
    """`CorrectionState`."""
    owner: str
    due: str
    worker: str
    opened: int
    """Number of its first event."""
    overdue: bool = False
    item_title: str = ""
    """"" = none, or not asked for."""

    @classmethod
    def of(cls, entry: Entry) -> Brief:
        """Return an entry in short."""
        now = entry.correction
        return cls(
            id=now.id,
            kind=now.kind.value,
            barcode=now.barcode,
            rule=now.rule,
            severity=now.severity.value,
            recheck=now.recheck.value,
            state=now.state.value,
            owner=now.owner,
            due=now.due,
            worker=now.worker,
            opened=entry.steps[0].seq if entry.steps else 0,
            overdue=entry.overdue,
            item_title=now.item_title,
        )


class ItemToFix(msgspec.Struct, frozen=True):
    """The item of a correction, as far as the viewer may see it."""

    judged: ItemJudged | None = None
    """Its newest verdict with its present record; None = there is none."""
    left: int = 0
    """Number of its faults that are still to fix or to recheck."""
    fixed: bool = False
    """True if it failed and each of its faults is fixed: a scan at the bench finishes it."""

    @property
    def failed(self) -> bool:
        return self.judged is not None and self.judged.verdict is Verdict.FAIL

    @property
    def label(self) -> tuple[str, ...]:
        """Return the lines of the spine label that it should have; () = not known."""
        return self.judged.item.label_lines if self.judged is not None else ()


UNKNOWN: Final = ItemToFix()
"""An item of which nothing is shown."""


def opened(event: CorrectionOpened) -> Correction:
    """Return a new correction."""
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
    """Return the correction after an event, or the same value if the event has no effect. A closed correction never
    changes. A recheck by the person who mended it closes it only as a second look (`CorrectionRechecked`)."""
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
        case CorrectionRechecked() if now.state is CorrectionState.MENDED and (
            event.second_look or event.operator != now.mender
        ):
            return _closed(now, Result.MENDED)
        case CorrectionClosed() if event.reason and event.result in _BY_HAND:
            return _closed(now, event.result)
        case FindingWaived() if event.reason:
            return _closed(now, Result.WAIVED)
        case _:
            return now


def covers(worker: str, seen: Sequence[str], viewer: str) -> bool:
    """Return True if an open recheck order hides the item's findings from this person. It hides them from everyone
    except the worker who processed the item (`worker`) and the persons who looked on purpose (`seen`). `viewer`: "" =
    an unidentified person."""
    return not viewer or (viewer != worker and viewer not in seen)


def is_second_check(correction: Correction, viewer: str) -> bool:
    """Return True for an order that makes this person's check a blind second check."""
    return (
        correction.kind is CorrectionKind.RECHECK
        and correction.state is not CorrectionState.CLOSED
        and covers(correction.worker, correction.seen, viewer)
    )


def is_own_work(now: Correction, worker: str) -> bool:
    """Return True if this person would recheck their own work: their own mend, or the item that an order wants
    rechecked. "" = an unidentified person, for whom this is False."""
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


def _told(result: Result | None) -> Sentence:
    return Sentence(f"correction.result.{result.value}") if result is not None else EMPTY


def _closed(now: Correction, result: Result) -> Correction:
    return msgspec.structs.replace(now, state=CorrectionState.CLOSED, result=result)


# --- permissions ----------------------------------------------------------------------------------------------------


def refusal(now: Correction, event: CorrectionStep, role: Role | None) -> WorkError | None:
    """Return why a person may not do this to the correction, or `None` if they may. `role` is the role of
    `event.operator`; `None` = the worker no longer works here."""
    if role is None:
        return WorkerGone(event.operator)
    if now.state is CorrectionState.CLOSED:
        return CorrectionNotOpen(Sentence("correction.refused.closed", result=_told(now.result)))
    match event:
        case CorrectionAssigned():
            if not event.owner and not event.due:
                return ReasonMissing(Sentence("correction.refused.nothing-said"))
            return lacks(role, right_for(event))
        case CorrectionMended():
            if now.kind is CorrectionKind.RECHECK:
                return CorrectionNotOpen(Sentence("correction.refused.recheck-only"))
            if now.state is CorrectionState.MENDED:
                return CorrectionNotOpen(Sentence("correction.refused.mended-already"))
            return lacks(role, Right.CLOSE if now.rule == SECOND_CHECK else right_for(event))
        case CorrectionRechecked():
            return _recheck_refusal(now, event, role)
        case SecondCheckSeen():
            if now.kind is not CorrectionKind.RECHECK:
                return CorrectionNotOpen(Sentence("correction.refused.nothing-hidden"))
            return lacks(role, right_for(event))
        case CorrectionClosed():
            if not event.reason:
                return ReasonMissing()
            if event.result not in _BY_HAND:
                return CorrectionNotOpen(Sentence("correction.refused.result", result=_told(event.result)))
            return lacks(role, right_for(event))


def _recheck_refusal(now: Correction, event: CorrectionRechecked, role: Role) -> WorkError | None:
    if event.by_machine:
        return None if now.recheck is Recheck.MACHINE else CorrectionNotOpen(Sentence("correction.refused.person"))
    if now.recheck is Recheck.MACHINE:
        return CorrectionNotOpen(Sentence("correction.refused.machine"))
    if not event.passed and not event.reason:
        return ReasonMissing(Sentence("correction.refused.what"))
    if now.kind is CorrectionKind.MEND and now.state is not CorrectionState.MENDED:
        return CorrectionNotOpen(Sentence("correction.refused.not-fixed"))
    if not event.operator or is_own_work(now, event.operator):
        return OwnWork(event.operator)
    if event.operator in now.seen:
        return NotBlind(event.operator)
    return lacks(role, right_for(event))


def waiver_refusal(severity: Severity, reason: str, role: Role | None, operator: str) -> WorkError | None:
    """Return why this person may not waive a finding of this severity, or `None` if they may."""
    if role is None:
        return WorkerGone(operator)
    if not reason:
        return ReasonMissing()
    return lacks(role, Right.WAIVE_CRITICAL if severity is Severity.CRITICAL else Right.WAIVE)


def lacks(role: Role | None, right: Right) -> NotAllowed | None:
    """Return the refusal for a role without this right, or `None` if the role has the right."""
    return None if may(role, right) else lacking(right)
