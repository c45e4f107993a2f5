"""`station receiving import` and `type`: take packing lists and orders into the journal."""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

import click
import msgspec

from station.acquisitions import packing_lists as packing_file
from station.acquisitions import vendor_files
from station.acquisitions.purchase_orders import ORDER_NAMES
from station.acquisitions.vendor_files import FileForm, FileOptions
from station.base.cells import table
from station.base.errors import PackingRefused
from station.base.local_time import local_day
from station.base.text import clean
from station.base.words import alone, tell
from station.cli.receiving.file_options import (
    content_of,
    document_heading,
    file_name,
    mapper_for,
    mapper_of,
    mapper_options,
)
from station.cli.receiving.lists import identity
from station.cli.shared.app import App, data_option, json_option, operator_option, pass_app
from station.cli.shared.prove_identity import queries
from station.cli.shared.who_asks import asker, order
from station.domain.packing_lists.changes import LineChange
from station.domain.packing_lists.packing_list import ListKind, PackingList
from station.domain.receiving.vendor import Dates
from station.reports import remarks
from station.reports.list_changes import fields_words
from station.store.lists.import_plan import ImportState, PlannedImport, plan

_OPTIONS: Final = {
    "list": "--list",
    "vendor": "--vendor",
    "mapper": "--column, --dates, --code-page, --sheet",  # not for people
    "kind": "--orders",
    "profile": "--profile",
}
"""Field of `FileOptions` -> the options that give it."""
_TYPED: Final = "typed"
"""Source of a list that was typed in, where an imported list has the name of its file."""
_LONGEST_TYPED: Final = 2000
"""Maximum characters of a typed line."""


@click.command("import")
@data_option
@json_option
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--list", "name", default="", metavar="NUMBER", help="Number of the list, if the file does not give it.")
@click.option(
    "--vendor",
    default="",
    metavar="NAME",
    help="Name, id or code of the vendor, if the file does not give it. The mapper of a recorded vendor reads spreadsheets, "
    "unless an option says otherwise.",
)
@click.option("--orders", is_flag=True, help="The lines of a spreadsheet are ordered; they may come in any box.")
@click.option("--profile", type=click.Choice(list(ORDER_NAMES)), default=None, help="Order fields of MARC records.")
@mapper_options
@click.option("--replace", is_flag=True, help="Replace a list that was imported before, and show what changes.")
@operator_option
@pass_app
def import_(
    app: App,
    file: Path,
    name: str,
    vendor: str,
    orders: bool,
    profile: str | None,
    columns: tuple[str, ...],
    dates: Dates | None,
    code_page: str,
    sheet: str,
    replace: bool,
    operator: str,
) -> None:
    """Import the packing lists or orders in FILE: CSV or XLSX with a header row, JSON, a vendor's EDIFACT file, or MARC
    records with order fields. A list that is already imported is refused unless --replace is given; the items that
    arrived for it stay with their copies. The same list again changes nothing. A running station uses the list from the
    next item on."""
    settings = app.settings()
    data = content_of(file)
    options = FileOptions(
        list=name,
        vendor=vendor,
        mapper=mapper_of(columns, dates, code_page, sheet),
        kind=ListKind.ORDER if orders else ListKind.BOX,
        profile=profile or "",
    )
    if unused := vendor_files.unused_options(form := vendor_files.form_of(data), options):
        names = ", ".join(_OPTIONS[name] for name in unused)
        raise click.UsageError(f"A file of this form ({form}) has these values itself: leave out {names}.")
    if form is FileForm.TABLE:
        options = options._replace(mapper=mapper_for(queries(app), vendor, options.mapper))
    taken = vendor_files.read(data, file_name(file), options, settings.barcodes)
    for remark in remarks.of_file(taken.notes):
        app.note(alone(tell(remark)))
    for document in taken.left_out:
        app.note(tell("receiving.no-list", document=document_heading(document)))
    if taken.unused:
        app.note(tell("receiving.unused", columns=", ".join(taken.unused)))
    _take_in(app, taken.lists, clean(file.name, 200), data, operator, replace, taken.unused)


