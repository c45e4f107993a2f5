"""`station doctor`: it fails where the station would be refused, or would not work."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from station.base import words
from station.cli import station
from station.domain.events import WorkerRegistered
from station.domain.people.rights import Role
from station.runtime.data_directory import JOURNAL, PEOPLE
from station.store.owner import open_store
from station.store.people.names import People
from tests.conftest import FakeClock

BADGES = '[people]\nsign_on = true\n[badge]\nport = "/dev/nowhere"\n'
ALMA = '[delivery.alma]\nenabled = true\nbase_url = "{}"\n'
LABELS = '[labels]\nto = "{}"\n'


def lines(data: Path, toml: str, path: str = "/nowhere") -> dict[str, dict[str, str]]:
    """Return the report by name."""
    (data / "station.toml").write_text('[library]\nisil = "US-TxDa"\n' + toml)
    before = sorted(data.iterdir())
    try:
        done = CliRunner().invoke(station, ["doctor", "--json", "--data", str(data)], env={"PATH": path})
    finally:
        words.use()
    made = {file.name for file in set(data.iterdir()) - set(before)}
    assert made <= {"station.lock", "journal.db-shm", "journal.db-wal"}, "doctor changes nothing; SQLite's are empty"
    assert not any((data / name).stat().st_size for name in made & {"journal.db-wal"})
    return {line["name"]: line for line in json.loads(done.stdout)["lines"]}


@pytest.mark.parametrize(
    ("toml", "name", "level", "found"),
    [
        (BADGES, "sign-on", "FAIL", "no person is registered"),
        (BADGES, "badge reader", "FAIL", "/dev/nowhere is missing"),
        ('[badge]\nport = "/dev/nowhere"\n', "badge reader", "OK", "not used"),
        (LABELS.format("cups:none"), "labels", "FAIL", "lp"),
        (LABELS.format("device:/dev/nowhere") + 'format = "zpl"\n', "labels", "FAIL", "/dev/nowhere"),
        (LABELS.format("station.toml"), "labels", "FAIL", "station.toml"),
        (LABELS.format("new/labels"), "labels", "OK", "new/labels"),
        ('[labels]\nflag_paper = "own.toml"\n', "labels", "FAIL", "own.toml"),
        ('[labels]\npaper = "pocket-76x51"\n', "labels", "FAIL", "pocket-76x51"),
        ('[labels]\nfonts = ["none.ttf"]\n', "labels", "FAIL", "none.ttf"),
        ('[screen]\nsound_player = ["no-such-player"]\n', "sound", "FAIL", "no-such-player"),
        ('[screen]\nsound_through = "audio"\n', "sound", "FAIL", "no player"),
        ("", "sound", "WARN", "no player"),
        (ALMA.format("http://127.0.0.1:8080"), "Alma", "OK", "http://127.0.0.1:8080"),
        (ALMA.format("http://alma.example.edu"), "Alma", "FAIL", "https"),
        ('[rules]\nsite_file = "none.toml"\n', "rules", "FAIL", "none.toml"),
        ('[reader]\ndriver = "none"\n', "reader", "FAIL", "no driver 'none'"),
        ("[library]\n", "settings", "FAIL", "not valid TOML"),
    ],
)
def test_the_report_is_true(tmp_path: Path, toml: str, name: str, level: str, found: str) -> None:
    (tmp_path / "credentials").mkdir()
    line = lines(tmp_path, toml)[name]
    assert (line["level"], found in line["found"]) == (level, True), line


@pytest.mark.parametrize(
    ("answer", "code", "level"),
    [
        ("labels accepting requests since Mon", 0, "OK"),
        ("labels not accepting requests since Mon - paper", 0, "FAIL"),
        ("lpstat: Invalid destination name in list", 1, "FAIL"),
    ],
)
def test_the_queue_is_asked(tmp_path: Path, answer: str, code: int, level: str) -> None:
    program = tmp_path / "bin" / "lpstat"
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\n[ "$1 $2" = "-a labels" ] && echo "{answer}" >&2\nexit {code}\n')
    program.chmod(0o755)
    (tmp_path / "d").mkdir()
    toml = LABELS.format("cups:labels")
    line = lines(tmp_path / "d", toml, str(program.parent))["labels"]
    assert line["level"] == level, line
    assert (level == "OK") is (answer not in line["found"]), line


def test_people_without_a_pin_cannot_sign_on(tmp_path: Path) -> None:
    People(tmp_path / PEOPLE).add("w-tess", "tess", "Tess")
    store = open_store(tmp_path / JOURNAL, FakeClock())
    store.journal.record(WorkerRegistered(worker="w-tess", role=Role.TECHNICIAN))
    store.close()
    line = lines(tmp_path, BADGES)["sign-on"]
    assert (line["level"], "no person has a PIN" in line["found"]) == ("FAIL", True), line


def test_words_with_an_error_are_named(tmp_path: Path) -> None:
    (tmp_path / "words").mkdir()
    (tmp_path / "words" / "en.po").write_text('msgid "word.verdict.pass"\nmsgstr "{wrong}"\n')
    line = lines(tmp_path, "")["words"]
    assert line["level"] == "WARN" and "words/en.po:1: word.verdict.pass: " in line["found"], line


def test_words_of_a_workers_language_with_an_error_are_named(tmp_path: Path) -> None:
    (tmp_path / "words").mkdir()
    (tmp_path / "words" / "es.po").write_text('msgid "word.verdict.pass"\nmsgstr "{wrong}"\n')
    line = lines(tmp_path, "")["words"]
    assert line["level"] == "WARN" and "words/es.po:1: word.verdict.pass: " in line["found"], line


def test_a_newcomer_reads_what_to_do_first(tmp_path: Path) -> None:
    done = CliRunner().invoke(station, ["run", "--data", str(tmp_path)])
    assert done.exit_code == 3
    assert done.stderr == (
        f"{tmp_path / 'station.toml'} does not exist. There are no settings yet. Run station init.\n"
    )
