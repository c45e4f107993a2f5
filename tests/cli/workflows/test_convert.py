"""`station convert` at a bench with an item in process: after a kill, that is the item on the pad."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from station.cli import station
from station.cli.admin.settings_file import template
from station.cli.shared.app import App
from station.cli.workflows import convert as command
from station.cli.workflows.process import bench_of
from station.domain.commands import Act, Enter
from station.domain.workflows import Workflow
from station.runtime.data_directory import JOURNAL
from tests.cli.workflows.test_operator import Desk, do
from tests.support.simulated_bench import BOOK, OTHER, Rig

SESSIONS = 10
"""More than the bench can journal while they are submitted."""


@pytest.fixture
def rig(monkeypatch: pytest.MonkeyPatch) -> Rig:
    made = Rig()

    @contextmanager
    def bench_of(*_: Any) -> Iterator[Any]:
        yield Desk(made), lambda _: None

    monkeypatch.setattr(command, "bench_of", bench_of)
    return made


def converted(tmp_path: Path, barcode: str, *more: str) -> Result:
    (tmp_path / "station.toml").write_text(template(**{"library.isil": "US-TxDa"}), encoding="utf-8")
    (tmp_path / "list").write_text(f"{barcode}\n")
    words = ("--data", str(tmp_path), "convert", str(tmp_path / "list"), "--timeout", "0.5", "--keep-open", *more)
    return CliRunner().invoke(station, words)


def test_the_item_in_hand_of_an_open_session_is_gone_on_with(rig: Rig, tmp_path: Path) -> None:
    rig.bench.handle(Enter(Workflow.CONVERT))
    rig.look(2)
    rig.scan(BOOK)
    rig.place(rig.world.tag(1))
    done = converted(tmp_path, BOOK, "--json")
    assert done.exit_code == 0, done.output
    assert rig.journal.kinds().count("item-judged") == 1
    again = converted(tmp_path, BOOK, "--json")
    assert again.exit_code == 0, "a requester without an answer asks again"
    assert rig.journal.kinds().count("item-judged") == 1


@pytest.mark.parametrize("workflow", [Workflow.CONVERT, Workflow.PROCESS])
def test_another_item_in_hand_is_not_taken_away(workflow: Workflow, rig: Rig, tmp_path: Path) -> None:
    rig.bench.handle(Enter(workflow))
    rig.look(2)
    rig.scan(OTHER)
    done = converted(tmp_path, BOOK, "--json")
    assert done.exit_code == 4 and f"Title of {OTHER}" in done.stdout
    assert rig.now.item is not None and rig.now.item.barcode == OTHER


def test_the_last_commands_are_carried_out_before_the_station_of_the_terminal_stops(tmp_path: Path) -> None:
    (tmp_path / "station.toml").write_text(template(**{"library.isil": "US-TxDa"}), encoding="utf-8")
    app = App()
    app.data = tmp_path
    with bench_of(app) as (bench, _):
        for _ in range(SESSIONS):
            bench.submit(Enter(Workflow.CONVERT))
            bench.submit(Act("end"))
    with closing(sqlite3.connect(tmp_path / JOURNAL)) as journal:
        kinds = journal.execute("SELECT kind FROM events WHERE kind LIKE 'conversion-%' ORDER BY seq").fetchall()
    assert kinds == [("conversion-began",), ("conversion-ended",)] * SESSIONS


def test_nobody_is_told_choices_that_nobody_is_asked(rig: Rig, tmp_path: Path) -> None:
    """The tag of another item of the library: the touch screen offers to overwrite it."""
    uid = rig.world.tag(1)
    rig.place(uid)
    assert do(Desk(rig), barcode=OTHER, pass_all=True).good
    rig.lift()
    rig.place(uid)
    done = converted(tmp_path, BOOK)
    assert done.exit_code == 20, done.output
    assert 'The tag on the pad is for "' in done.output
    assert "overwrite" not in done.output and "[" not in done.output, done.output
