"""Digests of the catalog index: what was changed on the medium since the import is noticed when it is read.

SHA-256 (FIPS 180-4), cut short: a record has 16 bytes over its key, its part and its content; a row of a look-up table has 8
over what is looked up, its position, how many rows there are for it, and the digest of its record. So a row that has come to
name another record, or that has lost a row beside it (a barcode that two items have), does not fit either.
They find accidents of the medium. They are no signature: they can be made anew by anybody who can write the file.
"""

from __future__ import annotations

import hashlib
import sqlite3
from typing import Final, NamedTuple

RECORD_BYTES: Final = 16
ROW_BYTES: Final = 8

_WHOLE: Final = (
    "SELECT (SELECT value FROM meta WHERE key = 'profile'), (SELECT count(*) FROM record), (SELECT count(*) FROM barcode)",
    "SELECT number, token, name, path, size, sha256, records, items FROM source ORDER BY number",
)
_SHELF: Final = "SELECT count(*) FROM shelf"
_SEAL: Final = "INSERT OR REPLACE INTO meta VALUES ('digest', ?)"


class Kept(NamedTuple):
    """A record as the index has it."""

    key: str
    part: int
    digest: bytes
    raw: bytes

    @property
    def sound(self) -> bool:
        """False for a record that is not what was imported."""
        whole = record_digest(self.key, self.part, self.raw)
        return whole is not None and self.digest == whole


def record_digest(key: object, part: object, raw: object) -> bytes | None:
    """None for values that no record has: damage can make anything of a row."""
    if not (isinstance(key, str) and isinstance(part, int) and isinstance(raw, bytes)):
        return None
    return hashlib.sha256(_joined(key, part) + raw).digest()[:RECORD_BYTES]


def row_digest(looked_up: object, position: object, rows: object, record: object) -> bytes | None:
    """Of one of `rows` rows for a barcode or a call number; `record`: its record's digest. None as for `record_digest`."""
    if not (isinstance(looked_up, str) and isinstance(position, int) and isinstance(record, bytes)):
        return None
    return hashlib.sha256(_joined(looked_up, position, rows) + record).digest()[:ROW_BYTES]


def _joined(*values: object) -> bytes:
    return "\n".join([*map(str, values), ""]).encode()


def teach(connection: sqlite3.Connection) -> None:
    """Let statements of this connection use `record_digest` and `row_digest`."""
    connection.create_function("record_digest", 3, record_digest, deterministic=True)
    connection.create_function("row_digest", 4, row_digest, deterministic=True)


def seal(connection: sqlite3.Connection) -> None:
    """Note how many rows the main database has, its profile and its source files: all that no row's digest covers."""
    connection.execute(_SEAL, (_whole(connection),))


def sealed(connection: sqlite3.Connection) -> bool:
    """True when that is as it was noted."""
    row = connection.execute("SELECT value FROM meta WHERE key = 'digest'").fetchone()
    return row is not None and row[0] == _whole(connection)


def has_shelf(connection: sqlite3.Connection) -> bool:
    """False for an index whose records were imported by a version of the program without the shelf list."""
    return connection.execute("SELECT 1 FROM sqlite_schema WHERE name = 'shelf'").fetchone() is not None


def _whole(connection: sqlite3.Connection) -> str:
    values = [value for statement in _WHOLE for row in connection.execute(statement) for value in row]
    if has_shelf(connection):
        values += connection.execute(_SHELF).fetchone()
    return hashlib.sha256(_joined(*values)).hexdigest()
