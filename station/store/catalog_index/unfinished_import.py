"""The half-built index of one import: the records read so far, and the position from which to resume.

It is the file `….importing` beside the index. Records are only ever added, some thousand per transaction. When a
transaction ends, its records are on the medium together with the position in the file. So whatever interrupts an import
(a stop, a kill, a power cut), the half is in the state after some transaction, and the next import of the same file
resumes there. Look-up structures are built at the end (`finish_import`), because sorting once is faster than a million
insertions.
"""

from __future__ import annotations

import hashlib
import sqlite3
import uuid
from collections.abc import Callable, Iterator
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Final, Literal

import msgspec

from station import __version__
from station.base.settings import Barcodes
from station.base.text import clean
from station.base.words import tell
from station.catalog.barcodes.barcode import ungrouped
from station.catalog.marc import marc
from station.catalog.marc.evidence import Evidence
from station.catalog.marc.iso2709 import BadRecord
from station.catalog.marc.marc import RawRecord, Rejected
from station.catalog.record import profiles, search_words, shelf_keys
from station.catalog.record.profiles import Profile
from station.catalog.record.salvage import barcodes_in
from station.store.catalog_index import search
from station.store.catalog_index.digest import record_digest
from station.store.catalog_index.index import SCHEMA, SCHEMA_VERSION
from station.store.catalog_index.source import Source
from station.store.database.disk import sync_file

LISTED: Final = 200
"""Rejected records, duplicates and notes listed in the report; all are counted."""
_BARCODES_LISTED: Final = 20
"""Barcodes of one rejected record in the report."""

_EVERY: Final = 200
"""Records between two checks of progress and stop."""
_COMMIT_RECORDS: Final = 10_000
_COMMIT_BYTES: Final = 32 << 20
_BATCH: Final = 500
_BATCH_BYTES: Final = 1 << 20
"""Bytes that wait in memory before they are written."""

PRAGMAS: Final = (
    "PRAGMA trusted_schema=OFF",
    "PRAGMA locking_mode=EXCLUSIVE",
    "PRAGMA temp_store=FILE",
    "PRAGMA cache_size=-16384",
)
"""Settings for files that an import builds: at most 16 MiB of page cache, and sorting on the medium, for any size."""

_STAGING: Final = (
    "CREATE TABLE staged (barcode TEXT NOT NULL, record INTEGER NOT NULL, position INTEGER NOT NULL)",
    "CREATE TABLE staged_shelf (key TEXT NOT NULL, record INTEGER NOT NULL)",
    # records without items (deleted = 0) or with leader/05 = d (1); before: id of the next kept record
    "CREATE TABLE gone (key TEXT NOT NULL, before INTEGER NOT NULL, deleted INTEGER NOT NULL)",
)


class RejectedRecord(msgspec.Struct, frozen=True):
    """A record that cannot be used. `offset`: bytes before it in the file; -1 = unknown (XML, JSON)."""

    number: int
    reason: str
    offset: int = -1
    barcodes: tuple[str, ...] = ()
    """The first barcodes that were found in it."""
    barcode_count: int = 0


class Duplicate(msgspec.Struct, frozen=True):
    """A barcode that two items of the file have, with their record ids (001) or numbers in the file."""

    barcode: str
    records: tuple[str, str]


class Progress(msgspec.Struct, frozen=True, kw_only=True):
    """Progress of an import. `done` and `total` are bytes of the file; `done` no longer changes after "reading"."""

    phase: Literal["reading", "sorting", "joining", "saving"]
    records: int
    """Records of the file so far, good and bad."""
    done: int
    total: int
    resumed: int = 0
    """Bytes that an earlier run had read."""


class Watch(msgspec.Struct, frozen=True):
    """Callbacks of an import: progress, stop, and notes for the user."""

    progress: Callable[[Progress], None]
    should_stop: Callable[[], bool]
    note: Callable[[str], None]


class Stopped(Exception):
    """The import was stopped; the half stays. The text names the position."""


