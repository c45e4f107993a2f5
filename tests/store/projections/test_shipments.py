"""Shipments in the journal: the count at the open carton, what it opens, undoes and refuses, and what rules 48 and 50 read."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import msgspec
import pytest

from station.base.errors import ChangedMeanwhile, NotAllowed, ReceivingRefused
from station.domain import events as ev
from station.domain.packing_lists.packing_list import LineKey, ListKind, PackingLine
from station.domain.people.rights import Role
from station.domain.receiving.counting import CopyFault, CountOutcome, Purpose
from station.domain.receiving.difference import Difference, DifferenceEnd
from station.domain.receiving.shipment import AddedCopy, Count, difference_id, shipment_id
from station.domain.receiving.vendor import Vendor
from tests.conftest import FakeClock
from tests.store.lists.test_packing_lists import ISBN, OTHER, A, B, C, Desk, a_list, item
from tests.support.told import raises_told

CARTON = "000169210026211096"
THIRD = "9780140449136"


class Carton:
    """A desk with one open shipment."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.order = desk.store.journal.order
        self.queries = desk.store.queries
        self.order(ev.WorkerRegistered(worker="w-tess", role=Role.SYSTEMS, operator="ann"))
        self.id = ""

    def opens(self, *lists: str, carton: str = "", purpose: Purpose = Purpose.PURCHASE, vendor: str = "") -> str:
        event = ev.ShipmentOpened(lists=lists, carton=carton, purpose=purpose, vendor=vendor, operator="ann")
        self.id = shipment_id(self.order(event))
        return self.id

    def counts(self, number: str, **values: object) -> Count:
        numbers = (number,) if number else ()
        event = ev.CopyCounted(shipment=self.id, scanned=number, numbers=numbers, operator="ann", **values)  # type: ignore[arg-type]
        count = self.queries.count(self.order(event))
        assert count is not None
        return count

    def closes(self, *, more: bool = False) -> None:
        self.order(ev.ShipmentClosed(shipment=self.id, more=more, operator="ann"))

    def differences(self) -> list[tuple[str, str, int]]:
        return [(str(one.kind), one.title, one.copies) for one in self.queries.differences()]


@pytest.fixture
def carton(tmp_path: Path) -> Iterator[Carton]:
    desk = Desk(tmp_path)
    with closing(desk.store):
        yield Carton(desk)
        desk.check()


def books() -> tuple[PackingLine, ...]:
    return (
        PackingLine(line="1", numbers=(ISBN,), title="Rivers", quantity=2, order_line="POL-1", library="main"),
        PackingLine(line="2", numbers=(OTHER,), title="Lakes", barcode=A, price="20.00 USD", fund="hist"),
        PackingLine(line="3", numbers=(THIRD,), title="Seas", carton=CARTON),
    )


def test_each_copy_is_counted_on_its_line_and_what_differs_is_opened(carton: Carton) -> None:
    listed = carton.desk.imports(a_list(*books()))
    carton.opens(listed)
    outcomes = [carton.counts(ISBN).outcome for _ in range(3)]
    assert outcomes == [CountOutcome.MATCHED, CountOutcome.MATCHED, CountOutcome.OVER]
    lakes = carton.counts(OTHER)
    assert (lakes.title, lakes.listed_barcode, lakes.key) == ("Lakes", A, LineKey(listed, "2"))
    assert carton.counts("9780000000002", title="Unknown").outcome is CountOutcome.NOT_ORDERED
    assert carton.counts("978-other", related=(THIRD,)).outcome is CountOutcome.WRONG_EDITION
    carton.order(ev.CopyFaulted(count=lakes.id, fault=CopyFault.DAMAGED, note="wet", photo="p.jpg", operator="ann"))
    carton.closes()
    assert carton.differences() == [
        ("over", "Rivers", 1),
        ("not-ordered", "Unknown", 1),
        ("wrong-edition", "Seas", 1),
        ("damaged", "Lakes", 1),
        ("short", "Seas", 1),
    ]
    (shipment,) = carton.queries.shipments(everything=True)
    assert (shipment.listed, shipment.counted, shipment.differences, bool(shipment.closed_at)) == (4, 6, 5, True)
    with pytest.raises(ReceivingRefused):
        carton.counts(ISBN)


def test_keys_of_an_order_a_vendor_and_a_title(carton: Carton) -> None:
    ordered = a_list(
        PackingLine(line="1", order_line="POL-9", vendor_number="V-1", title="The old river", numbers=(ISBN,)),
        PackingLine(line="2", order_line="POL-8", title="Lakes", cancelled=True, numbers=(OTHER,)),
    )
    listed = carton.desk.imports(msgspec.structs.replace(ordered, kind=ListKind.ORDER))
    carton.opens()
    assert carton.counts("POL-9").key == LineKey(listed, "1")
    assert carton.counts("V-1").outcome is CountOutcome.OVER
    assert carton.counts(OTHER).outcome is CountOutcome.CANCELLED
    now = carton.queries.shipment(carton.id)
    assert now is not None
    (proposal,) = carton.queries.line_proposals(now, ["RIVER", "old"])
    assert proposal.key == LineKey(listed, "1")
    assert carton.queries.line_proposals(now, ["%"]) == ()
    chosen = carton.counts("", key=proposal.key, chosen=True, other_edition=True)
    assert chosen.outcome is CountOutcome.WRONG_EDITION
    assert ISBN in [one.number for one in carton.queries.differences()], "a claim names the line's number"
    # an order is in no box: nothing is short when the carton is closed, and rule 50 sees no list
    carton.closes()
    assert "short" not in {kind for kind, _, _ in carton.differences()}
    assert carton.desk.receipt(item(isbns=(ISBN,))) is None


