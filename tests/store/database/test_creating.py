"""A database is created on a disk that is full or faulty. A fault at any call ends the command with a sentence, and the
next command works."""

from __future__ import annotations

import errno
import functools
import json
import shutil
import sqlite3
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from station.base import errors
from station.catalog.sample import sample
from station.cli.admin.settings_file import template
from station.store.database import database
from station.store.database.database import WRITER_PRAGMAS, open_reader, open_writer, set_pragmas
from station.store.database.migrations import migrate
from station.store.owner import open_store
from tests.conftest import SOAK, FakeClock, missing
from tests.store.database.failing_calls import GROWS, NEVER, REMEMBER, SYNCS, Fault, Ran, run, works_here
from tests.support import sample_events

FAULTS = {
    "a call fails": Fault(1),
    "all calls fail from here on": Fault(1, stays=True),
    "the disk is full from here on": Fault(1, errno.ENOSPC, True, GROWS),
    "a sync fails": Fault(1, errno.EIO, False, SYNCS),
    "all syncs fail from here on": Fault(1, errno.EIO, True, SYNCS),
}
COMMANDS = {
    "people.db and journal.db": ("people", "add", "tess", "--role", "technician"),
    "catalog.db": ("catalog", "import", "{marc}"),
    "remembered.db": (REMEMBER,),
}
DAMAGE = {errors.StoreCorrupt.code, errors.PeopleUnusable.code, errors.IndexUnusable.code, "defect"}


@pytest.fixture
def intercepting() -> None:
    if not works_here():
        missing("Linux on x86-64, whose system calls the tests know")


class Desk:
    """A data directory that is recreated for each run, with settings only."""

    def __init__(self, folder: Path, which: str) -> None:
        marc = folder / "some.mrc"
        marc.write_bytes(sample.numbered(20))
        self.data = folder / "data"
        self._words = [word.format(marc=marc) for word in COMMANDS[which]]
        self._json = [] if REMEMBER in self._words else ["--json"]

    @functools.cached_property
    def calls(self) -> list[str]:
        """The calls of a run without a fault."""
        return [call for call, _ in self.create(NEVER).calls]

    def create(self, fault: Fault) -> Ran:
        shutil.rmtree(self.data, ignore_errors=True)
        self.data.mkdir(mode=0o700)
        (self.data / "station.toml").write_text(template(**{"library.isil": "US-ImagCC"}), encoding="utf-8")
        return self.again(fault)

    def again(self, fault: Fault = NEVER) -> Ran:
        return run(self.data, *self._words, *self._json, fault=fault)

    def judge(self, ran: Ran) -> str:
        """Return the fault in a run that had a disk fault, or in the next run, which has none."""
        code = json.loads(ran.out)["error"]["code"] if ran.code > 1 else ""
        if "Traceback" in ran.err or code in DAMAGE or ran.code not in (0, 1, 3, 31, 50):
            return f"ended with {ran.code} {code} {ran.err}"
        next_one = self.again()
        # The first technician manages people, so the same command again lacks the right.
        if next_one.code and errors.NotAllowed.code not in next_one.out:
            return f"{code}, then the next one with {next_one.code}: {next_one.out} {next_one.err}"
        if self._json:
            chain = run(self.data, "journal", "verify")
            if chain.code:
                return f"{code}, then the journal: {chain.out} {chain.err}"
        left = [path.name for path in self.data.iterdir() if ".new" in path.name and path.stat().st_size]
        return f"left behind: {left}" if left else ""


def struck(desk: Desk, name: str, places: Sequence[float] | None = None) -> Counter[int]:
    """Place the fault at every call that it can affect, or at these places of the run (0 = its start, 1 = its end).
    Count the runs by exit code."""
    fault = FAULTS[name]
    calls = [call for call in desk.calls if call in fault.calls]
    assert calls
    ends: Counter[int] = Counter()
    for at in range(1, len(calls) + 1) if places is None else [1 + int(place * len(calls)) for place in places]:
        ran = desk.create(replace(fault, at=at))
        assert ran.failed, f"{name}: call {at} did not occur"
        assert desk.judge(ran) == "", f"{name}, call {at} of {len(calls)} ({calls[at - 1]})"
        ends[ran.code] += 1
    return ends


@pytest.mark.usefixtures("intercepting")
@pytest.mark.parametrize("which", COMMANDS)
def test_a_database_is_made_or_not_at_all(tmp_path: Path, which: str) -> None:
    """Each fault at its first call or in the middle, in turn; the soak test covers all."""
    desk = Desk(tmp_path, which)
    ends = sum((struck(desk, name, (number % 2 / 2,)) for number, name in enumerate(FAULTS)), Counter[int]())
    assert ends.total() == len(FAULTS)
    if which != "remembered.db":
        assert ends[50] >= 2, ends


