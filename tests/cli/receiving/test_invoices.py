"""Invoices and orders on the command line, from the vendor's file to the payment and the fiscal year's tables."""

from __future__ import annotations

import csv
import hashlib
import io
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from station.cli import station
from station.cli.receiving import invoice_exports
from station.domain.events import AccountPlanRecorded, InvoiceSignatureTakenBack
from station.domain.invoices.invoice import Share
from station.domain.invoices.plan import AccountCode, AccountPlan, CodeRule, ExportColumn
from station.store.owner import open_store
from tests.cli.receiving.test_lists import events, run, value
from tests.conftest import FakeClock
from tests.reports.purchase_samples import HOSTILE
from tests.support.workbooks import cells_of

PLAN = AccountPlan(
    codes=(AccountCode(account="11-6300"), AccountCode(account="11-6301")),
    rules=(CodeRule(id="gobi", vendor="gobi", shares=(Share(account="11-6300", fund="MONO"),)),),
    columns=(
        ExportColumn(field="invoice", title="Invoice"),
        ExportColumn(field="account", title="Account"),
        ExportColumn(field="amount", title="Amount"),
    ),
)
VENDORS = '[[vendor]]\nid = "gobi"\nname = "GOBI"\ncodes = ["1694510"]\n[[vendor]]\nid = "shop"\nname = "Book Shop"\n'
HEADS = "Invoice no,Invoice date,Title,Qty,Amount,Invoice total"
FILE = f"{HEADS}\nG-1,2026-07-14,First,1,12.50,20.00\nG-1,2026-07-14,Second,1,7.50,20.00\n"
WORDS = ("receiving", "invoices")


@pytest.fixture
def desk(tmp_path: Path) -> Path:
    (tmp_path / "station.toml").write_text(
        '[library]\nisil = "US-TxImag"\n[station]\noperator = "tess"\n[receiving]\ntwo_people = []\n'
    )
    value(tmp_path, "people", "add", "tess", "--name", "Tess", "--role", "technician")
    (tmp_path / "vendors.toml").write_text(VENDORS)
    (tmp_path / "invoice.csv").write_text(FILE)
    value(tmp_path, "receiving", "vendors", "import", str(tmp_path / "vendors.toml"))
    store = open_store(tmp_path / "journal.db", FakeClock())
    store.journal.record(AccountPlanRecorded(content=PLAN, operator="w-tess"))
    store.close()
    return tmp_path


def act(desk: Path, *words: str, code: int = 0) -> Any:
    return value(desk, *WORDS, *words, code=code)


def typed(desk: Path, number: str, total: str, *words: str, vendor: str = "gobi", code: int = 1) -> Any:
    """Type an invoice. Nothing of it was counted, so something always speaks against it."""
    return act(desk, "type", number, "--vendor", vendor, "--date", "2026-07-14", "--total", total, *words, code=code)[0]


def okay(desk: Path, name: str, *words: str) -> Any:
    return act(desk, "okay", name, "--reason", "bound at once", *words)[0]


