"""What each database role may do with each table and each function, as the database's own catalog has them. A new table or
function without a decided right fails here."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from itertools import product

import psycopg
import pytest

from station.store.postgres.connection import Connection, connect
from tests.store.journal.test_journal import in_memory
from tests.store.postgres.test_copies import migrated_database as migrated_database  # the fixture
from tests.store.postgres.test_twins import OF_ONE_BENCH

ROLES = ("station_receiver", "station_projector", "station_viewer")
RECEIVER, PROJECTOR, VIEWER = ROLES
STRANGER = "stranger"
"""A role that may connect, and has no right of its own: what it may do, everybody may."""
READS = frozenset({"SELECT"})
WRITES = frozenset({"SELECT", "INSERT", "UPDATE", "DELETE"})
ALL = ("SELECT", "INSERT", "UPDATE", "DELETE", "TRUNCATE", "REFERENCES", "TRIGGER", "MAINTAIN")

OF_A_BENCH = {PROJECTOR: WRITES, VIEWER: READS}
TABLES: dict[str, dict[str, frozenset[str]]] = {
    "migration": {},
    "invitation": {},
    "bench": {},  # some columns: below
    "quarantine": {},
    "timeline": {PROJECTOR: READS, VIEWER: READS},
    "event": {PROJECTOR: READS, VIEWER: READS},
    "events": {PROJECTOR: READS, VIEWER: READS},
    "lost_events": {PROJECTOR: READS, VIEWER: READS},
    "delivery": {PROJECTOR: READS},
    "projected": OF_A_BENCH,
    "ledger_place": {PROJECTOR: WRITES},
    "tag_write": {PROJECTOR: WRITES},
    "holding": OF_A_BENCH,
    "second_tag": OF_A_BENCH,
    "goal": {VIEWER: READS},
}
"""Rights on whole tables, besides the tables of a bench, which are those of its own journal."""
COLUMNS = {
    ("bench", PROJECTOR): {"bench", "name", "site", "joined", "seen"},
    ("bench", VIEWER): {"bench", "name", "site", "joined", "seen", "moved", "refused", "snapshot"},
    ("quarantine", VIEWER): {"bench", "journal", "seq", "hash", "at", "kind", "why", "arrived"},
}
"""Columns that a role may read, of a table that it may not."""
CALLS = {
    "key_digest_of": RECEIVER,
    "path_of": RECEIVER,
    "join_bench": RECEIVER,
    "receive_events": RECEIVER,
    "copied_events": RECEIVER,
    "copied_deliveries": RECEIVER,
    "heard_of": RECEIVER,
    "move_bench": RECEIVER,
    "leave_bench": RECEIVER,
    "refused_request": RECEIVER,
    "ledger_place_of": RECEIVER,
    "tags_elsewhere": RECEIVER,
    "second_tags_of": RECEIVER,
    "payload_json": PROJECTOR,
}
NOBODY_CALLS = {
    *("journal_genesis", "journal_hash", "sized", "copy_name", "began_timeline", "is_machine", "is_own", "may_begin"),
    *("begin_timeline", "end_key", "ledger_is_made"),
}
"""Functions that only other functions of the owner call."""
EVERYBODY_CALLS = {
    *("json_extract", "json_each", "instr", "iif", "max", "sum", "plus_true", "larger", "with_comma", "group_concat"),
    *("is_viewed", "only_own_bench"),
}
"""Functions that read and write nothing by themselves: they act with the rights of their caller."""

_TABLES = (
    "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'v', 'm', 'p', 'f')"
)
_FUNCTIONS = """SELECT p.oid::regprocedure::text, p.proname, p.prokind, p.prosecdef, p.proowner::regrole::text, p.proconfig,
        (SELECT array_agg(format_type(t.type, NULL) ORDER BY t.place)
            FROM unnest(p.proargtypes) WITH ORDINALITY AS t (type, place))
    FROM pg_proc p WHERE p.pronamespace = 'public'::regnamespace ORDER BY 1"""


@pytest.fixture
def center(migrated_database: str) -> Iterator[Connection]:
    with connect(migrated_database) as connection, connection.transaction(force_rollback=True):
        connection.execute(f"CREATE ROLE {STRANGER}")
        yield connection


def tables_of_a_bench() -> set[str]:
    with closing(in_memory()) as sql:
        return {name for (name,) in sql.execute("SELECT name FROM sqlite_master WHERE type = 'table'")} - OF_ONE_BENCH


def may(center: Connection, question: str, *values: object) -> bool:
    row = center.execute(f"SELECT {question}", values).fetchone()
    assert row is not None
    return bool(row[0])


def refused(center: Connection, role: str, statement: str) -> bool:
    """Return True if the database itself refuses to let a role do this."""
    try:
        with center.transaction(force_rollback=True):
            center.execute("SELECT set_config('station.bench', '', true), set_config('station.sites', '*', true)")
            center.execute(f"SET LOCAL ROLE {role}")
            center.execute(statement)  # type: ignore[call-overload]
    except psycopg.errors.InsufficientPrivilege:
        return True
    except psycopg.Error:
        pass  # it was allowed, and failed for another reason
    return False


def test_each_role_has_the_rights_on_each_table_that_were_decided(center: Connection) -> None:
    expected = TABLES | dict.fromkeys(tables_of_a_bench(), OF_A_BENCH)
    names = {name for (name,) in center.execute(_TABLES).fetchall()}
    assert names == set(expected), "decide who may read and write it"
    for name, role in product(sorted(names), (*ROLES, STRANGER)):
        rights = {right for right in ALL if may(center, "has_table_privilege(%s, %s, %s)", role, name, right)}
        assert rights == expected[name].get(role, frozenset()), (name, role)
        columns = {
            column
            for (column,) in center.execute(
                "SELECT attname FROM pg_attribute WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped "
                "AND (has_column_privilege(%s, attrelid, attnum, 'SELECT') OR "
                "has_column_privilege(%s, attrelid, attnum, 'INSERT, UPDATE, REFERENCES'))",
                (name, role, role),
            ).fetchall()
        }
        if "SELECT" not in rights:
            assert columns == COLUMNS.get((name, role), set()), (name, role)
        assert rights & WRITES == WRITES or not may(
            center, "has_any_column_privilege(%s, %s, 'INSERT, UPDATE, REFERENCES')", role, name
        )


def test_the_database_refuses_what_was_not_granted(center: Connection) -> None:
    """Not only its catalog says so."""
    statements = {
        "SELECT": "SELECT * FROM {}",
        "INSERT": "INSERT INTO {} DEFAULT VALUES",
        "DELETE": "DELETE FROM {}",
        "TRUNCATE": "TRUNCATE {}",
    }
    expected = TABLES | dict.fromkeys(tables_of_a_bench(), OF_A_BENCH)
    views = {"events", "lost_events"}
    for (name, rights), role in product(expected.items(), (*ROLES, STRANGER)):
        for right, statement in statements.items():
            if right not in rights.get(role, frozenset()) and (name not in views or right == "SELECT"):
                assert refused(center, role, statement.format(name)), (name, role, right)


def test_each_role_calls_the_functions_that_were_decided(center: Connection) -> None:
    functions = center.execute(_FUNCTIONS).fetchall()
    names = {name for _, name, *_ in functions}
    assert names == {*CALLS, *NOBODY_CALLS, *EVERYBODY_CALLS}, "decide who may call it"
    for (signature, name, kind, *_, types), role in product(functions, (*ROLES, STRANGER)):
        expected = name in EVERYBODY_CALLS or CALLS.get(name) == role
        assert may(center, "has_function_privilege(%s, %s, 'EXECUTE')", role, signature) is expected, (name, role)
        if not expected:
            assert kind == "f"
            values = ", ".join(f"NULL::{of_type} AS a{place}" for place, of_type in enumerate(types or ()))
            given = ", ".join(f"a{place}" for place in range(len(types or ())))
            # Not folded to a constant before the rights are looked at.
            assert refused(center, role, f"SELECT {name}({given}) FROM (SELECT {values} OFFSET 0) AS v"), (name, role)


def test_a_function_with_its_owner_s_rights_has_a_search_path_of_its_own(center: Connection) -> None:
    definers = [row for row in center.execute(_FUNCTIONS).fetchall() if row[3]]
    assert {name for _, name, *_ in definers} >= set(CALLS) - {"payload_json"}
    for signature, name, _, _, owner, settings, _ in definers:
        assert owner == "station_owner", signature
        assert settings == ["search_path=public, pg_temp"], signature
        assert name not in EVERYBODY_CALLS, signature


@pytest.mark.parametrize(
    "made",
    [
        "CREATE TABLE secret (a int)",
        "CREATE FUNCTION tells() RETURNS int LANGUAGE sql RETURN 1",
        "GRANT SELECT ON invitation TO station_viewer",
        "GRANT UPDATE (name) ON bench TO station_receiver",
        "GRANT EXECUTE ON FUNCTION end_key TO station_projector",
    ],
)
def test_what_nobody_decided_is_found(center: Connection, made: str) -> None:
    center.execute(made)  # type: ignore[call-overload]
    with pytest.raises(AssertionError):
        test_each_role_has_the_rights_on_each_table_that_were_decided(center)
        test_each_role_calls_the_functions_that_were_decided(center)


def test_no_role_makes_anything_or_becomes_another(center: Connection) -> None:
    for role in ROLES:
        assert may(center, "has_schema_privilege(%s, 'public', 'USAGE')", role)
        assert not may(center, "has_schema_privilege(%s, 'public', 'CREATE')", role)
        for right in ("CREATE", "TEMPORARY"):
            assert not may(center, "has_database_privilege(%s, current_database(), %s)", role, right)
        assert not may(center, "EXISTS (SELECT FROM pg_auth_members WHERE member = %s::regrole)", role)
        assert not may(
            center,
            "rolsuper OR rolcreaterole OR rolcreatedb OR rolreplication OR rolbypassrls FROM pg_roles WHERE rolname = %s",
            role,
        )
    assert not may(center, "has_database_privilege(%s, current_database(), 'CONNECT')", STRANGER)
    assert not may(center, "rolcanlogin FROM pg_roles WHERE rolname = 'station_owner'")


def test_tables_of_several_benches_have_row_security(center: Connection) -> None:
    """What the viewer or the projector may read of all benches is limited to its sites or bench."""
    open_tables = {
        name
        for (name,) in center.execute(
            "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' "
            "AND NOT relrowsecurity AND has_any_column_privilege('station_viewer', oid, 'SELECT')"
        ).fetchall()
    }
    assert open_tables == set()
