"""The command line: one file a noun; every action of the touch screen has a twin here.

The commands are a table; a command's file is imported when it is used, so that `station tag decode` never waits for the
screen's libraries.
"""

from __future__ import annotations

import importlib
from typing import Final

import click

from station import __version__, logs
from station.cli.app import Guarded, data_option, part_ended

COMMANDS: Final = {
    "run": "station.cli.run:run",
    "demo": "station.cli.demo:demo",
    "init": "station.cli.init:init",
    "process": "station.cli.process:process",
    "convert": "station.cli.convert:convert",
    "stack": "station.cli.stack:stack",
    "checklist": "station.cli.checklist:checklist",
    "truck": "station.cli.truck:truck",
    "set": "station.cli.sets:set_",
    "sets": "station.cli.sets:sets",
    "inspect": "station.cli.inspect:inspect",
    "undo": "station.cli.inspect:undo",
    "doctor": "station.cli.doctor:doctor",
    "tag": "station.cli.tag:tag",
    "reader": "station.cli.reader:reader",
    "emulate": "station.cli.emulate:emulate",
    "harness": "station.cli.harness:harness",
    "pad": "station.cli.pad_ask:pad",
    "web": "station.cli.web:web",
    "catalog": "station.cli.catalog:catalog",
    "orders": "station.cli.orders:orders",
    "receiving": "station.cli.receiving:receiving",
    "cataloging": "station.cli.cataloging:cataloging",
    "corrections": "station.cli.corrections:corrections",
    "people": "station.cli.people:people",
    "sign-on": "station.cli.sign_on:sign_on",
    "sign-off": "station.cli.sign_on:sign_off",
    "who": "station.cli.sign_on:who",
    "callnumber": "station.cli.callnumber:callnumber",
    "label": "station.cli.label:label",
    "quality": "station.cli.quality:quality",
    "journal": "station.cli.journal:journal",
    "outbox": "station.cli.outbox:outbox",
    "board": "station.cli.board:board",
    "roll": "station.cli.board:roll",
    "manual": "station.cli.manual:manual",
    "sound": "station.cli.sound:sound",
    "sync": "station.cli.sync:sync",
    "library": "station.cli.library:library",
}
"""Name -> module and attribute."""


class _Table(Guarded):
    """A group whose commands come from `COMMANDS`."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click calls it by this name
        """In the order of the table."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """Import the command's file."""
        if cmd_name not in COMMANDS:
            return None
        module, _, attribute = COMMANDS[cmd_name].partition(":")
        command: click.Command = getattr(importlib.import_module(module), attribute)
        return command


@click.group(cls=_Table, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="station")
@data_option
def station() -> None:
    """The RFID Processing Station: write, verify and judge library tags at the bench.

    Exit codes are listed in docs/cli.md.
    """


def main() -> None:
    """Entry point of the command `station`."""
    logs.catch_uncaught()
    with logs.watching(part_ended):
        station.main(prog_name="station")
