"""The expenditure of a fiscal year: equal to the invoices to the cent, the three dates apart, and the same in all forms."""

from __future__ import annotations

import csv
import io
from datetime import date
from decimal import Decimal

import msgspec
import pytest

from station.domain.invoices.order import OrderWarning
from station.domain.invoices.standing import EntryPart, InvoiceState
from station.reports.expenditure import Basis, Grouping, Year, of_year, workbook, years
from station.reports.tables.table import Money
from station.reports.tables.workbook import csv_pieces
from tests.reports.purchase_samples import HOSTILE, PLAN, a_year, an_order, entry, hostile, standing
from tests.support.workbooks import cells_of, parts_of, sheet_names

YEAR = Year(number=2027, plan=PLAN, invoices=a_year(), orders=(an_order(),), vendors={"gobi": "GOBI"})
AT = "2027-07-01T08:00:00.000Z"
SPENT = (InvoiceState.SIGNED, InvoiceState.EXPORTED, InvoiceState.PAID)


def amounts(year: Year, grouping: Grouping, column: str) -> list[Decimal]:
    return [Decimal(row[column]) for row in of_year(year, grouping).values()]


def asked_for(first: str, last: str) -> Decimal:
    """Return the sum of what vendors ask for in signed invoices of these days, computed from the documents."""
    rate = Decimal("1.0834")
    total = Decimal(0)
    for row in a_year():
        if row.state in SPENT and first <= row.content.date <= last:
            amount = row.total * (rate if row.content.currency == "EUR" else 1)
            total += -amount if row.content.kind == "credit" else amount
    return total


@pytest.mark.parametrize("grouping", [Grouping.FUNDS, Grouping.VENDORS, Grouping.ACCOUNTS, Grouping.MONTHS])
def test_each_table_adds_up_to_the_invoices_of_the_year(grouping: Grouping) -> None:
    assert sum(amounts(YEAR, grouping, "invoiced")) == asked_for("2026-07-01", "2027-06-30") == Decimal("154.84")
    assert sum(amounts(YEAR, grouping, "accrued")) == Decimal("2.07")


def test_dates_of_invoice_receipt_and_payment_are_kept_apart() -> None:
    months = {row["month"]: row for row in of_year(YEAR, Grouping.MONTHS).values()}
    assert list(months) == [
        *(f"2026-{month:02}" for month in range(7, 13)),
        *(f"2027-{month:02}" for month in range(1, 7)),
    ]
    assert [months["2026-07"][basis] for basis in ("invoiced", "received", "paid")] == ["134.84", "139.84", "10.00"]
    assert [months["2026-08"][basis] for basis in ("invoiced", "received", "paid")] == ["10.00", "0.00", "31.50"]
    assert (months["2026-09"]["received"], months["2027-06"]["invoiced"], months["2027-06"]["received"]) == (
        "10.00",
        "10.00",
        "0.00",
    )
    before = msgspec.structs.replace(YEAR, number=2026)
    assert (sum(amounts(before, Grouping.FUNDS, "invoiced")), sum(amounts(before, Grouping.FUNDS, "paid"))) == (10, 0)
    assert years(PLAN, a_year(), "2027-07-09") == [2028, 2027, 2026]


def test_by_month_each_row_and_each_entry_adds_up() -> None:
    for basis in Basis:
        whole = sum(amounts(YEAR, Grouping.FUNDS, basis.value))
        for grouping in (Grouping.FUND_MONTHS, Grouping.VENDOR_MONTHS):
            rows = of_year(YEAR, grouping, basis).values()
            for row in rows:
                months = [Decimal(value) for name, value in row.items() if name.startswith("20")]
                assert (len(months), sum(months)) == (12, Decimal(row["total"]))
            assert sum(Decimal(row["total"]) for row in rows) == whole
    entries = [row for row in of_year(YEAR, Grouping.ENTRIES).values() if row["part"] is not EntryPart.ACCRUED.value]
    invoiced = [Decimal(row["amount"]) for row in entries if "2026-07-01" <= row["invoiced"] <= "2027-06-30"]
    assert sum(invoiced) == sum(amounts(YEAR, Grouping.VENDORS, "invoiced"))


