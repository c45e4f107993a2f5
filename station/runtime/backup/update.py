"""Bring the data of an older version up to date, and go back to it.

The data is backed up first. Going back puts journal and file of names of that backup into their places, which loses
nothing as long as the journal has no newer event.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

import msgspec

from station.base.clock import Clock
from station.base.errors import StoreLocked, UpdateKept
from station.base.sentence import Sentence
from station.base.settings import Settings
from station.domain.events import Head
from station.runtime.backup import archive
from station.runtime.backup.check import Progress, quiet
from station.runtime.backup.create import create
from station.runtime.backup.manifest import Manifest
from station.runtime.backup.workplace import workplace
from station.runtime.data_directory import BACKUPS, JOURNAL, PEOPLE
from station.store.database.database import open_writer
from station.store.database.disk import disk_errors, sync_file
from station.store.database.migrations import SCHEMA_VERSION
from station.store.journal.hash_chain import event_of
from station.store.journal.snapshot import journal_snapshot
from station.store.people.names import SCHEMA_VERSION as PEOPLE_SCHEMA
from station.store.people.names import People

_PREFIX: Final = "before-update-"
_LOG: Final = f"{JOURNAL}-wal"


class Schemas(msgspec.Struct, frozen=True):
    """Schema numbers of journal and file of names; 0 = there is no such file."""

    journal: int
    people: int


NEWEST: Final = Schemas(SCHEMA_VERSION, PEOPLE_SCHEMA)


def schemas(data: Path, clock: Clock) -> Schemas:
    """Return the schemas of the data. Raises `StoreTooNew` and `StoreError`."""
    return _state(data, clock)[0]


def update(settings: Settings, data: Path, clock: Clock, progress: Progress = quiet) -> Path | None:
    """Back up the data and bring it up to date. Return the backup; None = the data is up to date already. The caller
    holds the directory's lock. Raises what `create` raises; then the data is as it was."""
    target = keep(settings, data, clock, progress)
    if target is not None:
        open_writer(data / JOURNAL).close()
        People(data / PEOPLE).upgrade()
    return target


def keep(settings: Settings, data: Path, clock: Clock, progress: Progress = quiet) -> Path | None:
    """Back up the data before it is brought up to date. Return and raise what `update` does."""
    before, head = _state(data, clock)
    if before.journal == NEWEST.journal and before.people in (0, NEWEST.people):
        return None
    target = _backup_at(data, head)
    if target is None:  # else an update of this data was killed: its backup is the one to go back to
        target = data / BACKUPS / f"{_PREFIX}{clock.now()[:19].replace(':', '')}.zip"
        with disk_errors(target):
            target.parent.mkdir(mode=0o700, exist_ok=True)
        create(settings, data, target, clock, None, progress)
    return target


def go_back(data: Path, clock: Clock) -> Manifest:
    """Put journal and file of names as before the update into their places. Return the manifest of its backup.
    The caller holds the directory's lock. Raises `UpdateKept` if that would lose events, or if there was no update."""
    now, head = _state(data, clock)
    backup = _backup_at(data, head)
    if backup is None:
        newest = max((archive.read_manifest(path).head.seq for path in _backups(data)), default=None)
        lost = 0 if newest is None else head.seq - newest
        raise UpdateKept(Sentence("update.events", count=lost) if lost > 0 else Sentence("update.none"))
    manifest = archive.read_manifest(backup)
    with workplace(data) as place:
        archive.extract(backup, place)
        with disk_errors(data):
            if now.journal != manifest.journal_schema:
                _empty_log(data)
                (place / JOURNAL).replace(data / JOURNAL)
                sync_file(data)
            if manifest.people_schema and now.people != manifest.people_schema:
                (place / PEOPLE).replace(data / PEOPLE)
                sync_file(data)
    return manifest


def _state(data: Path, clock: Clock) -> tuple[Schemas, Head]:
    with journal_snapshot(data / JOURNAL, clock) as journal:
        return Schemas(journal.schema, People(data / PEOPLE).schema()), journal.head


def _backups(data: Path) -> list[Path]:
    """Return the backups that updates made, the oldest first."""
    return sorted((data / BACKUPS).glob(f"{_PREFIX}*.zip"))


def _backup_at(data: Path, head: Head) -> Path | None:
    """Return the oldest of these backups whose journal has this head."""
    backups = (path for path in _backups(data) if event_of(archive.read_manifest(path).head) == event_of(head))
    return next(backups, None)


def _empty_log(data: Path) -> None:
    """Move everything from the write-ahead log into the journal, whose place another file takes. SQLite removes the log
    with the last connection."""
    open_writer(data / JOURNAL).close()
    if (data / _LOG).exists():
        raise StoreLocked(str(data / _LOG))
