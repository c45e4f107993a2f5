"""Take a journal back to an earlier schema, for tests of the update."""

from __future__ import annotations

import re

from station.store.database.database import Sql
from station.store.database.migrations import STEPS


def before_office(sql: Sql) -> None:
    """Undo the steps of schemas 16 and 17."""
    steps = dict(STEPS)
    receiving = " ".join(steps["0017-receiving"])
    for index in re.findall(r"CREATE INDEX (\w+)", " ".join(steps["0016-office"]) + receiving):
        sql.execute(f"DROP INDEX {index}")
    for table in re.findall(r"CREATE TABLE (\w+)", receiving):
        sql.execute(f"DROP TABLE {table}")
    for table, column in re.findall(r"ALTER TABLE (\w+) ADD COLUMN (\w+)", receiving):
        sql.execute(f"ALTER TABLE {table} DROP COLUMN {column}")
