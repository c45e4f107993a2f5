"""`station fleet doctor` finds what is wrong with a center, and changes nothing."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest
from click.testing import CliRunner

from station.cli import station
from station.fleet.projector import Projector
from station.store.postgres.connection import connect
from station.store.postgres.copies import Copies
from tests.support.copied_bench import CopiedBench


def examined(data: Path, address: str, *words: str) -> list[str]:
    (data / "station.toml").write_text(f'[fleet]\ndatabase = "{address}"\n')
    done = CliRunner().invoke(station, ["--data", str(data), "fleet", "doctor", "--json", *words])
    problems: list[str] = msgspec.json.decode(done.output)["problems"]
    assert done.exit_code == bool(problems), done.output
    return [problem for problem in problems if not problem.startswith(("PostgreSQL has no", "Nothing makes"))]


@pytest.mark.parametrize(
    ("damage", "word"),
    [
        ("UPDATE event SET payload = payload || ' ' WHERE seq = 2", "event 2"),
        ("DELETE FROM delivery WHERE seq = 2", "event 2"),
        ("DELETE FROM delivery; DELETE FROM event WHERE seq = 1", "damaged"),
        ("DELETE FROM delivery; DELETE FROM event WHERE seq = (SELECT max(seq) FROM event)", "damaged"),
        ("UPDATE timeline SET head = sha256('x')", "damaged"),
        ("DELETE FROM migration WHERE name = '0007-keys'", "0007-keys is missing"),
        ("UPDATE bench SET moved = now()", "Another machine"),
    ],
)
def test_damage_is_found(tmp_path: Path, center_database: str, damage: str, word: str) -> None:
    bench = CopiedBench(tmp_path / "bench")
    bench.work("30001000000010", "30001000000028")
    bench.go_on("00000000000000aa")
    bench.work("30001000000036")
    copies = Copies(center_database)
    bench.send(copies, bench.join(copies, center_database).bench)
    copies.close()
    assert examined(tmp_path, center_database) == examined(tmp_path, center_database, "--all") == []

    with connect(center_database) as owner:
        for statement in damage.split("; "):
            owner.execute(statement)

    assert word in " ".join(examined(tmp_path, center_database))


def test_a_role_that_may_too_much_is_found(tmp_path: Path, center_database: str) -> None:
    with connect(center_database) as owner:
        owner.execute("GRANT station_owner TO station_receiver")
        try:
            assert "station_receiver" in " ".join(examined(tmp_path, center_database))
        finally:
            owner.execute("REVOKE station_owner FROM station_receiver")


def test_it_knows_whether_a_projector_runs(tmp_path: Path, center_database: str) -> None:
    (tmp_path / "station.toml").write_text(f'[fleet]\ndatabase = "{center_database}"\n')
    missing = "Nothing makes the tables"
    assert missing in CliRunner().invoke(station, ["--data", str(tmp_path), "fleet", "doctor"]).output
    with connect(center_database) as session:
        assert Projector(session).is_alone()
        assert missing not in CliRunner().invoke(station, ["--data", str(tmp_path), "fleet", "doctor"]).output
