"""Keep rules: which backups of this journal are removed after a newer one was made and checked."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Final

import msgspec

from station.base.errors import StationError
from station.domain.events import Head
from station.runtime.backup.archive import read_manifest
from station.store.database.disk import disk_errors, sync_file

_NAME: Final = re.compile(r"station-([0-9a-f]{16})-(\d{8}T\d{6}Z)\.zip")


class Keep(msgspec.Struct, frozen=True, kw_only=True):
    """Numbers of days, weeks (Monday to Sunday) and months, in UTC, whose newest backup stays. Only those that have a
    backup count."""

    days: int = 0
    weeks: int = 0
    months: int = 0


def file_name(head: Head, made_at: str) -> str:
    """Return the name of a backup that the station names itself."""
    return f"station-{head.journal_id}-{made_at[:19].replace('-', '').replace(':', '')}Z.zip"


def remove_expired(made: Path, head: Head, keep: Keep) -> tuple[Path, ...]:
    """Remove the backups beside `made` that no rule keeps, and return them. `made` stays, and whatever is not surely an
    older backup of the journal with this head that this command named. Raises `StoreError`."""
    removed, journal_ids = [], {head.journal_id, *head.replaces}
    with disk_errors(made.parent):
        times = {path: at for path in made.parent.iterdir() if (at := _made_at(path, journal_ids)) is not None}
        for path in sorted(set(times) - kept(times, keep) - {made}):
            if times[path] < times[made]:
                path.unlink()
                removed.append(path)
        sync_file(made.parent)
    return tuple(removed)


def kept(times: dict[Path, datetime], keep: Keep) -> set[Path]:
    """Return the backups that the rules keep."""
    stay: set[Path] = set()
    newest_first = sorted(times, key=lambda path: times[path], reverse=True)
    rules: Sequence[tuple[int, Callable[[datetime], object]]] = (
        (keep.days, datetime.date),
        (keep.weeks, lambda at: at.isocalendar()[:2]),
        (keep.months, lambda at: (at.year, at.month)),
    )
    for count, period_of in rules:
        newest: dict[object, Path] = {}
        for path in newest_first:
            newest.setdefault(period_of(times[path]), path)
        stay.update([*newest.values()][:count])
    return stay


def _made_at(path: Path, journal_ids: set[str]) -> datetime | None:
    """Return when this backup was made; None for any other file."""
    match = _NAME.fullmatch(path.name)
    if match is None or match[1] not in journal_ids or path.is_symlink() or not path.is_file():
        return None
    try:
        manifest = read_manifest(path)
    except StationError:
        return None
    if file_name(manifest.head, manifest.made_at) != path.name:
        return None
    return datetime.strptime(match[2] + "+0000", "%Y%m%dT%H%M%SZ%z")
