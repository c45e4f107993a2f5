"""`station receiving`: packing lists and invoices of vendors, and the items that arrived at this bench.

Quality rule 50 compares items with them. These commands journal who imports, replaces and closes a list.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import click

from station.acquisitions import packing_lists as packing_file
from station.acquisitions.columns import COLUMNS
from station.acquisitions.columns import read as read_columns
from station.acquisitions.edifact import file as edifact
from station.acquisitions.edifact.documents import Document, Line
from station.acquisitions.edifact.messages import Note
from station.acquisitions.edifact.packing import PACKING_KINDS, packing_list
from station.acquisitions.edifact.segments import looks_like
from station.acquisitions.sheets import CODE_PAGES
from station.base.cells import table
from station.base.errors import PackingRefused
from station.base.local_time import local_day
from station.base.sentence import Sentence
from station.base.text import clean
from station.base.words import tell
from station.cli.shared.app import NOT_GOOD, App, data_option, json_option, operator_option, pass_app
from station.cli.shared.prove_identity import queries
from station.cli.shared.who_asks import asker, order
from station.domain.events import PackingListClosed, PackingListImported, PackingListReplaced, PackingListStep
from station.domain.packing_lists.changes import LineChange
from station.domain.packing_lists.packing_list import ListLine, ListStanding, PackingLine, PackingList
from station.domain.receiving.vendor import Dates, Mapper
from station.store.lists.import_plan import ImportState, PlannedImport, plan
from station.store.queries.queries import Queries


def mapper_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options that say how a vendor's spreadsheet is read."""
    for option in (
        click.option("--sheet", default="", metavar="NAME", help="Sheet of the workbook, if several have content."),
        click.option("--code-page", type=click.Choice(CODE_PAGES), default="utf-8", help="Encoding of a CSV file."),
        click.option(
            "--dates", type=click.Choice(["mdy", "dmy"]), help="Order of day and month in dates like 3/2/2026."
        ),
        click.option(
            "--column",
            "columns",
            multiple=True,
            metavar="NAME=THEIRS",
            help=f"THEIRS is the file's name for the column NAME: {', '.join(COLUMNS)}. Repeatable.",
        ),
    ):
        command = option(command)
    return command


def _mapper(columns: tuple[str, ...], dates: Dates | None, code_page: str, sheet: str) -> Mapper:
    return Mapper(
        columns=dict(_pair(column) for column in columns),
        dates=dates or "",
        code_page="" if code_page == "utf-8" else code_page,
        sheet=sheet,
    )


@click.group()
def receiving() -> None:
    """Packing lists and invoices of vendors, for quality rule 50."""


@receiving.command("import")
@data_option
@json_option
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--list", "name", default="", metavar="NUMBER", help="Number of the list, if no column has it.")
@click.option("--vendor", default="", metavar="NAME", help="Name of the vendor, if no column has it.")
@mapper_options
@click.option("--replace", is_flag=True, help="Replace a list that was imported before, and show what changes.")
@operator_option
@pass_app
def import_(
    app: App,
    file: Path,
    name: str,
    vendor: str,
    columns: tuple[str, ...],
    dates: Dates | None,
    code_page: str,
    sheet: str,
    replace: bool,
    operator: str,
) -> None:
    """Import the packing lists in FILE: CSV or XLSX with a header row, JSON, or the despatch advices and invoices of a vendor's
    EDIFACT file. A list that is already imported is refused unless --replace is given; the items that arrived for it
    stay with their copies. The same list again changes nothing. A running station uses the list from the next item
    on."""
    mapper = _mapper(columns, dates, code_page, sheet)
    settings = app.settings()
    data = _bytes(file)
    unused: tuple[str, ...] = ()
    if looks_like(data):
        if mapper != Mapper() or name or vendor:
            raise click.UsageError("EDIFACT names list, vendor and columns itself: leave out the options about them.")
        contents = _edifact(app, data, _file_name(file))
    else:
        contents, unused = packing_file.read(
            data,
            _file_name(file),
            mapper=mapper,
            default_list=name,
            default_vendor=vendor,
            barcodes=settings.barcodes,
        )
    if unused:
        app.note(tell("receiving.unused", columns=", ".join(unused)))
    digest = hashlib.sha256(data).hexdigest()
    plans = plan(contents, digest, queries(app))
    for planned in plans:
        if planned.state is ImportState.REPLACES and not replace:
            raise PackingRefused(_exists(planned))
    events_or_none = [_event(app, planned, clean(file.name, 200), digest, operator, replace) for planned in plans]
    if events := [event for event in events_or_none if event is not None]:
        order(app, *events)
    ids = {(standing.vendor, standing.name): standing.id for standing in queries(app).packing_lists()}
    app.report(
        [
            {
                "id": planned.standing.id if planned.standing else ids[planned.content.vendor, planned.content.name],
                "vendor": planned.content.vendor,
                "name": planned.content.name,
                "lines": len(planned.content.lines),
                "state": planned.state,
                "changes": planned.changes,
                "unused_columns": unused,
            }
            for planned in plans
        ],
        (line for planned in plans for line in _sentences(planned, replace)),
    )


