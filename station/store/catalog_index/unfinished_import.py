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
from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Final, Literal

import msgspec

from station import __version__
from station.base.sentence import Sentence
from station.base.settings import Barcodes
from station.base.text import clean
from station.catalog.marc import iso2709, marc
from station.catalog.marc.evidence import Evidence
from station.catalog.marc.marc import RawRecord, Rejected
from station.catalog.record import search_words, shelf_keys
from station.catalog.record.file_prices import FilePrices
from station.catalog.record.item_statuses import is_known
from station.catalog.record.profiles import Profile
from station.store.catalog_index import search
from station.store.catalog_index.cores import Place, taken_on_cores
from station.store.catalog_index.index import SCHEMA, SCHEMA_VERSION
from station.store.catalog_index.source import Source
from station.store.catalog_index.taken import Rows, Rules, Taken, taken
from station.store.database.disk import sync_file

LISTED: Final = 200
"""Rejected records, duplicates and notes listed in the report; all are counted."""
_BARCODES_LISTED: Final = 20
"""Barcodes of one rejected record in the report."""

EVERY: Final = 200
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
    # digest: that of the row if no other has its barcode or key
    "CREATE TABLE staged (barcode TEXT NOT NULL, record INTEGER NOT NULL, position INTEGER NOT NULL, digest BLOB NOT NULL)",
    "CREATE TABLE staged_shelf (key TEXT NOT NULL, record INTEGER NOT NULL, digest BLOB NOT NULL)",
    # records without items (deleted = 0) or with leader/05 = d (1); before: id of the next kept record
    "CREATE TABLE gone (key TEXT NOT NULL, before INTEGER NOT NULL, deleted INTEGER NOT NULL)",
    # holdings records with items, until all files were read; link: 004, the 001 of their title
    "CREATE TABLE held (number INTEGER PRIMARY KEY, link TEXT NOT NULL, key TEXT NOT NULL, source INTEGER NOT NULL, "
    "raw BLOB NOT NULL)",
)


Phase = Literal["reading", "titles", "sorting", "joining", "saving"]
"""Step of an import; "titles": holdings records are joined with their titles."""


class FileRead(msgspec.Struct, frozen=True, kw_only=True):
    """A file that was read to its end."""

    name: str
    path: str
    size: int
    sha256: str
    number: int
    """Records of the file, good and bad."""
    records: int
    """Usable records of the file."""
    marc8_evidence: int
    windows_evidence: int


class RejectedRecord(msgspec.Struct, frozen=True):
    """A record that cannot be used. `offset`: bytes before it in the file; -1 = unknown (XML, JSON)."""

    number: int
    reason: str
    offset: int = -1
    barcodes: tuple[str, ...] = ()
    """The first barcodes that were found in it."""
    barcode_count: int = 0
    file: str = ""
    """The file, if several were imported together."""


class Cause(msgspec.Struct):
    """Records with the same fault or note."""

    text: str
    first: int
    """Number of the first record in its file."""
    file: str = ""
    """The file, if several were imported together."""
    records: int = 1


class Untitled(msgspec.Struct, frozen=True):
    """A holdings record with items whose title is in no file of the import."""

    record: str
    """001 of the holdings record."""
    title: str
    """004: the 001 of its title; "" = the record has no 004."""


class Duplicate(msgspec.Struct, frozen=True):
    """A barcode that two items of the file have, with their record ids (001) or numbers in the file."""

    barcode: str
    records: tuple[str, str]


class Progress(msgspec.Struct, frozen=True, kw_only=True):
    """Progress of an import. `done` and `total` are bytes of the file; `done` no longer changes after "reading"."""

    phase: Phase
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
    """The import was stopped; the half stays. `where`: the position."""

    def __init__(self, where: Sentence) -> None:
        super().__init__(where)
        self.where = where


