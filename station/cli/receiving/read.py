"""`station receiving read`: show what a vendor's file says."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Final

import click

from station.acquisitions import order_records
from station.acquisitions.columns import read as read_columns
from station.acquisitions.edifact import file as edifact
from station.acquisitions.edifact.documents import Amount, Document, Line
from station.acquisitions.purchase_orders import ORDER_NAMES
from station.acquisitions.vendor_files import FileForm, form_of
from station.base.cells import table
from station.base.errors import PackingRefused
from station.base.sentence import Sentence
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
from station.cli.shared.app import App, data_option, json_option, pass_app
from station.cli.shared.prove_identity import queries
from station.domain.packing_lists.packing_list import PackingLine, PackingList, heading
from station.domain.receiving.vendor import Dates, Mapper
from station.reports import remarks
from station.reports.tables.cells import money_words
from station.reports.tables.table import Money

_QUANTITIES: Final = frozenset({"1", "12", "21", "47", "83", "85"})
"""Qualifiers of a quantity (code list 6063) that have a name here."""


@click.command()
@data_option
@json_option
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "--vendor", default="", metavar="NAME", help="Read a spreadsheet as those of this vendor: name, id or code."
)
@click.option("--profile", type=click.Choice(list(ORDER_NAMES)), default=None, help="Order fields of MARC records.")
@mapper_options
@pass_app
def read(
    app: App,
    file: Path,
    vendor: str,
    profile: str | None,
    columns: tuple[str, ...],
    dates: Dates | None,
    code_page: str,
    sheet: str,
) -> None:
    """Show what a vendor's file says, and import nothing: the documents and lines of an EDIFACT file, the lines of
    MARC orders, or the columns and the first five rows of a spreadsheet."""
    data, name = content_of(file), file_name(file)
    match form_of(data):
        case FileForm.EDIFACT:
            _documents(app, data, name)
        case FileForm.MARC:
            _orders(app, data, name, profile or "")
        case _:
            mapper = mapper_of(columns, dates, code_page, sheet)
            _preview(app, data, name, mapper_for(queries(app), vendor, mapper) if vendor else mapper)


def _documents(app: App, data: bytes, file: str) -> None:
    vendor_file = edifact.read(data, file)
    for remark in remarks.of_file(vendor_file.notes):
        app.note(alone(tell(remark)))
    app.report(
        {"documents": vendor_file.documents, "notes": vendor_file.notes},
        (line for document in vendor_file.documents for line in _document(document)),
    )


def _orders(app: App, data: bytes, file: str, profile: str) -> None:
    lists = order_records.read(data, file, profile=profile)
    app.report(lists, (line for packing_list in lists for line in _list(packing_list)))


def _list(packing_list: PackingList) -> Iterator[str]:
    """Yield a heading, and a row for each line."""
    yield " ".join(
        filter(
            None,
            (
                tell(f"receiving.list-kind.{packing_list.kind}"),
                heading(packing_list.vendor, packing_list.name),
                packing_list.date,
            ),
        )
    )
    yield from table([_line(line) for line in packing_list.lines])


def _line(line: PackingLine) -> tuple[str, ...]:
    return (line.line, identity(line), line.title[:50], str(line.quantity), line.price, line.fund, line.library)


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
    yield " ".join(filter(None, (document_heading(document), document.date, *document.cartons)))
    yield from table([_document_row(line, document.currency) for line in document.lines])


def _quantity(quantity: Amount) -> str:
    kind = quantity.qualifier if quantity.qualifier in _QUANTITIES else "other"
    return tell(f"edifact.quantity.{kind}", number=f"{quantity.value:f}")


def _document_row(line: Line, currency: str) -> tuple[str, ...]:
    return (
        line.number,
        line.trade_number,
        line.order_line,
        line.title[:50],
        ", ".join(map(_quantity, line.quantities)),
        "" if line.amount is None else money_words(Money(line.amount, currency)).replace("\u00a0", " "),
        " ".join(copy.barcode for copy in line.copies if copy.barcode),
    )
