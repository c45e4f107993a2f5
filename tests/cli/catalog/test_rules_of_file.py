"""A rule that many records of a file break is told once, by the import. What stops an item is told at each item."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from station.catalog.sample.sample import numbered_barcode
from station.cli import station
from station.cli.admin.settings_file import template
from station.store.catalog_index.walk import changed
from tests.catalog.marc.test_evidence import iso2709
from tests.store.catalog_index.test_index import book

TITLE_INDICATORS = "Title indicators: {} of {} records that were looked at. No item fails by it."


@pytest.fixture
def data(tmp_path: Path) -> Path:
    (tmp_path / "station.toml").write_text(template(**{"library.isil": "US-TxDa"}), encoding="utf-8")
    return tmp_path


def run(data: Path, *words: str) -> Result:
    return CliRunner().invoke(station, ["--data", str(data), *words])


def export(data: Path, name: str, numbers: range, wrong: int = 0, untitled: int = 0) -> Path:
    """Write a file with a record of one item for each number. The first ones have no title, or a second title indicator
    that skips letters."""
    records = []
    for at, number in enumerate(numbers):
        record = book(f"n{number}", numbered_barcode(number), title="" if at < untitled else "A book")
        records.append(record.replace(b"00\x1faA book", b"04\x1faA book") if at < wrong else record)
    path = data / name
    path.write_bytes(b"".join(records))
    return path


def finding(data: Path, number: int, rule: str) -> dict[str, Any]:
    """Return what a rule says of an item."""
    checked: Any = json.loads(run(data, "quality", "check", numbered_barcode(number), "--json").stdout)
    found: dict[str, Any] = next(one for one in checked["findings"] if one["rule"] == rule)
    return found


def test_a_rule_that_more_than_one_record_in_twenty_breaks_is_told_once(data: Path) -> None:
    told = run(data, "catalog", "import", str(export(data, "all.mrc", range(1, 41), wrong=3))).stdout
    assert told.count(TITLE_INDICATORS.format(3, 40)) == 1
    assert run(data, "catalog", "show").stdout.count(TITLE_INDICATORS.format(3, 40)) == 1
    of_item = finding(data, 1, "title-indicators")
    assert of_item["outcome"] == "abstained"
    assert "many records of the file have this: " in run(data, "quality", "check", numbered_barcode(1)).stdout
    assert finding(data, 9, "title-indicators")["outcome"] == "pass"
    checked = run(data, "catalog", "check", "--all").stdout
    assert sum("nonfiling-count:" in line for line in checked.splitlines()) == 3, "who asks for all gets all"


def test_a_rule_that_few_records_break_is_told_at_each_item(data: Path) -> None:
    told = run(data, "catalog", "import", str(export(data, "all.mrc", range(1, 41), wrong=2))).stdout
    assert "Title indicators" not in told
    assert finding(data, 1, "title-indicators")["outcome"] == "fail"


def test_what_stops_an_item_is_told_at_each_item(data: Path) -> None:
    told = run(data, "catalog", "import", str(export(data, "all.mrc", range(1, 41), untitled=20))).stdout
    assert "Title in the record" not in told
    assert finding(data, 1, "title-present")["outcome"] == "fail"


def test_a_rule_that_the_site_makes_severe_is_told_at_each_item(data: Path) -> None:
    run(data, "catalog", "import", str(export(data, "all.mrc", range(1, 41), wrong=3)))
    (data / "rules.toml").write_text('[[change]]\nid = "title-indicators"\nseverity = "major"\n', encoding="utf-8")
    settings = template(**{"library.isil": "US-TxDa", "rules.site_file": "rules.toml"})
    (data / "station.toml").write_text(settings, encoding="utf-8")
    assert finding(data, 1, "title-indicators")["outcome"] == "fail"


def test_a_few_new_records_follow_the_rest_of_their_library(data: Path) -> None:
    run(data, "catalog", "import", str(export(data, "a.mrc", range(1, 41), wrong=3)))
    told = run(data, "catalog", "import", str(export(data, "b.mrc", range(41, 44), wrong=1))).stdout
    assert TITLE_INDICATORS.format(4, 43) in told
    assert finding(data, 41, "title-indicators")["outcome"] == "abstained"
    assert run(data, "catalog", "rebuild").exit_code == 0
    assert finding(data, 1, "title-indicators")["outcome"] == "abstained"
    assert changed(data / "catalog.db") == ()


def test_lost_text_and_a_wrong_title_are_told_at_each_item(data: Path) -> None:
    """However many records of the file have them."""
    titles = ["Luis Bu#uel", "Of of mice"] * 20  # 81 is in no set
    records = [book(f"n{at}", numbered_barcode(at), title=title) for at, title in enumerate(titles, 1)]
    (data / "all.mrc").write_bytes(b"".join(record.replace(b"#", b"\x81") for record in records))
    told = run(data, "catalog", "import", str(data / "all.mrc")).stdout
    assert "Subject heading: 40 of 40 records" in told
    assert "Record text" not in told and "Title as typed" not in told
    lost, typed = finding(data, 1, "text-intact"), finding(data, 2, "text-typed")
    assert (lost["outcome"], lost["reason"]) == ("fail", "Some characters could not be read: Bu\ufffduel.")
    assert typed["outcome"] == "fail"


def test_text_without_a_link_is_told_of_the_file_beside_what_each_item_is_told(data: Path) -> None:
    def record(at: int) -> bytes:
        item = (b"949", b"  \x1faQA76 .S73\x1fwLC\x1fi" + numbered_barcode(at).encode())
        fields = ((b"001", b"n%d" % at), (b"245", b"00\x1faA book"), (b"880", b"00\x1faA book"), item)
        return iso2709(b"nam a22", b" i 4500", fields)

    (data / "all.mrc").write_bytes(b"".join(map(record, range(1, 41))))
    told = run(data, "catalog", "import", str(data / "all.mrc")).stdout
    told_of_file = "An item fails by it only for lost text, or for what its title or label shows."
    assert f"Record text: 40 of 40 records that were looked at. {told_of_file}" in told
    assert finding(data, 1, "text-intact")["outcome"] == "abstained"


def test_the_import_counts_what_was_read_as_windows_1252_by_file(data: Path) -> None:
    for name, numbers in (("a.mrc", range(1, 2)), ("b.mrc", range(2, 5))):
        records = [book(f"n{at}", numbered_barcode(at), title="Le caf#") for at in numbers]
        (data / name).write_bytes(b"".join(record.replace(b"#", b"\xe9") for record in records))
    told = run(data, "catalog", "import", str(data / "a.mrc"), str(data / "b.mrc")).stdout
    assert "a.mrc: 1 record was read as Windows-1252, which it does not name." in told
    assert "b.mrc: 3 records were read as Windows-1252, which they do not name." in told


def test_of_a_few_records_alone_each_is_told(data: Path) -> None:
    run(data, "catalog", "import", str(export(data, "a.mrc", range(1, 11), wrong=5)))
    assert finding(data, 1, "title-indicators")["outcome"] == "fail"
