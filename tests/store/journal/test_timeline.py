"""An older copy of the journal is restored: the start notices it, and work continues only on a new timeline."""

from __future__ import annotations

import os
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from station.base.errors import JournalOlder, NotAllowed, StoreCorrupt, StoreError
from station.domain.deliveries.delivery import DeliveryState, Why
from station.domain.events import Head, TimelineBegan, WorkerRegistered
from station.domain.people.rights import Role
from station.store import owner
from station.store.journal import hash_chain, newest_head, timeline
from station.store.owner import Store, open_store
from station.store.queries.queries import Queries
from tests.conftest import FakeClock
from tests.support import sample_events
from tests.support.told import raises_told, told

NEW = "00000000000000aa"


class Bench:
    """A data directory, and operations on its journal."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.path = folder / "journal.db"
        self.heads = folder / "heads"
        self.clock = FakeClock()

    def open(self, *, heads: bool = True) -> Store:
        self.clock.pause(1)
        if not heads:
            newest_head.file_of(self.path).unlink(missing_ok=True)
        return open_store(self.path, self.clock, head_directory=self.heads if heads else None)

    def session(self, *barcodes: str, heads: bool = True) -> list[str]:
        """Open the journal, judge these items, close it. Return the ids of the deliveries."""
        store = self.open(heads=heads)
        for barcode in barcodes:
            store.journal.record(sample_events.judged(barcode), deliveries=[sample_events.delivery("file", barcode)])
        store.close()
        return [row.id for row in reversed(self.queries.outbox_page(0, len(barcodes)))] if barcodes else []

    def copy(self, name: str) -> Path:
        return Path(shutil.copy(self.path, self.folder / name))

    def put_back(self, copy: Path) -> None:
        for end in ("-wal", "-shm"):
            self.path.with_name(self.path.name + end).unlink(missing_ok=True)
        shutil.copy(copy, self.path)

    def go_on(self, journal: str = NEW, **said: str) -> timeline.Continued:
        began = TimelineBegan(journal=journal, **{"operator": "tess", **said})
        lost = self.queries.lost_heads(self.heads)
        self.clock.pause(1)
        return timeline.begin(self.path, self.clock, self.heads, began, expected=lost)

    def refused(self) -> str:
        """Return the reason for the refused start; assert that it changed nothing."""
        before = self.path.read_bytes(), lines(self.heads)
        with pytest.raises(JournalOlder) as caught:
            self.open().close()
        assert (self.path.read_bytes(), lines(self.heads)) == before
        return told(caught.value.detail)

    @property
    def queries(self) -> Queries:
        return Queries(self.path, self.clock)


def lines(heads: Path) -> list[str]:
    return [line for file in sorted(heads.glob("*.txt")) for line in file.read_text().splitlines()]


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path)


@pytest.fixture
def older(bench: Bench) -> Bench:
    """The copy has two items; two more were lost with the newer journal, which is kept as `full.db`."""
    bench.session("1", "2")
    copy = bench.copy("old.db")
    bench.session("3", "4")
    bench.copy("full.db")
    bench.put_back(copy)
    return bench


# --- noticed --------------------------------------------------------------------------------------------------------


def test_an_older_journal_is_refused_and_can_still_be_read(older: Bench) -> None:
    assert "ends with event 2 and lacks event 4 of" in older.refused()
    assert [row.seq for row in older.queries.journal_page()] == [2, 1]
    report = older.queries.verify(head_directory=older.heads)
    assert (report.ok, report.first_bad, len(report.missing_heads)) == (False, None, 1)


def test_an_older_journal_that_has_outgrown_the_lost_part_is_refused(older: Bench) -> None:
    """It was opened while the exported heads were missing, so the number exists with another hash."""
    older.session("5", "6", "7", heads=False)
    assert "ends with event 5 and lacks event 4 of" in older.refused()


def test_a_running_station_does_not_export_over_heads_that_come_back(older: Bench) -> None:
    away = older.heads.rename(older.folder / "away")
    newest_head.file_of(older.path).unlink()
    store = older.open()
    shutil.rmtree(older.heads)
    away.rename(older.heads)
    before = lines(older.heads)
    older.clock.pause(3600)
    store.journal.record(sample_events.judged("5"))
    assert "journal-older" in store.head_problem
    store.close()
    assert lines(older.heads) == before
    assert older.refused()


def test_after_a_kill_the_journal_is_ahead_of_its_heads_and_goes_on(bench: Bench) -> None:
    bench.session("1")
    store = bench.open()
    store.journal.record(sample_events.judged("2"))
    killed = bench.folder / "killed"
    killed.mkdir()
    for file in bench.folder.glob("journal.db*"):
        shutil.copy(file, killed)
    shutil.copytree(bench.heads, killed / "heads")
    store.close()
    after = Bench(killed)
    after.session("3")
    assert after.queries.verify(head_directory=after.heads).ok
    assert after.queries.head().seq == 3


def test_what_a_killed_process_committed_is_synced_before_its_head_is_exported(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Otherwise a power failure after the start could leave a head without its event, and the next start would be
    refused."""
    bench.session("1")
    store = bench.open()
    store.journal.record(sample_events.judged("2"))
    killed = bench.folder / "killed"
    killed.mkdir()
    for file in bench.folder.glob("journal.db*"):
        shutil.copy(file, killed)
    store.close()
    order: list[str] = []
    sync, export = owner.sync_file, hash_chain.export_head
    monkeypatch.setattr(owner, "sync_file", lambda path: (order.append(path.name), sync(path)))
    monkeypatch.setattr(hash_chain, "export_head", lambda *told: (order.append("head"), export(*told)))
    Bench(killed).open().close()
    assert order[:2] == ["journal.db-wal", "head"]


