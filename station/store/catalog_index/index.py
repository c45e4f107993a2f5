"""The catalog by barcode, in a separate database file that can be deleted and rebuilt by importing again.

The file is never changed in place: `import_file` builds the next one beside it and moves it there when it is complete.
Therefore it is opened immutable, without locks, and reopened when it has been replaced. Each record is stored once,
raw, and decoded on demand.
"""

from __future__ import annotations

import os
import sqlite3
import threading
import weakref
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import msgspec

from station.base.clock import Clock
from station.base.errors import (
    BarcodeAmbiguous,
    BarcodeUnknown,
    CatalogError,
    IndexUnusable,
    RecordChanged,
    RecordUnreadable,
    StationError,
    StoreCorrupt,
    StoreError,
    StoreIo,
)
from station.base.sentence import Sentence
from station.base.settings import CatalogSettings
from station.base.text import clean
from station.catalog.findings.common_findings import CommonFinding, Sample, common
from station.catalog.findings.record_facts import describe_with_facts
from station.catalog.labels import Template
from station.catalog.marc import marc
from station.catalog.marc.iso2709 import BadRecord
from station.catalog.record import profiles, record, shelf_keys
from station.catalog.record.file_prices import ENOUGH, PRICE_KINDS, CommonPrice
from station.catalog.record.found import found_items
from station.catalog.record.profiles import Profile
from station.domain.item import Barcode, ItemRecord
from station.domain.ports import MOST_FOUND, Found, FoundItem, Shelved, Wanted
from station.domain.withdrawals.stop_signs import TitleStanding
from station.store.catalog_index import search
from station.store.catalog_index.digest import (
    Kept,
    has_file_price,
    has_file_rule,
    has_shelf,
    has_unread,
    row_digest,
    sealed,
)
from station.store.database.database import store_error
from station.store.database.disk import disk_errors

APPLICATION_ID: Final = 1396916564
""" "SCAT" (hex 53434154), in the header of the database file."""

SCHEMA_VERSION: Final = 4
"""4: with digests. `upgrade` converts schema 3, and schema 2, which has no shelf list."""
OLDEST: Final = 2

REJECTED: Final = (
    # records of the source files that could not be read; number, offset: position in the file (-1 = unknown)
    "CREATE TABLE rejected (source INTEGER NOT NULL, number INTEGER NOT NULL, offset INTEGER NOT NULL, "
    "reason TEXT NOT NULL, PRIMARY KEY (source, number)) WITHOUT ROWID",
    # barcodes in them
    "CREATE TABLE unread (barcode TEXT NOT NULL, source INTEGER NOT NULL, number INTEGER NOT NULL, "
    "PRIMARY KEY (barcode, source, number)) WITHOUT ROWID",
)
"""Absent in an index of a version of the program that did not keep them."""

FILE_PRICE: Final = (
    # what is true of the price of all items of a source file: `catalog.record.file_prices.CommonPrice`
    "CREATE TABLE file_price (source INTEGER PRIMARY KEY, kind TEXT NOT NULL, price TEXT NOT NULL)",
)
"""Absent in an index of a version of the program that did not look at it."""

FILE_RULE: Final = (
    # records of a source file that break a rule, of those looked at; rule '' = all that were looked at
    "CREATE TABLE file_rule (source INTEGER NOT NULL, rule TEXT NOT NULL, records INTEGER NOT NULL, "
    "PRIMARY KEY (source, rule)) WITHOUT ROWID",
)
"""Absent in an index of a version of the program that judged no records of a file."""

SCHEMA: Final = (
    "PRAGMA application_id=1396916564",
    "PRAGMA user_version=4",
    "CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID",
    # source files of the index, in order
    "CREATE TABLE source (number INTEGER PRIMARY KEY, token TEXT NOT NULL, name TEXT NOT NULL, path TEXT NOT NULL, "
    "size INTEGER NOT NULL, sha256 TEXT NOT NULL, records INTEGER NOT NULL, items INTEGER NOT NULL)",
    # key: 001, or a digest of a record without 001; part: 2 for another record of the file with the same 001
    "CREATE TABLE record (id INTEGER PRIMARY KEY, key TEXT NOT NULL, part INTEGER NOT NULL, source INTEGER NOT NULL, "
    "digest BLOB NOT NULL, raw BLOB NOT NULL)",
    *REJECTED,
    *FILE_PRICE,
    *FILE_RULE,
)

