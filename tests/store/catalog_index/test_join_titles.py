"""Holdings records get their titles by 004, in any order, within a file or over two."""

from __future__ import annotations

import contextlib
import sqlite3
from itertools import permutations
from pathlib import Path

import pytest
from pymarc import Field, Indicators, Leader, Record, Subfield

from station.base.errors import ImportRefused, RecordUnreadable
from station.base.settings import Barcodes, CatalogSettings
from station.catalog.marc import marc
from station.catalog.marc.marc import RawRecord
from station.catalog.record import profiles
from station.catalog.record.record import record_id
from station.catalog.sample.sample import numbered_barcode
from station.domain.item import Barcode
from station.domain.ports import Wanted
from station.store.catalog_index import join_titles, unfinished_import
from station.store.catalog_index.import_file import ImportReport, import_file
from station.store.catalog_index.index import CatalogIndex
from station.store.catalog_index.plausible import Expected
from station.store.catalog_index.rebuild import rebuild
from station.store.catalog_index.unfinished_import import Progress, Untitled
from station.store.catalog_index.walk import changed
from tests.support.told import raises_told

SETTINGS = CatalogSettings()
MFHD = "mfhd-852"
ITEMS = [numbered_barcode(number) for number in range(1, 31)]


def record(kind: str, *fields: Field) -> bytes:
    made = Record()
    made.leader = Leader(f"00000n{kind} a2200000   4500")
    made.add_field(*fields)
    return bytes(made.as_marc())


def data(tag: str, *subfields: str, indicators: str = "  ") -> Field:
    return Field(tag, Indicators(*indicators), [Subfield(one[0], one[1:]) for one in subfields])


def title(number: int, name: str = "", *more: Field) -> bytes:
    named = data("245", f"a{name or f'Title {number}'}", indicators="00")
    return record("am", Field("001", data=str(number)), named, *more)


def holdings(number: int, of: int, barcode: str, *more: Field) -> bytes:
    """Return a holdings record. Its 001 is the number that a title may have, too, as in Voyager."""
    shelf = data("852", "bMAIN", "cSTACKS", f"hQA{100 + number}", "i.A1", indicators="0 ")
    fields = [Field("001", data=str(number)), *([Field("004", data=str(of))] if of else [])]
    return record("x ", *fields, shelf, data("876", f"p{barcode}"), *more)


def written(path: Path, *records: bytes) -> Path:
    path.write_bytes(b"".join(records))
    return path


def run(index: Path, *files: Path, profile: str = MFHD, few_items: bool = False) -> ImportReport:
    expected = Expected(Barcodes(), few_items=few_items)
    return import_file(files[0], index, profile, SETTINGS, others=files[1:], expected=expected)


def titles(index: Path, barcodes: list[str] = ITEMS) -> list[str]:
    catalog = CatalogIndex(index, MFHD, SETTINGS)
    with contextlib.closing(catalog):
        return [catalog.find(Barcode(barcode)).title for barcode in barcodes]


@pytest.fixture
def index(tmp_path: Path) -> Path:
    return tmp_path / "catalog.db"


TITLES = [title(number) for number in range(1, 31)]
HOLDINGS = [holdings(31 - number, number, barcode) for number, barcode in enumerate(ITEMS, 1)]
"""The 001 of each holdings record is that of another title."""
NAMES = [f"Title {number}" for number in range(1, 31)]


@pytest.mark.parametrize(
    "records",
    [
        [*TITLES, *HOLDINGS],
        [*HOLDINGS, *TITLES],
        [one for pair in zip(HOLDINGS, reversed(TITLES), strict=True) for one in pair],
    ],
    ids=["titles-first", "holdings-first", "mixed"],
)
def test_every_item_has_the_title_of_its_holdings_whatever_the_order(records: list[bytes], index: Path) -> None:
    report = run(index, written(index.with_name("all.mrc"), *records))
    assert (report.records, report.items, report.joined, report.untitled_count) == (60, 30, 30, 0)
    assert report.without_items == 0
    assert titles(index) == NAMES
    assert changed(index) == ()