def test_a_copy_on_a_new_machine_without_heads_goes_on(bench: Bench) -> None:
    bench.session("1", "2")
    shutil.rmtree(bench.heads)
    bench.session("3")
    assert bench.queries.verify(head_directory=bench.heads).ok


# --- changed after the last exported head ----------------------------------------------------------------------------


@pytest.fixture
def killed(bench: Bench) -> Bench:
    """Events 1 and 2 are before the last exported head, 3 and 4 after it, as a kill leaves them."""
    bench.session("1", "2")
    heads = bench.heads.rename(bench.folder / "away")
    bench.session("3", "4")
    shutil.rmtree(bench.heads)
    heads.rename(bench.heads)
    return bench


def change(bench: Bench, statement: str) -> None:
    """Change the journal directly, as anyone with access to the file can."""
    with closing(sqlite3.connect(bench.path)) as sql, sql:
        for trigger in ("events_no_update", "events_no_delete"):
            sql.execute(f"DROP TRIGGER {trigger}")
        assert sql.execute(statement).rowcount


CHANGES = {
    "payload": "UPDATE events SET payload = CAST(CAST(payload AS TEXT) || ' ' AS BLOB) WHERE seq = {seq}",
    "hash": "UPDATE events SET hash = randomblob(32) WHERE seq = {seq}",
    "removed": "DELETE FROM events WHERE seq = {seq}",
}


@pytest.mark.parametrize("what", CHANGES)
def test_a_change_behind_the_last_exported_head_refuses_the_start(killed: Bench, what: str) -> None:
    change(killed, CHANGES[what].format(seq=3))
    before = lines(killed.heads)
    with raises_told(StoreCorrupt, match="event 3"):
        killed.open().close()
    assert lines(killed.heads) == before


def test_a_change_before_the_last_exported_head_or_without_heads_is_left_to_verify(killed: Bench) -> None:
    change(killed, CHANGES["payload"].format(seq=1))
    killed.session("5")
    shutil.rmtree(killed.heads)
    killed.session("6")
    assert killed.queries.verify(head_directory=killed.heads).first_bad == 1


@pytest.mark.parametrize("seen", [1, 2, 3, 4])
def test_the_start_recomputes_over_the_beginning_of_a_timeline(older: Bench, seen: int) -> None:
    """The last remaining head is from before the timeline, of its first event, or from after it."""
    older.go_on()
    older.session("5")
    digest, journal = older.queries.events(seen, seen)[0].hash, older.queries.verify().timelines[seen > 2].journal_id
    shutil.rmtree(older.heads)
    older.heads.mkdir()
    (older.heads / "2026-11-24.txt").write_text(f"2026-11-24T08:00:00.000000+00:00 {seen} {digest} {journal}\n")
    older.session("6")
    assert older.queries.verify(head_directory=older.heads).ok


# --- heads that others wrote ------------------------------------------------------------------------------------------

