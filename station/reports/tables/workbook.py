"""Tables as files for spreadsheet programs: CSV, and XLSX by the one writer of workbooks.

A cell of a workbook is written as text or as a number, never as a formula or a link (XlsxWriter's `write_string` and
`write_number`). The first sheet says what the table is, who took it, and when.
"""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from typing import Final

import xlsxwriter

from station.base.spreadsheet import LONGEST, as_csv
from station.base.text import clean
from station.reports.tables.cells import written
from station.reports.tables.table import Table

MOST_ROWS: Final = 50_000
"""Rows of a workbook; a longer table is CSV only."""
_WIDEST: Final = 60
"""Characters of the widest column."""


def csv_file(table: Table, names: Mapping[str, str]) -> bytes:
    """Return the table as CSV in UTF-8 with its mark, by which Excel knows the encoding."""
    return as_csv(written(table, names)).encode("utf-8-sig")


def xlsx_file(table: Table, names: Mapping[str, str], title: str, about: Sequence[tuple[str, str]]) -> bytes:
    """Return the table as a workbook. `about`: the rows of the first sheet. Raises `ValueError` for too many rows."""
    if len(table.rows) > MOST_ROWS:
        raise ValueError(f"{len(table.rows)} rows: a workbook has at most {MOST_ROWS}")
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}) as book:
        bold = book.add_format({"bold": True})
        first = book.add_worksheet()
        first.set_column(0, 0, 20)
        first.set_column(1, 1, _WIDEST)
        first.write_string(0, 0, clean(title, LONGEST), bold)
        for row, (name, value) in enumerate(about, 2):
            first.write_string(row, 0, clean(name, LONGEST))
            first.write_string(row, 1, clean(value, LONGEST))
        sheet = book.add_worksheet()
        sheet.freeze_panes(1, 0)
        for row, cells in enumerate(written(table, names)):
            for column, cell in enumerate(cells):
                if isinstance(cell, int | float):
                    sheet.write_number(row, column, cell)
                elif row == 0:
                    sheet.write_string(row, column, clean(cell, LONGEST), bold)
                else:
                    sheet.write_string(row, column, clean(cell, LONGEST))
        sheet.autofit(_WIDEST * 7)
    return out.getvalue()
