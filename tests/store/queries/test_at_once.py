"""What a page reads is of one moment, whatever is journaled meanwhile."""

from __future__ import annotations

import threading
from contextlib import closing
from pathlib import Path

from station.domain.events import SoundChecked
from station.store.owner import open_store
from station.store.queries.queries import Queries
from tests.conftest import FakeClock

HEARD = SoundChecked(heard=True, seen=True)


def test_a_thread_reads_one_moment_and_other_threads_go_on(tmp_path: Path) -> None:
    queries = Queries(tmp_path / "journal.db", FakeClock())
    numbers: dict[str, int] = {}

    def read(moment: str) -> None:
        numbers[moment] = queries.seen_by("w-tim").head().seq

    with closing(open_store(tmp_path / "journal.db", FakeClock())) as store:
        store.journal.record(HEARD)
        with queries.at_once():
            read("first")
            store.journal.record(HEARD)
            read("same")
            thread = threading.Thread(target=read, args=("other thread",))
            thread.start()
            thread.join()
        read("later")
    assert numbers == {"first": 1, "same": 1, "other thread": 2, "later": 2}
    assert not (tmp_path / "journal.db-wal").exists(), "a connection was left open"
