"""Moves the payloads of old events to an archive.

The file is written beside its place, synced, read back, compared with the journal, and then gets its name. Only then one
transaction journals `EventsArchived` and leaves stubs (`store.database.archives`). After an interruption the journal is
as before; a finished file that no event names is used by the next archiving of the same events.

What stays whole: kinds that figures are counted from, each event that names an item that somebody still works on, and
all about a delivery.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Final, NamedTuple

import msgspec

from station.base.errors import StoreCorrupt, StoreError
from station.base.files import open_own
from station.base.sentence import Sentence
from station.domain import events as ev
from station.store.database.archive_file import ArchivedRow, ArchiveFile, Header, write, written
from station.store.database.archives import Digest, is_stub, stub
from station.store.database.database import Sql, transaction, translated
from station.store.database.disk import disk_errors, sync_file
from station.store.database.since import first_since
from station.store.journal import hash_chain
from station.store.journal.journal import JournalStore
from station.store.projections.open_sets import open_sets

KINDS: Final = (
    *("check-answered", "choice-made", "item-scanned", "line-stopped", "scan-refused", "tag-recognised"),
    *("tag-write-interrupted", "tag-write-started"),
)
"""Kinds of events that are archived: nine tenths of the bytes of payloads that no figure is counted from."""
MOST: Final = 100_000
"""Events of one file: they are in memory meanwhile, some 50 MB."""
_BUSY: Final = (
    "SELECT barcode FROM unjudged UNION SELECT barcode FROM open_draws "
    "UNION SELECT barcode FROM corrections WHERE closed_seq IS NULL "
    "UNION SELECT lane FROM outbox WHERE state NOT IN ('delivered', 'discarded') "
    "UNION SELECT json_extract(CAST(e.payload AS TEXT), '$.barcode') FROM outbox o JOIN events e ON e.seq = o.event_seq "
    "WHERE o.state NOT IN ('delivered', 'discarded')"
)
"""Items that somebody still works on, or whose results are not delivered."""
_OPEN_TAGS: Final = "SELECT uid FROM attempts WHERE ended IS NULL"
_OLD: Final = (
    "SELECT e.seq, e.at, e.kind, e.payload, e.deliveries, e.hash, b.hash FROM events e "
    "LEFT JOIN events b ON b.seq = e.seq - 1 WHERE e.seq < ? ORDER BY e.seq"
)


class _About(msgspec.Struct):
    """What an event is about."""

    barcode: str = ""
    uid: str = ""


_ABOUT: Final = msgspec.json.Decoder(_About)


class Archived(NamedTuple):
    """A finished archiving."""

    path: Path
    event: ev.EventsArchived


def archive(journal: JournalStore, sql: Sql, before: str, directory: Path, beside: Path) -> Archived | None:
    """Move what is older than `before` (ISO 8601, UTC), at most `MOST` events, to a file in `directory`. Return None if
    there is nothing. `beside`: where archives are looked for in any case. The journal must verify. Raises `StoreError`;
    then the journal is as before."""
    with translated():
        rows = [*islice(_old(sql, before), MOST)]
        if not rows:
            return None
        parts = hash_chain.timelines(sql)
        path = directory / f"journal-{parts[0].journal_id}-{rows[0].seq}-{rows[-1].seq}.zip"
        header = Header(
            timelines=tuple((part.first, part.journal_id) for part in parts),
            first=rows[0].seq,
            last=rows[-1].seq,
            count=len(rows),
        )
        _make(path, header, rows)
        file = written(path)
        with transaction(sql):
            number = hash_chain.last(sql, journal.journal_id)[0] + 1
            digest = Digest()
            stubs = []
            for row in rows:
                left = stub(number, row.payload.encode())
                stubs.append((left, row.seq))
                digest.add(row.seq, row.at, row.kind, bytes.fromhex(row.deliveries), bytes.fromhex(row.hash), left)
            event = ev.EventsArchived(
                file=path.name,
                directory="" if directory == beside else str(directory),
                first=header.first,
                last=header.last,
                count=header.count,
                size=file.size,
                sha256=file.sha256,
                stubs=digest.hexdigest(),
            )
            journal.append((event,))
            for left, seq in stubs:
                sql.execute("UPDATE events SET payload = ? WHERE seq = ?", (left, seq))
    return Archived(path, event)


def _old(sql: Sql, before: str) -> Iterator[ArchivedRow]:
    """Yield the events to archive."""
    busy = {str(barcode) for (barcode,) in sql.execute(_BUSY)} | {open_set.barcode for open_set in open_sets(sql)}
    tags = {str(uid) for (uid,) in sql.execute(_OPEN_TAGS)}
    genesis = hash_chain.genesis(hash_chain.timelines(sql)[0].journal_id)
    for seq, at, kind, payload, deliveries, value, prev in sql.execute(_OLD, (first_since(sql, before),)):
        if kind not in KINDS or is_stub(bytes(payload)):
            continue
        try:
            about, text = _ABOUT.decode(payload), bytes(payload).decode()
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise StoreCorrupt(Sentence("chain.changed", seq=seq)) from error
        if about.barcode in busy or about.uid in tags:
            continue
        before_it = genesis if prev is None else bytes(prev)
        yield ArchivedRow(seq, at, kind, bytes(deliveries).hex(), before_it.hex(), bytes(value).hex(), text)


def _make(path: Path, header: Header, rows: list[ArchivedRow]) -> None:
    """Write the file, read it back, and give it its name. A file with this name and other content stays."""
    beside = path.with_name(path.name + ".new")
    with disk_errors(path):
        handle = open_own(beside, os.O_RDWR)
        try:
            with os.fdopen(handle, "w+b") as file:
                file.truncate(0)
                write(file, header, rows)
                file.flush()
                os.fsync(file.fileno())
            read = ArchiveFile(beside)
            if (read.header, [*read.rows()]) != (header, rows):
                raise StoreCorrupt(Sentence("archive.damaged", file=path.name))
            if path.exists():
                if written(path) != written(beside):
                    raise StoreError(Sentence("archive.exists", path=str(path)))
                beside.unlink()
            else:
                beside.rename(path)
            sync_file(path.parent)
        except BaseException:
            beside.unlink(missing_ok=True)
            raise
