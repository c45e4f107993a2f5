"""The demo's Alma has the orders of the imaginary vendor's packing lists."""

from __future__ import annotations

from collections import Counter

from station.demo.alma_items import on_order, order_lines
from station.demo.stage import CARTON, VENDOR


def test_each_copy_in_the_carton_is_on_order_for_its_library() -> None:
    items = on_order(CARTON.lines)
    copies = Counter((item["item_data"]["po_line"], item["item_data"]["library"]["value"]) for item in items.values())
    assert copies == {(line.order_line, line.library): line.quantity for line in CARTON.lines}
    assert len({item["item_data"]["pid"] for item in items.values()}) == sum(line.quantity for line in CARTON.lines)
    lines = order_lines(CARTON.lines, items.values(), VENDOR)
    assert [line["number"] for line in lines] == [line.order_line for line in CARTON.lines]
    records = {item["bib_data"]["mms_id"] for item in items.values()}
    assert {line["resource_metadata"]["mms_id"] for line in lines} <= records
