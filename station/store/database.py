"""How a database of the station is opened, what is read back before it is trusted, and which error means what.

Rules (SQLite manual "wal", "howtocorrupt", "pragma"; measured in the design notes): WAL with synchronous=FULL, exactly
one writing and checkpointing connection in one thread, readers query-only on connections of their own, no mmap.
A database appears whole or not at all: it is built beside its place and moved there, so an empty file is damage.

Code that only runs statements takes an `Sql`, so that the crash tests can run the very same code over another engine.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, Protocol

from station.errors import JournalMissing, StoreCorrupt, StoreError, StoreFull, StoreLocked, StoreReadOnly, StoreTooNew
from station.store.migrations import APPLICATION_ID, SCHEMA_VERSION, migrate
from station.words import tell

SqlValue = str | bytes | int | float | None

BUSY_MS: Final = 5000
"""How long a statement waits for a lock that another process holds."""

FIXED_ENGINE: Final = (3, 51, 3)
"""First SQLite without the WAL-reset bug (needs two checkpointing connections, which we never have)."""

WRITER_PRAGMAS: Final = (
    # (statement that sets it, statement that reads it, what must be read)
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


class Rows(Protocol):
    """What a statement answers."""

    def __iter__(self) -> Iterator[Any]: ...

    def fetchone(self) -> Any: ...


class Sql(Protocol):
    """A connection in autocommit mode, as far as the store's statements need one."""

    @property
    def in_transaction(self) -> bool: ...

    def execute(self, sql: str, parameters: Sequence[SqlValue] = (), /) -> Rows: ...


def store_error(error: sqlite3.Error, path: Path | None = None) -> StoreError:
    """The station's error for one of SQLite's (result codes: sqlite.org/rescode.html)."""
    detail = f"{path}: {error}" if path is not None else str(error)
    code = getattr(error, "sqlite_errorcode", None)
    if not isinstance(code, int):
        return StoreError(detail)
    detail += f" [{getattr(error, 'sqlite_errorname', code)}]"
    primary = code & 0xFF
    if primary == sqlite3.SQLITE_FULL:
        return StoreFull(detail)
    if primary == sqlite3.SQLITE_IOERR and path is not None and _no_space(path):
        # The shared-memory file cannot grow: SQLite calls that an I/O error.
        return StoreFull(detail)
    if primary in (sqlite3.SQLITE_READONLY, sqlite3.SQLITE_PERM, sqlite3.SQLITE_AUTH):
        return StoreReadOnly(detail)
    if primary == sqlite3.SQLITE_CANTOPEN:
        return StoreReadOnly(detail) if path is not None and path.exists() else StoreError(detail)
    if primary in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_PROTOCOL):
        return StoreLocked(detail)
    if primary in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_FORMAT):
        return StoreCorrupt(detail)
    return StoreError(detail)


def _no_space(path: Path) -> bool:
    try:
        return shutil.disk_usage(path.parent).free == 0
    except OSError:
        return False


@contextmanager
def translated(path: Path | None = None) -> Iterator[None]:
    """Turn SQLite's errors inside the block into the station's."""
    try:
        yield
    except sqlite3.Error as error:
        raise store_error(error, path) from error


@contextmanager
def transaction(sql: Sql) -> Iterator[None]:
    """All statements of the block or none, durable when the block ends (BEGIN IMMEDIATE, COMMIT, ROLLBACK)."""
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
    """Open (or create) the journal for writing. Call it once, in the thread that will own the connection.

    Raises `StoreTooNew`, `StoreCorrupt`, `StoreReadOnly`, `StoreLocked`, `StoreFull`; then nothing has changed.
    """
    if not path.exists():
        _create(path)
    elif not os.access(path, os.W_OK) or not os.access(path.parent, os.W_OK):
        raise StoreReadOnly(tell("store.no-permission", path=path))
    connection = _connect(path, "rw")
    try:
        with translated(path):
            check_identity(connection, path)
            set_pragmas(connection, WRITER_PRAGMAS)
            quick_check(connection, path)
            migrate(connection)
            # Fails now, not at the first item, when another program holds the lock or the medium is read-only.
            connection.execute("BEGIN IMMEDIATE")
            connection.execute("ROLLBACK")
    except BaseException:
        connection.close()
        raise
    return connection


