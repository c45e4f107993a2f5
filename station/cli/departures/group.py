"""`station withdraw`: items that leave the library, from the decision to the last proof."""

from __future__ import annotations

from typing import Final

import click

from station.cli.shared.app import data_option
from station.cli.shared.deferred import deferred

_HERE: Final = "station.cli.departures"
COMMANDS: Final = deferred(
    {
        "watch": (
            f"{_HERE}.watch:watch_command",
            "List items that only one of library system and journal has. Exit code 1 if there are any.",
        ),
        "answer": (
            "station.cli.workflows.withdraw:answer",
            "Answer the checks of this BARCODE for a task, and record the verdict.",
        ),
        "list": (
            "station.cli.workflows.withdraw:listed",
            "List the unfinished withdrawals, the oldest first: checks not passed, order not carried out, tag not erased.",
        ),
    }
)


@click.group(commands=COMMANDS)
@data_option
def withdraw() -> None:
    """Items that leave the library: the decision, its proofs, the checks, lists and reports."""
