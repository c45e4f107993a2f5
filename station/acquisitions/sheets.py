"""Rows of a vendor's spreadsheet: CSV (comma, semicolon or tab), or one sheet of a workbook (XLSX).

A cell becomes the text that a person sees in the spreadsheet: a number has no trailing `.0`, a date is ISO 8601. A
number of more than 15 digits is refused, because a spreadsheet keeps no more.
"""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Iterator, Sequence
from datetime import date, datetime
from typing import Final, NamedTuple

from station.base.errors import PackingRefused
from station.base.extras import extra
from station.base.sentence import Sentence
from station.base.text import clean

CODE_PAGES: Final = ("utf-8", "utf-16", "cp1252", "cp850", "cp437", "iso-8859-1")
"""Encodings of CSV files; the first is assumed unless a byte order mark names the second."""
_ZIP: Final = b"PK\x03\x04"
_OLD_WORKBOOK: Final = b"\xd0\xcf\x11\xe0"
"""Begin of a compound file: a workbook of Excel 97 to 2003, or one with a password."""
_LARGEST: Final = 256 << 20
"""Maximum bytes of an unpacked workbook."""
_MOST_ROWS: Final = 200_000
_EXACT: Final = 10**15
"""Numbers from here on have more digits than a spreadsheet keeps."""


class Row(NamedTuple):
    number: int
    """Line of the file, or row of the sheet, from 1."""
    cells: list[str]


def is_workbook(data: bytes) -> bool:
    """Return whether a file begins as a workbook does."""
    return data.startswith((_ZIP, _OLD_WORKBOOK))


def csv_rows(text: str, file: str, delimiter: str) -> list[Row]:
    """Return the rows of a CSV file that are not empty. Raise `PackingRefused` with the line."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        return [Row(reader.line_num, cells) for cells in reader if any(cell.strip() for cell in cells)]
    except csv.Error as error:
        raise refused(file, reader.line_num, clean(str(error))) from error


def decoded(data: bytes, file: str, code_page: str) -> str:
    """Return the text of a file. Raise `PackingRefused` with the line of the first byte that is none of the code page."""
    marked = data.startswith((b"\xff\xfe", b"\xfe\xff"))
    encoding = "utf-16" if marked else "utf-8-sig" if code_page in ("", "utf-8") else code_page
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise refused(file, line, Sentence("packing.not-utf8")) from error


def workbook_rows(data: bytes, file: str, sheet: str) -> list[Row]:
    """Return the rows of a sheet that are not empty. `sheet`: name; "" = the only sheet with content. Raise
    `PackingRefused` if the workbook is damaged, locked or too large, or the sheet is not certain."""
    _check_size(data, file)
    with extra("office"):
        import python_calamine as calamine
    try:
        with calamine.load_workbook(io.BytesIO(data)) as book:
            sheets = {
                name: book.get_sheet_by_name(name).to_python(skip_empty_area=False, nrows=_MOST_ROWS)
                for name in ([sheet] if sheet in book.sheet_names else book.sheet_names)
            }
    except (calamine.CalamineError, OSError) as error:
        raise PackingRefused(Sentence("packing.bad-workbook", file=file, detail=clean(str(error), 200))) from error
    filled = [name for name, rows in sheets.items() if any(any(_is_filled(cell) for cell in row) for row in rows)]
    if len(filled) != 1 or (sheet and filled != [sheet]):
        names = ", ".join(clean(name, 40) for name in filled) or "-"
        raise PackingRefused(Sentence("packing.which-sheet", file=file, option="--sheet", sheets=names))
    return list(_texts(sheets[filled[0]], file))


def _check_size(data: bytes, file: str) -> None:
    """Refuse a workbook of an older format, and one that would fill the memory."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as parts:
            size = sum(part.file_size for part in parts.infolist())
    except (zipfile.BadZipFile, ValueError) as error:
        raise PackingRefused(Sentence("packing.old-workbook", file=file)) from error
    if size > _LARGEST:
        raise PackingRefused(Sentence("packing.too-long", file=file, number=size))


def _is_filled(cell: object) -> bool:
    return cell not in ("", None) and bool(str(cell).strip())


def _texts(rows: Sequence[Sequence[object]], file: str) -> Iterator[Row]:
    for number, row in enumerate(rows, 1):
        if any(_is_filled(cell) for cell in row):
            yield Row(number, [_text(cell, file, number) for cell in row])


def _text(cell: object, file: str, number: int) -> str:
    if isinstance(cell, bool):
        return str(cell).upper()
    if isinstance(cell, int | float):
        if abs(cell) >= _EXACT:
            raise refused(file, number, Sentence("packing.long-number", text=f"{cell:g}"))
        return str(int(cell)) if cell == int(cell) else repr(cell)
    if isinstance(cell, datetime):
        return cell.date().isoformat()
    if isinstance(cell, date):
        return cell.isoformat()
    return "" if cell is None else str(cell)


def refused(file: str, line: int, what: Sentence | str) -> PackingRefused:
    """Return the refusal of a file for one line."""
    return PackingRefused(Sentence("packing.at", file=file, line=line, what=what))
