"""`station label commands`: every command and every reason of the rule book, as bars that a scanner reads back."""

from __future__ import annotations

import json
from pathlib import Path

import pypdfium2
import zxingcpp

from station.base.settings import Barcodes
from station.catalog.barcodes.barcode import is_ours
from station.cli.admin.settings_file import template
from station.domain.command_barcodes import FailReason, ScreenCommand, command_of
from station.quality.rulebook.shipped import shipped
from tests.cli.label.test_label import run
from tests.support.sample_labels import lines_of, write

DPI = 300
ANY_BARCODE = Barcodes(length=0, prefixes=(), check_digit="none", characters="alphanumeric")


def test_the_sheet_has_a_barcode_for_each_command_and_each_reason(tmp_path: Path) -> None:
    write(tmp_path / "station.toml", template(**{"library.name": "Example Library", "labels.format": "zpl"}))
    assert run("commands", "--to", tmp_path, data=tmp_path).exit_code == 0
    data = (tmp_path / "command-sheet.pdf").read_bytes()
    with pypdfium2.PdfDocument(data) as document:
        pages = [page.render(scale=DPI / 72).to_pil() for page in document]
    read = [found.text for page in pages for found in zxingcpp.read_barcodes(page)]
    day = "2026-11-29"
    asked = [rule for rule in shipped().in_force(day) if rule.by_person]
    reasons = {FailReason(rule.number, code) for rule in asked for code in rule.reasons}
    assert {command_of(text) for text in read} == {*ScreenCommand, *reasons}
    assert len(read) == len(set(read))
    assert not any(is_ours(text, ANY_BARCODE) for text in read)
    assert {"✓ PASS / ALL GOOD", "× FAIL", "▲ SET ASIDE", "< BACK"} <= set(lines_of(data))


def test_the_same_as_json_without_printing(tmp_path: Path) -> None:
    write(tmp_path / "station.toml", template(**{"library.name": "Example Library"}))
    result = run("commands", "--preview", "--json", data=tmp_path)
    labels = json.loads(result.stdout)["labels"]
    assert (result.exit_code, labels[0]["barcode"]) == (0, "$$PASS")
    assert "✓ PASS / ALL GOOD" in labels[0]["lines"]
    assert not (tmp_path / "labels").exists()
