"""`station quality`: rules, checks of an item, sampling, statistics."""

from __future__ import annotations

from typing import Final

import click

from station.cli.shared.deferred import deferred

COMMANDS: Final = deferred(
    {
        "check": ("station.cli.quality.check:check", "Show the findings and checks for the item with this BARCODE."),
        "rules": ("station.cli.quality.rules:rules", "The rules of this station."),
        "sampling": ("station.cli.quality.sampling:sampling", "Which human confirmations are asked for, and why."),
        "stats": (
            "station.cli.quality.statistics:stats",
            "Show bad items per worker, vendor or material, with exact intervals.",
        ),
    }
)


@click.group(commands=COMMANDS)
def quality() -> None:
    """Quality: rules, checks of an item, sampling, statistics."""
