"""Import a MARC file into the catalog index: all of it or nothing.

The next index is built in a file of its own (a copy of the present one with the import applied), put on the medium and
moved into place; a stopped, failed or killed import leaves the present index as it was, and a left-over half is
thrown away by the next import. Decisions:

* An import is a delta: a record replaces the one with the same 001 with all its items, others stay. `replace=True`
  starts from an empty index. Leader/05 = d removes the record. Records without items are not kept.
* A barcode belongs to whom the newest file says: it moves from a record of an earlier import to one of this.
* The same barcode twice within one file is ambiguous. Both are kept and reported, and looking it up raises
  `BarcodeAmbiguous`, because guessing would tag the wrong item.
* The same 001 twice within one file with different content: both records are kept (exports split long records).
* A file without one usable item is refused.
"""

from __future__ import annotations

import errno
import fcntl
import hashlib
import os
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import msgspec

from station.catalog import marc, profiles
from station.catalog.iso2709 import BadRecord
from station.catalog.marc import NotMarc, RawRecord, Rejected
from station.catalog.profiles import Profile
from station.errors import ImportRefused, IndexUnusable, StoreFull, StoreReadOnly
from station.settings import CatalogSettings
from station.store.catalog_index import SCHEMA, profile_of
from station.store.database import store_error, sync_file
from station.text import clean

LISTED: Final = 200
"""Rejected records, duplicates and notes named in the report; all are counted."""

_EVERY: Final = 200
"""Records between two looks at progress and stop."""


class Duplicate(msgspec.Struct, frozen=True):
    """One barcode that two items of the file have: record ids (001) or numbers in the file."""

    barcode: str
    records: tuple[str, str]


class ImportReport(msgspec.Struct, frozen=True, kw_only=True):
    """What became of a file. Lists are cut at `LISTED`; the counts are whole."""

    source: str
    profile: str
    records: int
    """Usable records in the file."""
    items: int
    """Items with a barcode in them."""
    without_items: int
    replaced: int
    """Records that were in the index before."""
    deleted: int
    rejected_count: int
    rejected: tuple[Rejected, ...] = ()
    duplicate_count: int = 0
    duplicates: tuple[Duplicate, ...] = ()
    repaired_count: int = 0
    repaired: tuple[tuple[int, str], ...] = ()
    """(record number, what was put right): wrong lengths, mislabelled character sets."""


def import_file(
    path: Path,
    index_path: Path,
    profile: str,
    settings: CatalogSettings,
    *,
    progress: Callable[[int, int], None],
    should_stop: Callable[[], bool],
    replace: bool = False,
) -> ImportReport:
    """Import `path` into `index_path`. `progress` gets (bytes done, bytes in all); `should_stop` is asked as often.

    Raises `ImportRefused` (file unusable, stopped, another import running), `IndexUnusable` (present index; with
    `replace` it does not matter), `StoreFull`, `StoreReadOnly`. After any of them the index is as it was.
    """
    del settings  # what is indexed depends on the profile alone; the rest is read when a record is asked for
    chosen = profiles.load(profile)
    with _source(path) as stream, _storage(index_path), _alone(index_path):
        present = "" if replace else profile_of(index_path)
        if present and present != chosen.name:
            raise IndexUnusable(f"{index_path} was imported with profile {present}, not {chosen.name}: replace it")
        beside = index_path.with_name(index_path.name + ".importing")
        try:
            if present:
                shutil.copyfile(index_path, beside)
            else:
                beside.unlink(missing_ok=True)
            report = _build(beside, bool(present), stream, path, chosen, progress, should_stop)
            sync_file(beside)
            beside.replace(index_path)
            sync_file(index_path.parent)
        finally:
            beside.unlink(missing_ok=True)
    return report


