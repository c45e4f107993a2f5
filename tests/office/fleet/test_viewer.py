"""What the database lets a viewer read, whatever the office asks: each table, by bench and by site."""

from __future__ import annotations

from contextlib import closing

import pytest

from station.base.errors import StoreError
from station.store.postgres.connection import connect
from station.store.postgres.viewed import Center
from tests.office.fleet.center import NORTH, SOUTH, furnish

ACROSS = {"bench", "holding", "quarantine", "goal"}
"""Tables with the rows of all benches that the viewer sees."""
_READABLE = """SELECT table_name, count(*) FILTER (WHERE column_name = 'bench') FROM information_schema.column_privileges
    WHERE grantee = 'station_viewer' AND privilege_type = 'SELECT' GROUP BY table_name ORDER BY table_name"""


def counts(database: str, sites: tuple[str, ...] | None, bench: str) -> dict[str, int]:
    """Return the number of rows of each table that a viewer may read."""
    with closing(connect(database)) as connection:
        names = [name for name, _ in connection.execute(_READABLE)]
    with closing(Center(database)) as center, center.reading(sites, bench) as sql:
        return {name: sql.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0] for name in names}


def test_no_table_has_a_row_of_another_site(center_database: str, benches: dict[str, str]) -> None:
    furnish(center_database, benches)
    north, south = benches["Bench 1"], benches["Bench 2"]
    every = counts(center_database, None, north)
    assert len(every) > 50 and sum(count > 0 for count in every.values()) > 30
    assert counts(center_database, (NORTH,), north) | dict.fromkeys(ACROSS) == every | dict.fromkeys(ACROSS)
    refused = counts(center_database, (SOUTH,), north)
    assert {name: count for name, count in refused.items() if count and name not in ACROSS} == {}
    across = {name: (refused[name], counts(center_database, (NORTH,), south)[name]) for name in ACROSS}
    assert across["bench"] == (1, 1) and across["quarantine"] == (1, 0) and across["goal"] == (1, 1)
    nobody = counts(center_database, (), north)
    assert set(nobody.values()) == {0}


def test_a_policy_that_forgets_the_site_is_noticed(center_database: str, benches: dict[str, str]) -> None:
    with connect(center_database) as connection:
        connection.execute("CREATE POLICY open ON corrections FOR SELECT TO station_viewer USING (true)")
    assert counts(center_database, (), benches["Bench 1"])["corrections"] > 0


def test_a_session_that_names_no_sites_reads_nothing(center_database: str, benches: dict[str, str]) -> None:
    with connect(center_database, "station_viewer") as connection, pytest.raises(Exception, match=r"station\.sites"):
        connection.execute("SELECT name FROM bench")
    with closing(Center(center_database)) as center, pytest.raises(StoreError), center.reading(None, "") as sql:
        sql.execute("DELETE FROM corrections")
