"""Which data directory a command means: --data before or after the name, else $STATION_DATA."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from station.cli import station


@pytest.mark.parametrize("before", [True, False])
def test_the_option_beats_the_environment_wherever_it_stands(tmp_path: Path, before: bool) -> None:
    said, other = tmp_path / "said", tmp_path / "environment"
    option = ["--data", str(said)]
    command = ["init", "--isil", "US-ImagCC"]
    arguments = [*option, *command] if before else [*command, *option]
    result = CliRunner().invoke(station, arguments, env={"STATION_DATA": str(other)})
    assert result.exit_code == 0, result.output
    assert (said / "station.toml").is_file()
    assert not other.exists()


def test_without_the_option_the_environment_counts(tmp_path: Path) -> None:
    result = CliRunner().invoke(station, ["init", "--isil", "US-ImagCC"], env={"STATION_DATA": str(tmp_path / "e")})
    assert result.exit_code == 0, result.output
    assert (tmp_path / "e" / "station.toml").is_file()


def test_a_group_that_does_not_take_it_says_where_it_goes(tmp_path: Path) -> None:
    result = CliRunner().invoke(station, ["people", "pin", "--data", str(tmp_path), "set"])
    assert result.exit_code == 2
    assert "Write --data right after station: station --data DIRECTORY people pin ..." in result.stderr