_JUNK = {
    "bytes": b"\xff\x00\x1b]0;owned\x07 1 \xe2\x80\xae\n" * 50,
    "digits": b"2026-11-24T00:00:00 " + b"9" * 5000 + b" " + b"ab" * 32 + b" " + b"cd" * 8 + b"\n",
    "no line end": b"x" * 100_000,
    "huge": b"",
    "torn": b"2026-11-24T08:00:00.000000+00:00 7 abcd",
    "another bench": b"2026-11-24T08:00:00.000000+00:00 7 " + b"ab" * 32 + b" " + b"cd" * 8 + b"\n",
}


@pytest.mark.parametrize("which", _JUNK)
def test_foreign_and_damaged_files_of_heads_stop_nothing(bench: Bench, which: str) -> None:
    bench.session("1")
    (today,) = bench.heads.iterdir()
    for name in (today.name, "2026-01-01.txt"):
        with (bench.heads / name).open("ab") as file:
            file.write(_JUNK[which])
            if which == "huge":
                file.truncate(1 << 40)  # sparse: a terabyte of zeros
    store = bench.open()
    store.journal.record(sample_events.judged("2"))
    store.close()
    assert store.queries.verify(head_directory=bench.heads).ok


def test_what_is_no_file_is_not_waited_for(bench: Bench) -> None:
    bench.session("1")
    os.mkfifo(bench.heads / "2026-01-01.txt")
    (bench.heads / "2026-01-02.txt").mkdir()
    bench.session("2")
    assert bench.queries.verify(head_directory=bench.heads).ok


