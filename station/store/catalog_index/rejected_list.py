"""The list of the records that an import could not read: a file for a spreadsheet, one row for each barcode in them."""

from __future__ import annotations

import re
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Final

from station.base.spreadsheet import as_csv
from station.store.database.disk import sync_file

FOLDER: Final = "rejected"
"""Folder beside the index."""
_HEAD: Final = ("record", "byte", "reason", "barcode")
_ROWS: Final = (
    "SELECT rejected.number, rejected.offset, reason, coalesce(barcode, '') FROM rejected LEFT JOIN unread "
    "ON unread.source = rejected.source AND unread.number = rejected.number WHERE rejected.source = ? "
    "ORDER BY rejected.number, barcode"
)
_BATCH: Final = 1000


def list_path(index_path: Path, name: str) -> Path:
    """Return the path of the list for an import file of this name."""
    return index_path.parent / FOLDER / (re.sub(r"[^\w.-]", "_", name)[:100] + ".csv")


def write_list(half: Path, source: int, path: Path) -> bool:
    """Write the list of one source file of a settled half, whole or not at all. Return False if the file has no rejected
    record; a list of an earlier import is then removed."""
    address = f"{half.absolute().as_uri()}?mode=ro&immutable=1"
    with closing(sqlite3.connect(address, uri=True)) as connection:
        found = connection.execute(_ROWS, (source,))
        rows = found.fetchmany(_BATCH)
        if not rows:
            path.unlink(missing_ok=True)
            return False
        path.parent.mkdir(exist_ok=True)
        new = path.with_name(path.name + ".new")
        new.unlink(missing_ok=True)
        with new.open("x", encoding="utf-8", newline="") as file:
            file.write(as_csv([_HEAD]))
            while rows:
                file.write(
                    as_csv(
                        (number, offset if offset >= 0 else "", reason, code) for number, offset, reason, code in rows
                    )
                )
                rows = found.fetchmany(_BATCH)
    sync_file(new)
    new.replace(path)
    return True
