"""`station board` and `station roll`: waiting work, from the journal alone and with a running station."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from station.base import words
from station.base.clock import SystemClock
from station.base.sentence import Sentence
from station.cli import station
from station.domain import events as ev
from station.domain.deliveries.delivery import DeliveryState, Why
from station.runtime.data_directory import JOURNAL
from station.store.owner import open_store
from station.store.queries.queries import Queries
from tests.support import sample_events


def run(*arguments: str) -> Result:
    return CliRunner().invoke(station, list(arguments), catch_exceptions=False)


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A data directory with one parked delivery, one overdue correction, one bad tag."""
    (tmp_path / "station.toml").write_text('[library]\nisil = "US-XxExmp"\n[station]\noperator = "ann"\n')
    store = open_store(tmp_path / JOURNAL, SystemClock())
    try:
        store.journal.record(sample_events.judged(), deliveries=[sample_events.delivery("alma", "31234000000015")])
        (row,) = store.queries.outbox_page()
        store.outbox.lease(row.id)
        store.outbox.settle(
            row.id, DeliveryState.PARKED, Sentence.verbatim("they\x1b[2J wrote"), why=Why(reason="conflict")
        )
        store.journal.record(
            ev.LineStopped(code="tag-unreadable", sentence=Sentence.verbatim("x"), uid="E004010012345678")
        )
    finally:
        store.close()
    return tmp_path


def test_the_board_says_what_waits(data: Path) -> None:
    done = run("--data", str(data), "board")
    assert done.exit_code == 1
    assert "no station runs" in done.stdout
    assert "! 1 delivery needs a decision" in done.stdout
    assert " wrote" in done.stdout
    assert "\x1b" not in done.stdout
    assert "The last tag: 1 of 1 failed (100.0%)" in done.stdout
    told = json.loads(run("--data", str(data), "board", "--json").stdout)
    assert told["parked"]["count"] == 1
    assert told["last_tags"]["failed"] == 1
    assert told["running"] is False


def test_a_roll_is_named_and_counted(data: Path) -> None:
    done = run("--data", str(data), "roll", "load", "batch \x1b[31mA-17")
    assert done.exit_code == 0
    (event,) = [
        row.event for row in Queries(data / JOURNAL, SystemClock()).events() if isinstance(row.event, ev.RollLoaded)
    ]
    assert event.name.endswith("A-17")
    assert "\x1b" not in event.name
    assert event.operator == "ann"
    rolls = json.loads(run("--data", str(data), "board", "--json").stdout)["rolls"]
    assert [(row["name"], row["tags"]) for row in rolls] == [(event.name, 0), ("", 1)]
    assert run("--data", str(data), "roll", "load", " \x07 ").exit_code == 2


def test_a_call_for_staff_is_on_the_board_until_it_is_answered(data: Path) -> None:
    for _ in range(2):
        assert json.loads(run("--data", str(data), "call-staff", "--json").stdout) == {"called": True}
    assert "ann called staff at " in run("--data", str(data), "board").stdout
    assert run("--data", str(data), "call-staff", "--down").exit_code == 0
    assert "called staff" not in run("--data", str(data), "board").stdout
    kinds = [type(row.event) for row in Queries(data / JOURNAL, SystemClock()).events()]
    assert (kinds.count(ev.StaffCalled), kinds.count(ev.StaffCallAnswered)) == (1, 1)


def test_an_empty_station_has_nothing_that_waits(tmp_path: Path) -> None:
    (tmp_path / "station.toml").write_text("")
    open_store(tmp_path / JOURNAL, SystemClock()).close()
    assert run("--data", str(tmp_path), "board").exit_code == 0


def test_the_board_speaks_the_sites_language(data: Path) -> None:
    """Another language is a file and a setting. A sentence that the file lacks is shown in English."""
    toml = data / "station.toml"
    toml.write_text(toml.read_text() + '[screen]\nlanguage = "de"\n')
    assert run("--data", str(data), "board").exit_code == 3, "the setting alone must be refused"
    (data / "words").mkdir()
    (data / "words" / "de.po").write_text(
        'msgid ""\nmsgstr ""\n"Content-Type: text/plain; charset=utf-8\\n"\n\n'
        'msgid "board.work"\nmsgstr "Arbeit in der Hand"\n',
        encoding="utf-8",
    )
    try:
        done = run("--data", str(data), "board")
    finally:
        words.use()
    assert "Arbeit in der Hand" in done.stdout
    assert "delivery needs a decision" in done.stdout
