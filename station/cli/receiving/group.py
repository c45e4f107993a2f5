"""`station receiving`: what vendors send, from their files to the last copy."""

from __future__ import annotations

from typing import Final

import click

from station.cli.shared.deferred import deferred

_HERE: Final = "station.cli.receiving"
COMMANDS: Final = deferred(
    {
        "import": (
            f"{_HERE}.imports:import_",
            "Import the packing lists or orders in FILE: CSV or XLSX with a header row, JSON, a vendor's EDIFACT file, or MARC "
            "records with order fields.",
        ),
        "type": (f"{_HERE}.imports:type_", "Type in the packing list LIST, which came on paper."),
        "read": (
            f"{_HERE}.read:read",
            "Show what a vendor's file says, and import nothing: the documents and lines of an EDIFACT file, the lines of "
            "MARC orders, or the columns and the first five rows of a spreadsheet.",
        ),
        "list": (
            f"{_HERE}.lists:list_",
            "List the packing lists and orders, the oldest import first, and how many copies of each have arrived.",
        ),
        "show": (f"{_HERE}.lists:show", "Show the lines of a list, and the items that arrived for each."),
        "close": (
            f"{_HERE}.lists:close",
            "Close a list, and show what is missing: no further copies are expected.",
        ),
    }
)


@click.group(commands=COMMANDS)
def receiving() -> None:
    """Receiving: vendors' files, packing lists and orders."""
