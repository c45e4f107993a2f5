"""Earlier answers of the library system about items, for times when it does not answer.

They are in a separate database file that can be deleted. If the file is unusable, it is created again and no work
stops. Only the newest answer for each barcode is kept, and at most `MOST` answers. Every call opens the file itself, so
the command line can read it while the station runs.
"""

from __future__ import annotations

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
SCHEMA_VERSION: Final = 1
MOST: Final = 100_000
"""Answers that are kept; the oldest are deleted first."""
_BUSY_MS: Final = 1000
_SCHEMA: Final = (
    "PRAGMA application_id = 1380995922",
    "CREATE TABLE answer (system TEXT NOT NULL, barcode TEXT NOT NULL, at TEXT NOT NULL, record BLOB NOT NULL, "
    "PRIMARY KEY (system, barcode)) STRICT, WITHOUT ROWID",
    "CREATE INDEX answer_at ON answer (at)",
    "PRAGMA user_version = 1",
)
_PRUNE_EVERY: Final = 500

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
            row = (system, record.barcode, at, msgspec.json.encode(record, enc_hook=encode_sentence))
            sql.execute("INSERT OR REPLACE INTO answer VALUES (?, ?, ?, ?)", row)
            self._kept += 1
            if self._kept % _PRUNE_EVERY == 1:
                self._prune(sql)

    def find(self, system: str, barcode: Barcode) -> tuple[ItemRecord, str] | None:
        """Return the answer and its time; None = there is none."""
        answer: tuple[ItemRecord, str] | None = None
        with self._open() as sql:
            if sql is None:
                return None
            row = sql.execute(
                "SELECT record, at FROM answer WHERE system = ? AND barcode = ?", (system, barcode)
            ).fetchone()
            if row is not None:
                try:
                    answer = msgspec.json.decode(row[0], type=ItemRecord, dec_hook=decode_sentence), str(row[1])
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
        except sqlite3.DatabaseError as error:
            _log.warning("%s is thrown away: %s", self._path.name, error)
            if not isinstance(error, sqlite3.OperationalError):
                with suppress(OSError):
                    self._path.unlink(missing_ok=True)
        finally:
            if connection is not None:
                connection.close()

    def _connected(self) -> sqlite3.Connection:
        try:
            return self._checked()
        except sqlite3.DatabaseError as error:
            if isinstance(error, sqlite3.OperationalError):
                raise
            self._path.unlink(missing_ok=True)
            return self._checked()

    def _checked(self) -> sqlite3.Connection:
        self._path.touch(mode=0o600, exist_ok=True)
        connection = sqlite3.connect(self._path, timeout=_BUSY_MS / 1000)
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
