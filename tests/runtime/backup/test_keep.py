"""Keep rules: which backups stay, and that nothing else is ever removed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

from station.base.clock import SystemClock
from station.base.settings import Settings
from station.domain.events import Head
from station.runtime.backup import archive
from station.runtime.backup.create import create
from station.runtime.backup.keep import Keep, file_name, kept, remove_expired
from station.runtime.backup.manifest import Manifest
from station.runtime.data_directory import JOURNAL
from station.store.owner import open_store
from tests.support import sample_events

NOON = datetime(2026, 12, 1, 12, tzinfo=UTC)
"""A Tuesday."""


def test_the_newest_of_each_day_week_and_month_stays() -> None:
    times = {Path(f"{hours}"): NOON - timedelta(hours=hours) for hours in range(0, 24 * 70, 6)}

    def days_ago(keep: Keep) -> list[int]:
        return sorted((NOON.date() - times[path].date()).days for path in kept(times, keep))

    assert days_ago(Keep(days=3)) == [0, 1, 2]
    assert days_ago(Keep(weeks=3)) == [0, 2, 9]
    assert days_ago(Keep(months=9)) == [0, 1, 31, 62]
    assert days_ago(Keep(days=2, weeks=2, months=2)) == [0, 1, 2]
    assert {times[path].hour for path in kept(times, Keep(days=9))} == {12, 18}


def test_only_older_backups_of_the_same_journal_are_removed(tmp_path: Path) -> None:
    data, place = tmp_path / "data", tmp_path / "backups"
    data.mkdir()
    place.mkdir()
    store = open_store(data / JOURNAL, SystemClock())
    store.journal.record(sample_events.judged())
    store.close()
    made, manifest = create(Settings(), data, place, SystemClock())

    def another(at: str, journal_id: str = manifest.head.journal_id, name: str = "") -> Path:
        head = Head(at, 1, manifest.head.hash, journal_id)
        other = Manifest(made_at=at, version="0", head=head, journal_schema=1, people_schema=0, files=())
        path = place / (name or file_name(head, at))
        archive.write(path, place, other, b"")
        return path

    older = [another(f"2026-0{month}-01T00:00:00+00:00") for month in (1, 2, 3)]
    newer = another("2199-01-01T00:00:00+00:00")
    stranger = another("2026-01-01T00:00:00+00:00", "ab" * 8)
    renamed = another("2026-01-02T00:00:00+00:00", name=older[0].name.replace("20260101", "20260105"))
    damaged = place / older[0].name.replace("20260101", "20260106")
    damaged.write_bytes(b"x")
    (place / "notes.txt").write_text("mine", encoding="utf-8")
    assert remove_expired(made, manifest.head, Keep(months=3)) == tuple(older[:2])
    left = {path.name for path in place.iterdir()}
    assert left == {path.name for path in (made, older[2], newer, stranger, renamed, damaged)} | {"notes.txt"}
