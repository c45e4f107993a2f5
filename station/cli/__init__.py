"""Command line: one folder per noun. Every action of the touch screen has a command here.

The commands are a table; a command's file is imported when it is used, so that `station tag decode` never waits for the
screen's libraries.
"""

from __future__ import annotations

import importlib
from typing import Final

import click

from station import __version__
from station.base import logs
from station.cli.shared.app import Guarded, data_option, part_ended

COMMANDS: Final = {
    "run": "station.cli.session.run:run",
    "demo": "station.cli.session.demo:demo",
    "init": "station.cli.admin.init:init",
    "process": "station.cli.workflows.process:process",
    "convert": "station.cli.workflows.convert:convert",
    "stack": "station.cli.workflows.stack:stack",
    "release": "station.cli.workflows.release:release",
    "withdraw": "station.cli.workflows.withdraw:withdraw",
    "set": "station.cli.workflows.sets:set_",
    "sets": "station.cli.workflows.sets:sets",
    "inspect": "station.cli.workflows.inspect:inspect",
    "undo": "station.cli.workflows.inspect:undo",
    "doctor": "station.cli.admin.doctor:doctor",
    "tag": "station.cli.tag.group:tag",
    "reader": "station.cli.reader.group:reader",
    "emulate": "station.cli.reader.emulate:emulate",
    "harness": "station.cli.reader.harness:harness",
    "pad": "station.cli.workflows.pad_request:pad",
    "web": "station.cli.library_systems.web:web",
    "catalog": "station.cli.catalog.group:catalog",
    "orders": "station.cli.catalog.purchase_orders:orders",
    "receiving": "station.cli.catalog.receiving:receiving",
    "cataloging": "station.cli.catalog.cataloging:cataloging",
    "corrections": "station.cli.quality.corrections:corrections",
    "people": "station.cli.people.people:people",
    "sign-on": "station.cli.session.sign_on:sign_on",
    "sign-off": "station.cli.session.sign_on:sign_off",
    "who": "station.cli.session.sign_on:who",
    "callnumber": "station.cli.catalog.call_number:callnumber",
    "label": "station.cli.label.label:label",
    "quality": "station.cli.quality.group:quality",
    "journal": "station.cli.admin.journal:journal",
    "outbox": "station.cli.library_systems.outbox:outbox",
    "board": "station.cli.session.status_board:board",
    "roll": "station.cli.session.status_board:roll",
    "manual": "station.cli.session.manual:manual",
    "sound": "station.cli.session.sound:sound",
    "sync": "station.cli.library_systems.sync:sync",
    "library": "station.cli.library_systems.library:library",
}
"""Name -> module and attribute."""

FORMER_NAMES: Final = {
    "truck check": "release check",
    "truck release": "release truck",
    "checklist answer": "withdraw answer",
    "checklist list": "withdraw list",
}
"""Former name -> present name. A former name runs the same and is not listed."""


class _Table(Guarded):
    """A group whose commands come from `COMMANDS`."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click calls it by this name
        """In the order of the table."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import the command's file."""
        if cmd_name not in COMMANDS:
            return self._former(ctx, cmd_name)
        module, _, attribute = COMMANDS[cmd_name].partition(":")
        command: click.Command = getattr(importlib.import_module(module), attribute)
        return command

    def _former(self, ctx: click.Context, noun: str) -> click.Command | None:
        """The hidden group of a former noun: the present commands under their former names."""
        former = {old: new.split() for old, new in FORMER_NAMES.items() if old.split()[0] == noun}
        present = [self.get_command(ctx, new[0]) for new in former.values()]
        commands = {
            old.split()[1]: group.commands[new[1]]
            for (old, new), group in zip(former.items(), present, strict=True)
            if isinstance(group, click.Group)
        }
        if not commands:
            return None
        group: click.Command = data_option(click.Group(noun, commands=commands, hidden=True))
        return group


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