class State(msgspec.Struct, kw_only=True):
    """State of the half, written in the same transaction as its records."""

    token: str
    """Id of this import; also stored in the finished index."""
    made_with: str
    """Profile, program version and schema; with other values the same bytes are read differently."""
    name: str
    """The file that is being read, or the last one."""
    size: int
    files: list[FileRead] = []
    """Files that were read to their end."""
    settled: bool = False
    number: int = 0
    """Records of this file that were read."""
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
    faults: dict[str, Cause] = {}
    """Reasons of the rejections, at most `LISTED`."""
    unread_count: int = 0
    """Barcodes in rejected records; after the file was read, only those that no other record of the file has."""
    repaired_count: int = 0
    repaired: list[tuple[int, str]] = []
    notes: dict[str, Cause] = {}
    """What was noted about records, at most `LISTED` texts."""
    charsets: dict[str, int] = {}
    """Records by character set."""
    windows_files: dict[str, int] = {}
    """Records that were read as Windows-1252, by file."""
    prices: FilePrices = msgspec.field(default_factory=FilePrices)
    marc8_evidence: int = 0
    windows_evidence: int = 0
    all_read: bool = False
    joined: int = 0
    """Holdings records that were joined with their title."""
    unexplained: dict[str, int] = {}
    """Items by a status that the profile does not explain, for the first such statuses."""
    untitled_count: int = 0
    untitled: list[Untitled] = []
    items: int = 0
    dropped: int = 0
    """Records that a later record of the same file deletes."""
    duplicate_count: int = 0
    duplicates: list[Duplicate] = []

    @property
    def names(self) -> str:
        """Return the names of the files that were read."""
        return ", ".join(file.name for file in self.files)

    @property
    def numbers(self) -> int:
        """Return the number of records that were read, good and bad, of all files."""
        return sum(file.number for file in self.files) + (0 if self.all_read else self.number)


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
        sources: Sequence[Source],
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
        self.sources = sources
        self._source = sources[0]
        self.profile = profile
        self.rules = Rules.of(profile, scheme, barcodes)
        self._watch = watch
        self._records: list[tuple[int, str, int, bytes, bytes]] = []
        self._held: list[tuple[str, str, int, bytes]] = []
        self._barcodes: list[tuple[str, int, int, bytes]] = []
        self._shelf: list[tuple[str, int, bytes]] = []
        self._words: list[tuple[int, str, str, str]] = []
        self._gone: list[tuple[str, int, bool]] = []
        self._rejected: list[tuple[int, int, int, str]] = []
        self._unread: list[tuple[str, int, int]] = []
        self._whole = sum(source.total for source in sources) <= _COMMIT_BYTES
        """True for small files, which are read in a single transaction and synced once."""
        self._pieces = False
        """True if part of the records is on the medium."""
        self._waiting = self._uncommitted = self._committed = self._resumed = 0
        digest = hashlib.sha256(msgspec.json.encode((profile, barcodes))).hexdigest()
        made_with = f"{SCHEMA_VERSION} {search_words.VERSION} {__version__} {scheme} {digest} files={len(sources)}"
        state = self._usable(made_with) if resume else None
        if state is None:
            discard(path)
            name = clean(self._source.path.name)
            state = State(token=uuid.uuid4().hex, made_with=made_with, name=name, size=self._source.total)
            self.connection = _connect(path, synced=not self._whole)
            self._begin()
        else:
            self.connection = _connect(path, synced=not self._whole)
            self.connection.execute("BEGIN")
            self._committed, self._pieces = state.number, True
        self.state = state

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
        elif not self._is_of_sources(state):
            why = "it is of another file"
        else:
            self._resumed = state.offset
            return state
        named = f" of {state.name}" if state else ""
        self._watch.note(f"the unfinished import{named} is thrown away: {why}")
        return None

    def _is_of_sources(self, state: State) -> bool:
        for file, source in zip(state.files, self.sources, strict=False):
            if file.size != source.total or not source.stands_behind(file.size, file.sha256):
                return False
        if state.all_read:
            return True
        self._source = self.sources[len(state.files)]
        if state.size != self._source.total:
            return False
        return not state.number or self._source.stands_behind(state.offset, state.digest)

    def _begin(self) -> None:
        self.connection.execute("BEGIN")
        for statement in (*SCHEMA, search.TABLE, *_STAGING):
            self.connection.execute(statement)
        self.connection.execute("INSERT INTO meta VALUES ('profile', ?)", (self.profile.name,))
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

    def say(self, phase: Phase) -> None:
        """Report the progress."""
        done = self._source.done if phase == "reading" else self._source.total
        self._watch.progress(
            Progress(
                phase=phase,
                records=self.state.number if phase == "reading" else self.state.numbers,
                done=done,
                total=self._source.total,
                resumed=self._resumed,
            )
        )

    def read(self) -> None:
        """Read the rest of the files. Raises `NotMarc`, `Stopped`."""
        if self.state.all_read:
            self._watch.note(f"going on: all {self.state.numbers} records were read before")
            return
        while len(self.state.files) < len(self.sources):
            self._source = self.sources[len(self.state.files)]
            self._read_file()
        self.state.all_read = True
        stopped = self._watch.should_stop()
        # A small import is settled in the same transaction, to wait only once for the medium.
        if stopped or self._pieces:
            self._save_and_commit()
        if stopped:
            raise self._stopped()

    def _read_file(self) -> None:
        if self.state.number:
            self._watch.note(f"going on after record {self.state.number}")
        for record in self._rest():
            self.state.number = record.number
            self._take(record)
            self.flush_if_due()
            if self._due(record):
                self._commit(record)
            if record.number % EVERY == 0:
                self.say("reading")
                if self._watch.should_stop():
                    self._commit(record)
                    raise self._stopped()
        self._end_file()

    def _end_file(self) -> None:
        self.flush()
        state, source = self.state, self._source
        self.say("reading")
        state.files.append(
            FileRead(
                name=clean(source.path.name),
                path=str(source.path.absolute()),
                size=source.total,
                sha256=source.digest(),
                number=state.number,
                records=state.records - sum(file.records for file in state.files),
                marc8_evidence=state.marc8_evidence,
                windows_evidence=state.windows_evidence,
            )
        )
        if len(state.files) == len(self.sources):
            return
        following = self.sources[len(state.files)]
        state.name, state.size = clean(following.path.name), following.total
        state.number = state.offset = self._committed = 0
        state.digest, state.exact = "", False
        if not self._whole:
            self._save_and_commit()
            self._pieces, self._uncommitted = True, 0

    def _stopped(self) -> Stopped:
        return Stopped(Sentence("store.import.stopped-after", records=self.state.numbers))

    def flush_if_due(self) -> None:
        """Write what waits in memory, if it is enough."""
        if (
            self._waiting >= _BATCH_BYTES
            or len(self._records) >= _BATCH
            or len(self._gone) + len(self._rejected) >= _BATCH
        ):
            self.flush()

    def _evidence(self, meanwhile: Callable[[], None] = lambda: None) -> Evidence:
        """Return the evidence for the character set of the file (`marc.file_evidence`). Raises `NotMarc`."""
        state = self.state
        if not state.number:
            state.marc8_evidence, state.windows_evidence = marc.file_evidence(self._source.beginning(), meanwhile)
        return Evidence(state.marc8_evidence, state.windows_evidence)

    def _rest(self) -> Iterator[Taken]:
        state = self.state
        if not state.number:
            self._source.restart()
            frames = marc.frames(self._source)
        else:
            frames = iso2709.frames(self._source) if state.exact else None
        if frames is not None:
            place = Place(state.number, state.offset, self._source.total - state.offset)
            yield from taken_on_cores(frames, place, self._evidence, self.rules, self._wants_prices)
            return
        # XML and JSON cannot be entered in the middle: read them again up to that record, and skip the result.
        evidence = self._evidence()
        self._source.restart()
        for record in marc.read_like_file(self._behind(marc.read(self._source), state.number), evidence):
            yield taken(record, self.rules, prices=self._wants_prices())

    def _wants_prices(self) -> bool:
        return not self.state.prices.differ

    def _behind(self, records: Iterator[RawRecord | Rejected], number: int) -> Iterator[RawRecord | Rejected]:
        for record in islice(records, number):
            if record.number % EVERY == 0:
                self.say("reading")
                if self._watch.should_stop():
                    raise self._stopped()
        yield from records

    def _due(self, record: Taken) -> bool:
        if record.rejected:
            return False
        return record.number - self._committed >= _COMMIT_RECORDS or self._uncommitted >= _COMMIT_BYTES

    def _commit(self, record: Taken) -> None:
        self.flush()
        self.state.exact = record.end >= 0
        self.state.offset = record.end if record.end >= 0 else self._source.done
        self.state.digest = self._source.digest_at(self.state.offset)
        self._save_and_commit()
        self._committed, self._uncommitted, self._pieces = record.number, 0, True

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

    def _take(self, record: Taken) -> None:
        state = self.state
        if record.rejected:
            self._reject(record)
            return
        state.records += 1
        if record.charset:
            state.charsets[record.charset] = state.charsets.get(record.charset, 0) + 1
        if record.charset == "windows-1252":
            state.windows_files[state.name] = state.windows_files.get(state.name, 0) + 1
        if record.notes:
            state.repaired_count += 1
            notes = "; ".join(record.notes)
            self._count(state.notes, notes, record.number)
            if len(state.repaired) < LISTED:
                state.repaired.append((record.number, f"{state.name}: {notes}" if len(self.sources) > 1 else notes))
        if not record.deleted and not state.prices.differ:
            state.prices.take(record.price, record.prices)
        source = len(state.files) + 1
        if record.deleted or not record.items:
            state.without += not record.deleted
            self.take_out(record.key, deleted=record.deleted)
        elif record.rows is None:
            self._held.append((record.link, record.key, source, record.data))
            self._waiting += len(record.data)
        else:
            self.keep(record.key, source, record.data, record.rows)

    def take_out(self, key: str, *, deleted: bool) -> None:
        """Note a record without items, or one that was deleted."""
        self._gone.append((key, self.state.next_id, deleted))

    def keep(self, key: str, source: int, data: bytes, rows: Rows) -> None:
        """Add a record with its rows. `source`: number of its file."""
        number = self.state.next_id
        self._records.append((number, key, source, rows.digest, data))
        self._count_statuses(rows.statuses)
        self._barcodes += [(barcode, number, at, digest) for at, (barcode, digest) in enumerate(rows.barcodes)]
        self._shelf += [(place, number, digest) for place, digest in rows.shelf]
        self._words.append((number, *rows.words))
        self._waiting += len(data)
        self.state.next_id += 1

    def _count_statuses(self, statuses: Sequence[str]) -> None:
        """Count the statuses that the profile's tables do not explain."""
        counts = self.state.unexplained
        for status in statuses if self.profile.statuses else ():
            if not is_known(status) and (status in counts or len(counts) < LISTED):
                counts[status] = counts.get(status, 0) + 1

    def _reject(self, record: Taken) -> None:
        barcodes, source = record.unread, len(self.state.files) + 1
        self._rejected.append((source, record.number, record.offset, record.rejected))
        self._unread += [(barcode, source, record.number) for barcode in barcodes]
        self._waiting += len(record.rejected) + sum(map(len, barcodes))
        self.state.rejected_count += 1
        self._count(self.state.faults, record.rejected, record.number)
        if len(self.state.rejected) < LISTED:
            named = RejectedRecord(
                record.number,
                record.rejected,
                record.offset,
                barcodes[:_BARCODES_LISTED],
                len(barcodes),
                self.state.name if len(self.sources) > 1 else "",
            )
            self.state.rejected.append(named)

    def _count(self, causes: dict[str, Cause], text: str, number: int) -> None:
        file = self.state.name if len(self.sources) > 1 else ""
        cause = causes.get(f"{file}: {text}")
        if cause is not None:
            cause.records += 1
        elif len(causes) < LISTED:
            causes[f"{file}: {text}"] = Cause(text, number, file)

    def flush(self) -> None:
        """Write what waits in memory."""
        many = self.connection.executemany
        many("INSERT INTO record (id, key, part, source, digest, raw) VALUES (?, ?, 1, ?, ?, ?)", self._records)
        many("INSERT INTO held (link, key, source, raw) VALUES (?, ?, ?, ?)", self._held)
        many("INSERT INTO staged VALUES (?, ?, ?, ?)", self._barcodes)
        many("INSERT INTO staged_shelf VALUES (?, ?, ?)", self._shelf)
        many("INSERT INTO searched VALUES (?, ?, ?, ?)", self._words)
        many("INSERT INTO gone VALUES (?, ?, ?)", self._gone)
        many("INSERT INTO rejected VALUES (?, ?, ?, ?)", self._rejected)
        many("INSERT OR IGNORE INTO unread VALUES (?, ?, ?)", self._unread)
        self._uncommitted += self._waiting
        self._waiting = 0
        self._records.clear()
        self._held.clear()
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