def _bytes(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise PackingRefused(f"{file}: {error.strerror or error}") from error


def _file_name(file: Path) -> str:
    return clean(file.name) or tell("packing.no-file-name")


def _edifact(app: App, data: bytes, file: str) -> tuple[PackingList, ...]:
    """Return the packing lists of an EDIFACT file, and name the documents that are none."""
    vendor_file = edifact.read(data, file)
    for note in vendor_file.notes:
        app.note(_note(note))
    for document in vendor_file.documents:
        if document.kind not in PACKING_KINDS:
            app.note(tell("receiving.no-list", document=_heading(document)))
    lists = tuple(packing_list(document, file) for document in vendor_file.documents if document.kind in PACKING_KINDS)
    if not lists:
        raise PackingRefused(Sentence("receiving.no-lists", file=file))
    return lists


def _heading(document: Document) -> str:
    return tell(
        "receiving.document",
        kind=tell(f"receiving.kind.{document.kind}"),
        number=document.number,
        vendor=document.vendor,
    )


def _note(note: Note) -> str:
    return tell(f"edifact.note.{note.code}", line=note.line, tag=note.tag, expected=note.expected, actual=note.actual)


@receiving.command()
@data_option
@json_option
@click.argument("file", type=click.Path(path_type=Path))
@mapper_options
@pass_app
def read(app: App, file: Path, columns: tuple[str, ...], dates: Dates | None, code_page: str, sheet: str) -> None:
    """Show what a vendor's file says, and import nothing: the documents and lines of an EDIFACT file, or the columns
    and the first five rows of a spreadsheet."""
    data = _bytes(file)
    if not looks_like(data):
        _preview(app, data, _file_name(file), _mapper(columns, dates, code_page, sheet))
        return
    vendor_file = edifact.read(data, _file_name(file))
    for note in vendor_file.notes:
        app.note(_note(note))
    app.report(
        {"documents": vendor_file.documents, "notes": vendor_file.notes},
        (line for document in vendor_file.documents for line in _document(document)),
    )


def _preview(app: App, data: bytes, file: str, mapper: Mapper) -> None:
    """Report how a spreadsheet is read: each column's meaning and first values."""
    columns = read_columns(data, file, mapper)
    if columns is None:
        raise PackingRefused(Sentence("packing.empty", file=file))
    rows = [columns.values(row, file) for row in columns.rows[:5]]
    heads = [clean(cell, 30) for cell in columns.header.cells]
    app.report(
        {"header_row": columns.header.number, "columns": dict(zip(heads, columns.names, strict=True)), "rows": rows},
        (
            tell("receiving.header-row", number=columns.header.number, rows=len(columns.rows)),
            *table(
                [
                    (head, name or tell("receiving.left-out"), *(row.get(name, "")[:30] for row in rows))
                    for head, name in zip(heads, columns.names, strict=True)
                ]
            ),
        ),
    )


def _document(document: Document) -> Iterator[str]:
    """Yield a heading, and a row for each line."""
    yield " ".join(filter(None, (_heading(document), document.date, *document.cartons)))
    yield from table([_document_row(line, document.currency) for line in document.lines])


def _document_row(line: Line, currency: str) -> tuple[str, ...]:
    return (
        line.number,
        line.trade_number,
        line.order_line,
        line.title[:50],
        " ".join(f"{quantity.qualifier}:{quantity.value:f}" for quantity in line.quantities),
        "" if line.amount is None else f"{line.amount:f} {currency}".strip(),
        " ".join(copy.barcode for copy in line.copies if copy.barcode),
    )


def _exists(planned: PlannedImport) -> str:
    heading = planned.standing.heading if planned.standing is not None else ""
    key = "receiving.exists" if planned.same_name else "receiving.same-file"
    return tell(key, list=heading, option="--replace")


def _event(
    app: App, planned: PlannedImport, source: str, digest: str, operator: str, replace: bool
) -> PackingListStep | None:
    """Return the event that imports or replaces the list; None if nothing changes. `replace` opens a closed list
    again."""
    standing, who = planned.standing, asker(app, operator).id
    if standing is None:
        return PackingListImported(content=planned.content, source=source, digest=digest, operator=who)
    if planned.state is ImportState.UNCHANGED and not (standing.closed and replace):
        return None
    return PackingListReplaced(
        list=standing.id,
        replaces=standing.newest,
        content=planned.content,
        source=source,
        digest=digest,
        operator=who,
    )


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
    return (tell(f"receiving.change.{change.kind}"), line.line, _identity(line), line.title[:50], _difference(change))


def _difference(change: LineChange) -> str:
    return "; ".join(
        tell(
            "receiving.change.field",
            name=name,
            before=_shown(getattr(change.before, name)),
            after=_shown(getattr(change.after, name)),
        )
        for name in change.fields
    )


def _shown(value: object) -> str:
    if isinstance(value, tuple):
        return " ".join(map(str, value)) or "-"
    return "-" if value in ("", None) else str(value)


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
    standings = [standing for standing in queries(app).packing_lists() if everything or not standing.closed]
    rows = [
        (
            standing.id,
            standing.heading,
            standing.date,
            tell("receiving.lines", count=standing.lines),
            tell("receiving.here", came=standing.came, quantity=standing.quantity),
            tell("receiving.closed" if standing.closed else "receiving.open"),
        )
        for standing in standings
    ]
    app.report(standings, table(rows) if rows else [tell("receiving.none-open")])


@receiving.command()
@data_option
@json_option
@click.argument("key", metavar="LIST")
@pass_app
def show(app: App, key: str) -> int:
    """Show the lines of a list, and the items that arrived for each. LIST is its id, its number, or vendor and number.
    Exit code 1 unless exactly the listed copies have arrived."""
    views = queries(app)
    lines = views.packing_list_lines(_named(views, key).id)
    app.report([_value(line) for line in lines], table([_row(line) for line in lines]))
    return 0 if all(line.current and len(line.barcodes) == line.line.quantity for line in lines) else NOT_GOOD


@receiving.command()
@data_option
@json_option
@click.argument("key", metavar="LIST")
@operator_option
@pass_app
def close(app: App, key: str, operator: str) -> None:
    """Close a list, and show what is missing: no further copies are expected. Importing the list again with --replace
    opens it."""
    views = queries(app)
    standing = _named(views, key)
    missing = [line for line in views.packing_list_lines(standing.id) if line.missing]
    if not standing.closed:
        order(app, PackingListClosed(list=standing.id, operator=asker(app, operator).id))
    value = {"id": standing.id, "closed": True, "missing": [_value(line) for line in missing]}
    app.report(value, (*_closed(standing, missing), *table([_row(line) for line in missing])))


def _closed(standing: ListStanding, missing: Sequence[ListLine]) -> Iterable[str]:
    if standing.closed:
        yield tell("receiving.closed-already", list=standing.heading)
    elif missing:
        copies = tell("receiving.copies", count=sum(line.missing for line in missing))
        yield tell("receiving.is-closed-missing", list=standing.heading, copies=copies)
    else:
        yield tell("receiving.is-closed", list=standing.heading)


def _named(views: Queries, name: str) -> ListStanding:
    """Return the list with this id, this vendor and number, or this number. Raises `PackingRefused`."""
    standings = views.packing_lists()
    for fits in (
        [standing for standing in standings if standing.id == name],
        [standing for standing in standings if standing.heading == name],
        [standing for standing in standings if standing.name == name],
    ):
        if len(fits) == 1:
            return fits[0]
        if fits:
            known = ", ".join(f"{standing.id} ({standing.heading})" for standing in fits)
            raise PackingRefused(Sentence("receiving.several", list=clean(name), known=known))
    known = ", ".join(standing.heading for standing in standings[-5:])
    raise PackingRefused(
        Sentence("receiving.unknown", list=clean(name), known=known)
        if known
        else Sentence("receiving.unknown-none", list=clean(name))
    )


def _value(line: ListLine) -> dict[str, object]:
    return {"line": line.line, "barcodes": sorted(line.barcodes), "missing": line.missing, "listed": line.current}


def _row(line: ListLine) -> tuple[str, ...]:
    quantity = line.line.quantity if line.current else 0
    over = len(line.barcodes) - quantity
    state = "receiving.all-here" if not over else "receiving.missing" if over < 0 else "receiving.too-many"
    return (
        line.line.line,
        _identity(line.line),
        line.line.title[:50],
        tell("receiving.of", came=len(line.barcodes), quantity=quantity),
        tell(state, number=abs(over)) if line.current else tell("receiving.not-listed"),
        " ".join(sorted(line.barcodes)),
    )


def _identity(line: PackingLine) -> str:
    return line.barcode or line.order_line or " ".join(line.numbers)
