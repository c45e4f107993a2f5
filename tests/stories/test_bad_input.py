"""Bad input before any work: settings, data, journal, disk, catalog files. Each case has its exit code and a sentence,
and changes nothing. The reader's line and Alma are in test_bad_lines.py."""

from __future__ import annotations

import contextlib
import gzip
import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.support import station_process
from tests.support.rights import plain_user
from tests.support.small_disk import fill, small_disk
from tests.support.whole_bench import ITEMS, Bench, bench

ITEM = station_process.barcode(1)
ITS_OWN = ("journal.db", "reader-health.json")
"""Files that a running station writes during the test."""
NOT_LOOKED_AT = ("station.lock", "station.log", "journal.db-shm", "journal.db-wal")


@pytest.fixture
def data(template: Path) -> Iterator[Path]:
    """A copy of the prepared data directory."""
    with station_process.short_folder() as folder:
        copy = folder / "d"
        shutil.copytree(template, copy)
        yield copy


def contents(data: Path) -> dict[str, bytes]:
    """Return every file byte for byte, except locks and logs."""
    return {
        str(path.relative_to(data)): path.read_bytes()
        for path in sorted(data.rglob("*"))
        if path.is_file() and path.name not in NOT_LOOKED_AT
    }


def refused(data: Path, code: int, *words: str, command: tuple[str, ...] = (), before: tuple[str, ...] = ()) -> None:
    """Assert that the command (default: process one item) ends with `code` and a sentence with `words`, and changes
    nothing."""
    was = contents(data)
    arguments = command or ("process", ITEM, "--pass-all", "--timeout", "60")
    done = station_process.station(data.parent, *arguments, "--data", str(data), before=before)
    assert done.code == code, repr(done)
    assert "Traceback" not in done.out + done.err
    sentence = next(line for line in done.err.splitlines() if not line.startswith("Reading: "))
    first = sentence.split()[0]
    assert sentence.endswith(".") and (first[0].isupper() or Path(first.rstrip(":")).suffix), done.err
    for word in words:
        assert word in done.err, done.err
    assert done.out == ""
    assert contents(data) == was
    # The same failure for a program: one JSON value on stdout with the same exit code.
    said = station_process.station(data.parent, *arguments, "--json", "--data", str(data), before=before)
    assert (said.code, said.json["error"]["exit_code"], said.err) == (code, code, ""), repr(said)
    assert contents(data) == was


# --- settings -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "words"),
    [
        pytest.param(None, ("does not exist", "station init"), id="missing"),
        pytest.param(b"[library\nisil=", ("not valid TOML", "line 1"), id="malformed"),
        pytest.param(
            b'[library]\nisill = "US-X"\n', ('unknown key "library.isill"', '"library.isil"'), id="unknown-key"
        ),
        pytest.param(b"[raeder]\n", ('"raeder"', '"reader"'), id="unknown-table"),
        pytest.param(b'[reader]\nbaud = "fast"\n', ("reader.baud", "int"), id="wrong-type"),
        pytest.param(b"[reader]\npoll_ms = 1\n", ("reader.poll_ms", "50"), id="out-of-range"),
        pytest.param(b'[library]\nname = "\xe4"\n', ("utf-8",), id="not-utf-8"),
        pytest.param(b"\x00\xff" * 99, ("station.toml",), id="binary-junk"),
    ],
)
def test_settings(data: Path, text: bytes | None, words: tuple[str, ...]) -> None:
    path = data / "station.toml"
    path.unlink()
    if text is not None:
        path.write_bytes(text)
    refused(data, 3, *words)


def test_no_isil_means_no_tag_is_written(desk: Bench) -> None:
    path = desk.data / "station.toml"
    path.write_text(path.read_text().replace('isil = "US-ImagCC"', ""))
    code, uid = desk.item()
    done = desk.station("process", code, "--pass-all", "--timeout", "60")
    assert done.code == 3, repr(done)
    assert "library.isil" in done.err
    desk.blank(uid)


def test_no_data_directory(data: Path) -> None:
    done = station_process.station(data.parent, "process", ITEM, "--data", str(data.parent / "nowhere"))
    assert done.code == 3 and "station init" in done.err, repr(done)
    assert not (data.parent / "nowhere").exists()


# --- one station only ---------------------------------------------------------------------------------------------------


def test_a_second_station_is_refused_and_names_the_first(desk: Bench) -> None:
    screen = desk.open()
    was = {name: text for name, text in contents(desk.data).items() if name not in ITS_OWN}
    for command in (["run"], ["demo", "--auto", "1", "--fast"]):
        done = desk.station(*command)
        assert done.code == 4, repr(done)
        assert f"Process {screen.process.pid}" in done.err
        assert "Traceback" not in done.err
    assert screen.process.poll() is None
    assert {name: text for name, text in contents(desk.data).items() if name not in ITS_OWN} == was
    code, uid = desk.item()
    assert desk.station("process", code, "--pass-all").code == 0, "the first station must continue"
    desk.holds(uid, code)


