"""Deferred commands: each table entry agrees with its command, and a list of commands imports none of them."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator

import click
import pytest
from click.shell_completion import ShellComplete
from click.testing import CliRunner

from station.cli import station
from station.cli.shared.deferred import Deferred, loaded
from tests.conftest import ROOT
from tests.support.for_each import for_each


def tables(group: click.Group) -> Iterator[Deferred]:
    for name in group.list_commands(click.Context(group)):
        command = group.get_command(click.Context(group), name)
        assert command is not None
        if isinstance(command, Deferred):
            yield command
        real = loaded(command)
        if isinstance(real, click.Group):
            yield from tables(real)


@for_each("command", list(tables(station)))
def test_a_table_says_what_the_command_says(command: Deferred) -> None:
    real = command.load()
    assert real.name == command.name
    for limit in (20, 45, 60, 1000):
        assert command.get_short_help_str(limit) == real.get_short_help_str(limit)
    assert (command.hidden, command.deprecated) == (real.hidden, real.deprecated)


IMPORTED = """
import json, sys
from click.shell_completion import ShellComplete
from click.testing import CliRunner
from station.cli import station
{does}
print(json.dumps(sorted(sys.modules)))
"""


def imported(does: str) -> set[str]:
    done = subprocess.run(
        [sys.executable, "-c", IMPORTED.format(does=does)], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return set(json.loads(done.stdout.splitlines()[-1]))


HEAVY = {"textual", "rich", "pymarc", "httpx2", "babel", "sqlite3", "reportlab", "serial", "numpy", "station.encoding"}


@for_each(
    "does",
    [
        "CliRunner().invoke(station, ['--help'])",
        "CliRunner().invoke(station, ['tag'])",
        "ShellComplete(station, {}, 'station', '_C').get_completions([], 'r')",
    ],
)
def test_a_list_of_commands_imports_none_of_them(does: str) -> None:
    assert imported(does) & HEAVY == set()


def test_a_dump_is_decoded_by_what_the_codec_needs() -> None:
    found = imported("assert 'blank' in CliRunner().invoke(station, ['tag', 'decode', '00' * 112]).stdout")
    assert found & HEAVY == {"station.encoding"}


@pytest.mark.parametrize(
    ("words", "incomplete", "offered"),
    [
        ([], "re", {"release", "reader", "receiving", "restore"}),
        (["tag"], "de", {"decode"}),
        (["tag", "decode"], "--da", {"--data"}),
    ],
)
def test_names_are_completed(words: list[str], incomplete: str, offered: set[str]) -> None:
    found = ShellComplete(station, {}, "station", "_STATION_COMPLETE").get_completions(words, incomplete)
    assert {item.value for item in found} == offered


@pytest.mark.parametrize("words", [[], ["tag"], ["quality", "rules"], ["journal"]])
def test_a_group_alone_shows_its_help(words: list[str]) -> None:
    alone, asked = (CliRunner().invoke(station, given) for given in (words, [*words, "--help"]))
    assert (alone.exit_code, alone.stdout, alone.stderr) == (0, asked.stdout, "")
    assert ("\nCommands:\n" if words else "\n  demo ") in alone.stdout, "the program's own commands have sections"