LOOKUP: Final = (
    "CREATE INDEX record_key ON record (key)",
    # position: number of the item in its record; two rows with one barcode = ambiguous
    "CREATE TABLE barcode (barcode TEXT NOT NULL, record INTEGER NOT NULL, position INTEGER NOT NULL, "
    "digest BLOB NOT NULL, PRIMARY KEY (barcode, record, position)) WITHOUT ROWID",
    # the shelf list: key = `catalog.record.shelf_keys.key_of` of a call number
    "CREATE TABLE shelf (key TEXT NOT NULL, record INTEGER NOT NULL, digest BLOB NOT NULL, "
    "PRIMARY KEY (key, record)) WITHOUT ROWID",
)
"""Created after all records were read; the shelf list last."""

_SOURCES: Final = "SELECT token, name, path, size, sha256, records, items FROM source ORDER BY number"

_FIND: Final = (
    "SELECT record.source, record.key, record.part, record.digest, record.raw, barcode.digest, barcode.position, "
    "(SELECT count(*) FROM barcode WHERE barcode = :barcode) FROM barcode LEFT JOIN record ON record.id = barcode.record "
    "WHERE barcode.barcode = :barcode LIMIT 3"
)
_AT_NUMBER: Final = (
    "SELECT record.key, record.part, record.digest, record.raw, record.id, shelf.digest, "
    "(SELECT count(*) FROM shelf WHERE key = :key) "
    "FROM shelf LEFT JOIN record ON record.id = shelf.record WHERE shelf.key = :key LIMIT :most"
)
"""One statement for all data of a call number, since two statements may find different rows in a damaged table."""
_UNREAD: Final = (
    "SELECT source.name, rejected.number, rejected.reason FROM unread "
    "JOIN rejected ON rejected.source = unread.source AND rejected.number = unread.number "
    "JOIN source ON source.number = unread.source WHERE unread.barcode = ? ORDER BY unread.source DESC LIMIT 1"
)
_COMMON: Final = (
    "SELECT source, name, kind, price FROM (SELECT file_price.source, source.name AS name, kind, price, "
    "sum(source.items) OVER (PARTITION BY kind, price) AS items "
    "FROM file_price JOIN source ON source.number = file_price.source) WHERE items >= ? ORDER BY source"
)
_SOURCE_OF: Final = "SELECT source FROM record WHERE id = (SELECT record FROM barcode WHERE barcode = ?)"
_STANDS: Final = "SELECT 1 FROM barcode WHERE barcode = ? AND record = ?"
_RECORDS_OF: Final = "SELECT record FROM barcode WHERE barcode = ? ORDER BY record LIMIT 9"
_NOT_THERE: Final = ("withdrawn", "lost", "missing")
"""Statuses of items that do not count as another item of the title."""
_HAS: Final = "SELECT 1 FROM barcode WHERE barcode = ?"
_RECORD: Final = "SELECT key, part, digest, raw FROM record WHERE id = ?"
_NAMED: Final = 3
"""Most titles with the same call number that are named."""
_LOOKED_AT: Final = 12
"""Most records that are examined for them: more editions of the item's own title are not expected."""


def _fits(barcode: str, row: tuple[Any, ...]) -> bool:
    """Return True if a row of `_FIND` and its record are as imported."""
    _source, key, part, whole, raw, digest, position, count = row
    return bool(digest == row_digest(barcode, position, count, whole)) and Kept(key, part, whole, raw).sound


_PIECE: Final = 1 << 20
"""Bytes."""
_DESCRIBED: Final = 100
"""Items that are kept as described: one is looked up several times while it is in hand."""


