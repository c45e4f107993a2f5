"""`station quality`: the rules, what they say of an item, how much is looked at, and how good the work is."""

from __future__ import annotations

from typing import Final

import click

from station.cli.shared.deferred import deferred

COMMANDS: Final = deferred(
    {
        "check": ("station.cli.quality.check:check", "What the rules say of the item with this BARCODE."),
        "rules": ("station.cli.quality.rules:rules", "The rules of this station."),
        "sampling": ("station.cli.quality.sampling:sampling", "Which human confirmations are asked for, and why."),
        "stats": (
            "station.cli.quality.statistics:stats",
            "Bad items per worker, vendor or material, with exact intervals.",
        ),
    }
)


@click.group(commands=COMMANDS)
def quality() -> None:
    """The rules, what they say of an item, how much is looked at, and how good the work is."""
