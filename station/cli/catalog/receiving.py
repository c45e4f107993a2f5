"""`station receiving`: packing lists and invoices of vendors, and the items that arrived at this bench.

Quality rule 50 compares items with them. These commands only keep the lists.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import click
import msgspec

from station.acquisitions import packing_lists as packing_file
from station.acquisitions.packing_lists import COLUMNS
from station.base.cells import table
from station.base.errors import PackingRefused
from station.base.text import clean
from station.base.words import tell
from station.cli.shared.app import NOT_GOOD, App, data_option, json_option, pass_app
from station.domain.packing_lists import PackingLine, PackingList
from station.runtime.data_directory import JOURNAL
from station.runtime.station import packing_lists
from station.store.lists.packing_lists import PackingLists
from station.store.queries.queries import Queries


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    """Packing list, and how many of its copies have arrived."""

    key: str
    vendor: str
    name: str
    date: str
    lines: int
    quantity: int
    came: int
    closed: str


class LineStanding(msgspec.Struct, frozen=True, kw_only=True):
    """Line of a packing list, and the items that arrived for it."""

    line: PackingLine
    barcodes: tuple[str, ...]

    @property
    def over(self) -> int:
        """Copies in excess of the list; a negative number of copies is missing."""
        return len(self.barcodes) - self.line.quantity

    @property
    def told(self) -> str:
        """State of the line, as a sentence."""
        if not self.over:
            return tell("receiving.all-here")
        return tell("receiving.missing" if self.over < 0 else "receiving.too-many", number=abs(self.over))


@click.group()
def receiving() -> None:
    """Packing lists and invoices of vendors, for quality rule 50."""


@receiving.command("import")
@data_option
@json_option
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--list", "name", default="", metavar="NUMBER", help="Number of the list, if no column has it.")
@click.option("--vendor", default="", metavar="NAME", help="Name of the vendor, if no column has it.")
@click.option(
    "--column",
    "columns",
    multiple=True,
    metavar="NAME=THEIRS",
    help=f"THEIRS is the file's name for the column NAME: {', '.join(COLUMNS)}. Repeatable.",
)
@pass_app
def import_(app: App, file: Path, name: str, vendor: str, columns: tuple[str, ...]) -> None:
    """Import the packing lists in FILE (CSV with a header row, or JSON). A list that was imported before is replaced;
    the items that arrived for it stay. A running station uses the list from the next item on."""
    names = dict(_pair(one) for one in columns)
    settings = app.settings()
    try:
        data = file.read_bytes()
    except OSError as error:
        raise PackingRefused(f"{file}: {error.strerror or error}") from error
    unused: list[str] = []
    found = packing_file.read(
        data,
        file.name,
        names=names,
        default_list=name,
        default_vendor=vendor,
        barcodes=settings.barcodes,
        unused=unused.extend,
    )
    if unused:
        app.note(tell("receiving.unused", columns=", ".join(unused)))
    lists = _lists(app)
    report = []
    for one in found:
        new = msgspec.structs.replace(one, given=app.clock.now(), source=clean(file.name, 200))
        report.append((new, lists.keep(new)))
    app.report(
        [
            {"key": one.key, "lines": len(one.lines), "replaced": replaced, "unused_columns": unused}
            for one, replaced in report
        ],
        (
            tell(
                "receiving.replaced" if replaced else "receiving.imported",
                list=one.key,
                lines=tell("receiving.lines", count=len(one.lines)),
                copies=tell("receiving.copies", count=sum(line.quantity for line in one.lines)),
            )
            for one, replaced in report
        ),
    )


def _pair(text: str) -> tuple[str, str]:
    ours, equals, theirs = text.partition("=")
    if not equals or not theirs.strip() or ours not in COLUMNS:
        raise click.UsageError(f"--column takes NAME=THEIRS, where NAME is one of {', '.join(COLUMNS)}.")
    return ours, theirs.strip()


@receiving.command("list")
@data_option
@json_option
@click.option("--all", "everything", is_flag=True, help="Include closed lists.")
@pass_app
def list_(app: App, everything: bool) -> None:
    """List the packing lists, the oldest import first, and how many copies of each have arrived."""
    lists = _lists(app)
    found = [_standing(lists, one) for one in lists.all() if everything or not one.closed]
    rows = [
        (
            one.key,
            one.date,
            tell("receiving.lines", count=one.lines),
            tell("receiving.here", came=one.came, quantity=one.quantity),
            tell("receiving.closed" if one.closed else "receiving.open"),
        )
        for one in found
    ]
    app.report(found, table(rows) if rows else [tell("receiving.none-open")])


@receiving.command()
@data_option
@json_option
@click.argument("key", metavar="LIST")
@pass_app
def show(app: App, key: str) -> int:
    """Show the lines of a list, and the items that arrived for each. LIST is its number, or vendor and number. Exit
    code 1 unless exactly the listed copies have arrived."""
    lists = _lists(app)
    found = [LineStanding(line=line, barcodes=tuple(sorted(came))) for line, came in lists.came(_the(lists, key))]
    app.report(found, table(list(_rows(found))))
    return 0 if not any(one.over for one in found) else NOT_GOOD


@receiving.command()
@data_option
@json_option
@click.argument("key", metavar="LIST")
@pass_app
def close(app: App, key: str) -> None:
    """Close a list: no further copies are expected. Importing the list again reopens it."""
    lists = _lists(app)
    one = _the(lists, key)
    if not one.closed:
        lists.keep(msgspec.structs.replace(one, closed=app.clock.now()))
    app.report({"key": one.key, "closed": True}, [tell("receiving.is-closed", list=one.key)])


def _lists(app: App) -> PackingLists:
    return packing_lists(app.settings(), app.data, Queries(app.data / JOURNAL, app.clock))


def _the(lists: PackingLists, key: str) -> PackingList:
    found = lists.find(key)
    if found is None:
        known = ", ".join(one.key for one in lists.all()[-5:])
        raise PackingRefused(
            tell("receiving.unknown", list=clean(key), known=known)
            if known
            else tell("receiving.unknown-none", list=clean(key))
        )
    return found


def _standing(lists: PackingLists, one: PackingList) -> Standing:
    return Standing(
        key=one.key,
        vendor=one.vendor,
        name=one.name,
        date=one.date,
        lines=len(one.lines),
        quantity=sum(line.quantity for line in one.lines),
        came=sum(len(came) for _, came in lists.came(one)),
        closed=one.closed,
    )


def _rows(found: list[LineStanding]) -> Iterator[tuple[str, ...]]:
    for one in found:
        line = one.line
        what = line.barcode or line.order_line or " ".join(line.numbers)
        yield (
            line.line,
            what,
            line.title[:50],
            tell("receiving.of", came=len(one.barcodes), quantity=line.quantity),
            one.told,
            " ".join(one.barcodes),
        )
