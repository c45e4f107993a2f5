"""A bench whose journal is copied to a center: a data directory, and operations on its journal."""

from __future__ import annotations

import hashlib
import shutil
from contextlib import closing
from datetime import timedelta
from pathlib import Path

from station.domain.events import ItemScanned, TimelineBegan
from station.domain.journal_copy import Batch, Joined, JoinRequest, Received
from station.store.database.database import open_reader
from station.store.journal import newest_head, tail, timeline
from station.store.owner import open_store
from station.store.postgres.connection import connect
from station.store.postgres.copies import Copies
from station.store.postgres.invitations import code_digest, invite
from station.store.queries.queries import Queries
from tests.conftest import FakeClock
from tests.support import sample_events

KEY_DIGEST = hashlib.sha256(b"key").digest()


class CopiedBench:
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.path = folder / "journal.db"
        self.heads = folder / "heads"
        self.clock = FakeClock()
        folder.mkdir(parents=True, exist_ok=True)

    def work(self, *barcodes: str) -> None:
        """Open the journal, judge these items for two systems, close it."""
        self.clock.pause(1)
        newest_head.file_of(self.path).unlink(missing_ok=True)
        store = open_store(self.path, self.clock)
        for barcode in barcodes:
            deliveries = [sample_events.delivery(system, barcode) for system in ("file", "alma")]
            store.journal.record(sample_events.judged(barcode), deliveries=deliveries)
        store.close()

    def archive(self, barcode: str) -> Path:
        """Finish an item without deliveries, and archive its scan. Return the archive."""
        scanned = ItemScanned(barcode=barcode, part=1, item=sample_events.record(barcode), operator="tess")
        store = open_store(self.path, self.clock)
        store.journal.record(scanned)
        store.journal.record(sample_events.judged(barcode))
        directory = self.folder / "archives"
        directory.mkdir()
        made = store.archive("2100", directory)
        store.close()
        assert made is not None
        return next(directory.iterdir())

    def copy_to(self, folder: Path) -> CopiedBench:
        """Return a bench with a copy of this journal."""
        other = CopiedBench(folder)
        shutil.copy(self.path, other.path)
        return other

    def go_on(self, journal: str) -> timeline.Continued:
        """Continue the journal under another id."""
        began = TimelineBegan(journal=journal, operator="tess")
        lost = Queries(self.path, self.clock).lost_heads(self.heads)
        self.clock.pause(1)
        return timeline.begin(self.path, self.clock, self.heads, began, expected=lost)

    def rows(self) -> list[tuple[object, ...]]:
        """Return number, time, kind, payload, digest of the deliveries and hash of each event."""
        with closing(open_reader(self.path)) as sql:
            return sql.execute("SELECT seq, at, kind, payload, deliveries, hash FROM events ORDER BY seq").fetchall()

    def batch(self, copies: Copies, bench: str, limit: int = 500) -> Batch:
        """Return the next events that the center has not."""
        with closing(open_reader(self.path)) as sql:
            after = tail.common(sql, copies.path(bench))
            assert after is not None
            return Batch(after, tuple(tail.events_after(sql, after.seq, limit)))

    def send(self, copies: Copies, bench: str) -> Received:
        return copies.receive(bench, self.batch(copies, bench))

    def join(self, copies: Copies, database: str, again: str | None = None) -> Joined:
        with connect(database) as connection:
            code = invite(connection, "Main", timedelta(hours=1), again)
        with closing(open_reader(self.path)) as sql:
            journal = tail.path(sql)[-1].journal
        return copies.join(JoinRequest(code, journal, "bench-1", KEY_DIGEST), code_digest(code))

    def adopt(self, copies: Copies, database: str) -> Joined:
        """Become a bench of its own: the journal is a copy of another one's."""
        with connect(database) as connection:
            code = invite(connection, "Main", timedelta(hours=1))
        with closing(open_reader(self.path)) as sql:
            path = tail.path(sql)
        request = JoinRequest(code, path[-1].journal, "bench-2", KEY_DIGEST, path[0].journal)
        return copies.join(request, code_digest(code))

    def outbox(self) -> list[tuple[object, ...]]:
        """Return the deliveries, with all that follows from the events."""
        with closing(open_reader(self.path)) as sql:
            return sql.execute(
                "SELECT id, event_seq, place, system, lane, intent, not_before, holds, count_seq, state, changed_seq "
                "FROM outbox ORDER BY id"
            ).fetchall()
