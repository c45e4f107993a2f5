"""`station sign-on`, `sign-off`, `who` and `--operator` with a running station: proven over the socket, counted on
disk."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from click.testing import CliRunner, Result

from station.base.clock import SystemClock
from station.base.settings import load
from station.base.words import Session
from station.cli import station
from station.cli.admin.settings_file import template
from station.domain.commands import SignOn
from station.domain.events import PinSet, SignedOff, SignedOn, WorkerRegistered
from station.domain.people.rights import Role
from station.domain.people.sign_on import Asks, Pin
from station.runtime.data_directory import JOURNAL, PEOPLE
from station.runtime.identity.authenticator import open_authenticator
from station.runtime.lock import hold
from station.runtime.serving import serving
from station.runtime.socket.client import connect
from station.runtime.station import Station
from station.store.owner import open_store
from station.store.people.names import People
from station.store.queries.queries import Queries
from tests.conftest import FakeClock

Run = Callable[..., Result]
PINS = {"ann": "482913", "tess": "739105", "tim": "305882"}
ROLES = {"ann": Role.OPERATOR, "tess": Role.TECHNICIAN, "tim": Role.TRAINEE}


QUICK = {"library.isil": "US-TxDa", "people.pin_memory_kib": 8192, "people.pin_passes": 1, "people.sign_on": True}


def prepare(data: Path, **changes: object) -> Path:
    """Make a data directory with three people and their PINs."""
    shutil.copytree(_with_people().name, data, dirs_exist_ok=True)
    text = template(**{**QUICK, "station.operator": "ann", **changes})
    (data / "station.toml").write_text(text, encoding="utf-8")
    return data


@cache
def _with_people() -> TemporaryDirectory[str]:
    """Return a folder with the people, made once: three PINs are hashed."""
    folder = TemporaryDirectory()
    data = Path(folder.name)
    (data / "station.toml").write_text(template(**QUICK), encoding="utf-8")
    people = People(data / PEOPLE)
    store = open_store(data / JOURNAL, FakeClock())
    for login, role in ROLES.items():
        people.add(f"w-{login}", login, login.title())
        store.journal.record(WorkerRegistered(worker=f"w-{login}", role=role))
    authenticator = open_authenticator(load(data / "station.toml"), data, store.queries, SystemClock())
    for login, pin in PINS.items():
        first = login == "tim"
        store.journal.record(PinSet(worker=f"w-{login}", first=first))
        authenticator.pins.give(f"w-{login}", Pin(pin), must_change=first)
    store.close()
    return folder


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return prepare(tmp_path)


@pytest.fixture
def run(data: Path) -> Run:
    return lambda *words, lines=(): CliRunner().invoke(
        station, ["--data", str(data), *words], input="".join(f"{line}\n" for line in lines)
    )


@contextmanager
def running(data: Path) -> Iterator[Station]:
    """A station without screens: bench, socket, authenticator; no reader is connected."""
    with hold(data) as held:
        settings = load(data / "station.toml")
        found = Station(settings, data, Session())
        found.start()
        server = serving(held, found, lambda: None, settings)
        server.start()
        try:
            yield found
        finally:
            server.stop()
            found.stop()


def value(result: Result, code: int = 0) -> Any:
    assert result.exit_code == code, result.output
    return json.loads(result.stdout)


def events(data: Path, kind: type) -> list[Any]:
    return [row.event for row in Queries(data / JOURNAL, FakeClock()).events() if isinstance(row.event, kind)]


def test_on_off_and_who(run: Run, data: Path) -> None:
    with running(data):
        first = value(run("who", "--json"))
        assert (first["worker"], first["signed_on"], first["sign_on"], first["asked"]) == ("nobody", False, True, "who")
        assert run("who").stdout == "No one is signed on\n"
        said = value(run("sign-on", "ann", "--json", lines=["000111"]), 35)
        assert said["error"]["code"] == "pin-wrong"
        assert value(run("who", "--json"))["worker"] == "nobody"
        here = value(run("sign-on", "ann", "--json", lines=[PINS["ann"]]))
        assert (here["worker"], here["name"], here["signed_on"]) == ("w-ann", "Ann", True)
        assert value(run("people", "sign-on", "tess", "--json", lines=[PINS["tess"]]))["worker"] == "w-tess"
        assert value(run("sign-on", "nobody-here", "--json", lines=["000111"]), 35)["error"]["code"] == "pin-wrong"
        assert value(run("sign-on", "tim", "--json", lines=[PINS["tim"]]), 35)["error"]["code"] == "pin-change-needed"
        assert value(run("sign-off", "--json"))["signed_on"] is False
    signed = [(event.operator, event.how, event.instead_of) for event in events(data, SignedOn)]
    assert signed == [("w-ann", "command", ""), ("w-tess", "command", "w-ann")]
    assert [(event.operator, event.why) for event in events(data, SignedOff)] == [
        ("w-ann", "changed"),
        ("w-tess", "asked"),
    ]


def test_the_socket_lets_nobody_in_by_name_alone(run: Run, data: Path) -> None:
    with running(data):
        client = connect(data)
        assert client is not None
        with client:
            client.submit(SignOn("w-tess"))
            client.submit(SignOn("w-tess", "made-up"))
            seen = next(
                snapshot
                for snapshot in client.watch()
                if snapshot.sign_on_prompt and snapshot.sign_on_prompt.asks is Asks.PIN
            )
            assert (seen.worker, seen.sign_on_prompt.who if seen.sign_on_prompt else "") == ("nobody", "Tess")
        assert value(run("who", "--json"))["worker"] == "nobody"


def test_a_command_that_works_at_the_bench_asks_first(run: Run, data: Path) -> None:
    with running(data):
        said = value(run("process", "31234000000016", "--json", lines=["000111"]), 35)
        assert said["error"]["code"] == "pin-wrong"
        said = value(run("process", "31234000000016", "--json", lines=[]), 2)
        assert said["error"]["code"] == "usage"
        said = value(run("process", "31234000000016", "--json", "--timeout", "5", lines=[PINS["ann"]]), 10)
        assert said["error"]["code"] == "port-missing", "it must continue with its work"
        assert value(run("who", "--json"))["worker"] == "w-ann"
    assert not any(PINS["ann"] in path.read_text(errors="replace") for path in data.rglob("*") if path.is_file())


def test_without_a_running_station_and_without_sign_on(run: Run, data: Path, tmp_path: Path) -> None:
    assert value(run("who", "--json"), 4)["error"]["code"] == "station-closed"
    (data / "station.toml").write_text(template(**{"library.isil": "US-TxDa", "station.operator": "ann"}))
    with running(data):
        assert value(run("who", "--json"))["worker"] == "w-ann"
        assert value(run("sign-on", "tess", "--json"))["worker"] == "w-tess"
        assert value(run("sign-off", "--json"), 20)["error"]["code"] == "not-finished"
