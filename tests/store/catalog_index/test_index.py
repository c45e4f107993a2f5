"""The catalog index and its import: found, replaced, refused, stopped, killed."""

from __future__ import annotations

import gc
import os
import signal
import sqlite3
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from station.base.errors import (
    BarcodeAmbiguous,
    BarcodeUnknown,
    CatalogError,
    ImportRefused,
    IndexUnusable,
    StoreCorrupt,
    StoreFull,
    StoreIo,
    StoreReadOnly,
)
from station.base.settings import CatalogSettings
from station.catalog.sample import sample
from station.domain.item import Barcode
from station.store.catalog_index import import_file as catalog_import
from station.store.catalog_index.import_file import ImportReport, import_file
from station.store.catalog_index.index import CatalogIndex
from station.store.catalog_index.unfinished_import import LISTED
from station.store.catalog_index.walk import changed
from tests.support.told import raises_told, told

ROOT = Path(__file__).resolve().parents[3]
SETTINGS = CatalogSettings()
FIRST = Barcode(sample.numbered_barcode(1))


def run(path: Path, index: Path, profile: str = "symphony-949", *, replace: bool = False) -> ImportReport:
    report = import_file(path, index, profile, SETTINGS, replace=replace)
    assert changed(index) == ()
    return report


def index_of(path: Path, profile: str = "symphony-949") -> CatalogIndex:
    return CatalogIndex(path, profile, SETTINGS)


def content(path: Path) -> list[tuple[object, ...]]:
    connection = sqlite3.connect(path)
    try:
        return connection.execute(
            "SELECT barcode, key, position, raw FROM barcode JOIN record ON record.id = record ORDER BY 1, 2, 3"
        ).fetchall()
    finally:
        connection.close()


def book(record_id: str, *barcodes: str, title: str = "A book", status: str = "n") -> bytes:
    fields = [("001", record_id.encode())] if record_id else []
    fields.append(("245", b"00\x1fa" + title.encode()))
    fields += [("949", b"  \x1faQA76 .S73\x1fwLC\x1fi" + code.encode()) for code in barcodes]
    directory = body = b""
    for tag, data in fields:
        directory += b"%s%04d%05d" % (tag.encode(), len(data) + 1, len(body))
        body += data + b"\x1e"
    base = 24 + len(directory) + 1
    length = base + len(body) + 1
    return b"%05d%bam a22%05d i 4500" % (length, status.encode(), base) + directory + b"\x1e" + body + b"\x1d"


@pytest.fixture
def index(tmp_path: Path) -> Path:
    path = tmp_path / "first.mrc"
    path.write_bytes(sample.numbered(20))
    run(path, tmp_path / "catalog.db")
    return tmp_path / "catalog.db"


def written(tmp_path: Path, *records: bytes) -> Path:
    path = tmp_path / "next.mrc"
    path.write_bytes(b"".join(records))
    return path


def test_find(index: Path) -> None:
    catalog = index_of(index)
    assert catalog.find(FIRST).title == "Imaginary book number 1"
    assert catalog.size() == (20, 20)
    with raises_told(BarcodeUnknown, match="39999999999990"):
        catalog.find(Barcode("39999999999990"))
    catalog.close()
    assert told(catalog.find(FIRST).origin) == "catalog index"
    catalog.close()


def test_no_index_names_the_command(tmp_path: Path) -> None:
    catalog = index_of(tmp_path / "none.db")
    with raises_told(BarcodeUnknown, match="station catalog import"):
        catalog.find(FIRST)
    assert catalog.size() == (0, 0)
    assert not (tmp_path / "none.db").exists()


def test_genuine_file(shared: Path, tmp_path: Path) -> None:
    """500 records (docs/reference/systems.md#genuine-records); 756 barcodes: grep -c of the i subfields in the 949s of
    the file."""
    source = shared / "data" / "marc" / "evergreen_lul_fre_500.mrc"
    report = run(source, tmp_path / "c.db")
    assert (report.records, report.items, report.rejected_count) == (500, 756, 0)
    assert report.items == source.read_bytes().count(b"\x1fi30007")
    assert index_of(tmp_path / "c.db").find(Barcode("30007006033608")).record_id == "01-0211801"


