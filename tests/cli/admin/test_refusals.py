"""Whatever refuses a start of `station run`, the page for Alma or a label, `station doctor` reports as a FAIL that names
the file or the setting to correct.

The table follows the code from `station run` to the first picture: settings, lock, log, the site's own files, library
systems, catalog, journal, people, reader, web page, badge reader, labels, socket.
"""

from __future__ import annotations

import json
import logging
import shutil
import sqlite3
import types
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from station.base import words
from station.cli import station
from station.cli.session import screens
from station.store.people.names import People
from station.tui.app import StationApp
from tests.conftest import ROOT
from tests.support.rights import without_root

Fault = Callable[[Path], object]
TOML = '[library]\nisil = "US-TxDa"\n[reader]\nport = "/dev/nowhere"\n'
ALMA = '[delivery.alma]\nenabled = true\nbase_url = "https://alma.example.edu"\n'
SIP2 = '[delivery.sip2]\nenabled = true\nhost = "sip2.example.edu"\n'
WEB = "[web]\nenabled = true\nport = 0\n"
OWN = "own.toml"
COMMANDS = {
    "run": ("run",),
    "label": ("label", "commands", "--print"),
}


def folder(name: str) -> Fault:
    """Put a folder in the place of the file."""

    def put(data: Path) -> None:
        for path in data.glob(f"{name}*"):
            path.unlink()
        (data / name).mkdir()

    return put


def mode(name: str, bits: int) -> Fault:
    return lambda data: (data / name).chmod(bits)


def link(name: str) -> Fault:
    def put(data: Path) -> None:
        (data / name).rename(data / "elsewhere")
        (data / name).symlink_to(data / "elsewhere")

    return put


def text(name: str, content: str = "not = = valid") -> Fault:
    return lambda data: (data / name).write_text(content)


def statement(name: str, sql: str) -> Fault:
    def run(data: Path) -> None:
        with sqlite3.connect(data / name) as connection:
            connection.execute(sql)
        connection.close()

    return run


def changed(old: str, new: str) -> Fault:
    def put(data: Path) -> None:
        path = data / "station.toml"
        path.write_text(path.read_text().replace(old, new))

    return put


def settings(toml: str, *faults: Fault) -> tuple[Fault, ...]:
    return (lambda data: (data / "station.toml").write_text(TOML + toml), *faults)


NO_DATABASE = "no database" * 500
ROWS: dict[str, tuple[str, str, tuple[Fault, ...]]] = {
    # settings
    "no settings": ("run", "station.toml", (lambda data: (data / "station.toml").unlink(),)),
    "settings are a folder": ("run", "station.toml", (folder("station.toml"),)),
    "settings are not readable": ("run", "station.toml", (mode("station.toml", 0),)),
    "settings are no TOML": ("run", "station.toml", (text("station.toml"),)),
    "unknown setting": ("run", "station.toml", settings("[libary]\n")),
    "wrong value": ("run", "station.toml", settings("[screen]\nvolume = 900\n")),
    "no texts for the language": ("run", "screen.language", settings('[screen]\nlanguage = "xx"\n')),
    # lock and log
    "folder cannot be written": ("run", "", (lambda data: data.chmod(0o500),)),
    "lock is a folder": ("run", "station.lock", (folder("station.lock"),)),
    "lock is not writable": ("run", "station.lock", (mode("station.lock", 0o400),)),
    "log is a folder": ("run", "station.log", (folder("station.log"),)),
    "log is not writable": ("run", "station.log", (mode("station.log", 0o400),)),
    # the site's own files
    "no such tag profile": ("run", "tag profile", settings('[tag]\nprofile = "none"\n')),
    "tag profile missing": ("run", OWN, settings('[tag]\nprofile = "own.toml"\n')),
    "tag profile bad": ("run", OWN, settings('[tag]\nprofile = "own.toml"\n', text(OWN))),
    "tag model differs": ("run", "tag.model", settings('[tag]\nmodel = "danish"\n')),
    "sampling table missing": ("run", OWN, settings('[sampling]\nenabled = true\ntable = "own.toml"\n')),
    "sampling table bad": ("run", OWN, settings('[sampling]\nenabled = true\ntable = "own.toml"\n', text(OWN))),
    "sampling rates": ("run", "sampling.tightened_rate", settings("[sampling]\nenabled = true\ntarget_rate = 0.2\n")),
    "no such catalog profile": ("run", "catalog.profile", settings('[catalog]\nprofile = "none"\n')),
    "catalog profile bad": ("run", OWN, settings('[catalog]\nprofile = "own.toml"\n', text(OWN))),
    "no such label template": ("run", "label template", settings('[labels]\ntemplate = "none"\n')),
    "label template bad": ("run", OWN, settings('[labels]\ntemplate = "own.toml"\n', text(OWN))),
    # library systems
    "Alma without TLS": ("run", "https", settings(ALMA.replace("https", "http"))),
    "Alma without an address": ("run", "base_url", settings("[delivery.alma]\nenabled = true\n")),
    "Alma mapping bad": ("run", OWN, settings(ALMA + 'mapping = "own.toml"\n', text(OWN))),
    "SIP2 without a host": ("run", "delivery.sip2.host", settings(SIP2.replace("sip2.example.edu", ""))),
    "SIP2 delimiter": ("run", "delivery.sip2.delimiter", settings(SIP2 + 'delimiter = "a"\n')),
    "SIP2 authority missing": ("run", "own.pem", settings(SIP2 + 'ca_file = "own.pem"\n')),
    "SIP2 pin": ("run", "delivery.sip2.pinned_sha256", settings(SIP2 + 'tls = "pinned"\n')),
    "Voyager address": ("run", "delivery.sip2.voyager_url", settings(SIP2 + 'voyager_url = "x"\n')),
    # journal
    "journal is a folder": ("run", "journal.db", (folder("journal.db"),)),
    "journal is no database": ("run", "journal.db", (text("journal.db", NO_DATABASE),)),
    "journal is not readable": ("run", "journal.db", (mode("journal.db", 0),)),
    "journal is not writable": ("run", "journal.db", (mode("journal.db", 0o400),)),
    "journal is newer": ("run", "journal.db", (statement("journal.db", "PRAGMA user_version = 999"),)),
    "log of the journal is a folder": ("run", "journal.db", (folder("journal.db-wal"),)),
    "a role was changed": (
        "run",
        "workers",
        (statement("journal.db", "INSERT INTO workers VALUES ('w-x', 'systems', 'active', 1)"),),
    ),
    "newest head is a folder": ("run", "journal.head", (folder("journal.head"),)),
    "newest head is not writable": ("run", "journal.head", (mode("journal.head", 0o400),)),
    "journal is older": ("run", "head", (lambda data: shutil.copy(data / "older.db", data / "journal.db"),)),
    # people
    "names are no database": ("run", "people.db", (text("people.db", NO_DATABASE),)),
    "names were altered": (
        "run",
        "people.db",
        (
            lambda data: People(data / "people.db").add("w-1", "ann", "Ann"),
            statement("people.db", "UPDATE people SET name = 'Ana'"),
        ),
    ),
    "names are not readable": ("run", "people.db", (text("people.db"), mode("people.db", 0))),
    # reader
    "no such driver": ("run", "reader.driver", (changed("[reader]", '[reader]\ndriver = "none"'),)),
    "recording missing": ("run", "none.jsonl", (changed("/dev/nowhere", "replay:none.jsonl"),)),
    # Alma's page
    "no certificate": ("run", "server.pem", settings(WEB)),
    "certificate bad": (
        "run",
        "own.pem",
        settings(WEB + 'certificate = "own.pem"\nkey = "own.pem"\n', text("own.pem")),
    ),
    "address to listen on": ("run", "web.bind", settings(WEB + 'bind = "x"\n')),
    "origin": ("run", "web.origins", settings(WEB + 'origins = ["x"]\n')),
    "host name": ("run", "web.names", settings(WEB + 'names = ["X Y"]\n')),
    # labels
    "rules missing": ("label", OWN, settings('[rules]\nsite_file = "own.toml"\n')),
    "rules bad": ("label", OWN, settings('[rules]\nsite_file = "own.toml"\n', text(OWN))),
    "font missing": ("label", "own.ttf", settings('[labels]\nfonts = ["own.ttf"]\n')),
    "no print queue": ("label", "print queue", settings('[labels]\nto = "cups:"\n')),
    "file in the place of the folder": ("label", "station.toml", settings('[labels]\nto = "station.toml"\n')),
    "device takes no PDF": ("label", "ZPL", settings('[labels]\nto = "device:/dev/null"\n')),
    # socket
    "socket is a folder": ("run", "station.sock", (folder("station.sock"),)),
}


