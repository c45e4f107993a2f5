"""Boxes in the journal: who may do what, what each act leaves, and what is refused."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import msgspec
import pytest

from station.base.errors import NotAllowed, ReceivingRefused, WorkerGone
from station.base.sentence import EMPTY
from station.domain import events as ev
from station.domain.distribution.box import BoxState, box_id
from station.domain.item import Barcode
from station.domain.packing_lists.packing_list import PackingLine
from station.domain.people.rights import Role
from station.domain.ports import ListedCopy
from station.domain.receiving.shipment import shipment_id
from station.domain.subject import Subject, SubjectKind
from tests.store.lists.test_packing_lists import ISBN, OTHER, A, B, C, Desk, a_list, item
from tests.support.told import raises_told

TODAY, TOMORROW = "2026-09-21", "2026-09-22"
D = Barcode("31999000000004")


class Packing:
    """A desk with items that are done, and an open box."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.order = desk.store.journal.order
        self.queries = desk.store.queries
        for barcode in (A, B):
            desk.judges(barcode, None)
        self.box = self.opens()

    def opens(self, site: str = "EAST") -> str:
        return box_id(self.order(ev.BoxOpened(site=site, operator="ann")))

    def packs(self, *barcodes: str, box: str = "") -> None:
        for barcode in barcodes:
            event = ev.BoxPacked(
                box=box or self.box, barcode=barcode, title=f"Book {barcode[-1]}", library="EAST", operator="ann"
            )
            self.order(event)

    def closes(self, due: str = TODAY) -> None:
        self.order(ev.BoxClosed(box=self.box, due=due, operator="ann"))

    def receives(self, *missing: str) -> None:
        self.order(ev.BoxReceived(box=self.box, missing=missing, operator="ann"))

    def inside(self, box: str = "") -> dict[str, bool]:
        """Return whether each item of the box is missing."""
        return {item.barcode: item.missing for item in self.queries.packed(box or self.box)}


@pytest.fixture
def packing(tmp_path: Path) -> Iterator[Packing]:
    desk = Desk(tmp_path)
    with closing(desk.store):
        yield Packing(desk)
        desk.check()


def test_a_box_is_packed_closed_received_and_what_is_missing_is_found_in_the_next(packing: Packing) -> None:
    packing.packs(A, B)
    packing.closes(due=TODAY)
    (box,) = packing.queries.boxes()
    assert (box.site, box.state, box.count, box.due, box.closed_on) == ("EAST", BoxState.CLOSED, 2, TODAY, TODAY)
    overdue = packing.queries.boxes_waiting(TOMORROW).overdue
    assert [late.id for late in overdue] == [packing.box] and packing.queries.boxes_waiting(TODAY).overdue == ()
    packing.receives(B)
    now = packing.queries.box(packing.box)
    assert now is not None and (now.state, now.count, now.missing) == (BoxState.RECEIVED, 2, 1)
    assert [(ident, item.barcode, item.by) for ident, item in packing.queries.boxes_waiting(TOMORROW).missing] == [
        (packing.box, B, "ann")
    ]
    assert (packing.queries.box_of_item(A), packing.queries.box_of_item(B)) == (packing.box, "")
    other = packing.opens("WEST")
    packing.packs(B, box=other)
    assert (packing.inside(), packing.inside(other)) == ({A: False}, {B: False})
    assert [box.id for box in packing.queries.boxes()] == [other], "nothing of the first box is left to do"
    assert [box.id for box in packing.queries.boxes(everything=True)] == [other, packing.box]


def test_the_newest_receipt_counts_and_a_box_opened_again_is_as_before_its_closing(packing: Packing) -> None:
    packing.packs(A, B)
    packing.closes()
    packing.receives(A, B)
    packing.receives(B)
    assert packing.inside() == {A: False, B: True}
    packing.order(ev.BoxOpened(site="", box=packing.box, reason="wrong label", operator="ann"))
    now = packing.queries.box(packing.box)
    assert now is not None
    assert (now.site, now.state, now.due, now.closed_at, now.received_at) == ("EAST", BoxState.OPEN, "", "", "")
    assert now.reason == "wrong label" and now.missing == 1
    packing.order(ev.BoxPacked(box=packing.box, barcode=A, removed=True, operator="ann"))
    with raises_told(ReceivingRefused, "nothing"):
        packing.closes()
    packing.packs(B)
    packing.closes()
    assert packing.inside() == {B: False}, "it was found"
    assert len(packing.queries.box_history(packing.box)) == 10
    assert packing.queries.newest_about(Subject(SubjectKind.BOX, packing.box)) == packing.queries.head().seq


