"""The backup of a center comes back with its rights, and the benches send again what an older one lacks."""

from __future__ import annotations

import subprocess
from pathlib import Path

import psycopg
import pytest

from station.demo.postgres import programs
from station.fleet.projector import Projector
from station.store.postgres.connection import connect
from station.store.postgres.copies import Copies
from station.store.postgres.migrations import migrate
from tests.support.copied_bench import CopiedBench
from tests.support.patience import PATIENCE_S
from tests.support.postgres import PostgresServer

NAME = "backed_up"
RIGHTS = """SELECT c.relname, c.relowner::regrole::text, c.relrowsecurity, c.relacl::text FROM pg_class c
    WHERE c.relnamespace = 'public'::regnamespace ORDER BY 1"""
FUNCTIONS = """SELECT p.oid::regprocedure::text, p.proowner::regrole::text, p.prosecdef, p.proacl::text, p.proconfig
    FROM pg_proc p WHERE p.pronamespace = 'public'::regnamespace ORDER BY 1"""
POLICIES = "SELECT tablename, policyname, roles, cmd, qual, with_check FROM pg_policies ORDER BY 1, 2"
DATABASE = "SELECT datacl::text FROM pg_database WHERE datname = current_database()"
CONTENT = (
    "SELECT * FROM event ORDER BY journal, seq",
    "SELECT * FROM delivery ORDER BY 1, 2, 3, 4",
    "SELECT bench, seq, hash FROM projected",
    "SELECT * FROM holding ORDER BY uid",
)
PATH = "SELECT seq, at, kind, payload, deliveries, hash FROM events ORDER BY seq"


def answers(address: str, *statements: str) -> list[object]:
    with connect(address) as owner:
        return [owner.execute(statement).fetchall() for statement in statements]


def run(program: str, *words: str) -> None:
    found = programs()
    assert found is not None
    done = subprocess.run([found / program, *words], capture_output=True, text=True, timeout=PATIENCE_S, check=False)
    assert done.returncode == 0, done.stderr


def test_a_center_that_was_dropped_comes_back_and_takes_again_what_it_lacks(
    postgres_server: PostgresServer, tmp_path: Path
) -> None:
    address, file = postgres_server.address(NAME), str(tmp_path / "center.dump")
    with connect(postgres_server.address("postgres")) as owner:
        owner.execute(f"CREATE DATABASE {NAME}")
    with connect(address) as owner:
        migrate(owner)
    bench = CopiedBench(tmp_path / "bench")
    bench.work("30001000000010", "30001000000028")
    copies = Copies(postgres_server.address(NAME, "station_receiver"))
    name = bench.join(copies, address).bench
    bench.send(copies, name)
    with connect(postgres_server.address(NAME, "station_projector")) as session:
        while Projector(session).run():
            pass
    before = answers(address, RIGHTS, FUNCTIONS, POLICIES, DATABASE, *CONTENT)

    run("pg_dump", "--format=custom", f"--file={file}", f"--dbname={address}")
    bench.work("30001000000044")
    bench.send(copies, name)
    copies.close()
    postgres_server.drop(NAME)
    run("pg_restore", "--create", "--exit-on-error", f"--dbname={postgres_server.address('postgres')}", file)

    assert answers(address, RIGHTS, FUNCTIONS, POLICIES, DATABASE, *CONTENT) == before
    with connect(address) as owner:
        assert migrate(owner) == ()
    for role in ("station_receiver", "station_projector", "station_viewer"):
        with (
            connect(postgres_server.address(NAME, role)) as session,
            pytest.raises(psycopg.errors.InsufficientPrivilege),
        ):
            session.execute("CREATE TEMPORARY TABLE mine (a int)")

    again = Copies(postgres_server.address(NAME, "station_receiver"))
    assert bench.send(again, name).outcome == "taken"
    again.close()
    assert answers(address, PATH) == [bench.rows()]
    with connect(postgres_server.address(NAME, "station_projector")) as session:
        assert Projector(session).run() > 0
    assert answers(address, "SELECT seq, stopped_seq FROM projected") == [[(len(bench.rows()), None)]]
    postgres_server.drop(NAME)