class SourceFile(msgspec.Struct, frozen=True, kw_only=True):
    """One source file of an index."""

    token: str
    """Identifies the import, not the file: a file imported twice has two tokens."""
    name: str
    path: str
    size: int
    sha256: str
    records: int
    items: int


class CatalogIndex:
    """Implements `ports.Catalog` over the index file. Any thread may call it. `path` need not exist yet."""

    def __init__(
        self,
        path: Path,
        profile: str | Profile,
        settings: CatalogSettings,
        template: Template | None = None,
        fields: Sequence[str] = (),
        clock: Clock | None = None,
    ) -> None:
        """`fields`: record fields that the site's rules check by name. `clock`: tells which years are in the future;
        None = no year is."""
        self._clock = clock
        self._fields = tuple(fields)
        self.path = path
        self._template = template
        self._profile = profiles.load(profile)
        self._settings = settings
        self._lock = threading.Lock()
        self._connection: sqlite3.Connection | None = None
        self._close: weakref.finalize[[], CatalogIndex] | None = None
        """Close the file. Python calls it for an index that is deleted without being closed."""
        self._file: tuple[int, int, int] | None = None
        self._priced_alike: frozenset[int] = frozenset()
        """Numbers of the files in which something is true of the price of all items."""
        self._described: dict[tuple[bytes, Barcode, int, bool], ItemRecord] = {}
        """The last items, by what they depend on besides the settings of this object: the digest of the record, barcode,
        year, and a price that is that of the file."""
        self._rules_of_file: dict[int, tuple[str, ...]] = {}
        """Rules that many records of a file break, by the file's number."""

    def find(self, barcode: Barcode) -> ItemRecord:
        """Return the item's record. Raises `BarcodeUnknown`, `RecordUnreadable` (the record was rejected at the import),
        `BarcodeAmbiguous`, `CatalogError` (record), `IndexUnusable`."""
        with self._lock:
            try:
                with index_errors(self.path):
                    connection = self._open()
                    rows = connection.execute(_FIND, {"barcode": barcode}).fetchall()
                    unread = None if rows or not has_unread(connection) else connection.execute(_UNREAD, (barcode,))
                    why = unread.fetchone() if unread is not None else None
            except StoreError:
                self._drop()
                raise
        if why is not None:
            file, number, reason = why
            raise RecordUnreadable(
                Sentence("store.index.unread", barcode=barcode, file=file, number=number, why=clean(str(reason)))
            )
        if not rows:
            raise BarcodeUnknown(Sentence("store.index.no-item", barcode=barcode, file=self.path.name))
        if not all(_fits(barcode, row) for row in rows):
            raise record_changed(self.path, barcode)
        if len(rows) > 1:
            keys = sorted({shown_key(row[1], row[2]) for row in rows})
            if len(keys) == 1:
                raise BarcodeAmbiguous(Sentence("store.index.twice", barcode=barcode, record=keys[0]))
            named = Sentence("record.what.and", first=", ".join(keys[:-1]), second=keys[-1])
            raise BarcodeAmbiguous(Sentence("store.index.in-records", barcode=barcode, records=named))
        source, _, _, digest, raw, *_ = rows[0]
        year = int(self._clock.day()[:4]) if self._clock is not None else 0
        price_of_file = source in self._priced_alike
        with self._lock:
            described = self._described.get((digest, barcode, year, price_of_file))
        if described is not None:
            return described
        described = describe_with_facts(
            raw,
            barcode,
            self._profile,
            self._settings,
            template=self._template,
            fields=self._fields,
            year=year,
            price_of_file=price_of_file,
        )
        with self._lock:
            if len(self._described) == _DESCRIBED:
                del self._described[next(iter(self._described))]
            self._described[digest, barcode, year, price_of_file] = described
        return described

    def same_number(self, item: ItemRecord) -> Shelved:
        """Implement `domain.ports.ShelfList`. The item's own record is the one with its record number or its barcode. A
        record with the same title is another edition or form of it, not another title."""
        key = shelf_keys.key_of(item.call_number, item.call_number_scheme)
        try:
            with self._lock:
                connection = self._open()
                if not has_shelf(connection) or _meta(connection, "shelf-keys") != shelf_keys.VERSION:
                    return Shelved(unknown=Sentence("finding.shelf-list.old", command="station catalog rebuild"))
                rules = self._rules_of(connection, item)
                standing = connection.execute(_AT_NUMBER, {"key": key, "most": _LOOKED_AT}).fetchall()
                if key and not standing and item.origin == record.ORIGIN:
                    raise record_changed(self.path, item.call_number)  # the item itself should be listed
                if any(digest != row_digest(key, 0, count, row[2]) for *row, digest, count in standing):
                    raise record_changed(self.path, item.call_number)
                rows = [row[:5] for row in standing if key and not self._is_of(connection, row, item)]
                shelved = [(row, title) for row in rows if (title := self._standing(connection, row)) is not None]
        except (StationError, sqlite3.Error, UnicodeDecodeError):
            there = self.path.exists()
            return Shelved(unknown=Sentence("finding.shelf-list.unreadable" if there else "finding.shelf-list.none"))
        others = tuple(
            f"{shown_key(row[0], row[1])}: {title or '(no title)'}"
            for row, title in shelved
            if title != item.title or not title
        )
        return Shelved(others[:_NAMED], rules_of_file=rules)

    def _rules_of(self, connection: sqlite3.Connection, item: ItemRecord) -> tuple[str, ...]:
        """Return the rules that many records of the item's file break; () for a record that is not of the index."""
        source = connection.execute(_SOURCE_OF, (item.barcode,)).fetchone() if item.origin == record.ORIGIN else None
        return self._rules_of_file.get(source[0], ()) if source is not None else ()

    @staticmethod
    def _is_of(connection: sqlite3.Connection, row: tuple[Any, ...], item: ItemRecord) -> bool:
        """Return True if the record of this row is the item's own."""
        return row[0] == item.record_id or connection.execute(_STANDS, (item.barcode, row[4])).fetchone() is not None

    def _standing(self, connection: sqlite3.Connection, row: tuple[Any, ...]) -> str | None:
        """Return the title of a record that still has an item; None if a later import gave all its barcodes to other
        records."""
        *kept, number = row
        if not Kept(*kept).sound:
            raise record_changed(self.path, row[0])
        try:
            parsed = marc.parse(row[3])
        except BadRecord:
            return None
        stands = False
        for item in profiles.items(parsed, self._profile):
            barcode = _as_indexed(connection, item.barcode)
            rows = connection.execute(_FIND, {"barcode": barcode}).fetchall()
            if not rows or not all(_fits(barcode, row) for row in rows):
                # The look-up table is damaged. (Or the record that took this barcode was deleted since. Then this call
                # number is reported as unreadable although nothing would have been found.)
                raise record_changed(self.path, barcode)
            stands = stands or connection.execute(_STANDS, (barcode, number)).fetchone() is not None
        return record.title(parsed) if stands else None

    def search(self, wanted: Wanted, most: int = MOST_FOUND) -> Found:
        """Implement `domain.ports.CatalogSearch`. Raises `IndexUnusable` for an index that cannot be searched, and
        `RecordChanged`."""
        with self._lock, index_errors(self.path):
            connection = self._open()
            if not (has_shelf(connection) and search.can_search(connection)):
                raise IndexUnusable(Sentence("store.index.no-search"))
            ids, keys = search.record_ids(connection, wanted, most + 1)
            items: list[FoundItem] = []
            for number in ids:
                items += self._items_of(connection, number, keys)
                if len(items) > most:
                    break
        return Found(tuple(items[:most]), more=len(items) > most)

    def _items_of(self, connection: sqlite3.Connection, number: int, keys: tuple[str, ...]) -> list[FoundItem]:
        """Return the items of a record that no later import gave to another record, and whose call number begins with
        one of `keys`; () = any."""
        row = connection.execute(_RECORD, (number,)).fetchone()
        if row is None or not Kept(*row).sound:
            raise record_changed(self.path, str(row[0]) if row is not None else f"record {number}")
        try:
            parsed = marc.parse(row[3])
        except BadRecord:
            return []
        return [
            msgspec.structs.replace(item, barcode=barcode)
            for item, key in found_items(parsed, self._profile, self._settings)
            if (not keys or key.startswith(keys))
            and (barcode := Barcode(_as_indexed(connection, item.barcode)))
            and connection.execute(_STANDS, (barcode, number)).fetchone() is not None
        ]

    def title_standing(self, item: ItemRecord) -> TitleStanding:
        """Implement `domain.ports.TitleReader` by the records that have the item's barcode, as of the day of the index.
        Raises `BarcodeUnknown`, `RecordChanged`, `IndexUnusable`."""
        with self._lock, index_errors(self.path):
            connection = self._open()
            numbers = [number for (number,) in connection.execute(_RECORDS_OF, (item.barcode,))]
            others = [other for number in numbers for other in self._others_of(connection, number, item.barcode)]
        if not numbers:
            raise BarcodeUnknown(Sentence("store.index.no-item", barcode=item.barcode, file=self.path.name))
        return TitleStanding(source="catalog", libraries=tuple(others), as_of=self.made_at())

    def made_at(self) -> str:
        """Return when the index was made (ISO 8601, UTC); "" = there is none."""
        try:
            seconds = self.path.stat().st_mtime
        except OSError:
            return ""
        return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="microseconds")

    def lacking(self, barcodes: Iterable[str]) -> list[str]:
        """Return the barcodes that neither an item of the index nor a rejected record has, in order. Raises
        `IndexUnusable`, and `BarcodeUnknown` without an index."""
        with self._lock, index_errors(self.path):
            connection = self._open()
            unread = has_unread(connection)
            return [
                barcode
                for barcode in barcodes
                if connection.execute(_HAS, (barcode,)).fetchone() is None
                and not (unread and connection.execute(_UNREAD, (barcode,)).fetchone())
            ]

    def _others_of(self, connection: sqlite3.Connection, number: int, barcode: str) -> list[str]:
        """Return the library codes of the other items of a record that no later import gave to another record."""
        row = connection.execute(_RECORD, (number,)).fetchone()
        if row is None or not Kept(*row).sound:
            raise record_changed(self.path, barcode)
        try:
            parsed = marc.parse(row[3])
        except BadRecord as error:
            raise CatalogError(Sentence.of(clean(str(error)))) from error
        others = ((_as_indexed(connection, other.barcode), other) for other in profiles.items(parsed, self._profile))
        return [
            other.library
            for code, other in others
            if code != barcode
            and other.status not in _NOT_THERE
            and connection.execute(_STANDS, (code, number)).fetchone() is not None
        ]

    def size(self) -> tuple[int, int]:
        """Return (records, items) in the index; (0, 0) if there is no index."""
        if not self.path.exists():
            return 0, 0
        with self._lock, index_errors(self.path):
            connection = self._open()
            records = connection.execute("SELECT count(*) FROM record").fetchone()[0]
            return records, connection.execute("SELECT count(*) FROM barcode").fetchone()[0]

    def unread(self) -> int:
        """Return the number of barcodes in rejected records."""
        if not self.path.exists():
            return 0
        with self._lock, index_errors(self.path):
            connection = self._open()
            if not has_unread(connection):
                return 0
            return int(connection.execute("SELECT count(DISTINCT barcode) FROM unread").fetchone()[0])

    def close(self) -> None:
        """Close the file. A later `find` opens it again."""
        with self._lock:
            self._drop()

    def _open(self) -> sqlite3.Connection:
        try:
            status = self.path.stat()
        except OSError as error:
            self._drop()
            raise BarcodeUnknown(Sentence("store.index.none", path=str(self.path))) from error
        file = (status.st_ino, status.st_mtime_ns, status.st_size)
        if self._connection is not None and file == self._file:
            return self._connection
        self._drop()
        connection = open_index(self.path)
        try:
            made_with = _meta(connection, "profile")
            if made_with != self._profile.name:
                raise IndexUnusable(
                    Sentence(
                        "store.index.other-profile", path=str(self.path), profile=made_with, wanted=self._profile.name
                    )
                )
            self._priced_alike = frozenset(common_prices(connection))
            self._rules_of_file = {
                number: tuple(finding.rule for finding in findings)
                for number, findings in common_findings(connection).items()
            }
        except BaseException:
            connection.close()
            raise
        self._connection, self._file = connection, file
        self._close = weakref.finalize(self, connection.close)
        return connection

    def _drop(self) -> None:
        if self._close is not None:
            self._close()
        self._connection = self._file = self._close = None


