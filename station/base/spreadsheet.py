"""Tables for spreadsheet programs: RFC 4180, one line per row, and no cell that a program would take for a formula.

A cell that begins with = + - @, a tab, a carriage return or a line feed may be run as a formula when the file is opened
(OWASP, "CSV Injection", which also names the full-width forms of the signs); an apostrophe before it makes it text. The
station's own numbers stay numbers.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Final

from station.base.text import clean

Cell = str | int | float | Decimal
FORMULA: Final = ("=", "+", "-", "@", "\t", "\r", "\n", "\0", "\uff1d", "\uff0b", "\uff0d", "\uff20")
LONGEST: Final = 32_767
"""Maximum characters in a cell of a spreadsheet program (Excel's limit)."""


def cell(value: Cell) -> str:
    """Return one cell's text before quoting, cleaned. A text that could be a formula, before or after cleaning, gets an
    apostrophe."""
    if isinstance(value, Decimal):
        return f"{value:f}"
    if not isinstance(value, str):
        return repr(value)
    text = clean(value, LONGEST - 1)
    return f"'{text}" if value.startswith(FORMULA) or text.startswith(FORMULA) else text


def as_csv(rows: Iterable[Sequence[Cell]]) -> str:
    """Return all rows, each ended by CR LF."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    for row in rows:
        writer.writerow([cell(value) for value in row])
    return out.getvalue()