class State(msgspec.Struct, kw_only=True):
    """State of the half, written in the same transaction as its records."""

    token: str
    """Id of this import; also stored in the finished index."""
    made_with: str
    """Profile, program version and schema; with other values the same bytes are read differently."""
    name: str
    size: int
    settled: bool = False
    number: int = 0
    """Records of the file that were read."""
    offset: int = 0
    """Bytes of the file that were read; `digest` covers them."""
    digest: str = ""
    exact: bool = False
    """True if `offset` is the end of record `number`."""
    next_id: int = 1
    records: int = 0
    without: int = 0
    rejected_count: int = 0
    rejected: list[RejectedRecord] = []
    unread_count: int = 0
    """Barcodes in rejected records; after the file was read, only those that no other record of the file has."""
    repaired_count: int = 0
    repaired: list[tuple[int, str]] = []
    charsets: dict[str, int] = {}
    """Records by character set."""
    marc8_evidence: int = 0
    windows_evidence: int = 0
    sha256: str = ""
    """Digest of the whole file, after all of it was read."""
    items: int = 0
    dropped: int = 0
    """Records that a later record of the same file deletes."""
    duplicate_count: int = 0
    duplicates: list[Duplicate] = []


def half_path(index_path: Path) -> Path:
    """Return the path of the half-built index."""
    return index_path.with_name(index_path.name + ".importing")


def next_path(index_path: Path) -> Path:
    """Return the path at which the next index is built, beside the current one."""
    return index_path.with_name(index_path.name + ".next")


def discard(path: Path) -> None:
    """Remove a database file that is being built, with its journal."""
    path.unlink(missing_ok=True)
    path.with_name(path.name + "-journal").unlink(missing_ok=True)


def state_of(path: Path) -> State | None:
    """Return the state of the half at `path`; None if there is none, it is unusable, or another process is building
    it."""
    if not path.exists():
        return None
    connection = sqlite3.connect(path, isolation_level=None, timeout=0)
    try:
        return _load(connection)
    except (sqlite3.Error, msgspec.MsgspecError):
        return None
    finally:
        connection.close()


def _load(connection: sqlite3.Connection) -> State | None:
    row = connection.execute("SELECT value FROM meta WHERE key = 'import'").fetchone()
    return msgspec.json.decode(row[0], type=State) if row else None