def open_index(path: Path, *, oldest: int = SCHEMA_VERSION) -> sqlite3.Connection:
    """Open an index read-only, of version `oldest` or newer. Raises `IndexUnusable` if the file is damaged, not an
    index, or of a version that is too old or unknown to the program; `StoreIo` if it cannot be read."""
    with index_errors(path):
        connection = sqlite3.connect(_address(path), uri=True, isolation_level=None, check_same_thread=False)
    try:
        with index_errors(path):
            connection.execute("PRAGMA query_only=ON")
            connection.execute("PRAGMA trusted_schema=OFF")
            application = connection.execute("PRAGMA application_id").fetchone()[0]
            version = version_of(connection)
        if application != APPLICATION_ID:
            raise IndexUnusable(Sentence("store.index.not-one", path=str(path)))
        if OLDEST <= version < oldest:
            raise IndexUnusable(Sentence("store.index.older", path=str(path)))
        if not OLDEST <= version <= SCHEMA_VERSION:
            raise IndexUnusable(Sentence("store.index.schema", path=str(path), schema=version, known=SCHEMA_VERSION))
    except StoreError:
        connection.close()
        raise
    return connection


@contextmanager
def index_errors(path: Path) -> Iterator[None]:
    """Turn SQLite's errors inside the block into the station's errors: `IndexUnusable`, unless the disk is at fault."""
    try:
        yield
    except UnicodeDecodeError as error:
        raise IndexUnusable(Sentence("store.index.broken", path=str(path), why=clean(str(error)))) from error
    except sqlite3.Error as error:
        problem = store_error(error, path)
        if isinstance(problem, StoreCorrupt) and _whole(path):
            problem = StoreIo(problem.detail)
        if type(problem) in (StoreError, StoreCorrupt):
            problem = IndexUnusable(Sentence("store.index.broken", path=str(path), why=clean(str(error))))
        raise problem from error


