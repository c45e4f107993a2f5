"""Upgrade of an index from an earlier version of the program to the current one: adds a digest for each record and row.

The records stay as they are. Earlier changes on the medium can no longer be detected. An index without a shelf list
stays without one, because a shelf list needs the records to be read again (`rebuild`).
"""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Final

from station.base.files import replace_alike
from station.store.catalog_index.digest import has_shelf, seal, teach
from station.store.catalog_index.index import (
    LOOKUP,
    OLDEST,
    SCHEMA,
    SCHEMA_VERSION,
    index_errors,
    open_index,
    version_of,
)
from station.store.catalog_index.unfinished_import import PRAGMAS, discard, next_path
from station.store.database.database import quick_check
from station.store.database.disk import disk_errors, sync_file

_COPY: Final = (
    "INSERT INTO meta SELECT key, value FROM old.meta WHERE key IN ('profile', 'shelf-keys')",
    "INSERT INTO source SELECT number, token, name, path, size, sha256, records, items FROM old.source",
    "INSERT INTO record SELECT id, key, part, source, record_digest(key, part, raw), raw FROM old.record ORDER BY id",
)
_ROWS: Final = (
    "INSERT INTO barcode SELECT old.barcode.barcode, old.barcode.record, old.barcode.position, "
    "row_digest(old.barcode.barcode, position, count(*) OVER (PARTITION BY old.barcode.barcode), main.record.digest) "
    "FROM old.barcode CROSS JOIN main.record ON main.record.id = old.barcode.record ORDER BY 1, 2, 3",
    "INSERT INTO shelf SELECT old.shelf.key, old.shelf.record, "
    "row_digest(old.shelf.key, 0, count(*) OVER (PARTITION BY old.shelf.key), main.record.digest) "
    "FROM old.shelf CROSS JOIN main.record ON main.record.id = old.shelf.record ORDER BY 1, 2",
)


def upgrade(index_path: Path) -> None:
    """Upgrade the index if needed. The caller holds the lock of imports. Raises `StoreError`; the index is then
    unchanged."""
    if not index_path.exists():
        return
    with closing(open_index(index_path, oldest=OLDEST)) as old, index_errors(index_path):
        if version_of(old) == SCHEMA_VERSION:
            return
        quick_check(old, index_path)
        with_shelf = has_shelf(old)
    place = next_path(index_path)
    discard(place)
    try:
        with (
            index_errors(index_path),
            closing(sqlite3.connect(place.absolute().as_uri(), uri=True, isolation_level=None)) as new,
        ):
            for pragma in ("PRAGMA page_size=8192", *PRAGMAS, "PRAGMA journal_mode=OFF", "PRAGMA synchronous=OFF"):
                new.execute(pragma)
            teach(new)
            new.execute("ATTACH ? AS old", (f"{index_path.absolute().as_uri()}?mode=ro&immutable=1",))
            new.execute("BEGIN")
            for statement in (*SCHEMA, *_COPY, *(LOOKUP if with_shelf else LOOKUP[:-1]), *_ROWS[: 1 + with_shelf]):
                new.execute(statement)
            seal(new)
            new.execute("COMMIT")
        with disk_errors(index_path):
            sync_file(place)
            replace_alike(place, index_path)
            sync_file(index_path.parent)
    finally:
        discard(place)