def test_titles_and_holdings_in_two_files_are_joined_and_rebuilt_together(index: Path) -> None:
    bibs = written(index.with_name("bibs.mrc"), *TITLES)
    held = written(index.with_name("holdings.mrc"), *HOLDINGS)
    for files in permutations((bibs, held)):
        report = import_file(files[0], index, MFHD, SETTINGS, others=files[1:], replace=True)
        assert (report.source, report.joined) == (", ".join(file.name for file in files), 30)
        assert titles(index) == NAMES
    (again,) = rebuild(index, MFHD, SETTINGS, barcodes=Barcodes())
    assert again.joined == 30
    assert titles(index) == NAMES


def test_a_joined_item_has_the_number_of_its_own_holdings_and_is_found_by_its_title(index: Path) -> None:
    stub = data("852", "bOTHER", "hZ1", indicators="0 ")
    bib = title(7, "Niñas de Ōsaka", data("020", "a9780306406157"), stub, data("876", f"p{ITEMS[2]}"))
    one = holdings(1, 7, ITEMS[0], data("541", "cpurchase", "aHoldings Books"))
    two = holdings(2, 7, ITEMS[1])
    run(index, written(index.with_name("all.mrc"), two, bib, one))
    with contextlib.closing(CatalogIndex(index, MFHD, SETTINGS)) as catalog:
        item, copy = catalog.find(Barcode(ITEMS[0])), catalog.find(Barcode(ITEMS[1]))
        assert (item.title, item.record_id, item.library, item.location) == ("Niñas de Ōsaka", "7", "MAIN", "STACKS")
        assert (item.call_number, copy.call_number) == ("QA101 .A1", "QA102 .A1")
        assert (item.vendor, copy.vendor, item.isbns, item.missing) == (
            "Holdings Books",
            "",
            ("9780306406157",),
            ("description",),
        )
        assert catalog.find(Barcode(ITEMS[2])).library == "OTHER", "an item in the title's own record stays apart"
        assert {one.barcode for one in catalog.search(Wanted(title="ninas")).items} == set(ITEMS[:3])


def test_a_holdings_record_whose_title_is_nowhere_is_counted_and_named(index: Path) -> None:
    nameless = record("am", data("245", "aWithout a number"))
    lost, unlinked = holdings(90, 4711, ITEMS[2]), holdings(91, 0, ITEMS[3])
    report = run(index, written(index.with_name("all.mrc"), *TITLES[:2], *HOLDINGS[:2], nameless, lost, unlinked))
    assert (report.items, report.joined, report.untitled_count) == (4, 2, 2)
    assert report.untitled == (Untitled("90", "4711"), Untitled("91", ""))
    with contextlib.closing(CatalogIndex(index, MFHD, SETTINGS)) as catalog:
        item = catalog.find(Barcode(ITEMS[2]))
    assert (item.title, item.call_number) == ("", "QA190 .A1")
    assert item.missing[:2] == ("record", "title")


def test_holdings_alone_never_take_the_titles_of_the_index_away(index: Path) -> None:
    """A nightly export of holdings only would take the barcodes over, without their titles."""
    run(index, written(index.with_name("all.mrc"), *TITLES, *HOLDINGS))
    before = index.read_bytes()
    alone = written(index.with_name("holdings.mrc"), *HOLDINGS)
    with raises_told(ImportRefused, match=r"no item has a title: 30 holdings records .* the first is 30\."):
        run(index, alone)
    assert index.read_bytes() == before
    assert run(index, alone, few_items=True).untitled_count == 30


def test_a_title_replaces_all_its_holdings_and_its_deletion_removes_them(index: Path) -> None:
    run(index, written(index.with_name("all.mrc"), *TITLES, *HOLDINGS))
    moved = holdings(30, 1, ITEMS[0], data("876", f"p{numbered_barcode(99)}"))
    report = run(index, written(index.with_name("delta.mrc"), moved, title(1, "Renamed")))
    assert (report.replaced, report.items) == (1, 2)
    assert titles(index, [ITEMS[0], numbered_barcode(99), ITEMS[1]]) == ["Renamed", "Renamed", "Title 2"]
    gone = bytearray(title(2))
    gone[5:6] = b"d"
    other = bytearray(holdings(3, 5, ITEMS[29]))
    other[5:6] = b"d"
    report = run(index, written(index.with_name("deleted.mrc"), bytes(gone), bytes(other)))
    assert (report.deleted, report.replaced) == (1, 0), "the deleted holdings record 3 is not title 3"
    with contextlib.closing(sqlite3.connect(index)) as connection:
        keys = {key for (key,) in connection.execute("SELECT key FROM record")}
    assert keys == {str(number) for number in range(1, 31)} - {"2"}


