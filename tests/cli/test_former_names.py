"""A command keeps its former name: the name is not listed, and runs the same command."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

import pytest
from click.testing import CliRunner, Result

from scripts.reference.pages import all_commands
from station.base.clock import SystemClock
from station.cli import FORMER_NAMES, station
from station.cli.admin.settings_file import template
from station.domain.events import WithdrawalBegan
from station.runtime.data_directory import JOURNAL
from station.store.owner import open_store
from tests.support.sample_events import record

ITEM: Final = "31234000000015"
ARGUMENTS: Final = {
    "release check": ("LIST",),
    "release truck": ("LIST", "--truck", "7"),
    "withdraw answer": ("not a barcode", "--pass-all"),
    "withdraw list": ("--all",),
}
"""Arguments for a call of each present command."""
CODES: Final = {"release check": 1, "release truck": 1, "withdraw list": 0}


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A data directory with an open withdrawal, and a list with an item that may not be released."""
    (tmp_path / "station.toml").write_text(template(**{"library.isil": "US-XxExmp"}), encoding="utf-8")
    (tmp_path / "LIST").write_text(f"{ITEM}\n", encoding="utf-8")
    store = open_store(tmp_path / JOURNAL, SystemClock())
    store.journal.record(
        WithdrawalBegan(checklist="a", task="withdrawal", barcode=ITEM, day="2026-11-25", item=record(ITEM))
    )
    store.close()
    return tmp_path


def run(data: Path, name: str, words: tuple[str, ...]) -> Result:
    where = [str(data / word) if word == "LIST" else word for word in words]
    return CliRunner().invoke(station, ["--data", str(data), *name.split(), *where, "--json"])


def answered(result: Result) -> Any:
    """Return the JSON without the id of a journaled release, which differs each time."""
    found = json.loads(result.stdout)
    return {key: value for key, value in found.items() if key != "release"} if isinstance(found, dict) else found


@pytest.mark.parametrize(("former", "present"), FORMER_NAMES.items(), ids=FORMER_NAMES)
def test_a_former_name_runs_the_same(data: Path, former: str, present: str) -> None:
    was, now = (run(data, name, ARGUMENTS[present]) for name in (former, present))
    assert was.exit_code == now.exit_code == CODES.get(present, was.exit_code)
    assert answered(was) == answered(now)


@pytest.mark.parametrize("former", FORMER_NAMES)
def test_a_former_name_is_not_listed(former: str) -> None:
    assert f"station {former}" not in dict(all_commands())
    assert former.split()[0] not in station.list_commands(station.make_context("station", [], resilient_parsing=True))


@pytest.mark.parametrize("noun", sorted({name.split()[0] for name in FORMER_NAMES}))
def test_a_former_noun_takes_the_data_directory_too(data: Path, noun: str) -> None:
    assert CliRunner().invoke(station, [noun, "--data", str(data), "--help"]).exit_code == 0


def test_every_present_name_exists() -> None:
    assert {f"station {present}" for present in FORMER_NAMES.values()} <= dict(all_commands()).keys()
