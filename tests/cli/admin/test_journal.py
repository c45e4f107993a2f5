"""`station journal` after a restore of an older copy: what still works, what is refused, and how work continues."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from station.base.clock import SystemClock
from station.cli import station
from station.cli.admin import journal
from station.domain.events import TimelineBegan
from station.runtime.data_directory import JOURNAL, PEOPLE
from station.runtime.lock import hold
from station.store.owner import open_store
from station.store.people.names import People
from station.store.queries.queries import Queries
from tests.cli.session import test_sign_on
from tests.support import sample_events

SENTENCE = (
    "The end of the journal is missing. Put the newest copy (or journal.db-wal) back, or run station journal continue."
)
A, B = "31234000000015", "31234000000023"
TOML = """
[library]
isil = "US-XxExmp"
[station]
operator = "ann"
[barcodes]
length = 0
prefixes = []
check_digit = "none"
"""
Run = Callable[..., Result]


def session(data: Path, barcode: str) -> None:
    store = open_store(data / JOURNAL, SystemClock(), head_directory=data / "heads")
    store.journal.record(sample_events.judged(barcode), deliveries=[sample_events.delivery("file", barcode)])
    store.close()


def put_back(data: Path) -> None:
    """Work a session, copy the journal, work another session, and restore the copy."""
    session(data, A)
    shutil.copy(data / JOURNAL, data / "copy.db")
    session(data, B)
    shutil.copy(data / "copy.db", data / JOURNAL)


@pytest.fixture
def data(tmp_path: Path) -> Path:
    (tmp_path / "station.toml").write_text(TOML)
    put_back(tmp_path)
    return tmp_path


@pytest.fixture
def run(data: Path) -> Run:
    return lambda *words, lines=(): CliRunner().invoke(
        station, ["--data", str(data), *words], input="".join(f"{line}\n" for line in lines)
    )


WRITING = (
    ("run",),
    ("process", A),
    ("people", "add", "tess", "--role", "technician"),
    ("catalog", "import", "sample.mrc"),
    ("cataloging", "add", "--title", "A title"),
    ("roll", "load", "A-17"),
    ("outbox", "retry", "--all"),
    ("outbox", "discard", "x", "--reason", "sold"),
    ("tag", "abandon", sample_events.UID),
    ("library", "note", A, "a note", "--system", "file"),
)


@pytest.mark.parametrize("words", WRITING, ids=" ".join)
def test_whatever_would_append_is_refused_and_changes_nothing(data: Path, run: Run, words: tuple[str, ...]) -> None:
    before = {path.name: path.read_bytes() for path in data.rglob("*") if path.is_file()}
    ended = run(*words)
    assert (ended.exit_code, ended.stderr.rstrip().endswith(SENTENCE)) == (50, True)
    after = {path.name: path.read_bytes() for path in data.rglob("*") if path.is_file()}
    made = {"station.lock", "station.log", "people.db", "alma.share", "journal.db-shm", "journal.db-wal"}
    assert {name: after.get(name) for name in before} == before
    assert set(after) - set(before) <= made
    assert People(data / PEOPLE).find("tess") is None


def test_an_error_is_an_object_with_json(run: Run) -> None:
    error = json.loads(run("roll", "load", "A-17", "--json").stdout)["error"]
    assert (error["code"], error["exit_code"]) == ("journal-older", 50)
    assert error["sentence"].endswith(SENTENCE)
    assert "station journal continue" in error["detail"]


def test_reading_goes_on_and_says_it(run: Run) -> None:
    shown = run("journal", "show")
    assert (shown.exit_code, len(shown.stdout.splitlines())) == (0, 1)
    assert SENTENCE in shown.stderr
    verified = run("journal", "verify")
    assert verified.exit_code == 1
    assert verified.stdout.splitlines()[-1].startswith(
        "Perhaps an older copy was put back, or journal.db-wal was lost."
    )
    line = next(line for line in json.loads(run("doctor", "--json").stdout)["lines"] if line["name"] == "journal")
    assert line["level"] == "FAIL"
    assert "station journal continue" in line["advice"]


def test_a_check_that_is_stopped_says_so_and_nothing_else(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    @contextmanager
    def at_once() -> Iterator[Callable[[], bool]]:
        yield lambda: True

    monkeypatch.setattr(journal, "stoppable", at_once)
    stopped = run("journal", "verify", "--json")
    assert (stopped.exit_code, json.loads(stopped.stdout)["error"]["code"]) == (1, "stopped")
    assert "verif" not in run("journal", "verify").output


def test_it_goes_on_when_somebody_says_yes(data: Path, run: Run) -> None:
    no = run("journal", "continue", lines=("n",))
    assert (no.exit_code, "is not in this journal" in no.stderr) == (1, True)
    assert Queries(data / JOURNAL, SystemClock()).head().seq == 1
    done = run("journal", "continue", "--reason", "the disk \x1b[2Jdied", lines=("y",))
    assert done.exit_code == 0
    assert "1 delivery will be looked up before it is sent" in done.stdout
    began = Queries(data / JOURNAL, SystemClock()).events()[1].event
    assert isinstance(began, TimelineBegan)
    assert (began.operator, began.reason) == ("ann", "the disk [2Jdied")
    verified = run("journal", "verify")
    assert verified.exit_code == 0
    assert f"journal {began.journal} continues {began.parent} after event 1" in verified.stdout
    assert "1 exported head of a lost part is kept as evidence" in verified.stdout
    assert "The end of the journal was missing" in run("journal", "show").stdout
    assert run("roll", "load", "A-17").exit_code == 0


def test_a_journal_that_lacks_nothing_goes_on_only_where_somebody_says_that_it_is_a_copy(data: Path, run: Run) -> None:
    shutil.rmtree(data / "heads")
    (data / "journal.head").unlink()
    asked = run("journal", "continue", "--yes")
    assert (asked.exit_code, "--restored" in asked.stderr) == (2, True)
    done = json.loads(run("journal", "continue", "--yes", "--restored", "--json").stdout)
    assert (done["parent_seq"], done["lost"], done["doubtful"]) == (1, [], 1)
    assert run("journal", "verify").exit_code == 0


def test_nothing_goes_on_while_a_station_runs_or_without_a_name(data: Path, run: Run) -> None:
    with hold(data, SystemClock()):
        assert run("journal", "continue", "--yes").exit_code == 4
    (data / "station.toml").write_text(TOML.replace("ann", ""))
    assert run("journal", "continue", "--yes").exit_code == 2
    assert Queries(data / JOURNAL, SystemClock()).head().seq == 1


def test_where_people_sign_on_a_technician_proves_who_it_is(tmp_path: Path) -> None:
    data = test_sign_on.prepare(tmp_path)
    put_back(data)
    begun = Queries(data / JOURNAL, SystemClock()).head().seq

    def go_on(*words: str) -> Result:
        command = ["--data", str(data), "journal", "continue", "--yes", "--operator", "ann"]
        return CliRunner().invoke(station, command, input="".join(f"{word}\n" for word in words))

    assert go_on("000000").exit_code == 35
    assert go_on(test_sign_on.PINS["ann"]).exit_code == 35, "an operator must be refused"
    assert Queries(data / JOURNAL, SystemClock()).head().seq == begun
    done = go_on(test_sign_on.PINS["ann"], "tess", test_sign_on.PINS["tess"])
    assert done.exit_code == 0, done.stderr
    began = Queries(data / JOURNAL, SystemClock()).events(begun + 1, begun + 1)[0].event
    assert (began.operator, began.authorised) == ("w-ann", "w-tess")
