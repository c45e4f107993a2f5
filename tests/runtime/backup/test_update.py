"""`station update`: data of earlier versions is brought up to date, and goes back as long as nothing is lost."""

from __future__ import annotations

import json
import sqlite3
import zipfile
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from station.base import settings
from station.base.clock import SystemClock
from station.cli import station
from station.runtime.data_directory import BACKUPS, JOURNAL, PEOPLE, SETTINGS_NAME
from station.runtime.lock import hold
from station.runtime.open_journal import open_journal
from tests.support.sample_tags import VECTORS

EARLIER = VECTORS / "earlier"
"""Data directories of earlier versions; see the README there."""


@pytest.fixture
def data(tmp_path: Path, request: pytest.FixtureRequest) -> Path:
    """The data directory of the version that the test names."""
    data = tmp_path / "data"
    with zipfile.ZipFile(EARLIER / f"{request.param}.zip") as archive:
        archive.extractall(data)
    return data


def run(data: Path, *words: str) -> Result:
    return CliRunner().invoke(station, ["--data", str(data), *words])


def facts(data: Path) -> dict[str, Any]:
    """Return schema and rows of both databases, read without the station."""
    rows = {}
    for name, query in ((JOURNAL, "SELECT seq, hash FROM events"), (PEOPLE, "SELECT worker, login FROM people")):
        with closing(sqlite3.connect(data / name)) as sql:
            rows[name] = [*sql.execute("PRAGMA user_version"), *sql.execute(query)]
    return rows


both = pytest.mark.parametrize("data", ["0.1", "0.2"], indirect=True)
first = pytest.mark.parametrize("data", ["0.1"], indirect=True)


@both
def test_data_of_an_earlier_version_is_brought_up_to_date(data: Path) -> None:
    before = facts(data)
    assert run(data, "update").exit_code == 0
    after = facts(data)
    assert after[JOURNAL][1:] == before[JOURNAL][1:]
    assert run(data, "journal", "verify").exit_code == 0
    listed = run(data, "people", "list", "--operator", "tess")
    assert (listed.exit_code, "tess" in listed.stdout) == (0, True), listed.output
    assert "up to date already" in run(data, "update").stdout


@first
def test_an_update_goes_back_until_the_new_version_journals(data: Path) -> None:
    before = facts(data)
    assert run(data, "update").exit_code == 0
    assert facts(data) != before
    gone_back = run(data, "update", "--back")
    assert (gone_back.exit_code, "Install the earlier version" in gone_back.stdout) == (0, True), gone_back.output
    assert facts(data) == before
    assert run(data, "update", "--back").exit_code == 0, "going back again changes nothing"
    assert facts(data) == before
    assert run(data, "update").exit_code == 0
    assert run(data, "roll", "load", "A-17").exit_code == 0
    after = facts(data)
    refused = run(data, "update", "--back", "--json")
    error = json.loads(refused.stdout)["error"]
    lost = len(after[JOURNAL]) - len(before[JOURNAL])
    assert (error["code"], error["exit_code"]) == ("update-kept", 50)
    assert str(lost) in error["detail"]
    assert facts(data) == after


@both
def test_a_start_keeps_the_data_before_it(data: Path, tmp_path: Path) -> None:
    before = facts(data)
    assert run(data, "roll", "load", "A-17").exit_code == 0
    assert facts(data) != before
    (kept,) = (data / BACKUPS).iterdir()
    with zipfile.ZipFile(kept) as archive:
        archive.extractall(tmp_path / "kept")
    assert facts(tmp_path / "kept") == before
    assert "1 event of the new version would be lost" in run(data, "update", "--back").stderr
    assert run(data, "roll", "load", "A-18").exit_code == 0
    assert [*(data / BACKUPS).iterdir()] == [kept], "data that is up to date is not kept again"


@first
def test_a_start_that_journaled_nothing_goes_back(data: Path) -> None:
    before = facts(data)
    with hold(data):
        open_journal(settings.load(data / SETTINGS_NAME), data, SystemClock()).close()
    assert facts(data) != before
    assert run(data, "update", "--back").exit_code == 0
    assert facts(data) == before


@first
@pytest.mark.parametrize("words", [("people", "list", "--operator", "tess"), ("journal", "show")])
def test_a_command_that_only_reads_changes_no_data_of_an_earlier_version(data: Path, words: tuple[str, ...]) -> None:
    """Otherwise the backup before the update would have the new schema."""
    before = facts(data)
    refused = run(data, *words)
    assert (refused.exit_code, "run: station update" in refused.stderr) == (50, True), refused.output
    assert facts(data) == before


@first
def test_without_an_update_there_is_no_way_back(data: Path) -> None:
    before = facts(data)
    assert json.loads(run(data, "update", "--back", "--json").stdout)["error"]["code"] == "update-kept"
    assert facts(data) == before
