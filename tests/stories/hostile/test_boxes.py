"""Hostile text in boxes, order lines and receipts reaches neither terminal nor JSON as more than text."""

from __future__ import annotations

import pytest

from station.domain import events as ev
from station.domain.deliveries.delivery import NewDelivery
from station.domain.deliveries.intents import ReceiveIntent
from station.domain.distribution.box import box_id
from station.domain.receiving.order_line import OrderLine
from station.runtime.data_directory import JOURNAL
from station.store.owner import open_store
from tests.conftest import FakeClock
from tests.stories.hostile.command_table import BARCODE, BOX_ACTS, ORDER_LINE_ACTS, RECEIPT_ACTS, Row, said, silent
from tests.stories.hostile.hostile_place import Place
from tests.stories.hostile.test_exports import KNOWN, json_of, texts_of
from tests.support.harmless import bad_characters
from tests.support.hostile_text import MARK
from tests.support.hostile_values import Dealer

ROWS = {
    "boxes list": said("receiving boxes list --all"),
    "boxes show": said("receiving boxes show {box}", "receiving boxes show {evil}"),
    "boxes open": said("receiving boxes open {evil}"),
    "boxes pack": (*said(f"receiving boxes pack {{box}} {BARCODE}"), *silent("receiving boxes pack {box} {evil}")),
    "boxes take-out": said(f"receiving boxes take-out {{box}} {BARCODE}"),
    "boxes close": said("receiving boxes close {box}"),
    "boxes receive": (
        *said("receiving boxes receive {gone} --note {evil}"),
        *silent("receiving boxes receive {gone} --missing {evil}", "receiving boxes receive {gone} --list {list}"),
    ),
    "boxes reopen": said("receiving boxes reopen {gone} --reason {evil}"),
    "receipts list": silent("receiving receipts list {shipment}"),
    "order-lines list": said("receiving order-lines list"),
    "order-lines show": silent("receiving order-lines show {evil}", "receiving order-lines show --barcode {evil}"),
    "receipts order": silent("receiving receipts order {count} --yes", "receiving receipts order {evil} --yes"),
}
CASES = [
    pytest.param(row, as_json, id=f"{row.words[:60]}{' --json' if as_json else ''}")
    for rows in ROWS.values()
    for row in rows
    for as_json in ((False, True) if row.shows else (False,))
]


def test_each_command_has_its_rows() -> None:
    assert {*ROWS} == {
        *(f"boxes {name}" for name in BOX_ACTS),
        *(f"receipts {name}" for name in RECEIPT_ACTS),
        *(f"order-lines {name}" for name in ORDER_LINE_ACTS),
    }


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Place:
    """A hostile place with an open and a closed box, an order line and a receipt."""
    made, deal = Place(tmp_path_factory.mktemp("boxes")), Dealer()
    store = open_store(made.made / JOURNAL, FakeClock())
    record = store.journal.record
    boxes = [box_id(record(ev.BoxOpened(site=f"{MARK} {deal()[:30]}", operator="w-tess"))) for _ in range(2)]
    for box in boxes:
        packed = ev.BoxPacked(
            box=box,
            barcode=BARCODE,
            title=f"{MARK} {deal()[:300]}",
            call_number=deal()[:60],
            library=deal()[:60],
            reason=deal()[:60],
            operator="w-tess",
        )
        record(packed)
    record(ev.BoxClosed(box=boxes[1], due="2000-01-01", operator="w-tess"))
    line = OrderLine(number=deal()[:40], title=deal()[:300], receiving_note=deal()[:300], status=deal()[:40])
    intent = ReceiveIntent(order_line=line.number, barcode=BARCODE, title=deal()[:300], library=deal()[:60])
    record(
        ev.OrderLineRead(system="alma-orders", content=line),
        deliveries=[NewDelivery("alma-orders", deal()[:60], intent)],
    )
    store.close()
    made.name(box=boxes[0], gone=boxes[1])
    return made


@pytest.mark.parametrize(("row", "as_json"), CASES)
def test_what_a_command_on_boxes_says_is_harmless(place: Place, row: Row, as_json: bool) -> None:
    result, _ = place.call(row, as_json=as_json)
    assert result.exit_code != 70, ascii(result.output)
    output = result.stdout + result.stderr
    assert bad_characters(output, "\n") == [], ascii(output)
    shown = texts_of(json_of(result.stdout)) if as_json else output
    if row.shows:
        assert MARK in shown or any(known in shown for known in KNOWN), ascii(output)
