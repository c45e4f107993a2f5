"""Options and texts of the commands that read a vendor's file, and the file that a command writes."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import click

from station.acquisitions.columns import COLUMNS, INVOICE_COLUMNS
from station.acquisitions.edifact.documents import Document
from station.acquisitions.sheets import CODE_PAGES
from station.base.errors import PackingRefused
from station.base.text import clean
from station.base.words import tell
from station.domain.receiving.vendor import Dates, Mapper
from station.store.queries.queries import Queries


def mapper_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options that say how a vendor's spreadsheet of lists is read."""
    return _with_mapper(command, COLUMNS)


def invoice_mapper_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options that say how a vendor's spreadsheet of invoices is read."""
    return _with_mapper(command, INVOICE_COLUMNS)


def _with_mapper(command: Callable[..., Any], columns: Iterable[str]) -> Callable[..., Any]:
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
            help=f"THEIRS is the file's name for the column NAME: {', '.join(columns)}. Repeatable.",
        ),
    ):
        command = option(command)
    return command


def mapper_of(
    columns: tuple[str, ...], dates: Dates | None, code_page: str, sheet: str, known: Iterable[str] = COLUMNS
) -> Mapper:
    """Return the mapper that the options describe. `known`: names of the columns. Raise `UsageError`."""
    return Mapper(
        columns=dict(_pair(column, tuple(known)) for column in columns),
        dates=dates or "",
        code_page="" if code_page == "utf-8" else code_page,
        sheet=sheet,
    )


def mapper_for(views: Queries, vendor: str, given: Mapper) -> Mapper:
    """Return the mapper of the options, else the one that is kept for the vendor, else the plain one."""
    recorded = views.vendor_named(vendor)
    return recorded.mapper if given == Mapper() and recorded is not None else given


def _pair(text: str, known: tuple[str, ...]) -> tuple[str, str]:
    ours, equals, theirs = text.partition("=")
    if not equals or not theirs.strip() or ours not in known:
        raise click.UsageError(f"--column takes NAME=THEIRS, where NAME is one of {', '.join(known)}.")
    return ours, theirs.strip()


def content_of(file: Path) -> bytes:
    """Return the content of a file. Raise `PackingRefused`."""
    try:
        return file.read_bytes()
    except OSError as error:
        raise PackingRefused(f"{file}: {error.strerror or error}") from error


def file_name(file: Path) -> str:
    """Return the name of a file, for errors and events."""
    return clean(file.name) or tell("packing.no-file-name")


def write_file(path: Path, data: bytes) -> None:
    """Write a file that an option names. Raise `UsageError`."""
    try:
        path.write_bytes(data)
    except OSError as error:
        raise click.UsageError(f"{clean(str(path))}: {error.strerror}") from error


def document_heading(document: Document) -> str:
    """Return kind, number and vendor of a document."""
    return tell(
        "receiving.document",
        kind=tell(f"receiving.kind.{document.kind}"),
        number=document.number,
        vendor=document.vendor,
    )
