"""Archive old events of a data directory whose lock the caller holds."""

from __future__ import annotations

import math
import shutil
from collections.abc import Iterable
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

import msgspec

from station.base.clock import Clock
from station.base.errors import StoreError
from station.base.sentence import EMPTY, Sentence
from station.base.settings import Settings
from station.domain import events as ev
from station.runtime.data_directory import ARCHIVES, JOURNAL
from station.runtime.open_journal import open_journal
from station.store.database.disk import disk_errors
from station.store.journal.archiving import Archived
from station.store.queries.queries import Queries

COUNTED: Final = 30
"""Number of newest days of a forecast."""
LARGE: Final = 1_000_000_000
"""Bytes of a journal that should be archived: a check of it takes minutes."""


def archive(
    settings: Settings, data: Path, clock: Clock, day: datetime, target: Path | None
) -> tuple[tuple[Archived, ...], Sentence]:
    """Archive all finished events before `day`, in the directory `target`, by default beside the journal. Return the
    archives, and why the journal's file could not be made smaller. Raises `StoreError`: what is archived until then
    stays."""
    beside = data.resolve() / ARCHIVES
    directory = beside if target is None else target.resolve()
    if target is None:
        with disk_errors(beside):
            beside.mkdir(mode=0o700, exist_ok=True)
    before = day.astimezone(UTC).isoformat(timespec="microseconds")
    made: list[Archived] = []
    with closing(open_journal(settings, data, clock)) as store:
        while (done := store.archive(before, directory)) is not None:
            made.append(done)
        try:
            if made:
                store.compact()
        except StoreError as error:
            return tuple(made), error.detail
    return tuple(made), EMPTY


def archives(data: Path, clock: Clock) -> tuple[ev.EventsArchived, ...]:
    """Return what was archived, oldest first."""
    path = data / JOURNAL
    return Queries(path, clock).archives() if path.exists() else ()


class Growth(msgspec.Struct, frozen=True):
    """How the journal's file grows."""

    size: int
    """Bytes."""
    days: int
    """Number of days that were counted, at most `COUNTED`."""
    a_day: float
    """Bytes that a day added to the file; 0 = none."""
    full_in: float
    """Days until the free space of the disk ends."""
    archive_in: float
    """Days until the file should be archived: it is large, or the disk lasts no more than a year."""


def growth(data: Path, clock: Clock) -> Growth:
    """Return the size of the journal and its forecast. Raises `StoreError` and `OSError`."""
    path, now = data / JOURNAL, datetime.fromisoformat(clock.now())
    queries = Queries(path, clock)
    size = path.stat().st_size
    begin = datetime.fromisoformat(queries.first_at() or clock.now())
    days = max(1, min(COUNTED, (now - begin).days))
    weight, recent = queries.weights((now - timedelta(days=days)).astimezone(UTC).isoformat(timespec="microseconds"))
    a_day = size * recent / weight / days if weight else 0.0
    if not a_day:
        return Growth(size, days, 0.0, math.inf, 0.0 if size > LARGE else math.inf)
    full_in = shutil.disk_usage(data).free / a_day
    return Growth(size, days, a_day, full_in, max(0.0, min(full_in - 365, (LARGE - size) / a_day)))


def unnamed_archives(data: Path, clock: Clock) -> Iterable[Path]:
    """Return the archives beside the journal that no event names: an interrupted archiving left them."""
    known = {archived.file for archived in archives(data, clock)}
    return [path for path in sorted((data / ARCHIVES).glob("journal-*.zip")) if path.name not in known]
