"""The journal as it is copied to the center: events after one that the center has, with the intents of their deliveries."""

from __future__ import annotations

import itertools
import sqlite3
from collections.abc import Iterator
from typing import Final

from station.base.errors import ArchiveUnusable
from station.base.sentence import Sentence
from station.domain.journal_copy import CopiedDelivery, CopiedEvent, Place, Timelines
from station.store.database.archives import is_stub
from station.store.journal import hash_chain
from station.store.journal.archived_rows import ArchivedRows

_EVENTS: Final = "SELECT seq, kind, payload, deliveries, hash, at FROM events WHERE seq > ? ORDER BY seq LIMIT ?"
_DELIVERIES: Final = (
    "SELECT system, place, lane, intent, not_before FROM outbox WHERE event_seq = ? ORDER BY system, place"
)


def path(sql: sqlite3.Connection) -> Timelines:
    """Return the timelines of the journal, the newest first, each with its last event."""
    parts = hash_chain.timelines(sql)
    ended = [
        Place(part.journal_id, following.first - 1, _hash_of(sql, part.journal_id, following.first - 1))
        for part, following in itertools.pairwise(parts)
    ]
    newest = parts[-1].journal_id
    return (Place(newest, *hash_chain.last(sql, newest)), *reversed(ended))


def _hash_of(sql: sqlite3.Connection, journal: str, seq: int) -> bytes:
    if seq == 0:
        return hash_chain.genesis(journal)
    return bytes(sql.execute("SELECT hash FROM events WHERE seq = ?", (seq,)).fetchone()[0])


def place_of(sql: sqlite3.Connection, seq: int) -> Place:
    """Return the event with this number, which the journal has; 0 = its beginning."""
    journal = next(place.journal for place in reversed(path(sql)) if seq <= place.seq)
    return Place(journal, seq, _hash_of(sql, journal, seq))


def common(sql: sqlite3.Connection, theirs: Timelines) -> Place | None:
    """Return the newest event of this journal up to which the center's copy reaches in the same timeline; None if they
    have no timeline in common. The hash is that of this journal: the center compares it."""
    reaches = {place.journal: place.seq for place in theirs}
    for place in path(sql):
        if place.journal in reaches:
            seq = min(place.seq, reaches[place.journal])
            return Place(place.journal, seq, _hash_of(sql, place.journal, seq))
    return None


def events_after(sql: sqlite3.Connection, seq: int, limit: int) -> Iterator[CopiedEvent]:
    """Yield whole events in order. Raises `ArchiveUnusable` for one whose payload is in an archive that is missing."""
    archives = ArchivedRows(sql)
    for row in sql.execute(_EVENTS, (seq, limit)):
        number, kind, payload, _, value, at = archives.whole(row)
        if is_stub(payload):
            raise ArchiveUnusable(Sentence("archive.missing", number=number, file=next(iter(archives.missing), "")))
        deliveries = tuple(
            CopiedDelivery(system, place, lane, bytes(intent), not_before)
            for system, place, lane, intent, not_before in sql.execute(_DELIVERIES, (number,))
        )
        yield CopiedEvent(at, kind, bytes(payload), bytes(value), deliveries)


def unsent(sql: sqlite3.Connection, seq: int) -> tuple[int, str]:
    """Return the number of events after event `seq`, and the time of the oldest of them; "" = none."""
    newest, _ = hash_chain.last(sql, "")
    oldest = sql.execute("SELECT at FROM events WHERE seq = ?", (seq + 1,)).fetchone()
    return max(0, newest - seq), "" if oldest is None else str(oldest[0])