def open_reader(path: Path) -> sqlite3.Connection:
    """Open the journal read-only, whether a station runs or not. Never changes, creates or checkpoints anything."""
    if not path.exists():
        raise JournalMissing(tell("store.journal.none", path=path))
    connection = _connect(path, "ro")
    try:
        with translated(path):
            set_pragmas(connection, READER_PRAGMAS)
            check_identity(connection, path)
            version = connection.execute("PRAGMA user_version").fetchone()[0]
            if version < SCHEMA_VERSION:
                raise StoreError(tell("store.schema.older", path=path, schema=version, known=SCHEMA_VERSION))
    except BaseException:
        connection.close()
        raise
    return connection


def check_identity(connection: sqlite3.Connection, path: Path) -> None:
    """Refuse a file that is empty, not ours, or written by a newer program."""
    application = connection.execute("PRAGMA application_id").fetchone()[0]
    version = connection.execute("PRAGMA user_version").fetchone()[0]
    if application != APPLICATION_ID:
        empty = path.stat().st_size == 0
        raise StoreCorrupt(tell("store.journal.empty" if empty else "store.journal.not-one", path=path))
    if version > SCHEMA_VERSION:
        raise StoreTooNew(tell("store.schema.newer", path=path, schema=version, known=SCHEMA_VERSION))


def set_pragmas(connection: sqlite3.Connection, pragmas: Sequence[tuple[str, str, str | int]]) -> None:
    """Set each and read it back; `StoreError` when the engine does not do as told."""
    for setting, reading, wanted in pragmas:
        connection.execute(setting).fetchall()
        row = connection.execute(reading).fetchone()
        if row is None and reading == "PRAGMA mmap_size":
            continue  # an engine built without memory mapping
        if row is None or row[0] != wanted:
            found = None if row is None else row[0]
            raise StoreError(tell("store.pragma", setting=reading, found=found, wanted=wanted))


def quick_check(connection: sqlite3.Connection, path: Path) -> None:
    """SQLite's own check of structure; `StoreCorrupt` with its first finding."""
    found = connection.execute("PRAGMA quick_check(1)").fetchone()[0]
    if found != "ok":
        raise StoreCorrupt(f"{path}: {found}")


def integrity_check(connection: Sql) -> tuple[str, ...]:
    """SQLite's thorough check (indexes too): its findings, none when all is well."""
    found = tuple(str(row[0]) for row in connection.execute("PRAGMA integrity_check(20)"))
    return () if found == ("ok",) else found


def _connect(path: Path, mode: str) -> sqlite3.Connection:
    # psow=0: a torn sector may also damage its old bytes, so commits are padded to whole sectors (cheap media).
    address = f"{path.absolute().as_uri()}?mode={mode}&psow=0"
    with translated(path):
        return sqlite3.connect(address, uri=True, isolation_level=None, timeout=BUSY_MS / 1000, cached_statements=64)


def _create(path: Path) -> None:
    """Build an empty journal beside `path` and move it there, whole."""
    beside = path.with_name(path.name + ".new")
    for name in (path, beside):
        for suffix in ("-wal", "-shm", "-journal"):
            left = name.with_name(name.name + suffix)
            if not left.exists():
                continue
            if name == path and suffix != "-shm":
                raise StoreCorrupt(tell("store.journal.left", path=path, left=left.name))
            left.unlink()
    try:
        beside.unlink(missing_ok=True)
        os.close(os.open(beside, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
    except PermissionError as error:
        raise StoreReadOnly(f"{path}: {error}") from error
    except OSError as error:
        raise StoreError(f"{path}: {error}") from error
    connection = _connect(beside, "rw")
    try:
        with translated(beside):
            set_pragmas(connection, WRITER_PRAGMAS)
            migrate(connection)
    finally:
        connection.close()
    sync_file(beside)
    beside.replace(path)
    sync_file(path.parent)


def sync_file(path: Path) -> None:
    """Have the operating system put a file (or a directory's entries) on the medium."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
