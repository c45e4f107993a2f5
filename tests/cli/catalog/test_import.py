"""station catalog import: what it says and how it ends where records were left out."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from station.catalog.sample import sample
from station.cli import station
from station.cli.admin.settings_file import template
from tests.store.catalog_index import test_join_titles as holdings_files
from tests.store.catalog_index.test_index import book

MISSING = sample.numbered_barcode(30)


@pytest.fixture
def data(tmp_path: Path) -> Path:
    (tmp_path / "station.toml").write_text(template(**{"library.isil": "US-TxDa"}), encoding="utf-8")
    whole = sample.numbered(30)
    (tmp_path / "whole.mrc").write_bytes(whole)
    (tmp_path / "cut.mrc").write_bytes(whole[:-3])
    return tmp_path


def run(data: Path, *words: str) -> Result:
    return CliRunner().invoke(station, ["--data", str(data), *words])


def value(result: Result, code: int) -> Any:
    assert result.exit_code == code, result.output
    return json.loads(result.stdout)


def test_a_partial_import_is_not_a_success(data: Path) -> None:
    said = run(data, "catalog", "import", str(data / "cut.mrc"))
    assert said.exit_code == 1
    assert (
        "The import is not complete: records that could not be read: 1; their barcodes that no other record has: 1"
        in said.stdout
    )
    assert str(data / "rejected" / "cut.mrc.csv") in said.stdout
    assert f"barcodes: {MISSING}" in said.stdout
    report = value(run(data, "catalog", "import", str(data / "cut.mrc"), "--json"), 1)
    assert (report["items"], report["rejected_count"], report["unread_count"]) == (29, 1, 1)
    assert report["rejected"][0]["barcodes"] == [MISSING]
    assert MISSING in Path(report["rejected_file"]).read_text(encoding="utf-8")


def test_show_says_what_is_missing_until_it_is_imported(data: Path) -> None:
    run(data, "catalog", "import", str(data / "cut.mrc"))
    said = run(data, "catalog", "show", MISSING)
    assert said.exit_code == 30
    assert "The record of this item could not be read." in said.stderr
    assert "is in record 30 of cut.mrc" in said.stderr
    assert value(run(data, "catalog", "show", "--json"), 0)["unread"] == 1
    assert run(data, "catalog", "import", str(data / "whole.mrc")).exit_code == 0
    assert value(run(data, "catalog", "show", MISSING, "--json"), 0)["barcode"] == MISSING
    assert value(run(data, "catalog", "show", "--json"), 0)["unread"] == 0


def test_a_rebuild_from_a_file_with_unreadable_records_is_not_a_success(data: Path) -> None:
    run(data, "catalog", "import", str(data / "cut.mrc"))
    assert value(run(data, "catalog", "rebuild", "--json"), 1)[0]["rejected_count"] == 1


def _titled(*titles: str) -> bytes:
    """Return records with these titles in Windows-1252."""
    records = b""
    for number, title in enumerate(titles, 1):
        whole = book(f"w{number}", sample.numbered_barcode(number), title=title)
        records += whole.replace(title.encode(), title.encode("cp1252"))
    return records


def test_titles_in_windows_1252_are_read_and_the_import_says_why(data: Path) -> None:
    """Each is valid MARC-8: "Buųel", "Cľine", "Mr̀quez"."""
    titles = ("Buñuel", "Céline", "Márquez", "L’étranger à Paris")
    (data / "french.mrc").write_bytes(_titled(*titles))
    for command in ("inspect", "import"):
        said = " ".join(run(data, "catalog", command, str(data / "french.mrc")).stdout.split())
        assert "Character sets of the records: Windows-1252 4." in said
        assert "weigh 0 for MARC-8 and" in said
    shown = [value(run(data, "catalog", "show", sample.numbered_barcode(n), "--json"), 0)["title"] for n in range(1, 5)]
    assert shown == list(titles)


def test_titles_that_no_field_decides_keep_gaps_and_are_a_finding(data: Path) -> None:
    (data / "one.mrc").write_bytes(_titled("Buñuel"))
    said = run(data, "catalog", "import", str(data / "one.mrc")).stdout
    assert "1 record can be MARC-8 or Windows-1252" in said
    found = value(run(data, "catalog", "check", sample.numbered_barcode(1), "--json"), 1)
    assert [one["code"] for one in found["listed"][0]["findings"] if one["code"].startswith("characters")] == [
        "characters-lost"
    ]


def test_refused_barcodes_name_the_option_that_accepts_them(data: Path) -> None:
    settings = data / "station.toml"
    settings.write_text(settings.read_text(encoding="utf-8").replace('["3"]', '["2"]'), encoding="utf-8")
    refused = run(data, "catalog", "import", str(data / "whole.mrc"))
    assert (refused.exit_code, "--odd-barcodes" in refused.stderr) == (31, True)
    assert not (data / "catalog.db").exists()
    assert run(data, "catalog", "import", str(data / "whole.mrc"), "--odd-barcodes").exit_code == 0


def test_statuses_without_a_meaning_are_named_once_with_their_count(data: Path) -> None:
    records = b""
    for number, status in enumerate(("i", "p", "i", "x", "i"), 1):
        made = holdings_files.title(
            number, "", holdings_files.data("945", f"i{sample.numbered_barcode(number)}", f"s{status}")
        )
        records += made
    (data / "sierra.mrc").write_bytes(records)
    text = template(**{"library.isil": "US-TxDa", "catalog.profile": "innovative-945"})
    (data / "station.toml").write_text(text, encoding="utf-8")
    said = run(data, "catalog", "import", str(data / "sierra.mrc"))
    assert [line for line in said.stdout.splitlines() if line.startswith("status")] == [
        "status without a meaning in profile innovative-945: i, items: 3",
        "status without a meaning in profile innovative-945: x, items: 1",
    ]
    assert said.exit_code == 0
    assert "in process" in run(data, "catalog", "show", sample.numbered_barcode(2)).stdout
    assert value(run(data, "catalog", "show", sample.numbered_barcode(2), "--json"), 0)["status"] == "in-process"


def test_titles_and_holdings_are_imported_together_and_a_lost_title_is_a_finding(data: Path) -> None:
    """As Voyager exports them: titles in one file, holdings records with the items in another."""
    text = template(**{"library.isil": "US-TxDa", "catalog.profile": "mfhd-852"})
    (data / "station.toml").write_text(text, encoding="utf-8")
    known, lost = sample.numbered_barcode(1), sample.numbered_barcode(2)
    bibs, held = str(data / "bibs.mrc"), str(data / "held.mrc")
    Path(bibs).write_bytes(holdings_files.title(4711, "The glass harbor"))
    Path(held).write_bytes(holdings_files.holdings(1, 4711, known) + holdings_files.holdings(2, 4712, lost))

    alone = run(data, "catalog", "import", held)
    assert alone.exit_code == 31
    assert "held.mrc: no item has a title: 2 holdings records belong to titles that are in no file" in alone.stderr

    both = run(data, "catalog", "import", held, bibs)
    assert both.exit_code == 1, both.output
    assert "Holdings records joined with their titles (004): 1" in both.stdout
    assert "Holdings records whose title is in no file: 1. Their items have no title." in both.stdout
    assert "without a title: holdings record 2 belongs to title 4712, which is in no file" in both.stdout
    assert value(run(data, "catalog", "show", known, "--json"), 0)["title"] == "The glass harbor"

    rules = {
        barcode: {
            one["rule"]: one["outcome"]
            for one in json.loads(run(data, "quality", "check", barcode, "--json").stdout)["findings"]
        }
        for barcode in (known, lost)
    }
    assert (rules[known]["title-present"], rules[lost]["title-present"]) == ("pass", "fail")
    said = run(data, "catalog", "check", "--file", held, "--json").stdout
    assert "holdings-only" not in said, "the import joins them: no title is missing before"


def test_what_is_wrong_with_many_records_is_one_line(data: Path) -> None:
    """Records of two lengths whose leaders say 999 bytes, two with a wrong base address, and two that are cut."""
    whole = sample.numbered(34).split(b"\x1d")[:-1]
    wrong = [b"00999" + record[5:] for record in whole[:30]]
    wrong += [record[:12] + b"00000" + record[17:] for record in whole[30:32]]
    wrong += [b"00024" + record[5:24] for record in whole[32:]]
    (data / "wrong.mrc").write_bytes(b"".join(record + b"\x1d" for record in wrong))
    result = run(data, "catalog", "import", str(data / "wrong.mrc"))
    assert [line for line in result.stdout.splitlines() if line.startswith(("noted:", "rejected:"))] == [
        "rejected: 2 records, the first is record 33: only 25 bytes: too short for a leader and a directory",
        "noted: 9 records, the first is record 1: its leader says 999 bytes, it has 659",
        "noted: 21 records, the first is record 10: its leader says 999 bytes, it has 663",
        "noted: 2 records, the first is record 31: wrong base address",
    ]
