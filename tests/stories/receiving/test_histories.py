"""Random histories of shipments: split over cartons, merged, late, over-delivered, returned, counted twice, undone,
canceled, replaced, claimed. After each step the journal says what `ledger.Ledger` works out anew."""

from __future__ import annotations

import shutil
import tempfile
from collections import Counter
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from station.base.errors import ReceivingRefused
from station.domain import events as ev
from station.domain.packing_lists.packing_list import ListKind, PackingLine, PackingList
from station.domain.people.rights import Role
from station.domain.receiving.counting import CopyFault, Purpose
from station.domain.receiving.difference import DifferenceEnd
from station.domain.receiving.shipment import difference_id, shipment_id
from station.domain.receiving.vendor import Vendor
from tests.store.lists.test_packing_lists import Desk
from tests.stories.receiving.ledger import Copy, Difference, Ledger, Line, List, Shipment

NUMBERS = ("9780262033848", "9780306406157", "9780140449136")
UNKNOWN = "9780000000002"
CARTONS = ("", "000169210026211096", "000169210026211102")
VENDORS = {"": "", "YBP": "ybp", "1694510": "ybp", "Gobi": "gobi"}
"""Name in a list -> id of the vendor."""

chance = st.integers(0, 30)
lines = st.lists(
    st.builds(
        Line,
        list=st.just(""),
        number=st.sampled_from(NUMBERS),
        quantity=st.integers(1, 3),
        order=st.sampled_from(("", "POL")),
        carton=st.sampled_from(CARTONS),
        cancelled=st.sampled_from((*[False] * 8, True)),
    ),
    min_size=1,
    max_size=3,
    unique_by=lambda line: line.number,
)


@cache
def fresh() -> Path:
    """Return the folder of a journal with two vendors."""
    folder = Path(tempfile.mkdtemp())
    desk = Desk(folder)
    desk.store.journal.record(ev.WorkerRegistered(worker="w-tess", role=Role.SYSTEMS))
    for vendor in (Vendor(id="ybp", name="YBP", codes=("1694510",)), Vendor(id="gobi", name="Gobi")):
        desk.store.journal.order(ev.VendorRecorded(content=vendor, operator="w-tess"))
    desk.store.close()
    return folder


