"""Open a database of the station, check it before it is trusted, and translate its errors.

Rules (SQLite manual "wal", "howtocorrupt", "pragma"; measured in the design notes): WAL with synchronous=FULL, exactly
one writing and checkpointing connection in one thread, query-only readers on their own connections, no mmap. A database
is built beside its place and moved there, so it appears complete or not at all, and an empty file is damage.

Code that only runs statements takes an `Sql`, so that the crash tests can run the same code over another engine.
"""

from __future__ import annotations

import logging
import os
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, Final, Protocol

from station.base.errors import (
    JournalMissing,
    StoreCorrupt,
    StoreError,
    StoreFull,
    StoreIo,
    StoreLocked,
    StoreReadOnly,
    StoreTooNew,
)
from station.base.sentence import Sentence
from station.store.database.disk import disk_errors, no_space, put_new
from station.store.database.migrations import APPLICATION_ID, SCHEMA_VERSION, migrate

SqlValue = str | bytes | int | float | None

LAST: Final = 2**63 - 1
"""No row has a higher number."""

BUSY_MS: Final = 5000
"""Milliseconds that a statement waits for a lock of another process."""

FIXED_ENGINE: Final = (3, 51, 3)
"""First SQLite without the WAL-reset bug (the bug needs two checkpointing connections, which the station never has)."""

_WAL_MODE: Final = b"\x02\x02"
_LOG_HEAD: Final = 32
_FRAME_HEAD: Final = 24
_SMALLEST_PAGE: Final = 512
"""Bytes (sqlite.org/fileformat2.html, 4.1: header of a write-ahead log, and of each page in it)."""

WRITER_PRAGMAS: Final = (
    # (statement that sets it, statement that reads it, expected value)
    ("PRAGMA journal_mode=WAL", "PRAGMA journal_mode", "wal"),
    ("PRAGMA synchronous=FULL", "PRAGMA synchronous", 2),
    ("PRAGMA foreign_keys=ON", "PRAGMA foreign_keys", 1),
    ("PRAGMA busy_timeout=5000", "PRAGMA busy_timeout", BUSY_MS),
    ("PRAGMA wal_autocheckpoint=1000", "PRAGMA wal_autocheckpoint", 1000),
    ("PRAGMA trusted_schema=OFF", "PRAGMA trusted_schema", 0),
    ("PRAGMA cell_size_check=ON", "PRAGMA cell_size_check", 1),
    ("PRAGMA recursive_triggers=ON", "PRAGMA recursive_triggers", 1),
    ("PRAGMA mmap_size=0", "PRAGMA mmap_size", 0),
    ("PRAGMA query_only=OFF", "PRAGMA query_only", 0),
)
READER_PRAGMAS: Final = (
    ("PRAGMA query_only=ON", "PRAGMA query_only", 1),
    ("PRAGMA busy_timeout=5000", "PRAGMA busy_timeout", BUSY_MS),
    ("PRAGMA trusted_schema=OFF", "PRAGMA trusted_schema", 0),
    ("PRAGMA cell_size_check=ON", "PRAGMA cell_size_check", 1),
    ("PRAGMA mmap_size=0", "PRAGMA mmap_size", 0),
)


_log = logging.getLogger("station.store")


class Rows(Protocol):
    """Result rows of a statement."""

    def __iter__(self) -> Iterator[Any]: ...

    def fetchone(self) -> Any: ...

    def fetchmany(self, size: int, /) -> list[Any]: ...

    def fetchall(self) -> list[Any]: ...


class Sql(Protocol):
    """A connection in autocommit mode, as far as the store's statements need one."""

    @property
    def in_transaction(self) -> bool: ...

    def execute(self, sql: str, parameters: Sequence[SqlValue] | Mapping[str, SqlValue] = (), /) -> Rows: ...


def store_error(error: sqlite3.Error, path: Path | None = None) -> StoreError:
    """Return the station's error for an SQLite error (result codes: sqlite.org/rescode.html)."""
    detail = f"{path}: {error}" if path is not None else str(error)
    code = getattr(error, "sqlite_errorcode", None)
    if not isinstance(code, int):
        return StoreError(detail)
    detail += f" [{getattr(error, 'sqlite_errorname', code)}]"
    primary = code & 0xFF
    if primary == sqlite3.SQLITE_FULL:
        return StoreFull(detail)
    if primary in (sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN) and path is not None and no_space(path):
        # The file cannot grow or be created. SQLite gives the cause only for a plain write.
        return StoreFull(detail)
    if primary == sqlite3.SQLITE_IOERR:
        return StoreIo(detail)
    if primary in (sqlite3.SQLITE_READONLY, sqlite3.SQLITE_PERM, sqlite3.SQLITE_AUTH):
        return StoreReadOnly(detail)
    if primary == sqlite3.SQLITE_CANTOPEN and path is not None and path.exists():
        return StoreIo(detail) if _may_write(path) else StoreReadOnly(detail)
    if primary in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_PROTOCOL):
        return StoreLocked(detail)
    if primary in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_FORMAT):
        return StoreCorrupt(detail)
    return StoreError(detail)


