"""A weeding list: CSV, or one sheet of a workbook (XLSX). Columns that the station does not know go into the note."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from station.acquisitions.columns import Scheme, read
from station.acquisitions.sheets import refused
from station.base.errors import BarcodeMalformed, DepartureRefused, PackingRefused
from station.base.sentence import Sentence
from station.base.settings import Barcodes
from station.base.text import clean
from station.catalog.barcodes.barcode import check
from station.catalog.callnumber.parse import sort_key
from station.domain.receiving.vendor import Mapper
from station.domain.withdrawals.pull_list import PullLine, PullStanding

COLUMNS: Final = {
    "barcode": "the item",
    "title": "empty = as in the catalog",
    "author": "empty = as in the catalog",
    "call_number": "empty = as in the catalog",
    "library": "code of the library; empty = as in the catalog",
    "location": "code of the location; empty = as in the catalog",
    "note": "any remark: loans, year, condition",
}
"""Columns and their meaning."""
_SCHEME: Final = Scheme(
    COLUMNS,
    ("barcode",),
    {
        "item barcode": "barcode",
        "call number": "call_number",
        "permanent call number": "call_number",
        "library name": "library",
        "library code": "library",
        "location code": "location",
        "location name": "location",
        "site": "library",
    },
    strict=False,
)
MOST: Final = 2000
"""Lines of a list."""


def lines_of(data: bytes, file: str, rules: Barcodes) -> tuple[PullLine, ...]:
    """Return the lines of a file. Raise `DepartureRefused` with row and reason: the whole list is taken, or nothing."""
    try:
        return _lines(data, file, rules)
    except PackingRefused as error:
        raise DepartureRefused(error.detail) from error


def lines_of_set(barcodes: Iterable[str], name: str, rules: Barcodes) -> tuple[PullLine, ...]:
    """Return the lines of a set's members. Raise `DepartureRefused` with member and reason: the whole set is taken, or
    nothing. `name`: that of the set."""
    lines: dict[str, PullLine] = {}
    for member in barcodes:
        try:
            barcode = check(member, rules)
        except BarcodeMalformed as error:
            why = error.detail or error.sentence
            raise DepartureRefused(Sentence("pull.bad-member", set=name, barcode=clean(member, 60), why=why)) from error
        if barcode in lines:
            raise DepartureRefused(Sentence("pull.twice"))
        lines[barcode] = PullLine(line=barcode, barcode=barcode)
    return tuple(lines.values())


def shelf_order(lines: Iterable[PullStanding]) -> tuple[PullStanding, ...]:
    """Return the lines as they stand on the shelves: by library, location and call number. Lines without a call number come
    last."""
    return tuple(sorted(lines, key=_shelf))


def _shelf(line: PullStanding) -> tuple[str, str, bool, str, str]:
    content = line.content
    number = content.call_number
    key = sort_key(number) if number else ""
    return (content.library.casefold(), content.location.casefold(), not number, key, content.line)


def _lines(data: bytes, file: str, rules: Barcodes) -> tuple[PullLine, ...]:
    columns = read(data, file, Mapper(), _SCHEME)
    if columns is None or not columns.rows:
        raise PackingRefused(Sentence("pull.empty"))
    if "barcode" not in columns.names:
        raise refused(file, columns.header.number, Sentence("transfer.no-barcode-column"))
    if len(columns.rows) > MOST:
        raise PackingRefused(Sentence("transfer.list-too-long", count=len(columns.rows), most=MOST))
    lines: dict[str, PullLine] = {}
    for row in columns.rows:
        values = columns.values(row, file)
        try:
            barcode = check(values.get("barcode", ""), rules)
        except BarcodeMalformed as error:
            raise refused(file, row.number, error.detail or error.sentence) from error
        if barcode in lines:
            raise refused(file, row.number, Sentence("transfer.line-twice", barcode=barcode))
        lines[barcode] = PullLine(
            line=barcode,
            barcode=barcode,
            title=values.get("title", ""),
            author=values.get("author", ""),
            call_number=values.get("call_number", ""),
            library=values.get("library", ""),
            location=values.get("location", ""),
            note=values.get("note", ""),
        )
    return tuple(lines.values())
