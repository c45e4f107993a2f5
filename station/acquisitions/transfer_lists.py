"""A list of items that shall stand elsewhere, or get another call number: CSV, or one sheet of a workbook (XLSX)."""

from __future__ import annotations

from typing import Final

import msgspec

from station.acquisitions.columns import Scheme, read
from station.acquisitions.sheets import refused
from station.base.errors import BarcodeMalformed, DepartureRefused, PackingRefused
from station.base.sentence import Sentence
from station.base.settings import Barcodes
from station.catalog.barcodes.barcode import check
from station.domain.item import Barcode
from station.domain.receiving.vendor import Mapper
from station.domain.transfers.transfer import Shelf

COLUMNS: Final = {
    "barcode": "the item",
    "library": "code of the new library; empty = it stays",
    "location": "code of the new location; empty = it stays",
    "call_number": "the new call number; empty = it stays",
    "note": "any remark",
}
"""Columns and their meaning."""
_SCHEME: Final = Scheme(
    COLUMNS,
    ("library", "location", "call_number"),
    {
        "item barcode": "barcode",
        "call number": "call_number",
        "new library": "library",
        "new location": "location",
        "new call number": "call_number",
    },
    strict=False,
)
MOST: Final = 200
"""Lines of a list: it is journaled whole or not at all."""


class TransferLine(msgspec.Struct, frozen=True, kw_only=True):
    """One line of a list. All text is cleaned."""

    barcode: Barcode
    wanted: Shelf
    note: str = ""


def lines_of(data: bytes, file: str, rules: Barcodes) -> tuple[TransferLine, ...]:
    """Return the lines of a file. Raise `DepartureRefused` with row and reason: the whole list is taken, or nothing."""
    try:
        return _lines(data, file, rules)
    except PackingRefused as error:
        raise DepartureRefused(error.detail) from error


def _lines(data: bytes, file: str, rules: Barcodes) -> tuple[TransferLine, ...]:
    columns = read(data, file, Mapper(), _SCHEME)
    if columns is None or not columns.rows:
        raise PackingRefused(Sentence("transfer.list-empty"))
    if "barcode" not in columns.names:
        raise refused(file, columns.header.number, Sentence("transfer.no-barcode-column"))
    if len(columns.rows) > MOST:
        raise PackingRefused(Sentence("transfer.list-too-long", count=len(columns.rows), most=MOST))
    lines: dict[Barcode, TransferLine] = {}
    for row in columns.rows:
        values = columns.values(row, file)
        try:
            barcode = check(values.get("barcode", ""), rules)
        except BarcodeMalformed as error:
            raise refused(file, row.number, error.detail or error.sentence) from error
        wanted = Shelf(
            library=values.get("library", ""),
            location=values.get("location", ""),
            call_number=values.get("call_number", ""),
        )
        if wanted == Shelf():
            raise refused(file, row.number, Sentence("transfer.line-empty"))
        if barcode in lines:
            raise refused(file, row.number, Sentence("transfer.line-twice", barcode=barcode))
        lines[barcode] = TransferLine(barcode=barcode, wanted=wanted, note=values.get("note", ""))
    return tuple(lines.values())