def _whole(path: Path) -> bool:
    """Check again whether an index is intact: SQLite reports SQLITE_CORRUPT also for a page that the disk failed to
    read (EIO). Raises `StoreIo` if reading fails again."""
    with disk_errors(path), path.open("rb") as file:
        while file.read(_PIECE):
            pass
    try:
        with closing(sqlite3.connect(_address(path), uri=True)) as connection:
            return bool(connection.execute("PRAGMA quick_check(1)").fetchone()[0] == "ok")
    except (sqlite3.Error, UnicodeDecodeError):
        return False


def _address(path: Path) -> str:
    return f"{path.absolute().as_uri()}?mode=ro&immutable=1"


def _as_indexed(connection: sqlite3.Connection, barcode: str) -> str:
    """Return an item's barcode as the look-up table has it: an import may have removed blanks that the record has."""
    without = barcode.replace(" ", "")
    if without == barcode or connection.execute(_HAS, (barcode,)).fetchone() is not None:
        return barcode
    return without


def record_changed(path: Path, what: str) -> RecordChanged:
    """Return the error for a digest that does not fit the data read for `what`."""
    return RecordChanged(Sentence("store.index.changed", path=str(path), what=what))


def version_of(connection: sqlite3.Connection) -> int:
    """Return the schema version of an index: `SCHEMA_VERSION`, or an older one that can still be read."""
    return int(connection.execute("PRAGMA user_version").fetchone()[0])


