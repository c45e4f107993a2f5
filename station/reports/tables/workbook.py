"""Tables as files for spreadsheet programs: CSV, and XLSX by the one writer of workbooks.

A cell of a workbook is written as text or as a number, never as a formula or a link (XlsxWriter's `write_string` and
`write_number`). The first sheet says what the table is, who took it, and when. Both files are written page by page, since
a table may be longer than the memory.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Final

import xlsxwriter

from station.base.spreadsheet import LONGEST, as_csv
from station.base.text import clean
from station.reports.tables.cells import written
from station.reports.tables.table import Kind, Table

MOST_ROWS: Final = 50_000
"""Rows of a workbook; a longer table is CSV only."""
_PIECE: Final = 1000
"""Rows of a piece of CSV."""
_NARROW: Final = (Kind.COUNT, Kind.MONEY, Kind.SHARE, Kind.EVENT, Kind.DAY)
_WIDE: Final = 60
"""Characters of a wide column."""


class TooLong(ValueError):
    """A table has more rows than a workbook takes."""


def csv_pieces(pages: Iterable[Table], names: Mapping[str, str]) -> Iterator[bytes]:
    """Yield the pages of one table as CSV in UTF-8, with its mark, by which Excel knows the encoding."""
    mark, rows = "\ufeff", []
    for row in written(pages, names):
        rows.append(row)
        if len(rows) == _PIECE:
            yield (mark + as_csv(rows)).encode()
            mark, rows = "", []
    yield (mark + as_csv(rows)).encode()


def xlsx_file(
    pages: Iterable[Table], names: Mapping[str, str], title: str, about: Sequence[tuple[str, str]], rows_head: str
) -> bytes:
    """Return the pages of one table as a workbook. `about`: the rows of the first sheet, which ends with the number of
    rows under `rows_head`. Raises `TooLong`."""
    out = io.BytesIO()
    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(out, options) as book:
        bold = book.add_format({"bold": True})
        money = [book.add_format({"num_format": f"#,##0.{'0' * places}".rstrip(".")}) for places in range(5)]
        first = book.add_worksheet()
        first.set_column(0, 0, 20)
        first.set_column(1, 1, _WIDE)
        first.write_string(0, 0, clean(title, LONGEST), bold)
        for row, (name, value) in enumerate(about, 2):
            first.write_string(row, 0, clean(name, LONGEST))
            first.write_string(row, 1, clean(value, LONGEST))
        sheet = book.add_worksheet()
        sheet.freeze_panes(1, 0)
        count = -1
        for count, cells in enumerate(written(_sized(pages, sheet), names)):
            if count > MOST_ROWS:
                raise TooLong(f"more than {MOST_ROWS} rows")
            for column, cell in enumerate(cells):
                if isinstance(cell, Decimal):
                    sheet.write_number(count, column, float(cell), money[_places(cell)])
                elif isinstance(cell, int | float):
                    sheet.write_number(count, column, cell)
                else:
                    sheet.write_string(count, column, clean(cell, LONGEST), None if count else bold)
        first.write_string(len(about) + 2, 0, clean(rows_head, LONGEST))
        first.write_number(len(about) + 2, 1, max(count, 0))
    return out.getvalue()


def _places(amount: Decimal) -> int:
    """Return the number of decimals with which an amount is shown: at most four."""
    exponent = amount.as_tuple().exponent
    return min(max(-exponent, 0), 4) if isinstance(exponent, int) else 0


def _sized(pages: Iterable[Table], sheet: xlsxwriter.worksheet.Worksheet) -> Iterator[Table]:
    """Yield the pages, and give the sheet the widths of the first one's columns before it is written."""
    for number, page in enumerate(pages):
        if not number:
            for column, at in enumerate(page.filed):
                kind = page.columns[at].kind
                sheet.set_column(column, column, 10 if kind in _NARROW else 20 if kind is not Kind.TEXT else 36)
        yield page
