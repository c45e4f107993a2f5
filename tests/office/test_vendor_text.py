"""Text of a vendor in every field that it can fill, on each page of receiving, in its tables, in a claim's mail and letter."""

from __future__ import annotations

import csv
import io
import zipfile
from pathlib import Path

import pypdfium2

from station.domain import events as ev
from station.domain.packing_lists.packing_list import PackingLine, PackingList
from station.domain.receiving.counting import CopyFault
from station.domain.receiving.shipment import claim_id, shipment_id
from station.domain.receiving.vendor import Account, Contact, Vendor
from tests.office.desk import EVIL, browser, journal, made
from tests.support.harmless import bad_characters


def evil(field: str) -> str:
    """Return hostile text of a field: a formula, a tag, control characters, a header of its own."""
    return f"={field}{EVIL}\r\nBcc: all@x"


def test_no_text_of_a_vendor_acts_on_a_page_in_a_table_or_in_a_mail(tmp_path: Path) -> None:
    data = made(tmp_path)
    line = PackingLine(
        line=evil("line")[:40],
        numbers=(evil("number"),),
        order_line=evil("order"),
        title=evil("title"),
        price=evil("price"),
        library=evil("library"),
        vendor_number=evil("vendor"),
        fund=evil("fund"),
        quantity=2,
    )
    contact = Contact(name=evil("contact"), task="claims", mail=evil("mail"), phone=evil("phone"))
    vendor = Vendor(
        id="evil",
        name=evil("v")[:60],
        names=(evil("names"),),
        codes=(evil("code"),),
        accounts=(Account(number=evil("account"), library=evil("at"), note=evil("note")),),
        contacts=(contact,),
    )
    store = journal(data)
    order = store.journal.order
    store.journal.record(ev.VendorRecorded(content=vendor))
    content = PackingList(name=evil("list")[:60], vendor=vendor.name, lines=(line,), cartons=(evil("box"),))
    ident = ev.list_id(order(ev.PackingListImported(content=content, source=evil("file"), operator="w-tess")))
    opened = ev.ShipmentOpened(
        lists=(ident,), vendor="evil", carton=evil("box"), donor=evil("donor"), operator="w-tess"
    )
    shipment = shipment_id(order(opened))
    count = order(
        ev.CopyCounted(
            scanned=evil("scan"), numbers=line.numbers, title=evil("record"), shipment=shipment, operator="w-tess"
        )
    )
    order(
        ev.CopyFaulted(count=count, fault=CopyFault.DAMAGED, note=evil("note"), photo=evil("photo"), operator="w-tess")
    )
    order(ev.CopyCounted(scanned=evil("other"), title=evil("stranger"), shipment=shipment, operator="w-tess"))
    order(ev.ShipmentClosed(shipment=shipment, operator="w-tess"))
    rows = store.queries.differences(shipment=shipment)
    claim = claim_id(order(ev.ClaimMade(differences=tuple(row.id for row in rows), operator="w-tess")))
    store.close()
    assert [row.kind for row in rows] == ["damaged", "not-ordered", "short"]
    pages = [
        f"/shipments/{shipment}",
        f"/claims/{claim}",
        "/vendors/evil",
        "/shipments?state=closed",
        "/differences",
        "/vendors",
    ]
    with browser(data, "tess") as desk:
        for path in (*pages, *(f"/differences/{row.id}" for row in rows)):
            page = desk.get(path)
            assert page.status_code == 200 and "&lt;script&gt;" in page.text, path
            assert "<script>alert" not in page.text and not bad_characters(page.text, allowed="\n"), path
        for path in pages:
            table = desk.get(f"{path}{'&' if '?' in path else '?'}as=csv").content.decode("utf-8-sig")
            cells = [cell for row in csv.reader(io.StringIO(table)) for cell in row]
            assert any("<script>" in cell for cell in cells) and not bad_characters(table, allowed="\r\n"), path
            assert not [cell for cell in cells if cell[:1] in tuple("=+-@\t\r")], path
            with zipfile.ZipFile(io.BytesIO(desk.get(f"{path}{'&' if '?' in path else '?'}as=xlsx").content)) as parts:
                sheets = [parts.read(name).decode() for name in parts.namelist() if "/worksheets/" in name]
            sheet = "".join(sheets)
            assert "&lt;script&gt;" in sheet and "<f>" not in sheet and not bad_characters(sheet, allowed="\r\n"), path
        text = desk.get(f"/claims/{claim}/text").text
        letter = desk.get(f"/claims/{claim}/paper").content
    assert [each.partition(":")[0] for each in text.partition("\r\n\r\n")[0].split("\r\n")] == ["To", "Subject"]
    assert text.startswith('To: "=contact') and not bad_characters(text, allowed="\r\n")
    printed = "".join(page.get_textpage().get_text_range() for page in pypdfium2.PdfDocument(letter))
    assert "=title" in printed and not bad_characters(printed, allowed="\r\n")
