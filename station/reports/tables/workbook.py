"""Tables as files for spreadsheet programs: CSV, and XLSX by the one writer of workbooks.

A cell of a workbook is written as text, number or date, never as a formula or a link (XlsxWriter's `write_string`,
`write_number` and `write_datetime`). The first sheet says what the table is, who took it, and when. The files of one table
are written page by page, since it may be longer than the memory.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final

import msgspec
import xlsxwriter

from station.base.spreadsheet import LONGEST, as_csv
from station.base.text import clean
from station.reports.tables.cells import written
from station.reports.tables.table import Kind, Money, Table

MOST_ROWS: Final = 50_000
"""Rows of a workbook; a longer table is CSV only."""
_PIECE: Final = 1000
"""Rows of a piece of CSV."""
_NARROW: Final = (Kind.COUNT, Kind.MONEY, Kind.SHARE, Kind.EVENT, Kind.DAY)
_NUMBERS: Final = (Kind.COUNT, Kind.MONEY, Kind.SHARE)
_WIDE: Final = 60
"""Characters of a wide column."""


_NO_NAME: Final = str.maketrans("", "", "[]:*?/\\'")
"""Characters that the name of a sheet must not have (Excel)."""
_LONGEST_NAME: Final = 31


class Sheet(msgspec.Struct, frozen=True, kw_only=True):
    """One table of a workbook."""

    name: str
    table: Table
    total: str = ""
    """First cell of the row of totals below the amounts; "" = no such row."""
    chart: str = ""
    """Title of a chart of the amounts of each row, by its first cell; "" = none."""
    charted: tuple[str, ...] = ()
    """Keys of the columns in the chart."""


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


# --- several tables -------------------------------------------------------------------------------------------------


def book_file(
    sheets: Sequence[Sheet], names: Mapping[str, str], title: str, about: Sequence[tuple[str, str]], made_at: str
) -> bytes:
    """Return several tables as one workbook, whose first sheet has `title` and the rows of `about`. The same tables of the
    same time are the same bytes. `made_at`: ISO 8601, UTC. Raises `TooLong`."""
    out = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(out, options) as book:
        book.set_properties({"created": datetime.fromisoformat(made_at).replace(tzinfo=None)})
        formats = _Formats(book)
        first = book.add_worksheet()
        first.set_column(0, 0, 20)
        first.set_column(1, 1, _WIDE)
        first.fit_to_pages(1, 0)
        first.write_string(0, 0, clean(title, LONGEST), formats.bold)
        for row, (name, value) in enumerate(about, 2):
            first.write_string(row, 0, clean(name, LONGEST))
            first.write_string(row, 1, clean(value, LONGEST), formats.text)
        for sheet in sheets:
            page = book.add_worksheet(clean(sheet.name).translate(_NO_NAME)[:_LONGEST_NAME])
            _fill(page, sheet, names, formats)
            if sheet.chart and sheet.table.rows:
                _draw(book, page, sheet)
    return out.getvalue()


class _Formats:
    """Formats of the cells of one workbook."""

    def __init__(self, book: xlsxwriter.Workbook) -> None:
        self.bold = book.add_format({"bold": True})
        head = {"bold": True, "text_wrap": True, "valign": "top", "bottom": 1}
        self.head = book.add_format(head)
        self.number_head = book.add_format({**head, "align": "right"})
        self.text = book.add_format({"num_format": "@"})
        self.day = book.add_format({"num_format": "yyyy-mm-dd"})
        numbers = [f"#,##0.{'0' * places}".rstrip(".") for places in range(5)]
        self.money = [book.add_format({"num_format": number}) for number in numbers]
        self.total = [book.add_format({"num_format": number, "bold": True, "top": 1}) for number in numbers]


def _fill(page: xlsxwriter.worksheet.Worksheet, sheet: Sheet, names: Mapping[str, str], formats: _Formats) -> None:
    table = sheet.table
    if len(table.rows) > MOST_ROWS:
        raise TooLong(f"more than {MOST_ROWS} rows")
    kinds = [table.columns[at].kind for at in table.filed]
    rows = list(written([table], names))
    for column, texts in enumerate(zip(*rows, strict=True)):
        page.set_column(column, column, min(max(len(str(text)) for text in texts) + 4, _WIDE))
    page.freeze_panes(1, 1)
    page.set_landscape()
    page.fit_to_pages(1, 0)
    page.repeat_rows(0)
    for row, cells in enumerate(rows):
        for column, (kind, cell) in enumerate(zip(kinds, cells, strict=True)):
            if not row:
                head = formats.number_head if kind in _NUMBERS else formats.head
                page.write_string(row, column, clean(str(cell), LONGEST), head)
            else:
                _write(page, row, column, kind, cell, formats)
    if table.rows:
        page.autofilter(0, 0, len(table.rows), len(kinds) - 1)
    if sheet.total and table.rows:
        below = len(table.rows) + 1
        page.write_string(below, 0, clean(sheet.total, LONGEST), formats.bold)
        for column, at in enumerate(table.filed):
            if (total := total_of(table, at)) is not None:
                page.write_number(below, column, float(total.amount), formats.total[_places(total.amount)])


def total_of(table: Table, at: int) -> Money | None:
    """Return the sum of the amounts in the column at this position; None if it has none, or several currencies."""
    amounts = [cell for row in table.rows if isinstance(cell := row[at], Money)]
    currencies = {amount.currency for amount in amounts}
    if len(currencies) != 1:
        return None
    return Money(sum((amount.amount for amount in amounts), Decimal(0)), currencies.pop())


def _write(
    page: xlsxwriter.worksheet.Worksheet, row: int, column: int, kind: Kind, cell: Any, formats: _Formats
) -> None:
    if isinstance(cell, Decimal):
        page.write_number(row, column, float(cell), formats.money[_places(cell)])
    elif isinstance(cell, int | float):
        page.write_number(row, column, cell)
    elif kind is Kind.DAY and (day := _day(cell)) is not None:
        page.write_datetime(row, column, day, formats.day)
    else:
        page.write_string(row, column, clean(cell, LONGEST), formats.text)


def _day(text: str) -> date | None:
    """Return a date that a workbook can hold: from 1900 on; None = write it as text."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if day.year >= 1900 else None


def _draw(book: xlsxwriter.Workbook, page: xlsxwriter.worksheet.Worksheet, sheet: Sheet) -> None:
    """Draw the amounts of each row as columns, below the table."""
    table, last = sheet.table, len(sheet.table.rows)
    chart = book.add_chart({"type": "column"})
    keys = [table.columns[at].key for at in table.filed]
    for key in sheet.charted:
        column = keys.index(key)
        series = {
            "name": [page.name, 0, column],
            "categories": [page.name, 1, 0, last, 0],
            "values": [page.name, 1, column, last, column],
        }
        chart.add_series(series)
    chart.set_title({"name": clean(sheet.chart, LONGEST), "overlay": False})
    chart.set_legend({"position": "bottom"})
    chart.set_size({"width": 900, "height": 420})
    page.insert_chart(last + 3, 0, chart)
