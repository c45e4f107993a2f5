"""docs/architecture.md is short and agrees with the code: its tree, its layers, its paths, its contracts."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

from scripts.reference.rooms import APART, HOUSE, about, filled, floors, layers, tree
from tests.conftest import ROOT
from tests.support.for_each import for_each

PAGE = (ROOT / "docs/architecture.md").read_text(encoding="utf-8")
LONGEST = 12_000
"""Bytes that a new programmer can read in a quarter of an hour. Move details to the page of their subject."""
RULES = PAGE.partition("\n## The rules")[2]
FOLDERS = sorted(path.parent for path in HOUSE.rglob("__init__.py"))
CONTRACTS = {
    contract["id"]
    for contract in tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"][
        "contracts"
    ]
}


def held_by(rules: str) -> list[tuple[str, list[str]]]:
    """Yield each rule of the table with the contracts and tests in its second cell."""
    rows = re.findall(r"^\| (.+) \| (.+) \|$", rules, re.MULTILINE)
    return [(rule, re.findall(r"`([^`]+)`", cell)) for rule, cell in rows if rule != "rule"]


def test_the_page_is_short() -> None:
    assert len(PAGE.encode()) <= LONGEST


def test_the_tree_and_the_layers_are_those_of_the_code() -> None:
    assert filled(PAGE) == PAGE, "run: .venv/bin/python -m scripts.reference.pages docs"
    assert tree() in PAGE
    assert layers() in PAGE


def test_every_room_has_a_layer_and_stands_in_the_tree() -> None:
    rooms = {path.name for path in FOLDERS if path.parent == HOUSE}
    assert rooms == {room for floor in floors() for room in floor if "(" not in room} | {APART}
    assert rooms == set(re.findall(r"^ {6}(\w+)/", tree(), re.MULTILINE))


@for_each("folder", FOLDERS)
def test_every_folder_says_in_a_sentence_what_it_holds(folder: Path) -> None:
    assert re.fullmatch(r"\S+ \S+ .+[.?]", about(folder))


@for_each(("rule", "holders"), held_by(RULES))
def test_what_holds_a_rule_exists(rule: str, holders: list[str]) -> None:
    assert holders, "every rule is held by a contract or a test"
    for holder in holders:
        assert holder in CONTRACTS or (ROOT / holder).exists(), holder


def test_every_contract_stands_beside_its_rule() -> None:
    assert {holder for _, holders in held_by(RULES) for holder in holders} >= CONTRACTS


def test_one_items_way_names_a_file_or_folder_in_each_step() -> None:
    way = PAGE.partition("\n## One item")[2].partition("\n## ")[0]
    steps = re.findall(r"^\| (\d+) \|.*\| (.+) \|$", way, re.MULTILINE)
    assert [int(number) for number, _ in steps] == list(range(1, len(steps) + 1))
    for number, where in steps:
        places = re.findall(r"`([^`]+)`", where)
        assert places, number
        assert all(place.startswith("station/") and (ROOT / place).exists() for place in places), places
