"""docs/architecture.md names every file: a new one must say what it is for."""

from __future__ import annotations

import re

import pytest

from tests.conftest import ROOT

PAGE = (ROOT / "docs/architecture.md").read_text(encoding="utf-8")
ROOMS = (
    "bench",
    "catalog",
    "control",
    "demo",
    "drivers",
    "encoding",
    "printing",
    "quality",
    "statistics",
    "store",
    "sync",
    "tui",
    "web",
)
_ROW = re.compile(r"^\| `(\w+)/` \| (.*)$", re.MULTILINE)
NOUNS = {
    "callnumber",
    "init",
    "doctor",
    "tag",
    "catalog",
    "cataloging",
    "corrections",
    "people",
    "label",
    "journal",
    "orders",
    "outbox",
    "sync",
    "process",
    "quality",
    "run",
    "demo",
}


def named(room: str) -> set[str]:
    row = " ".join(text for name, text in _ROW.findall(PAGE) if name == room)
    found: set[str] = set()
    base = ""
    for name in re.findall(r"`(\w+)`", row):
        # `_part` stands for the name before it with this at its end.
        base = base if name.startswith("_") else name
        found.add(base + name if name.startswith("_") else name)
    return found


@pytest.mark.parametrize("room", ROOMS)
def test_every_file_of_a_room_is_named(room: str) -> None:
    files = {path.stem for path in (ROOT / "station" / room).rglob("*.py")} - {"__init__"}
    assert files - named(room) == set()


def test_every_file_of_the_command_line_is_a_noun_or_named() -> None:
    files = {path.stem for path in (ROOT / "station/cli").glob("*.py")} - {"__init__"}
    assert files - named("cli") - NOUNS == set()