@pytest.mark.usefixtures("intercepting")
@pytest.mark.soak
@pytest.mark.parametrize("which", COMMANDS)
@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_at_every_call(tmp_path: Path, which: str, name: str, capsys: pytest.CaptureFixture[str]) -> None:
    ends = struck(Desk(tmp_path, which), name)
    with capsys.disabled():
        print(f"\n{which}, {name}: {ends.total()} calls, ended with {dict(ends)}")


@pytest.mark.usefixtures("intercepting")
def test_the_calls_of_sqlite_itself_are_refused(tmp_path: Path) -> None:
    """pread64, pwrite64 and fdatasync are SQLite's calls: Python reads, writes and syncs with others."""
    desk = Desk(tmp_path, "people.db and journal.db")
    ran = desk.create(NEVER)
    seen = Counter(ran.calls)
    for call in (("pwrite64", "journal.db-wal"), ("fdatasync", "journal.db-wal"), ("pread64", "people.db")):
        assert seen[call] >= 2, call
    for call in (("write", "journal.db.new"), ("fsync", "journal.db.new"), ("rename", "people.db.new")):
        assert seen[call] == 1, call
    refused = desk.create(Fault(1, errno.EIO, True, frozenset({"fdatasync"})))
    assert (refused.code, refused.failed > 0) == (50, True)
    assert json.loads(refused.out)["error"]["code"] == errors.StoreIo.code
    writes = [path for call, path in ran.calls if call == "pwrite64"]
    first = writes.index("journal.db-wal") + 1
    full = desk.create(Fault(first, errno.ENOSPC, True, frozenset({"pwrite64"})))
    assert json.loads(full.out)["error"]["code"] == errors.StoreFull.code


@pytest.mark.usefixtures("intercepting")
def test_a_page_that_cannot_be_read_is_no_damage(tmp_path: Path) -> None:
    """SQLite reports it as SQLITE_CORRUPT (vdbe.c), and its check reports it only as text."""
    desk = Desk(tmp_path, "people.db and journal.db")
    desk.create(NEVER)
    reads = frozenset({"pread64"})
    count = sum(call == "pread64" for call, _ in run(desk.data, "journal", "verify").calls)
    for at in range(1, count + 1, max(1, count // (6 if SOAK else 3))):
        for stays in (False, True):
            ran = run(desk.data, "journal", "verify", "--json", fault=Fault(at, errno.EIO, stays, reads))
            assert ran.failed
            told = json.loads(ran.out)
            assert ran.code == 0 or told["error"]["code"] == errors.StoreIo.code, (at, stays, ran.out)


# --- leftovers of an earlier version of the program -------------------------------------------------------------------


def half_made(path: Path, pages: int) -> None:
    """Leave a journal as a full disk left it: this many pages of the log had reached the new file when it replaced the
    journal."""
    beside = path.with_name(path.name + ".new")
    connection = sqlite3.connect(beside, isolation_level=None)
    set_pragmas(connection, WRITER_PRAGMAS)
    bare = beside.read_bytes()
    migrate(connection)
    log = beside.with_name(beside.name + "-wal").read_bytes()
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()
    whole = beside.read_bytes()
    beside.unlink()
    path.write_bytes(whole[: pages * 4096] or bare)
    path.with_name(path.name + ".new-wal").write_bytes(log)


@pytest.mark.parametrize("pages", [0, 1, 12, 37])
def test_a_journal_that_was_left_half_made_is_made_anew(tmp_path: Path, pages: int) -> None:
    path = tmp_path / "journal.db"
    half_made(path, pages)
    with pytest.raises(errors.JournalMissing):
        open_reader(path)
    open_store(path, FakeClock()).close()
    assert sorted(file.name for file in tmp_path.iterdir()) == ["journal.db", "journal.head"]


def test_a_damaged_journal_with_events_is_never_made_anew(tmp_path: Path) -> None:
    """Even if the log of its creation is still beside it."""
    path = tmp_path / "journal.db"
    half_made(path, 10_000)
    log = path.with_name(path.name + ".new-wal")
    kept = log.read_bytes()
    store = open_store(path, FakeClock())
    store.journal.record(sample_events.judged())
    store.close()
    log.write_bytes(kept)
    content = bytearray(path.read_bytes())
    content[5 * 4096 : 6 * 4096] = b"\xff" * 4096
    path.write_bytes(content)
    with pytest.raises(errors.StoreCorrupt):
        open_writer(path)
    assert path.read_bytes() == content


def test_two_at_once_make_one_journal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The second process finds the file of the first and leaves it unchanged."""
    path = tmp_path / "journal.db"
    make = database.put_new

    def beaten(place: Path, content: bytes) -> None:
        make(place, b"the first")
        make(place, content)

    monkeypatch.setattr(database, "put_new", beaten)
    with pytest.raises(errors.StoreCorrupt):
        open_writer(path)
    assert path.read_bytes() == b"the first"
    assert [file.name for file in tmp_path.iterdir()] == ["journal.db"]
