"""`station backup` and `station restore`: what a backup holds, which backups are refused, and how work goes on after a
restore."""

from __future__ import annotations

import json
import os
import random
import shutil
import sqlite3
import zipfile
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from station.base.clock import SystemClock
from station.base.credentials import Secret
from station.base.errors import StoreError
from station.cli import station
from station.domain.events import TimelineBegan
from station.runtime.backup import sealed
from station.runtime.backup.check import check_file
from station.runtime.data_directory import JOURNAL, PEOPLE
from station.runtime.lock import hold
from station.store.owner import Store, open_store
from station.store.people.names import People
from station.store.queries.queries import Queries
from tests.cli.session.test_sign_on import PINS, prepare
from tests.conftest import ROOT
from tests.support import sample_events

A, B = "31234000000015", "31234000000023"
PHRASE = "four plain words here"
Change = Callable[[Path], object]


def run(data: Path, *words: str, lines: tuple[str, ...] = ()) -> Result:
    typed = "".join(f"{line}\n" for line in lines)
    return CliRunner().invoke(station, ["--data", str(data), *words], input=typed)


def error(result: Result) -> dict[str, Any]:
    return dict(json.loads(result.stdout)["error"])


@pytest.fixture(autouse=True)
def cheap(monkeypatch: pytest.MonkeyPatch) -> None:
    """Derive the keys of new backups with 1 MiB of memory."""
    monkeypatch.setattr(sealed, "_N", 1 << 10)


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A data directory with people, PINs, words, a truck's list, an Alma key, and files that are never taken."""
    data = tmp_path / "data"
    prepare(data)
    (data / "words").mkdir()
    (data / "words" / "en.po").write_text('msgid "word.yes"\nmsgstr "Yes"\n', encoding="utf-8")
    (data / "lists").mkdir()
    (data / "lists" / "truck-7.txt").write_text(A, encoding="utf-8")
    (data / "credentials").mkdir(exist_ok=True)
    (data / "credentials" / "alma").write_text("alma-key-0815", encoding="utf-8")
    (data / "station.log").write_text("log", encoding="utf-8")
    (data / "lists" / "link.txt").symlink_to("/etc/passwd")
    return data


@pytest.fixture
def store(data: Path) -> Iterator[Store]:
    """The store of a running station, which holds the lock of the directory."""
    with hold(data):
        opened = open_store(data / JOURNAL, SystemClock(), head_directory=data / "heads")
        opened.journal.record(sample_events.judged(A), deliveries=[sample_events.delivery("file", A)])
        opened.journal.record(sample_events.started("half", "E004010012345679", B))
        yield opened
        opened.close()


@pytest.fixture
def backup(data: Path, store: Store, tmp_path: Path) -> Path:
    """A backup with keys, made while the station runs."""
    file = tmp_path / "backup.zip"
    made = run(data, "backup", "create", str(file), "--credentials", lines=(PHRASE,))
    assert made.exit_code == 0, made.output
    return file


def test_a_backup_of_a_running_station_is_restored_whole(
    data: Path, store: Store, backup: Path, tmp_path: Path
) -> None:
    before = store.queries.head()
    new = tmp_path / "elsewhere" / "data"
    restored = run(new, "restore", str(backup), "--credentials", lines=(PHRASE,))
    assert restored.exit_code == 0, restored.output
    for name in ("words/en.po", "lists/truck-7.txt", "station.toml", "credentials/alma", "credentials/pin-pepper"):
        assert (new / name).read_bytes() == (data / name).read_bytes()
    assert not (new / "station.log").exists()
    assert "lists/link.txt" in restored.stdout
    assert not os.path.lexists(new / "lists" / "link.txt")
    assert "1 tag was half written" in restored.stdout
    assert Queries(new / JOURNAL, SystemClock()).open_uids() == {"E004010012345679"}
    head = Queries(new / JOURNAL, SystemClock()).head()
    assert (head.seq, head.hash) == (before.seq, before.hash)
    assert run(new, "journal", "verify").exit_code == 0
    found_people = [person.login for person in People(new / PEOPLE).all_of()]
    assert found_people == ["ann", "tess", "tim"]
    assert {oct(path.stat().st_mode & 0o077) for path in new.rglob("*") if path.is_file()} == {"0o0"}


