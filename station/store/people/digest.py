"""Digest of the file of names, which reveals that a row was changed on the medium or outside the station.

SHA-256 (FIPS 180-4) over schema and rows. The index of logins counts too: a login is looked up there. The digest is no
signature: anyone who can write the file can recompute it.
"""

from __future__ import annotations

import hashlib
import sqlite3
from typing import Final

import msgspec

from station.store.database.database import Sql

TABLE: Final = "CREATE TABLE digest (content BLOB NOT NULL) STRICT"
_CONTENT: Final = (
    "SELECT type, name, tbl_name, sql FROM sqlite_schema ORDER BY name",
    "SELECT * FROM people ORDER BY worker",
    "SELECT login, worker FROM people INDEXED BY sqlite_autoindex_people_2 ORDER BY login",
    "SELECT * FROM pins ORDER BY worker, mark",
    "SELECT * FROM cards ORDER BY kind, card",
)


def begin_digest(sql: Sql) -> None:
    """Store the first digest in the new table."""
    sql.execute("INSERT INTO digest (content) VALUES (?)", (_digest(sql),))


def renew_digest(sql: Sql) -> None:
    """Store the digest of the present content. Call this in the transaction that changed the content."""
    sql.execute("UPDATE digest SET content = :digest WHERE content <> :digest", {"digest": _digest(sql)})


def has_digest(sql: Sql) -> bool:
    """Return False for a file of a schema before digests."""
    return sql.execute("SELECT 1 FROM sqlite_schema WHERE name = 'digest'").fetchone() is not None


def is_unchanged(sql: Sql) -> bool:
    """Return True if the content has its digest. Call this in the transaction that uses the content."""
    try:
        return [(_digest(sql),)] == list(sql.execute("SELECT content FROM digest"))
    except sqlite3.OperationalError as error:
        # A table or column has another name, or (without an error code) a text is not UTF-8.
        if getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR) == sqlite3.SQLITE_ERROR:
            return False
        raise


def _digest(sql: Sql) -> bytes:
    rows = [list(sql.execute(statement)) for statement in _CONTENT]
    return hashlib.sha256(msgspec.msgpack.encode(rows)).digest()
