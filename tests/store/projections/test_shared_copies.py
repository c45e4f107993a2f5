"""Copies that list lines and order lines share: what each face tells of them is one number, read in one place."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import closing
from decimal import Decimal
from pathlib import Path
from typing import Final

import msgspec
import pytest

from station.base.errors import ReceivingRefused
from station.base.words import station_session
from station.domain import events as ev
from station.domain.invoices.invoice import invoice_id
from station.domain.packing_lists.packing_list import LineKey, ListKind, PackingLine, PackingList
from station.domain.receiving.counting import CountOutcome
from station.domain.receiving.shipment import shipment_id
from station.reports import okay_sheet
from station.reports.tables import purchases
from station.runtime.data_directory import JOURNAL
from station.store.database.database import open_reader
from station.store.owner import Store
from station.store.projections import shared_copies
from station.store.projections.shared_copies import SharedCopies
from tests.cli.receiving.test_lists import value
from tests.office.desk import browser, journal, made, text_of
from tests.store.lists.test_packing_lists import Desk, a_list
from tests.store.projections.test_purchases import ORDER, Payables, invoice, line
from tests.store.projections.test_shipments import THIRD
from tests.support.told import raises_told

POL = "BPO-7/9"


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Payables]:
    desk = Desk(tmp_path)
    with closing(desk.store):
        yield Payables(desk)
        desk.check()


def orders(desk: Payables, copies: int = 4) -> None:
    ordered = PackingLine(line="1", numbers=(THIRD,), order_line=POL, quantity=copies, title="Seas", price="20.00")
    desk.desk.imports(PackingList(name="PO-1", vendor="YBP", lines=(ordered,), kind=ListKind.ORDER))


def ships(desk: Payables, name: str, quantity: int, counted: int, order_line: str = "") -> str:
    """Import a list of one line, and count copies of it."""
    content = PackingLine(line="1", numbers=(THIRD,), quantity=quantity, title="Seas", order_line=order_line)
    ident = desk.desk.imports(a_list(content, name=name))
    desk.opens(ident)
    for _ in range(counted):
        assert desk.counts(THIRD).key == LineKey(ident, "1")
    return ident


def bill(desk: Payables, number: str, *copies: int, order_line: str = POL, lines: tuple[str, ...] = ("1", "2")) -> str:
    """Record an invoice of some lines about the order line. Return its id."""
    return desk.imports(
        invoice(
            *(
                line(name, amount=f"{count * 20}.00", isbn=THIRD, copies=count, order_line=order_line)
                for name, count in zip(lines, copies, strict=False)
            ),
            number=number,
        )
    )


def numbers(desk: Payables, ident: str) -> list[tuple[int | None, ...]]:
    """Return copies listed, ordered, here and invoiced before, by line."""
    rows = sorted(desk.now(ident).lines, key=lambda row: row.line.line)
    return [(row.listed, row.ordered, row.here, row.invoiced_before) for row in rows]


def test_a_copy_that_was_counted_on_a_list_without_order_lines_is_here_in_every_face(desk: Payables) -> None:
    orders(desk)
    desk.records()
    listed = ships(desk, "INV-9", 4, 3)
    ident = bill(desk, "INV-9", 4)
    now = desk.now(ident)
    (row,) = now.lines
    assert row.line.key == LineKey(listed, "1")
    assert numbers(desk, ident) == [(4, 4, 3, 0)]
    (objection,) = row.objections
    assert (objection.code, objection.values) == ("not-here", {"invoiced": "4", "here": "3"})
    assert (now.listed, now.invoiced_here) == (4, 3), "what the page, the question and the sheet tell"
    (values,) = purchases.lines(now, "USD").values()
    assert [values[key] for key in ("listed", "ordered", "here", "invoiced_before")] == [4, 4, 3, 0]
    sheet = okay_sheet.okay_sheet(desk.queries, now, "Library", {})
    assert "3 of 4 copies are here." in okay_sheet.lines(sheet, station_session().tell)
    with raises_told(ReceivingRefused, "line 1: 4 invoiced, 3 here. Say why it may be paid."):
        desk.signs(ident)
    assert desk.stands().encumbered == 0, "all that is here is invoiced"


def test_two_boxes_of_one_order_line_of_which_one_list_names_it(desk: Payables) -> None:
    orders(desk)
    desk.records()
    ships(desk, "BOX-1", 2, 2, POL)
    ships(desk, "BOX-2", 2, 2)
    first = bill(desk, "INV-1", 2)
    assert numbers(desk, first) == [(2, 4, 2, 0)]
    second = bill(desk, "INV-2", 2)
    assert numbers(desk, second) == [(4, 4, 4, 2)]
    assert (desk.against(first), desk.against(second), desk.stands().encumbered) == ([], ["alike"], 0)
    third = bill(desk, "INV-3", 1)
    assert desk.against(third) == ["1 not-here", "1 invoiced-before"]
    assert desk.now(third).invoiced_here == 0, "its copies are on earlier invoices"


def test_two_lines_about_one_list_line_claim_each_copy_once(desk: Payables) -> None:
    orders(desk, 5)
    ships(desk, "INV-9", 5, 5)
    ident = bill(desk, "INV-9", 3, 2)
    assert numbers(desk, ident) == [(5, 5, 5, 0), (5, 5, 5, 3)]
    now = desk.now(ident)
    assert (now.listed, now.invoiced_here, now.objections) == (5, 5, ())


def test_a_copy_is_a_duplicate_though_the_list_of_those_before_it_named_no_order_line(desk: Payables) -> None:
    orders(desk, 3)
    ships(desk, "INV-9", 3, 3)
    bill(desk, "INV-9", 3)
    second = desk.desk.imports(
        a_list(PackingLine(line="1", numbers=(THIRD,), quantity=1, title="Seas", order_line=POL), name="BOX-2")
    )
    desk.opens(second)
    shipment = desk.queries.shipment(desk.id)
    assert shipment is not None
    (row,) = desk.queries.shipment_lines(shipment)
    assert (row.ordered, row.here) == (3, 0)
    assert desk.counts(THIRD).outcome is CountOutcome.DUPLICATE, "all 3 that are ordered are here"


NUMBERS: Final[dict[str, Callable[[SharedCopies], int | None]]] = {
    "here": lambda copies: copies.here,
    "listed": lambda copies: copies.listed,
    "ordered": lambda copies: copies.ordered,
    "received": lambda copies: copies.counted,
    "left on the order": lambda copies: copies.uninvoiced,
    "invoiced": lambda copies: sum(line.copies for line in copies.invoiced),
}
"""Every number about the copies, and what `shared_copies.copies_of` says of it. Invoiced before is what `invoiced` of the
documents before this one is."""


def _bought(store: Store) -> tuple[str, str, str]:
    """Journal an order of 4, a list of 4 without order lines, 3 counted copies, and an invoice of 2. Return the ids of list,
    shipment and invoice."""
    order, number = store.journal.order, "9780131103627"
    ordered = PackingLine(line="1", numbers=(number,), order_line=POL, quantity=4, title="Seas", price="20.00")
    shipped = PackingLine(line="1", numbers=(number,), quantity=4, title="Seas")
    order(ev.PurchaseOrderRecorded(content=ORDER, operator="w-sue"))
    for content in (
        PackingList(name="PO-1", vendor="YBP", lines=(ordered,), kind=ListKind.ORDER),
        PackingList(name="INV-9", vendor="YBP", lines=(shipped,)),
    ):
        ident = f"list-{order(ev.PackingListImported(content=content, operator='w-sue'))}"
    shipment = shipment_id(order(ev.ShipmentOpened(lists=(ident,), operator="w-tim")))
    for _ in range(3):
        order(ev.CopyCounted(shipment=shipment, scanned=number, numbers=(number,), operator="w-tim"))
    content = invoice(line(amount="40.00", isbn=number, copies=2, order_line=POL), number="INV-9")
    return ident, shipment, invoice_id(order(ev.InvoiceRecorded(content=content, operator="w-tim")))


def _read(pattern: str, text: str) -> dict[str, int]:
    match = re.search(pattern, text)
    assert match is not None, text
    return {name.replace("_", " "): int(copies) for name, copies in match.groupdict().items()}


def test_every_face_reads_each_number_from_the_one_query(tmp_path: Path) -> None:
    data = made(tmp_path, sign_on=False)
    store = journal(data)
    listed, shipment, ident = _bought(store)
    left = value(data, "receiving", "orders", "show", "BPO-7", code=0)["encumbered"]
    with browser(data) as office:
        page = text_of(office.get("/orders/BPO-7").text)
    assert (left, "Encumbered 20.00 USD" in page) == ("20.00", True), "1 of 3 copies is on no invoice yet"

    now = store.queries.invoice(ident)
    assert now is not None
    (row,) = now.content.lines
    more = msgspec.structs.replace(row, copies=4, amount="80.00")
    store.journal.order(
        ev.InvoiceRecorded(content=msgspec.structs.replace(now.content, lines=(more,)), invoice=ident, operator="w-tim")
    )
    with closing(open_reader(data / JOURNAL)) as sql:
        shared = shared_copies.copies_of(sql, [LineKey(listed, "1"), POL])
    assert shared[LineKey(listed, "1")] is shared[POL]
    expected = {name: read(shared[POL]) for name, read in NUMBERS.items()}
    assert expected == {"here": 3, "listed": 4, "ordered": 4, "received": 3, "left on the order": 0, "invoiced": 4}

    now = store.queries.invoice(ident)
    assert now is not None
    sheet = "\n".join(
        okay_sheet.lines(okay_sheet.okay_sheet(store.queries, now, "Library", {}), station_session().tell)
    )
    assert store.close()
    (of_invoice,) = value(data, "receiving", "invoices", "show", ident, code=1)["lines"]
    (of_shipment,) = value(data, "receiving", "shipment", "show", shipment, code=1)["lines"]
    of_order = value(data, "receiving", "orders", "show", "BPO-7", code=1)
    refusal = value(data, "receiving", "invoices", "okay", ident, code=35)["error"]["sentence"]
    assert refusal == "Line 1: 4 invoiced, 3 here. Say why it may be paid: --reason."
    with browser(data) as office:
        pages = [text_of(office.get(f"/invoices/{ident}{act}").text) for act in ("", "/okay")]
    faces = {
        "invoice --json": {name: of_invoice[name] for name in ("here", "listed", "ordered", "invoiced")},
        "invoice --json, to look at": _read(r"(?P<invoiced>\d+) invoiced, (?P<here>\d+) here", of_invoice["against"]),
        "shipment --json": {
            "received": of_shipment["here"],
            **{name: of_shipment[name] for name in ("listed", "ordered")},
        },
        "order --json": {"left on the order": int(Decimal(of_order["encumbered"]) / 20) + of_order["unpriced"]},
        "invoice page": _read(
            r"Invoiced (?P<invoiced>\d+) copies Listed (?P<listed>\d+) copies Here (?P<here>\d+) copies", pages[0]
        ),
        "line of the page": _read(
            r"(?P<ordered>\d+) (?P<listed>\d+) (?P<here>\d+) (?P<invoiced>\d+) 80\.00 USD", pages[0]
        ),
        "okay question": _read(r"Copies here: (?P<here>\d+), invoiced: (?P<invoiced>\d+)", pages[1]),
        "refusal": _read(r"(?P<invoiced>\d+) invoiced, (?P<here>\d+) here", refusal),
        "sheet": _read(r"(?P<here>\d+) of (?P<invoiced>\d+) copies are here", sheet),
    }
    assert faces == {face: {name: expected[name] for name in names} for face, names in faces.items()}
    assert {name for names in faces.values() for name in names} == NUMBERS.keys()