def test_a_backup_without_request_has_no_key(data: Path, store: Store, tmp_path: Path) -> None:
    plain, sealed = tmp_path / "plain.zip", tmp_path / "sealed.zip"
    assert run(data, "backup", "create", str(plain)).exit_code == 0
    assert run(data, "backup", "create", str(sealed), "--credentials", lines=(PHRASE,)).exit_code == 0
    pepper = (data / "credentials" / "pin-pepper").read_bytes().strip()
    for file in (plain, sealed):
        with zipfile.ZipFile(file) as archive:
            content = b"".join(map(archive.read, archive.namelist()))
        assert b"alma-key-0815" not in content
        assert pepper not in content


def test_the_next_step_is_to_continue_the_journal(backup: Path, tmp_path: Path) -> None:
    new = tmp_path / "new"
    assert run(new, "restore", str(backup), "--credentials", lines=(PHRASE,)).exit_code == 0
    refused = run(new, "roll", "load", "A-17", "--json", lines=(PINS["ann"],))
    assert (error(refused)["code"], error(refused)["exit_code"]) == ("journal-restored", 50)
    examined = json.loads(run(new, "doctor", "--json").stdout)["lines"]
    assert ("journal", "FAIL") in {(line["name"], line["level"]) for line in examined}
    went_on = run(new, "journal", "continue", "--restored", "--yes", "--operator", "tess", lines=(PINS["tess"],))
    assert went_on.exit_code == 0, went_on.output
    assert "1 delivery will be looked up" in went_on.stdout
    loaded = run(new, "roll", "load", "A-17", lines=(PINS["ann"],))
    assert loaded.exit_code == 0, loaded.output
    assert run(new, "journal", "verify").exit_code == 0


def test_without_the_keys_a_pin_is_recovered_before_the_journal_is_continued(backup: Path, tmp_path: Path) -> None:
    new = tmp_path / "new"
    restored = run(new, "restore", str(backup))
    assert "station people pin recover" in restored.stdout
    go_on = ("journal", "continue", "--restored", "--yes", "--json", "--operator", "tess")
    assert error(run(new, *go_on, lines=(PINS["tess"],)))["code"] == "pins-unusable"
    assert run(new, "people", "pin", "recover", "tess", "--reason", "new machine", lines=("614207",)).exit_code == 0
    changed = run(new, "people", "pin", "change", "tess", lines=("614207", "508134"))
    assert changed.exit_code == 0, changed.output
    assert run(new, *go_on, lines=("508134",)).exit_code == 0


def test_the_restored_journal_put_back_later_is_refused_again(backup: Path, tmp_path: Path) -> None:
    new = tmp_path / "new"
    assert run(new, "restore", str(backup), "--credentials", lines=(PHRASE,)).exit_code == 0
    first = (new / JOURNAL).read_bytes()
    go_on = ("journal", "continue", "--restored", "--yes", "--operator", "tess")
    assert run(new, *go_on, lines=(PINS["tess"],)).exit_code == 0
    kinds = [type(row.event) for row in Queries(new / JOURNAL, SystemClock()).events(limit=1000)]
    assert TimelineBegan in kinds
    for name in (JOURNAL, "journal.db-wal", "journal.db-shm", "journal.head"):
        (new / name).unlink(missing_ok=True)
    (new / JOURNAL).write_bytes(first)
    for file in (new / "heads").iterdir():
        file.unlink()
    refused = run(new, "roll", "load", "A-17", "--json", lines=(PINS["ann"],))
    assert error(refused)["code"] == "journal-restored"


def rewritten(file: Path, change: Callable[[str, bytes], bytes | None], **extra: bytes) -> None:
    """Make the archive again with other content. None leaves a file out."""
    with zipfile.ZipFile(file) as archive:
        files = {name: change(name, archive.read(name)) for name in archive.namelist()}
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in {**files, **extra}.items():
            if content is not None:
                archive.writestr(name, content)


