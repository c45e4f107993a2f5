"""A stopped or killed import resumes where it was, and the station uses the old index until the new one is complete."""

from __future__ import annotations

import contextlib
import os
import random
import signal
import sqlite3
import time
from collections.abc import Callable
from pathlib import Path
from unittest.mock import patch

import msgspec
import pytest
from pymarc import parse_xml_to_array

from benchmarks import catalog_records as made
from station.base.errors import ImportRefused
from station.base.settings import CatalogSettings
from station.catalog.marc import marc
from station.catalog.marc.marc import RawRecord
from station.catalog.record import profiles
from station.store.catalog_index import unfinished_import
from station.store.catalog_index.import_file import ImportReport, import_file, unfinished
from station.store.catalog_index.index import CatalogIndex
from station.store.catalog_index.source import Source
from station.store.catalog_index.taken import Taken
from station.store.catalog_index.unfinished_import import Progress, State, half_path
from tests.store.catalog_index.import_process import ended, started
from tests.support.told import raises_told, told

SETTINGS = CatalogSettings()
COUNT = 1000


class Run:
    """Runs imports that stop on a condition, and records their notes and progress."""

    def __init__(self, source: Path, index: Path, profile: str = "symphony-949") -> None:
        self.source, self.index, self.profile = source, index, profile
        self.notes: list[str] = []
        self.told: list[Progress] = []

    def __call__(self, until: Callable[[Progress], bool] = lambda _: False, **options: bool) -> ImportReport:
        self.notes.clear()
        self.told.clear()
        return import_file(
            self.source,
            self.index,
            self.profile,
            SETTINGS,
            progress=self.told.append,
            should_stop=lambda: bool(self.told) and until(self.told[-1]),
            note=self.notes.append,
            **options,
        )

    def stopped(self, until: Callable[[Progress], bool], **options: bool) -> str:
        with raises_told(ImportRefused, match="the same command goes on from there") as caught:
            self(until, **options)
        return told(caught.value.detail)


def content(index: Path) -> tuple[list[tuple[object, ...]], ...]:
    """Return all content that a look-up can use, independent of the order of import."""
    with contextlib.closing(sqlite3.connect(index)) as connection:
        return (
            connection.execute("SELECT key, part, raw FROM record ORDER BY key, part").fetchall(),
            connection.execute(
                "SELECT barcode, key, part, position FROM barcode JOIN record ON record.id = record ORDER BY 1, 2, 3, 4"
            ).fetchall(),
        )


def left_over(index: Path) -> list[str]:
    """Return the files beside the index that must not remain after an import."""
    kept = {"", ".lock", ".sources.json"}
    return [path.name for path in index.parent.glob(index.name + "*") if path.name[len(index.name) :] not in kept]


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("made") / "made.mrc"
    made.write(path, COUNT)
    return path


