"""Records that an import cannot read: their barcodes are kept, listed, and reported by a later scan."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from pymarc import Field, Indicators, Leader, Record, Subfield, record_to_xml

from station.base.errors import BarcodeUnknown, RecordUnreadable
from station.catalog.record.profiles import load
from station.catalog.record.salvage import MOST, barcodes_in
from station.catalog.sample import sample
from station.domain.item import Barcode
from station.store.catalog_index.import_file import ImportReport
from station.store.catalog_index.rebuild import rebuild
from station.store.catalog_index.walk import changed
from tests.store.catalog_index.test_index import SETTINGS, book, index_of, run
from tests.support.for_each import for_each
from tests.support.told import raises_told

ONE, TWO, THREE = (Barcode(sample.numbered_barcode(number)) for number in (1, 2, 3))


def broken(*barcodes: str) -> bytes:
    """Return a record whose directory has no multiple of 12 bytes."""
    whole = book("b1", *barcodes)
    return whole[:30] + whole[31:]


def imported(folder: Path, *records: bytes, name: str = "in.mrc", replace: bool = False) -> ImportReport:
    (folder / name).write_bytes(b"".join(records))
    return run(folder / name, folder / "catalog.db", replace=replace)


def rows(report: ImportReport) -> list[list[str]]:
    with Path(report.rejected_file).open(encoding="utf-8", newline="") as file:
        return list(csv.reader(file))


def test_a_scan_of_a_rejected_records_barcode_says_so(tmp_path: Path) -> None:
    report = imported(tmp_path, book("a1", ONE), broken(TWO, THREE))
    assert (report.items, report.rejected_count, report.unread_count) == (1, 1, 2)
    assert [one.barcodes for one in report.rejected] == [(TWO, THREE)]
    index = index_of(tmp_path / "catalog.db")
    with raises_told(RecordUnreadable, match=f"{TWO} is in record 2 of in.mrc"):
        index.find(TWO)
    with pytest.raises(BarcodeUnknown):
        index.find(Barcode(sample.numbered_barcode(4)))
    assert index.find(ONE).barcode == ONE


def test_the_list_names_position_reason_and_each_barcode(tmp_path: Path) -> None:
    report = imported(tmp_path, book("a1", ONE), broken(TWO, THREE), b"=junk \x1b[2J")
    head, *found = rows(report)
    assert head == ["record", "byte", "reason", "barcode"]
    place = str(len(book("a1", ONE)))
    assert [(row[0], row[1], row[3]) for row in found[:2]] == [("2", place, TWO), ("2", place, THREE)]
    assert "multiple of 12" in found[0][2]
    assert found[2][0] == "3"
    assert Path(report.rejected_file) == tmp_path / "rejected" / "in.mrc.csv"


def test_a_barcode_in_another_record_of_the_file_is_not_missing(tmp_path: Path) -> None:
    report = imported(tmp_path, broken(ONE), book("a1", ONE), broken(TWO))
    assert (report.rejected_count, report.unread_count) == (2, 1)
    assert [row[3] for row in rows(report)[1:]] == ["", TWO]


def test_a_later_import_of_the_corrected_record_ends_it(tmp_path: Path) -> None:
    imported(tmp_path, book("a1", ONE), broken(TWO))
    delta = imported(tmp_path, book("c3", THREE), name="delta.mrc")
    assert delta.rejected_file == ""
    index = index_of(tmp_path / "catalog.db")
    with raises_told(RecordUnreadable, match="in.mrc"):
        index.find(TWO)
    report = imported(tmp_path, book("b1", TWO), broken(THREE), name="corrected.mrc")
    assert report.rejected_count == 1
    assert index.find(TWO).barcode == TWO
    assert index.find(THREE).barcode == THREE, "the record of an earlier import stays"


def test_an_import_that_replaces_every_record_does_not_lose_them(tmp_path: Path) -> None:
    imported(tmp_path, book("a1", ONE), broken(TWO))
    imported(tmp_path, book("a1", ONE, THREE), name="again.mrc")
    with pytest.raises(RecordUnreadable):
        index_of(tmp_path / "catalog.db").find(TWO)


def test_a_corrected_file_of_the_same_name_removes_the_list(tmp_path: Path) -> None:
    first = imported(tmp_path, book("a1", ONE), broken(TWO))
    assert Path(first.rejected_file).exists()
    imported(tmp_path, book("a1", ONE), book("b1", TWO))
    assert not Path(first.rejected_file).exists()


def test_an_index_made_again_of_its_files_keeps_them(tmp_path: Path) -> None:
    imported(tmp_path, book("a1", ONE), broken(TWO))
    rebuild(tmp_path / "catalog.db", "symphony-949", SETTINGS)
    with pytest.raises(RecordUnreadable):
        index_of(tmp_path / "catalog.db").find(TWO)
    assert changed(tmp_path / "catalog.db") == ()


def record(*barcodes: str) -> Record:
    found = Record()
    found.leader = Leader("00000nam a2200000 i 4500")
    found.add_field(Field("020", Indicators(" ", " "), [Subfield("i", "9780306406157")]))
    found.add_field(
        *(Field("949", Indicators(" ", " "), [Subfield("i", one), Subfield("a", "QA")]) for one in barcodes)
    )
    return found


@for_each(
    "spoiled",
    [
        lambda: record(ONE, TWO).as_marc()[:-12],
        lambda: record(ONE, TWO).as_marc().replace(b"949", b"\x00\x01\x02", 1),
        lambda: record_to_xml(record(ONE, TWO)).replace(b"</datafield>", b"", 1),
        lambda: record_to_xml(record(ONE, TWO))[:-20],
        lambda: json.dumps(record(ONE, TWO).as_dict()).encode()[:-20],
        lambda: json.dumps(record(ONE, TWO).as_dict(), indent=2).replace("949", "94\u0149").encode(),
    ],
)
def test_barcodes_are_found_in_every_format(spoiled: Callable[[], bytes]) -> None:
    assert set(barcodes_in(spoiled(), load("symphony-949"))) <= {ONE, TWO}
    assert barcodes_in(spoiled(), load("symphony-949"))


@for_each(
    "data", [b"", b"\x1e", b"\x1f" * 100, b"<" * 10_000, b'{"' * 10_000, b"[" + b'"i":"' * 10_000, b"\xff\xfe" * 100]
)
def test_hostile_bytes_have_no_barcodes(data: bytes) -> None:
    assert barcodes_in(data, load("symphony-949")) == ()


def test_a_record_of_endless_barcodes_is_bounded() -> None:
    data = b"x" * 30 + b"".join(b"\x1e  \x1fi3%013d" % number for number in range(MOST + 10))
    assert len(barcodes_in(data, load("symphony-949"))) == MOST
