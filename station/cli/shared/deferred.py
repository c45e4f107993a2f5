"""Commands whose files are imported when they are used: a list of commands, and the completion of a name, import none."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from typing import Any

import click


class Deferred(click.Command):
    """Until it is used, a name and the first sentence of the command's help. A context is that of the command itself."""

    def __init__(self, name: str, place: str, summary: str) -> None:
        super().__init__(name, help=summary)
        self.place = place
        """MODULE:ATTRIBUTE."""

    def load(self) -> click.Command:
        """Import the command."""
        module, _, attribute = self.place.partition(":")
        command: click.Command = getattr(importlib.import_module(module), attribute)
        return command

    def make_context(
        self, info_name: str | None, args: list[str], parent: click.Context | None = None, **extra: Any
    ) -> click.Context:
        """What click begins each use of a command with."""
        return self.load().make_context(info_name, args, parent, **extra)


def deferred(table: Mapping[str, tuple[str, str]]) -> dict[str, click.Command]:
    """Commands of a group by their names. `table`: MODULE:ATTRIBUTE and the first sentence of the help."""
    return {name: Deferred(name, place, summary) for name, (place, summary) in table.items()}


def loaded(command: click.Command) -> click.Command:
    """The command itself, where it was deferred."""
    return command.load() if isinstance(command, Deferred) else command
