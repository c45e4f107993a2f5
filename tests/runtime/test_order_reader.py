"""The station reads the order lines of open shipments: each once a day, again when asked, and it waits when Alma is away."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

from station.base.errors import Rejected, Unreachable
from station.domain import events as ev
from station.domain.packing_lists.packing_list import PackingLine, PackingList
from station.domain.receiving.order_line import OrderLine
from station.runtime.order_reader import FAILED_WAIT_S, LOOK_S, OrderReader
from station.store.owner import open_store
from tests.conftest import FakeClock

NUMBERS = ("POL-1", "POL-2", "POL-3")


class FakeOrders:
    """`ports.OrderLines` that knows two lines, refuses one, and may be away."""

    name = "alma-orders"

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.away = False

    def order_line(self, number: str) -> OrderLine | None:
        if self.away:
            raise Unreachable("away")
        self.asked.append(number)
        if number == "POL-2":
            raise Rejected("no")
        return OrderLine(number=number)

    def order_lines_of(self, vendor_reference: str, vendor: str = "") -> tuple[OrderLine, ...]:
        raise AssertionError((vendor_reference, vendor))

    def order_line_of_item(self, barcode: str) -> OrderLine | None:
        raise AssertionError(barcode)

    def invoices(self, number: str) -> tuple[()]:
        raise AssertionError(number)


def test_each_line_of_an_open_shipment_is_read_once_a_day(tmp_path: Path, clock: FakeClock) -> None:
    orders = FakeOrders()
    with closing(open_store(tmp_path / "journal.db", clock)) as store:
        lines = tuple(PackingLine(line=number, order_line=number) for number in NUMBERS)
        seq = store.journal.record(ev.PackingListImported(content=PackingList(name="INV-1", lines=lines)))
        reader = OrderReader(orders, store.queries, store.journal.order, clock)
        reader.step()
        assert orders.asked == [], "no shipment is open"
        opened = store.journal.record(ev.ShipmentOpened(lists=(f"list-{seq}",)))
        orders.away = True
        assert reader.step() == FAILED_WAIT_S
        orders.away = False
        assert [reader.step(), reader.step()] == [LOOK_S, LOOK_S]
        assert orders.asked == [*NUMBERS], "a refused line is left out, and none is read twice"
        reader.read_again(f"shipment-{opened}")
        reader.step()
        assert orders.asked == [*NUMBERS, *NUMBERS]
        assert [line.number for line in store.queries.order_lines()] == ["POL-1", "POL-3"]
        read = [row for row in store.queries.events() if isinstance(row.event, ev.OrderLineRead)]
        assert len(read) == 2, "what has not changed is not journaled again"
