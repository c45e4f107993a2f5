"""The file for Accounts Payable: the site's columns, a row for each account, sums to the cent, the same bytes again."""

from __future__ import annotations

import csv
import io
from decimal import Decimal
from typing import get_args

import msgspec

from station.domain.invoices.plan import ExportColumn, ExportField
from station.reports.payables import FIELDS, export_table
from station.reports.tables.workbook import Sheet, book_file, csv_pieces
from tests.reports.purchase_samples import HOSTILE, PLAN, VENDORS, a_year, hostile
from tests.support.workbooks import cells_of, parts_of

NUMBERS = {row.id: row.content.number for row in a_year()}


def csv_rows(data: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"), newline="")))


def test_each_account_is_a_row_and_its_amounts_are_those_of_the_invoice() -> None:
    shown = export_table(a_year()[:4], PLAN, VENDORS, NUMBERS)
    rows = csv_rows(b"".join(csv_pieces([shown], {})))
    assert list(rows[0]) == list(FIELDS)
    wanted = (
        "invoice",
        "account",
        "order",
        "amount",
        "tax",
        "accrued_tax",
        "currency",
        "total",
        "to_pay",
        "credit_memos",
    )
    assert [tuple(row[name] for name in wanted) for row in rows] == [
        ("INV-1", "11-0000-6300", "B-1", "21.60", "1.50", "2.07", "USD", "31.50", "31.50", ""),
        ("INV-1", "11-0000-6301", "B-1", "9.90", "0.00", "0.00", "USD", "31.50", "31.50", ""),
        ("INV-2", "11-0000-6300", "", "10.00", "0.00", "0.00", "USD", "10.00", "10.00", ""),
        ("INV-3", "11-0000-6300", "", "10.00", "0.00", "0.00", "USD", "10.00", "6.00", "CR-6"),
        ("INV-4", "", "", "108.34", "0.00", "0.00", "EUR", "100.00", "100.00", ""),
    ]
    assert sum(Decimal(row["amount"]) for row in rows) == sum(row.in_site_currency for row in a_year()[:4])
    assert (rows[0]["vendor"], rows[0]["vendor_account"], rows[0]["certified_by"]) == ("gobi", "0012-7", "w-tess")


def test_a_credit_is_negative_and_is_not_paid() -> None:
    (row,) = csv_rows(b"".join(csv_pieces([export_table(a_year()[5:6], PLAN, VENDORS, NUMBERS)], {})))
    assert (row["amount"], row["total"], row["credits"], row["to_pay"]) == ("-5.00", "-5.00", "0.00", "0.00")


def test_the_sites_columns_have_its_titles_in_its_order() -> None:
    columns = (ExportColumn(field="amount", title="Amt"), ExportColumn(field="vendor_name", title="=Payee"))
    plan = msgspec.structs.replace(PLAN, columns=columns)
    assert b"".join(csv_pieces([export_table(a_year()[1:2], plan, VENDORS, NUMBERS)], {})) == (
        "\ufeffAmt,'=Payee\r\n10.00,GOBI\r\n".encode()
    )
    assert [*FIELDS] == [*get_args(ExportField)]


def test_hostile_text_stays_text_in_both_files_and_both_are_the_same_again() -> None:
    rows = [hostile(row) for row in a_year()]
    shown = export_table(rows, PLAN, VENDORS, NUMBERS)
    for row in csv_rows(b"".join(csv_pieces([shown], {}))):
        assert row["account"].startswith("'=HYPERLINK") and "\x1b" not in row["account"] and "\n" not in row["reason"]
    sheets, about = [Sheet(name="Export: [a/b]", table=shown)], [("a", HOSTILE)]
    made = [book_file(sheets, {}, HOSTILE, about, "2026-07-20T17:00:00.000Z") for _ in range(2)]
    assert made[0] == made[1]
    assert "<f>" not in parts_of(made[0]) and "hyperlink" not in parts_of(made[0]).replace("HYPERLINK", "")
    assert any(str(cell).startswith("=HYPERLINK") for line in cells_of(made[0], 1) for cell in line)
