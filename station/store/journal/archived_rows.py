"""Rows of archived events while the chain is recomputed: their payloads from the archives, and the proof of what stayed in
the journal."""

from __future__ import annotations

from collections.abc import Iterator

from station.base.errors import ArchiveUnusable, StoreError
from station.base.sentence import Sentence
from station.domain import events as ev
from station.store.database.archive_file import written
from station.store.database.archives import Archives, Digest, archive_of, is_stub
from station.store.database.database import Sql

Row = tuple[int, str, bytes, bytes, bytes, str]
"""Number, kind, payload, digest of the deliveries, hash, time."""


class ArchivedRows:
    """For one pass over the events."""

    def __init__(self, sql: Sql) -> None:
        self._archives = Archives(sql)
        self._digests: dict[int, Digest] = {}
        """Of the rows of each archive, by the number of the event that names it."""
        self._wrong: dict[Sentence, None] = {}
        self.read = 0
        """Number of events that were read from archives."""
        self.unread = 0
        self.missing: dict[str, None] = {}
        """Files that are not here."""

    def whole(self, row: Row) -> Row:
        """Return the row with its payload. It stays a stub if the archive cannot be read."""
        seq, kind, payload, deliveries, value, at = row
        if not is_stub(payload):
            return row
        try:
            number = archive_of(payload)
            self._digests.setdefault(number, Digest()).add(seq, at, kind, deliveries, value, payload)
            payload = self._archives.whole(seq, payload)
        except StoreError as error:
            self.unread += 1
            if not isinstance(error, ArchiveUnusable) or self._archives.path(self._archives.named_by(number)):
                self._wrong[error.detail] = None  # a missing file is no damage of the journal; `_differences` names it
            return row
        self.read += 1
        return (seq, kind, payload, deliveries, value, at)

    def problems(self) -> Iterator[Sentence]:
        """Yield what is wrong, after all rows were taken. Each archive is compared with its digest, unless no row of it is a
        stub: the center's copy gives a journal its whole payloads back, which the chain proves."""
        yield from self._wrong
        for number in self._archives.numbers():
            if number not in self._digests:
                continue
            try:
                yield from self._differences(number, self._archives.named_by(number))
            except StoreError as error:
                yield error.detail

    def _differences(self, seq: int, event: ev.EventsArchived) -> Iterator[Sentence]:
        if self._digests.get(seq, Digest()).hexdigest() != event.stubs:
            yield Sentence("archive.rows-changed", file=event.file)
        path = self._archives.path(event)
        if path is None:
            self.missing[event.file] = None
            return
        file = written(path)
        if (file.size, file.sha256) != (event.size, event.sha256):
            yield Sentence("archive.file-changed", file=event.file)
