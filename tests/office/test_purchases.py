"""Invoices and orders at a desk: what is read and shown, who may sign, and what their texts never do."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import httpx2
import pytest

from station.base.clock import SystemClock
from station.base.text import clean
from station.domain.events import InvoiceRecorded, InvoiceSigned, PurchaseOrderRecorded
from station.domain.invoices.invoice import Invoice, InvoiceLine, Share
from station.domain.invoices.order import PurchaseOrder
from station.domain.invoices.standing import InvoiceState
from station.office.asked import in_path, part_of_path
from station.office.purchases.figures import share_text, shares_of
from station.office.purchases.invoice_import import PATH
from station.runtime.data_directory import JOURNAL
from station.store.queries.queries import Queries
from tests.office.desk import (
    EVIL,
    HERE,
    INVOICES,
    ORDER,
    PINS,
    Browser,
    browser,
    events,
    invoices,
    journal,
    made,
    text_of,
)
from tests.support.harmless import bad_characters

TESS = PINS["tess"]


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return made(tmp_path)


def queries(data: Path) -> Queries:
    return Queries(data / JOURNAL, SystemClock())


def sent(desk: Browser, content: bytes, name: str, **typed: str) -> httpx2.Response:
    """Choose a file of invoices, and send it."""
    fields = {**desk.form(PATH), "vendor": "ybp", **typed}
    return desk.client.post(PATH, data=fields, files={"file": (name, content, "text/csv")}, headers=HERE)


CSV = (
    b"invoice,date,total,amount,title,quantity\nN-1,2026-11-30,12.00,10.00,Soup,1\nN-2,2026-11-30,5.00,5.00,Rivers,1\n"
)


def test_a_file_of_invoices_is_looked_at_before_it_is_taken(data: Path) -> None:
    with browser(data, "tim") as desk:
        looked = sent(desk, CSV, "bills.csv")
        page = desk.follow(looked).text
        assert "Does not add up: asks for 12.00" in page and "off by 2.00" in page and "✓ Adds up" in page
        before = len(events(data))
        path = looked.headers["location"]
        desk.follow(desk.send(path, pin=PINS["tim"]))
        recorded = [event for event in events(data)[before:] if isinstance(event, InvoiceRecorded)]
        again = sent(desk, CSV.replace(b"N-1", b"n 0001"), "bills.csv").headers["location"]
        assert desk.get(again).text.count("recorded already") == 2
        assert desk.send(again, pin=PINS["tim"]).status_code == 409
        broken = sent(desk, CSV.replace(b"10.00", b"ten"), "bills.csv")
    assert [(event.content.number, event.source, event.operator) for event in recorded] == [
        ("N-1", "bills.csv", "w-tim"),
        ("N-2", "bills.csv", "w-tim"),
    ]
    assert broken.status_code == 409 and "line 2" in text_of(broken.text)


def test_an_invoice_is_typed_with_one_amount_for_each_account(data: Path) -> None:
    typed = {
        "kind": "invoice",
        "other-vendor": "Corner Bookshop",
        "number": "17",
        "date": "2026-11-30",
        "total": "$1,030.00",
        "shipping": "5.00",
        "lines": "1,000.00; 11-6310; BOOKS; Atlas, in two parts; 978-0-14-044913-6; 2\n25.00; 11-6320",
    }
    with browser(data, "tim") as desk:
        wrong = desk.send("/invoices/new", **{**typed, "lines": "ten; 11-6310"})
        assert wrong.status_code == 409 and 'id="wrong-lines"' in wrong.text and "ten; 11-6310" in wrong.text
        page = desk.follow(desk.send("/invoices/new", **typed)).text
        ident = next(row.id for row in queries(data).invoices() if row.content.number == "17")
        form = desk.get(f"/invoices/{ident}/change").text
        desk.follow(desk.send(f"/invoices/{ident}/change", **{**typed, "total": "1031.00"}))
    row = queries(data).invoice(ident)
    assert row is not None and [line.line.amount for line in row.lines] == ["1000.00", "25.00"]
    assert (row.lines[0].line.numbers, row.lines[0].line.copies) == (("9780140449136",), 2)
    assert [line.line.shares[0].account for line in row.lines] == ["11-6310", "11-6320"]
    assert "1,030.00 USD" in page and "1000.00; 11-6310; BOOKS; Atlas, in two parts; 9780140449136; 2\n25.00" in form
    assert f"{row.off:f}" == "1.00" and not row.rule


def test_what_stops_the_okay_is_said_first_and_a_technician_signs(data: Path) -> None:
    known = invoices(data)
    with browser(data, "tim") as desk:
        page = text_of(desk.get(f"/invoices/{known['open']}").text)
        assert "Line 1: no account code. This stops the okay." in page
        lent = desk.get(f"/invoices/{known['ready']}/okay").text
        assert 'id="field-lender"' in lent
    with browser(data, "tess") as desk:
        stopped = desk.get(f"/invoices/{known['open']}/okay")
        assert stopped.status_code == 409 and "no account code" in stopped.text
        path = f"/invoices/{known['ready']}/okay"
        form = desk.get(path).text
        assert "Copies here: 0, invoiced: 1" in form and "11-6310 (BOOKS): 20.00" in form
        assert desk.send(path, pin=TESS).status_code == 422, "the copy is not here: a reason is needed"
        page = desk.follow(desk.send(path, reason="a service, nothing to count", pin=TESS)).text
        desk.follow(desk.send(f"/invoices/{known['ready']}/take-back", reason="too early"))
        assert desk.get(f"/invoices/{known['ready']}/sheet").status_code == 404, "it has no okay any more"
        assert desk.get(f"/invoices/{known['signed']}/sheet").content.startswith(b"%PDF")
    assert "Okay to pay by Tess" in page and "a service, nothing to count" in page and "/void" not in page
    row = queries(data).invoice(known["ready"])
    assert row is not None and row.state is InvoiceState.OPEN


def test_the_okay_is_about_what_the_technician_saw(data: Path) -> None:
    path = f"/invoices/{invoices(data)['ready']}/okay"
    with browser(data, "tess") as desk:
        fields = {**desk.form(path), "reason": "it is here", "pin": TESS}
        answer = desk.post(path, {**fields, "counted": "1"})
    assert answer.status_code == 409
    assert not [event for event in events(data) if isinstance(event, InvoiceSigned) and event.operator == "w-tess"]


@pytest.mark.parametrize("sign_on", [True, False])
def test_two_people_give_the_okay_where_the_site_asks_for_two(tmp_path: Path, sign_on: bool) -> None:
    data = made(tmp_path, sign_on=sign_on)
    file = data / "station.toml"
    file.write_text(file.read_text("utf-8").replace("two_people = []", 'two_people = ["okay"]'), "utf-8")
    path = f"/invoices/{invoices(data)['ready']}/okay"
    with browser(data, "tess" if sign_on else "") as desk:
        typed = {"reason": "a service", **({"pin": TESS} if sign_on else {})}
        assert desk.send(path, **typed).status_code == 422
        proof = {"second-pin": PINS["bea"]} if sign_on else {}
        page = desk.follow(desk.send(path, **typed, second="bea" if sign_on else "Zoe", **proof)).text
        assert 'name="second"' not in desk.get(f"/differences/{_difference(data)}/end").text
    signed = [event for event in events(data) if isinstance(event, InvoiceSigned)][-1]
    assert (signed.second, signed.unproven) == (("w-bea", False) if sign_on else ("Zoe", True))
    assert ("unproven" in page) is not sign_on


def _difference(data: Path) -> str:
    return queries(data).differences()[0].id


def test_lists_choose_and_say_so_and_files_have_the_same(data: Path) -> None:
    with browser(data, "tess") as desk:
        for query, numbers in {
            "": {"HB-1", "HB-2", "CM-1", "Y-1", "Y-2", "Y-3"},
            "?against=stops": {"HB-1", "HB-2"},
            "?state=signed": {"Y-2"},
            "?kind=credit": {"CM-1"},
            "?vendor=YBP&state=open&number=y-": {"Y-1"},
            "?until=2026-11-01": set(),
            "?overdue=1": set(),
        }.items():
            text = desk.get(f"/invoices{query}{'&' if query else '?'}as=csv").content.decode("utf-8-sig")
            assert {row[0] for row in csv.reader(io.StringIO(text))} - {"Invoice"} == numbers, query
        assert "Nothing with these filters" in desk.get("/invoices?state=void").text
        assert "HB-1" not in desk.get("/orders?warning=all").text
        entries = desk.get(f"/invoices/{invoices(data)['signed']}/entries").text
    assert "11-6310" in entries.replace("<wbr>", "") and f'href="/orders/{part_of_path(ORDER)}"' in entries


def test_today_counts_invoices_and_orders(data: Path) -> None:
    at = f"/orders/{part_of_path(ORDER)}/change"
    typed = {"kind": "blanket", "vendor": "ybp", "amount": "75.00", "standing": "open", "reason": "less", "pin": TESS}
    bill = {
        "kind": "invoice",
        "vendor": "ybp",
        "number": "9",
        "date": "2026-01-02",
        "due": "2026-01-30",
        "total": "1.00",
    }
    with browser(data, "tess") as desk:
        before = desk.get("/today").text
        desk.follow(desk.send(at, **typed))
        desk.follow(desk.send("/invoices/new", **bill))
        after = desk.get("/today").text
        late = desk.get("/invoices?overdue=1&as=csv").text
    assert "/orders?warning=all" not in before and "<b>4</b>" in before and "1 to export" in before
    assert '<a href="/orders?warning=all">▲ 1 order is used up, or expires</a>' in after
    assert '<a href="/invoices?overdue=1">▲ 1 invoice is past its due date</a>' in after and late.count("\r\n") == 2


def test_an_order_keeps_its_number_and_tells_purchasing(data: Path) -> None:
    at = f"/orders/{part_of_path(ORDER)}"
    typed = {"kind": "blanket", "vendor": "ybp", "amount": "80.00", "standing": "open", "reason": "less", "pin": TESS}
    with browser(data, "tess") as desk:
        for change in (
            {"amount": "a lot"},
            {"valid-from": "2027-01-01", "valid-to": "2026-01-01"},
            {"currency": "euro"},
        ):
            assert desk.send(f"{at}/change", **{**typed, **change}).status_code in (409, 422), change
        page = desk.follow(desk.send(f"{at}/change", **typed)).text
        notice = desk.get(f"{at}/notice/text").text
        assert "Order po/7 is recorded already" in desk.send("/orders/new", **{**typed, "number": "po/7"}).text
    row = queries(data).order(ORDER)
    assert row is not None and (row.content.amount, row.content.valid_to) == ("80.00", "")
    assert "▲ almost used up" in page and "73.00" in page and "7.00" in page
    assert "100.00" in notice and "80.00" in notice and "PO/7" in notice and "\r\n\r\n" in notice


def test_a_part_of_a_path_and_a_share_come_back_as_they_were() -> None:
    for name in ("PO/7", "~2F~7E/", "a b%2F?#", "ü"):
        assert in_path(httpx2.URL(f"https://x/{part_of_path(name)}").path[1:]) == name
    shares = (Share(account="1", fund="B", percent="60"), Share(account="2", percent="40"))
    assert shares_of("\n".join(map(share_text, shares)), "lines") == shares


def test_no_text_of_an_invoice_or_order_acts(data: Path) -> None:
    line = InvoiceLine(line=f"1{clean(EVIL)[:20]}", title=EVIL, amount="5.00", shares=(Share(account=EVIL, fund=EVIL),))
    content = Invoice(vendor=EVIL, number=f"/{EVIL}", date="2026-11-02", lines=(line,), note=EVIL, order=EVIL)
    order = PurchaseOrder(number=f"../{clean(EVIL)}", vendor=EVIL, account=EVIL, amount="1.00", note=EVIL)
    store = journal(data)
    store.journal.record(PurchaseOrderRecorded(content=order, operator="w-sue"))
    store.journal.record(InvoiceRecorded(content=content, operator="w-sue"))
    ident = store.queries.invoices()[0].id
    store.close()
    pages = [
        "/invoices",
        f"/invoices/{ident}",
        f"/invoices/{ident}/lines/{part_of_path(line.line)}",
        f"/invoices/{ident}/okay",
        f"/invoices/{ident}/change",
        "/orders",
        f"/orders/{part_of_path(order.number)}",
        f"/orders/{part_of_path(order.number)}/change",
        f"/orders/{part_of_path(order.number)}/notice/text",
        "/invoices?as=csv",
        "/orders?as=csv",
    ]
    with browser(data, "tess") as desk:
        for path in pages:
            answer = desk.get(path)
            assert answer.status_code in (200, 409), path
            text = answer.content.decode("utf-8-sig")
            assert "<script>alert" not in text or "text/html" not in answer.headers["content-type"], path
            assert not bad_characters(text, allowed="\r\n\u00ad"), path


def test_genuine_invoices_add_up_on_the_page(data: Path, shared: Path) -> None:
    with browser(data, "tess") as desk:
        for name, total in (("gobi_approval_22lines.edi", "3,460.95"), ("harrassowitz_8lines.edi", "2,247.70")):
            looked = sent(desk, (shared / "data" / "edifact" / name).read_bytes(), name)
            page = desk.follow(looked).text
            assert f"{total} USD" in page and "✓ Adds up" in page, name
            desk.follow(desk.send(looked.headers["location"], pin=TESS))
        file = desk.get("/invoices?number=741591&as=csv").content.decode("utf-8-sig")
    assert len(queries(data).invoices()) == len(INVOICES) + 2 and "3460.95" in file