def test_marcxml_is_kept_and_found(tmp_path: Path) -> None:
    xml = tmp_path / "one.xml"
    xml.write_text(
        '<collection xmlns="http://www.loc.gov/MARC21/slim"><record><leader>00000nam a2200000 i 4500</leader>'
        '<controlfield tag="001">x1</controlfield><datafield tag="245" ind1="0" ind2="0"><subfield code="a">Ça '
        '&amp; là</subfield></datafield><datafield tag="949" ind1=" " ind2=" "><subfield code="i">31234567890126'
        "</subfield></datafield></record></collection>",
        encoding="utf-8",
    )
    assert run(xml, tmp_path / "c.db").items == 1
    assert index_of(tmp_path / "c.db").find(Barcode("31234567890126")).title == "Ça & là"


def test_importing_again_changes_nothing(index: Path, tmp_path: Path) -> None:
    before = content(index)
    report = run(tmp_path / "first.mrc", index)
    assert (report.replaced, report.duplicate_count) == (20, 0)
    assert content(index) == before


def test_delta_replaces_by_record_and_keeps_the_rest(index: Path, tmp_path: Path) -> None:
    changed = book("imaginary-n000000001", "30000000000011", "30000000000022", title="Changed")
    report = run(written(tmp_path, changed), index)
    assert (report.records, report.items, report.replaced) == (1, 2, 1)
    catalog = index_of(index)
    assert catalog.find(Barcode("30000000000022")).title == "Changed"
    with pytest.raises(BarcodeUnknown):
        catalog.find(FIRST)
    assert catalog.find(Barcode(sample.numbered_barcode(2))).title == "Imaginary book number 2"
    assert catalog.size() == (20, 21)


def test_barcode_moves_to_the_newer_record(index: Path, tmp_path: Path) -> None:
    report = run(written(tmp_path, book("new", FIRST, title="Merged")), index)
    assert report.duplicate_count == 0
    assert index_of(index).find(FIRST).title == "Merged"


def test_a_record_without_a_number_is_replaced_in_whatever_character_set_it_is_read(tmp_path: Path) -> None:
    """Alone, F1 in "Mu.oz" is ñ or an accent of MARC-8; beside a record in Windows-1252 it is ñ. Without 001 the content
    is the key, and the index marks in leader/09 what it read like its file."""
    unclear = book("", "31999000000014", title="Mu~oz").replace(b"~", b"\xf1")
    clear = book("", "31999000000022", title="Andr~ Dupr~ ").replace(b"~", b"\xe9")
    index = tmp_path / "catalog.db"
    run(written(tmp_path, unclear), index)
    assert index_of(index).find(Barcode("31999000000014")).title == "Mu\ufffdoz"
    assert run(written(tmp_path, unclear, clear), index).replaced == 1
    assert index_of(index).find(Barcode("31999000000014")).title == "Muñoz"
    assert len(content(index)) == 2


def test_record_deleted_by_its_leader(index: Path, tmp_path: Path) -> None:
    report = run(written(tmp_path, book("imaginary-n000000001", status="d")), index)
    assert (report.deleted, report.items) == (1, 0)
    with pytest.raises(BarcodeUnknown):
        index_of(index).find(FIRST)


def test_record_that_lost_its_items_goes(index: Path, tmp_path: Path) -> None:
    assert run(written(tmp_path, book("imaginary-n000000001")), index).without_items == 1
    with pytest.raises(BarcodeUnknown):
        index_of(index).find(FIRST)


def test_replace_starts_anew(index: Path, tmp_path: Path) -> None:
    run(written(tmp_path, book("only", "30000000000011")), index, replace=True)
    assert index_of(index).size() == (1, 1)


@pytest.mark.parametrize(
    ("records", "named", "said"),
    [
        ((book("a", "30000000000011"), book("b", "30000000000011")), ("a", "b"), "records a and b"),
        ((book("a", "30000000000011", "30000000000011"),), ("a", "a"), "in record a twice"),
        ((book("a", "30000000000011"), book("a", "30000000000011", title="Other")), ("a", "a#2"), "records a and a#2"),
    ],
)
def test_duplicate_barcode_is_reported_and_never_guessed(
    tmp_path: Path, records: tuple[bytes, ...], named: tuple[str, str], said: str
) -> None:
    report = run(written(tmp_path, *records, book("z", "30000000000022")), tmp_path / "c.db")
    assert [(one.barcode, one.records) for one in report.duplicates] == [("30000000000011", named)]
    assert report.duplicate_count == 1
    catalog = index_of(tmp_path / "c.db")
    with raises_told(BarcodeAmbiguous, match=said):
        catalog.find(Barcode("30000000000011"))
    assert catalog.find(Barcode("30000000000022")).record_id == "z"
    assert issubclass(BarcodeAmbiguous, CatalogError)