def test_a_file_of_heads_that_cannot_be_read_is_logged_and_the_others_count(
    older: Bench, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    (older.heads / "2026-01-01.txt").write_text("x")
    read = hash_chain._read

    def failing(file: Path) -> list[Head]:
        if file.name == "2026-01-01.txt":
            raise PermissionError(13, "Permission denied", str(file))
        return read(file)

    monkeypatch.setattr(hash_chain, "_read", failing)
    assert older.refused()
    assert "heads cannot be read" in caplog.text


def test_heads_that_cannot_be_listed_do_not_stop_work_and_are_logged(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def failing(*_told: object, **_more: object) -> tuple[Head, ...]:
        raise PermissionError(13, "Permission denied", str(bench.heads))

    monkeypatch.setattr(hash_chain, "read_heads", failing)
    store = bench.open()
    assert "Permission denied" in store.head_problem
    store.close()
    assert "head was not exported" in caplog.text


def test_a_line_behind_a_torn_one_is_read(bench: Bench) -> None:
    bench.session("1")
    (today,) = bench.heads.iterdir()
    today.write_bytes(today.read_bytes() + _JUNK["torn"])
    bench.session("2")
    assert [head.seq for head in hash_chain.read_heads(bench.heads)][-1] == 2


# --- continuing -----------------------------------------------------------------------------------------------------


def test_a_new_timeline_names_its_parent_and_verifies(older: Bench) -> None:
    parent = older.queries.head()
    done = older.go_on(reason="the disk died")
    assert (done.journal, done.parent, done.parent_seq, done.parent_hash) == (
        NEW,
        parent.journal_id,
        2,
        parent.hash,
    )
    assert [head.seq for head in done.lost] == [4]
    began = older.queries.events(3, 3)[0].event
    assert isinstance(began, TimelineBegan)
    assert (began.parent_hash, began.lost, began.operator) == (parent.hash, done.lost, "tess")
    report = older.queries.verify(parent.hash, older.heads)
    assert (report.ok, report.journal_id, report.heads_aside) == (True, NEW, 1)
    assert [part.first for part in report.timelines] == [1, 3]
    assert lines(older.heads)[-1].endswith(f" {NEW} {parent.journal_id}")


def test_ids_of_deliveries_cannot_meet_those_of_the_lost_part(older: Bench) -> None:
    ids = {row.id for row in Queries(older.folder / "full.db", older.clock).outbox_page()}
    older.go_on()
    new = older.session("3", "4", "5")
    assert all(name.startswith(f"{NEW}-") for name in new)
    assert not ids & set(new)
    assert older.queries.verify(head_directory=older.heads).ok


@pytest.mark.parametrize("copy", ["old.db", "full.db", "new.db"])
def test_whatever_is_put_back_after_that_is_refused_again(older: Bench, copy: str) -> None:
    """The older copy, the lost journal, and an older copy of the new timeline."""
    older.go_on()
    older.session("5")
    older.copy("new.db")
    older.session("6")
    older.put_back(older.folder / copy)
    assert older.refused()
    older.go_on("00000000000000cc")
    older.session("7")
    report = older.queries.verify(head_directory=older.heads)
    assert (report.ok, report.journal_id) == (True, "00000000000000cc")


def test_two_timelines_of_one_parent_refuse_each_other(older: Bench) -> None:
    older.go_on()
    older.session("5")
    first = older.copy("first.db")
    older.put_back(older.folder / "full.db")
    older.go_on("00000000000000cc")
    older.put_back(first)
    assert "was continued as journal 00000000000000cc" in older.refused()


def test_a_copy_that_nothing_proves_to_be_older_can_go_on_too(bench: Bench) -> None:
    bench.session("1")
    assert bench.go_on().lost == ()
    bench.session("2")
    assert bench.queries.verify(head_directory=bench.heads).ok


def test_heads_that_change_while_somebody_decides_change_nothing(older: Bench) -> None:
    began = TimelineBegan(journal=NEW, operator="tess")
    with raises_told(StoreError, match="have changed"):
        timeline.begin(older.path, older.clock, older.heads, began, expected=())
    assert older.queries.head().seq == 2


def test_only_who_may_decide_about_deliveries_may_go_on(bench: Bench) -> None:
    store = bench.open()
    store.journal.record(WorkerRegistered(worker="w-tess", role=Role.TECHNICIAN))
    store.journal.record(WorkerRegistered(worker="w-tim", role=Role.TRAINEE))
    store.close()
    with pytest.raises(NotAllowed):
        bench.go_on(operator="w-tim")
    assert bench.queries.head().seq == 2
    bench.go_on(operator="w-tim", authorised="w-tess")
    assert bench.queries.head().seq == 3


@pytest.mark.parametrize(
    "change",
    [
        f"replace(CAST(payload AS TEXT), '{NEW}', '00000000000000bb')",
        "replace(CAST(payload AS TEXT), '\"parent_seq\":2', '\"parent_seq\":1')",
        "'{}'",
    ],
)
def test_a_changed_beginning_is_found(older: Bench, change: str) -> None:
    older.go_on()
    older.session("5")
    with closing(sqlite3.connect(older.path)) as sql, sql:
        sql.execute("DROP TRIGGER events_no_update")
        assert sql.execute(f"UPDATE events SET payload = CAST({change} AS BLOB) WHERE seq = 3").rowcount
    assert older.queries.verify().first_bad == 3
    if change == "'{}'":
        with pytest.raises(StoreCorrupt):
            older.open()


def test_a_beginning_that_names_another_parent_is_found_although_its_hash_fits(bench: Bench) -> None:
    bench.session("1")
    store = bench.open()
    store.journal.record(TimelineBegan(journal=NEW, parent="00000000000000bb", parent_seq=1, parent_hash="00" * 32))
    store.close()
    assert bench.queries.verify().first_bad == 2


# --- deliveries -----------------------------------------------------------------------------------------------------


def test_what_is_not_known_to_be_delivered_is_in_doubt(bench: Bench) -> None:
    store = bench.open()
    names = {}
    for number, what in enumerate(("pending", "leased", "deferred", "in-doubt", "parked", "delivered"), 1):
        barcode = str(number)
        store.journal.record(sample_events.judged(barcode), deliveries=[sample_events.delivery("file", barcode)])
        names[what] = name = store.queries.outbox_page(0, 1)[0].id
        if what != "pending":
            store.outbox.lease(name)
        if what == "in-doubt":
            store.outbox.sending(name, "seen before")
        if what not in ("pending", "leased"):
            store.outbox.settle(name, DeliveryState(what), why=Why(reason="unreachable"))
    store.close()
    assert bench.go_on().doubtful == 4
    store = bench.open()
    rows = {what: store.queries.delivery(name) for what, name in names.items()}
    store.close()
    for what in ("pending", "leased", "deferred", "in-doubt"):
        assert (rows[what].state, rows[what].sent) == (DeliveryState.IN_DOUBT, True), what
        assert "end of the journal was missing" in told(rows[what].detail)
    assert rows["in-doubt"].witness == "seen before"
    assert (rows["parked"].state, rows["parked"].sent) == (DeliveryState.PARKED, True), "a retry must look it up first"
    assert (rows["delivered"].state, rows["delivered"].sent) == (DeliveryState.DELIVERED, False)
    assert bench.queries.verify(head_directory=bench.heads).ok
