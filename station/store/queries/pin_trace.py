"""PIN events in the journal, and disagreements between journal and file of names. The journal holds no PIN. It holds
who was given one, when, and whether it had to be changed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from enum import StrEnum

import msgspec

from station.base.local_time import local_day
from station.base.sentence import EMPTY, Sentence
from station.domain import events as ev
from station.store.projections.workers import STAFF

KINDS = ("worker-registered", "worker-role-changed", "pin-set", "pin-recovered")
"""Kinds of the events that are read."""


class Recovery(msgspec.Struct, frozen=True):
    """A PIN that was given without proof."""

    at: str
    """ISO 8601, UTC."""
    worker: str
    reason: str


class PinTrace(msgspec.Struct, frozen=True, kw_only=True):
    """All PIN facts in the journal."""

    must_change: Mapping[str, bool]
    """Whether the newest PIN must be changed, for everyone who was given one."""
    marks: Mapping[str, str]
    """Mark of the newest PIN of everyone who was given one (`PinSet.mark`)."""
    set_by: Mapping[str, str]
    """Who set the newest PIN of each of them, as named in events."""
    staff: frozenset[str]
    """Everyone who ever was technician or systems."""
    recoveries: tuple[Recovery, ...]
    """Oldest first."""

    @property
    def staff_had_pin(self) -> bool:
        """True forever after the first PIN of a person who may set PINs."""
        return not self.staff.isdisjoint(self.must_change)

    @property
    def greeting(self) -> Sentence:
        """Message at every start after a PIN was given without proof; empty = none ever was."""
        return Sentence("people.recovered", day=local_day(self.recoveries[-1].at)) if self.recoveries else EMPTY


class Disagreement(StrEnum):
    """Kinds of disagreement between journal and file about one person."""

    GONE = "gone"
    """The journal has a PIN, the file has none."""
    UNKNOWN = "unknown"
    """The file has a PIN, the journal has none."""
    OLDER = "older"
    """The file lacks the newest PIN of the journal: an older file was put back."""
    CHANGED = "changed"
    """Only one of them requires that the PIN be changed."""


def trace(events: Iterable[tuple[str, ev.AnyEvent]]) -> PinTrace:
    """Build the trace from the events of `KINDS` with their times, oldest first."""
    must_change: dict[str, bool] = {}
    marks: dict[str, str] = {}
    set_by: dict[str, str] = {}
    staff: set[str] = set()
    recoveries: list[Recovery] = []
    for at, event in events:
        match event:
            case ev.PinSet():
                must_change[event.worker], set_by[event.worker] = event.first, event.operator
                marks[event.worker] = event.mark
            case ev.PinRecovered():
                must_change[event.worker], set_by[event.worker] = True, event.operator
                marks[event.worker] = event.mark
                recoveries.append(Recovery(at, event.worker, event.reason))
            case ev.WorkerRegistered() | ev.WorkerRoleChanged() if event.role in STAFF:
                staff.add(event.worker)
    return PinTrace(
        must_change=must_change,
        marks=marks,
        set_by=set_by,
        staff=frozenset(staff),
        recoveries=tuple(recoveries),
    )


def disagreements(
    known: PinTrace, kept: Mapping[str, Mapping[str, bool]], active: frozenset[str]
) -> Iterator[tuple[str, Disagreement]]:
    """Yield the disagreements, by worker. `kept`: whether each PIN of the file must be changed, by worker and mark.
    `active`: ids of present workers."""
    for worker in sorted({*kept, *known.must_change}):
        if worker not in known.must_change:
            yield worker, Disagreement.UNKNOWN
        elif worker not in kept:
            if worker in active:
                yield worker, Disagreement.GONE
        elif known.marks[worker] not in kept[worker]:
            yield worker, Disagreement.OLDER
        elif kept[worker][known.marks[worker]] is not known.must_change[worker]:
            yield worker, Disagreement.CHANGED