def _may_write(path: Path) -> bool:
    return os.access(path, os.W_OK) and os.access(path.parent, os.W_OK)


@contextmanager
def translated(path: Path | None = None) -> Iterator[None]:
    """Turn SQLite's errors inside the block into the station's errors."""
    try:
        yield
    except sqlite3.Error as error:
        raise store_error(error, path) from error
    except UnicodeDecodeError as error:  # the message quotes names from a damaged file
        raise StoreCorrupt(f"{path}: {error}") from error


@contextmanager
def damage_confirmed(connection: sqlite3.Connection, path: Path) -> Iterator[None]:
    """Act like `translated`, but confirm damage first: SQLite reports SQLITE_CORRUPT also for a page that the disk
    failed to read (EIO). Raises `StoreCorrupt` only if all pages can be read and are damaged; else `StoreIo`."""
    try:
        with translated(path):
            yield
    except StoreCorrupt as error:
        if not isinstance(error.__cause__, sqlite3.Error):
            raise  # raised by the station itself
        with translated(path):
            quick_check(connection, path)
        raise StoreIo(error.detail) from error


@contextmanager
def transaction(sql: Sql) -> Iterator[None]:
    """Run all statements of the block or none, durable when the block ends (BEGIN IMMEDIATE, COMMIT, ROLLBACK)."""
    with translated():
        try:
            sql.execute("BEGIN IMMEDIATE")
            yield
            sql.execute("COMMIT")
        except BaseException:
            if sql.in_transaction:  # SQLite itself rolls back after some errors
                sql.execute("ROLLBACK")
            raise


def open_writer(path: Path) -> sqlite3.Connection:
    """Open (or create) the journal for writing. Call this once, in the thread that will own the connection.

    Raises `StoreTooNew`, `StoreCorrupt`, `StoreReadOnly`, `StoreLocked`, `StoreFull`. Then nothing has changed.
    """
    if _never_finished(path):
        _log.warning("%s was never finished and holds no event; it is created again", path)
        with disk_errors(path):
            path.unlink()
    if not path.exists():
        _create(path)
    elif not _may_write(path):
        raise StoreReadOnly(Sentence("store.no-permission", path=str(path)))
    connection = _connect(path, "mode=rw")
    try:
        with damage_confirmed(connection, path):
            check_identity(connection, path)
            set_pragmas(connection, WRITER_PRAGMAS)
            quick_check(connection, path)
            migrate(connection)
            # Fail now, not at the first item, if another program holds the lock or the medium is read-only.
            connection.execute("BEGIN IMMEDIATE")
            connection.execute("ROLLBACK")
    except BaseException:
        connection.close()
        raise
    return connection


def open_reader(path: Path, *, any_schema: bool = False) -> sqlite3.Connection:
    """Open the journal read-only, whether a station runs or not. Never changes, creates or checkpoints anything. A
    journal of an older schema is refused, unless `any_schema` is set: only its events may be read then.

    On a medium that cannot be written, SQLite opens a journal only as immutable, without its log. A log that holds
    events is then refused with `StoreReadOnly`: a copy elsewhere has them."""
    with disk_errors(path):
        there = path.exists()
    if not there or _never_finished(path):
        raise JournalMissing(Sentence("store.journal.none", path=str(path)))
    try:
        return _open_reader(path, "mode=ro", any_schema)
    except (StoreReadOnly, StoreIo) as error:
        if os.access(path.parent, os.W_OK, effective_ids=True):
            raise
        log = path.with_name(path.name + "-wal")
        if log.exists() and log.stat().st_size:
            raise StoreReadOnly(Sentence("store.copy-first", path=str(path), log=log.name)) from error
        return _open_reader(path, "mode=ro&immutable=1", any_schema)


def _open_reader(path: Path, how: str, any_schema: bool) -> sqlite3.Connection:
    connection = _connect(path, how)
    try:
        with damage_confirmed(connection, path):
            set_pragmas(connection, READER_PRAGMAS)
            check_identity(connection, path)
            version = connection.execute("PRAGMA user_version").fetchone()[0]
            if version < SCHEMA_VERSION and not any_schema:
                raise StoreError(Sentence("store.schema.older", path=str(path), schema=version, known=SCHEMA_VERSION))
    except BaseException:
        connection.close()
        raise
    return connection


def schema_of(path: Path) -> int:
    """Return the schema of the journal; 0 = there is none. Raises the errors of `open_reader`."""
    try:
        with closing(open_reader(path, any_schema=True)) as sql:
            return int(sql.execute("PRAGMA user_version").fetchone()[0])
    except JournalMissing:
        return 0