def manifest_with(**fields: Any) -> Change:
    def change(name: str, content: bytes) -> bytes:
        return json.dumps({**json.loads(content), **fields}).encode() if name == "manifest.json" else content

    return lambda file: rewritten(file, change)


def newer_journal(file: Path) -> None:
    """Make the backup of a newer program: another schema, and the digest that belongs to it."""
    import hashlib

    scratch = file.with_name("newer.db")
    with zipfile.ZipFile(file) as archive:
        scratch.write_bytes(archive.read(JOURNAL))
        manifest = json.loads(archive.read("manifest.json"))
    with closing(sqlite3.connect(scratch)) as sql:
        sql.execute("PRAGMA user_version = 99")
    content = scratch.read_bytes()
    for entry in manifest["files"]:
        if entry["name"] == JOURNAL:
            entry |= {"size": len(content), "sha256": hashlib.sha256(content).hexdigest()}
    new = {JOURNAL: content, "manifest.json": json.dumps(manifest).encode()}
    rewritten(file, lambda name, old: new.get(name, old))


def one_bit(file: Path) -> None:
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 0x10
    file.write_bytes(content)


def escaping(file: Path) -> None:
    """A file of the backup that wants to be written outside."""

    def change(name: str, content: bytes) -> bytes:
        return content.replace(b"station.toml", b"../x/st.toml") if name == "manifest.json" else content

    rewritten(file, change, **{"../x/st.toml": b""})


def workplace_of_a_restore(file: Path) -> None:
    """A file that the next restore would take for its own list of what it may remove."""
    name = ".a.station-new/moving"
    with zipfile.ZipFile(file) as archive:
        content = archive.read("station.toml")

    def change(old: str, content: bytes) -> bytes | None:
        if old == "manifest.json":
            return content.replace(b'"station.toml"', f'"{name}"'.encode())
        return None if old == "station.toml" else content

    rewritten(file, change, **{name: content})


REFUSED = {
    "one bit": (one_bit, "backup-unusable"),
    "cut off": (lambda file: os.truncate(file, file.stat().st_size - 4000), "backup-unusable"),
    "empty": (lambda file: os.truncate(file, 0), "backup-unusable"),
    "a file is missing": (
        lambda file: rewritten(file, lambda name, content: None if name == PEOPLE else content),
        "backup-unusable",
    ),
    "a file too many": (lambda file: rewritten(file, lambda _, content: content, more=b"x"), "backup-unusable"),
    "a name outside": (escaping, "backup-unusable"),
    "a name of a workplace": (workplace_of_a_restore, "backup-unusable"),
    "another head": (manifest_with(head=["2026-12-01T00:00:00+00:00", 3, "ab" * 32, "ab" * 8]), "backup-unusable"),
    "a newer format": (manifest_with(format=2), "store-too-new"),
    "a newer journal": (newer_journal, "store-too-new"),
}


@pytest.mark.parametrize(("change", "code"), REFUSED.values(), ids=REFUSED)
def test_a_backup_that_cannot_be_trusted_is_refused(backup: Path, tmp_path: Path, change: Change, code: str) -> None:
    change(backup)
    assert error(run(tmp_path, "backup", "verify", str(backup), "--json"))["code"] == code
    new = tmp_path / "new"
    assert error(run(new, "restore", str(backup), "--json"))["code"] == code
    assert not new.exists()
    assert not list(tmp_path.glob(".*"))


@pytest.mark.parametrize("trials", [40, pytest.param(1000, marks=pytest.mark.soak)])
def test_a_changed_bit_is_found_or_changes_nothing(backup: Path, tmp_path: Path, trials: int) -> None:
    dice, whole = random.Random(trials), backup.read_bytes()
    expected = check_file(backup, tmp_path / "whole", SystemClock(), Secret(PHRASE))
    found = 0
    for number in range(trials):
        content = bytearray(whole)
        content[dice.randrange(len(content))] ^= 1 << dice.randrange(8)
        backup.write_bytes(content)
        scratch = tmp_path / str(number)
        try:
            assert check_file(backup, scratch, SystemClock(), Secret(PHRASE)) == expected
        except StoreError:
            found += 1
        shutil.rmtree(scratch)
    assert found > trials / 2