def shown_key(key: str, part: int) -> str:
    """Return the name of a record: "a", or "a#2" for a second one with the same 001."""
    return key if part == 1 else f"{key}#{part}"


def sources_path(path: Path) -> Path:
    """Return the path of the text list of source files, beside the index."""
    return path.with_name(path.name + ".sources.json")


def copy_index(path: Path, target: Path) -> None:
    """Copy an index to the new file `target`, also while it is read. Raises `IndexUnusable` and `StoreIo`."""
    with (
        closing(open_index(path, oldest=OLDEST)) as connection,
        index_errors(path),
        closing(sqlite3.connect(target)) as copy,
    ):
        connection.backup(copy)
    with index_errors(path):
        target.chmod(0o600)


def sources_of(path: Path) -> tuple[SourceFile, ...]:
    """Return the source files of an index, in order; () if there is no index. Raises `IndexUnusable`."""
    if not os.path.lexists(path):
        return ()
    with closing(open_index(path, oldest=OLDEST)) as connection, index_errors(path):
        rows = connection.execute(_SOURCES).fetchall()
        if version_of(connection) == SCHEMA_VERSION and not sealed(connection):
            raise IndexUnusable(Sentence("store.index.changed", path=str(path), what="source"))
    return tuple(msgspec.convert(dict(zip(SourceFile.__struct_fields__, row, strict=True)), SourceFile) for row in rows)


