"""Vendors' spreadsheets: CSV in several encodings, and workbooks; the header row and the columns of a mapper."""

from __future__ import annotations

import io
import zipfile
from datetime import date, datetime
from typing import Any

import xlsxwriter

from station.acquisitions.columns import read as read_columns
from station.acquisitions.packing_lists import read
from station.base.errors import PackingRefused
from station.domain.packing_lists.packing_list import PackingLine
from station.domain.receiving.vendor import Mapper
from tests.support.for_each import for_each
from tests.support.told import raises_told

LETTER = "Some Vendor;;\nShip to;MAIN;\n\nISBN-13;Title;Qty shipped;Notes\n9780262033848;Algorithms;2;heavy\n"
"""A file with a letterhead before the header row."""


def workbook(*sheets: tuple[str, list[list[Any]]]) -> bytes:
    """Return a workbook by XlsxWriter; the station reads it with another library."""
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"strings_to_formulas": False, "in_memory": True}) as book:
        day = book.add_format({"num_format": "m/d/yyyy"})
        for name, rows in sheets:
            sheet = book.add_worksheet(name)
            for number, row in enumerate(rows):
                for place, cell in enumerate(row):
                    if isinstance(cell, date):
                        sheet.write_datetime(number, place, cell, day)
                    else:
                        sheet.write(number, place, cell)
    return out.getvalue()


def test_the_header_row_is_found_below_a_letterhead() -> None:
    columns = read_columns(LETTER.encode(), "a.csv", Mapper())
    assert columns is not None
    assert (columns.header.number, columns.names) == (4, ("isbn", "title", "quantity", ""))
    assert columns.unused == ["Notes"]
    (packing_list,) = read(LETTER.encode(), "a.csv").lists
    assert packing_list.lines == (PackingLine(line="1", numbers=("9780262033848",), title="Algorithms", quantity=2),)


def test_a_mapper_names_columns_code_page_and_dates() -> None:
    text = "Bestellung;Titel;Menge;Datum\nPOL-1;Bücher;1;3.2.2026\n"
    mapper = Mapper(
        columns={"order_line": "Bestellung", "title": "Titel", "quantity": "Menge", "date": "Datum"},
        dates="dmy",
        code_page="cp1252",
    )
    (packing_list,) = read(text.encode("cp1252"), "a.csv", mapper=mapper).lists
    assert (packing_list.date, packing_list.lines[0].title) == ("2026-02-03", "Bücher")
    (packing_list,) = read(text.encode("utf-16"), "a.csv", mapper=mapper).lists
    assert packing_list.lines[0].title == "Bücher"
    with raises_told(PackingRefused, match="line 2: not UTF-8. Name its code page"):
        read(text.encode("cp1252"), "a.csv", mapper=Mapper(columns=mapper.columns))


@for_each(
    "dates, text, expected",
    [("mdy", "3/2/2026", "2026-03-02"), ("dmy", "3/2/2026", "2026-02-03"), ("dmy", "2026-03-02", "2026-03-02")],
)
def test_the_order_of_day_and_month_is_the_vendors(dates: Any, text: str, expected: str) -> None:
    data = f"isbn,date\n9780262033848,{text}\n".encode()
    assert read(data, "a.csv", mapper=Mapper(dates=dates)).lists[0].date == expected


@for_each(
    "dates, text",
    [("", "3/2/2026"), ("mdy", "13/2/2026"), ("dmy", "2/13/2026"), ("mdy", "3/2/26"), ("dmy", "31/2/2026")],
)
def test_a_date_that_could_be_another_is_refused(dates: Any, text: str) -> None:
    with raises_told(PackingRefused, match="line 2: date is"):
        read(f"isbn,date\n9780262033848,{text}\n".encode(), "a.csv", mapper=Mapper(dates=dates))


def test_a_workbook_is_read_as_its_reader_sees_it() -> None:
    head = ["ISBN13", "PO line", "Qty", "Price", "Date", "Title"]
    row = [9780262033848, "POL-1", 2, 12.5, date(2026, 3, 2), "=HYPERLINK(1)"]
    data = workbook(("Empty", []), ("Box 7", [["Some Vendor"], [], head, row]))
    (packing_list,) = read(data, "a.xlsx").lists
    assert packing_list.date == "2026-03-02"
    assert packing_list.lines == (
        PackingLine(
            line="1",
            order_line="POL-1",
            numbers=("9780262033848",),
            quantity=2,
            price="12.5",
            title="=HYPERLINK(1)",
        ),
    )
    timed = workbook(("A", [["isbn", "date"], ["9780262033848", datetime.fromisoformat("2026-03-02T13:30")]]))
    assert read(timed, "a.xlsx").lists[0].date == "2026-03-02"


def test_of_several_sheets_one_must_be_named() -> None:
    rows = [["isbn"], ["9780262033848"]]
    data = workbook(("Box 7", rows), ("Box 8", [["isbn"], ["9780140449136"]]))
    with raises_told(PackingRefused, match=r"a\.xlsx: name the sheet with --sheet; sheets with content: Box 7, Box 8"):
        read(data, "a.xlsx")
    named = read(data, "a.xlsx", mapper=Mapper(sheet="Box 8")).lists[0]
    assert named.lines[0].numbers == ("9780140449136",)
    with raises_told(PackingRefused, match="name the sheet"):
        read(data, "a.xlsx", mapper=Mapper(sheet="Box 9"))


def test_an_isbn_without_its_first_zeros_is_known_by_its_check_digit() -> None:
    lines = read(workbook(("A", [["isbn"], [262033844], [262033845]])), "a.xlsx").lists[0].lines
    assert [line.numbers for line in lines] == [("9780262033848",), ("262033845",)]


@for_each(
    "data, refusal",
    [
        (workbook(("A", [["isbn"], [1.2e17]])), r"a\.xlsx, line 2: 1\.2e\+17 has more digits than a spreadsheet keeps"),
        (workbook(("A", [["isbn"], ["9.78014E+12"]])), r"line 2: isbn is \"9\.78014E\+12\", shortened"),
        (b"PK\x03\x04 and nothing of a workbook", "not an XLSX workbook, or one with a password"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(512), "not an XLSX workbook, or one with a password"),
        (workbook(("A", [["isbn"]])), "it has no lines"),
    ],
)
def test_a_workbook_that_cannot_be_trusted_is_refused(data: bytes, refusal: str) -> None:
    with raises_told(PackingRefused, match=refusal):
        read(data, "a.xlsx")


def test_a_workbook_that_would_fill_the_memory_is_refused() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as parts:
        parts.writestr("xl/worksheets/sheet1.xml", bytes(300 << 20))
    with raises_told(PackingRefused, match="314572800 bytes are too many"):
        read(out.getvalue(), "a.xlsx")


def test_a_zip_file_that_is_no_workbook_is_refused() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as parts:
        parts.writestr("a.txt", b"text")
    with raises_told(PackingRefused, match="the workbook cannot be read"):
        read(out.getvalue(), "a.xlsx")
