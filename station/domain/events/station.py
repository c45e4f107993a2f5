"""Start, stop and defects of the station, and the continuation of its journal."""

from __future__ import annotations

import msgspec

from station.domain.events.base import Event


class StationStarted(Event, frozen=True, kw_only=True, tag="station-started"):
    version: str
    station: str
    library: str = ""
    note: str = ""


class StationStopped(Event, frozen=True, kw_only=True, tag="station-stopped"):
    reason: str = ""


class DefectFound(Event, frozen=True, kw_only=True, tag="defect-found"):
    """An exception that is a defect of the program."""

    where: str
    error: str


class Head(msgspec.Struct, frozen=True):
    """One exported line: at this time event `seq` of the journal was the last and had this hash (hexadecimal)."""

    at: str
    seq: int
    hash: str
    journal_id: str
    replaces: tuple[str, ...] = ()
    """Ids of the journals that this one continues, or whose lost parts it has given up."""


class TimelineBegan(Event, frozen=True, kw_only=True, tag="timeline-began"):
    """An older copy of the journal continues under another id. The first event that is hashed with the new id; sequence
    numbers continue. `parent...`: id, newest event and its hash of what it continues."""

    journal: str
    """The new id: 16 hexadecimal digits, random."""
    parent: str = ""
    parent_seq: int = 0
    parent_hash: str = ""
    lost: tuple[Head, ...] = ()
    """For each journal id the newest exported head that the copy does not have."""
    reason: str = ""
