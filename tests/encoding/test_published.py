"""The published vectors as a collection: every line is complete, every file is described, and some test reads it."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import ROOT
from tests.docs.pages import rows
from tests.support.for_each import for_each
from tests.support.sample_tags import VECTORS

FILES = sorted(VECTORS.glob("*.jsonl"))
CONVERSATIONS = {"3m810-live-capture", "biblio-rfid-3m810", "biblio-rfid-cprm02"}
"""Frames to and from a reader: no tags."""
REQUIRED = {"model", "hex", "decoded", "source", "direction"}
ORIGINS = re.findall(r"`([a-z/-]+)`", (VECTORS / "README.md").read_text(encoding="utf-8"))
TESTS = {path: path.read_text(encoding="utf-8") for path in sorted((ROOT / "tests").rglob("*.py"))}


def name(path: Path) -> str:
    return path.stem


def lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]


def objections(vector: dict[str, Any]) -> list[str]:
    """Return the faults of one line."""
    found = [f"no {field}" for field in sorted(REQUIRED - set(vector))]
    if not found:
        if not re.fullmatch(r"(?:[0-9a-f]{2})*", vector["hex"]):
            found.append("hex is not lower-case hexadecimal")
        if vector["direction"] not in ("both", "decode"):
            found.append("direction")
        if not str(vector["source"]).strip() or not str(vector["model"]).strip():
            found.append("source or model is empty")
        if not isinstance(vector["decoded"], dict):
            found.append("decoded is no object")
        if vector.get("origin", "").partition(" ")[0] not in ("", *ORIGINS):
            found.append("the origin is not explained in README.md")
    return found


@pytest.mark.parametrize("path", [path for path in FILES if path.stem not in CONVERSATIONS], ids=name)
def test_every_line_says_all_it_must(path: Path) -> None:
    assert lines(path)
    for number, vector in enumerate(lines(path), 1):
        assert not objections(vector), (path.name, number)


def test_no_line_stands_twice() -> None:
    seen = set()
    for path in FILES:
        if path.stem in CONVERSATIONS:
            continue
        for vector in lines(path):
            key = (vector["model"], vector["hex"], json.dumps(vector["decoded"], sort_keys=True))
            assert key not in seen, (path.name, vector["hex"])
            seen.add(key)


@for_each("path", FILES)
def test_every_file_is_described_and_read_by_the_test_that_is_named(path: Path) -> None:
    table = {row[0]: row for row in rows("tests/vectors/README.md", "# Test vectors")}
    assert set(table) == {each.name for each in FILES}
    test = ROOT / table[path.name][2].strip("`")
    assert test in TESTS
    assert f'"{path.stem}"' in TESTS[test] or f'"{path.name}"' in TESTS[test]


@pytest.mark.parametrize(
    "change",
    [{"hex": "0"}, {"hex": "AB"}, {"direction": "encode"}, {"source": " "}, {"decoded": "4"}, {"origin": "hearsay"}],
)
def test_a_wrong_line_is_seen(change: dict[str, Any]) -> None:
    right = {"model": "3m", "hex": "ab", "decoded": {}, "source": "somewhere", "direction": "both"}
    assert objections(right) == []
    assert objections({**right, **change})
    assert objections({key: value for key, value in right.items() if key != "source"}) == ["no source"]