class _Counted:
    """A stream that knows how far it was read."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("rb")
        self.total = os.fstat(self._file.fileno()).st_size
        self.done = 0

    def read(self, size: int, /) -> bytes:
        data = self._file.read(size)
        self.done += len(data)
        return data

    def close(self) -> None:
        self._file.close()


@contextmanager
def _source(path: Path) -> Iterator[_Counted]:
    try:
        stream = _Counted(path)
    except OSError as error:
        raise ImportRefused(f"{path}: {error.strerror or error}") from error
    try:
        yield stream
    finally:
        stream.close()


@contextmanager
def _storage(index_path: Path) -> Iterator[None]:
    """Errors of the disk and the engine as the station's own."""
    try:
        yield
    except sqlite3.Error as error:
        raise store_error(error, index_path) from error
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise StoreFull(f"{index_path}: {error}") from error
        if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
            raise StoreReadOnly(f"{index_path}: {error}") from error
        raise ImportRefused(f"{error}") from error


@contextmanager
def _alone(index_path: Path) -> Iterator[None]:
    """One import at a time; the lock ends with the process, however that ends."""
    index_path.parent.mkdir(parents=True, exist_ok=True)
    with index_path.with_name(index_path.name + ".lock").open("ab") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise ImportRefused("another import into this catalog is running") from error
        yield


def _build(
    beside: Path,
    present: bool,
    stream: _Counted,
    path: Path,
    profile: Profile,
    progress: Callable[[int, int], None],
    should_stop: Callable[[], bool],
) -> ImportReport:
    connection = sqlite3.connect(beside, isolation_level=None)
    try:
        # The file is nobody's until it is moved: it needs no journal of its own, and is synced once, at the end.
        for pragma in ("PRAGMA journal_mode=OFF", "PRAGMA synchronous=OFF", "PRAGMA trusted_schema=OFF"):
            connection.execute(pragma)
        if not present:
            _create(connection, profile)
        connection.execute("BEGIN")
        build = _Builder(connection, profile, path)
        number = 0
        try:
            for number, found in enumerate(marc.read(stream), 1):
                build.take(found)
                if number % _EVERY == 0:
                    progress(stream.done, stream.total)
                    if should_stop():
                        raise ImportRefused(f"stopped after {number} records")
        except NotMarc as error:
            raise ImportRefused(f"{path.name}: {error}") from error
        if should_stop():
            raise ImportRefused(f"stopped after {number} records")
        report = build.report()
        connection.execute("COMMIT")
        progress(stream.total, stream.total)
        return report
    finally:
        connection.close()


def _create(connection: sqlite3.Connection, profile: Profile) -> None:
    for statement in SCHEMA:
        connection.execute(statement)
    connection.execute("INSERT INTO meta VALUES ('profile', ?)", (profile.name,))


