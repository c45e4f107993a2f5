"""`station reader health` and `placement`: with a running station and without one."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from station.base.clock import SystemClock
from station.base.settings import load
from station.base.words import Session
from station.cli import station
from station.cli.admin.settings_file import template
from station.drivers.reader.measured import kept
from station.runtime.lock import hold
from station.runtime.serving import serving
from station.runtime.station import Station
from tests.conftest import ROOT
from tests.drivers.feig.test_against_emulator import Bench
from tests.support.patience import PATIENCE_S

STATION = """
import sys
from pathlib import Path
from station.base.clock import SystemClock
from station.runtime.lock import hold
from station.base.settings import load
from station.base.words import Session
from station.runtime.station import Station
data = Path(sys.argv[1])
with hold(data, SystemClock()):
    Station(load(data / "station.toml"), data, Session()).start()
    sys.stdin.read()
"""
"""A station without a screen, until it is killed."""
UID = "E00401500000AB01"
OTHER = "E00401500000AB02"


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    bench = Bench(tmp_path)
    data = tmp_path / "data"
    data.mkdir(mode=0o700)
    settings = {"library.isil": "US-TxDa", "reader.port": bench.link, "reader.poll_ms": 50, "reader.answer_ms": 8000}
    (data / "station.toml").write_text(template(**settings))
    yield bench
    bench.close()


def run(bench: Bench, *arguments: str, code: int = 0, text: bool = False) -> Any:
    data = str(Path(bench.link).parent / "data")
    result = CliRunner().invoke(station, ["reader", *arguments, "--data", data, *([] if text else ["--json"])])
    assert result.exit_code == code, result.output
    return result.stdout if text else json.loads(result.stdout)


def test_without_a_session_there_are_no_figures(bench: Bench) -> None:
    assert run(bench, "health", code=1)["health"] is None


def test_a_session_is_asked_while_it_runs_and_remembered_when_it_ended(bench: Bench) -> None:
    data = Path(bench.link).parent / "data"
    seen = threading.Event()
    running = Station(load(data / "station.toml"), data, Session())
    with hold(data, SystemClock()) as held:
        running.start()
        server = serving(held, running, lambda: None)
        server.start()
        try:
            end = running.bench.subscribe(lambda shown: seen.set() if shown.reader_ready else None)
            assert running.bench.snapshot.reader_ready or seen.wait(PATIENCE_S)
            end()
            told = run(bench, "health")
            assert (told["running"], told["health"]["name"], told["health"]["connected"]) == (
                True,
                "FEIG CPR.M02",
                True,
            )
            bench.do("create", uid=UID, chip="slix", place=True)
            found = run(bench, "placement", "--polls", "5")
            assert found["tags"] == [{"uid": UID, "answered": 5, "polls": 5}]
        finally:
            server.stop()
            running.stop()
    told = run(bench, "health")
    assert (told["running"], told["health"]["connections"]) == (False, 1)
    assert next(one for one in told["health"]["operations"] if one["name"] == "inventory")["done"] >= 5
    shown = run(bench, "health", text=True)
    assert "from the last session" in shown
    assert "tags in an inventory" in shown


def test_the_figures_of_a_station_that_was_killed_are_there(bench: Bench) -> None:
    """kill -9 of the process: the figures in its file are reported, and that the session did not end properly."""
    data = Path(bench.link).parent / "data"
    with subprocess.Popen([sys.executable, "-c", STATION, str(data)], cwd=ROOT, stdin=subprocess.PIPE) as process:
        late = time.monotonic() + PATIENCE_S
        while (known := kept(data)) is None or not known.connections:
            assert process.poll() is None and time.monotonic() < late, "no figures were written"
            time.sleep(0.05)
        process.kill()
    told = run(bench, "health")
    assert (told["running"], told["health"]["cut_off"], told["health"]["connections"]) == (False, True, 1)
    assert "did not end properly" in run(bench, "health", text=True)


def test_a_place_is_judged_by_how_often_the_tag_answers(bench: Bench) -> None:
    assert run(bench, "placement", "--polls", "3", code=1)["advice"][0]["key"] == "nobody"
    bench.do("create", uid=UID, chip="slix", place=True)
    assert run(bench, "placement")["advice"][0]["sentence"].startswith("10 of 10 polls")
    bench.do("status", command="b023", n=4, code=0x01)  # one read of ten is not answered
    found = run(bench, "placement", code=1)
    assert (found["tags"][0]["answered"], found["advice"][0]["key"]) == (9, "marginal")
    bench.do("create", uid=OTHER, chip="slix", place=True)
    found = run(bench, "placement", code=1)
    assert found["advice"][0]["key"] == "others"
    assert bench.tag(UID)["writes"] == bench.tag(OTHER)["writes"] == {}
    assert "! More than one tag answers" in run(bench, "placement", code=1, text=True)


def test_a_bad_cable_is_not_called_a_bad_place(bench: Bench) -> None:
    bench.do("create", uid=UID, chip="slix", place=True)
    for n in (2, 4):
        bench.do("garble-answer", command="b001", n=n)
    bench.do("garble-answer", command="b023", n=3)
    found = run(bench, "placement", code=1)
    assert [one["key"] for one in found["advice"]] == ["unheard"]
    assert found["tags"] == [{"uid": UID, "answered": 7, "polls": 7}]
    assert "3 of 10 polls" in found["advice"][0]["sentence"]


def test_an_answer_that_does_not_come_spoils_one_poll_and_a_reader_that_is_gone_the_test(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    data = tmp_path / "data"
    data.mkdir(mode=0o700)
    settings = {"library.isil": "US-TxDa", "reader.port": bench.link, "reader.answer_ms": 100}
    (data / "station.toml").write_text(template(**settings))
    try:
        bench.do("create", uid=UID, chip="slix", place=True)
        bench.do("drop-answer", command="b001", n=2)
        bench.do("drop-answer", command="b023", n=3)
        found = run(bench, "placement", "--polls", "5", code=1)
        assert [one["key"] for one in found["advice"]] == ["unheard"]
        assert (found["unheard"], found["tags"][0]["answered"]) == (2, 3)
        bench.do("reset-counters")
        for n in range(3, 9):
            bench.do("drop-answer", command="b001", n=n)
        run(bench, "placement", code=10, text=True)
        assert bench.do("counters")["commands"]["b001"] == 5, "three missing answers in succession must end it"
    finally:
        bench.close()
