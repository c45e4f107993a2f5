"""Compare a journal with its copy at the center before the bench journals anything, and get back what an older copy lacks.

An older copy that journals would number its events like those that it lacks, and give its deliveries ids that library systems
already have.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import closing
from itertools import islice
from pathlib import Path
from typing import Final

from station.base.clock import Clock
from station.base.errors import JournalOlder, JournalRestored, StationError
from station.base.sentence import Sentence
from station.domain.events import Head
from station.domain.heartbeat import Beat, Heartbeat
from station.domain.journal_copy import CopiedEvent, Place, Timelines
from station.fleet.center import Center
from station.fleet.fetched import append
from station.fleet.machine import machine_digest
from station.store.database.database import open_reader, translated
from station.store.journal import newest_head, tail
from station.store.journal.timeline import mark_restored

_LOOK_S: Final = 1.0
"""Seconds in which the center must answer: the bench does not wait for it."""

_log = logging.getLogger("station.fleet.tail_back")


def get_back(path: Path, center: Center, clock: Clock, version: str) -> int:
    """Add to the journal at `path` what its copy has beyond its last event. Return the number of events; 0 also if the
    center does not answer in time, or has other events. The caller holds the data directory's lock.

    `journal.head` beside the journal shows that nothing is missing after them. If not, events that the center never got may
    be missing: the journal must be continued, and `JournalRestored` is raised. Raises `JournalOlder` if the center has more
    and the journal cannot get it; nothing has changed then.
    """
    try:
        with closing(open_reader(path, any_schema=True)) as sql, translated(path):
            ours = tail.path(sql)[0]
        with center.within(_LOOK_S):
            theirs = center.path()
    except StationError as error:
        _log.info("the journal was not compared with the center: %s", error)
        return 0
    newest = theirs[0]
    if newest.seq <= ours.seq or not _reaches(theirs, ours):
        return 0
    try:
        if ours.seq and center.events(ours.seq - 1)[0].hash != ours.hash:
            return 0  # a fork: the link tells
        beat = Beat(machine_digest(path), Heartbeat(at=clock.now(), version=version, link="older"))
        if center.tell(beat).outcome == "moved":
            raise JournalOlder(Sentence("fleet.older-elsewhere", path=str(path), last=ours.seq, seq=newest.seq))
        whole = _is_newest(path, newest)
        if not whole:
            mark_restored(path, Head(clock.now(), newest.seq, newest.hash.hex(), newest.journal))
        append(path, _up_to(center, ours, newest))
    except JournalOlder:
        raise
    except (StationError, LookupError) as error:
        raise JournalOlder(Sentence("fleet.older", path=str(path), last=ours.seq, seq=newest.seq)) from error
    count = newest.seq - ours.seq
    _log.warning("the journal ended with event %d; %d events came back from the center", ours.seq, count)
    if not whole:
        raise JournalRestored(Sentence("fleet.tail-is-back", path=str(path), count=count))
    return count


def _reaches(theirs: Timelines, ours: Place) -> bool:
    """Return True if the center's copy goes on after this event in its timeline, or through it."""
    return any(place.journal == ours.journal and place.seq >= ours.seq for place in theirs)


def _is_newest(path: Path, place: Place) -> bool:
    return any(
        (head.journal_id, head.seq, head.hash) == (place.journal, place.seq, place.hash.hex())
        for head in newest_head.read(path)
    )


def _up_to(center: Center, ours: Place, newest: Place) -> Iterator[CopiedEvent]:
    """Yield the events after ours up to the newest. Raises `LookupError` if the center does not have them."""
    last = None
    for last in islice(center.events_after(ours.seq), newest.seq - ours.seq):
        yield last
    if last is None or last.hash != newest.hash:
        raise LookupError("the center's copy ends earlier")
