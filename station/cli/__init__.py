"""Command line: one folder per noun. Every action of the touch screen has a command here.

The commands are a table; a command's file is imported when it is used, so that `station tag decode` never waits for the
screen's libraries, and `station --help` for none.
"""

from __future__ import annotations

import gc
import os
from typing import Final

import click

from station import __version__
from station.base import logs
from station.cli.shared.app import Guarded, data_option, part_ended, safe
from station.cli.shared.deferred import deferred, loaded

SECTIONS: Final[dict[str, dict[str, tuple[str, str]]]] = {
    "Start": {
        "demo": (
            "station.cli.session.demo:demo",
            "Play the main job with an emulated reader, imaginary items and an imaginary library system.",
        ),
        "run": ("station.cli.session.run:run", "Open the station at this bench."),
        "serve": (
            "station.cli.session.serve:serve",
            "Run the station without screen and reader until Ctrl-C: it holds the data directory, sends deliveries, and "
            "does what commands and the office ask for.",
        ),
        "office": (
            "station.cli.session.office:office",
            "Serve the pages of the office to the browsers of this account until Ctrl-C: what is in the catalog, what "
            "happened to each item, what is to fix, and what waits in the outbox.",
        ),
        "init": ("station.cli.admin.init:init", "Create the data directory, and write a commented station.toml."),
        "doctor": (
            "station.cli.admin.doctor:doctor",
            "Check settings, data, journal, catalog, systems, printer, sound and readers.",
        ),
        "manual": ("station.cli.session.manual:manual", "Read a page of the manual."),
    },
    "Items at the bench": {
        "process": (
            "station.cli.workflows.process:process",
            "Scan BARCODE, write and verify its tag, answer the checks, record the verdict.",
        ),
        "convert": (
            "station.cli.workflows.convert:convert",
            'Tag items in bulk: for each of BARCODES (a file, or "-" for stdin: scan them), the item on the '
            "pad is written, verified and judged by the machine.",
        ),
        "stack": ("station.cli.workflows.stack:stack", "Stacks of finished items on the pad."),
        "set": (
            "station.cli.workflows.sets:set_",
            "Gather the parts of BARCODE on the pad, in any order, one or several at once: number, write "
            "and verify them, and report the missing parts.",
        ),
        "sets": (
            "station.cli.workflows.sets:sets",
            "List the sets that were processed at this bench, the oldest first: parts, missing parts, "
            "pieces without a tag.",
        ),
        "inspect": (
            "station.cli.workflows.inspect:inspect",
            "Inspect every tag on the pad: content, bytes, problems, history, second tags, and what could be undone.",
        ),
        "undo": (
            "station.cli.workflows.inspect:undo",
            "Undo tag write: the one tag on the pad becomes, byte by byte, what it was before its last write.",
        ),
        "release": (
            "station.cli.workflows.release:release",
            "Trucks (or any list) of finished items: which may leave, and why the others may not.",
        ),
        "withdraw": (
            "station.cli.departures.group:withdraw",
            "Items that leave the library: the decision, its proofs, the checks, lists and reports.",
        ),
    },
    "Tags and readers": {
        "tag": ("station.cli.tag.group:tag", "Read, explain, compare, plan and write tags."),
        "pad": (
            "station.cli.workflows.pad_request:pad",
            "The pad: list its tags, switch an item's security, rewrite one tag.",
        ),
        "reader": (
            "station.cli.reader.group:reader",
            "Find, test, configure and record the reader; badges and NTAG labels.",
        ),
        "harness": (
            "station.cli.reader.harness:harness",
            "Test whether a reader keeps the contract that the station relies on, with a scratch tag, and "
            "report the results.",
        ),
        "emulate": (
            "station.cli.reader.emulate:emulate",
            "Serve an emulated reader and its tags to any software, over a pseudo-terminal or TCP.",
        ),
        "web": (
            "station.cli.library_systems.web:web",
            "The pad for Alma's page in the browser: certificate, trust, check.",
        ),
    },
    "Records and labels": {
        "item": (
            "station.cli.catalog.item:item",
            "Show the record of BARCODE, its state at this bench, and everything in the journal about it, the newest "
            "first.",
        ),
        "catalog": ("station.cli.catalog.group:catalog", "The library's records, by barcode."),
        "callnumber": (
            "station.cli.catalog.call_number:callnumber",
            "Call numbers: LC, Dewey, NLM, SuDoc, ANSCR and local ones.",
        ),
        "label": (
            "station.cli.label.label:label",
            "Show the labels of each BARCODE of an item or a box (or of those on standard input, one per line), or print them "
            "with --print.",
        ),
        "cataloging": ("station.cli.catalog.cataloging:cataloging", "The queue for original cataloging."),
        "orders": ("station.cli.catalog.purchase_orders:orders", "Order and invoice data in MARC records."),
        "receiving": (
            "station.cli.receiving.group:receiving",
            "Receiving: what vendors send, from their files to the last copy.",
        ),
        "transfers": (
            "station.cli.departures.transfers:transfers",
            "Items that move, get another call number, are lost, or turn up again.",
        ),
    },
    "Quality": {
        "quality": ("station.cli.quality.group:quality", "Quality: rules, checks of an item, sampling, statistics."),
        "corrections": (
            "station.cli.quality.corrections:corrections",
            "Failed findings until they are mended, rechecked and closed.",
        ),
    },
    "People": {
        "people": ("station.cli.people.people:people", "Who works here: trainees, operators, technicians, systems."),
        "sign-on": (
            "station.cli.session.sign_on:sign_on",
            "Sign on LOGIN (or a card's number) at the running station.",
        ),
        "sign-off": ("station.cli.session.sign_on:sign_off", "Sign off the worker at the running station."),
        "who": ("station.cli.session.sign_on:who", "Show who works at the running station now."),
        "call-staff": (
            "station.cli.session.call_staff:call_staff",
            "Call staff to the bench, or lower the flag with --down.",
        ),
    },
    "The station": {
        "board": (
            "station.cli.session.status_board:board",
            "Show what waits for the technician: a call for staff, work in hand, overdue corrections, "
            "parked deliveries, the reader, failing tags.",
        ),
        "roll": ("station.cli.session.status_board:roll", "Rolls of new tags, whose failures are counted separately."),
        "sound": (
            "station.cli.session.sound:sound",
            "Sounds of the station: try and check them, make them louder or quieter, mute them.",
        ),
        "journal": ("station.cli.admin.journal:journal", "The journal: everything that happened at this bench."),
        "settings": (
            "station.cli.admin.settings:settings_command",
            "Show each setting: its value, its default, and the line of station.toml that sets it.",
        ),
        "backup": (
            "station.cli.admin.backup:backup",
            "Backups of the data directory: make one while the station works, check one.",
        ),
        "restore": (
            "station.cli.admin.backup:restore",
            "Restore the backup FILE into the data directory, which is empty or does not exist.",
        ),
        "update": (
            "station.cli.admin.update:update",
            "Back up the data of an earlier version, and bring journal and people up to date.",
        ),
    },
    "Several benches": {
        "fleet": (
            "station.cli.fleet.group:fleet",
            "Several benches with one center, which keeps copies of their journals.",
        ),
    },
    "Library systems": {
        "outbox": (
            "station.cli.library_systems.outbox:outbox",
            "Results and orders on their way to the library systems.",
        ),
        "sync": ("station.cli.library_systems.sync:sync", "The library systems that results go to."),
        "library": (
            "station.cli.library_systems.library:library",
            "Order a change in the library system: a note, facts, a scan-in, members of a set.",
        ),
    },
}
"""Commands by section, in the order of the help: MODULE:ATTRIBUTE, and the first sentence of its help."""
COMMANDS: Final = deferred({name: command for section in SECTIONS.values() for name, command in section.items()})
"""All commands by name."""

