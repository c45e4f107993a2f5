"""`station fleet project`: one process makes the tables of all benches, and goes on after any end."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import msgspec
import pytest
from click.testing import CliRunner

from station.cli import station
from station.store.journal import hash_chain
from station.store.postgres.connection import connect
from station.store.postgres.sql import PostgresSql
from tests.fleet.test_link import eventually
from tests.fleet.test_projector import sent
from tests.store.postgres.both_engines import EVENTS, copy, tables, tables_of
from tests.store.postgres.test_projections import random_journal
from tests.support.patience import PATIENCE_S

WORKS = "The tables follow the copies. Ctrl-C ends it.\n"
WAITS = "Another process makes the tables. This one waits for its end.\n"


class Projecting:
    """The process."""

    def __init__(self, data: Path) -> None:
        command = [sys.executable, "-m", "station", "fleet", "project", "--data", str(data)]
        self.process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)

    def line(self) -> str:
        assert self.process.stderr is not None
        return self.process.stderr.readline()

    def end(self) -> int:
        """Stop as systemd does."""
        self.process.terminate()
        self.process.communicate(timeout=PATIENCE_S)
        return self.process.returncode


@pytest.fixture
def data(tmp_path: Path, center_database: str) -> Path:
    """The center's data directory."""
    (tmp_path / "station.toml").write_text(f'[fleet]\ndatabase = "{re.sub(r" user=.*", "", center_database)}"\n')
    return tmp_path


@pytest.fixture
def projecting(data: Path) -> Iterator[Projecting]:
    made = Projecting(data)
    yield made
    if made.process.poll() is None:
        made.process.kill()
        made.process.communicate(timeout=PATIENCE_S)


def applied(address: str, bench: str) -> int:
    with connect(address) as owner:
        row = owner.execute("SELECT coalesce(max(seq), 0) FROM projected WHERE bench = %s", (bench,)).fetchone()
    assert row is not None
    return int(row[0])


def test_after_a_kill_the_next_process_goes_on_and_sigterm_ends_it(
    center_database: str, data: Path, projecting: Projecting
) -> None:
    assert projecting.line() == WORKS
    with closing(random_journal(11)) as first, closing(random_journal(12)) as second:
        sent(center_database, "bench-1", first)
        eventually(lambda: applied(center_database, "bench-1") == 101)
        projecting.process.kill()
        projecting.process.communicate(timeout=PATIENCE_S)
        sent(center_database, "bench-2", second)

        after = Projecting(data)
        eventually(lambda: applied(center_database, "bench-2") == 101)
        assert after.end() == 0

        with connect(center_database) as session:
            session.execute("SET ROLE station_projector")
            for bench, sql in (("bench-1", first), ("bench-2", second)):
                assert tables_of(PostgresSql(session), bench) == tables(sql)


def test_a_second_process_waits_for_the_end_of_the_first(data: Path, projecting: Projecting) -> None:
    assert projecting.line() == WORKS
    second = Projecting(data)
    assert second.line() == WAITS

    assert projecting.end() == 0
    assert second.line() == WORKS
    assert second.end() == 0


def test_status_names_the_event_that_stopped_a_bench_and_the_others_go_on(
    center_database: str, data: Path, projecting: Projecting
) -> None:
    with closing(random_journal(3)) as good, closing(random_journal(4)) as bad:
        rows = [(*row[:3], b"{\x1b[31m", *row[4:]) if row[0] == 60 else row for row in bad.execute(EVENTS)]
        copy(center_database, "bad", hash_chain.journal_id(bad), rows)
        sent(center_database, "good", good)
    eventually(lambda: applied(center_database, "good") == 101 and applied(center_database, "bad") == 59)
    assert projecting.end() == 0

    (data / "station.toml").write_text(f'[fleet]\ndatabase = "{center_database}"\n')
    shown = CliRunner().invoke(station, ["--data", str(data), "fleet", "status"])
    assert "Event 60 of bad stopped the tables of this bench: " in shown.output
    assert "\x1b" not in shown.output
    known = msgspec.json.decode(CliRunner().invoke(station, ["--data", str(data), "fleet", "status", "--json"]).output)
    assert {bench["bench"]: (bench["projected"], bench["stopped"]) for bench in known} == {
        "bad": (59, 60),
        "good": (101, 0),
    }
