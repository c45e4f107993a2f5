"""`station catalog check --file`: a file of records is judged before it is loaded."""

from __future__ import annotations

import csv
import json
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from pymarc import Field, Indicators, Leader, Record, Subfield

from benchmarks import catalog_records
from station.catalog.sample import sample
from station.cli import station
from station.cli.admin.settings_file import template
from station.cli.catalog import check_file as of_file
from tests.conftest import ROOT, missing

NO_TITLE = "31999000000261"
"""A record of the sample catalog that deliberately has no title."""
FORMULA = "=HYPERLINK(0)"


@pytest.fixture
def data(tmp_path: Path) -> Path:
    folder = tmp_path / "data"
    folder.mkdir()
    (folder / "station.toml").write_text(template(**{"library.isil": "US-TxDa"}), encoding="utf-8")
    return folder


@pytest.fixture
def check(data: Path) -> Callable[..., Result]:
    return lambda *words: CliRunner().invoke(station, ["catalog", "check", "--data", str(data), *map(str, words)])


def value(result: Result, code: int) -> Any:
    assert result.exit_code == code, result.output
    return json.loads(result.stdout)


def vendor_record(number: str, *, title: str = "Atlas", price: str = "9.50", fill: str = "9 pages") -> bytes:
    """Return a record without items, in which nothing is wrong by default."""
    made = Record()
    made.leader = Leader("00000nam a2200000 i 4500")
    texts = {"050": " 4aQA76 .A1 2020", "245": "00a" + title, "264": " 1cc2020", "300": "  a" + fill, "650": " 0aMaps"}
    made.add_field(
        Field("001", data=number),
        Field("008", data="200101s2020    xxu           000 0 eng d"),
        Field("020", Indicators(" ", " "), [Subfield("c", price)] if price else []),
        *(Field(tag, Indicators(*text[:2]), [Subfield(text[2], text[3:])]) for tag, text in texts.items()),
    )
    data: bytes = made.as_marc()
    return data


def test_a_vendors_file_without_items_is_judged_and_not_loaded(
    check: Callable[..., Result], data: Path, tmp_path: Path
) -> None:
    """Import refuses such a file. 30 records lack a price, one its title, and the last one its end."""
    records = [vendor_record(f"v{number}", price="") for number in range(30)]
    path = tmp_path / "vendor.mrc"
    path.write_bytes(b"".join([*records, vendor_record("v30", title=" "), vendor_record("v31")[:-9]]))
    found = value(check("--file", path, "--json"), 1)
    assert (found["records"], found["items"], found["with_findings"]) == (32, 0, 32)
    assert [(one["code"], one["severity"], one["records"], one["number"]) for one in found["findings"]] == [
        ("record-unreadable", "critical", 1, 32),
        ("title-missing", "major", 1, 31),
        ("price-missing", "minor", 30, 1),
    ]
    lines = check("--file", path).stdout.splitlines()
    assert [line.split()[2] for line in lines[1:]] == ["record-unreadable", "title-missing", "price-missing"]
    assert not (data / "catalog.db").exists()


def test_a_good_file_ends_with_0(check: Callable[..., Result], tmp_path: Path) -> None:
    path = tmp_path / "good.mrc"
    path.write_bytes(vendor_record("v1") + vendor_record("v2"))
    assert value(check("--file", path, "--json"), 0)["findings"] == []


def test_a_finding_that_all_items_of_a_record_share_counts_once(check: Callable[..., Result], tmp_path: Path) -> None:
    """The sample catalog has 27 items; its record without a title gets the finding that its item gets in the index."""
    found = value(check("--file", ROOT / "station/catalog/data/sample.mrc", "--json"), 1)
    assert found["items"] == 27
    assert [one["records"] for one in found["findings"] if one["code"] == "title-missing"] == [1]
    three = tmp_path / "three.mrc"
    three.write_bytes(_with_copies(vendor_record("v1", fill=" "), "1", "2", "3"))
    counts = {one["code"]: one["records"] for one in value(check("--file", three, "--json"), 0)["findings"]}
    assert counts["extent-missing"] == 1


def test_each_item_is_judged_by_what_only_it_can_lack(check: Callable[..., Result], tmp_path: Path) -> None:
    """The second of three copies has no call number; the record has none either."""
    path, table = tmp_path / "copies.mrc", tmp_path / "findings.csv"
    bare = vendor_record("v1").replace(b"QA76 .A1 2020", b" " * 13)
    path.write_bytes(
        _with_copies(bare, "1", "2", "3").replace(
            b"\x1faQA76 .A1\x1fwLC\x1fp9.50\x1e  \x1fi3", b"\x1fa        \x1fwLC\x1fp9.50\x1e  \x1fi3"
        )
    )
    assert check("--file", path, "--csv", table).exit_code == 1
    with table.open(encoding="utf-8", newline="") as stream:
        assert [(row["code"], row["barcode"]) for row in csv.DictReader(stream)] == [("call-number-missing", "2")]


def _with_copies(data: bytes, *barcodes: str) -> bytes:
    made = Record(data)
    for barcode in barcodes:
        pairs = {"i": barcode, "a": "QA76 .A1", "w": "LC", "p": "9.50"}
        made.add_field(Field("949", Indicators(" ", " "), [Subfield(*pair) for pair in pairs.items()]))
    written: bytes = made.as_marc()
    return written


