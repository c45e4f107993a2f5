"""Earlier answers of the library system about items, for times when it does not answer.

They are in a separate database file that can be deleted. If the file is unusable, it is created again and no work
stops. Only the newest answer for each barcode is kept, and at most `MOST` answers. Every call opens the file itself, so
the command line can read it while the station runs.

Each answer has a digest. An answer that the medium has changed is forgotten, never shown.
"""

from __future__ import annotations

import hashlib
import logging
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

import msgspec

from station.base.sentence_json import decode_sentence, encode_sentence
from station.domain.item import Barcode, ItemRecord

APPLICATION_ID: Final = 0x52_50_53_52
"""Bytes 68 to 71 of the file: "RPSR"."""
SCHEMA_VERSION: Final = 2
MOST: Final = 100_000
"""Answers that are kept; the oldest are deleted first."""
_BUSY_MS: Final = 1000
_SCHEMA: Final = (
    "PRAGMA application_id = 1380995922",
    "CREATE TABLE answer (system TEXT NOT NULL, barcode TEXT NOT NULL, at TEXT NOT NULL, record BLOB NOT NULL, "
    "digest BLOB NOT NULL, PRIMARY KEY (system, barcode)) STRICT, WITHOUT ROWID",
    "CREATE INDEX answer_at ON answer (at)",
    "PRAGMA user_version = 2",
)
_PRUNE_EVERY: Final = 500
_UNUSABLE: Final = (sqlite3.DatabaseError, UnicodeDecodeError)
"""Raised for a file. The second: SQLite's message quotes a damaged name."""

_log = logging.getLogger("station.store.catalog_index.last_answers")


class LastAnswers:
    """The file at `path`. Never raises: an answer that cannot be stored is dropped, and one that cannot be read is
    missing."""

    def __init__(self, path: Path, most: int = MOST) -> None:
        self._path = path
        self._most = most
        self._kept = 0

    def keep(self, system: str, record: ItemRecord, at: str) -> None:
        """Store the answer of `system` about the record's barcode at that time (ISO 8601, UTC)."""
        with self._open() as sql:
            if sql is None:
                return
            content = msgspec.json.encode(record, enc_hook=encode_sentence)
            digest = _digest(system, record.barcode, at.encode(), content)
            row = (system, record.barcode, at, content, digest)
            sql.execute(
                "INSERT OR REPLACE INTO answer (system, barcode, at, record, digest) VALUES (?, ?, ?, ?, ?)", row
            )
            self._kept += 1
            if self._kept % _PRUNE_EVERY == 1:
                self._prune(sql)

    def find(self, system: str, barcode: Barcode) -> tuple[ItemRecord, str] | None:
        """Return the answer and its time; None = there is none. An answer that was changed on the medium is deleted."""
        answer: tuple[ItemRecord, str] | None = None
        with self._open() as sql:
            if sql is None:
                return None
            row = sql.execute(
                "SELECT at, record, digest FROM answer WHERE system = ? AND barcode = ?", (system, barcode)
            ).fetchone()
            if row is not None:
                at, content, digest = row
                if digest != _digest(system, barcode, at, content):
                    _log.warning(
                        "%s: the answer about %s was changed on the disk; it is deleted", self._path.name, barcode
                    )
                    sql.execute("DELETE FROM answer WHERE system = ? AND barcode = ?", (system, barcode))
                    return None
                try:
                    answer = msgspec.json.decode(content, type=ItemRecord, dec_hook=decode_sentence), at.decode()
                except (msgspec.DecodeError, UnicodeDecodeError):
                    answer = None  # stored by another version of the station
        return answer

    def forget(self, system: str, barcode: Barcode) -> None:
        """Delete the answer, since the library system reports that there is no such item."""
        with self._open() as sql:
            if sql is not None:
                sql.execute("DELETE FROM answer WHERE system = ? AND barcode = ?", (system, barcode))

    def count(self) -> int:
        """Return the number of answers kept."""
        with self._open() as sql:
            return int(sql.execute("SELECT count(*) FROM answer").fetchone()[0]) if sql is not None else 0

    def _prune(self, sql: sqlite3.Connection) -> None:
        surplus = sql.execute("SELECT count(*) FROM answer").fetchone()[0] - self._most
        if surplus > 0:
            sql.execute(
                "DELETE FROM answer WHERE (system, barcode) IN "
                "(SELECT system, barcode FROM answer ORDER BY at LIMIT ?)",
                (surplus,),
            )

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection | None]:
        """Open the file. Create it if it is missing or unusable. Yield None if that fails."""
        connection = None
        try:
            connection = self._connected()
        except (sqlite3.Error, OSError) as error:
            _log.warning("%s cannot be used: %s", self._path.name, error)
        try:
            yield connection
            if connection is not None:
                connection.commit()
        except _UNUSABLE as error:
            if _passes(error):
                _log.warning("%s cannot be used: %s", self._path.name, error)
                return
            _log.warning("%s is thrown away: %s", self._path.name, error)
            with suppress(OSError):
                self._path.unlink(missing_ok=True)
        finally:
            if connection is not None:
                connection.close()

    def _connected(self) -> sqlite3.Connection:
        try:
            return self._checked()
        except _UNUSABLE as error:
            if _passes(error):
                raise
            self._path.unlink(missing_ok=True)
            return self._checked()

    def _checked(self) -> sqlite3.Connection:
        self._path.touch(mode=0o600, exist_ok=True)
        connection = sqlite3.connect(self._path, timeout=_BUSY_MS / 1000)
        connection.text_factory = bytes  # damage makes texts that are not UTF-8
        try:
            connection.execute("PRAGMA trusted_schema=OFF")
            connection.execute("PRAGMA synchronous=NORMAL")
            application = connection.execute("PRAGMA application_id").fetchone()[0]
            version = connection.execute("PRAGMA user_version").fetchone()[0]
            if (application, version) == (0, 0) and not self._path.stat().st_size:
                for statement in _SCHEMA:
                    connection.execute(statement)
                connection.commit()
            elif (application, version) != (APPLICATION_ID, SCHEMA_VERSION):
                raise sqlite3.DatabaseError("it is another file")
        except BaseException:
            connection.close()
            raise
        return connection


def _digest(system: str, barcode: str, at: object, content: object) -> bytes:
    """Return 16 bytes of SHA-256 (FIPS 180-4). `at` and `content`: bytes, except in a damaged row. This detects accidental
    damage; it is no signature."""
    return hashlib.sha256(msgspec.msgpack.encode((system, barcode, at, content))).digest()[:16]


def _passes(error: Exception) -> bool:
    """Return True if the file itself may be good: it is locked, or the disk refuses. SQLITE_ERROR means that damage has
    renamed a table or column."""
    code = getattr(error, "sqlite_errorcode", None)
    return isinstance(error, sqlite3.OperationalError) and code != sqlite3.SQLITE_ERROR
