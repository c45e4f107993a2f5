"""Make a journal again from the center's copy, or the missing end of one: events, tables and outbox.

A whole journal is made beside its place and checked as `station journal verify` checks it. A mark then refuses a start until
`station journal continue --restored`, because the lost machine may have sent results that the copy shows as waiting.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from contextlib import closing
from pathlib import Path
from typing import Final

import msgspec

from station.base.clock import Clock
from station.base.errors import StoreCorrupt, StoreError
from station.base.sentence import Sentence
from station.base.sentence_json import decode_sentence
from station.base.text import clean
from station.domain import events as ev
from station.domain.deliveries.intents import Intent
from station.domain.events import Head
from station.domain.journal_copy import CopiedEvent
from station.store.database.database import Sql, open_reader, open_writer, transaction, translated
from station.store.database.decoding import Decoder
from station.store.database.disk import disk_errors, sync_file
from station.store.journal import hash_chain
from station.store.journal.hash_chain import ChainReport
from station.store.journal.outbox_rows import add_delivery, change_delivery
from station.store.journal.timeline import mark_restored
from station.store.projections import projections
from station.store.queries.verification import Progress, verify

_INTENT: msgspec.json.Decoder[Intent] = msgspec.json.Decoder(Intent, dec_hook=decode_sentence)
_ADD: Final = "INSERT INTO events (seq, at, kind, payload, deliveries, hash) VALUES (?, ?, ?, ?, ?, ?)"


def make(
    path: Path,
    journal: str,
    events: Iterable[CopiedEvent],
    clock: Clock,
    progress: Progress = lambda _done, _count: None,
) -> ChainReport:
    """Make the journal `path`, which does not exist, with all events of the journal that was made with the id `journal`.
    Return the result of the check. Raises `StoreError`; then there is no journal at `path`. One that does not verify
    stays beside it, as `journal.fetched`."""
    beside = path.with_suffix(".fetched")
    with disk_errors(path):
        require_new(path)
        for suffix in ("", "-wal", "-shm"):
            beside.with_name(beside.name + suffix).unlink(missing_ok=True)
    with closing(open_writer(beside)) as sql, translated(beside):
        with transaction(sql):
            _name(sql, journal)
            for seq, event in enumerate(events, start=1):
                journal = _add(sql, journal, seq, event)
        projections.rebuild(sql)
    with closing(open_reader(beside)) as sql, translated(beside):
        sql.execute("BEGIN")
        report = verify(sql, beside, None, (), progress)
        head = hash_chain.current_head(sql, clock.now())
    if not report.ok:
        raise StoreCorrupt(Sentence("fleet.copy-does-not-verify", path=str(beside)))
    with disk_errors(path):
        mark_restored(path, head)
        os.link(beside, path)  # refused if there is a journal meanwhile
        beside.unlink()
        sync_file(path.parent)
    return report


def append(path: Path, events: Iterable[CopiedEvent]) -> None:
    """Add the events that follow the last one of the journal `path`, with all that follows from them. Raises `StoreError`,
    also if they do not follow; then nothing has changed."""
    with closing(open_writer(path)) as sql, translated(path), transaction(sql):
        journal = hash_chain.journal_id(sql)
        seq, value = hash_chain.last(sql, journal)
        before, decode = Head("", seq, value.hex(), journal), Decoder(sql)
        for number, event in enumerate(events, start=seq + 1):
            journal = _add(sql, journal, number, event)
            projections.apply(sql, number, decode(number, event.kind, event.payload))
        hash_chain.verify_since(sql, [before])


def require_new(path: Path) -> None:
    """Raise `StoreError` if there is a journal at `path`, or a part of one."""
    for there in (path, path.with_name(path.name + "-wal"), path.with_suffix(".head")):
        if there.exists():
            raise StoreError(Sentence("fleet.journal-there", path=str(there)))


def _name(sql: Sql, journal: str) -> None:
    """Give the new, empty journal its id."""
    (trigger,) = sql.execute("SELECT sql FROM sqlite_master WHERE name = 'journal_no_update'").fetchone()
    sql.execute("DROP TRIGGER journal_no_update")
    sql.execute("UPDATE journal SET id = ?", (journal,))
    sql.execute(trigger)


def _add(sql: Sql, journal: str, seq: int, event: CopiedEvent) -> str:
    """Add an event with its deliveries, and what it changes in the outbox. Return the journal id from here on."""
    digest = hash_chain.deliveries_digest([(row.system, row.lane, row.intent) for row in event.deliveries])
    sql.execute(_ADD, (seq, event.at, event.kind, event.payload, digest, event.hash))
    try:
        if event.kind in ("timeline-began", "delivery-changed"):
            decoded = ev.decode(event.payload)
            if isinstance(decoded, ev.TimelineBegan):
                journal = decoded.journal
            elif isinstance(decoded, ev.DeliveryChanged):
                change_delivery(sql, seq, decoded)
        for row in event.deliveries:
            add_delivery(sql, journal, seq, row, _INTENT.decode(row.intent))
    except msgspec.DecodeError as error:
        raise StoreCorrupt(
            Sentence("store.event.broken", number=seq, kind=clean(event.kind), why=clean(str(error)))
        ) from error
    return journal
