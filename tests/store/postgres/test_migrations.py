"""The center's schema is made by numbered steps, each once and whole."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from station.base.errors import StoreError
from station.store.postgres.connection import connect
from station.store.postgres.migrations import migrate, steps


def _steps(folder: Path, **contents: str) -> list[Path]:
    files = [folder / f"{name}.sql" for name in contents]
    for file, content in zip(files, contents.values(), strict=True):
        file.write_text(content)
    return files


def test_steps_are_numbered_without_a_gap() -> None:
    assert [int(file.stem.split("-")[0]) for file in steps()] == [*range(1, len(steps()) + 1)]


def test_a_migrated_database_needs_no_step(center_database: str) -> None:
    with connect(center_database) as connection:
        assert migrate(connection) == ()
        done = connection.execute("SELECT name FROM migration ORDER BY name").fetchall()

    assert [name for (name,) in done] == [file.stem for file in steps()]


def test_a_step_that_fails_changes_nothing_and_runs_again_when_it_is_mended(
    center_database: str, tmp_path: Path
) -> None:
    first = "CREATE TABLE a (n int); INSERT INTO a VALUES (1)"
    files = _steps(tmp_path, first=first, second="INSERT INTO a VALUES (2); INSERT INTO nothing VALUES (3)")
    with connect(center_database) as connection:
        with pytest.raises(StoreError, match="nothing"):
            migrate(connection, files)
        assert connection.execute("SELECT n FROM a").fetchall() == [(1,)]

        _steps(tmp_path, second="INSERT INTO a VALUES (2)")
        assert migrate(connection, files) == ("second",)
        assert connection.execute("SELECT n FROM a ORDER BY n").fetchall() == [(1,), (2,)]


def test_migrations_at_the_same_time_run_each_step_once(center_database: str, tmp_path: Path) -> None:
    files = _steps(tmp_path, first="CREATE TABLE a (n int)", second="INSERT INTO a SELECT 2 FROM pg_sleep(0.05)")

    def run(_: int) -> tuple[str, ...]:
        with connect(center_database) as connection:
            return migrate(connection, files)

    with ThreadPoolExecutor(4) as pool:
        ran = [name for names in pool.map(run, range(4)) for name in names]

    assert sorted(ran) == ["first", "second"]
    with connect(center_database) as connection:
        assert connection.execute("SELECT n FROM a").fetchall() == [(2,)]


def test_an_address_without_a_server_is_an_error_of_the_store(tmp_path: Path) -> None:
    with pytest.raises(StoreError):
        connect(f"host={tmp_path} dbname=center")


def test_a_payload_is_read_as_json(center_database: str) -> None:
    with connect(center_database) as connection:
        row = connection.execute("SELECT payload_json(%s) ->> 'title'", ('{"title":"Señal"}'.encode(),)).fetchone()

    assert row == ("Señal",)
