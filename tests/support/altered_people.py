"""Change `people.db` as a person does who also renews its digest."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from station.store.people.digest import renew_digest


@contextmanager
def altered_people(path: Path) -> Iterator[sqlite3.Connection]:
    """Run the block's statements and renew the digest, in one transaction."""
    with closing(sqlite3.connect(path)) as sql, sql:
        yield sql
        renew_digest(sql)
