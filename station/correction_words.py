"""A correction in words: what it waits for, and each step of its history. For screens and the command line alike."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from station.correction import Entry, Step
from station.events import (
    CorrectionAssigned,
    CorrectionClosed,
    CorrectionMended,
    CorrectionOpened,
    CorrectionRechecked,
    FindingWaived,
)
from station.model import CorrectionKind, CorrectionState, Flag, Recheck

OVERDUE: Final = "! OVERDUE"
"""Symbol and word."""


def waits_for(entry: Entry) -> str:
    """What has to happen next, in a few words."""
    now = entry.correction
    if now.result is not None:
        return f"closed: {now.result.value}"
    if now.kind is CorrectionKind.RECHECK:
        return "to be rechecked by another person"
    if now.state is CorrectionState.MENDED:
        return "mended, to be rechecked by " + ("the machine" if now.recheck is Recheck.MACHINE else "another person")
    return "to be mended" + (f" (came back {now.returned}x)" if now.returned else "")


def headline(entry: Entry) -> str:
    """What is wrong, in the words of the newest report, and the rule. A rule's title alone says what would be right."""
    now = entry.correction
    if now.kind is CorrectionKind.RECHECK:
        return now.title
    said = [
        step.event.reason
        for step in entry.steps
        if isinstance(step.event, CorrectionOpened)
        or (isinstance(step.event, CorrectionRechecked) and not step.event.passed)
    ]
    why = next((reason for reason in reversed(said) if reason), "")
    return f"{why}: {now.title}" if why else now.title


def words(step: Step, names: Mapping[str, str]) -> str:
    """One event of its history."""

    def who(worker: str) -> str:
        return names.get(worker, worker) or "nobody named"

    def why(text: str) -> str:
        return f": {text}" if text else ""

    match step.event:
        case CorrectionOpened(part=part, parts=parts) as event:
            where = f" in part {part}" if parts > 1 else ""
            note = f" ({event.note})" if event.note else ""
            return f"found{where} by {who(event.found_by)}{why(event.reason)}{note}"
        case CorrectionAssigned() as event:
            given = f" to {who(event.owner)}" if event.owner else ""
            due = f", due {event.due}" if event.due else ""
            return f"assigned{given}{due} by {who(event.operator)}{why(event.reason)}"
        case CorrectionMended() as event:
            return f"mended, says {who(event.operator)}{why(event.note)}"
        case CorrectionRechecked() as event:
            looked = "the machine" if event.by_machine else who(event.operator)
            return f"rechecked by {looked}: {'good' if event.passed else 'not good'}{why(event.reason)}"
        case CorrectionClosed() as event:
            return f"closed ({event.result.value}) by {who(event.operator)}{why(event.reason)}"
        case FindingWaived() as event:
            return f"waived by {who(event.operator)} ({event.role.value}){why(event.reason)}"


def state_of(flag: Flag) -> str:
    """What a flag waits for."""
    late = "overdue, " if flag.overdue else ""
    if flag.kind is CorrectionKind.RECHECK or flag.state is CorrectionState.MENDED:
        return f"{late}waits for a recheck"
    return f"{late}to be mended{f' by {flag.owner}' if flag.owner else ''}"
