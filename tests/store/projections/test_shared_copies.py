"""Copies that list lines and order lines share: what each face tells of them is one number, read in one place."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from station.domain.packing_lists.packing_list import LineKey, ListKind, PackingLine, PackingList
from tests.store.lists.test_packing_lists import Desk, a_list
from tests.store.projections.test_purchases import Payables, invoice, line
from tests.store.projections.test_shipments import THIRD

POL = "BPO-7/9"


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Payables]:
    desk = Desk(tmp_path)
    with closing(desk.store):
        yield Payables(desk)
        desk.check()


def orders(desk: Payables, copies: int = 4, order_line: str = POL, name: str = "PO-1") -> str:
    ordered = PackingLine(
        line="1", numbers=(THIRD,), order_line=order_line, quantity=copies, title="Seas", price="20.00"
    )
    return desk.desk.imports(PackingList(name=name, vendor="YBP", lines=(ordered,), kind=ListKind.ORDER))


def ships(desk: Payables, name: str, quantity: int, counted: int, order_line: str = "") -> str:
    """Import a list of one line, and count copies of it."""
    content = PackingLine(line="1", numbers=(THIRD,), quantity=quantity, title="Seas", order_line=order_line)
    ident = desk.desk.imports(a_list(content, name=name))
    desk.opens(ident)
    for _ in range(counted):
        assert desk.counts(THIRD).key == LineKey(ident, "1")
    return ident


def of_order(copies: int, number: str = "1", order_line: str = POL) -> object:
    return line(number, amount=f"{copies * 20}.00", isbn=THIRD, copies=copies, order_line=order_line)


def test_a_copy_that_was_counted_on_a_list_without_order_lines_is_here(desk: Payables) -> None:
    orders(desk)
    listed = ships(desk, "INV-9", 4, 3)
    ident = desk.imports(invoice(of_order(4), number="INV-9"))  # type: ignore[arg-type]
    (row,) = desk.now(ident).lines
    assert row.line.key == LineKey(listed, "1")
    assert (row.listed, row.ordered, row.here, row.invoiced_before) == (4, 4, 3, 0)
    (objection,) = row.objections
    assert (objection.code, objection.values) == ("not-here", {"invoiced": "4", "here": "3"})
    for table in (purchases.lines(desk.now(ident), "USD"),):
        columns = [column.key for column in table.columns]
        assert [table.rows[0].cells[columns.index(key)] for key in ("here", "listed", "ordered")] == [3, 4, 4]