@click.command("type")
@data_option
@json_option
@click.argument("name", metavar="LIST")
@click.option("--vendor", default="", metavar="NAME", help="Name, id or code of the vendor.")
@click.option(
    "--line",
    "lines",
    multiple=True,
    metavar="TEXT",
    help='One line of the list, such as "isbn=9780262033848 quantity=2 title=Any title". Repeatable; without it, the lines '
    "are read from stdin up to an empty line.",
)
@click.option("--orders", is_flag=True, help="The lines are ordered; they may come in any box.")
@click.option("--replace", is_flag=True, help="Replace a list that was imported before, and show what changes.")
@operator_option
@pass_app
def type_(app: App, name: str, vendor: str, lines: tuple[str, ...], orders: bool, replace: bool, operator: str) -> None:
    """Type in the packing list LIST, which came on paper. All lines are taken, or none."""
    texts = lines or tuple(_stdin_lines())
    kind = ListKind.ORDER if orders else ListKind.BOX
    content = packing_file.typed(texts, name, vendor, barcodes=app.settings().barcodes, kind=kind)
    _take_in(app, (content,), _TYPED, msgspec.json.encode(content), operator, replace)


def _stdin_lines() -> Iterator[str]:
    """Yield the lines of stdin up to an empty one: a PIN may follow."""
    while line := sys.stdin.readline(_LONGEST_TYPED).strip():
        yield line


def _take_in(
    app: App,
    contents: Sequence[PackingList],
    source: str,
    data: bytes,
    operator: str,
    replace: bool,
    unused: tuple[str, ...] = (),
) -> None:
    """Journal the lists, and report what was done. `data`: what the lists were read from. Raise `PackingRefused` for a
    list that is there already, unless `replace`."""
    digest = hashlib.sha256(data).hexdigest()
    plans = plan(contents, digest, queries(app))
    for planned in plans:
        if planned.state is ImportState.REPLACES and not replace:
            raise PackingRefused(_exists(planned))
    who = asker(app, operator).id
    events_or_none = [planned.event(source, digest, who, reopens=replace) for planned in plans]
    if events := [event for event in events_or_none if event is not None]:
        order(app, *events)
    ids = {(now.kind, now.vendor, now.name): now.id for now in queries(app).packing_lists()}
    app.report(
        [
            {
                "id": planned.standing.id if planned.standing else ids[_name(planned.content)],
                "kind": planned.content.kind,
                "vendor": planned.content.vendor,
                "name": planned.content.name,
                "lines": len(planned.content.lines),
                "state": planned.state,
                "changes": planned.changes,
                "same_copies_as": planned.same_copies.id if planned.same_copies else "",
                "unused_columns": unused,
            }
            for planned in plans
        ],
        (line for planned in plans for line in _sentences(planned, replace)),
    )


def _name(content: PackingList) -> tuple[str, str, str]:
    return content.kind, content.vendor, content.name


def _exists(planned: PlannedImport) -> str:
    heading = planned.standing.heading if planned.standing is not None else ""
    key = "receiving.exists" if planned.same_name else "receiving.same-file"
    return tell(key, list=heading, option="--replace")


def _sentences(planned: PlannedImport, replace: bool) -> Iterator[str]:
    """Yield the sentences about one list of the file."""
    standing = planned.standing
    if planned.state is ImportState.UNCHANGED and standing is not None:
        if not standing.closed:
            yield tell("receiving.unchanged", list=planned.heading, day=local_day(standing.imported))
        else:
            key = "receiving.open-again" if replace else "receiving.unchanged-closed"
            yield tell(key, list=planned.heading, option="--replace")
        return
    yield tell(
        "receiving.imported" if standing is None else "receiving.replaced",
        list=planned.heading,
        lines=tell("receiving.lines", count=len(planned.content.lines)),
        copies=tell("receiving.copies", count=planned.content.copies),
    )
    if planned.same_copies is not None:
        yield tell("receiving.same-copies", other=planned.same_copies.heading)
    if standing is not None and planned.moved:
        yield tell(
            "receiving.renamed",
            before=f"{standing.heading} {standing.date}".strip(),
            after=f"{planned.heading} {planned.content.date}".strip(),
        )
    yield from table([_change_row(change) for change in planned.changes])


def _change_row(change: LineChange) -> tuple[str, ...]:
    line = change.after or change.before
    if line is None:
        raise ValueError("a change has a line")
    return (tell(f"receiving.change.{change.kind}"), line.line, identity(line), line.title[:50], fields_words(change))
