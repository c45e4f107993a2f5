"""Receipts of counted copies in a library system, as the store orders, discards and shows them. The library system is a person
of the test who settles the deliveries."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from station.base.errors import ReceivingRefused
from station.base.sentence import Sentence
from station.domain import events as ev
from station.domain.deliveries.delivery import Delivery, DeliveryState, NewDelivery, Why
from station.domain.deliveries.intents import Decision, KeepIntent, NoteIntent, ReceiveIntent
from station.domain.packing_lists.packing_list import PackingLine, PackingList
from station.domain.people.rights import Role
from station.domain.receiving.counting import CountOutcome, Purpose
from station.domain.receiving.difference import DifferenceEnd, DifferenceState
from station.domain.receiving.order_line import OrderLine, OrderLineState, ReceiptRules, ReceiptState
from station.domain.receiving.receipts import receive_intent
from station.domain.receiving.shipment import Count, shipment_id
from station.store.owner import open_store
from tests.conftest import FakeClock
from tests.store.lists.test_packing_lists import ISBN, OTHER, A, B, C, Desk
from tests.support.told import raises_told

SYSTEM = "alma-orders"
RULES = ReceiptRules(system=SYSTEM, keep=True, wait_s=20.0)
DELIVERED, PARKED = DeliveryState.DELIVERED, DeliveryState.PARKED


class Receiving(Desk):
    """A desk whose counted copies are received in a library system, with one open shipment."""

    def __init__(self, folder: Path, rules: ReceiptRules = RULES) -> None:
        self.path = folder / "journal.db"
        self.store = open_store(self.path, FakeClock(), receipt_rules=rules)
        self.order, self.queries, self.outbox = self.store.journal.order, self.store.queries, self.store.outbox
        self.store.journal.record(ev.WorkerRegistered(worker="w-tess", role=Role.SYSTEMS))
        lines = (
            PackingLine(line="1", numbers=(ISBN,), title="Rivers", quantity=3, order_line="POL-1", library="EAST"),
            PackingLine(line="2", numbers=(OTHER,), title="Lakes", barcode=C, order_line="POL-2"),
        )
        listed = self.imports(PackingList(name="INV-7", vendor="YBP", lines=lines))
        self.shipment = shipment_id(self.order(ev.ShipmentOpened(lists=(listed,), operator="ann")))

    def counts(self, number: str = ISBN) -> Count:
        seq = self.order(ev.CopyCounted(shipment=self.shipment, scanned=number, numbers=(number,), operator="ann"))
        return self.count(seq)

    def count(self, seq: int) -> Count:
        count = self.queries.count(seq)
        assert count is not None
        return count

    def adds(self, barcode: str = A, number: str = ISBN, purpose: Purpose = Purpose.PURCHASE) -> int:
        """Count a copy and stick our barcode on it. Return the number of the count."""
        count = self.counts(number).id
        self.order(ev.Added(barcode=barcode, count=count, purpose=purpose, operator="ann"))
        return count

    def newest(self) -> Delivery:
        return self.queries.outbox_page(limit=1)[0]

    def settles(self, state: DeliveryState, *, sent: bool = True, delivery: str = "") -> Delivery:
        """Lease the delivery, the newest by default, and settle it so."""
        leased = self.outbox.lease(delivery or self.newest().id)
        assert leased is not None
        if sent:
            self.outbox.sending(leased.id, "pid 23")
        self.outbox.settle(
            leased.id, state, Sentence.verbatim("Alma says so"), why=Why(doubtful=sent and state is PARKED)
        )
        return leased

    def state(self, count: int) -> ReceiptState | None:
        standing = self.queries.receipt(count)
        assert self.queries.receipts(self.shipment).get(count) == standing
        return None if standing is None else standing.state

    def differences(self) -> list[tuple[str, int, str, str]]:
        rows = self.queries.differences(everything=True)
        return [(row.kind, row.count, row.delivery, row.state) for row in rows]


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Receiving]:
    made = Receiving(tmp_path)
    with closing(made.store):
        yield made
        made.check()


def test_a_copy_with_our_barcode_is_received_and_then_kept(desk: Receiving) -> None:
    count = desk.adds()
    receipt = desk.newest()
    assert receipt.intent == ReceiveIntent(
        order_line="POL-1", barcode=A, count=count, library="EAST", title="Rivers", received="2026-09-21"
    )
    assert (receipt.system, receipt.lane, bool(receipt.not_before)) == (SYSTEM, "pol:POL-1", True)
    assert desk.state(count) is ReceiptState.WAITING
    desk.settles(DELIVERED)
    kept = desk.newest()
    assert kept.intent == KeepIntent(order_line="POL-1", barcode=A, count=count)
    assert (kept.lane, desk.state(count)) == ("pol:POL-1", ReceiptState.RECEIVED)
    desk.settles(PARKED, sent=False)
    assert desk.state(count) is ReceiptState.NOT_KEPT and desk.differences() == []
    desk.store.retry(kept.id, "ann")
    desk.settles(DELIVERED)
    assert desk.state(count) is ReceiptState.KEPT


def test_only_ordered_copies_are_received_by_themselves(desk: Receiving) -> None:
    desk.adds(B, purpose=Purpose.GIFT)
    assert desk.queries.outbox_page() == ()
    desk.order(ev.Added(barcode="31999000000008", operator="ann"))
    desk.adds(C, number="9780000000002")  # not ordered
    assert desk.queries.outbox_page() == ()
    for barcode in (A, "31999000000005", "31999000000006"):
        desk.adds(barcode)
    over = desk.counts()
    assert over.outcome is CountOutcome.OVER
    desk.order(ev.Added(barcode="31999000000007", count=over.id, operator="ann"))
    assert len(desk.queries.outbox_page()) == 2, "of three copies one was added as a gift, and one is over"


def test_a_refused_receipt_is_a_difference_until_it_arrives(desk: Receiving) -> None:
    count = desk.adds()
    receipt = desk.settles(PARKED, sent=False)
    assert desk.differences() == [("receipt", count, receipt.id, DifferenceState.OPEN)]
    standing = desk.queries.receipt(count)
    assert standing is not None and standing.state is ReceiptState.REFUSED
    assert standing.delivery == receipt.id and standing.detail == Sentence.verbatim("Alma says so")
    desk.store.retry(receipt.id, "ann")
    desk.settles(PARKED, sent=False, delivery=receipt.id)
    assert len(desk.differences()) == 1, "the same difference"
    desk.store.retry(receipt.id, "ann")
    desk.settles(DELIVERED, delivery=receipt.id)
    assert desk.differences() == [("receipt", count, receipt.id, DifferenceState.UNDONE)]
    assert desk.state(count) is ReceiptState.RECEIVED


def test_a_receipt_that_was_given_up_is_a_difference_until_it_is_ordered_anew(desk: Receiving) -> None:
    count = desk.adds()
    given_up = desk.newest().id
    desk.outbox.decide(given_up, Decision.DISCARD, "w-tess", "typed there")
    assert desk.differences() == [("receipt", count, given_up, DifferenceState.OPEN)] and desk.state(count) is None
    again = receive_intent(desk.count(count), A)
    desk.order(ev.DeliveryOrdered(system=SYSTEM, intent=again, operator="ann"))
    assert desk.differences() == [("receipt", count, given_up, DifferenceState.UNDONE)]
    assert desk.state(count) is ReceiptState.WAITING
    with raises_told(ReceivingRefused, "ordered already"):
        desk.order(ev.DeliveryOrdered(system=SYSTEM, intent=again, operator="ann"))
    desk.settles(PARKED, sent=False)
    assert [state for *_, state in desk.differences()] == [DifferenceState.UNDONE, DifferenceState.OPEN]


def test_no_receipt_is_ordered_of_another_copy_or_one_that_is_gone(tmp_path: Path) -> None:
    desk = Receiving(tmp_path, ReceiptRules())
    with closing(desk.store):
        count = desk.adds()
        bare = desk.counts()
        wrong = {
            ReceiveIntent(order_line="POL-1", barcode=B, count=count): "not the order line",
            ReceiveIntent(order_line="POL-2", barcode=A, count=count): "not the order line",
            ReceiveIntent(order_line="POL-1", barcode=A, count=99): "no count",
            receive_intent(bare, A): "no barcode of ours",
        }
        for intent, why in wrong.items():
            with raises_told(ReceivingRefused, why):
                desk.order(ev.DeliveryOrdered(system=SYSTEM, intent=intent, operator="ann"))
        intent = receive_intent(desk.count(count), A)
        desk.order(ev.CopyReturned(count=count, operator="ann"))
        with raises_told(ReceivingRefused, "no longer here"):
            desk.order(ev.DeliveryOrdered(system=SYSTEM, intent=intent, operator="ann"))
        assert desk.queries.outbox_page() == ()


def test_an_unsent_receipt_goes_with_its_count(desk: Receiving) -> None:
    count = desk.adds()
    desk.order(ev.CountUndone(count=count, operator="ann"))
    assert desk.newest().state is DeliveryState.DISCARDED and desk.state(count) is None
    returned = desk.adds(B)
    desk.settles(PARKED, sent=False)
    desk.order(ev.CopyReturned(count=returned, operator="ann"))
    assert desk.newest().state is DeliveryState.DISCARDED and desk.state(returned) is None
    assert [state for *_, state in desk.differences()] == [DifferenceState.UNDONE]


def test_what_the_library_system_keeps_is_said_before_and_stands_as_a_difference(desk: Receiving) -> None:
    count = desk.adds()
    receipt = desk.settles(DELIVERED)
    keep = desk.newest().id
    with raises_told(ReceivingRefused, "keeps that"):
        desk.order(ev.CountUndone(count=count, operator="ann"))
    assert not desk.count(count).undone and desk.differences() == []
    desk.order(ev.CountUndone(count=count, despite_receipt=True, operator="ann"))
    assert desk.differences() == [("receipt", count, receipt.id, DifferenceState.OPEN)]
    discarded = desk.queries.delivery(keep)
    assert discarded is not None and discarded.state is DeliveryState.DISCARDED
    returned = desk.adds(B)
    sent = desk.settles(DELIVERED)
    desk.order(ev.CopyReturned(count=returned, operator="ann"))
    assert ("receipt", returned, sent.id, DifferenceState.OPEN) in desk.differences()


def test_a_receipt_that_is_sent_again_may_have_arrived_the_first_time(desk: Receiving) -> None:
    count = desk.adds()
    receipt = desk.settles(PARKED)
    desk.outbox.decide(receipt.id, Decision.SEND_OURS, "w-tess")
    with raises_told(ReceivingRefused, "keeps that"):
        desk.order(ev.CountUndone(count=count, operator="ann"))
    desk.order(ev.CountUndone(count=count, despite_receipt=True, operator="ann"))
    assert ("receipt", count, receipt.id, DifferenceState.OPEN) in desk.differences()


def test_a_receipt_in_flight_is_not_sent_again_once_its_copy_is_gone(desk: Receiving) -> None:
    count = desk.adds()
    receipt = desk.outbox.lease(desk.newest().id)
    assert receipt is not None
    with raises_told(ReceivingRefused, "keeps that"):
        desk.order(ev.CountUndone(count=count, operator="ann"))
    desk.order(ev.CopyReturned(count=count, operator="ann"))
    desk.outbox.sending(receipt.id, "pid 23")
    desk.outbox.settle(receipt.id, DeliveryState.IN_DOUBT)
    assert desk.newest().state is DeliveryState.DISCARDED and desk.outbox.heads() == ()
    assert desk.differences() == [("receipt", count, receipt.id, DifferenceState.OPEN)]


def test_a_receipt_that_arrived_for_a_copy_that_is_gone_is_not_kept_and_stays_a_difference(desk: Receiving) -> None:
    count = desk.adds()
    receipt = desk.outbox.lease(desk.newest().id)
    assert receipt is not None
    desk.order(ev.CountUndone(count=count, despite_receipt=True, operator="ann"))
    desk.outbox.settle(receipt.id, DELIVERED)
    assert desk.differences() == [("receipt", count, receipt.id, DifferenceState.OPEN)]
    assert len(desk.queries.outbox_page()) == 1, "nothing is kept in the department"


def test_deliveries_about_the_item_wait_for_its_receipt(desk: Receiving) -> None:
    desk.adds(A)
    receipt = desk.newest().id
    for barcode in (A, B):
        note = NewDelivery("alma", barcode, NoteIntent(barcode=barcode, text="mended", operator="ann"))
        desk.store.journal.record(ev.StaffCalled(bench="1"), deliveries=[note])
    heads = [head.lane for head in desk.outbox.heads()]
    assert heads == ["pol:POL-1", B]
    assert [head.lane for head in desk.outbox.heads(system="alma")] == [B]
    desk.settles(DeliveryState.IN_DOUBT, delivery=receipt)
    assert [head.lane for head in desk.outbox.heads(system="alma")] == [B]
    desk.settles(DELIVERED, delivery=receipt)
    assert [head.lane for head in desk.outbox.heads(system="alma")] == [A, B]


def test_order_lines_are_kept_as_they_are_and_a_canceled_one_shows_at_the_count(desk: Receiving) -> None:
    line = OrderLine(number="POL-1", title="Rivers", quantity=3, expected="2026-09-01", receiving_note="Rush")
    first = desk.order(ev.OrderLineRead(system=SYSTEM, content=line, operator="ann"))
    assert desk.order(ev.OrderLineRead(system=SYSTEM, content=line, operator="bea")) == first, "nothing has changed"
    assert (desk.queries.head().seq, desk.queries.order_line("POL-1")) == (first, line)
    assert desk.counts().outcome is CountOutcome.MATCHED
    canceled = OrderLine(number="POL-2", state=OrderLineState.CANCELLED)
    desk.order(ev.OrderLineRead(system=SYSTEM, content=canceled, operator="ann"))
    assert desk.counts(OTHER).outcome is CountOutcome.CANCELLED
    assert desk.queries.order_lines() == (line, canceled)
    desk.order(ev.ShipmentClosed(shipment=desk.shipment, operator="ann"))
    short = [(row.kind, row.order_line) for row in desk.queries.differences()]
    assert short == [("cancelled", "POL-2"), ("short", "POL-1")], "what the library canceled is not missing"


def test_a_difference_with_the_library_system_ends_as_any_other(desk: Receiving) -> None:
    desk.adds()
    desk.settles(PARKED, sent=False)
    (row,) = desk.queries.differences()
    ended = ev.DifferenceEnded(difference=row.id, end=DifferenceEnd.ACCEPTED, reason="done there", operator="w-tess")
    desk.order(ended)
    (gone,) = desk.queries.differences(everything=True)
    assert gone.state is DifferenceState.ENDED
