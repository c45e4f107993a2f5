"""The statistics screen shows the journal's figures, as far as the viewer may see other people's work."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from station.base.clock import SystemClock
from station.base.settings import Library, Sampling, Settings
from station.cli import station
from station.domain.sampling import By
from station.reports.screens import Reports
from station.store.people.names import People
from station.store.people.workforce import Workforce
from station.store.queries.queries import Queries
from tests.cli.quality.test_statistics import work


@pytest.fixture
def reports(tmp_path: Path) -> Reports:
    work(tmp_path, count=60, bad=3, worker="ann")
    work(tmp_path, count=5, bad=1, worker="bea")
    (tmp_path / "station.toml").write_text('[library]\nisil = "US-TxDa"\n', encoding="utf-8")
    words = ["--data", str(tmp_path), "people", "add", "sue", "--name", "Sue", "--role", "systems"]
    assert CliRunner().invoke(station, words).exit_code == 0
    queries = Queries(tmp_path / "journal.db", SystemClock())
    settings = Settings(library=Library(isil="US-TxDa"), sampling=Sampling(enabled=True))
    return Reports(queries, Workforce(People(tmp_path / "people.db"), queries), settings, tmp_path, SystemClock())


def text(lines: tuple[object, ...]) -> str:
    return "\n".join(str(getattr(line, "text")) for line in lines)  # noqa: B009


def test_shares_come_with_intervals_and_only_the_own(reports: Reports) -> None:
    mine = text(reports.shares("ann", By.WORKER))
    assert "ann: 60 verdicts" in mine
    assert "3 of " in mine
    assert " to " in mine
    assert "95 % confidence range" in mine
    assert "bea" not in mine
    everybody = text(reports.shares("sue", By.WORKER))
    assert "ann: 60 verdicts" in everybody
    assert "bea: 5 verdicts" in everybody
    assert "book" in text(reports.shares("ann", By.MATERIAL))


def test_sampling_says_where_and_why(reports: Reports) -> None:
    mine = text(reports.sampling("ann"))
    assert mine.startswith("worker ann: ")
    assert "why: " in mine
    assert "bea" not in mine
    assert "worker bea: " in text(reports.sampling("sue"))


def test_charts_are_drawn_for_whom_one_may_see(reports: Reports) -> None:
    assert text(reports.charts("ann", By.WORKER)).startswith("ann: ")
    assert "bea" not in text(reports.charts("ann", By.WORKER))
    assert "bea: " in text(reports.charts("sue", By.WORKER))


def test_sampling_that_is_off_says_so(reports: Reports) -> None:
    reports._settings = Settings()
    assert "Sampling is off" in text(reports.sampling("ann"))