def test_what_came_before_in_another_shipment_is_a_duplicate(carton: Carton) -> None:
    first = carton.desk.imports(a_list(*books(), name="INV-7"))
    carton.opens(first)
    for _ in range(2):
        carton.counts(ISBN)
    carton.closes(more=True)
    carton.opens(carton.desk.imports(a_list(books()[0], name="INV-8")))
    ordered = msgspec.structs.replace(a_list(books()[0], name="PO-1"), kind=ListKind.ORDER)
    carton.desk.imports(ordered)
    assert carton.counts(ISBN).outcome is CountOutcome.DUPLICATE


def test_a_list_in_two_open_cartons_is_not_short_until_the_last_is_closed(carton: Carton) -> None:
    listed = carton.desk.imports(a_list(books()[0]))
    first = carton.opens(listed)
    carton.opens(listed)
    carton.counts(ISBN)
    last, carton.id = carton.id, first
    carton.closes()
    assert carton.differences() == []
    carton.id = last
    carton.closes()
    assert carton.differences() == [("short", "Rivers", 1)]


def test_counted_copies_move_with_their_line_when_the_list_is_replaced(carton: Carton) -> None:
    listed = carton.desk.imports(a_list(books()[0]))
    carton.opens(listed)
    carton.counts(ISBN)
    carton.desk.replaces(listed, msgspec.structs.replace(books()[0], line="9", quantity=1, numbers=(OTHER,)))
    (line,) = carton.queries.packing_list_lines(listed)
    assert (line.line.line, line.counted, line.missing) == ("9", 1, 0)
    carton.closes()
    assert carton.differences() == []


def test_a_carton_is_opened_by_its_id_and_holds_its_own_lines(carton: Carton) -> None:
    listed = carton.desk.imports(a_list(*books()))
    assert carton.queries.lists_of_carton(CARTON) == (listed,)
    carton.opens(listed, carton=CARTON)
    assert carton.queries.shipment_with_carton(CARTON) == carton.id
    with raises_told(ReceivingRefused, carton.id):
        carton.opens(listed, carton=CARTON)
    other = carton.desk.imports(msgspec.structs.replace(a_list(*books(), name="INV-8"), cartons=("9" * 18,)))
    assert carton.queries.lists_of_carton("9" * 18) == (other,)


def test_a_count_is_undone_with_all_that_followed(carton: Carton) -> None:
    carton.opens(carton.desk.imports(a_list(books()[1])))
    carton.counts(OTHER)
    over = carton.counts(OTHER)
    carton.order(ev.Added(barcode=B, count=over.id, copy=AddedCopy(record_id="r1", title_effect=1), operator="ann"))
    assert carton.differences() == [("over", "Lakes", 1)]
    carton.order(ev.CountUndone(count=over.id, operator="ann"))
    assert carton.differences() == [] and carton.queries.count_of_item(B) is None
    again = carton.counts(OTHER)
    carton.order(ev.Added(barcode=B, count=again.id, copy=AddedCopy(record_id="r1", title_effect=1), operator="ann"))
    for refused in (
        ev.CountUndone(count=over.id, operator="ann"),
        ev.Added(barcode=C, count=again.id, operator="ann"),
        ev.Added(barcode=B, operator="ann"),
    ):
        with pytest.raises(ReceivingRefused):
            carton.order(refused)
    claim(carton, *carton.queries.differences())
    with pytest.raises(ReceivingRefused):
        carton.order(ev.CountUndone(count=again.id, operator="ann"))


def claim(carton: Carton, *differences: Difference) -> int:
    return carton.order(ev.ClaimMade(differences=tuple(one.id for one in differences), operator="w-tess"))


def test_the_second_copy_of_a_title_in_a_library_is_no_new_title(carton: Carton) -> None:
    for barcode, library, effect in ((A, "main", 1), (B, "main", 0), (C, "east", 1)):
        copy = AddedCopy(record_id="r1", library=library, title_effect=1)
        carton.order(ev.Added(barcode=barcode, copy=copy, operator="ann"))
        (*_, added) = carton.desk.events(ev.Added)
        assert isinstance(added, ev.Added) and added.copy.title_effect == effect


