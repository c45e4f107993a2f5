"""Invoices of EDIFACT files, of spreadsheets, and typed."""

from __future__ import annotations

import csv
import io
import json
import re
from decimal import Decimal
from pathlib import Path

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from station.acquisitions.columns import INVOICE_COLUMNS
from station.acquisitions.invoices import CHARGE_KINDS, read, typed
from station.base.errors import PackingRefused, VendorFileRefused
from station.base.text import clean
from station.domain.invoices.adding_up import TotalsRule, add_up
from station.domain.invoices.invoice import ChargeKind, ChargeLevel, Invoice, InvoiceKind, Share
from station.domain.receiving.vendor import Mapper
from tests.acquisitions.edifact.samples import sample
from tests.conftest import ROOT
from tests.support.for_each import for_each
from tests.support.told import raises_told

RULES = {
    "brodart_6invoices_v4una.edi": TotalsRule.SUMMARY_CHARGES,
    "ebsco_2invoices_linebreaks.edi": TotalsRule.CHARGES_INSIDE,
    "gobi_approval_22lines.edi": TotalsRule.MESSAGE_AND_LINES,
    "gobi_firm_11invoices.edi": TotalsRule.MESSAGE_AND_LINES,
    "gobi_standing_1line.edi": TotalsRule.PAYABLE_AND_TOTAL,
    "harrassowitz_8lines.edi": TotalsRule.CHARGES_INSIDE,
    "uk_shelfready_gir_barcodes.edi": TotalsRule.PAYABLE_AND_TAXABLE,
}
TABLE = """\
Invoice,Vendor,Date,Due,Currency,Invoice total,Shipping,ISBN,Title,Quantity,Unit price,Line total,Account,Material
A-1,Any Books,2026-11-20,2026-12-20,USD,85.50,5.50,9780262033848,Algorithms,2,25.00,50.00,10-BOOKS,
A-1,Any Books,2026-11-20,,USD,85.50,,9780140449136,Odyssey,1,30,,,book
A-2,Any Books,2026-11-21,,USD,,,,"=HYPERLINK(""x"")\x1b[31m",1,,-4.00,,
"""


def test_genuine_invoices_add_up_by_the_rule_of_their_vendor(shared: Path) -> None:
    folder = shared / "data" / "edifact"
    expected = json.loads((folder / "expected.json").read_text(encoding="utf-8"))
    for name, rule in RULES.items():
        invoices = read((folder / name).read_bytes(), name).invoices
        assert len(invoices) == len(expected[name]["messages"]), name
        for invoice, message in zip(invoices, expected[name]["messages"], strict=True):
            addition = add_up(invoice, Decimal("0.02"))
            assert (addition.rule, addition.off, addition.rounding) == (rule, 0, False), name
            totals = message["summary_moa"]
            asked = totals.get("9") or totals["86"]
            assert addition.total == Decimal(asked[0]), name
            assert sum(Decimal(line.amount) for line in invoice.lines) == Decimal(message["sum_line_203"]), name
            assert invoice.number == message["number"], name
    brodart, *_ = read((folder / "brodart_6invoices_v4una.edi").read_bytes(), "brodart").invoices
    assert (brodart.due, brodart.lines[0].list_price, brodart.lines[0].copies) == ("2009-12-28", "21.99", 2)
    (charge,) = brodart.charges
    assert (charge.kind, charge.amount, charge.level) == (ChargeKind.PROCESSING, "6.6", ChargeLevel.SUMMARY)


def test_a_damaged_genuine_file_is_refused_at_its_segment(shared: Path) -> None:
    name = "broken_invoic.edi"
    with raises_told(VendorFileRefused, match=r"broken_invoic\.edi, line 1, segment 44: it does not begin with a tag"):
        read((shared / "data" / "edifact" / name).read_bytes(), name)


def test_a_credit_note_has_positive_amounts_whatever_the_vendor_writes() -> None:
    plain = sample(replaced=("BGM+380+INV-7", "BGM+381+CR-7"))
    minus = plain.replace(b"203:150", b"203:-150").replace(b"79:156.60", b"79:-156.60").replace(b"8:6.60", b"8:-6.60")
    assert minus != plain
    for data in (plain, minus):
        (credit,) = read(data, "credit.edi").invoices
        assert (credit.kind, credit.number, credit.lines[0].amount) == (InvoiceKind.CREDIT, "CR-7", "150")
        assert (credit.stated[0].amount, credit.charges[0].amount) == ("156.60", "6.60")


def test_a_line_without_an_amount_is_refused_with_its_line() -> None:
    with raises_told(PackingRefused, match=r"x\.edi, line \d+, segment \d+: it has none of MOA\+203"):
        read(sample(replaced=("MOA+203:150", "MOA+146:150")), "x.edi")


def test_a_spreadsheet_holds_several_invoices_and_its_texts_are_harmless() -> None:
    first, second = read(TABLE.encode(), "invoices.csv").invoices
    assert (first.vendor, first.number, first.date, first.due) == ("Any Books", "A-1", "2026-11-20", "2026-12-20")
    assert [(line.amount, line.copies, line.material) for line in first.lines] == [
        ("50.00", 2, ""),
        ("30.00", 1, "book"),
    ]
    assert first.lines[0].shares == (Share(account="10-BOOKS"),)
    assert add_up(first, Decimal(0)).rule == TotalsRule.TYPED
    assert (second.lines[0].amount, "\x1b" in second.lines[0].title) == ("-4.00", False)
    theirs = TABLE.replace("Line total", "Betrag").replace("2026-11-2", "11/2").replace("11/20", "11/20/2026")
    mapper = Mapper(columns={"amount": "Betrag", "carton": "Box"}, dates="mdy")
    mapped = read(theirs.replace("11/21", "11/21/2026").encode(), "invoices.csv", mapper=mapper).invoices
    assert mapped == (first, second)