def test_each_file_has_its_own_list_of_rejected_records(index: Path) -> None:
    bibs = written(index.with_name("bibs.mrc"), title(1), title(2)[:-9])
    held = written(
        index.with_name("holdings.mrc"),
        holdings(1, 1, ITEMS[0]),
        holdings(2, 1, ITEMS[1], data("583", "aReviewed"))[:-3],
    )
    report = run(index, bibs, held)
    assert [(one.file, one.number) for one in report.rejected] == [("bibs.mrc", 2), ("holdings.mrc", 2)]
    lists = [Path(path) for path in report.rejected_file.split(", ")]
    assert [path.name for path in lists] == ["bibs.mrc.csv", "holdings.mrc.csv"]
    assert [ITEMS[1] in path.read_text(encoding="utf-8") for path in lists] == [False, True]
    catalog = CatalogIndex(index, MFHD, SETTINGS)
    with contextlib.closing(catalog), raises_told(RecordUnreadable, match=r"record 2 of holdings\.mrc"):
        catalog.find(Barcode(ITEMS[1]))


def test_genuine_titles_are_the_same_with_their_items_in_holdings_records(index: Path, shared: Path) -> None:
    """Evergreen's 500 records in MARC-8: their items (949) moved to holdings records, as Voyager would export them."""
    path = shared / "data/marc/evergreen_lul_fre_500.mrc"
    import_file(path, index, "symphony-949", SETTINGS)
    with contextlib.closing(CatalogIndex(index, "symphony-949", SETTINGS)) as catalog:
        apart: list[bytes] = []
        known = {}
        for number, raw in enumerate(marc.read(path.read_bytes()), 1):
            assert isinstance(raw, RawRecord)
            parsed = marc.parse(raw.data)
            if not record_id(parsed):
                continue  # one of the 500: 004 cannot name it
            for item in profiles.items(parsed, profiles.load("symphony-949")):
                known[item.barcode] = catalog.find(Barcode(item.barcode))
                shelf = data("852", f"b{item.library}", f"c{item.location}", f"h{item.call_number}", indicators="0 ")
                link = Field("004", data=record_id(parsed))
                own = Field("001", data=f"{number}-{len(apart)}")
                apart.append(record("x ", own, link, shelf, data("876", f"p{item.barcode}")))
    index.unlink()
    held = written(index.with_name("holdings.mrc"), *apart)
    report = import_file(held, index, MFHD, SETTINGS, others=[path])
    assert (report.joined, report.untitled_count) == (len(apart), 0)
    with contextlib.closing(CatalogIndex(index, MFHD, SETTINGS)) as catalog:
        for barcode, whole in known.items():
            item = catalog.find(Barcode(barcode))
            assert (item.title, item.author, item.extent) == (whole.title, whole.author, whole.extent)
            assert (item.record_id, item.call_number) == (whole.record_id, whole.call_number)


@pytest.mark.parametrize("small", [False, True])
def test_an_import_of_two_files_can_be_stopped_anywhere_and_goes_on(
    small: bool, index: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not small:
        monkeypatch.setattr(unfinished_import, "_COMMIT_BYTES", 100)
    for module in (unfinished_import, join_titles):
        monkeypatch.setattr(module, "EVERY", 10)
    bibs = written(index.with_name("bibs.mrc"), *TITLES)
    held = written(index.with_name("holdings.mrc"), *HOLDINGS)
    stopped: set[str] = set()
    for last in range(100):
        told: list[Progress] = []

        def stop(told: list[Progress] = told, last: int = last) -> bool:
            return len(told) > last

        try:
            report = import_file(bibs, index, MFHD, SETTINGS, others=[held], progress=told.append, should_stop=stop)
        except ImportRefused:
            stopped.add(told[-1].phase)
            report = import_file(bibs, index, MFHD, SETTINGS, others=[held])
            assert (report.records, report.joined, titles(index)) == (60, 30, NAMES)
            index.unlink()
        else:
            assert (report.records, report.joined, titles(index)) == (60, 30, NAMES)
            break
    assert stopped >= {"reading", "titles", "sorting"}
