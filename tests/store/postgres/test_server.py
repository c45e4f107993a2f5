"""The tests' own PostgreSQL: chosen by the version that it states, started without privileges, on a socket only."""

from __future__ import annotations

from pathlib import Path

from station.demo.postgres import programs_of
from station.store.postgres.connection import connect
from tests.support.postgres import PostgresServer


def _program(folder: Path, states: str) -> Path:
    folder.mkdir()
    program = folder / "postgres"
    program.write_text(f"#!/bin/sh\necho '{states}'\n")
    program.chmod(0o755)
    return folder


def test_a_server_is_chosen_by_the_version_that_it_states(tmp_path: Path) -> None:
    older = _program(tmp_path / "17", "postgres (PostgreSQL) 15.20 (Debian 15.20-0+deb12u1)")
    newer = _program(tmp_path / "newer", "postgres (PostgreSQL) 18.1")
    right = _program(tmp_path / "right", "postgres (PostgreSQL) 17.12 (Debian 17.12-0+deb13u1)")
    linked = tmp_path / "linked"
    linked.mkdir()
    (linked / "postgres").symlink_to(right / "postgres")

    assert programs_of([older, newer, tmp_path / "nothing"]) is None
    assert programs_of([older, newer, right]) == right
    assert programs_of([older, linked]) == right


def test_the_server_is_17_listens_on_a_socket_only_and_has_no_privileges(center_database: str) -> None:
    with connect(center_database) as connection:
        version = connection.execute("SELECT current_setting('server_version_num')::int / 10000").fetchone()
        addresses = connection.execute("SELECT current_setting('listen_addresses')").fetchone()
        process = connection.execute("SELECT pg_backend_pid()").fetchone()
        assert process is not None
        owner = Path(f"/proc/{process[0]}").stat().st_uid

    assert (version, addresses) == ((17,), ("",))
    assert owner != 0


def test_a_killed_server_keeps_what_was_committed(postgres_server: PostgresServer, center_database: str) -> None:
    with connect(center_database) as connection:
        connection.execute("CREATE TABLE kept (number int)")
        connection.execute("INSERT INTO kept VALUES (7)")

    postgres_server.kill()
    postgres_server.start()

    with connect(center_database) as connection:
        assert connection.execute("SELECT number FROM kept").fetchone() == (7,)
