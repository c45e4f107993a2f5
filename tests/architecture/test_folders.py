"""Each folder of tests/ belongs to a room, so that a test is found by its place, or is one of the named folders."""

from __future__ import annotations

from tests.conftest import ROOT

TESTS = ROOT / "tests"
WHOLE = {"architecture", "benchmarks", "docs", "evidence", "examples", "golden", "stories", "support", "vectors"}
"""Folders about the whole program, stories that cross rooms, and what several rooms' tests share."""
FILES = [
    path.relative_to(TESTS)
    for path in sorted(TESTS.rglob("*"))
    if path.is_file() and not {"__pycache__", "__snapshots__"} & set(path.parts)
]


def test_every_folder_is_a_rooms_or_about_the_whole_program() -> None:
    own = {file.parent for file in FILES if file.parent.parts and file.parts[0] not in WHOLE}
    assert {folder for folder in own if not (ROOT / "station" / folder).is_dir()} == set()


def test_every_folder_about_the_whole_program_has_files() -> None:
    assert {file.parts[0] for file in FILES} >= WHOLE


def test_no_file_of_tests_lies_outside_a_folder() -> None:
    assert {file.name for file in FILES if len(file.parts) == 1} == {"__init__.py", "conftest.py"}


def test_no_test_hides_in_what_tests_share() -> None:
    assert [file for file in FILES if file.parts[0] == "support" and file.name.startswith("test_")] == []
