"""Copies that list lines and order lines share: what each face tells of them is one number, read in one place."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from station.base.errors import ReceivingRefused
from station.base.words import station_session
from station.domain.packing_lists.packing_list import LineKey, ListKind, PackingLine, PackingList
from station.domain.receiving.counting import CountOutcome
from station.reports import okay_sheet
from station.reports.tables import purchases
from tests.store.lists.test_packing_lists import Desk, a_list
from tests.store.projections.test_purchases import Payables, invoice, line
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
