"""Version of SQLite, for modules that may not import it."""

from __future__ import annotations

import sqlite3

from station.store.database.database import FIXED_ENGINE


def engine_version() -> str:
    """Return the library's version at run time."""
    return sqlite3.sqlite_version


def fixed_engine() -> bool:
    """Return True if it is free of the WAL-reset bug (`database.FIXED_ENGINE`)."""
    return sqlite3.sqlite_version_info >= FIXED_ENGINE
