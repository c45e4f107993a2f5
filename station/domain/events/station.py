"""Start, stop and defects of the station, and the continuation of its journal."""

from __future__ import annotations

import msgspec

from station.base.sentence import EMPTY, Sentence
from station.domain.events.base import Event


class StationStarted(Event, frozen=True, kw_only=True, tag="station-started"):
    version: str
    station: str
    library: str = ""
    note: Sentence = EMPTY


class StationStopped(Event, frozen=True, kw_only=True, tag="station-stopped"):
    reason: Sentence = EMPTY


class SoundChecked(Event, frozen=True, kw_only=True, tag="sound-checked"):
    """A person checked the sounds and lights of the bench. It counts until midnight, local time."""

    heard: bool
    """All sounds were heard."""
    seen: bool
    """All four lights were told apart."""
    operator: str = ""


class DefectFound(Event, frozen=True, kw_only=True, tag="defect-found"):
    """An exception that is a program defect."""

    where: str
    error: str


class Head(msgspec.Struct, frozen=True):
    """One exported line: at this time, event `seq` was the last in the journal and had this hash (hexadecimal)."""

    at: str
    seq: int
    hash: str
    journal_id: str
    replaces: tuple[str, ...] = ()
    """Ids of the journals that this journal continues, or whose lost parts it has given up."""


class TimelineBegan(Event, frozen=True, kw_only=True, tag="timeline-began"):
    """An older copy of the journal continues under another id. This is the first event hashed with the new id; sequence
    numbers continue. `parent...`: id of the continued journal, its newest event and that event's hash."""

    journal: str
    """The new id: 16 hexadecimal digits, random."""
    parent: str = ""
    parent_seq: int = 0
    parent_hash: str = ""
    lost: tuple[Head, ...] = ()
    """For each journal id, the newest exported head that the copy lacks."""
    reason: str = ""


class EventsArchived(Event, frozen=True, kw_only=True, tag="events-archived"):
    """Payloads of old events are in a file from now on. The journal keeps their other columns, and a stub that names this
    event."""

    file: str
    """Name of the file."""
    first: int
    """Number of the first event whose payload is there."""
    last: int
    count: int
    size: int
    """Bytes of the file."""
    sha256: str
    """Of the file, hexadecimal."""
    stubs: str
    """SHA-256 of the rows that stay in the journal, hexadecimal (`store.database.archives.Digest`)."""
    directory: str = ""
    """Where the file was put; "" = `archives` beside the journal."""


StationEvent = StationStarted | EventsArchived | StationStopped | SoundChecked | DefectFound | TimelineBegan