def test_an_item_is_in_one_box_until_it_was_processed_again_after_its_arrival(packing: Packing) -> None:
    packing.packs(A)
    other = packing.opens("WEST")
    with raises_told(ReceivingRefused, packing.box):
        packing.packs(A, box=other)
    packing.closes()
    packing.receives()
    with raises_told(ReceivingRefused, packing.box):
        packing.packs(A, box=other)
    packing.desk.judges(A, None)  # it came back
    packing.packs(A, box=other)
    assert packing.queries.box_of_item(A) == other and packing.inside() == {A: False}
    again = ev.BoxOpened(site="", box=packing.box, reason="wrong label", operator="ann")
    with raises_told(ReceivingRefused, other):
        packing.order(again)
    packing.order(ev.BoxPacked(box=other, barcode=A, removed=True, operator="ann"))
    packing.order(again)


def test_what_is_not_done_stays_out(packing: Packing) -> None:
    refused = "is not done"
    with raises_told(ReceivingRefused, refused):
        packing.packs(C)
    record = packing.desk.store.journal.record
    record(ev.CorrectionOpened(correction="c-1", barcode=A, rule="spine-label", due=TODAY, title=EMPTY))
    with raises_told(ReceivingRefused, refused):
        packing.packs(A)
    packing.order(
        ev.WithdrawalDecided(
            barcode=B, reason="weeded", destination="recycle", system="alma", item=item(B), operator="ann"
        )
    )
    with raises_told(ReceivingRefused, refused):
        packing.packs(B)
    assert packing.inside() == {}
    record(ev.TruckReleased(release="r-1", right=(C,), operator="ann"))
    packing.packs(C)


ACTS = {
    "opens": ev.BoxOpened(site="EAST"),
    "packs": ev.BoxPacked(box="box", barcode=A),
    "packs despite an obstacle": ev.BoxPacked(box="box", barcode=A, despite=("other-copy",), reason="checked"),
    "takes out": ev.BoxPacked(box="box", barcode=B, removed=True),
    "closes": ev.BoxClosed(box="box", due=TODAY),
    "receives": ev.BoxReceived(box="box"),
    "opens again": ev.BoxOpened(site="", box="box", reason="wrong label"),
}
SETTLES = {Role.TECHNICIAN, Role.SYSTEMS}


def test_each_act_by_each_role(packing: Packing) -> None:
    """Everybody may pack; despite an obstacle only who may settle differences, or with that person's right."""
    for role in Role:
        packing.desk.store.journal.record(ev.WorkerRegistered(worker=f"w-{role}", role=role, operator="ann"))
    for act, event in ACTS.items():
        for role in Role:
            box = packing.opens()
            packing.packs(B, box=box)
            if act in ("receives", "opens again"):
                packing.order(ev.BoxClosed(box=box, operator="ann"))
            about = {} if act == "opens" else {"box": box}
            ordered = msgspec.structs.replace(event, operator=f"w-{role}", **about)
            if act == "packs despite an obstacle" and role not in SETTLES:
                with pytest.raises(NotAllowed):
                    packing.order(ordered)
                ordered = msgspec.structs.replace(ordered, authorised="w-technician")
            seq = packing.order(ordered)
            assert seq == packing.queries.head().seq, (act, role)
            _empties(packing, box)
    packing.desk.store.journal.record(ev.WorkerLeft(worker="w-trainee", operator="w-systems"))
    for event in ACTS.values():
        with pytest.raises(WorkerGone):
            packing.order(msgspec.structs.replace(event, operator="w-trainee"))


