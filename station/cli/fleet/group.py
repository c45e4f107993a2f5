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
        "adopt": (
            f"{_HERE}.adopt:adopt",
            "Let the center take this machine as a bench of its own, although its journal is a copy of another's.",
        ),
        "status": (
            f"{_HERE}.status:status",
            "Show what the center has of each bench, or at a bench what the center has not yet.",
        ),
        "doctor": (f"{_HERE}.doctor:doctor", "Check the center: server, steps, rights, copies, tables."),
        "leave": (
            f"{_HERE}.leave:leave",
            "Leave the center: send the rest of the journal, end this bench's key, and remove its file.",
        ),
        "rebuild": (
            f"{_HERE}.rebuild:rebuild",
            "Make the tables of a bench, or all tables and the ledger, again from the copies of the events.",
        ),
        "restore": (
            f"{_HERE}.bench:restore",
            "Make journal and outbox again from the center's copy, in a data directory without a journal.",
        ),
        "benches": (
            f"{_HERE}.standing:benches",
            "Show how each bench is: alive, operator, pace, reader, what is not sent, version, rules.",
        ),
        "ledger": (f"{_HERE}.standing:ledger", "Show what each tag carries by the newest write of all benches."),
        "quarantine": (
            f"{_HERE}.standing:quarantine",
            "List the events that the center refused, without what they say.",
        ),
        "goals": (
            f"{_HERE}.standing:goals",
            "Show how many items each site is to tag, and when that is done at its pace.",
        ),
        "goal": (f"{_HERE}.standing:goal", "Set how many items a site is to tag: the goal NAME, or remove it."),
        "demo": (
            f"{_HERE}.demo:demo",
            "Play a center with three benches until Ctrl-C, and show the office over all of them.",
        ),
    }
)


@click.group(commands=COMMANDS)
@data_option
def fleet() -> None:
    """Several benches with one center, which keeps copies of their journals."""
