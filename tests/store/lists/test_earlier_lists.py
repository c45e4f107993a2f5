"""Packing lists that an earlier version kept as files: the first start takes them over into the journal."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path

from station.base.settings import Receiving, Settings
from station.domain.events import PackingListTakenOver
from station.domain.item import Barcode, ItemRecord
from station.domain.packing_lists.packing_list import LineKey
from station.runtime.open_journal import open_journal
from station.store.database.database import open_reader
from station.store.lists.packing_lists import PackingLists
from station.store.projections.projections import compare
from tests.conftest import FakeClock
from tests.store.lists.test_packing_lists import ISBN, A, B, Desk
from tests.support.older_schema import before_office

LIST = {
    "name": "INV-7",
    "vendor": "YBP",
    "date": "2026-03-01",
    "lines": [{"line": "1", "numbers": [ISBN], "quantity": 2}],
    "given": "2026-03-02T10:00:00+00:00",
    "source": "march.csv",
}


def test_lists_in_files_are_taken_over_once_with_what_arrived_for_them(tmp_path: Path) -> None:
    """The journal has schema 11, before lists were in it."""
    before = Desk(tmp_path)
    before.judges(A, LineKey("YBP INV-7", "1"))
    before.store.close()
    with closing(sqlite3.connect(before.path, isolation_level=None)) as sql:
        before_office(sql)
        for table in ("packing_numbers", "packing_lines", "packing_lists"):
            sql.execute(f"DROP TABLE {table}")
        sql.execute("ALTER TABLE outbox ADD COLUMN detail TEXT NOT NULL DEFAULT ''")
        sql.execute("UPDATE corrections SET title = title ->> '$'")
        sql.execute("ALTER TABLE events ADD COLUMN prev BLOB NOT NULL DEFAULT x''")
        sql.execute("DELETE FROM _sqlite_migrations WHERE name >= '0012'")
        sql.execute("PRAGMA user_version = 11")
    folder = tmp_path / Settings().receiving.lists
    folder.mkdir()
    (folder / "YBP INV-7.json").write_text(json.dumps(LIST))
    closed = LIST | {"name": "INV-6", "given": "2026-02-02T10:00:00+00:00", "closed": "2026-02-09T10:00:00+00:00"}
    (folder / "YBP INV-6.json").write_text(json.dumps(closed))
    (folder / "broken.json").write_text("{")
    for _ in range(2):
        open_journal(Settings(), tmp_path, FakeClock()).close()
    after = Desk(tmp_path)
    try:
        first, second = after.store.queries.packing_lists()
        assert (first.heading, first.closed[:10], first.imported[:10]) == ("YBP INV-6", "2026-02-09", "2026-02-02")
        assert (second.heading, second.closed, second.imported[:10], second.source, second.came) == (
            "YBP INV-7", "", "2026-03-02", "march.csv", 1,
        )  # fmt: skip
        assert after.came(second.id) == {"1": {A}}
        receipt = PackingLists(after.store.queries, Receiving()).receipt(ItemRecord(barcode=Barcode(B), isbns=(ISBN,)))
        assert receipt is not None
        assert (receipt.key, receipt.received) == (LineKey(second.id, "1"), 2)
        events = after.events(PackingListTakenOver)
        assert len(events) == 3, "once"
        broken = next(one for one in events if isinstance(one, PackingListTakenOver) and one.content is None)
        assert broken.file == "broken.json" and broken.problem
        assert sorted(path.name for path in folder.iterdir()) == ["YBP INV-6.json", "YBP INV-7.json", "broken.json"]
        with closing(open_reader(after.path)) as sql:
            assert compare(sql) == ()
        (folder / "later.json").write_text(json.dumps(LIST | {"name": "INV-8"}))
        open_again(after, tmp_path)
        assert len(after.store.queries.packing_lists()) == 2, "a file that is put there later is no import"
    finally:
        after.store.close()


def open_again(desk: Desk, folder: Path) -> None:
    desk.store.close()
    desk.store = open_journal(Settings(), folder, FakeClock())


def test_a_journal_without_such_files_gets_no_event(tmp_path: Path) -> None:
    store = open_journal(Settings(), tmp_path, FakeClock())
    assert store.queries.head().seq == 0
    store.close()
