"""The records of a catalog index as they are kept: all of them in order, or those with one barcode."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from station.errors import IndexUnusable
from station.model import Barcode
from station.store.catalog_index import open_index, profile_of
from station.words import tell


def raws_of(path: Path, barcode: Barcode) -> tuple[bytes, ...]:
    """The records that have an item with this barcode. Raises `IndexUnusable`."""
    return tuple(
        raw
        for (raw,) in _rows(
            path,
            "SELECT DISTINCT record.raw FROM barcode JOIN record ON record.id = barcode.record WHERE barcode.barcode = ?",
            (barcode,),
        )
    )


def walk(path: Path, profile: str) -> tuple[int, Iterator[bytes]]:
    """(how many records there are, the records in the order of import). Raises `IndexUnusable`.

    The index may be replaced meanwhile: the walk goes on over the one that it began with.
    """
    if not os.path.lexists(path):
        raise IndexUnusable(tell("store.index.none", path=path))
    made_with = profile_of(path)
    if made_with != profile:
        raise IndexUnusable(tell("store.index.profile", path=path, profile=made_with, wanted=profile))
    (count,) = next(_rows(path, "SELECT count(*) FROM record"))
    return int(count), (bytes(raw) for (raw,) in _rows(path, "SELECT raw FROM record ORDER BY id"))


def _rows(path: Path, statement: str, values: tuple[str, ...] = ()) -> Iterator[tuple[bytes]]:
    with closing(open_index(path)) as connection:
        try:
            yield from connection.execute(statement, values)
        except sqlite3.DatabaseError as error:
            raise IndexUnusable(tell("store.index.broken", path=path, why=error)) from error