# --- the journal --------------------------------------------------------------------------------------------------------


def garbage_header(path: Path) -> None:
    path.write_bytes(b"\x99" * 100 + path.read_bytes()[100:])


def flipped_page(path: Path) -> None:
    whole = bytearray(path.read_bytes())
    whole[2 * 4096 : 2 * 4096 + 40] = bytes(byte ^ 0xFF for byte in whole[2 * 4096 : 2 * 4096 + 40])
    path.write_bytes(whole)


def newer_schema(path: Path) -> None:
    with contextlib.closing(sqlite3.connect(path)) as sql:
        sql.execute("PRAGMA user_version = 99")


def newer_event(path: Path) -> None:
    with contextlib.closing(sqlite3.connect(path)) as sql, sql:
        sql.execute(
            "INSERT INTO events SELECT max(seq) + 1, at, 'from-the-future', x'7b7d', x'', zeroblob(32) FROM events"
        )
    with contextlib.closing(sqlite3.connect(path)) as sql:
        sql.execute("PRAGMA wal_checkpoint(TRUNCATE)")


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        pytest.param(garbage_header, "is damaged", id="garbage-header"),
        pytest.param(flipped_page, "is damaged", id="flipped-page"),
        pytest.param(lambda path: path.write_bytes(b""), "is damaged", id="empty"),
        pytest.param(lambda path: path.write_bytes(path.read_bytes()[:6000]), "is damaged", id="cut-off"),
        pytest.param(lambda path: path.write_bytes(os.urandom(9000)), "is damaged", id="binary-junk"),
        pytest.param(newer_schema, "newer version", id="newer-schema"),
        pytest.param(newer_event, "newer version", id="newer-event"),
    ],
)
def test_a_spoilt_journal(data: Path, spoil: Callable[[Path], None], words: str) -> None:
    spoil(data / "journal.db")
    refused(data, 50, words)


def test_a_changed_event_is_found_by_verify_only(data: Path) -> None:
    """One flipped bit in a payload: SQLite's own check finds no fault, the chain does."""
    whole = (data / "journal.db").read_bytes()
    changed = whole.replace(b'"kind":"catalog-imported"', b'"kind":"catalog-importee"', 1)
    assert changed != whole
    (data / "journal.db").write_bytes(changed)
    done = station_process.station(data.parent, "journal", "verify", "--json", "--data", str(data))
    assert done.code in (1, 50), repr(done)
    assert "Traceback" not in done.err


HOLD = """
import sqlite3, sys
sql = sqlite3.connect(sys.argv[1], isolation_level=None)
sql.execute("BEGIN IMMEDIATE")
print("held", flush=True)
sys.stdin.read()
"""


@station_process.beside
def test_a_journal_that_another_program_holds(template: Path) -> None:
    with station_process.short_folder() as folder:
        shutil.copytree(template, folder / "d")
        held(folder / "d")


def held(data: Path) -> None:
    """Assert a refusal after the 5 s that SQLite waits; the journal is usable once the other program releases it."""
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(data / "journal.db")], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    try:
        assert holder.stdout is not None and holder.stdout.readline() == b"held\n"
        was = contents(data)
        done = station_process.station(data.parent, "process", ITEM, "--timeout", "60", "--data", str(data))
        assert done.code == 50 and "Another program is holding" in done.err, repr(done)
        assert "Traceback" not in done.err
        assert contents(data) == was
    finally:
        holder.communicate()
    after = station_process.station(data.parent, "process", ITEM, "--timeout", "0.2", "--data", str(data))
    assert after.code == 10, "the journal is free; only the reader is missing"


@pytest.mark.parametrize("what", ["journal.db", "."], ids=["file", "folder"])
def test_data_that_may_only_be_read(data: Path, what: str) -> None:
    if what == ".":
        (data / "station.lock").touch()
        (data / "station.log").touch()
    path = data / what
    path.chmod(0o444 if path.is_file() else 0o555)
    try:
        refused(data, 50, "may not write", before=plain_user())
    finally:
        path.chmod(0o755)


# --- the disk -----------------------------------------------------------------------------------------------------------


def survives(desk: Bench, *, before: tuple[str, ...] = (), room: Callable[[], None]) -> int:
    """Process an item without room on the disk, then with room. Return the first exit code."""
    code, uid = desk.item()
    done = desk.station("process", code, "--pass-all", "--timeout", "60", before=before)
    assert done.code in (0, 50), repr(done)
    assert "Traceback" not in done.out + done.err
    says = station_process.identifier(desk.reader.dump(uid))
    assert says in (None, code)
    if done.code == 50:
        assert done.err.strip(), "there must be a sentence"
        assert done.out == "", "nothing is reported as done"
    else:
        assert says == code
    room()
    station_process.verified(desk.folder, desk.data)
    assert station_process.result_problems(desk.data) == []
    judged = [event["barcode"] for event in station_process.events(desk.data, "item-judged")].count(code)
    assert judged == (1 if done.code == 0 else judged)
    again = desk.station("process", code, "--pass-all", "--timeout", "60")
    assert again.code == 0, repr(again)
    desk.holds(uid, code)
    return done.code


