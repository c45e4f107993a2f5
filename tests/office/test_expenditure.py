"""Expenditure and exports at a desk: the same amounts as on the command line and in files."""

from __future__ import annotations

import csv
import io
import json
import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from station.cli import station
from station.domain.events import InvoicesExported
from tests.office.desk import INVOICES, PINS, browser, events, invoices, made, text_of
from tests.support.workbooks import cells_of, sheet_names


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return made(tmp_path)


def test_a_year_is_the_same_on_its_page_in_csv_as_json_and_in_the_workbook(data: Path) -> None:
    command = ("receiving", "expenditure", "vendors", "--operator", "tess", "--json")
    result = CliRunner().invoke(station, ["--data", str(data), *command], input=f"{PINS['tess']}\n")
    (row,) = json.loads(result.stdout)
    with browser(data, "tess") as desk:
        whole = desk.get("/expenditure?table=vendors").text
        page, (workbook,) = text_of(whole), re.findall(r'"(/expenditure/\d{4}/workbook)"', whole)
        text = desk.get("/expenditure?table=vendors&as=csv").content.decode("utf-8-sig")
        book = desk.get(workbook)
        waiting = text_of(desk.get("/expenditure?table=open").text)
    assert (row["vendor"], row["invoiced"], row["invoices"]) == ("YBP", "73.00", 2)
    assert "73.00 USD" in page.replace("\u00a0", " ")
    (written,) = csv.DictReader(io.StringIO(text, newline=""))
    assert (written["Vendor"], written["Invoiced"], written["Received"]) == ("YBP", "73.00", row["received"])
    assert cells_of(book.content, sheet_names(book.content).index("Vendors"))[1][:3] == ["YBP", 2.0, 73.0]
    assert INVOICES["open"][0] in waiting and "Waits for export to Accounts Payable" in waiting


def test_what_has_its_okay_is_exported_once_and_its_file_is_the_same_again(data: Path) -> None:
    signed = invoices(data)["signed"]
    with browser(data, "tess") as desk:
        form = desk.form("/exports/new")
        assert "Y-2" in text_of(desk.get("/exports/new").text)
        page = desk.follow(desk.post("/exports/new", {**form, "pin": PINS["tess"]}))
        event = events(data)[-1]
        assert isinstance(event, InvoicesExported) and event.invoices == (signed,)
        ident = str(page.url).rpartition("/")[2].partition("?")[0]
        first, again = (desk.get(f"/exports/{ident}/csv").content for _ in range(2))
        assert first == again and b"Y-2" in first
        assert "Y-2" in str(cells_of(desk.get(f"/exports/{ident}/xlsx").content, 1))
        assert ident in text_of(desk.get("/exports").text)
        assert desk.get(f"/invoices/{signed}/sheet").content.startswith(b"%PDF")
        refused = text_of(desk.get("/exports/new").text)
    assert "No invoice with the okay to pay waits for export." in refused


def test_only_who_may_sign_exports(data: Path) -> None:
    with browser(data, "bea") as desk:
        answer = desk.post("/exports/new", {**desk.form("/exports/new"), "pin": PINS["bea"]})
        assert answer.status_code == 422  # who lends the right is not named
    assert len([event for event in events(data) if isinstance(event, InvoicesExported)]) == 1