class UnfinishedImport:
    """The open half: resumed if possible, else begun."""

    def __init__(
        self,
        path: Path,
        source: Source,
        profile: Profile,
        watch: Watch,
        *,
        scheme: str,
        barcodes: Barcodes | None,
        resume: bool,
    ) -> None:
        """`scheme`: the library's own call number scheme, for call numbers whose field names none. `barcodes`: the
        format by which blanks in a barcode are removed; None = blanks stay."""
        self.path = path
        self._source = source
        self._profile = profile
        self._scheme = scheme
        self._rules = barcodes
        self._watch = watch
        self._tags = profile.tags | {"001"}
        self._records: list[tuple[int, str, bytes | None, bytes]] = []
        self._barcodes: list[tuple[str, int, int]] = []
        self._shelf: list[tuple[str, int]] = []
        self._words: list[tuple[int, str, str, str]] = []
        self._gone: list[tuple[str, int, bool]] = []
        self._rejected: list[tuple[int, int, str]] = []
        self._unread: list[tuple[str, int]] = []
        self._whole = source.total <= _COMMIT_BYTES
        """True for a small file, which is read in a single transaction and synced once."""
        self._waiting = self._uncommitted = self._committed = self._resumed = 0
        digest = hashlib.sha256(msgspec.json.encode((profile, barcodes))).hexdigest()
        made_with = f"{SCHEMA_VERSION} {search_words.VERSION} {__version__} {scheme} {digest}"
        found = self._usable(made_with) if resume else None
        if found is None:
            discard(path)
            name = clean(source.path.name)
            found = State(token=uuid.uuid4().hex, made_with=made_with, name=name, size=source.total)
            self.connection = _connect(path, synced=not self._whole)
            self._begin()
        else:
            self.connection = _connect(path, synced=not self._whole)
            self.connection.execute("BEGIN")
            self._committed = found.number
        self.state = found

    def _usable(self, made_with: str) -> State | None:
        if not self.path.exists():
            return None
        state = state_of(self.path)
        if state is None and not self.path.stat().st_size:
            return None
        if state is None:
            why = "its file cannot be read"
        elif state.made_with != made_with:
            why = "it was begun with another profile or another version of the program"
        elif state.size != self._source.total or not self._source.stands_behind(state.offset, state.digest):
            why = "it is of another file"
        else:
            self._resumed = state.offset
            return state
        named = f" of {state.name}" if state else ""
        self._watch.note(f"the unfinished import{named} is thrown away: {why}")
        return None

    def _begin(self) -> None:
        self.connection.execute("BEGIN")
        for statement in (*SCHEMA, search.TABLE, *_STAGING):
            self.connection.execute(statement)
        self.connection.execute("INSERT INTO meta VALUES ('profile', ?)", (self._profile.name,))
        self.connection.execute("INSERT INTO meta VALUES ('shelf-keys', ?)", (shelf_keys.VERSION,))

    def conclude(self) -> None:
        """End the last transaction."""
        self._save_and_commit()
        self.connection.execute("ROLLBACK")

    def _save(self) -> None:
        text = msgspec.json.encode(self.state).decode()
        self.connection.execute("INSERT OR REPLACE INTO meta VALUES ('import', ?)", (text,))

    def close(self) -> None:
        """Close the file. Uncommitted changes are lost."""
        self.connection.close()

    def say(self, phase: Literal["reading", "sorting", "joining", "saving"]) -> None:
        """Report the progress."""
        done = self._source.done if phase == "reading" else self._source.total
        self._watch.progress(
            Progress(phase=phase, records=self.state.number, done=done, total=self._source.total, resumed=self._resumed)
        )

    def read(self) -> None:
        """Read the rest of the file. Raises `NotMarc`, `Stopped`."""
        if self.state.sha256:
            self._watch.note(f"going on: all {self.state.number} records were read before")
            return
        if self.state.number:
            self._watch.note(f"going on after record {self.state.number}")
        else:
            self._source.restart()
            self.state.marc8_evidence, self.state.windows_evidence = marc.file_evidence(self._source)
        evidence = Evidence(self.state.marc8_evidence, self.state.windows_evidence)
        for found in marc.read_like_file(self._rest(), evidence):
            self.state.number = found.number
            self._take(found)
            if (
                self._waiting >= _BATCH_BYTES
                or len(self._records) >= _BATCH
                or len(self._gone) + len(self._rejected) >= _BATCH
            ):
                self._flush()
            if self._due(found):
                self._commit(found)
            if found.number % _EVERY == 0:
                self.say("reading")
                if self._watch.should_stop():
                    self._commit(found)
                    raise Stopped(tell("store.import.stopped-after", records=found.number))
        self._end()

    def _end(self) -> None:
        """Finish reading the file. A small file is settled in the same transaction, to wait only once for the
        medium."""
        self._flush()
        self.state.sha256 = self._source.digest()
        self.state.offset, self.state.digest = self._source.total, self.state.sha256
        self.say("reading")
        stopped = self._watch.should_stop()
        if stopped or self._committed:
            self._save_and_commit()
        if stopped:
            raise Stopped(tell("store.import.stopped-after", records=self.state.number))

    def _rest(self) -> Iterator[RawRecord | Rejected]:
        if not self.state.number:
            self._source.restart()
            return marc.read(self._source)
        if self.state.exact:
            return marc.read_on(self._source, self.state.number, self.state.offset)
        # XML and JSON cannot be entered in the middle: read them again up to that record, and skip the result.
        self._source.restart()
        return self._behind(marc.read(self._source), self.state.number)

    def _behind(self, found: Iterator[RawRecord | Rejected], number: int) -> Iterator[RawRecord | Rejected]:
        for one in islice(found, number):
            if one.number % _EVERY == 0:
                self.say("reading")
                if self._watch.should_stop():
                    raise Stopped(tell("store.import.stopped-after", records=number))
        yield from found

    def _due(self, found: RawRecord | Rejected) -> bool:
        if not isinstance(found, RawRecord):
            return False
        return found.number - self._committed >= _COMMIT_RECORDS or self._uncommitted >= _COMMIT_BYTES

    def _commit(self, found: RawRecord | Rejected) -> None:
        self._flush()
        self.state.exact = isinstance(found, RawRecord) and found.end >= 0
        self.state.offset = found.end if isinstance(found, RawRecord) and found.end >= 0 else self._source.done
        self.state.digest = self._source.digest_at(self.state.offset)
        self._save_and_commit()
        self._committed, self._uncommitted = found.number, 0

    def _save_and_commit(self) -> None:
        if self._whole:
            # The state claims that all other data is on the medium, so it is written after that.
            self.connection.execute("DELETE FROM meta WHERE key = 'import'")
            self._commit_synced()
        self._save()
        self._commit_synced()

    def _commit_synced(self) -> None:
        self.connection.execute("COMMIT")
        if self._whole:
            sync_file(self.path)
        self.connection.execute("BEGIN")

    def _take(self, found: RawRecord | Rejected) -> None:
        state = self.state
        if isinstance(found, Rejected):
            self._reject(found)
            return
        try:
            fields = list(marc.fields_of(found.data, self._tags, found.known))
            deleted = marc.is_deleted(found.data, found.known)
        except BadRecord as error:
            self._reject(Rejected(found.number, clean(str(error)), data=found.data))
            return
        state.records += 1
        if found.charset:
            state.charsets[found.charset] = state.charsets.get(found.charset, 0) + 1
        if found.notes:
            state.repaired_count += 1
            if len(state.repaired) < LISTED:
                state.repaired.append((found.number, "; ".join(found.notes)))
        key = next((clean(field.data or "") for field in fields if field.tag == "001"), "")
        if not key:
            key = f"sha256:{hashlib.sha256(found.data).hexdigest()[:32]}"
        items = profiles.numbers_in(fields, self._profile)
        if deleted or not items:
            state.without += not deleted
            self._gone.append((key, state.next_id, deleted))
            return
        self._records.append((state.next_id, key, record_digest(key, 1, found.data), found.data))
        self._barcodes += [
            (self._ungrouped(item.barcode), state.next_id, position) for position, item in enumerate(items)
        ]
        others = partial(marc.fields_of, found.data, shelf_keys.TAGS, found.known)
        self._shelf += [(key, state.next_id) for key in shelf_keys.keys_in(items, others, self._scheme)]
        texts = marc.texts_of(found.data, search_words.TAGS, found.known)
        self._words.append((state.next_id, *search_words.words_in(texts)))
        self._waiting += len(found.data)
        state.next_id += 1

    def _reject(self, rejected: Rejected) -> None:
        barcodes = tuple(map(self._ungrouped, barcodes_in(rejected.data, self._profile)))
        self._rejected.append((rejected.number, rejected.offset, rejected.reason))
        self._unread += [(barcode, rejected.number) for barcode in barcodes]
        self._waiting += len(rejected.reason) + sum(map(len, barcodes))
        self.state.rejected_count += 1
        if len(self.state.rejected) < LISTED:
            named = RejectedRecord(
                rejected.number, rejected.reason, rejected.offset, barcodes[:_BARCODES_LISTED], len(barcodes)
            )
            self.state.rejected.append(named)

    def _ungrouped(self, barcode: str) -> str:
        return barcode if self._rules is None else ungrouped(barcode, self._rules)

    def _flush(self) -> None:
        many = self.connection.executemany
        many("INSERT INTO record (id, key, part, source, digest, raw) VALUES (?, ?, 1, 1, ?, ?)", self._records)
        many("INSERT INTO staged VALUES (?, ?, ?)", self._barcodes)
        many("INSERT INTO staged_shelf VALUES (?, ?)", self._shelf)
        many("INSERT INTO searched VALUES (?, ?, ?, ?)", self._words)
        many("INSERT INTO gone VALUES (?, ?, ?)", self._gone)
        many("INSERT INTO rejected VALUES (1, ?, ?, ?)", self._rejected)
        many("INSERT OR IGNORE INTO unread VALUES (?, 1, ?)", self._unread)
        self._uncommitted += self._waiting
        self._waiting = 0
        self._records.clear()
        self._barcodes.clear()
        self._shelf.clear()
        self._words.clear()
        self._gone.clear()
        self._rejected.clear()
        self._unread.clear()


def _connect(path: Path, *, synced: bool) -> sqlite3.Connection:
    connection = sqlite3.connect(path, isolation_level=None)
    # Only new pages are written, so the journal stays small.
    synchronous = "PRAGMA synchronous=FULL" if synced else "PRAGMA synchronous=OFF"
    for pragma in ("PRAGMA page_size=8192", *PRAGMAS, "PRAGMA journal_mode=TRUNCATE", synchronous):
        connection.execute(pragma)
    return connection
