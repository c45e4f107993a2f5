"""O1: whatever fails and whenever the station dies, each intent takes effect once, in the order of its lane, or is
parked."""

from __future__ import annotations

from collections import Counter
from random import Random

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from station.base.errors import InDoubt, Rejected, StoreLocked, Throttled, Unreachable
from station.domain.deliveries.delivery import (
    Check,
    Confirmation,
    Delivery,
    DeliveryState,
    Receipt,
    Sending,
    unwitnessed,
)
from station.domain.deliveries.intents import KINDS
from station.domain.item import Barcode, ItemRecord
from station.sync.courier.courier import Courier
from tests.conftest import FakeClock
from tests.sync.fakes import MemoryOutbox, delivery


class Killed(BaseException):
    """kill -9 of the station."""


FAULTS = (
    "before",
    "throttled",
    "after",
    "in-doubt-not-applied",
    "kill-before",
    "kill-sending",
    "kill-after",
    "reject",
    "confirm-fails",
)


class World:
    """Counts raw effects, so that a second sending shows."""

    name = "alma"
    side_by_side = 1
    kinds = KINDS

    def __init__(self) -> None:
        self.effects: list[Delivery] = []
        self.faults: list[str] = []

    def look_up(self, barcode: Barcode) -> ItemRecord:
        return ItemRecord(barcode=barcode)

    def check(self) -> tuple[Check, ...]:
        return ()

    def deliver(self, row: Delivery, sending: Sending = unwitnessed) -> Receipt:
        fault = self.faults.pop(0) if self.faults else ""
        if fault == "before":
            raise Unreachable("not sent")
        if fault == "throttled":
            raise Throttled("slow down", retry_after=3)
        if fault == "reject":
            raise Rejected("no")
        if fault == "kill-before":
            raise Killed
        sending("")
        if fault == "kill-sending":
            raise Killed
        if fault == "in-doubt-not-applied":
            raise InDoubt("lost on the way there")
        self.effects.append(row)
        if fault == "after":
            raise InDoubt("lost on the way back")
        if fault == "kill-after":
            raise Killed
        return Receipt()

    def confirm(self, row: Delivery) -> Confirmation:
        if self.faults and self.faults[0] == "confirm-fails":
            self.faults.pop(0)
            raise Unreachable("no answer")
        return Confirmation.LANDED if any(row.id == done.id for done in self.effects) else Confirmation.NOT_LANDED


class ExactlyOnce(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.clock = FakeClock()
        self.world = World()
        self.outbox = MemoryOutbox()
        self.number = 0
        self.start()

    def start(self) -> None:
        self.outbox.recover()
        self.courier = Courier(self.outbox, {"alma": self.world}, self.clock, Random(self.number))

    def look(self) -> None:
        try:
            self.clock.seconds += self.courier.step()
        except Killed:
            self.start()
        except StoreLocked:
            pass

    @rule(lane=st.sampled_from("abc"))
    def result(self, lane: str) -> None:
        self.number += 1
        self.outbox.add(delivery(self.number, lane=lane))

    @rule(fault=st.sampled_from(FAULTS))
    def fault(self, fault: str) -> None:
        self.world.faults.append(fault)

    @rule()
    def store_fails(self) -> None:
        self.outbox.fail = StoreLocked()

    @rule(times=st.integers(1, 6))
    def work(self, times: int) -> None:
        for _ in range(times):
            self.look()

    @rule()
    def restart(self) -> None:
        self.start()

    @invariant()
    def never_twice(self) -> None:
        assert all(count == 1 for count in Counter(row.id for row in self.world.effects).values())

    @invariant()
    def order_in_each_lane(self) -> None:
        for lane in "abc":
            numbers = [row.event_seq for row in self.world.effects if row.lane == lane]
            assert numbers == sorted(numbers)

    def teardown(self) -> None:
        self.world.faults.clear()
        self.outbox.fail = None
        self.start()
        for _ in range(20 * (self.number + 2)):
            self.look()
        done = {row.id for row in self.world.effects}
        for row in self.outbox.rows.values():
            assert row.state in (DeliveryState.DELIVERED, DeliveryState.PARKED)
            assert (row.id in done) == (row.state is DeliveryState.DELIVERED)
        self.never_twice()
        self.order_in_each_lane()


TestExactlyOnce = ExactlyOnce.TestCase