def test_a_difference_is_assigned_claimed_and_ended_once_by_who_may(carton: Carton) -> None:
    vendor = Vendor(id="ybp", name="YBP", claim_days=10)
    with pytest.raises(NotAllowed):
        carton.order(ev.VendorRecorded(content=vendor, operator="ann"))
    carton.order(ev.VendorRecorded(content=vendor, operator="w-tess"))
    with raises_told(ReceivingRefused, "YBP"):
        carton.order(ev.VendorRecorded(content=Vendor(id="other", name="ybp"), operator="w-tess"))
    carton.opens(carton.desk.imports(a_list(*books())))
    carton.closes()
    first, second, third = carton.queries.differences()
    day = FakeClock().day
    assert (first.vendor, first.owner, first.due) == ("ybp", "Acquisitions", day(10))
    carton.order(ev.DifferenceNoted(difference=first.id, note="they called", operator="ann"))
    for refused in (
        ev.DifferenceAssigned(difference=first.id, owner="Zoe", operator="ann"),
        ev.DifferenceEnded(difference=first.id, end=DifferenceEnd.ACCEPTED, reason="late", operator="ann"),
        ev.ClaimMade(differences=(first.id,), operator="ann"),
    ):
        with pytest.raises(NotAllowed):
            carton.order(refused)
    seen = first.newest
    with pytest.raises(ChangedMeanwhile):
        carton.order(ev.DifferenceAssigned(difference=first.id, owner="Zoe", operator="w-tess"), expects=seen)
    carton.order(ev.DifferenceAssigned(difference=first.id, owner="Zoe", due="2026-01-01", operator="w-tess"))
    claim(carton, first, second)
    claimed = carton.queries.difference(first.id)
    assert claimed is not None and (claimed.owner, claimed.due, claimed.state) == ("Zoe", day(10), "claimed")
    end = ev.DifferenceEnded(difference=first.id, end=DifferenceEnd.CREDITED, reason="memo CM-7", operator="w-tess")
    with pytest.raises(ReceivingRefused):
        carton.order(msgspec.structs.replace(end, reason=" "))
    carton.order(end)
    for refused in (end, ev.ClaimMade(differences=(first.id, third.id), operator="w-tess")):
        with pytest.raises(ReceivingRefused):
            carton.order(refused)
    assert [one.id for one in carton.queries.differences()] == [second.id, third.id]
    assert len(carton.queries.difference_history(first.id)) == 5
    assert difference_id(0) not in {one.id for one in carton.queries.differences(everything=True)}


def test_rule_50_reads_the_counts_and_rule_48_the_barcode_of_the_list(carton: Carton) -> None:
    listed = carton.desk.imports(a_list(*books()))
    carton.opens(listed)
    rivers = [carton.counts(ISBN) for _ in range(3)]
    receipt = carton.desk.receipt(item(C, isbns=(ISBN,)))
    assert receipt is not None and (receipt.received, receipt.shipped, receipt.library) == (3, 2, "main")
    # counted on one line, though the record's number is another line's
    carton.order(ev.Added(barcode=C, count=rivers[0].id, operator="ann"))
    receipt = carton.desk.receipt(item(C, isbns=(THIRD,)))
    assert receipt is not None and receipt.key == LineKey(listed, "1")
    lakes = carton.counts(OTHER)
    carton.order(ev.Added(barcode=B, count=lakes.id, operator="ann"))
    receipt = carton.desk.receipt(item(B, isbns=(OTHER,)))
    assert receipt is not None and receipt.listed_barcode == A
    receipt = carton.desk.receipt(item(A, isbns=(THIRD,)))
    assert receipt is not None and receipt.other_title == "Lakes"


def test_a_missing_copy_is_one_difference_however_often_its_list_comes(carton: Carton) -> None:
    listed = carton.desk.imports(a_list(books()[0], books()[2]))
    carton.opens(listed)
    seas = carton.counts(THIRD)
    carton.order(ev.CopyReturned(count=seas.id, operator="ann"))
    carton.closes()
    assert carton.differences() == [("short", "Rivers", 2)], "a copy that was sent back came"
    carton.opens(listed)
    carton.counts(ISBN)
    carton.closes()
    (short,) = carton.queries.differences()
    end = ev.DifferenceEnded(difference=short.id, end=DifferenceEnd.REPLACED, reason="INV-8", operator="w-tess")
    carton.order(end)
    carton.opens(listed)
    carton.closes()
    assert carton.differences() == [("short", "Rivers", 1)], "one of the two was not replaced"


def test_an_order_in_a_shipment_is_not_short_and_not_listed_there(carton: Carton) -> None:
    content = a_list(*books(), PackingLine(line="4", numbers=("96",), title="ÉTUDES"), name="PO-1")
    ordered = carton.desk.imports(msgspec.structs.replace(content, kind=ListKind.ORDER))
    carton.opens()
    lakes = carton.counts(OTHER)
    now = carton.queries.shipment(carton.id)
    assert now is not None and (now.counted, now.matched, now.listed) == (1, 0, 0)
    assert [line.line.title for line in carton.queries.line_proposals(now, ["études"])] == ["ÉTUDES"]
    carton.closes()
    carton.opens(ordered)
    carton.closes()
    assert carton.differences() == []
    fault = ev.CopyFaulted(count=lakes.id, fault=CopyFault.DAMAGED, operator="ann")
    carton.order(fault)
    with raises_told(ReceivingRefused, "Lakes"):
        carton.order(fault)