def common_prices(connection: sqlite3.Connection) -> dict[int, tuple[str, CommonPrice]]:
    """Return (file, what is true of the price of all its items), by the file's number. Files of which the same is true
    prove it together: a few new items follow the rest of their library."""
    if not has_file_price(connection):
        return {}
    rows = connection.execute(_COMMON, (ENOUGH,)).fetchall()
    return {
        number: (clean(name), CommonPrice(kind, price)) for number, name, kind, price in rows if kind in PRICE_KINDS
    }


def common_prices_at(path: Path) -> dict[int, tuple[str, CommonPrice]]:
    """Return the same for the index at `path`; {} if there is no index. Raises `IndexUnusable`."""
    if not os.path.lexists(path):
        return {}
    with closing(open_index(path)) as connection, index_errors(path):
        return common_prices(connection)


def common_findings(connection: sqlite3.Connection) -> dict[int, tuple[CommonFinding, ...]]:
    """Return the rules that many records of a file break, by the file's number. A file of few records follows all files
    together."""
    if not has_file_rule(connection):
        return {}
    samples: dict[int, Sample] = {}
    of_all = Sample()
    for source, rule, records in connection.execute("SELECT source, rule, records FROM file_rule"):
        for sample in (samples.setdefault(source, Sample()), of_all):
            sample.count(rule, records)
    return {source: findings for source, sample in samples.items() if (findings := common(sample, of_all))}


def common_findings_at(path: Path) -> dict[int, tuple[CommonFinding, ...]]:
    """Return the same for the index at `path`; {} if there is no index. Raises `IndexUnusable`."""
    if not os.path.lexists(path):
        return {}
    with closing(open_index(path)) as connection, index_errors(path):
        return common_findings(connection)


def _meta(connection: sqlite3.Connection, key: str) -> str:
    row = connection.execute("SELECT value FROM meta WHERE key = ?", (key,)).fetchone()
    return str(row[0]) if row else ""


def profile_of(path: Path, *, to_join: bool = False) -> str:
    """Return the profile with which an index was imported; "" if there is no index. Raises `IndexUnusable`; with
    `to_join` also for an index without a shelf list, which can be used but not extended."""
    if not os.path.lexists(path):
        return ""
    with closing(open_index(path)) as connection, index_errors(path):
        if to_join and not has_shelf(connection):
            raise IndexUnusable(Sentence("store.index.no-shelf", path=str(path)))
        return _meta(connection, "profile")