@pytest.fixture(autouse=True)
def small_transactions(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(unfinished_import, "_COMMIT_RECORDS", 150)
    monkeypatch.setattr(unfinished_import, "_COMMIT_BYTES", 150_000)


def test_the_made_catalog_is_what_it_says(source: Path, tmp_path: Path) -> None:
    """By the rule in its docstring, counted by hand: 1000 = 50 times 20, each with 23 items and 1 record without an
    item."""
    report = Run(source, tmp_path / "c.db")()
    assert (report.records, report.items, report.without_items) == (1000, 1150, 50)
    assert (report.rejected_count, report.repaired_count, report.duplicate_count) == (0, 0, 0)
    index = CatalogIndex(tmp_path / "c.db", "symphony-949", SETTINGS)
    assert index.size() == (950, 1150)
    for number in (*range(1, 20), 987, 999):
        found = index.find(made.barcode(number))  # type: ignore[arg-type]
        assert (found.record_id, found.title) == (f"syn{number:09d}", made.title(number))
    assert index.find(made.barcode(996, 1)).copy == "2"  # type: ignore[arg-type]
    index.close()


@pytest.mark.parametrize(
    ("old", "small"),
    [
        pytest.param(False, False, marks=pytest.mark.soak),
        pytest.param(False, True, marks=pytest.mark.soak),
        pytest.param(True, False, marks=pytest.mark.soak),
        (True, True),
    ],
)
def test_stopped_at_any_look_it_goes_on_and_ends_the_same(
    source: Path, tmp_path: Path, old: bool, small: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Stopped at every second look while it reads, then within the statements of each later phase."""
    monkeypatch.setattr("station.store.catalog_index.finish_import._STEPS", 100)
    if small:
        monkeypatch.setattr(unfinished_import, "_COMMIT_BYTES", 1 << 30)
    straight, broken = tmp_path / "straight.db", tmp_path / "broken.db"
    if old:
        other = tmp_path / "old.mrc"
        other.write_bytes(b"".join(made.record(number, edition=2) for number in range(950, 1051)))
        for index in (straight, broken):
            Run(other, index)()
    expected = Run(source, straight)()
    before = broken.read_bytes() if old else None
    run = Run(source, broken)
    for times in range(1, 6):
        said = run.stopped(lambda now, at=200 * times: now.records >= at)
        assert said.startswith(f"stopped after {200 * times} records")
        assert run.notes == ([f"going on after record {200 * (times - 1)}"] if times > 1 else [])
    for phase in ("sorting", "joining") if old else ("sorting",):
        for look in (1, 2, 40):
            run.stopped(lambda now, phase=phase, look=look: [one.phase for one in run.told].count(phase) >= look)
            assert run.notes[0].startswith("going on")
            assert (broken.read_bytes() if broken.exists() else None) == before
    assert run() == expected
    assert content(broken) == content(straight)
    assert left_over(broken) == []


def test_only_the_rest_is_read(source: Path, tmp_path: Path) -> None:
    run = Run(source, tmp_path / "c.db")
    said = run.stopped(lambda now: now.records >= 600)
    assert said.startswith("stopped after 600 records")
    state = unfinished(tmp_path / "c.db")
    assert isinstance(state, State)
    assert (state.number, state.name) == (600, "made.mrc")
    whole = source.read_bytes()
    assert whole[: state.offset].count(b"\x1d") == 600 and whole[state.offset - 1 : state.offset] == b"\x1d"
    seen = []
    taken = unfinished_import.UnfinishedImport._take

    def take(self: unfinished_import.UnfinishedImport, found: Taken) -> None:
        seen.append(found.number)
        taken(self, found)

    with patch.object(unfinished_import.UnfinishedImport, "_take", take):
        assert run().items == 1150
    assert run.notes == ["going on after record 600"]
    assert seen == list(range(601, COUNT + 1))
    assert run.told[0].resumed == state.offset
    assert unfinished(tmp_path / "c.db") is None


def as_xml(data: bytes) -> bytes:
    found = [one.data for one in marc.read(data) if isinstance(one, RawRecord)]
    records = b"".join(marc.marcxml.snippet(marc.parse(one)) for one in found)
    return b'<collection xmlns="http://www.loc.gov/MARC21/slim">' + records + b"</collection>"


def as_json(data: bytes) -> bytes:
    found = [marc.parse(one.data) for one in marc.read(data) if isinstance(one, RawRecord)]
    return b"[" + b",".join(record.as_json().encode() for record in found) + b"]"


@pytest.mark.parametrize("form", [as_xml, as_json])
def test_xml_and_json_go_on_too(tmp_path: Path, form: Callable[[bytes], bytes]) -> None:
    source = tmp_path / "made"
    source.write_bytes(form(b"".join(map(made.record, range(1, 301)))))
    if form is as_xml:
        assert len(parse_xml_to_array(str(source))) == 300
    expected = Run(source, tmp_path / "straight.db")()
    run = Run(source, tmp_path / "c.db")
    run.stopped(lambda now: now.records >= 200)
    assert run() == expected
    assert run.notes == ["going on after record 200"]
    assert (expected.records, expected.items) == (300, 15 * 23)
    assert content(tmp_path / "c.db") == content(tmp_path / "straight.db")


def test_bad_records_around_the_stop_are_counted_once(tmp_path: Path) -> None:
    pieces = [made.record(number) if number % 3 else b"junk %d\x1d" % number for number in range(1, 1001)]
    source = tmp_path / "bad.mrc"
    source.write_bytes(b"".join(pieces) + made.record(1001)[:80])
    expected = Run(source, tmp_path / "straight.db")()
    assert (expected.records, expected.rejected_count) == (667, 334)
    for at in (200, 400, 600, 999):  # 600 and 999 are bad records
        run = Run(source, tmp_path / f"{at}.db")
        run.stopped(lambda now, at=at: now.records >= at)
        assert run() == expected
        assert content(run.index) == content(tmp_path / "straight.db")


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ("other file", "of made.mrc is thrown away: it is of another file"),
        ("one byte", "it is of another file"),
        ("profile", "another profile"),
        ("version", "another version of the program"),
        ("damaged", "cannot be read"),
    ],
)
def test_another_file_profile_or_program_starts_anew_and_says_so(
    tmp_path: Path, change: str, why: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = tmp_path / "made.mrc"
    data = b"".join(map(made.record, range(1, 601)))
    own.write_bytes(data)
    run = Run(own, tmp_path / "c.db")
    run.stopped(lambda now: now.records >= 400)
    if change == "other file":
        run.source = tmp_path / "other.mrc"
        run.source.write_bytes(data[: len(data) // 2])
    elif change == "one byte":
        at = data.index(b"Invented")
        own.write_bytes(data[:at] + b"X" + data[at + 1 :])
    elif change == "profile":
        # made with another profile of the same name
        other = msgspec.structs.replace(profiles.load("symphony-949"), price="q")
        monkeypatch.setattr("station.store.catalog_index.import_file.profiles.load", lambda _: other)
    elif change == "version":
        monkeypatch.setattr(unfinished_import, "__version__", "999")
    else:
        half_path(run.index).write_bytes(b"SQLite format 3\0" + b"\xff" * 9000)
    run()
    assert len(run.notes) == 1
    assert why in run.notes[0]
    assert content(run.index)[0][0] == ("syn000000001", 1, run.source.read_bytes()[: int(run.source.read_bytes()[:5])])


def test_the_same_file_by_another_name_and_date_goes_on(source: Path, tmp_path: Path) -> None:
    run = Run(source, tmp_path / "c.db")
    run.stopped(lambda now: now.records >= 600)
    run.source = tmp_path / "copied.mrc"
    run.source.write_bytes(source.read_bytes())
    os.utime(run.source, (1, 1))
    assert run().items == 1150
    assert run.notes == ["going on after record 600"]


def test_begun_anew_where_asked_for(source: Path, tmp_path: Path) -> None:
    run = Run(source, tmp_path / "c.db")
    run.stopped(lambda now: now.records >= 600)
    assert run(resume=False).items == 1150
    assert run.notes == []
    assert run.told[0].resumed == 0


def test_a_failed_import_leaves_no_half(tmp_path: Path) -> None:
    source = tmp_path / "bad.mrc"
    source.write_bytes(b"junk\x1d" * 1000)
    with raises_told(ImportRefused, match="no usable record among 1000"):
        Run(source, tmp_path / "c.db")()
    assert left_over(tmp_path / "c.db") == []


@pytest.mark.parametrize("old", [pytest.param(False, marks=pytest.mark.soak), True])
def test_killed_at_any_moment(source: Path, tmp_path: Path, old: bool) -> None:
    """SIGKILL in every phase and at random moments: the old index stays byte for byte until the new one is complete."""
    index, straight = tmp_path / "c.db", tmp_path / "straight.db"
    if old:
        first = tmp_path / "old.mrc"
        first.write_bytes(b"".join(made.record(number, edition=2) for number in range(950, 1051)))
        Run(first, index)()
        Run(first, straight)()
    Run(source, straight)()
    before = index.read_bytes() if old else None
    chance = random.Random(4)
    goals = [
        "reading 200",
        "reading 400",
        "reading 800",
        "reading 1000",
        "sorting",
        "joining" if old else "sorting",
        "saving",
    ]
    kills = 0
    for goal in goals:
        child = started(source, index, commit=75)
        with child:
            assert child.stdout is not None
            reached = any(line.startswith(goal) for line in iter(child.stdout.readline, "") if line[0] != "{")
            if reached:
                time.sleep(chance.random() * 0.02)
            child.kill()
            assert child.wait() in (0, -signal.SIGKILL)
            kills += child.returncode != 0
        if (index.read_bytes() if index.exists() else None) != before:
            assert content(index) == content(straight)
    assert kills >= 4
    last = ended(started(source, index, commit=75))
    assert (last["records"], last["items"]) == (1000, 1150)
    assert content(index) == content(straight)
    assert left_over(index) == []


def test_killed_between_moving_and_tidying_up(source: Path, tmp_path: Path) -> None:
    """If the index of an unfinished import is already in place, the import is not resumed and not mentioned."""
    first = tmp_path / "old.mrc"
    first.write_bytes(made.record(COUNT + 1))
    run = Run(source, tmp_path / "c.db")
    Run(first, run.index)()
    with (
        patch("station.store.catalog_index.import_file.discard", side_effect=[None, None, KeyboardInterrupt, None]),
        pytest.raises(KeyboardInterrupt),
    ):
        run()
    assert CatalogIndex(run.index, "symphony-949", SETTINGS).size() == (951, 1152)
    assert half_path(run.index).exists()
    assert run().replaced == 950
    assert run.notes == []


def test_digest_of_what_was_read(tmp_path: Path) -> None:
    import hashlib

    data = random.Random(1).randbytes(20_000_000)
    path = tmp_path / "data"
    path.write_bytes(data)
    source = Source(path)
    while source.done < 19_000_000:
        source.read(262_144)
    at = source.done - 3_000_000
    assert source.digest_at(at) == hashlib.sha256(data[:at]).hexdigest()
    assert sum(map(len, source._waiting)) <= 9_000_000
    with pytest.raises(ValueError, match="not between"):
        source.digest_at(at - 1)
    assert source.digest() == hashlib.sha256(data).hexdigest()
    assert source.stands_behind(at, hashlib.sha256(data[:at]).hexdigest())
    assert source.read(5) == data[at : at + 5]
    assert not source.stands_behind(at, hashlib.sha256(data[: at - 1]).hexdigest())
    assert source.read(5) == data[:5]
    assert not source.stands_behind(len(data) + 1, "")
    source.close()
