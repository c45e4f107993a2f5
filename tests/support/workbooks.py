"""What a workbook holds, as another program reads it (python-calamine), and its XML."""

from __future__ import annotations

import io
import zipfile
from typing import Any

from python_calamine import CalamineWorkbook


def cells_of(data: bytes, sheet: int) -> list[list[Any]]:
    """Return the rows of a sheet by its place, from 0."""
    book = CalamineWorkbook.from_filelike(io.BytesIO(data))
    return book.get_sheet_by_index(sheet).to_python(skip_empty_area=False)


def sheet_names(data: bytes) -> list[str]:
    return list(CalamineWorkbook.from_filelike(io.BytesIO(data)).sheet_names)


def parts_of(data: bytes) -> str:
    """Return the XML of all sheets."""
    with zipfile.ZipFile(io.BytesIO(data)) as whole:
        names = [name for name in whole.namelist() if name.startswith("xl/worksheets/")]
        return "".join(whole.read(name).decode("utf-8") for name in names)
