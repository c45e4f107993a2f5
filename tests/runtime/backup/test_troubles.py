"""Backup, restore, update, a start with data of an earlier version, and archiving: on a full disk, on one that may only be
read, in the directory of another account, and with data of a newer program. Each ends with a sentence, and the data is as
it was."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import subprocess
import zipfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from pathlib import Path

import pytest
from click.testing import CliRunner

from station.cli import station
from station.cli.admin.settings_file import template
from station.runtime.data_directory import HEADS, JOURNAL, SETTINGS_NAME
from station.runtime.lock import LOCK_NAME
from station.store.owner import open_store
from tests.cli.admin.test_backup import newer_journal
from tests.conftest import FakeClock
from tests.runtime.backup.test_update import EARLIER
from tests.support import sample_events
from tests.support.rights import without_root
from tests.support.small_disk import fill, small_disk

ACTS = {
    "backup": ("now", ("backup", "create", "{disk}/b.zip")),
    "restore": ("", ("restore", "{backup}")),
    "update": ("earlier", ("update",)),
    "a start after an upgrade of the program": ("earlier", ("roll", "load", "A-17")),
    "archive": ("now", ("journal", "archive", "--older-than", "1")),
}
"""The data directory at the beginning ("" = none), and the command."""
STRANGER = 65534
"""An account that is not this one."""


@contextmanager
def without_room(disk: Path, left: int = 0) -> Iterator[None]:
    filler = fill(disk, left)
    yield
    filler.unlink()


@contextmanager
def with_little_room(disk: Path) -> Iterator[None]:
    with without_room(disk, 8192):
        yield


@contextmanager
def for_reading_only(disk: Path) -> Iterator[None]:
    subprocess.run(["mount", "-o", "remount,ro", str(disk)], check=True)
    yield
    subprocess.run(["mount", "-o", "remount,rw", str(disk)], check=True)


@contextmanager
def of_another_account(disk: Path) -> Iterator[None]:
    paths = [disk, *disk.rglob("*")]
    for path in paths:
        os.chown(path, STRANGER, STRANGER)
    disk.chmod(0o700)
    with without_root():
        yield
    for path in paths:
        os.chown(path, os.getuid(), os.getgid())


@contextmanager
def of_a_newer_program(disk: Path) -> Iterator[None]:
    newer_journal(disk / "backup.zip")
    if (disk / "d").exists():
        with closing(sqlite3.connect(disk / "d" / JOURNAL)) as sql:
            sql.execute("PRAGMA user_version = 99")
    yield


Trouble = Callable[[Path], AbstractContextManager[None]]
TROUBLES: dict[str, tuple[Trouble, set[str]]] = {
    "a full disk": (without_room, {"store-full"}),
    "a nearly full disk": (with_little_room, {"store-full"}),
    "a disk for reading only": (for_reading_only, {"store-read-only"}),
    "another owner": (of_another_account, {"store-read-only", "settings"}),
    "data of a newer program": (of_a_newer_program, {"store-too-new"}),
}


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Data of this version and of an earlier one, and a backup."""
    made = tmp_path_factory.mktemp("made")
    (now := made / "now").mkdir(0o700)
    (now / SETTINGS_NAME).write_text(template(**{"library.isil": "US-TxDa"}), encoding="utf-8")
    store = open_store(now / JOURNAL, FakeClock(), head_directory=now / HEADS)
    started, verified = (
        event("1", "E004010012345678", "31234000000015") for event in (sample_events.started, sample_events.verified)
    )
    store.journal.record(started, verified)
    store.journal.record(sample_events.judged("31234000000015"))
    store.close()
    with zipfile.ZipFile(EARLIER / "0.1.zip") as archive:
        archive.extractall(made / "earlier")
    assert run(now, "backup", "create", str(made / "backup.zip")) == (0, "")
    return made


def run(data: Path, *words: str) -> tuple[int, str]:
    """Return exit code and error code of a command."""
    ended = CliRunner().invoke(station, ["--data", str(data), *words, "--json"])
    return ended.exit_code, json.loads(ended.stdout)["error"]["code"] if ended.exit_code else ""


def content(disk: Path) -> dict[Path, object]:
    """Return all files, databases by their rows. The lock, the heads and SQLite's own files do not count."""
    found: dict[Path, object] = {}
    for path in sorted(disk.rglob("*")):
        if path.suffix == ".db":
            with closing(sqlite3.connect(path)) as sql:
                found[path] = [*sql.iterdump(), sql.execute("PRAGMA user_version").fetchone()]
        elif path.is_file() and path.name != LOCK_NAME and path.suffix not in (".head", ".db-wal", ".db-shm"):
            found[path] = "" if path.parent.name == HEADS else path.read_bytes()
    return found


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can mount a disk, or give files to another account")
@pytest.mark.parametrize("trouble", TROUBLES)
@pytest.mark.parametrize("act", ACTS)
def test_an_act_in_trouble_says_so_and_leaves_the_data_as_it_was(
    made: Path, tmp_path: Path, act: str, trouble: str
) -> None:
    (begins_with, words), (arises, codes) = ACTS[act], TROUBLES[trouble]
    with small_disk(tmp_path / "disk") as disk:
        shutil.copy(made / "backup.zip", disk)
        if begins_with:
            shutil.copytree(made / begins_with, disk / "d")
        before = content(disk)
        with arises(disk):
            prepared = before if arises is not of_a_newer_program else content(disk)
            exit_code, code = run(disk / "d", *(word.format(disk=disk, backup=disk / "backup.zip") for word in words))
        assert (exit_code in (3, 50), code in codes) == (True, True), (exit_code, code)
        assert content(disk) == prepared
        if arises is not of_a_newer_program:
            assert run(disk / "d", *(word.format(disk=disk, backup=disk / "backup.zip") for word in words)) == (0, "")