@pytest.mark.parametrize(
    "limit", [0, *(pytest.param(one, marks=pytest.mark.soak) for one in (8_000, 60_000)), 30_000, 90_000]
)
def test_files_that_may_not_grow(shared_desk: Bench, limit: int) -> None:
    """RLIMIT_FSIZE: every write beyond `limit` bytes of a file fails. Each limit fails at another place."""
    code = survives(shared_desk, before=("tests.support.rights:no_larger_files", str(limit)), room=lambda: None)
    assert code == 50 or limit >= 90_000


@station_process.beside
def test_a_full_disk(template: Path) -> None:
    """Where no disk can be mounted, test_files_that_may_not_grow covers this case."""
    with bench(template) as desk, small_disk(desk.folder / "m") as disk:
        shutil.copytree(desk.data, disk / "d")
        desk.data = disk / "d"
        codes = [survives(desk, room=fill(disk, free * 1024).unlink) for free in (0, 16, 48, 96, 160)]
    assert codes[0] == 50, "the first run had no room at all"
    assert codes == sorted(codes, reverse=True), "with more room it must not fail earlier"


# --- catalog files ------------------------------------------------------------------------------------------------------


def records(data: Path) -> list[bytes]:
    """Return the records of the prepared catalog file."""
    whole, found = (data / "numbered.mrc").read_bytes(), []
    while whole:
        length = int(whole[:5])
        found.append(whole[:length])
        whole = whole[length:]
    return found


@pytest.mark.parametrize(
    ("make", "words"),
    [
        pytest.param(lambda whole: whole[0][:100], "ends in the middle", id="truncated-first-record"),
        pytest.param(lambda whole: bytes(range(256)) * 40, "not MARC", id="binary-junk"),
        pytest.param(lambda whole: b"", "empty", id="empty"),
        pytest.param(lambda whole: b"<html><body>Maintenance</body></html>", "", id="html"),
        pytest.param(lambda whole: b"<collection><record><leader>", "broken XML", id="broken-xml"),
        pytest.param(lambda whole: gzip.compress(b"".join(whole)), "", id="compressed"),
        pytest.param(None, "", id="missing"),
    ],
)
def test_a_catalog_file_without_a_usable_record(
    data: Path, make: Callable[[list[bytes]], bytes] | None, words: str
) -> None:
    path = data.parent / "in.mrc"
    if make is not None:
        path.write_bytes(make(records(data)))
    refused(data, 31, "was not imported", words, command=("catalog", "import", str(path)))


def imported(data: Path, whole: bytes, code: int = 0) -> dict[str, object]:
    path = data.parent / "in.mrc"
    path.write_bytes(whole)
    done = station_process.station(data.parent, "catalog", "import", str(path), "--json", "--data", str(data))
    assert done.code == code and done.err == "", repr(done)
    report: dict[str, object] = done.json
    return report


def test_a_catalog_file_that_breaks_off_is_imported_up_to_there(data: Path) -> None:
    whole = records(data)
    report = imported(data, b"".join(whole[:2]) + whole[2][:-5], code=1)
    assert (report["items"], report["rejected_count"]) == (2, 1)
    missing = station_process.barcode(3)
    assert missing in Path(str(report["rejected_file"])).read_text(encoding="utf-8")
    assert "ends in the middle" in str(report["rejected"])
    shown = station_process.station(data.parent, "catalog", "show", "--json", "--data", str(data)).json
    assert shown["items"] == ITEMS, "the existing items must stay"


def test_a_catalog_in_another_charset_than_it_says_is_read_and_reported(data: Path) -> None:
    record = records(data)[0]
    liar = record[:9] + b" " + record[10:].replace(b"Imaginary book", "Imaginär bok!".encode(), 1)
    report = imported(data, liar)
    assert (report["items"], report["repaired_count"]) == (1, 1)
    shown = station_process.station(data.parent, "catalog", "show", ITEM, "--json", "--data", str(data)).json
    assert shown["title"].startswith("Imaginär bok!")


def test_a_barcode_that_two_records_claim_is_refused_at_the_bench(desk: Bench) -> None:
    first, second = records(desk.data)[:2]
    report = imported(desk.data, first + second.replace(station_process.barcode(2).encode(), ITEM.encode()))
    assert "imaginary-n000000002" in str(report["duplicates"])
    code, uid = desk.item()
    assert code == ITEM
    done = desk.station("process", code, "--pass-all", "--timeout", "60")
    assert done.code == 30 and "Two items" in done.err, repr(done)
    desk.blank(uid)


def test_importing_the_same_file_twice_is_the_same_as_once(data: Path) -> None:
    whole = (data / "numbered.mrc").read_bytes()
    first, second = imported(data, whole), imported(data, whole)
    assert first["items"] == second["items"] == ITEMS
    assert station_process.station(data.parent, "catalog", "show", "--json", "--data", str(data)).json["items"] == ITEMS