class Shipments(RuleBasedStateMachine):
    stats: Counter[str] = Counter()

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp())
        shutil.copytree(fresh(), self.folder, dirs_exist_ok=True)
        self.desk = Desk(self.folder)
        self.ledger = Ledger()

    def order(self, event: ev.ShipmentStep | ev.PackingListStep) -> int:
        self.stats[type(event).__name__] += 1
        return self.desk.store.journal.order(event)

    def orders(self, event: ev.ShipmentStep, *, allowed: bool) -> int:
        """Order what must be done or refused. Return the event's number; 0 = refused."""
        if allowed:
            return self.order(event)
        with pytest.raises(ReceivingRefused):
            self.desk.store.journal.order(event)
        self.stats["refused"] += 1
        return 0

    def any_of(self, known: list[Any], number: int) -> Any:
        return known[number % len(known)]

    @initialize(lines=lines, orders=lines)
    def begins(self, lines: list[Line], orders: list[Line]) -> None:
        """Most histories have a list, an order and a shipment."""
        self.imports("box", "YBP", lines)
        self.imports("order", "1694510", orders)
        self.opens([0], "", Purpose.PURCHASE)

    # --- lists --------------------------------------------------------------------------------------------------------

    @rule(kind=st.sampled_from(("box", "box", "order")), vendor=st.sampled_from(sorted(VENDORS)), lines=lines)
    def imports(self, kind: str, vendor: str, lines: list[Line]) -> None:
        known = List("", kind, VENDORS[vendor], lines)
        event = ev.PackingListImported(content=self.content(known, vendor, len(self.ledger.lists)), operator="ann")
        known.id = ev.list_id(self.order(event))
        for line in lines:
            line.list, line.order = known.id, line.order and f"{line.order}-{line.number}"
        self.ledger.lists.append(known)

    def content(self, known: List, vendor: str, number: int) -> PackingList:
        content = tuple(
            PackingLine(
                line=line.number,
                numbers=(line.number,),
                quantity=line.quantity,
                order_line=line.order if line.list or not line.order else f"{line.order}-{line.number}",
                carton=line.carton,
                cancelled=line.cancelled,
            )
            for line in known.lines
            if line.current
        )
        return PackingList(name=f"INV-{number}", vendor=vendor, lines=content, kind=ListKind(known.kind))

    @precondition(lambda self: self.ledger.lists)
    @rule(number=chance, lines=lines)
    def replaces(self, number: int, lines: list[Line]) -> None:
        known = self.any_of(self.ledger.lists, number)
        before = {line.number: line for line in known.lines}
        for line in lines:
            line.list = known.id
            line.order = (
                before[line.number].order if line.number in before else line.order and f"{line.order}-{line.number}"
            )
        self.ledger.replaces(known, lines)
        (now,) = (row for row in self.desk.store.queries.packing_lists() if row.id == known.id)
        content = self.content(known, now.vendor, self.ledger.lists.index(known))
        self.order(ev.PackingListReplaced(list=known.id, replaces=now.newest, content=content, operator="ann"))

    @precondition(lambda self: sum(not known.closed for known in self.ledger.lists) > 3)
    @rule(number=chance)
    def closes_list(self, number: int) -> None:
        known = self.any_of([known for known in self.ledger.lists if not known.closed], number)
        known.closed = True
        self.order(ev.PackingListClosed(list=known.id, operator="ann"))

    # --- at the carton --------------------------------------------------------------------------------------------------

    @rule(
        numbers=st.lists(chance, max_size=3),
        carton=st.sampled_from(CARTONS),
        purpose=st.sampled_from((Purpose.PURCHASE, Purpose.PURCHASE, Purpose.GIFT, Purpose.APPROVAL)),
    )
    def opens(self, numbers: list[int], carton: str, purpose: Purpose) -> None:
        lists = [known for known in self.ledger.lists if not known.closed]
        chosen = list(dict.fromkeys(self.any_of(lists, number).id for number in numbers)) if lists else []
        vendor = next((known.vendor for ident in chosen for known in lists if known.id == ident and known.vendor), "")
        event = ev.ShipmentOpened(lists=tuple(chosen), carton=carton, purpose=purpose, operator="ann")
        taken = carton and any(carton == known.carton and not known.closed for known in self.ledger.shipments)
        if seq := self.orders(event, allowed=not taken):
            shipment = Shipment(shipment_id(seq), vendor, tuple(chosen), carton, purpose)
            self.ledger.shipments.append(shipment)

    @precondition(lambda self: self.still_open())
    @rule(
        number=chance,
        scans=st.lists(
            st.sampled_from((*NUMBERS, *NUMBERS, *(f"POL-{number}" for number in NUMBERS), UNKNOWN)),
            min_size=1,
            max_size=5,
        ),
        related=st.sampled_from(NUMBERS),
    )
    def counts(self, number: int, scans: list[str], related: str) -> None:
        shipment = self.any_of(self.still_open(), number)
        for scanned in scans:
            others = (related,) if scanned == UNKNOWN else ()
            event = ev.CopyCounted(
                shipment=shipment.id, scanned=scanned, numbers=(scanned,), related=others, operator="ann"
            )
            copy = self.ledger.counts(self.order(event), shipment, scanned, "".join(others))
            count = self.desk.store.queries.count(copy.id)
            assert count is not None
            key = (count.key.list, count.key.line) if count.key is not None else ("", "")
            assert (count.outcome, *key) == (copy.outcome, copy.list, copy.line)
            self.stats[copy.outcome] += 1

    def still_open(self, copies: int = 0) -> list[Shipment]:
        """Return the open shipments with at least so many copies."""
        filled = Counter(copy.shipment for copy in self.ledger.copies)
        return [known for known in self.ledger.shipments if not known.closed and filled[known.id] >= copies]

    @precondition(lambda self: self.ledger.copies)
    @rule(number=chance)
    def undoes(self, number: int) -> None:
        copy: Copy = self.any_of(self.ledger.copies[-5:], number)
        allowed = self.ledger.may_undo(copy)
        if self.orders(ev.CountUndone(count=copy.id, operator="ann"), allowed=allowed):
            self.ledger.undoes(copy)

    @precondition(lambda self: self.ledger.copies)
    @rule(number=chance)
    def returns(self, number: int) -> None:
        copy: Copy = self.any_of(self.ledger.copies[-5:], number)
        if self.orders(ev.CopyReturned(count=copy.id, operator="ann"), allowed=not (copy.undone or copy.returned)):
            copy.returned = True

    @precondition(lambda self: self.ledger.copies)
    @rule(number=chance, fault=st.sampled_from(CopyFault))
    def faults(self, number: int, fault: CopyFault) -> None:
        copy: Copy = self.any_of(self.ledger.copies[-5:], number)
        allowed = not (copy.undone or copy.returned or fault in copy.faults)
        if self.orders(ev.CopyFaulted(count=copy.id, fault=fault, operator="ann"), allowed=allowed):
            self.ledger.faults(copy, fault)

    @precondition(lambda self: self.still_open(copies=3))
    @rule(number=chance, more=st.sampled_from((False, False, True)))
    def closes(self, number: int, more: bool) -> None:
        shipment = self.any_of(self.still_open(copies=3), number)
        self.ledger.closes(shipment, more=more)
        self.order(ev.ShipmentClosed(shipment=shipment.id, more=more, operator="ann"))

    # --- differences ----------------------------------------------------------------------------------------------------

    @precondition(lambda self: self.ledger.differences)
    @rule(numbers=st.lists(chance, min_size=1, max_size=3))
    def claims(self, numbers: list[int]) -> None:
        chosen: list[Difference] = [self.any_of(self.ledger.differences, number) for number in numbers]
        vendors = {known.vendor for known in self.ledger.shipments for row in chosen if row.shipment == known.id}
        event = ev.ClaimMade(differences=tuple(map(self.id_of, chosen)), operator="w-tess")
        if self.orders(event, allowed=len(vendors) == 1 and all(row.is_open for row in chosen)):
            for row in chosen:
                row.state = "claimed"

    @precondition(lambda self: self.ledger.differences)
    @rule(number=chance, end=st.sampled_from(DifferenceEnd))
    def ends(self, number: int, end: DifferenceEnd) -> None:
        row: Difference = self.any_of(self.ledger.differences, number)
        event = ev.DifferenceEnded(difference=self.id_of(row), end=end, reason="memo", operator="w-tess")
        if self.orders(event, allowed=row.is_open):
            row.state, row.end = "ended", end

    def id_of(self, row: Difference) -> str:
        return self.stored()[self.ledger.differences.index(row)].id

    def stored(self) -> list[Any]:
        """Return all differences in the order in which they were opened."""
        rows = self.desk.store.queries.differences(everything=True)
        return sorted(rows, key=lambda row: int(row.id.removeprefix(difference_id(0)[:-1])))

    # --- what must hold ---------------------------------------------------------------------------------------------------

    @invariant()
    def shipments_and_lines_have_their_sums(self) -> None:
        queries = self.desk.store.queries
        for shipment in self.ledger.shipments:
            row = queries.shipment(shipment.id)
            assert row is not None and row.vendor == shipment.vendor
            assert (row.listed, row.counted, row.matched, row.differences) == self.ledger.in_short(shipment)
            assert [
                (line.key.list, line.line.numbers[0], line.here, line.here_now) for line in queries.shipment_lines(row)
            ] == [
                (line.list, line.number, self.ledger.here(line), self.ledger.here(line, shipment.id))
                for line in self.ledger.lines_of(shipment)
            ]

    @invariant()
    def each_difference_is_there_once_with_owner_and_due_date_or_one_end(self) -> None:
        stored = self.stored()
        assert [
            (
                row.kind,
                row.shipment,
                row.count,
                *((row.key.list, row.key.line) if row.key else ("", "")),
                row.copies,
                row.state,
                row.end,
            )
            for row in stored
        ] == [
            (known.kind, known.shipment, known.copy, known.list, known.line, known.copies, known.state, known.end)
            for known in self.ledger.differences
        ]
        assert all(row.owner and row.due for row in stored)

    def teardown(self) -> None:
        try:
            self.desk.check()
        finally:
            self.desk.store.close()
            shutil.rmtree(self.folder)


def run(examples: int, steps: int, **how: Any) -> Counter[str]:
    machine = type("Counted", (Shipments,), {"stats": Counter()})
    profile = settings(
        max_examples=examples,
        stateful_step_count=steps,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        **how,
    )
    run_state_machine_as_test(machine, settings=profile)
    return machine.stats


def test_shipments_come_to_what_was_done() -> None:
    run(8, 20, derandomize=True, database=None)


@pytest.mark.soak
def test_shipments_come_to_what_was_done_in_many_histories() -> None:
    stats = run(500, 60, database=None)
    outcomes = ("matched", "over", "not-ordered", "wrong-edition", "cancelled", "duplicate")
    assert all(
        stats[what] > 20 for what in (*outcomes, "CountUndone", "CopyReturned", "ShipmentClosed", "ClaimMade")
    ), stats
