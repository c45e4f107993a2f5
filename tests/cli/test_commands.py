"""Rules for every command: exit codes, stdout for data only, JSON also for errors, safe text."""

from __future__ import annotations

import errno
import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import click
import pytest
from click.testing import CliRunner, Result

from scripts.reference.pages import all_commands
from station.base.cells import table
from station.base.errors import EXIT_CODES, walk
from station.catalog.sample.sample import numbered
from station.cli import station
from station.cli.admin.settings_file import template
from station.cli.shared.app import App, as_json, exit_code, safe
from station.domain.events import CatalogImported, StationStarted
from station.runtime.data_directory import JOURNAL
from station.store.owner import open_store
from tests.conftest import ROOT, FakeClock
from tests.support import forked
from tests.support.for_each import for_each
from tests.support.patience import PATIENCE_S

# docs/reference/tag-data.md#iso-28560-3: Danish/ISO examples live in tests/encoding; here one 28560-2 tag is enough.
BLANK = "00" * 112


def run(*arguments: str, stdin: str | bytes = "") -> Result:
    return CliRunner().invoke(station, [str(argument) for argument in arguments], input=stdin)


@pytest.fixture
def data(tmp_path: Path) -> Path:
    (tmp_path / "station.toml").write_text(template(**{"library.isil": "US-TxDa"}), encoding="utf-8")
    return tmp_path


def _with_journal(data: Path) -> None:
    store = open_store(data / JOURNAL, FakeClock(), head_directory=data / "heads")
    store.journal.record(
        StationStarted(version="1", station="bench-1", library="US-TxDa"),
        CatalogImported(source="a.mrc", records=3, items=2, rejected=1),
    )
    store.close()


@for_each("error", walk())
def test_every_error_has_one_exit_code(error: type) -> None:
    instance = error.__new__(error)
    assert exit_code(instance) == error.exit_code
    assert exit_code(instance) in EXIT_CODES


def test_other_ends_have_theirs() -> None:
    assert exit_code(click.UsageError("x")) == 2
    assert exit_code(click.Abort()) == 1
    assert exit_code(KeyboardInterrupt()) == 1
    assert exit_code(ZeroDivisionError()) == 70


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["bogus"], 2),
        (["doctor", "--bogus"], 2),
        (["tag", "decode", "00", "--file", "x"], 2),
        (["tag", "decode", BLANK, "--uid", "xyz"], 2),
        (["outbox", "retry"], 2),
        (["outbox", "retry", "x", "--all"], 2),
        (["process", "31234000000016", "--answer", "r1=maybe"], 2),
        (["process", "31234000000016", "--answer", "r1=fail"], 2),
        (["process", "123"], 30),
        (["process", "31234000000017"], 30),
        (["tag", "write", "31234000000016x"], 30),
        (["process", "31234000000016", "--timeout", "0"], 2),
        (["tag", "decode", "0"], 21),
        (["tag", "decode", "zz"], 21),
        (["tag", "decode", "000000"], 21),
        (["tag", "decode", "--file", "does-not-exist"], 21),
        (["catalog", "import", "does-not-exist"], 31),
        (["catalog", "show", "31234000000016"], 30),
        (["catalog", "show", "nonsense"], 30),
        (["journal", "show"], 50),
        (["journal", "verify"], 50),
        (["outbox", "show"], 50),
        (["outbox", "retry", "--all"], 50),
        (["tag", "read"], 10),
        (["doctor"], 1),
    ],
    ids=lambda value: " ".join(value)[:40] if isinstance(value, list) else str(value),
)
def test_a_failure_ends_with_the_code_of_its_kind(data: Path, arguments: list[str], code: int) -> None:
    result = run(arguments[0], *arguments[1:], "--data", str(data))
    assert result.exit_code == code, result.output
    if code not in (1,):
        assert result.stdout == "", "stdout must have data only"
        assert result.stderr
    as_object = run(arguments[0], *arguments[1:], "--json", "--data", str(data))
    assert as_object.exit_code == code
    if code not in (1, 2):
        assert as_object.stderr == ""
        assert json.loads(as_object.stdout)["error"]["exit_code"] == code


def test_no_command_leaves_something_behind_when_it_fails(data: Path) -> None:
    for arguments in (["outbox", "retry", "--all"], ["journal", "verify"], ["catalog", "show", "31234000000016"]):
        run(*arguments, "--data", str(data))
    assert sorted(path.name for path in data.iterdir()) == ["station.toml"]


