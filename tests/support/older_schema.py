"""Take a journal back to an earlier schema, for tests of the update."""

from __future__ import annotations

import re

from station.store.database.database import Sql
from station.store.database.migrations import STEPS


def before_office(sql: Sql) -> None:
    """Undo the steps of schema 16 and of all after it."""
    for name, statements in reversed(STEPS):
        if name < "0016-office":
            break
        step = " ".join(statements)
        for index in re.findall(r"CREATE INDEX (\w+)", step):
            sql.execute(f"DROP INDEX {index}")
        for table in re.findall(r"CREATE TABLE (\w+)", step):
            sql.execute(f"DROP TABLE {table}")
        for table, column in re.findall(r"ALTER TABLE (\w+) ADD COLUMN (\w+)", step):
            sql.execute(f"ALTER TABLE {table} DROP COLUMN {column}")