def test_the_same_record_twice_is_one(tmp_path: Path) -> None:
    for record in (book("a", "30000000000011"), book("", "30000000000011")):
        report = run(written(tmp_path, record, record), tmp_path / "c.db", replace=True)
        assert (report.items, report.duplicate_count) == (1, 0)


def test_a_later_import_ends_the_ambiguity(tmp_path: Path) -> None:
    run(written(tmp_path, book("a", "30000000000011"), book("b", "30000000000011")), tmp_path / "c.db")
    run(written(tmp_path, book("b", "30000000000011", title="Right")), tmp_path / "c.db")
    assert index_of(tmp_path / "c.db").find(Barcode("30000000000011")).title == "Right"


def test_rejected_records_are_named_and_the_rest_is_imported(tmp_path: Path) -> None:
    good = book("a", "30000000000011")
    report = run(
        written(tmp_path, good, good[:40] + b"\x1d", book("b", "30000000000022"), good[:60]), tmp_path / "c.db"
    )
    assert (report.records, report.rejected_count) == (2, 2)
    assert [(one.number, bool(one.reason)) for one in report.rejected] == [(2, True), (4, True)]


def test_lists_in_the_report_are_bounded(tmp_path: Path) -> None:
    report = run(written(tmp_path, book("a", "30000000000011"), b"junk\x1d" * 1000), tmp_path / "c.db")
    assert report.rejected_count == 1000
    assert len(report.rejected) == LISTED


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "empty"),
        (b"5f0c77" * 20, "neither|no usable record"),
        (b"\x1f\x8b\x08" + b"x" * 99, "gzip"),
        (b"\x00\xff\x1e\x1d" * 500, "no usable record among 500"),
        (book("a"), "none of its 1 records has an item"),
        (b"<html><body>Log in</body></html>", "no usable record"),
        (b"<collection>", "broken XML"),
        (sample.numbered(1)[:100], "no usable record among 1: the file ends in the middle"),
    ],
)
def test_useless_files_are_refused_and_nothing_changes(index: Path, tmp_path: Path, data: bytes, said: str) -> None:
    before = index.read_bytes()
    with raises_told(ImportRefused, match=said) as caught:
        run(written(tmp_path, data), index)
    assert "next.mrc" in told(caught.value.detail)
    assert index.read_bytes() == before
    assert not list(tmp_path.glob("*.importing"))


def test_missing_source(index: Path, tmp_path: Path) -> None:
    with raises_told(ImportRefused, match="No such file"):
        run(tmp_path / "nowhere.mrc", index)
    with raises_told(ImportRefused, match="directory"):
        run(tmp_path, index)


def test_stopping_leaves_the_old_index(index: Path, tmp_path: Path) -> None:
    before = index.read_bytes()
    source = written(tmp_path, sample.numbered(700))
    seen: list[tuple[int, int]] = []
    with raises_told(ImportRefused, match="stopped after 400"):
        import_file(
            source,
            index,
            "symphony-949",
            SETTINGS,
            progress=lambda progress: seen.append((progress.done, progress.total)),
            should_stop=lambda: len(seen) >= 2,
        )
    assert index.read_bytes() == before
    assert all(0 < done <= total == source.stat().st_size for done, total in seen)


CHILD = """
import sys
from pathlib import Path
from station.base.settings import CatalogSettings
from station.store.catalog_index.import_file import import_file
def progress(now):
    print(now.records, flush=True)
    sys.stdin.readline()
import_file(Path(sys.argv[1]), Path(sys.argv[2]), "symphony-949", CatalogSettings(), progress=progress)
"""