def test_an_invoice_is_read_once_coded_signed_exported_and_paid(desk: Path) -> None:
    (read,) = act(desk, "import", str(desk / "invoice.csv"), "--vendor", "1694510", code=1)
    assert (read["number"], read["total"], read["vendor"], read["state"]) == ("G-1", "20.00", "GOBI", "open")
    (again,) = act(desk, "import", str(desk / "invoice.csv"), "--vendor", "GOBI", code=1)
    assert (again["id"], again["recorded_before"], len(events(desk, "invoice-recorded"))) == (read["id"], True, 1)
    assert (
        act(desk, "type", "g 01", "--vendor", "gobi", "--date", "2026-07-14", "--total", "20.00", code=1)[0]["id"]
        == (read["id"])
    )
    act(
        desk,
        "code",
        "G-1",
        "2",
        "--share",
        "account=11-6301 fund=AV percent=60",
        "--share",
        "account=11-6300 percent=40",
    )
    shown = act(desk, "show", "G-1", code=1)
    assert {(row["account"], row["amount"]) for row in shown["entries"]} == {
        ("11-6300", "12.50"),
        ("11-6301", "4.50"),
        ("11-6300", "3.00"),
    }
    refused = act(desk, "okay", "G-1", code=35)["error"]
    assert refused["code"] == "receiving-refused"
    assert refused["sentence"] == "Line 1: 1 invoiced, 0 here. Say why it may be paid: --reason."
    assert act(desk, "okay", "G-1", "--reason", "x", "--seen", "1", code=35)["error"]["code"] == "changed-meanwhile"
    assert okay(desk, "G-1", "--seen", str(shown["newest"]))["state"] == "signed"
    assert act(desk, "take-back", "G-1", "--reason", "too soon")[0]["state"] == "open"
    okay(desk, "G-1")
    file = desk / "ap.csv"
    done = act(desk, "export", "--to", str(file))
    (event,) = events(desk, "invoices-exported")
    assert event["digest"] == hashlib.sha256(file.read_bytes()).hexdigest() == done["digest"]
    assert act(desk, "take-back", "G-1", "--reason", "too late", code=35)["error"]["code"] == "receiving-refused"
    (paid,) = act(desk, "paid", "G-1", "--on", "2026-08-03", "--reference", "CHK 7")
    assert (paid["state"], paid["paid_on"], paid["reference"]) == ("paid", "2026-08-03", "CHK 7")
    assert act(desk, "paid", "G-1", "--not-paid")[0]["state"] == "exported"


