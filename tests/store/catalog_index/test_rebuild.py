"""The index deleted and rebuilt, the effect of a later record of a file on an earlier one, and the reports."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from benchmarks import catalog_records as made
from station.base.errors import BarcodeUnknown, ImportRefused, IndexUnusable
from station.base.settings import CatalogSettings
from station.cli import station
from station.cli.admin.settings_file import template
from station.cli.shared.progress import ProgressLine
from station.store.catalog_index import unfinished_import
from station.store.catalog_index.import_file import import_file
from station.store.catalog_index.index import CatalogIndex, sources_of, sources_path
from station.store.catalog_index.rebuild import rebuild, remembered
from station.store.catalog_index.unfinished_import import Progress
from station.store.catalog_index.walk import changed
from tests.conftest import FakeClock
from tests.store.catalog_index.test_index import book, run
from tests.store.catalog_index.test_unfinished_import import content, left_over
from tests.support.told import raises_told, told

SETTINGS = CatalogSettings()


@pytest.fixture
def files(tmp_path: Path) -> list[Path]:
    """A first export and two deltas: 40 records, 3 changed and 1 new, 2 deleted."""
    records = (
        [made.record(number) for number in range(1, 41)],
        [made.record(number, edition=2) for number in (7, 8, 9, 41)],
        [made.record(number, deleted=True) for number in (8, 12)],
    )
    paths = [tmp_path / f"{name}.mrc" for name in ("first", "second", "third")]
    for path, some in zip(paths, records, strict=True):
        path.write_bytes(b"".join(some))
    return paths


@pytest.fixture
def index(files: list[Path], tmp_path: Path) -> Path:
    for path in files:
        run(path, tmp_path / "catalog.db")
    return tmp_path / "catalog.db"


def found(index: Path, number: int) -> str:
    catalog = CatalogIndex(index, "symphony-949", SETTINGS)
    try:
        return catalog.find(made.barcode(number)).title  # type: ignore[arg-type]
    finally:
        catalog.close()


def test_deltas(index: Path) -> None:
    """Counted by hand: 38 records with items + 1 new - 2; items 46 + 2 (record 41 has two) - 2."""
    assert CatalogIndex(index, "symphony-949", SETTINGS).size() == (37, 46)
    assert found(index, 7) == made.title(7, 2)
    assert found(index, 10 + 1) == made.title(11)
    for number in (8, 12):
        with pytest.raises(BarcodeUnknown):
            found(index, number)


def test_the_index_remembers_its_files(index: Path, files: list[Path]) -> None:
    import hashlib

    sources = sources_of(index)
    assert [(one.name, one.path, one.size) for one in sources] == [(p.name, str(p), p.stat().st_size) for p in files]
    assert [one.sha256 for one in sources] == [hashlib.sha256(path.read_bytes()).hexdigest() for path in files]
    assert [(one.records, one.items) for one in sources] == [(40, 46), (4, 5), (2, 0)]
    assert len({one.token for one in sources}) == 3
    assert remembered(index) == sources
    run(files[0], index, replace=True)
    assert [one.name for one in sources_of(index)] == ["first.mrc"]


def test_a_whole_export_again_needs_nothing_of_before(index: Path, tmp_path: Path) -> None:
    whole = tmp_path / "whole.mrc"
    whole.write_bytes(b"".join(made.record(number) for number in range(1, 42)))
    assert run(whole, index).replaced == 37
    assert [one.name for one in sources_of(index)] == ["whole.mrc"]
    run(whole, tmp_path / "straight.db")
    assert content(index) == content(tmp_path / "straight.db")


def test_thrown_away_and_rebuilt(index: Path) -> None:
    before, sources = content(index), sources_of(index)
    index.unlink()
    assert remembered(index) == sources
    reports = rebuild(index, "symphony-949", SETTINGS)
    assert [(one.source, one.records, one.replaced, one.deleted) for one in reports] == [
        ("first.mrc", 40, 0, 0),
        ("second.mrc", 4, 3, 0),
        ("third.mrc", 2, 0, 2),
    ]
    assert content(index) == before
    assert left_over(index) == []
    assert json.loads(sources_path(index).read_bytes())[2]["name"] == "third.mrc"


def test_a_damaged_index_is_rebuilt(index: Path) -> None:
    before = content(index)
    index.write_bytes(b"\xff" * 50_000)
    with pytest.raises(IndexUnusable):
        sources_of(index)
    rebuild(index, "symphony-949", SETTINGS)
    assert content(index) == before


def test_files_that_moved_are_found_and_others_are_named(index: Path, files: list[Path], tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    before = index.read_bytes()
    files[0].rename(elsewhere / "first.mrc")
    files[1].write_bytes(files[1].read_bytes().replace(b"edition 2", b"edition 3"))
    with pytest.raises(ImportRefused) as caught:
        rebuild(index, "symphony-949", SETTINGS)
    assert "of 3 files: first.mrc" in told(caught.value.detail)
    assert "is not there; second.mrc" in told(caught.value.detail)
    assert told(caught.value.detail).endswith("has changed")
    assert index.read_bytes() == before
    (elsewhere / "second.mrc").write_bytes(files[1].read_bytes().replace(b"edition 3", b"edition 2"))
    assert len(rebuild(index, "symphony-949", SETTINGS, places=[elsewhere])) == 3
    assert found(index, 7) == made.title(7, 2)


def test_a_stopped_rebuild_goes_on(index: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(unfinished_import, "EVERY", 2)
    before, bytes_before = content(index), index.read_bytes()
    told: list[Progress] = []
    with raises_told(ImportRefused, match="stopped after 2 records"):
        rebuild(
            index,
            "symphony-949",
            SETTINGS,
            progress=told.append,
            should_stop=lambda: told[-1].total < 10_000,  # the second file is the first small one
        )
    assert index.read_bytes() == bytes_before
    notes: list[str] = []
    reports = rebuild(index, "symphony-949", SETTINGS, note=notes.append)
    assert [one.source for one in reports] == ["second.mrc", "third.mrc"]
    assert "going on after file 1 of 3" in notes
    assert "going on after record 2" in notes
    assert content(index) == before
    assert left_over(index) == []


def test_nothing_to_rebuild_from(tmp_path: Path) -> None:
    with raises_told(ImportRefused, match="station catalog import"):
        rebuild(tmp_path / "none.db", "symphony-949", SETTINGS)
    assert list(tmp_path.iterdir()) == []


# --- one file that has a record twice ---------------------------------------------------------------------------------


def test_deleted_after_it_came_in_the_same_file(tmp_path: Path) -> None:
    path = tmp_path / "a.mrc"
    path.write_bytes(book("a", "1") + book("b", "2") + book("a", status="d"))
    report = run(path, tmp_path / "c.db")
    assert (report.records, report.items, report.deleted) == (3, 1, 1)
    assert CatalogIndex(tmp_path / "c.db", "symphony-949", SETTINGS).size() == (1, 1)


def test_deleted_before_it_came_back_in_the_same_file(tmp_path: Path) -> None:
    path = tmp_path / "a.mrc"
    path.write_bytes(book("a", "1", title="Old"))
    run(path, tmp_path / "c.db")
    path.write_bytes(book("a", status="d") + book("a", "2", title="New"))
    report = run(path, tmp_path / "c.db")
    assert (report.items, report.deleted) == (1, 1)
    assert [row[0] for row in content(tmp_path / "c.db")[1]] == ["2"]


def test_a_split_record_is_replaced_with_all_its_parts(tmp_path: Path) -> None:
    path = tmp_path / "a.mrc"
    second = book("a", "2", title="More").replace(b".S73", b".S74")
    path.write_bytes(book("a", "1") + second + book("z", "9"))
    run(path, tmp_path / "c.db")
    assert [row[:2] for row in content(tmp_path / "c.db")[0]] == [("a", 1), ("a", 2), ("z", 1)]
    assert changed(tmp_path / "c.db") == ()
    path.write_bytes(book("a", "1", title="Whole"))
    assert run(path, tmp_path / "c.db").replaced == 2
    assert [row[0] for row in content(tmp_path / "c.db")[1]] == ["1", "9"]


def test_one_001_in_every_record(tmp_path: Path) -> None:
    """Some exports have the same text in every 001: no record is lost, and the time does not grow with the square of
    the count."""
    path = tmp_path / "a.mrc"
    path.write_bytes(b"".join(book("ocm", str(number), title=f"Book {number % 500}") for number in range(3000)) * 2)
    report = run(path, tmp_path / "c.db")
    assert (report.records, report.items, report.duplicate_count) == (6000, 3000, 0)
    assert max(row[1] for row in content(tmp_path / "c.db")[0]) == 3000


# --- the command line -------------------------------------------------------------------------------------------------


@pytest.fixture
def data(tmp_path: Path) -> Path:
    data = tmp_path / "data"
    data.mkdir()
    (data / "station.toml").write_text(template(**{"library.isil": "US-ImagCC"}), encoding="utf-8")
    return data


def call(data: Path, *words: str) -> Result:
    return CliRunner().invoke(station, ["catalog", *words, "--data", str(data)], prog_name="station")


def test_import_stopped_shown_gone_on_with_and_rebuilt(
    data: Path, files: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    import contextlib
    from collections.abc import Callable, Iterator

    @contextlib.contextmanager
    def stop() -> Iterator[Callable[[], bool]]:
        yield lambda: True

    monkeypatch.setattr(unfinished_import, "EVERY", 10)
    with monkeypatch.context() as patched:
        patched.setattr("station.cli.catalog.group.stoppable", stop)
        stopped = call(data, "import", str(files[0]))
    assert stopped.exit_code == 31
    assert "Stopped after 10 records; the same command goes on from there" in stopped.stderr
    shown = call(data, "show")
    assert "unfinished: first.mrc, 10 records" in shown.stdout
    value = json.loads(call(data, "show", "--json").stdout)
    assert value["unfinished"]["records"] == 10
    went_on = call(data, "import", str(files[0]))
    assert went_on.exit_code == 0
    assert "going on after record 10" in went_on.stderr
    assert "46 items in 40 records" in went_on.stdout
    assert "made of: first.mrc, 46 items in 40 records" in call(data, "show").stdout
    (data / "catalog.db").unlink()
    rebuilt = call(data, "rebuild", "--json")
    assert [one["items"] for one in json.loads(rebuilt.stdout)] == [46]
    files[0].unlink()
    refused = call(data, "rebuild", "--from", str(data))
    assert refused.exit_code == 31
    assert "first.mrc" in refused.stderr


def test_the_meter_says_records_bytes_rate_and_rest() -> None:
    clock = FakeClock()
    progress = ProgressLine(clock, 10.0)

    def now(records: int, done: int, phase: str = "reading") -> str:
        return progress.line(Progress(phase=phase, records=records, done=done, total=10_000_000))  # type: ignore[arg-type]

    assert now(200, 1_000_000) == "Reading: 200 records, 1.0 of 10.0 MB (10%)"
    clock.seconds += 9
    assert now(300, 2_000_000) == ""
    clock.seconds += 1
    assert now(1200, 3_000_000) == "Reading: 1,200 records, 3.0 of 10.0 MB (30%), 100 a second, 35 s left"
    assert now(2000, 10_000_000, "sorting") == "Sorting: 2,000 records"
    assert now(2000, 10_000_000, "saving") == "Saving: 2,000 records"
    assert now(100, 1_000_000) == "Reading: 100 records, 1.0 of 10.0 MB (10%)"  # the next file


def test_the_lock_is_for_one(index: Path, files: list[Path]) -> None:
    told: list[str] = []

    def again(_: Progress) -> None:
        with raises_told(ImportRefused, match="another import"):
            import_file(files[1], index, "symphony-949", SETTINGS)
        told.append("refused")

    import_file(files[1], index, "symphony-949", SETTINGS, progress=again)
    assert told