def test_another_passphrase_opens_nothing(backup: Path, tmp_path: Path) -> None:
    wrong = run(tmp_path, "backup", "verify", str(backup), "--credentials", "--json", lines=("four other words",))
    assert (error(wrong)["code"], error(wrong)["exit_code"]) == ("passphrase-wrong", 50)
    assert run(tmp_path, "backup", "verify", str(backup), "--credentials", lines=(PHRASE,)).exit_code == 0


def test_nothing_is_replaced(data: Path, backup: Path) -> None:
    before = backup.read_bytes()
    assert run(data, "backup", "create", str(backup)).exit_code == 2
    assert backup.read_bytes() == before
    toml = (data / "station.toml").read_bytes()
    refused = run(data, "restore", str(backup))
    assert (refused.exit_code, "is not empty" in refused.stderr) == (2, True)
    assert (data / "station.toml").read_bytes() == toml


def test_results_of_newer_events_stay_out(data: Path, store: Store, tmp_path: Path) -> None:
    """The station delivers while the backup is made: the copy ends where its journal ends."""
    journal_id, seq = store.queries.head().journal_id, store.queries.head().seq
    lines = [
        json.dumps({"delivery": f"{journal_id}-{number}-file", "at": "2026-12-01T00:00:00+00:00", "event": number})
        for number in (seq, seq + 1)
    ]
    text = "".join(line.replace(": ", ":").replace(", ", ",") + "\n" for line in lines)
    at = store.queries.events(limit=1000)[-1].at
    text = text.replace("2026-12-01T00:00:00+00:00", at)
    (data / "results.jsonl").write_text(text + '{"delivery":"torn', encoding="utf-8")
    file = tmp_path / "backup.zip"
    assert run(data, "backup", "create", str(file)).exit_code == 0
    with zipfile.ZipFile(file) as archive:
        assert archive.read("results.jsonl").decode() == text.splitlines(keepends=True)[0]


def test_tables_are_made_again_from_the_events(data: Path) -> None:
    store = open_store(data / JOURNAL, SystemClock(), head_directory=data / "heads")
    store.journal.record(sample_events.judged(A))
    store.close()
    with closing(sqlite3.connect(data / JOURNAL, isolation_level=None)) as sql:
        sql.execute("DELETE FROM item_states")
    assert run(data, "journal", "verify").exit_code == 1
    rebuilt = run(data, "journal", "rebuild")
    assert (rebuilt.exit_code, "made again" in rebuilt.stdout) == (0, True), rebuilt.output
    assert run(data, "journal", "verify").exit_code == 0


def test_restore_names_the_files_of_the_catalog_unless_the_backup_has_it(tmp_path: Path) -> None:
    data, records = tmp_path / "data", ROOT / "station/catalog/data/sample.mrc"
    data.mkdir()
    (data / "station.toml").write_text('[library]\nisil = "US-TxImag"\n[station]\noperator = "tess"\n')
    assert run(data, "people", "add", "tess", "--name", "Tess", "--role", "technician").exit_code == 0
    assert run(data, "catalog", "import", str(records)).exit_code == 0
    for options, whole in (((), False), (("--catalog",), True)):
        file, new = tmp_path / f"backup-{whole}.zip", tmp_path / f"new-{whole}"
        made = run(data, "backup", "create", str(file), *options)
        assert made.exit_code == 0, made.output
        restored = run(new, "restore", str(file))
        assert restored.exit_code == 0, restored.output
        assert (f"  {records}" in restored.stdout.splitlines()) is not whole
        assert ("station catalog rebuild" in restored.stdout) is not whole
        went_on = run(new, "journal", "continue", "--restored", "--yes", "--operator", "tess")
        assert went_on.exit_code == 0, went_on.output
        if not whole:
            rebuilt = run(new, "catalog", "rebuild")
            assert rebuilt.exit_code == 0, rebuilt.output
        shown = [run(place, "catalog", "show", "31999000000014").stdout for place in (data, new)]
        assert shown[0] == shown[1] != ""
