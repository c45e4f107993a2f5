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
            f"{_HERE}.withdrawals:list_",
            "List the withdrawals that are not finished, the oldest first, with their proofs and what comes next.",
        ),
        "show": (
            f"{_HERE}.withdrawals:show",
            "Show a withdrawal with its proofs, stop signs, tags and history.",
        ),
        "decide": (f"{_HERE}.withdrawals:decide", "Decide that BARCODE leaves the library."),
        "cancel": (f"{_HERE}.withdrawals:cancel", "Take a withdrawal back: the item stays."),
        "confirm": (
            f"{_HERE}.withdrawals:confirm",
            "Confirm that the library system does not have the item any more, where no system can confirm it.",
        ),
        "destroyed": (
            f"{_HERE}.withdrawals:destroyed",
            "Record that a tag which cannot be erased is destroyed, or that there is none (no-tag).",
        ),
        "place": (f"{_HERE}.withdrawals:place", "Record that the piece is in its box, or on its list."),
        "oclc": (f"{_HERE}.withdrawals:oclc", "Record that the holding in OCLC is removed, or --stays."),
        "assign": (f"{_HERE}.withdrawals:assign", "Give a withdrawal to another person."),
        "cart": (f"{_HERE}.carts:cart", "Carts of items that leave alike, for which a right is lent once."),
        "lists": (f"{_HERE}.pull_lists:lists", "Weeding lists in shelf order, and what was found at the shelf."),
        "report": (
            f"{_HERE}.report:report",
            "Count what left the library: by reason, format, fund, site or month, or list each item.",
        ),
    }
)


@click.group(commands=COMMANDS)
@data_option
def withdraw() -> None:
    """Items that leave the library: the decision, its proofs, the checks, lists and reports."""