@for_each(
    "before, after, refusal",
    [
        ("85.50,,9780140449136", "85.51,,9780140449136", r'line 3: total is "85\.51", but "85\.50" in line 2'),
        ("A-1,Any Books,2026-11-20,,", "A-1,,2026-11-20,,", r"line 3: vendor is missing"),
        (",30,", ",,", r"line 3: it has none of amount, price"),
        (",30,", ',"1,234",', r'line 3: price is "1,234", which is not an amount'),
        (",30,", ",1.234,", r'line 3: price is "1\.234", which is not an amount'),
        (",30,", ",30 EUR,", r'line 3: price is "30 EUR", which is not an amount'),
        ("2026-11-21", "21/11/2026", r'line 4: date is "21/11/2026"'),
        ("9780140449136", "9.78014E+12", r"line 3: isbn is .* shortened"),
        ("USD", "dollars", r"line 2: .*currency"),
        ("Quantity", "Title", "line 1: a column is there twice"),
    ],
)
def test_a_defect_of_a_spreadsheet_is_named_by_its_line(before: str, after: str, refusal: str) -> None:
    assert before in TABLE
    with raises_told(PackingRefused, match=refusal):
        read(TABLE.replace(before, after).encode(), "invoices.csv")


def test_binary_numbers_of_a_workbook_and_three_decimals_of_a_dinar_are_amounts() -> None:
    def amount(written: str, currency: str) -> str:
        table = f"invoice,vendor,currency,amount\n1,V,{currency},{written}\n"
        return read(table.encode(), "x.csv").invoices[0].lines[0].amount

    assert amount("30.299999999999997", "USD") == "30.30"
    assert amount("1.234", "BHD") == "1.234"
    assert (amount("1200", "JPY"), amount("(5.00)", "USD"), amount("$5", "USD")) == ("1200", "-5.00", "5")


def test_an_invoice_is_typed_as_one_line_or_as_an_amount_for_each_account() -> None:
    head = {"vendor": "Corner Bookshop", "list": "77", "date": "2026-12-01", "total": "45.00", "shipping": "5"}
    one = typed(head)
    assert [(line.line, line.amount) for line in one.lines] == [("1", "40.00")]
    assert (one.charges[0].kind, add_up(one, Decimal(0)).off) == (ChargeKind.SHIPPING, 0)
    two = typed(
        {**head, "order": "PO-7"}, ["amount=15.00 account=10-BOOKS fund=B title=Two words", "amount=25 account=20-DVD"]
    )
    assert [(line.amount, line.shares[0].account) for line in two.lines] == [("15.00", "10-BOOKS"), ("25.00", "20-DVD")]
    assert (two.order, two.lines[0].order, two.lines[0].title) == ("PO-7", "", "Two words")
    credit = typed({**head, "kind": "credit", "shipping": ""})
    assert isinstance(credit, Invoice)
    assert (credit.kind, credit.lines[0].amount) == (InvoiceKind.CREDIT, "45.00")
    for fields, lines, refusal in (
        ({**head, "total": ""}, (), "77, line 1: total is missing"),
        (head, ("amount=15", "cost=30"), "77, line 2: "),
        ({**head, "colour": "red"}, (), '77, line 1: there is no "colour"'),
    ):
        with raises_told(PackingRefused, match=refusal):
            typed(fields, lines)


def test_the_page_names_every_column_and_every_code_of_a_charge() -> None:
    page = (ROOT / "docs" / "invoice-files.md").read_text(encoding="utf-8")
    named = set(re.findall(r"`([^`]+)`", page))
    assert {*INVOICE_COLUMNS} - named == set()
    for code, kind in CHARGE_KINDS.items():
        (row,) = [row for row in page.splitlines() if row.startswith("| `") and f"`{code}`" in row]
        assert row.endswith(f"| {kind} |"), code


CELLS = st.one_of(
    st.text(max_size=20),
    st.sampled_from(["1e5", "=1+1", "\x1b[2J", "-0", "(1)", "NaN", "١٢", "9" * 400, "1.2.3", "0x10", "$-5", "−5"]),
)


@given(st.lists(st.tuples(*[CELLS] * 8), min_size=1, max_size=4))
def test_hostile_cells_are_refused_or_harmless(rows: list[tuple[str, ...]]) -> None:
    table = io.StringIO(newline="")
    writer = csv.writer(table)
    writer.writerow(["list", "vendor", "currency", "total", "quantity", "amount", "title", "account"])
    writer.writerows(rows)
    data = table.getvalue().encode("utf-8", "replace")
    try:
        invoices = read(data, "evil.csv").invoices
    except PackingRefused:
        return
    for invoice in invoices:
        assert msgspec.convert(msgspec.to_builtins(invoice), Invoice) == invoice
        assert all(clean(line.title) == line.title for line in invoice.lines)
        assert add_up(invoice, Decimal("0.02")).total.is_finite()
