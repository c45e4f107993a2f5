"""station catalog inspect: what a file holds, and the profile that goes into station.toml."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from station.base.settings import parse
from station.catalog.sample import sample
from station.cli import station
from station.cli.admin.settings_file import template

COMMENT = "# our own remark"


@pytest.fixture
def data(tmp_path: Path) -> Path:
    folder = tmp_path / "data"
    folder.mkdir()
    text = template(**{"library.isil": "US-TxDa"}).replace("[catalog]", f"[catalog]\n{COMMENT}")
    (folder / "station.toml").write_text(text, encoding="utf-8")
    return folder


def run(data: Path, file: Path, *options: str) -> Result:
    return CliRunner().invoke(station, ["catalog", "inspect", "--data", str(data), str(file), *options])


def report(data: Path, file: Path, *options: str, code: int = 0) -> Any:
    result = run(data, file, "--json", *options)
    assert result.exit_code == code, result.output
    return json.loads(result.stdout)


def moved(folder: Path, tag: bytes, count: int = 30) -> Path:
    """Return a file of numbered books with their items in another field."""
    path = folder / "export.mrc"
    path.write_bytes(sample.numbered(count).replace(b"949", tag))
    return path


def test_each_profile_shows_five_items_as_it_reads_them(data: Path, tmp_path: Path) -> None:
    found = report(data, moved(tmp_path, b"999"))
    assert (found["records"], found["rejected"], found["best"]) == (30, 0, "symphony-999")
    (field,) = found["fields"]
    assert (field["field"], field["barcode"], field["records"], field["accepted"]) == ("999", "i", 30, 30)
    first = found["profiles"][0]
    assert (first["profile"], first["items"], first["refused"], len(first["samples"])) == ("symphony-999", 30, 0, 5)
    assert first["samples"][0]["item"]["barcode"] == sample.numbered_barcode(1)
    said = run(data, moved(tmp_path, b"999")).stdout
    assert "symphony-999: 30 items in 30 records" in said
    assert sample.numbered_barcode(5) in said and sample.numbered_barcode(6) not in said
    assert "--choose symphony-999" in said


def test_barcodes_written_in_groups_look_like_items_and_are_accepted(data: Path, tmp_path: Path) -> None:
    barcode = sample.numbered_barcode
    content = sample.numbered(20).replace(b"949", b"992")
    for number in range(1, 21):
        plain = barcode(number)
        grouped = f"{plain[0]} {plain[1:5]} {plain[5:10]} {plain[10:]}"
        content = content.replace(b"\x1fi" + plain.encode(), b"\x1fi" + grouped.encode())
    path = tmp_path / "sierra.mrc"
    path.write_bytes(content)
    found = report(data, path)
    assert found["rejected"] == 0
    assert [(field["field"], field["barcode"], field["accepted"]) for field in found["fields"]] == [("992", "i", 20)]
    assert (found["proposal"]["items"], found["proposal"]["refused"]) == (20, 0)


def test_refused_barcodes_are_counted_with_the_reason(data: Path, tmp_path: Path) -> None:
    settings = data / "station.toml"
    settings.write_text(
        settings.read_text(encoding="utf-8").replace('prefixes = ["3"]', 'prefixes = ["2"]'), encoding="utf-8"
    )
    first = report(data, moved(tmp_path, b"999"))["profiles"][0]
    assert first["refused"] == 30
    assert "begin" in first["refused_because"]
    found = " ".join(run(data, moved(tmp_path, b"999")).stdout.split())
    assert "refuses 30 of 30 barcodes" in found
    assert 'check_digit = "luhn"; characters = "digits". If they are your barcodes, write it into [barcodes].' in found


def test_the_chosen_profile_is_written_and_nothing_else_changes(data: Path, tmp_path: Path) -> None:
    path = data / "station.toml"
    before = path.read_text(encoding="utf-8")
    assert run(data, moved(tmp_path, b"999"), "--choose", "symphony-999").exit_code == 2, "no one can be asked"
    assert path.read_text(encoding="utf-8") == before
    assert report(data, moved(tmp_path, b"999"), "--choose", "symphony-999", "--yes")["chosen"] == "symphony-999"
    assert path.read_text(encoding="utf-8") == before.replace('profile = "symphony-949"', 'profile = "symphony-999"')
    assert COMMENT in before


@pytest.mark.parametrize(("name", "words"), [("koha-952", "finds no items"), ("nonsense", "there is no profile")])
def test_a_profile_that_does_not_fit_is_not_chosen(name: str, words: str, data: Path, tmp_path: Path) -> None:
    before = (data / "station.toml").read_bytes()
    result = run(data, moved(tmp_path, b"999"), "--choose", name, "--yes")
    assert result.exit_code == 2
    assert words in result.stderr
    assert (data / "station.toml").read_bytes() == before
    assert "error" in report(data, moved(tmp_path, b"999"), "--choose", name, "--yes", code=2)


def test_a_profile_is_proposed_where_none_fits_and_can_be_imported_with(data: Path, tmp_path: Path) -> None:
    file = moved(tmp_path, b"930")
    found = report(data, file)
    assert found["best"] == ""
    assert (found["proposal"]["items"], len(found["proposal"]["samples"])) == (30, 5)
    assert found["proposal"]["with_call_number"] == 30
    assert 'tag = "930"' in found["proposal"]["file"]
    assert report(data, file, "--choose", "proposal", "--yes")["chosen"] == "proposed-930.toml"
    assert parse((data / "station.toml").read_text(encoding="utf-8")).catalog.profile == "proposed-930.toml"
    done = CliRunner().invoke(station, ["catalog", "import", "--data", str(data), str(file), "--json"])
    assert (done.exit_code, json.loads(done.stdout)["items"]) == (0, 30)
    assert report(data, file)["best"] == "proposed-930.toml", "the site's own profiles are tried too"
    (data / "proposed-931.toml").write_text("", encoding="utf-8")
    assert "exists already" in run(data, moved(tmp_path, b"931"), "--choose", "proposal", "--yes").stderr


def test_a_file_without_items_is_said_so(data: Path, tmp_path: Path) -> None:
    path = tmp_path / "none.mrc"
    path.write_bytes(sample.numbered(3).replace(b"\x1fi", b"\x1fz").replace(b"30980000", b"no bar c"))
    result = run(data, path)
    assert result.exit_code == 1
    assert "no field looks like items" in result.stdout


@pytest.mark.parametrize("content", [b"", b"Dear librarian,", b"PK\x03\x04"])
def test_a_file_that_is_not_marc(content: bytes, data: Path, tmp_path: Path) -> None:
    path = tmp_path / "x.mrc"
    path.write_bytes(content)
    result = run(data, path)
    assert result.exit_code == 31
    assert "cannot be read" in result.stderr
    assert path.resolve() not in {Path(f"/proc/self/fd/{fd}").resolve() for fd in os.listdir("/proc/self/fd")}
    assert run(data, tmp_path / "missing").exit_code == 31


def test_damaged_records_are_counted_and_the_others_shown(data: Path, tmp_path: Path) -> None:
    path = moved(tmp_path, b"949")
    path.write_bytes(path.read_bytes() + b"00100 broken\x1d")
    assert (report(data, path)["rejected"], report(data, path)["records"]) == (1, 30)


# The profile that finds the most items, and how many; genuine files of ../shared (sources in its README.md).
@pytest.mark.parametrize(
    ("name", "best", "items", "proposed"),
    [
        ("evergreen_lul_fre_500.mrc", "symphony-949", 756, ""),
        ("uva_demoRecs.mrc", "symphony-999", 16, ""),
        ("loc_opera43_marcxml.xml", "", 15, ""),  # horizon-991 reads 991 $i, there a part of the call number
        ("tr_test_data.utf8.mrc", "", 0, ""),
        ("evergreen_hebrew_marc8.mrc", "", 0, ""),
    ],
)
def test_genuine_files(name: str, best: str, items: int, proposed: str, shared: Path, data: Path) -> None:
    found = report(data, shared / "data" / "marc" / name, code=0 if best or proposed else 1)
    assert (found["best"], found["profiles"][0]["items"]) == (best, items)
    assert bool(found["proposal"]) == bool(proposed)
    assert not proposed or f'tag = "{proposed}"' in found["proposal"]["file"]
