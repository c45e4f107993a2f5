"""Journal and people.db were changed outside the station, or the key of the PINs: it is noticed before it acts."""

from __future__ import annotations

import json
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from station.base.errors import StoreCorrupt
from station.cli import station
from station.domain.events import PinSet
from station.domain.people.sign_on import Pin
from station.domain.ports import Proof
from station.runtime.data_directory import JOURNAL, PEOPLE
from station.store.owner import open_store
from tests.cli.people.test_pin import PINS
from tests.cli.people.test_pin import data as data
from tests.cli.people.test_pin import run as run
from tests.cli.people.test_pin import value as value
from tests.cli.people.test_recover import NEW, OTHER, examined, first_words, pins, recover
from tests.cli.people.test_recover import staffed as staffed
from tests.cli.session.test_sign_on import PINS as SIGNING
from tests.cli.session.test_sign_on import prepare, running
from tests.conftest import FakeClock
from tests.support.altered_people import altered_people

Run = Callable[..., Result]
RECOVER = "station people pin recover"


@pytest.fixture
def bea(staffed: Path, run: Run) -> Path:
    """Tess (technician) and Bea (operator) have PINs of their own."""
    assert run("people", "pin", "set", "bea", lines=[PINS["new"], PINS["bea"]]).exit_code == 0
    assert run("people", "pin", "change", "bea", lines=[PINS["bea"], OTHER]).exit_code == 0
    return staffed


def promote(journal: Path, worker: str) -> None:
    with closing(sqlite3.connect(journal)) as sql, sql:
        sql.execute("UPDATE workers SET role = 'systems' WHERE worker = ?", (worker,))


def code(result: Result) -> str:
    assert result.exit_code == 50, result.output
    return str(value(result, 50)["error"]["code"])


# --- roles ----------------------------------------------------------------------------------------------------------


def test_a_role_that_was_changed_in_the_table_gives_no_right(bea: Path, run: Run) -> None:
    promote(bea / JOURNAL, "w-bea")
    refused = run("people", "role", "tim", "technician", "--operator", "bea", "--json", lines=[OTHER])
    assert code(refused) == "store-corrupt"
    with pytest.raises(StoreCorrupt, match="w-bea"):
        open_store(bea / JOURNAL, FakeClock()).close()


def test_a_role_that_is_changed_while_the_station_runs_gives_no_right(tmp_path: Path) -> None:
    prepare(tmp_path)
    with running(tmp_path):
        promote(tmp_path / JOURNAL, "w-ann")
        words = ["people", "role", "tim", "technician", "--operator", "ann", "--json", "--data", str(tmp_path)]
        assert code(CliRunner().invoke(station, words, input=f"{SIGNING['ann']}\n")) == "store-corrupt"


# --- people.db ------------------------------------------------------------------------------------------------------


def test_an_older_file_of_names_opens_nothing(bea: Path, run: Run) -> None:
    older = shutil.copy(bea / PEOPLE, bea / "older.db")
    assert run("people", "pin", "change", "bea", lines=[OTHER, NEW]).exit_code == 0
    shutil.copy(older, bea / PEOPLE)
    for pin in (OTHER, NEW):
        refused = run("people", "pin", "change", "bea", "--json", lines=[pin, "771904"])
        assert code(refused) == "people-unusable"
    ((level, found),) = examined(run, "PINs")
    assert (level, "an older people.db was put back" in found) == ("FAIL", True), found
    assert run("people", "pin", "set", "bea", lines=[PINS["new"], NEW]).exit_code == 0
    assert run("people", "pin", "change", "bea", lines=[NEW, "771904"]).exit_code == 0


def test_logins_that_were_exchanged_open_nothing(bea: Path, run: Run) -> None:
    with altered_people(bea / PEOPLE) as sql:
        sql.execute("UPDATE people SET login = '-' WHERE login = 'bea'")
        sql.execute("UPDATE people SET login = 'bea' WHERE login = 'tess'")
        sql.execute("UPDATE people SET login = 'tess' WHERE login = '-'")
    refused = run("people", "pin", "change", "bea", "--json", lines=[PINS["new"], NEW])
    assert code(refused) == "people-unusable"
    ((level, found),) = examined(run, "PINs")
    assert (level, "w-tess: people.db has another login" in found) == ("FAIL", True), found


