"""The first PIN without proof is the first one of the journal; and the recovery by the owner of the files, which
remains visible."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from station.base.settings import load
from station.cli import station
from station.cli.shared.app import App
from station.cli.shared.prove_identity import pin_prompt, shown_name
from station.domain.events import PinRecovered, PinSet
from station.domain.people.sign_on import Pin
from station.domain.ports import Proof
from station.runtime.data_directory import JOURNAL, PEOPLE
from station.runtime.identity.authenticator import open_authenticator
from station.runtime.lock import hold
from station.runtime.socket.wire import VERSION
from station.runtime.station import Station
from station.store.people.pins import Pins
from station.store.queries.queries import Queries
from tests.cli.people.test_pin import PINS
from tests.cli.people.test_pin import data as data
from tests.cli.people.test_pin import events as events
from tests.cli.people.test_pin import run as run
from tests.cli.people.test_pin import value as value
from tests.cli.session.test_sign_on import PINS as SIGNING
from tests.cli.session.test_sign_on import prepare, running
from tests.conftest import FakeClock
from tests.runtime.socket.test_pad import until
from tests.runtime.socket.test_socket import Raw
from tests.support.altered_people import altered_people
from tests.support.told import told

Run = Callable[..., Result]
NEW, OTHER = "918273", "664512"


@pytest.fixture
def staffed(data: Path, run: Run) -> Path:
    """The technician has a PIN, and the journal has its event."""
    assert run("people", "pin", "set", "tess", lines=[PINS["tess"]]).exit_code == 0
    assert run("people", "pin", "change", "tess", lines=[PINS["tess"], PINS["new"]]).exit_code == 0
    return data


def beside(data: Path, statement: str) -> None:
    """Change the file of names without the station."""
    with altered_people(data / PEOPLE) as sql:
        sql.execute(statement)


def pins(data: Path) -> Pins:
    return open_authenticator(load(data / "station.toml"), data, Queries(data / JOURNAL, FakeClock()), FakeClock()).pins


def examined(run: Run, name: str) -> list[tuple[str, str]]:
    lines = json.loads(run("doctor", "--json").stdout)["lines"]
    return [(line["level"], line["found"]) for line in lines if line["name"] == name]


# --- the first PIN --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("gone", ["delete from pins", "delete from pins where worker = 'w-tess'", "all"])
def test_a_pin_deleted_from_the_file_opens_nothing(staffed: Path, run: Run, gone: str) -> None:
    if gone == "all":
        (staffed / PEOPLE).unlink()
    else:
        beside(staffed, gone)
    before = Queries(staffed / JOURNAL, FakeClock()).head().seq
    who = "w-tess" if gone == "all" else "tess"
    for words, lines in (
        (("pin", "set", who, "--operator", who), [NEW, NEW]),
        (("pin", "set", "tim", "--operator", who), [NEW, NEW]),
        (("pin", "change", who), [NEW, OTHER]),
        (("card", "add", "tim", "S-1", "--operator", who), [NEW]),
    ):
        assert run("people", *words, lines=lines).exit_code == 35
    assert Queries(staffed / JOURNAL, FakeClock()).head().seq == before
    assert not pins(staffed).state("w-tess").there and not pins(staffed).state("w-tim").there


def test_the_socket_asks_for_proof_although_the_file_has_no_pin(tmp_path: Path) -> None:
    prepare(tmp_path)
    said = CliRunner().invoke(
        station,
        ["--data", str(tmp_path), "people", "pin", "change", "tess"],
        input=f"{SIGNING['tess']}\n{NEW}\n",
    )
    assert said.exit_code == 0, said.output
    beside(tmp_path, "delete from pins")
    with running(tmp_path), Raw(tmp_path) as raw:
        order = {"kind": "pin-set", "worker": "w-tess", "operator": "w-tess", "first": True}
        for claims in ([], [{"name": "tess", "pin": {"text": NEW}}]):
            raw.say(json.dumps({"version": VERSION, "order": [order], "claims": claims}).encode() + b"\n")
            answer = raw.hear()
            assert answer["error"]["code"] in ("sign-on-needed", "pin-missing")  # type: ignore[index]
    assert [event.first for event in events(tmp_path, PinSet)][len(SIGNING) :] == [False]


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        ("delete from pins", "w-tess: the journal has a PIN, people.db has none"),
        ("update pins set worker = 'w-tim'", "w-tim: people.db has a PIN that was never journaled"),
        ("update pins set must_change = 1", "w-tess: only one of journal and people.db says that the PIN was changed"),
    ],
)
def test_doctor_says_where_journal_and_file_differ(staffed: Path, run: Run, statement: str, said: str) -> None:
    assert examined(run, "PINs") == [("OK", "1 in people.db, as the journal says")]
    beside(staffed, statement)
    ((level, found),) = examined(run, "PINs")
    assert (level, said in found) == ("FAIL", True), found


# --- recovery of access ---------------------------------------------------------------------------------------------


def recover(run: Run, *words: str, lines: tuple[str, ...] = (NEW,)) -> Result:
    return run("people", "pin", "recover", *words, "--reason", "the only one, locked out", lines=lines)


def test_the_owner_of_the_files_gets_back_in_and_it_shows_for_good(staffed: Path, run: Run) -> None:
    beside(staffed, "update pins set failures = 15")
    assert value(run("people", "pin", "change", "tess", "--json", lines=[PINS["new"], OTHER]), 35)["error"]["code"] == (
        "pin-locked"
    )
    assert examined(run, "PIN recovery") == []
    done = recover(run, "tess", "--json")
    assert done.exit_code == 0, done.output
    (event,) = events(staffed, PinRecovered)
    assert (event.worker, event.operator, event.reason) == ("w-tess", "nobody", "the only one, locked out")
    assert pins(staffed).state("w-tess").must_change, "it must allow nothing but the choice of another PIN"
    assert run("people", "pin", "set", "bea", lines=[NEW, PINS["bea"]]).exit_code == 35
    assert run("people", "pin", "change", "tess", lines=[NEW, OTHER]).exit_code == 0
    assert run("people", "pin", "set", "bea", lines=[OTHER, PINS["bea"]]).exit_code == 0

    day = Queries(staffed / JOURNAL, FakeClock()).pin_trace().recoveries[0].at[:10]
    ((level, found),) = examined(run, "PIN recovery")
    assert (level, f"last {day} to w-tess: the only one, locked out" in found) == ("WARN", True)
    assert examined(run, "PINs")[0][0] == "OK"
    verified = value(run("journal", "verify", "--json"))
    assert [one["worker"] for one in verified["recoveries"]] == ["w-tess"]
    assert f"On {day} the owner of the files gave worker w-tess a PIN WITHOUT PROOF" in run("journal", "verify").stdout
    assert value(run("board", "--json"))["recovered"]["oldest"] == [f"{day}: the only one, locked out"]
    assert "! 1 PIN was given WITHOUT PROOF" in run("board").stdout
    assert "WITHOUT PROOF: the owner of the files gave worker Tess a PIN" in run("journal", "show").stdout


def first_words(found: Station) -> str:
    """Return the text shown with the first question for a name, once the bench has published a snapshot."""
    until(lambda: bool(found.bench.snapshot.number))
    sign_on_prompt = found.bench.snapshot.sign_on_prompt
    assert sign_on_prompt is not None
    return told(sign_on_prompt.sentence)


def test_each_start_says_it_at_the_first_question(tmp_path: Path) -> None:
    prepare(tmp_path)
    with running(tmp_path) as found:
        assert first_words(found) == ""
    at = ["--data", str(tmp_path), "people", "pin", "recover", "tess", "--reason", "forgotten"]
    assert CliRunner().invoke(station, at, input=f"{NEW}\n").exit_code == 0
    for _ in range(2):
        with running(tmp_path) as found:
            assert "WITHOUT PROOF" in first_words(found)


def test_a_running_station_gives_none_and_its_socket_takes_none(tmp_path: Path) -> None:
    prepare(tmp_path)
    with running(tmp_path):
        at = ["--data", str(tmp_path), "people", "pin", "recover", "tess", "--reason", "forgotten"]
        assert CliRunner().invoke(station, at, input=f"{NEW}\n").exit_code == 4
        event = {"kind": "pin-recovered", "worker": "w-tess", "reason": "forgotten", "operator": "nobody"}
        with Raw(tmp_path) as raw:
            for kind in ("order", "imported", "cataloging"):
                claims = [{"name": "tess", "pin": {"text": SIGNING["tess"]}}]
                raw.say(json.dumps({"version": VERSION, kind: event, "claims": claims}).encode() + b"\n")
                answer = raw.hear()
                assert answer["error"]["code"] == "control-refused"  # type: ignore[index]
    assert events(tmp_path, PinRecovered) == []
    assert pins(tmp_path).prove("w-tess", Pin(SIGNING["tess"])).proof is Proof.RIGHT


def test_a_lost_file_of_names_is_begun_again_with_an_id(staffed: Path, run: Run) -> None:
    (staffed / PEOPLE).unlink()
    refused = recover(run, "tess")
    assert refused.exit_code == 2
    assert "w-sys (systems), w-tess (technician)" in refused.output, "the ids without a name must be listed"
    assert recover(run, "tess", "--id", "w-bea").exit_code == 2, "the id of an operator must be refused"
    assert events(staffed, PinRecovered) == []
    assert recover(run, "tess", "--id", "w-tess").exit_code == 0
    assert run("people", "pin", "change", "tess", lines=[NEW, OTHER]).exit_code == 0
    assert run("people", "add", "ann", "--operator", "tess", lines=[OTHER]).exit_code == 0
    assert recover(run, "tess", "--id", "w-sys").exit_code == 2, "a login must belong to one person only"


def test_what_is_no_way_back_changes_nothing(staffed: Path, run: Run, tmp_path: Path) -> None:
    assert recover(run, "bea").exit_code == 2, "only a technician gives an operator's PIN"
    assert recover(run, "nobody-here").exit_code == 2
    assert recover(run, "tess", lines=("123456",)).exit_code == 35, "a PIN that is too easy must be refused"
    assert recover(run, "tess", lines=()).exit_code == 2
    assert run("people", "pin", "recover", "tess", "--reason", " ", lines=[NEW]).exit_code == 2
    with hold(staffed, FakeClock()):
        assert recover(run, "tess").exit_code == 4
    assert events(staffed, PinRecovered) == []
    assert pins(staffed).prove("w-tess", Pin(PINS["new"])).proof is Proof.RIGHT


# --- a PIN typed in place of a name ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "lines"),
    [
        (("people", "pin", "change", NEW), ()),
        (("people", "pin", "set", "bea", "--operator", NEW), ()),
        (("people", "pin", "reset", NEW), ()),
        (("people", "role", NEW, "operator"), ()),
        (("people", "list", "--operator", NEW), ()),
        (("people", "list", "--operator", NEW), ("000111",)),
        (("cataloging", "add", "--title", "t", "--operator", NEW), ()),
        (("outbox", "retry", "--all", "--operator", NEW), ("000111",)),
        (("process", "31999000000014", "--operator", NEW), ()),
        (("people", "pin", "set", "new", "--operator", "ann"), (SIGNING["ann"], NEW)),
        (("people", "pin", "recover", NEW, "--reason", "forgotten"), ()),
    ],
    ids=lambda one: " ".join(one) if isinstance(one, tuple) else "",
)
def test_a_pin_given_as_a_name_is_not_shown(tmp_path: Path, words: tuple[str, ...], lines: tuple[str, ...]) -> None:
    prepare(tmp_path)
    typed = "".join(f"{line}\n" for line in lines)
    for more in ((), ("--json",)):
        said = CliRunner().invoke(station, ["--data", str(tmp_path), *words, *more], input=typed)
        assert said.exit_code not in (0, 70)
        assert NEW not in said.output
    kept = b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
    assert NEW.encode() not in kept


def test_the_question_for_a_pin_names_only_people_who_are_known(tmp_path: Path) -> None:
    app = App()
    app.data = prepare(tmp_path)
    assert pin_prompt(app, "tess") == "PIN of tess"
    assert pin_prompt(app, NEW) == "PIN"
    assert (shown_name("tess"), shown_name(NEW)) == ("tess", "(6 digits)")


def test_nor_at_a_running_station(tmp_path: Path) -> None:
    prepare(tmp_path)
    with running(tmp_path):
        for lines in ("", "000111\n"):
            said = CliRunner().invoke(station, ["--data", str(tmp_path), "sign-on", NEW], input=lines)
            assert said.exit_code in (2, 35)
            assert NEW not in said.output
