"""A person without the right to manage people or to erase a name asks for an authorizing person in the same command;
without one the command does nothing."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from station.base.clock import SystemClock
from station.base.settings import load
from station.cli import station
from station.domain.events import CardChanged, PinSet, WorkerLeft, WorkerRegistered
from station.domain.people.rights import Role
from station.domain.people.sign_on import Pin
from station.runtime.data_directory import JOURNAL, PEOPLE
from station.runtime.identity.authenticator import open_authenticator
from station.store.owner import open_store
from station.store.people.cards import Kind
from station.store.people.names import People
from station.store.queries.queries import Queries
from tests.cli.session.test_sign_on import PINS, events, prepare
from tests.conftest import FakeClock

SYS_PIN, NEW_PIN, FOUND = "650284", "918273", ("tess", PINS["tess"])
ANN = PINS["ann"]
COMMANDS: list[tuple[tuple[str, ...], tuple[str, ...]]] = [
    (("pin", "set", "new"), (NEW_PIN,)),
    (("pin", "reset", "tim"), (NEW_PIN,)),
    (("card", "add", "tim", "STAFF-7"), ()),
    (("card", "remove", "STAFF-1"), ()),
    (("rename", "tim", "Timothy"), ()),
    (("speak", "tim", "--language", "es"), ()),
]
"""Commands of `station people` that an operator gives, and the input lines after the technician's PIN."""


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    data = prepare(tmp_path_factory.mktemp("people"))
    people, store = People(data / PEOPLE), open_store(data / JOURNAL, FakeClock())
    for login, role in (("sys", Role.SYSTEMS), ("new", Role.TRAINEE), ("old", Role.TRAINEE)):
        people.add(f"w-{login}", login, login.title())
        store.journal.record(WorkerRegistered(worker=f"w-{login}", role=role))
    authenticator = open_authenticator(load(data / "station.toml"), data, store.queries, SystemClock())
    authenticator.pins.give("w-sys", Pin(SYS_PIN), must_change=False)
    authenticator.give_card(Kind.BARCODE, "STAFF-1", "w-tim")
    store.close()
    return data


def run(data: Path, *words: str, lines: tuple[str, ...]) -> Result:
    typed = "".join(f"{line}\n" for line in lines)
    return CliRunner().invoke(station, ["--data", str(data), "people", *words, "--json"], input=typed)


def state(data: Path) -> object:
    """Return all that the commands could change: the end of the journal, names, PINs and cards."""
    views, people = Queries(data / JOURNAL, FakeClock()), People(data / PEOPLE)
    authenticator = open_authenticator(load(data / "station.toml"), data, views, SystemClock())
    staff = [
        (who, people.by_id(who), authenticator.pins.state(who), authenticator.cards.of(who))
        for who in sorted(views.workers())
    ]
    return views.head().seq, [(who, person, pin.there, pin.must_change, cards) for who, person, pin, cards in staff]


def journaled(data: Path) -> list[tuple[str, str]]:
    """Return (operator, authorizing person) of each event about a PIN or a card."""
    return [(one.operator, one.authorised) for kind in (PinSet, CardChanged) for one in events(data, kind)]


def refused(data: Path, *words: str, lines: tuple[str, ...]) -> str:
    """Return the error's code; assert that the command changed nothing."""
    before = state(data)
    result = run(data, *words, lines=lines)
    assert (result.exit_code, state(data)) == (35, before), result.output
    code: str = json.loads(result.stdout)["error"]["code"]
    return code


@pytest.mark.parametrize(("words", "more"), COMMANDS, ids=lambda one: " ".join(one))
def test_an_operator_gets_it_lent_in_the_same_command(
    data: Path, words: tuple[str, ...], more: tuple[str, ...]
) -> None:
    assert refused(data, *words, lines=(ANN, "")) == "not-allowed", "no person authorized it"
    assert refused(data, *words, lines=(ANN, "tess", "000111")) == "pin-wrong"
    assert refused(data, *words, lines=(ANN, "ann", *more)) == "not-allowed", "ann lacks the right as well"
    before, told = state(data), Counter(journaled(data))
    done = run(data, *words, lines=(ANN, *FOUND, *more))
    assert done.exit_code == 0, done.output
    assert state(data) != before
    new = list((Counter(journaled(data)) - told).elements())
    assert new == [("w-ann", "w-tess")] * (words[0] not in ("rename", "speak")), "names and languages are not journaled"


def test_a_technician_gets_staff_and_erasing_lent_by_systems(data: Path) -> None:
    tess = ("--operator", "tess")
    lent = (PINS["tess"], "sys", SYS_PIN)
    assert (
        refused(data, "erase", "old", "--reason", "asked for", *tess, lines=(PINS["tess"], "ann", ANN)) == "not-allowed"
    )
    assert refused(data, "card", "add", "sys", "S-9", *tess, lines=(PINS["tess"], "")) == "not-allowed"
    assert run(data, "card", "add", "sys", "S-9", *tess, lines=lent).exit_code == 0
    assert run(data, "erase", "old", "--reason", "asked for", *tess, lines=lent).exit_code == 0
    ends = [(one.worker, one.erased, one.operator, one.authorised) for one in events(data, WorkerLeft)]
    assert ends == [("w-old", False, "w-tess", "w-sys"), ("w-old", True, "w-tess", "w-sys")]
    assert People(data / PEOPLE).by_id("w-old") is None


def test_who_has_the_right_is_asked_for_nobody_else(data: Path) -> None:
    renamed = run(data, "rename", "ann", "Anne", lines=(ANN,))
    assert (renamed.exit_code, json.loads(renamed.stdout)["name"]) == (0, "Anne"), (
        "each person may change their own name"
    )
    assert run(data, "rename", "ann", "Ann", "--operator", "tess", lines=(PINS["tess"],)).exit_code == 0