def test_every_open_amount_has_a_reason() -> None:
    expired = an_order(warnings=(OrderWarning.EXPIRED,), encumbered=Decimal(0), unpriced=0)
    foreign = standing(9, currency="EUR", state=InvoiceState.OPEN, signature=None, entries=())
    june = msgspec.structs.replace(
        YEAR, invoices=(*a_year(), foreign, standing(10, date="2027-07-01")), orders=(an_order(), expired)
    )
    rows = of_year(june, Grouping.OPEN).values()
    assert [
        (row["invoice"] if row["invoice_id"] else row["order"], row["amount"], row["reason"].key) for row in rows
    ] == [
        ("INV-2", "10.00", "expenditure.open.payment"),
        ("INV-3", "6.00", "expenditure.open.export"),
        ("INV-4", "100.00", "expenditure.open.export"),
        ("CR-6", "-1.00", "expenditure.open.credit"),
        (HOSTILE, "10.00", "invoice.of-line"),
        ("B-1", "12.00", "expenditure.open.counted"),
        ("B-1", "", "expenditure.open.unpriced"),
        ("B-1", "456.50", "expenditure.open.rest"),
        ("B-1", "468.50", "expenditure.open.expired"),
    ]
    assert [row["in_site_currency"] for row in rows[:4]] == ["10.00", "6.00", "108.34", "-1.00"]


def test_the_workbook_has_the_same_amounts_as_numbers_and_the_rest_as_text() -> None:
    rows = tuple(hostile(row) for row in a_year())
    year = msgspec.structs.replace(YEAR, invoices=rows, orders=(an_order(),))
    made = [workbook(year, {"w-tess": HOSTILE}, [("Made", HOSTILE)], AT) for _ in range(2)]
    assert made[0] == made[1]
    assert sheet_names(made[0])[1:4] == ["Months", "Funds", "Vendors"]
    xml = parts_of(made[0])
    assert "<f>" not in xml and "<hyperlink" not in xml and xml.count('state="frozen"') == 9
    months = cells_of(made[0], 1)
    assert months[1][:4] == ["2026-07", 4.0, 134.84, 139.84]
    assert months[13][2] == pytest.approx(float(asked_for("2026-07-01", "2027-06-30")), abs=0.001)
    entries = cells_of(made[0], 8)
    column = {name: at for at, name in enumerate(entries[0])}
    assert isinstance(entries[1][column["Invoiced"]], date) and isinstance(entries[1][column["Amount"]], float)
    assert entries[1][column["Line"]] == "1" and str(entries[1][column["Account"]]).startswith("=HYPERLINK")
    assert "\x1b" not in str(entries) and "\u202e" not in str(entries)


@pytest.mark.parametrize("grouping", list(Grouping))
def test_json_and_csv_have_the_same_amounts(grouping: Grouping) -> None:
    shown = of_year(YEAR, grouping)
    text = b"".join(csv_pieces([shown], {})).decode("utf-8-sig")
    rows = list(csv.reader(io.StringIO(text, newline="")))
    money = [at for at in shown.filed if any(isinstance(row[at], Money) for row in shown.rows)]
    assert money
    for values, cells in zip(shown.values(), rows[1:], strict=True):
        for at in money:
            assert cells[shown.filed.index(at)] == values[shown.columns[at].key]


def test_a_currency_without_cents_has_none() -> None:
    plan = msgspec.structs.replace(PLAN, currency="JPY", year_begins="04-01")
    yen = standing(1, entries=(entry("1", "1200"),), date="2026-04-01")
    year = Year(number=2027, plan=plan, invoices=(yen,))
    assert of_year(year, Grouping.MONTHS).values()[0]["invoiced"] == "1200"
    assert of_year(year, Grouping.MONTHS).values()[1]["invoiced"] == "0"