def _empties(packing: Packing, box: str) -> None:
    """Take everything out of a box, so that the next may hold it."""
    now = packing.queries.box(box)
    if now is not None and now.state is not BoxState.OPEN:
        packing.order(ev.BoxOpened(site="", box=box, reason="next", operator="ann"))
    for barcode in packing.inside(box):
        packing.order(ev.BoxPacked(box=box, barcode=barcode, removed=True, operator="ann"))


REFUSED = (
    ("open", ev.BoxOpened(site=" "), "Name the site"),
    ("unknown", ev.BoxClosed(box=""), "no box"),
    ("open", ev.BoxOpened(site="", reason="r"), "is open"),
    ("open", ev.BoxPacked(box="", barcode=""), "Scan"),
    ("open", ev.BoxPacked(box="", barcode=A), "already"),
    ("open", ev.BoxPacked(box="", barcode=B, despite=("other-site",), reason="r"), "other-site"),
    ("open", ev.BoxPacked(box="", barcode=B, despite=("other-copy",), reason=" "), "why"),
    ("open", ev.BoxPacked(box="", barcode=B, removed=True), "not in this box"),
    ("open", ev.BoxReceived(box=""), "is open"),
    ("closed", ev.BoxPacked(box="", barcode=B), "is closed"),
    ("closed", ev.BoxPacked(box="", barcode=C, removed=True), "is closed"),
    ("closed", ev.BoxClosed(box=""), "is closed"),
    ("closed", ev.BoxOpened(site="", reason=" "), "why"),
    ("closed", ev.BoxReceived(box="", missing=(A,)), "not in this box"),
    ("empty", ev.BoxClosed(box=""), "nothing"),
    ("received", ev.BoxClosed(box=""), "received"),
    ("received", ev.BoxPacked(box="", barcode=B), "received"),
)


def test_what_is_refused_changes_nothing(packing: Packing) -> None:
    packing.desk.store.journal.record(ev.WorkerRegistered(worker="w-tess", role=Role.SYSTEMS, operator="ann"))
    boxes = {"open": packing.box, "empty": packing.opens(), "closed": packing.opens(), "unknown": "box-9999"}
    packing.packs(A)
    packing.desk.judges(C, None)
    packing.packs(C, box=boxes["closed"])
    packing.order(ev.BoxClosed(box=boxes["closed"], operator="ann"))
    boxes["received"] = packing.opens()
    packing.desk.judges(D, None)
    packing.packs(D, box=boxes["received"])
    packing.order(ev.BoxClosed(box=boxes["received"], operator="w-tess"))
    packing.order(ev.BoxReceived(box=boxes["received"], operator="w-tess"))
    before = packing.queries.head().seq
    for box, event, why in REFUSED:
        ident = "" if why == "Name the site" else boxes[box]
        with raises_told(ReceivingRefused, why):
            packing.order(msgspec.structs.replace(event, box=ident, operator="w-tess"))
    assert packing.queries.head().seq == before


def test_what_lists_and_counts_say_about_a_copy(packing: Packing) -> None:
    """The vendor's list may name a barcode for another title, or another barcode for the counted copy."""
    lines = (
        PackingLine(line="1", numbers=(ISBN,), title="Rivers", barcode=A, order_line="POL-1", library="EAST"),
        PackingLine(line="2", numbers=(OTHER,), title="Lakes", barcode=B, order_line="POL-2", library="WEST"),
        PackingLine(line="3", barcode=D, title="Seas", library="NORTH"),
    )
    listed = packing.desk.imports(a_list(*lines))
    shipment = shipment_id(packing.order(ev.ShipmentOpened(lists=(listed,), operator="ann")))
    for number, barcode in ((ISBN, B), (OTHER, C)):
        count = packing.order(ev.CopyCounted(shipment=shipment, scanned=number, numbers=(number,), operator="ann"))
        packing.order(ev.Added(barcode=barcode, count=count, operator="ann"))
    said = packing.queries.listed_copy
    assert said(B) == ListedCopy(order_line="POL-1", library="EAST", listed_barcode=A, listed_title="Lakes")
    assert said(C) == ListedCopy(order_line="POL-2", library="WEST", listed_barcode=B)
    assert said(D) == ListedCopy(library="NORTH", listed_barcode=D)
    assert said("31999000000099") == ListedCopy()
