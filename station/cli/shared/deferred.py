"""Commands that are imported on first use. Listing commands or completing a name imports none of them. Every group takes
--data."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from typing import Any

import click

from station.cli.shared.app import data_option


class Deferred(click.Command):
    """Placeholder with the name and the first help sentence of a command, which it imports to make a context."""

    def __init__(self, name: str, place: str, summary: str) -> None:
        super().__init__(name, help=summary)
        self.place = place
        """MODULE:ATTRIBUTE of the command."""

    def load(self) -> click.Command:
        """Import and return the command."""
        module, _, attribute = self.place.partition(":")
        return _with_data(getattr(importlib.import_module(module), attribute))

    def make_context(
        self, info_name: str | None, args: list[str], parent: click.Context | None = None, **extra: Any
    ) -> click.Context:
        """Import the command and make its context. Click calls this at the start of each use."""
        return self.load().make_context(info_name, args, parent, **extra)


def _with_data(command: click.Command) -> click.Command:
    """Give `command` and the groups in it the option --data, if it is a group. Return `command`."""
    if isinstance(command, click.Group):
        if all(parameter.name != "data" for parameter in command.params):
            data_option(command)
        for part in command.commands.values():
            _with_data(part)
    return command


def deferred(table: Mapping[str, tuple[str, str]]) -> dict[str, click.Command]:
    """Return the commands of a group by name. `table`: MODULE:ATTRIBUTE and first help sentence of each name."""
    return {name: Deferred(name, place, summary) for name, (place, summary) in table.items()}


def loaded(command: click.Command) -> click.Command:
    """Return the command itself, imported if it was deferred."""
    return command.load() if isinstance(command, Deferred) else command
