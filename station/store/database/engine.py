"""Which SQLite this is, for those who may not import it."""

from __future__ import annotations

import sqlite3

from station.store.database.database import FIXED_ENGINE


def engine_version() -> str:
    """The library's version at run time."""
    return sqlite3.sqlite_version


def fixed_engine() -> bool:
    """True when it is free of the WAL-reset defect (`database.FIXED_ENGINE`)."""
    return sqlite3.sqlite_version_info >= FIXED_ENGINE
