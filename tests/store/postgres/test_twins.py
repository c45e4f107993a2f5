"""Each table of the projections has a twin at the center: a migration of the one without the other fails here."""

from __future__ import annotations

import re
from contextlib import closing
from typing import NamedTuple

import psycopg
import pytest

from station.store.database.database import Sql
from station.store.postgres.connection import Connection, connect
from tests.store.journal.test_journal import in_memory

OF_ONE_BENCH = {"journal", "events", "_sqlite_migrations"}
"""What the center keeps in tables of its own, and SQLite's record of migrations."""
_TYPES = {"TEXT": "text", "INTEGER": "bigint", "BLOB": "bytea", "REAL": "double precision"}
_COLUMNS = """SELECT column_name, data_type, is_nullable = 'NO', split_part(coalesce(column_default, ''), '::', 1)
    FROM information_schema.columns WHERE table_name = %s ORDER BY ordinal_position"""
_KEYS = """SELECT array_agg(a.attname::text ORDER BY k.place), i.indisprimary
    FROM pg_index i, unnest(i.indkey) WITH ORDINALITY AS k (number, place), pg_attribute a
    WHERE i.indrelid = %s::regclass AND i.indisunique AND a.attrelid = i.indrelid AND a.attnum = k.number
    GROUP BY i.indexrelid, i.indisprimary"""
_CHECKS = "SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conrelid = %s::regclass AND contype = 'c'"
_ANY = re.compile(r"(\w+) = ANY \(+ARRAY\[([^\]]+)\]")
_COLLATIONS = """SELECT column_name FROM information_schema.columns
    WHERE table_schema = 'public' AND data_type = 'text' AND collation_name IS DISTINCT FROM 'C' AND table_name = %s"""


class Table(NamedTuple):
    """Columns with type, NOT NULL and default, and unique keys. True = the primary one."""

    columns: tuple[tuple[str, str, bool, str], ...]
    keys: frozenset[tuple[tuple[str, ...], bool]]


def of_sqlite(sql: Sql, table: str) -> Table:
    """Return the table as the center should have it."""
    rows = list(
        sql.execute(
            "SELECT name, type, \"notnull\" OR pk, coalesce(dflt_value, '') FROM pragma_table_info(?)", (table,)
        )
    )
    columns = [(name, _TYPES[kind], bool(needed), default) for name, kind, needed, default in rows]
    keys = {
        (tuple(name for (name,) in sql.execute("SELECT name FROM pragma_index_info(?)", (index,))), origin == "pk")
        for index, origin in sql.execute('SELECT name, origin FROM pragma_index_list(?) WHERE "unique"', (table,))
    }
    if not any(primary for _, primary in keys):  # a table with row numbers
        ((key,),) = sql.execute("SELECT name FROM pragma_table_info(?) WHERE pk", (table,))
        keys.add(((key,), True))
    bench = ("bench", "text", True, "current_setting('station.bench'")
    return Table((*columns, bench), frozenset((("bench", *key), primary) for key, primary in keys))


def at_the_center(connection: Connection, table: str) -> Table:
    columns = connection.execute(_COLUMNS, (table,)).fetchall()
    keys = connection.execute(_KEYS, (table,)).fetchall()
    return Table(
        tuple((name, kind, needed, default) for name, kind, needed, default in columns),
        frozenset((tuple(key), primary) for key, primary in keys),
    )


def compare(sql: Sql, center: Connection) -> None:
    names = [name for (name,) in sql.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
    for name in set(names) - OF_ONE_BENCH:
        assert at_the_center(center, name) == of_sqlite(sql, name), name
        assert center.execute(_COLLATIONS, (name,)).fetchall() == [], name


def test_each_table_has_a_twin(center_database: str) -> None:
    with closing(in_memory()) as sql, connect(center_database) as center:
        compare(sql, center)


@pytest.mark.parametrize(
    "migration",
    [
        "CREATE TABLE shelves (barcode TEXT PRIMARY KEY, shelf TEXT NOT NULL) STRICT, WITHOUT ROWID",
        "ALTER TABLE bindings ADD COLUMN shelf TEXT",
        "ALTER TABLE bindings RENAME COLUMN part TO piece",
        "CREATE UNIQUE INDEX one_part ON bindings (part)",
    ],
)
def test_a_migration_without_its_twin_is_found(center_database: str, migration: str) -> None:
    with closing(in_memory()) as sql, connect(center_database) as center:
        sql.execute(migration)
        with pytest.raises((AssertionError, psycopg.errors.UndefinedTable)):
            compare(sql, center)


def test_each_twin_takes_the_same_values(center_database: str) -> None:
    listed = 0
    with closing(in_memory()) as sql, connect(center_database) as center:
        for name, made in list(sql.execute("SELECT name, sql FROM sqlite_master WHERE type = 'table'")):
            if name not in OF_ONE_BENCH:
                checks = [row[0] for row in center.execute(_CHECKS, (name,)).fetchall()]
                ours, theirs = (
                    _values(re.findall(r"(\w+) IN \(([^)]+)\)", made)),
                    _values(_ANY.findall(" ".join(checks))),
                )
                assert ours == theirs, name
                listed += len(ours)
    assert listed > 20


def _values(lists: list[tuple[str, str]]) -> dict[str, set[str]]:
    """Return the values that each column takes."""
    return {column: set(re.findall(r"'[^']*'|\b\d+\b", values)) for column, values in lists}


def test_each_twin_shows_the_projector_the_rows_of_one_bench(center_database: str) -> None:
    with closing(in_memory()) as sql, connect(center_database) as center:
        names = {name for (name,) in sql.execute("SELECT name FROM sqlite_master WHERE type = 'table'")} - OF_ONE_BENCH
        policies = center.execute(
            "SELECT tablename, qual FROM pg_policies JOIN pg_class ON relname = tablename AND relrowsecurity "
            "WHERE roles = '{station_projector}' AND cmd = 'ALL' AND with_check IS NULL"
        ).fetchall()
    own = "(bench = current_setting('station.bench'::text))"
    assert names <= {table for table, rows in policies if rows == own}