def test_an_invoice_that_changes_while_its_file_is_made_is_not_exported(
    desk: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    typed(desk, "G-1", "10.00")
    signed = okay(desk, "G-1")
    (certified,) = events(desk, "invoice-signed")
    taken_back = InvoiceSignatureTakenBack(invoice=signed["id"], reason="too soon", operator=certified["operator"])
    export_of = invoice_exports.export_of

    def taken_back_meanwhile(*given: Any) -> Any:
        whole = export_of(*given)
        store = open_store(desk / "journal.db", FakeClock())
        store.journal.order(taken_back)
        store.close()
        return whole

    monkeypatch.setattr(invoice_exports, "export_of", taken_back_meanwhile)
    refused = act(desk, "export", "--to", str(desk / "ap.csv"), code=35)
    assert refused["error"]["code"] == "changed-meanwhile"
    assert not (desk / "ap.csv").exists()


def test_an_export_is_written_again_with_the_same_bytes_whatever_was_recorded_since(desk: Path) -> None:
    typed(desk, "G-1", "10.00")
    okay(desk, "G-1")
    first, workbook = desk / "ap.csv", desk / "ap.xlsx"
    done = act(desk, "export", "G-1", "--to", str(first))
    assert first.read_text(encoding="utf-8-sig") == "Invoice,Account,Amount\nG-1,11-6300,10.00\n"
    store = open_store(desk / "journal.db", FakeClock())
    store.journal.record(AccountPlanRecorded(content=AccountPlan(columns=()), operator="w-tess"))
    store.close()
    (desk / "vendors.toml").write_text(VENDORS.replace("GOBI", "GOBI Library Solutions"))
    value(desk, "receiving", "vendors", "import", str(desk / "vendors.toml"))
    act(desk, "paid", "G-1", "--on", "2026-08-03")
    act(desk, "export", "--again", done["id"], "--to", str(desk / "again.csv"))
    assert (desk / "again.csv").read_bytes() == first.read_bytes()
    act(desk, "export", "--again", done["id"], "--to", str(workbook))
    assert cells_of(workbook.read_bytes(), 1) == [["Invoice", "Account", "Amount"], ["G-1", "11-6300", 10.0]]
    assert len(events(desk, "invoices-exported")) == 1
    assert [row["id"] for row in act(desk, "exports")] == [done["id"]]


def test_an_export_takes_only_what_has_its_okay_and_replaces_no_file(desk: Path) -> None:
    open_one, file = typed(desk, "G-1", "10.00"), desk / "ap.csv"
    assert act(desk, "export", "--to", str(file), code=35)["error"]["code"] == "receiving-refused"
    assert act(desk, "export", open_one["id"], "--to", str(file), code=35)["error"]["code"] == "receiving-refused"
    okay(desk, "G-1")
    file.write_text("mine")
    act(desk, "export", "--to", str(file), code=2)
    act(desk, "export", "--to", str(desk / "ap.txt"), code=2)
    act(desk, "export", "--to", str(desk / "nowhere" / "ap.csv"), code=2)
    assert (file.read_text(), events(desk, "invoices-exported")) == ("mine", [])
    act(desk, "export", "--to", str(desk / "new.csv"))
    assert act(desk, "export", "G-1", "--to", str(desk / "more.csv"), code=35)["error"]["code"] == "receiving-refused"
    assert sorted(path.name for path in desk.iterdir() if "csv" in path.name) == ["ap.csv", "invoice.csv", "new.csv"]


def test_a_credit_reduces_the_payment_and_a_correcting_entry_moves_an_amount(desk: Path) -> None:
    typed(desk, "G-1", "10.00")
    typed(desk, "CR-1", "4.00", "--kind", "credit", code=0)
    (reduced,) = act(desk, "credit", "CR-1", "G-1")
    assert (reduced["total"], reduced["to_pay"]) == ("10.00", "6.00")
    for name in ("G-1", "CR-1"):
        okay(desk, name)
    act(desk, "export", "--to", str(desk / "ap.csv"))
    lines = ("--line", "amount=-10.00 account=11-6300", "--line", "amount=10.00 account=11-6301")
    (entry,) = act(desk, "correct", "G-1", *lines, "--note", "wrong fund")
    assert (entry["kind"], entry["number"], entry["total"]) == ("correction", "G-1 C1", "0.00")
    okay(desk, entry["id"])
    act(desk, "export", "--to", str(desk / "more.csv"))
    accounts = {row["account"]: row["invoiced"] for row in value(desk, *_expenditure("accounts"))}
    assert accounts == {"11-6300": "-4.00", "11-6301": "10.00"}
    (void,) = act(desk, "void", typed(desk, "G-9", "1.00")["id"], "--reason", "twice")
    assert void["state"] == "void"


def _expenditure(*words: str) -> tuple[str, ...]:
    return ("receiving", "expenditure", *words, "--year", "2027")


def test_a_foreign_invoice_needs_its_rate(desk: Path) -> None:
    typed(desk, "H-1", "100.00", "--currency", "EUR", "--line", "amount=100.00 account=11-6300", vendor="shop")
    assert act(desk, "okay", "H-1", "--reason", "x", code=35)["error"]["code"] == "receiving-refused"
    act(desk, "rate", "H-1", "abc", code=2)
    assert act(desk, "rate", "H-1", "1.0834", "--note", "bank, July 14")[0]["in_site_currency"] == "108.34"
    okay(desk, "H-1")
    assert value(desk, *_expenditure("vendors"))[0]["invoiced"] == "108.34"


def test_the_sheet_says_who_certified_what_and_that_it_is_no_approval(desk: Path) -> None:
    typed(desk, "G-1", "10.00", "--note", HOSTILE)
    okay(desk, "G-1", "--second", "Mary")
    pdf = desk / "sheet.pdf"
    text = run(desk, *WORDS, "sheet", "G-1", "--pdf", str(pdf)).stdout
    for words in (
        "Okay to pay",
        "- 10.00 USD: 11-6300, Fund MONO",
        "certified by Tess",
        "bound at once",
        "unproven: Mary",
    ):
        assert words in text
    assert "The fiscal office approves and pays." in text and "\x1b" not in text and "\u202e" not in text
    assert pdf.read_bytes().startswith(b"%PDF")


def test_an_order_is_recorded_charged_reviewed_and_its_change_is_told(desk: Path) -> None:
    words = ("receiving", "orders")
    value(desk, *words, "record", "B-1", "--amount", "100.00", code=2)
    (new,) = value(desk, *words, "record", "B-1", "--vendor", "GOBI", "--amount", "100.00", "--account", "11-6300")
    assert (new["remaining"], new["vendor_id"]) == ("100.00", "gobi")
    typed(desk, "G-1", "85.00", "--order", "B-1")
    okay(desk, "G-1")
    charged = value(desk, *words, "show", "b-1", code=1)
    assert (charged["charged"], charged["remaining"], charged["charged_invoices"][0]["number"]) == (
        "85.00",
        "15.00",
        "G-1",
    )
    over = typed(desk, "G-2", "15.01", "--order", "B-1")
    assert act(desk, "okay", over["id"], "--reason", "x", code=35)["error"]["code"] == "receiving-refused"
    change = ("record", "B-1", "--amount", "500.00", "--until", "2027-06-30")
    assert value(desk, *words, *change, code=35)["error"]["code"] == "receiving-refused"
    value(desk, *words, *change, "--reason", "more books")
    notice = run(desk, *words, "notice", "B-1").stdout
    assert "Amount: 100.00 USD before, 500.00 USD from now on." in notice and "Reason: more books" in notice
    assert [row["number"] for row in value(desk, *words, "review")] == ["B-1"]
    (desk / "orders.toml").write_text(run(desk, *words, "export").stdout)
    assert value(desk, *words, "import", str(desk / "orders.toml"))[0]["state"] == "unchanged"
    (desk / "orders.toml").write_text('[[order]]\nnumber = "B-2"\nvendor = "gobi"\namount = "x"\n')
    assert run(desk, *words, "import", str(desk / "orders.toml")).exit_code == 31


def test_the_fiscal_year_is_the_same_on_the_screen_in_csv_and_in_the_workbook(desk: Path) -> None:
    for number, total in (("G-1", "10.00"), ("G-2", "32.75")):
        typed(desk, number, total)
        okay(desk, number)
    typed(desk, "G-3", "5.00")
    to_csv, to_xlsx = desk / "year.csv", desk / "year.xlsx"
    rows = value(desk, *_expenditure("funds"), "--csv", str(to_csv), "--xlsx", str(to_xlsx))
    assert [(row["fund"], row["invoiced"], row["paid"]) for row in rows] == [("MONO", "42.75", "0.00")]
    (written,) = csv.DictReader(io.StringIO(to_csv.read_text(encoding="utf-8-sig")))
    assert (written["Fund"], written["Invoiced"]) == ("MONO", "42.75")
    sheet = cells_of(to_xlsx.read_bytes(), 2)
    assert sheet[1][:3] == ["MONO", 2.0, 42.75]
    waiting = {row["invoice"]: row["amount"] for row in value(desk, *_expenditure("open"))}
    assert waiting == {"G-1": "10.00", "G-2": "32.75", "G-3": "5.00"}
    assert sum(Decimal(row["invoiced"]) for row in value(desk, *_expenditure())) == Decimal("42.75")


def test_an_operator_may_record_but_not_certify(desk: Path) -> None:
    value(desk, "people", "add", "ann", "--name", "Ann", "--role", "operator")
    typed(desk, "G-1", "10.00", "--operator", "ann")
    for words in (
        ("okay", "G-1", "--reason", "x"),
        ("void", "G-1", "--reason", "x"),
        ("code", "G-1", "1", "--order", "B"),
    ):
        assert act(desk, *words, "--operator", "ann", code=35)["error"]["code"] == "not-allowed"
    helped = CliRunner().invoke(station, ["receiving", "invoices", "--help"])
    assert helped.exit_code == 0 and "take-back" in helped.output


def test_an_item_shows_the_list_price_of_its_invoice(desk: Path) -> None:
    isbn, barcode = "9780262033848", "31999000000014"
    value(desk, "receiving", "type", "G-7", "--vendor", "gobi", "--line", f"isbn={isbn}")
    line = f"amount=20.00 isbn={isbn} list_price=24.95"
    act(desk, "type", "G-7", "--vendor", "gobi", "--date", "2026-07-14", "--line", line, code=1)
    value(desk, "receiving", "shipment", "open", "--list", "G-7")
    (count,) = value(desk, "receiving", "count", isbn)
    value(desk, "receiving", "bind", str(count["id"]), barcode)
    assert "24.95 USD" in run(desk, "item", barcode).stdout
