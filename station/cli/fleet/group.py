"""`station fleet`: several benches with one center. Its commands are for engineers, and speak English."""

from __future__ import annotations

from typing import Final

import click

from station.cli.shared.app import data_option
from station.cli.shared.deferred import deferred

_HERE: Final = "station.cli.fleet"
COMMANDS: Final = deferred(
    {
        "migrate": (f"{_HERE}.center:migrate", "Make the center's tables and roles, or bring them up to date."),
        "serve": (f"{_HERE}.center:serve", "Take what the benches send until Ctrl-C."),
        "project": (
            f"{_HERE}.project:project",
            "Make the tables of each bench from the copies of its events until Ctrl-C.",
        ),
        "invite": (f"{_HERE}.center:invite", "Print a code with which a bench joins the center."),
        "join": (f"{_HERE}.bench:join", "Join the center of `fleet.center` with the CODE of an invitation."),
        "status": (
            f"{_HERE}.status:status",
            "Show what the center has of each bench, or at a bench what the center has not yet.",
        ),
        "restore": (
            f"{_HERE}.bench:restore",
            "Make journal and outbox again from the center's copy, in a data directory without a journal.",
        ),
    }
)


@click.group(commands=COMMANDS)
@data_option
def fleet() -> None:
    """Several benches with one center, which keeps copies of their journals."""