def test_the_csv_has_every_finding_and_no_formula(check: Callable[..., Result], tmp_path: Path) -> None:
    path, table = tmp_path / "vendor.mrc", tmp_path / "findings.csv"
    path.write_bytes(vendor_record(FORMULA, price="") + vendor_record("v2", title=" "))
    assert check("--file", path, "--csv", table).exit_code == 1
    with table.open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert [(row["record"], row["id"], row["code"]) for row in rows] == [
        ("1", f"'{FORMULA}", "price-missing"),
        ("2", "v2", "title-missing"),
    ]
    assert all(row["finding"] and row["advice"] and row["fields"] for row in rows)


def test_the_csv_never_replaces_the_file_that_is_checked(check: Callable[..., Result], tmp_path: Path) -> None:
    path = tmp_path / "vendor.mrc"
    path.write_bytes(vendor_record("v1"))
    assert check("--file", path, "--csv", path).exit_code == 2
    assert path.read_bytes() == vendor_record("v1")
    assert check("--file", path, "--csv", tmp_path / "no" / "folder.csv").exit_code == 2
    assert sorted(one.name for one in tmp_path.iterdir()) == ["data", "vendor.mrc"]


def test_a_record_that_its_system_deleted_is_not_judged(check: Callable[..., Result], tmp_path: Path) -> None:
    path = tmp_path / "delta.mrc"
    path.write_bytes(vendor_record("v1", title=" ").replace(b"nam a", b"dam a"))
    found = value(check("--file", path, "--json"), 0)
    assert (found["records"], found["deleted"], found["findings"]) == (1, 1, [])


@pytest.mark.parametrize("words", [("--all",), ("31999000000014",), ("--queue",), ("--scanned", "9780306406157")])
def test_a_file_is_checked_alone(words: tuple[str, ...], check: Callable[..., Result], tmp_path: Path) -> None:
    path = tmp_path / "vendor.mrc"
    path.write_bytes(vendor_record("v1"))
    assert check("--file", path, *words).exit_code == 2
    assert check("--all", "--csv", tmp_path / "x.csv").exit_code == 2


def test_no_marc_and_no_file_are_errors(check: Callable[..., Result], tmp_path: Path) -> None:
    (tmp_path / "list.txt").write_text("no records", encoding="utf-8")
    assert value(check("--file", tmp_path / "list.txt", "--json"), 31)["error"]["code"] == "file-not-marc"
    assert value(check("--file", tmp_path / "none.mrc", "--json"), 31)["error"]["code"] == "file-not-marc"


def test_ctrl_c_stops_and_keeps_what_was_found(
    check: Callable[..., Result], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "numbered.mrc"
    path.write_bytes(sample.numbered(1000))
    real = of_file.check_record

    def interrupted(found: Any, *values: Any, **options: Any) -> Any:
        if found.number == 300:
            signal.raise_signal(signal.SIGINT)
        return real(found, *values, **options)

    monkeypatch.setattr(of_file, "check_record", interrupted)
    found = value(check("--file", path, "--json"), 1)
    assert (found["records"], found["stopped"]) == (400, True)


@pytest.mark.parametrize("name", ["edifact/brodart_onorder_970.mrc", "oclc/gobi_order_980_4recs.mrc"])
def test_genuine_order_files_are_judged(name: str, shared: Path, check: Callable[..., Result]) -> None:
    """They have no items (README of the folders): 11 and 4 records."""
    path = shared / "data" / name
    if not path.exists():
        missing(name)
    result = check("--file", path, "--json")
    found = json.loads(result.stdout)
    assert (found["records"], found["items"]) == (11 if "brodart" in name else 4, 0)
    assert found["findings"]


# --- large files ----------------------------------------------------------------------------------------------------

_MEASURED = """
import resource, sys
from station.cli import station
try:
    station.main(sys.argv[1:])
finally:
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, file=sys.stderr)
"""


def peak(data: Path, path: Path, count: int) -> int:
    """Return the peak memory in KiB of a check of `count` records, with its CSV."""
    catalog_records.write(path, count)
    words = ["catalog", "check", "--data", str(data), "--file", str(path), "--csv", str(path) + ".csv", "--json"]
    done = subprocess.run([sys.executable, "-c", _MEASURED, *words], capture_output=True, text=True, check=False)
    assert json.loads(done.stdout)["records"] == count, done.stderr
    memory = int(done.stderr.splitlines()[-1])
    print(f"{count:,} records: {memory // 1024} MiB")
    return memory


@pytest.mark.soak
@pytest.mark.timeout(6 * 3600)
def test_a_million_records_need_the_memory_of_ten_thousand(data: Path, tmp_path: Path) -> None:
    """About 3 ms of processor time for each record: an hour."""
    small = peak(data, tmp_path / "small.mrc", 10_000)
    assert peak(data, tmp_path / "tenth.mrc", 100_000) < small + 8 * 1024
    assert peak(data, tmp_path / "whole.mrc", 1_000_000) < small + 8 * 1024
