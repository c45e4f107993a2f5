"""Which data directory a command means: --data before or after the name, else $STATION_DATA."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from station.cli import station
from station.cli.shared.deferred import loaded


def groups(group: click.Group, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    for name in group.list_commands(click.Context(group)):
        command = group.get_command(click.Context(group), name)
        assert command is not None
        part = loaded(command)
        if isinstance(part, click.Group):
            yield (*path, name)
            yield from groups(part, (*path, name))


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


def test_every_group_takes_the_option(tmp_path: Path) -> None:
    for group in groups(station):
        result = CliRunner().invoke(station, [*group, "--data", str(tmp_path), "no-such-command"])
        assert "No such command 'no-such-command'" in result.stderr, (group, result.stderr)


def test_after_a_group_the_option_says_the_same_as_after_a_command(tmp_path: Path) -> None:
    said = str(tmp_path / "said")
    CliRunner().invoke(station, ["init", "--isil", "US-ImagCC", "--data", said])
    for words in (["receiving", "--data", said, "list"], ["receiving", "list", "--data", said]):
        result = CliRunner().invoke(station, words, env={"STATION_DATA": str(tmp_path / "environment")})
        assert (result.exit_code, result.stdout) == (0, "no packing list is open\n"), result.output