ASK_THE_STATION = ("station who", "station sign-off")
"""Commands that ask a running station; none runs here."""
SHIPPED_ALONE = (
    "station web certificate trust-help",
    "station quality rules list",
    "station quality rules lint",
    "station manual",
    "station emulate scenarios",
)

"""Commands that show shipped data if there are no settings."""


@pytest.mark.parametrize("path", [path for path, _ in all_commands()])
def test_without_settings_a_command_says_so_or_does_not_need_them(tmp_path: Path, path: str) -> None:
    if path in ("station demo", "station fleet demo", "station init"):
        return
    words = path.split()[1:] + {"process": ["31234000000016"], "import": ["x"], "write": ["31234000000016"]}.get(
        path.split()[-1], []
    )
    result = run(*words, "--data", str(tmp_path / "none"))
    # needs no settings; empty standard input means no work
    free = path.startswith("station callnumber ") or path in SHIPPED_ALONE
    codes = (0, 2) if free else (4,) if path in ASK_THE_STATION else (1, 2, 3, 50)
    assert result.exit_code in codes, result.output
    assert result.exit_code != 3 or "station init" in result.stderr
    assert not isinstance(result.exception, Exception) or isinstance(result.exception, SystemExit)
    assert not (tmp_path / "none").exists()


def test_a_defect_is_70_and_shows_itself(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(_: App) -> None:
        raise ZeroDivisionError("\x1b[2J")

    monkeypatch.setattr(App, "settings", broken)
    result = run("catalog", "show", "--data", str(data))
    assert result.exit_code == 70
    assert "defect" in result.stderr
    assert "ZeroDivisionError" in result.stderr
    assert "\x1b" not in result.output
    assert json.loads(run("catalog", "show", "--json", "--data", str(data)).stdout)["error"]["code"] == "defect"


# --- text and JSON --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("number", "code"), [(errno.ENOSPC, "store-full"), (errno.EIO, "store-io")])
def test_a_disk_that_fails_under_any_file_is_no_defect(
    data: Path, monkeypatch: pytest.MonkeyPatch, number: int, code: str
) -> None:
    def fail(*_: object) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr("station.cli.admin.doctor.examine", fail)
    told = run("doctor", "--data", str(data))
    assert told.exit_code == 50
    assert "Traceback" not in told.output
    assert json.loads(run("doctor", "--json", "--data", str(data)).stdout)["error"]["code"] == code


def test_the_program_and_each_group_alone_show_their_help() -> None:
    words = [path.split()[1:] for path, _ in all_commands()]
    for path in sorted({tuple(one[:end]) for one in words for end in range(len(one))}):
        result = run(*path)
        assert (result.exit_code, result.stderr) == (0, ""), path
        assert result.stdout.startswith("Usage: "), path
        assert ("\nCommands:\n" if path else "\nStart:\n  demo ") in result.stdout, path


def test_printed_text_cannot_act() -> None:
    assert safe("a\x1b]52;c;x\x07\u202eb\x9b1m  c\u2028") == "a]52;c;xb1m  c"
    shown = as_json({"t": "\x9b\u202e東", "b": b"\x00\xff"})
    assert shown.isascii()
    assert shown.isprintable()
    assert json.loads(shown) == {"t": "\x9b\u202e東", "b": "00FF"}


def test_columns_line_up() -> None:
    assert list(table([("a", "bb", "c"), ("dddd", "e", "")])) == ["a     bb  c", "dddd  e"]
    assert list(table([])) == []


# --- tag decode -----------------------------------------------------------------------------------------------------


def test_a_dump_is_explained_from_wherever_it_comes(data: Path, tmp_path: Path) -> None:
    dump = tmp_path / "dump"
    dump.write_bytes(bytes.fromhex(BLANK))
    spaced = " ".join(BLANK[at : at + 8] for at in range(0, len(BLANK), 8))
    options = ["--data", str(data)]
    by_argument = run("tag", "decode", spaced, *options)
    assert by_argument.exit_code == 0
    assert "blank" in by_argument.stdout
    assert run("tag", "decode", "--file", "-", *options, stdin=spaced + "\n").stdout == by_argument.stdout
    assert run("tag", "decode", "--file", str(dump), "--binary", *options).stdout == by_argument.stdout
    value = json.loads(run("tag", "decode", BLANK, "--json", *options).stdout)
    assert value[0]["recognition"]["state"] == "blank"
    assert value[0]["image"]["memory"] == BLANK


def test_a_hostile_dump_is_only_shown(data: Path) -> None:
    for memory in (os.urandom(112), b"\x1b]0;x\x07" * 16, b"\xff" * 112):
        result = run("tag", "decode", memory.hex(), "--data", str(data))
        assert result.exit_code == 0
        assert result.stdout.replace("\n", "").isprintable()


def test_an_endless_dump_is_refused(data: Path) -> None:
    assert run("tag", "decode", "--file", "-", "--data", str(data), stdin="00" * 40000).exit_code == 21


# --- journal and outbox ---------------------------------------------------------------------------------------------


def test_the_journal_is_shown_and_verified(data: Path) -> None:
    _with_journal(data)
    shown = run("journal", "show", "--data", str(data))
    assert shown.exit_code == 0
    assert shown.stdout.splitlines()[0].startswith("2 ")
    assert "catalog-imported" not in shown.stdout and "+00:00" not in shown.stdout, "sentences and local times"
    assert re.search(r"^2  \d{4}-\d\d-\d\d 1?\d:\d\d [AP]M  \S", shown.stdout), shown.stdout
    rows = json.loads(run("journal", "show", "--json", "--limit", "1", "--data", str(data)).stdout)
    assert [(row["seq"], row["kind"]) for row in rows] == [(2, "catalog-imported")]
    full = json.loads(run("journal", "show", "--json", "--full", "--data", str(data)).stdout)
    assert [row["event"]["kind"] for row in full] == ["catalog-imported", "station-started"]
    good = json.loads(run("journal", "verify", "--json", "--data", str(data)).stdout)
    assert good["ok"] is True
    assert good["heads_checked"] >= 1
    assert run("journal", "verify", "--head", good["head"], "--data", str(data)).exit_code == 0
    wrong = run("journal", "verify", "--head", "0" * 64, "--data", str(data))
    assert wrong.exit_code == 1
    assert "cut off or rewritten" in wrong.stdout


def test_a_damaged_journal_does_not_verify(data: Path) -> None:
    _with_journal(data)
    path = data / JOURNAL
    content = path.read_bytes()
    assert content.count(b"a.mrc") == 1
    path.write_bytes(content.replace(b"a.mrc", b"b.mrc"))
    assert run("journal", "verify", "--data", str(data)).exit_code == 1
    doctor = json.loads(run("doctor", "--json", "--data", str(data)).stdout)
    assert next(line for line in doctor["lines"] if line["name"] == "journal")["level"] == "FAIL"


def test_an_empty_outbox(data: Path) -> None:
    _with_journal(data)
    assert json.loads(run("outbox", "show", "--json", "--data", str(data)).stdout) == {
        "counts": {},
        "flow": [],
        "running": False,
        "deliveries": [],
    }
    assert run("outbox", "retry", "--all", "--data", str(data)).exit_code == 0
    assert run("outbox", "retry", "nothing", "--data", str(data)).exit_code == 1


# --- doctor ---------------------------------------------------------------------------------------------------------


def _levels(data: Path) -> dict[str, str]:
    report = json.loads(run("doctor", "--json", "--data", str(data)).stdout)
    return {line["name"]: line["level"] for line in report["lines"]}


def test_doctor_names_what_is_wrong_and_what_to_do(data: Path) -> None:
    levels = _levels(data)
    assert levels["settings"] == levels["ISIL"] == levels["rules"] == "OK"
    assert levels["reader"] == levels["catalog"] == "FAIL"
    text = run("doctor", "--data", str(data)).stdout
    assert "station catalog import FILE" in text
    assert "not connected" in text


def test_doctor_looks_at_settings_keys_and_results(data: Path) -> None:
    changes = (
        '[library]\nisil = ""\n[delivery.alma]\nenabled = true\nbase_url = "http://plain"\n'
        '[delivery.file]\npath = "no/where"\n'
    )
    (data / "station.toml").write_text(changes, encoding="utf-8")
    levels = _levels(data)
    assert levels["ISIL"] == levels["results file"] == levels["Alma"] == levels["Alma key"] == "FAIL"
    (data / "station.toml").write_text("[nonsense]", encoding="utf-8")
    assert _levels(data) == {"settings": "FAIL"}


def test_doctor_looks_at_the_fields_that_alma_gets(data: Path) -> None:
    (data / "station.toml").write_text(
        '[delivery.alma]\nenabled = true\nbase_url = "https://alma.example"\nmapping = "ours.toml"\n', encoding="utf-8"
    )
    (data / "credentials").mkdir(mode=0o700)
    (data / "credentials" / "alma").write_text("key", encoding="utf-8")
    (data / "credentials" / "alma").chmod(0o600)
    for text, level, words in (
        ('name = "ours"\n[fields]\ninventory_number = "{uid}"\n', "OK", "ours: inventory_number"),
        (
            'name = "ours"\n[fields]\nbarcode = "{uid}"\n',
            "FAIL",
            "ours.toml, line 3: barcode: the station must not write it",
        ),
    ):
        (data / "ours.toml").write_text(text, encoding="utf-8")
        report = run("doctor", "--data", str(data)).stdout
        assert words in " ".join(report.split())
        assert (_levels(data).get("Alma fields") == "OK") is (level == "OK")


def test_doctor_looks_at_sip2(data: Path) -> None:
    wanted = '[delivery.file]\nenabled = false\n[delivery.sip2]\nenabled = true\nhost = "127.0.0.1"\nuser = "station"\n'
    settings = data / "station.toml"
    settings.write_text(wanted, encoding="utf-8")
    assert _levels(data)["SIP2"] == "OK"
    assert _levels(data)["SIP2 password"] == "FAIL"
    (data / "credentials").mkdir(mode=0o700)
    (data / "credentials" / "sip2").write_text("s3cret", encoding="utf-8")
    (data / "credentials" / "sip2").chmod(0o600)
    assert _levels(data)["SIP2 password"] == "OK"
    settings.write_text(wanted.replace('host = "127.0.0.1"', 'tls = "pinned"\nhost = "sip.example"'), encoding="utf-8")
    levels = _levels(data)
    assert levels["SIP2"] == "FAIL"


# --- the process itself ---------------------------------------------------------------------------------------------


def test_real_processes_end_with_the_same_codes(data: Path) -> None:
    def code(*arguments: str, anew: bool = False) -> int:
        return forked.run("--data", data, *arguments, anew=anew, timeout=PATIENCE_S).returncode

    assert code("--version") == 0
    assert code("--help") == 0
    assert code("nonsense") == 2
    for anew in (False, True):
        assert code("tag", "decode", "0", anew=anew) == 21
    assert code("tag", "decode", BLANK) == 0


def test_a_closed_pipe_is_no_failure(data: Path) -> None:
    command = f'"{sys.executable}" -m station --data "{data}" tag decode {BLANK}; echo code=$? >&2'
    script = f"set -o pipefail; ( {command} ) | true"
    result = subprocess.run(["bash", "-c", script], cwd=ROOT, capture_output=True, text=True, timeout=PATIENCE_S)
    assert "code=0" in result.stderr
    assert "Traceback" not in result.stderr


def test_an_import_without_items_or_with_barcodes_of_nobody_is_an_error_with_its_remedy(tmp_path: Path) -> None:
    def imported(*options: str) -> tuple[int, dict[str, Any]]:
        done = CliRunner().invoke(
            station, ["catalog", "import", str(file), "--json", "--data", str(tmp_path), *options]
        )
        return done.exit_code, json.loads(done.stdout)

    file, settings = tmp_path / "export.mrc", tmp_path / "station.toml"
    settings.write_text('[library]\nisil = "US-TxDa"\n')
    file.write_bytes(numbered(30).replace(b"949", b"999"))
    code, told = imported()
    assert (code, told["error"]["code"]) == (31, "import-few-items")
    assert "symphony-999 (30)" in told["error"]["detail"]
    assert not (tmp_path / "catalog.db").exists()
    settings.write_text('[library]\nisil = "US-TxDa"\n[catalog]\nprofile = "carli-952"\n')
    file.write_bytes(numbered(30).replace(b"949", b"952").replace(b"\x1fi", b"\x1fp").replace(b"\x1fa", b"\x1fo"))
    code, told = imported()
    assert (code, told["error"]["code"]) == (31, "import-few-call-numbers")
    assert "where profile koha-952 finds 30" in told["error"]["detail"]
    assert not (tmp_path / "catalog.db").exists()
    code, told = imported("--few-call-numbers")
    assert (code, told["items"]) == (0, 30)
    (tmp_path / "catalog.db").unlink()
    settings.write_text('[library]\nisil = "US-TxDa"\n')
    file.write_bytes(numbered(30).replace(b"949", b"999") + numbered(1))
    code, told = imported("--few-items")
    assert (code, told["items"], told["without_items"]) == (0, 1, 30)
    settings.write_text('[library]\nisil = "US-TxDa"\n[barcodes]\nlength = 10\n')
    file.write_bytes(numbered(30))
    code, told = imported()
    assert (code, told["error"]["code"]) == (31, "import-barcodes")
    assert "Correct [barcodes]" in told["error"]["detail"]