def invoked(data: Path, *arguments: str) -> Result:
    """Run a command in this process, and undo what it sets up for the whole process."""
    kept = {name: list(logging.getLogger(name).handlers) for name in ("", "station")}
    try:
        return CliRunner().invoke(station, [*arguments, "--data", str(data)], env={"PATH": "/usr/bin:/bin"})
    finally:
        words.use()
        for name, handlers in kept.items():
            logger = logging.getLogger(name)
            for handler in set(logger.handlers) - set(handlers):
                logger.removeHandler(handler)
                handler.close()


@pytest.fixture(scope="module")
def started(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A data directory with a catalog, whose station has been opened and closed twice. The screens end at once."""
    data = tmp_path_factory.mktemp("started") / "d"
    data.mkdir(0o700)
    (data / "station.toml").write_text(TOML)
    tty = types.SimpleNamespace(isatty=lambda: True)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(screens, "sys", types.SimpleNamespace(stdin=tty, stdout=tty))
        patch.setattr(StationApp, "run_to_the_end", lambda _app: None)
        sample = next((ROOT / "station/catalog").rglob("*.mrc"))
        assert invoked(data, "catalog", "import", str(sample)).exit_code == 0
        assert invoked(data, "run").exit_code == 0
        shutil.copy(data / "journal.db", data / "older.db")
        assert invoked(data, "run").exit_code == 0
        yield data


@pytest.fixture
def data(started: Path, tmp_path: Path) -> Iterator[Path]:
    data = tmp_path / "d"
    shutil.copytree(started, data)
    with without_root():
        yield data
    data.chmod(0o700)


def failures(data: Path) -> list[dict[str, str]]:
    lines: list[dict[str, str]] = json.loads(invoked(data, "doctor", "--json").stdout)["lines"]
    return [line for line in lines if line["level"] == "FAIL" and line["found"].partition(":")[0] != "/dev/nowhere"]


def test_a_station_that_starts_has_no_failure(data: Path) -> None:
    assert [invoked(data, *command).exit_code for command in COMMANDS.values()] == [0, 0]
    assert failures(data) == []


@pytest.mark.parametrize("name", ROWS)
def test_the_doctor_names_what_refuses_a_start(data: Path, name: str) -> None:
    command, named, faults = ROWS[name]
    for fault in faults:
        fault(data)
    reported = failures(data)
    refused = invoked(data, *COMMANDS[command])
    assert refused.exit_code not in (0, 2, 70), refused.output
    assert any(named in line["found"] or named == line["name"] for line in reported), reported
    assert all(line["advice"] for line in reported)
