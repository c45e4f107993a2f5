"""Digests of the catalog index, which reveal at reading whether the medium has changed data since the import.

SHA-256 (FIPS 180-4), truncated. A record has 16 bytes over its key, part and content. A row of a look-up table has 8
bytes over its look-up value, its position, the number of rows with that value, and the digest of its record. So the
digest of a row also fails if the row now names another record, or if a row beside it is missing (a barcode that two
items have).

The digests detect accidental damage of the medium. They are not signatures: anyone who can write the file can recompute
them.
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
_SHELF_KEYS: Final = "SELECT (SELECT value FROM meta WHERE key = 'shelf-keys')"
_UNREAD: Final = "SELECT count(*) FROM unread"
_FILE_PRICE: Final = "SELECT source, kind, price FROM file_price ORDER BY source"
_FILE_RULE: Final = "SELECT source, rule, records FROM file_rule ORDER BY source, rule"
_SEAL: Final = "INSERT OR REPLACE INTO meta VALUES ('digest', ?)"


class Kept(NamedTuple):
    """A record as stored in the index."""

    key: str
    part: int
    digest: bytes
    raw: bytes

    @property
    def sound(self) -> bool:
        """False if the record differs from the imported one."""
        whole = record_digest(self.key, self.part, self.raw)
        return whole is not None and self.digest == whole


def record_digest(key: object, part: object, raw: object) -> bytes | None:
    """Return the digest of a record; None for values that no record has, since damage can turn a row into anything."""
    if not (isinstance(key, str) and isinstance(part, int) and isinstance(raw, bytes)):
        return None
    return digest_of_record(key, part, raw)


def row_digest(looked_up: object, position: object, rows: object, record: object) -> bytes | None:
    """Return the digest of one of `rows` rows for a barcode or call number. `record`: its record's digest. None as in
    `record_digest`."""
    if not (isinstance(looked_up, str) and isinstance(position, int) and isinstance(record, bytes)):
        return None
    return digest_of_row(looked_up, position, rows, record)


def digest_of_record(key: str, part: int, raw: bytes) -> bytes:
    """Return the digest of a record."""
    return hashlib.sha256(f"{key}\n{part}\n".encode() + raw).digest()[:RECORD_BYTES]


def digest_of_row(looked_up: str, position: int, rows: object, record: bytes) -> bytes:
    """Return the digest of one of `rows` rows for a barcode or call number. `record`: its record's digest."""
    return hashlib.sha256(f"{looked_up}\n{position}\n{rows}\n".encode() + record).digest()[:ROW_BYTES]


def teach(connection: sqlite3.Connection) -> None:
    """Register `record_digest` and `row_digest` as SQL functions of this connection."""
    connection.create_function("record_digest", 3, record_digest, deterministic=True)
    connection.create_function("row_digest", 4, row_digest, deterministic=True)


def seal(connection: sqlite3.Connection) -> None:
    """Store a digest of the data that no row's digest covers: row counts, profile, version of the shelf keys and source
    files of the main database."""
    connection.execute(_SEAL, (_whole(connection),))


def sealed(connection: sqlite3.Connection) -> bool:
    """Return True if that digest still fits. An earlier version of the program left out the version of the shelf keys."""
    row = connection.execute("SELECT value FROM meta WHERE key = 'digest'").fetchone()
    return row is not None and row[0] in (_whole(connection), _whole(connection, shelf_keys=False))


def has_shelf(connection: sqlite3.Connection) -> bool:
    """Return False for an index that was imported by a version of the program without the shelf list."""
    return connection.execute("SELECT 1 FROM sqlite_schema WHERE name = 'shelf'").fetchone() is not None


def has_unread(connection: sqlite3.Connection) -> bool:
    """Return False for an index that was imported by a version of the program that did not keep the barcodes of rejected
    records."""
    return connection.execute("SELECT 1 FROM main.sqlite_schema WHERE name = 'unread'").fetchone() is not None


def has_file_price(connection: sqlite3.Connection) -> bool:
    """Return False for an index that was imported by a version of the program that did not look at the prices of a whole
    file."""
    return connection.execute("SELECT 1 FROM main.sqlite_schema WHERE name = 'file_price'").fetchone() is not None


def has_file_rule(connection: sqlite3.Connection) -> bool:
    """Return False for an index that was imported by a version of the program that judged no records of a file."""
    return connection.execute("SELECT 1 FROM main.sqlite_schema WHERE name = 'file_rule'").fetchone() is not None


def _whole(connection: sqlite3.Connection, *, shelf_keys: bool = True) -> str:
    values = [value for statement in _WHOLE for row in connection.execute(statement) for value in row]
    if shelf_keys:
        values += connection.execute(_SHELF_KEYS).fetchone()
    if has_shelf(connection):
        values += connection.execute(_SHELF).fetchone()
    if has_unread(connection):
        values += connection.execute(_UNREAD).fetchone()
    if has_file_price(connection):
        values += [value for row in connection.execute(_FILE_PRICE) for value in row]
    if has_file_rule(connection):
        values += [value for row in connection.execute(_FILE_RULE) for value in row]
    return hashlib.sha256("\n".join([*map(str, values), ""]).encode()).hexdigest()
