"""Read the stored records of a catalog index: all in order, those with one barcode, and those that were changed."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import closing
from itertools import islice
from pathlib import Path
from typing import Any, Final

from station.base.errors import IndexUnusable
from station.base.sentence import Sentence
from station.domain.item import Barcode
from station.store.catalog_index.digest import Kept, has_shelf, sealed, teach
from station.store.catalog_index.index import index_errors, open_index, profile_of, record_changed, shown_key
from station.store.database.database import integrity_check

_CHANGED: Final = (
    "SELECT key, part FROM record WHERE digest IS NOT record_digest(key, part, raw)",
    "SELECT barcode FROM (SELECT barcode, position, barcode.digest AS noted, record.digest AS of_record, "
    "count(*) OVER (PARTITION BY barcode) AS rows FROM barcode LEFT JOIN record ON record.id = barcode.record) "
    "WHERE noted IS NOT row_digest(barcode, position, rows, of_record)",
)
_SHELF_CHANGED: Final = (
    "SELECT shelf_key FROM (SELECT shelf.key AS shelf_key, shelf.digest AS noted, record.digest AS of_record, "
    "count(*) OVER (PARTITION BY shelf.key) AS rows FROM shelf LEFT JOIN record ON record.id = shelf.record) "
    "WHERE noted IS NOT row_digest(shelf_key, 0, rows, of_record)"
)


def raws_of(path: Path, barcode: Barcode) -> tuple[bytes, ...]:
    """Return the records that have an item with this barcode. Raises `IndexUnusable`, `RecordChanged`."""
    return tuple(
        sound(path, Kept(*row))
        for row in _rows(
            path,
            "SELECT DISTINCT record.key, record.part, record.digest, record.raw FROM barcode "
            "JOIN record ON record.id = barcode.record WHERE barcode.barcode = ?",
            (barcode,),
        )
    )


def walk(path: Path, profile: str) -> tuple[int, Iterator[tuple[int, Kept]]]:
    """Return (number of records, iterator over (number of the source file, record) in the order of import). Check each
    record with `sound`. Raises `IndexUnusable`.

    If the index is replaced meanwhile, the walk continues over the old one.
    """
    if not os.path.lexists(path):
        raise IndexUnusable(Sentence("store.index.none", path=str(path)))
    made_with = profile_of(path)
    if made_with != profile:
        raise IndexUnusable(Sentence("store.index.profile", path=str(path), profile=made_with, wanted=profile))
    (count,) = next(_rows(path, "SELECT count(*) FROM record"))
    rows = _rows(path, "SELECT source, key, part, digest, raw FROM record ORDER BY id")
    return int(count), ((source, Kept(*row)) for source, *row in rows)


def sound(path: Path, kept: Kept) -> bytes:
    """Return the record's content. Raises `RecordChanged`."""
    if not kept.sound:
        raise record_changed(path, str(kept.key))
    return kept.raw


def changed(path: Path, limit: int = 3) -> tuple[Sentence, ...]:
    """Return the parts of an index that differ from the import, at most `limit` of each kind; () = none. Reads every
    page, record and row. Raises `IndexUnusable`, `StoreIo`."""
    with closing(open_index(path)) as connection, index_errors(path):
        teach(connection)
        changes = [*map(Sentence.verbatim, integrity_check(connection)[:limit])]
        statements = (*_CHANGED, _SHELF_CHANGED) if has_shelf(connection) else _CHANGED
        for statement in statements:
            for what, *part in islice(connection.execute(statement), limit):
                changes.append(Sentence.verbatim(shown_key(str(what), part[0]) if part else str(what)))
        if not changes and not sealed(connection):
            changes.append(Sentence("store.index.counts"))
    return tuple(changes)


def _rows(path: Path, statement: str, values: tuple[str, ...] = ()) -> Iterator[tuple[Any, ...]]:
    with closing(open_index(path)) as connection, index_errors(path):
        yield from connection.execute(statement, values)