def check_identity(connection: sqlite3.Connection, path: Path) -> None:
    """Refuse a file that is empty, not a journal of the station, or written by a newer program."""
    application = connection.execute("PRAGMA application_id").fetchone()[0]
    version = connection.execute("PRAGMA user_version").fetchone()[0]
    if application != APPLICATION_ID:
        empty = path.stat().st_size == 0
        raise StoreCorrupt(Sentence("store.journal.empty" if empty else "store.journal.not-one", path=str(path)))
    if version > SCHEMA_VERSION:
        raise StoreTooNew(Sentence("store.schema.newer", path=str(path), schema=version, known=SCHEMA_VERSION))


def set_pragmas(connection: sqlite3.Connection, pragmas: Sequence[tuple[str, str, str | int]]) -> None:
    """Set each pragma and read it back. Raises `StoreError` if SQLite did not apply it."""
    for setting, reading, wanted in pragmas:
        connection.execute(setting).fetchall()
        row = connection.execute(reading).fetchone()
        if row is None and reading == "PRAGMA mmap_size":
            continue  # an engine built without memory mapping
        if row is None or row[0] != wanted:
            raise StoreError(Sentence("store.pragma", setting=reading, found=str(row and row[0]), wanted=wanted))


def quick_check(connection: sqlite3.Connection, path: Path) -> None:
    """Run SQLite's own check of structure. Raises `StoreCorrupt` with its first finding, or SQLite's error for an
    unreadable page, which the check itself reports as damaged."""
    statement = "PRAGMA quick_check(1)"
    try:
        finding = connection.execute(statement).fetchone()[0]
    except (sqlite3.DatabaseError, UnicodeDecodeError) as error:
        finding = str(error)
    if finding != "ok":
        read_every_page(connection)
        try:
            finding = connection.execute(statement).fetchone()[0]
        except UnicodeDecodeError as error:  # the message quotes names from the file
            finding = str(error)
    if finding != "ok":
        raise StoreCorrupt(f"{path}: {finding}")


def read_every_page(connection: sqlite3.Connection) -> None:
    """Raise SQLite's error for the first page that cannot be read."""
    with closing(sqlite3.connect(":memory:")) as copy:
        connection.backup(copy)


def integrity_check(connection: Sql) -> tuple[str, ...]:
    """Run SQLite's thorough check (indexes too). Return its findings; () = none."""
    try:
        findings = tuple(str(row[0]) for row in connection.execute("PRAGMA integrity_check(20)"))
    except UnicodeDecodeError as error:  # the message quotes names from the file
        return (str(error),)
    return () if findings == ("ok",) else findings


def _connect(path: Path, how: str) -> sqlite3.Connection:
    # psow=0: a torn sector may also damage its old bytes, so commits are padded to whole sectors (cheap media).
    address = f"{path.absolute().as_uri()}?{how}&psow=0"
    with translated(path):
        return sqlite3.connect(address, uri=True, isolation_level=None, timeout=BUSY_MS / 1000, cached_statements=64)


def _create(path: Path) -> None:
    """Create an empty journal in memory and put it complete into its place. No SQLite log is left behind or needed."""
    beside = path.with_name(path.name + ".new")
    with disk_errors(path):
        for name in (path, beside):
            for suffix in ("-wal", "-shm", "-journal"):
                left = name.with_name(name.name + suffix)
                if not left.exists():
                    continue
                if name == path and suffix != "-shm":
                    raise StoreCorrupt(Sentence("store.journal.left", path=str(path), left=left.name))
                left.unlink()
    with translated(path), closing(sqlite3.connect(":memory:", isolation_level=None)) as made:
        migrate(made)
        content = made.serialize()
    # The next connection finds the mode already set (sqlite.org/fileformat2.html, 1.3.3), so no further step remains
    # that could be interrupted.
    put_new(path, content[:18] + _WAL_MODE + content[20:])


def _never_finished(path: Path) -> bool:
    """Return True for a journal that an earlier version of the program left half-made on a full or failing disk.

    Its content is still in the log of the file as which it was built. Such a file holds no event: each of its pages is
    empty or a page of that log.
    """
    log, used = path.with_name(path.name + ".new-wal"), path.with_name(path.name + "-wal")
    with disk_errors(path):
        if not log.exists() or not path.exists() or (used.exists() and used.stat().st_size):
            return False
        frames, content = log.read_bytes(), path.read_bytes()
    size = int.from_bytes(frames[8:12], "big")
    if size < _SMALLEST_PAGE:
        return False
    built = {frames[at : at + size] for at in range(_LOG_HEAD + _FRAME_HEAD, len(frames), _FRAME_HEAD + size)}
    pages = [content[at : at + size] for at in range(0, len(content), size)]
    return all(page in built or not any(page) or (at == 0 and _bare(page)) for at, page in enumerate(pages))


def _bare(page: bytes) -> bool:
    """Return True for the first page of a database without any table (sqlite.org/fileformat2.html, 1.6: no cell)."""
    return page[100:105] == b"\x0d\0\0\0\0"