class _Builder:
    """Applies records to the index at hand, and keeps the count. `seen` tells this import from the ones before."""

    def __init__(self, connection: sqlite3.Connection, profile: Profile, path: Path) -> None:
        self._sql = connection
        self._profile = profile
        self._path = path
        self._tags = profile.tags | {"001"}
        self._seen = connection.execute("SELECT coalesce(max(seen), 0) + 1 FROM record").fetchone()[0]
        self._records = self._items = self._without = self._replaced = self._deleted = 0
        self._rejected_count = self._duplicate_count = self._repaired_count = 0
        self._rejected: list[Rejected] = []
        self._duplicates: list[Duplicate] = []
        self._repaired: list[tuple[int, str]] = []

    def take(self, found: RawRecord | Rejected) -> None:
        """Apply one record of the file."""
        if isinstance(found, Rejected):
            self._reject(found)
            return
        try:
            fields = list(marc.fields_of(found.data, self._tags))
            gone = marc.is_deleted(found.data)
        except BadRecord as error:
            self._reject(Rejected(found.number, clean(str(error))))
            return
        self._records += 1
        if found.notes:
            self._repaired_count += 1
            if len(self._repaired) < LISTED:
                self._repaired.append((found.number, "; ".join(found.notes)))
        record_id = next((clean(field.data or "") for field in fields if field.tag == "001"), "")
        barcodes = [item.barcode for item in profiles.items_in(fields, self._profile)]
        self._apply(found, record_id, barcodes, gone)

    def _reject(self, rejected: Rejected) -> None:
        self._rejected_count += 1
        if len(self._rejected) < LISTED:
            self._rejected.append(rejected)

    def _apply(self, found: RawRecord, record_id: str, barcodes: list[str], gone: bool) -> None:
        key = record_id or f"sha256:{hashlib.sha256(found.data).hexdigest()[:32]}"
        present = self._present(key)
        copy = 1
        while present is not None and present[1] == self._seen:
            if present[2] == found.data:
                return  # the very same record a second time in one file
            copy += 1
            key = f"{record_id}#{copy}"
            present = self._present(key)
        if present is not None:
            self._remove(present[0], present[2])
            self._replaced += not gone
        if gone:
            self._deleted += present is not None
            return
        if not barcodes:
            self._without += 1
            return
        self._items += len(barcodes)
        row = self._sql.execute("INSERT INTO record (key, seen, raw) VALUES (?, ?, ?)", (key, self._seen, found.data))
        for position, barcode in enumerate(barcodes):
            self._claim(barcode, row.lastrowid or 0, position, key)

    def _present(self, key: str) -> tuple[int, int, bytes] | None:
        row: tuple[int, int, bytes] | None
        row = self._sql.execute("SELECT id, seen, raw FROM record WHERE key = ?", (key,)).fetchone()
        return row

    def _remove(self, record: int, raw: bytes) -> None:
        """Take a record of an earlier import out, with its barcodes (found again in its own bytes: no second index)."""
        try:
            items = profiles.items_in(list(marc.fields_of(raw, self._tags)), self._profile)
        except BadRecord as error:
            raise IndexUnusable(f"a record in the index cannot be read: {error}") from error
        for item in items:
            self._sql.execute("DELETE FROM barcode WHERE barcode = ? AND record = ?", (item.barcode, record))
        self._sql.execute("DELETE FROM record WHERE id = ?", (record,))

    def _claim(self, barcode: str, record: int, position: int, key: str) -> None:
        rows = self._sql.execute(
            "SELECT barcode.seen, record.key FROM barcode JOIN record ON record.id = barcode.record "
            "WHERE barcode.barcode = ? LIMIT 2",
            (barcode,),
        ).fetchall()
        mine = [str(other) for seen, other in rows if seen == self._seen]
        if rows and not mine:
            self._sql.execute("DELETE FROM barcode WHERE barcode = ?", (barcode,))
        if mine:
            self._duplicate_count += 1
            if len(self._duplicates) < LISTED:
                self._duplicates.append(Duplicate(barcode, (mine[0], key)))
        self._sql.execute("INSERT INTO barcode VALUES (?, ?, ?, ?)", (barcode, record, position, self._seen))

    def report(self) -> ImportReport:
        """The report; raises `ImportRefused` where nothing in the file was of use."""
        name = self._path.name
        if not self._records:
            first = f": {self._rejected[0].reason}" if self._rejected else ""
            raise ImportRefused(f"{name}: no usable record among {self._rejected_count}{first}")
        if not self._items and not self._replaced and not self._deleted:
            raise ImportRefused(
                f"{name}: none of its {self._records} records has an item with a barcode "
                f"(profile {self._profile.name}: field {self._profile.tag} ${self._profile.barcode})"
            )
        return ImportReport(
            source=name,
            profile=self._profile.name,
            records=self._records,
            items=self._items,
            without_items=self._without,
            replaced=self._replaced,
            deleted=self._deleted,
            rejected_count=self._rejected_count,
            rejected=tuple(self._rejected),
            duplicate_count=self._duplicate_count,
            duplicates=tuple(self._duplicates),
            repaired_count=self._repaired_count,
            repaired=tuple(self._repaired),
        )
