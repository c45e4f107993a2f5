"""Command line: one folder per noun. Every action of the touch screen has a command here.

The commands are a table; a command's file is imported when it is used, so that `station tag decode` never waits for the
screen's libraries, and `station --help` for none.
"""

from __future__ import annotations

import gc
from typing import Final

import click

from station import __version__
from station.base import logs
from station.cli.shared.app import Guarded, data_option, part_ended
from station.cli.shared.deferred import deferred, loaded

COMMANDS: Final = deferred(
    {
        "run": ("station.cli.session.run:run", "Open the station at this bench."),
        "demo": (
            "station.cli.session.demo:demo",
            "Play the main job with an emulated reader, imaginary items and an imaginary library system.",
        ),
        "init": ("station.cli.admin.init:init", "Create the data directory, and write a commented station.toml."),
        "process": (
            "station.cli.workflows.process:process",
            "Scan BARCODE, write and verify its tag, answer the checks, record the verdict.",
        ),
        "convert": (
            "station.cli.workflows.convert:convert",
            'Tag items in bulk: for each of BARCODES (a file, or "-" for stdin: scan them), the item on the pad '
            "is written, verified and judged by the machine.",
        ),
        "stack": ("station.cli.workflows.stack:stack", "Stacks of finished items on the pad."),
        "release": (
            "station.cli.workflows.release:release",
            "Trucks (or any list) of finished items: which may leave, and why the others may not.",
        ),
        "withdraw": (
            "station.cli.workflows.withdraw:withdraw",
            "Items that leave the library: the checks of a withdrawal, or of a return to the vendor.",
        ),
        "set": (
            "station.cli.workflows.sets:set_",
            "Gather the parts of BARCODE on the pad, in any order, one or several at once: number, write and "
            "verify them, and report the missing parts.",
        ),
        "sets": (
            "station.cli.workflows.sets:sets",
            "List the sets that were processed at this bench, the oldest first: parts, missing parts, pieces "
            "without a tag.",
        ),
        "inspect": (
            "station.cli.workflows.inspect:inspect",
            "Inspect every tag on the pad: content, bytes, problems, history, second tags, and what could be undone.",
        ),
        "undo": (
            "station.cli.workflows.inspect:undo",
            "Undo tag write: the one tag on the pad becomes, byte by byte, what it was before its last write.",
        ),
        "doctor": ("station.cli.admin.doctor:doctor", "Check settings, data, journal, catalog, systems and reader."),
        "tag": ("station.cli.tag.group:tag", "Read, explain, compare, plan and write tags."),
        "reader": (
            "station.cli.reader.group:reader",
            "Find, test, configure and record the reader; badges and NTAG labels.",
        ),
        "emulate": (
            "station.cli.reader.emulate:emulate",
            "Serve an emulated reader and its tags to any software, over a pseudo-terminal or TCP.",
        ),
        "harness": (
            "station.cli.reader.harness:harness",
            "Test whether a reader keeps the contract that the station relies on, with a scratch tag, and report "
            "the results.",
        ),
        "pad": (
            "station.cli.workflows.pad_request:pad",
            "The pad: list its tags, switch an item's security, rewrite one tag.",
        ),
        "web": (
            "station.cli.library_systems.web:web",
            "The pad for Alma's page in the browser: certificate, trust, check.",
        ),
        "catalog": ("station.cli.catalog.group:catalog", "The library's records, by barcode."),
        "orders": ("station.cli.catalog.purchase_orders:orders", "Order and invoice data in MARC records."),
        "receiving": (
            "station.cli.catalog.receiving:receiving",
            "Packing lists and invoices of vendors, for quality rule 50.",
        ),
        "cataloging": ("station.cli.catalog.cataloging:cataloging", "The queue for original cataloging."),
        "corrections": (
            "station.cli.quality.corrections:corrections",
            "Failed findings until they are mended, rechecked and closed.",
        ),
        "people": ("station.cli.people.people:people", "Who works here: trainees, operators, technicians, systems."),
        "sign-on": (
            "station.cli.session.sign_on:sign_on",
            "Sign on LOGIN (or a card's number) at the running station.",
        ),
        "sign-off": ("station.cli.session.sign_on:sign_off", "Sign off the worker at the running station."),
        "who": ("station.cli.session.sign_on:who", "Show who works at the running station now."),
        "callnumber": (
            "station.cli.catalog.call_number:callnumber",
            "Call numbers: LC, Dewey, NLM, SuDoc, ANSCR and local ones.",
        ),
        "label": (
            "station.cli.label.label:label",
            "Show the labels of each BARCODE (or of those on standard input, one per line), or print them with "
            "--print.",
        ),
        "quality": ("station.cli.quality.group:quality", "Quality: rules, checks of an item, sampling, statistics."),
        "journal": ("station.cli.admin.journal:journal", "The journal: everything that happened at this bench."),
        "outbox": (
            "station.cli.library_systems.outbox:outbox",
            "Results and orders on their way to the library systems.",
        ),
        "board": (
            "station.cli.session.status_board:board",
            "Show what waits for the technician: a call for staff, work in hand, overdue corrections, parked deliveries, the "
            "reader, failing tags.",
        ),
        "call-staff": (
            "station.cli.session.call_staff:call_staff",
            "Call staff to the bench, or lower the flag with --down.",
        ),
        "roll": ("station.cli.session.status_board:roll", "Rolls of new tags, whose failures are counted separately."),
        "manual": ("station.cli.session.manual:manual", "Read a page of the manual."),
        "sound": (
            "station.cli.session.sound:sound",
            "Sounds of the station: try and check them, make them louder or quieter, mute them.",
        ),
        "sync": ("station.cli.library_systems.sync:sync", "The library systems that results go to."),
        "library": (
            "station.cli.library_systems.library:library",
            "Order a change in the library system: a note, facts, a scan-in, a withdrawal, members of a set.",
        ),
    }
)
"""By name, in the order of the help."""

FORMER_NAMES: Final = {
    "truck check": "release check",
    "truck release": "release truck",
    "checklist answer": "withdraw answer",
    "checklist list": "withdraw list",
}
"""Former name -> present name. A former name runs the same and is not listed."""


class _Table(Guarded):
    """The group of all commands."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click calls it by this name
        """In the order of the table."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """The command, by its present or a former name."""
        return COMMANDS.get(cmd_name) or _former(cmd_name)


def _former(noun: str) -> click.Command | None:
    """The hidden group of a former noun: the present commands under their former names."""
    former = {old: new.split() for old, new in FORMER_NAMES.items() if old.split()[0] == noun}
    present = [loaded(COMMANDS[group]) for group, _ in former.values()]
    commands = {
        old.split()[1]: group.commands[name]
        for (old, (_, name)), group in zip(former.items(), present, strict=True)
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
        try:
            station.main(prog_name="station")
        finally:
            gc.freeze()  # else Python looks for cycles once more before it ends