FORMER_NAMES: Final = {
    "truck check": "release check",
    "truck release": "release truck",
    "checklist answer": "withdraw answer",
    "checklist list": "withdraw list",
}
"""Former name -> present name. A former name runs the same and is not listed."""


class _Table(Guarded):
    """The group of all commands."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """In the order of the table."""
        return list(COMMANDS)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the commands in sections."""
        longest = max(map(len, COMMANDS))
        for title, section in SECTIONS.items():
            with formatter.section(title):
                room = formatter.width - longest - 6
                formatter.write_dl([(f"{name:{longest}}", COMMANDS[name].get_short_help_str(room)) for name in section])

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
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


_VERSION_HELP: Final = "Show the version and its commit, and exit."


def _show_version(context: click.Context, _: click.Parameter, asked: bool) -> None:
    if asked and not context.resilient_parsing:
        from station.cli.shared.commit import commit

        click.echo(safe(f"station, version {__version__}" + (f", commit {known}" if (known := commit()) else "")))
        context.exit()


@click.group(cls=_Table, context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--version", is_flag=True, is_eager=True, expose_value=False, callback=_show_version, help=_VERSION_HELP)
@data_option
def station() -> None:
    """The RFID Processing Station: write, verify and judge library tags at the bench.

    Exit codes are listed in docs/cli.md.
    """


def main() -> None:
    """Entry point of the command `station`."""
    os.umask(0o077)  # what the station writes is for its own account
    logs.catch_uncaught()
    with logs.watching(part_ended):
        try:
            station.main(prog_name="station")
        finally:
            gc.freeze()  # else Python looks for cycles once more before it ends
