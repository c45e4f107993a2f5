"""The commands that show what the pages of a center show."""

from __future__ import annotations

import json
from pathlib import Path

from click.testing import CliRunner

from station.cli import station
from station.store.postgres.connection import connect
from tests.office.desk import EVIL
from tests.office.fleet.center import SOUTH
from tests.support.harmless import bad_characters


def call(center: Path, *words: str) -> str:
    result = CliRunner().invoke(station, ["fleet", *words, "--data", str(center)])
    assert result.exit_code == 0, result.output
    return result.output


def test_each_page_has_its_command(center: Path, center_database: str, benches: dict[str, str]) -> None:
    with connect(center_database) as connection:
        connection.execute("UPDATE bench SET name = %s WHERE bench = %s", (EVIL, benches["Bench 2"]))
        connection.execute(
            "INSERT INTO quarantine (bench, journal, seq, hash, at, kind, payload, deliveries, why) "
            "VALUES (%s, %s, 7, sha256('x'), %s, %s, 'secret', '[]', 'fork')",
            (benches["Bench 2"], EVIL, EVIL, EVIL),
        )
        connection.execute("UPDATE bench SET seen = clock_timestamp() - interval '90 seconds'")
    call(center, "goal", "Library 12", "--site", SOUTH, "--items", "9")
    shown = {name: call(center, name) for name in ("benches", "status", "ledger", "quarantine", "goals")}
    assert shown["benches"].count("silent") == shown["status"].count("silent") == len(benches)
    assert "Main Library" in shown["benches"] and "two journals with one number" in shown["quarantine"]
    assert "of 9 tagged" in shown["goals"] and "E004015012340072" in shown["ledger"]
    assert "secret" not in shown["quarantine"]
    assert not any(bad_characters(text, allowed="\n") for text in shown.values())
    rows = json.loads(call(center, "benches", "--json"))
    assert {row["bench_site"] for row in rows["data"] if "data" in rows} if isinstance(rows, dict) else rows
    call(center, "goal", "Library 12", "--remove")
    assert "No goals yet" in call(center, "goals")
    assert CliRunner().invoke(station, ["fleet", "goal", "x", "--remove", "--data", str(center)]).exit_code != 0