def test_killed_in_the_middle_leaves_the_old_index_and_the_next_import_works(index: Path, tmp_path: Path) -> None:
    before = index.read_bytes()
    source = written(tmp_path, sample.numbered(700))
    child = subprocess.Popen(
        [sys.executable, "-c", CHILD, str(source), str(index)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=ROOT
    )
    assert child.stdin is not None
    assert child.stdout is not None
    try:
        assert int(child.stdout.readline()) > 0  # the child is in the middle of its import
        assert list(tmp_path.glob("*.importing"))
        with raises_told(ImportRefused, match="another import"):
            run(source, index)
    finally:
        child.send_signal(signal.SIGKILL)
        child.wait()
        child.stdin.close()
        child.stdout.close()
    assert index.read_bytes() == before
    assert index_of(index).find(FIRST).title == "Imaginary book number 1"
    assert run(source, index).items == 700
    assert not list(tmp_path.glob("*.importing"))


def test_a_failing_disk_leaves_the_old_index(index: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import errno

    before = index.read_bytes()
    source = written(tmp_path, sample.numbered(3))
    for number, wanted in ((errno.ENOSPC, StoreFull), (errno.EROFS, StoreReadOnly), (errno.EIO, StoreIo)):

        def fail(_: Path, number: int = number) -> None:
            raise OSError(number, os.strerror(number))

        monkeypatch.setattr(catalog_import, "sync_file", fail)
        with pytest.raises(wanted):
            run(source, index)
        assert index.read_bytes() == before
        assert not list(tmp_path.glob("*.importing"))


def test_an_open_index_sees_the_next_import(index: Path, tmp_path: Path) -> None:
    catalog = index_of(index)
    assert catalog.find(FIRST).title == "Imaginary book number 1"
    run(written(tmp_path, book("imaginary-n000000001", FIRST, title="Later")), index)
    assert catalog.find(FIRST).title == "Later"
    index.unlink()
    with raises_told(BarcodeUnknown, match="there is no catalog index"):
        catalog.find(FIRST)


def test_another_profile_is_named(index: Path, tmp_path: Path) -> None:
    with raises_told(IndexUnusable, match="symphony-949.*koha-952"):
        index_of(index, "koha-952").find(FIRST)
    with raises_told(IndexUnusable, match="symphony-949, not koha-952"):
        run(tmp_path / "first.mrc", index, "koha-952")


@pytest.mark.parametrize("damage", ["empty", "text", "foreign", "newer", "torn"])
def test_unusable_index(index: Path, tmp_path: Path, damage: str) -> None:
    data = index.read_bytes()
    if damage == "empty":
        index.write_bytes(b"")
    elif damage == "text":
        index.write_bytes(b"hello" * 1000)
    elif damage == "torn":
        index.write_bytes(data[:4096] + b"\xff" * (len(data) - 4096))
    else:
        connection = sqlite3.connect(index)
        connection.execute("PRAGMA application_id=1" if damage == "foreign" else "PRAGMA user_version=99")
        connection.close()
    with raises_told(IndexUnusable, match="import"):
        index_of(index).find(FIRST)
    with pytest.raises((IndexUnusable, StoreCorrupt)):
        run(tmp_path / "first.mrc", index)
    assert run(tmp_path / "first.mrc", index, replace=True).items == 20
    assert index_of(index).find(FIRST).record_id == "imaginary-n000000001"


def test_an_index_that_nobody_closed_keeps_no_file_open(index: Path) -> None:
    """SQLite's connection warns of itself otherwise, in the middle of a later command's output (Python 3.13)."""
    catalog = index_of(index)
    catalog.find(FIRST)
    connection = catalog._connection
    assert connection is not None
    del catalog
    gc.collect()
    with pytest.raises(sqlite3.ProgrammingError, match="closed"):
        connection.execute("SELECT 1")


def test_many_threads(index: Path) -> None:
    catalog = index_of(index)
    wrong: list[object] = []

    def look(start: int) -> None:
        for number in range(200):
            which = (start + number) % 20 + 1
            found = catalog.find(Barcode(sample.numbered_barcode(which)))
            if found.title != f"Imaginary book number {which}":
                wrong.append(found)

    threads = [threading.Thread(target=look, args=(start,)) for start in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


@given(st.lists(st.tuples(st.sampled_from("abc"), st.lists(st.sampled_from("123"), max_size=3)), max_size=6))
def test_like_a_dictionary(tmp_path_factory: pytest.TempPathFactory, steps: list[tuple[str, list[str]]]) -> None:
    """With one record per file, the index behaves like two dictionaries."""
    place = tmp_path_factory.mktemp("model")
    index = place / "c.db"
    run(written(place, book("base", "base")), index)
    model: dict[str, list[str]] = {}
    for key, codes in steps:
        for other in model.values():
            other[:] = [code for code in other if code not in codes]
        known = key in model
        model[key] = list(codes)
        if not codes and not known:
            del model[key]
            with pytest.raises(ImportRefused):
                run(written(place, book(key)), index)
            continue
        try:
            run(written(place, book(key, *codes)), index)
        except ImportRefused:
            assert not codes
        if not codes:
            model.pop(key)
    catalog = index_of(index)
    for code in "123":
        owners = [key for key, codes in model.items() for one in codes if one == code]
        if not owners:
            with pytest.raises(BarcodeUnknown):
                catalog.find(Barcode(code))
        elif len(owners) > 1:
            with pytest.raises(BarcodeAmbiguous):
                catalog.find(Barcode(code))
        else:
            assert catalog.find(Barcode(code)).record_id == owners[0]
    catalog.close()
