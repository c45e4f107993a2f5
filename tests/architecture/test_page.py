"""docs/architecture.md names every folder and file of the station: a new one must say what it is for."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.conftest import ROOT

HOUSE = ROOT / "station"
PAGE = (ROOT / "docs/architecture.md").read_text(encoding="utf-8")
FOLDERS = sorted({path.parent for path in HOUSE.rglob("*.py")} - {HOUSE})
_ROW = re.compile(r"^\| `([\w/]+)/` \| .+ \| (.*) \|$", re.MULTILINE)
ROWS = {folder: set(re.findall(r"`(\w+)`", files)) for folder, files in _ROW.findall(PAGE)}


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda path: str(path.relative_to(HOUSE)))
def test_every_file_of_a_room_is_named(folder: Path) -> None:
    files = {path.stem for path in folder.glob("*.py")} - {"__init__", "__main__"}
    assert ROWS[str(folder.relative_to(HOUSE))] == files


def test_no_row_is_about_a_folder_that_is_gone() -> None:
    assert set(ROWS) == {str(folder.relative_to(HOUSE)) for folder in FOLDERS}