def test_a_name_that_the_disk_changed_is_neither_used_nor_copied(bea: Path, run: Run) -> None:
    """The advice is to restore people.db, and no backup of the damaged file takes the place of a good one."""
    file = bea / PEOPLE
    file.write_bytes(file.read_bytes().replace(b"Tess", b"Tesr"))
    assert code(run("people", "list", "--json")) == "people-unusable"
    lines = json.loads(run("doctor", "--json").stdout)["lines"]
    (line,) = (line for line in lines if line["name"] == "people")
    assert (line["level"], str(file) in line["found"]) == ("FAIL", True), line
    assert "Restore people.db from a copy" in line["advice"]
    refused = run("backup", "create", str(bea), "--json")
    assert code(refused) == "people-unusable"
    assert str(file) in value(refused, 50)["error"]["detail"]
    assert not list(bea.glob("*.zip"))


def test_the_first_question_says_that_the_file_of_names_is_another(tmp_path: Path) -> None:
    prepare(tmp_path)
    with altered_people(tmp_path / PEOPLE) as sql:
        sql.execute("DELETE FROM pins WHERE worker = 'w-ann'")
    with running(tmp_path) as found:
        assert first_words(found) == "PINs and journal differ. Fetch the systems librarian."


def test_a_change_that_is_cut_off_leaves_one_valid_pin(bea: Path) -> None:
    """Before its event the former PIN counts, after it the new one."""
    found = pins(bea)

    def before(mark: str) -> None:
        raise KeyboardInterrupt(mark)

    def after(mark: str) -> None:
        with closing(open_store(bea / JOURNAL, FakeClock())) as store:
            store.journal.record(PinSet(worker="w-bea", mark=mark))
        raise KeyboardInterrupt(mark)

    for cut_off, valid, invalid in ((before, OTHER, NEW), (after, NEW, OTHER)):
        with pytest.raises(KeyboardInterrupt):
            found.give("w-bea", Pin(NEW), must_change=False, journaled=cut_off)
        assert found.prove("w-bea", Pin(invalid)).proof is Proof.WRONG
        assert found.prove("w-bea", Pin(valid)).proof is Proof.RIGHT


# --- the key --------------------------------------------------------------------------------------------------------


def lose(key: Path) -> None:
    key.unlink()


def alter(key: Path) -> None:
    content = key.read_text()
    key.write_text(("0" if content[0] != "0" else "1") + content[1:])


def test_doctor_makes_no_key(data: Path, run: Run) -> None:
    assert examined(run, "PINs") == [("OK", "0 in people.db, as the journal says")]
    assert not (data / "credentials").exists()


@pytest.mark.parametrize("harm", [lose, alter])
def test_a_lost_or_changed_key_is_told_and_recovered(bea: Path, run: Run, harm: Callable[[Path], None]) -> None:
    key = bea / "credentials" / "pin-pepper"
    harm(key)
    left = key.read_text() if key.exists() else ""
    for words, lines in (
        (("change", "tess"), [PINS["new"], NEW]),
        (("reset", "bea"), [PINS["new"], NEW]),
        (("set", "tim"), [PINS["new"], NEW]),
    ):
        refused = run("people", "pin", *words, lines=lines)
        assert (refused.exit_code, RECOVER in refused.stderr) == (50, True), refused.output
    assert (key.read_text() if key.exists() else "") == left, "no new key is made in silence"
    ((level, found),) = examined(run, "PINs")
    assert (level, "2 in people.db cannot be checked" in found) == ("FAIL", True), found

    assert recover(run, "tess", lines=(NEW,)).exit_code == 0
    assert run("people", "pin", "change", "tess", lines=[NEW, "771904"]).exit_code == 0
    assert run("people", "pin", "reset", "bea", lines=["771904", NEW]).exit_code == 0
    assert run("people", "pin", "change", "bea", lines=[NEW, OTHER]).exit_code == 0
