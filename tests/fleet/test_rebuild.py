"""`station fleet rebuild`: the projector makes tables again, row for row, and may run meanwhile."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import pytest
from click.testing import CliRunner

from station.cli import station
from station.fleet.projector import Projector
from station.store.postgres.connection import Connection, connect
from station.store.postgres.sql import PostgresSql
from tests.fleet.test_projector import project, sent
from tests.fleet.test_projector import session as session  # the fixture
from tests.store.postgres.both_engines import tables, tables_of
from tests.store.postgres.test_projections import one_of_each, random_journal

LEDGER = (
    "SELECT journal, seq, uid, barcode, part FROM tag_write ORDER BY journal, seq",
    "SELECT * FROM holding ORDER BY uid",
)


def rebuild(data: Path, address: str, *words: str) -> int:
    (data / "station.toml").write_text(f'[fleet]\ndatabase = "{address}"\n')
    return CliRunner().invoke(station, ["--data", str(data), "fleet", "rebuild", *words]).exit_code


def ledger(address: str) -> list[object]:
    with connect(address) as owner:
        return [owner.execute(statement).fetchall() for statement in LEDGER]


@pytest.mark.parametrize("words", [(), ("--bench", "bench-1")])
def test_changed_tables_are_made_again_row_for_row(
    tmp_path: Path, center_database: str, session: Connection, words: tuple[str, ...]
) -> None:
    with closing(one_of_each()) as first, closing(random_journal(21)) as second:
        sent(center_database, "bench-1", first)
        sent(center_database, "bench-2", second)
        project(session)
        before = ledger(center_database)
        with connect(center_database) as owner:
            owner.execute("DELETE FROM bindings")
            owner.execute("UPDATE attempts SET uid = 'E0'")
        assert tables_of(PostgresSql(session), "bench-1") != tables(first)

        assert rebuild(tmp_path, center_database, *words) == 0
        project(session)

        assert tables_of(PostgresSql(session), "bench-1") == tables(first)
        assert (tables_of(PostgresSql(session), "bench-2") == tables(second)) == (words == ())
        assert ledger(center_database) == before


def test_a_rebuild_in_the_middle_of_a_transaction_of_the_projector(
    tmp_path: Path, center_database: str, session: Connection
) -> None:
    class Interrupted:
        """A connection beside which a rebuild ends before its last statement but one."""

        def __init__(self) -> None:
            self.left = 12

        def execute(self, *statement: object) -> object:
            self.left -= 1
            if self.left == 0:
                assert rebuild(tmp_path, center_database, "--bench", "bench") == 0
            return session.execute(*statement)  # type: ignore[arg-type]

        def __getattr__(self, name: str) -> object:
            return getattr(session, name)

    with closing(random_journal(22)) as sql:
        sent(center_database, "bench", sql)
        project(session)
        with connect(center_database) as owner:
            owner.execute("UPDATE projected SET hash = ''")  # so that there is work

        Projector(Interrupted()).run()  # type: ignore[arg-type]
        project(session)

        assert tables_of(PostgresSql(session), "bench") == tables(sql)


def test_an_unknown_bench_is_an_error(tmp_path: Path, center_database: str) -> None:
    assert rebuild(tmp_path, center_database, "--bench", "nobody") != 0
