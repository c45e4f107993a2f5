"""Tables of invoices and orders: amounts with their currency for people, as numbers in files, exact in JSON."""

from __future__ import annotations

import io
from collections.abc import Sequence
from decimal import Decimal

import msgspec
from python_calamine import CalamineWorkbook

from station.base.spreadsheet import as_csv
from station.domain.invoices.invoice import Invoice, InvoiceLine
from station.domain.invoices.order import OrderStanding, OrderWarning, PurchaseOrder
from station.domain.invoices.standing import (
    Entry,
    EntryPart,
    InvoiceStanding,
    InvoiceState,
    LineStanding,
    Objection,
    ObjectionCode,
)
from station.reports.tables.cells import texts, written
from station.reports.tables.purchases import for_review, invoices, lines, orders
from station.reports.tables.table import Table, ordered
from station.reports.tables.workbook import xlsx_file

LINE = InvoiceLine(line="1", title="Rivers of the coast", amount="-1234.50", copies=2, order_line="POL-1")


def standing(ident: str, total: str, currency: str = "", *, codes: Sequence[ObjectionCode] = ()) -> InvoiceStanding:
    """Return an open credit memo with one line."""
    entry = Entry(line="1", part=EntryPart.LINE, account="1-23", fund="BOOKS", order="PO-1", amount=total)
    objections = tuple(Objection(code=code, line="1") for code in codes)
    line = LineStanding(line=LINE, listed=2, here=1, rule="books", entries=(entry,), objections=objections)
    return InvoiceStanding(
        id=ident,
        content=Invoice(vendor="ybp", number=ident, date="2026-11-02", currency=currency, lines=(LINE,)),
        state=InvoiceState.OPEN,
        vendor_name="YBP",
        rule="typed",
        off=Decimal(0),
        total=Decimal(total),
        lines=(line,),
        entries=(entry,),
        objections=objections,
    )


def rows(table: Table) -> list[dict[str, str]]:
    """Return the rows as people read them, by column."""
    _, *shown = texts(table, {})
    return [dict(zip((table.columns[at].key for at in table.shown), row, strict=True)) for row in shown]


def test_an_amount_has_its_currency_for_people_and_is_a_number_in_files() -> None:
    table = invoices((standing("a", "1234.50"), standing("b", "-20", "JPY"), standing("c", "0.125", "BHD")), "USD")
    assert [row["total"] for row in rows(table)] == ["1,234.50\u00a0USD", "-20\u00a0JPY", "0.125\u00a0BHD"]
    assert [row["total"] for row in table.values()] == ["1234.50", "-20", "0.125"]
    assert [row["number"] for row in ordered(table, "total").values()] == ["b", "c", "a"]
    text = as_csv(written([table], {}))
    assert ",1234.50,1234.50,USD," in text and ",-20,-20,JPY," in text, "no apostrophe: a number"
    book = CalamineWorkbook.from_object(io.BytesIO(xlsx_file([table], {}, "Invoices", (), "Rows")))
    assert [row[4] for row in book.get_sheet_by_index(1).to_python()][1:] == [1234.5, -20, 0.125]


def test_each_objection_has_a_sentence_and_the_first_stands_in_the_list() -> None:
    values = dict.fromkeys(
        ["account", "shared", "percent", "expected", "currency", "order", "amount", "off", "count"], "5"
    )
    values |= dict.fromkeys(["invoiced", "here", "price", "charged", "invoice"], "5") | {"date": "2026-11-02"}
    for code in ObjectionCode:
        row = msgspec.structs.replace(standing("a", "5"), objections=(Objection(code=code, line="7", values=values),))
        told = rows(invoices((row,), "USD"))[0]["against"]
        assert told.startswith("Line 7: ") and "{" not in told and "2026-11" not in told, code
    two = standing("a", "5", codes=(ObjectionCode.NO_CODE, ObjectionCode.TAX))
    assert rows(invoices((two,), "USD"))[0]["against"] == "Line 1: no account code, and 1 more"


def test_a_line_shows_its_accounts_and_why() -> None:
    row = rows(lines(standing("a", "5"), "USD"))[0]
    assert (row["coding"], row["order"]) == ("1-23 (BOOKS), rule books", "PO-1")
    assert (row["here"], row["listed"], row["invoiced"]) == ("1", "2", "2") and "ordered" not in row


def test_the_orders_for_the_annual_review_begin_with_those_that_are_warned_about() -> None:
    def order(number: str, *warnings: OrderWarning, until: str = "", closed: bool = False) -> OrderStanding:
        content = PurchaseOrder(number=number, vendor="ybp", amount="100.00", valid_to=until, closed=closed)
        return OrderStanding(
            content=content,
            charged=Decimal("50.00"),
            invoiced=Decimal("20.00"),
            encumbered=Decimal("12.00"),
            unpriced=0,
            invoices=("invoice-1",),
            warnings=warnings,
            newest=1,
        )

    known = [order("A"), order("B", until="2027-06-30"), order("C", OrderWarning.USED), order("D", closed=True)]
    chosen = orders(for_review(known), {"ybp": "YBP"}, "USD")
    assert [row["number"] for row in chosen.values()] == ["C", "B", "A"]
    first = rows(chosen)[0]
    assert (first["remaining"], first["warnings"]) == ("18.00\u00a0USD", "Almost used up")
    assert chosen.values()[0]["used"] == 0.82
