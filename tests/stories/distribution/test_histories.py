"""Random histories of boxes: opened, packed, emptied, closed, received with and without all items, received again, opened
again, while items are judged, corrected and withdrawn. After each step the journal says what `Shelf` works out anew."""

from __future__ import annotations

import shutil
import tempfile
from collections import Counter
from dataclasses import dataclass, field
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
from station.base.sentence import EMPTY, Sentence
from station.domain import events as ev
from station.domain.correction_states import Result
from station.domain.deliveries.intents import Holdings, WithdrawIntent
from station.domain.distribution.box import box_id
from station.domain.item import Barcode
from station.domain.verdict import Verdict
from tests.store.lists.test_packing_lists import Desk, item

ITEMS = tuple(Barcode(f"3199900000000{n}") for n in range(5))
DUE = "2026-09-21"

chance = st.integers(0, 30)
barcodes = st.sampled_from(ITEMS)


@dataclass
class Box:
    """`inside`: the items in the order of packing; True = the site did not find it."""

    id: str
    site: str
    state: str = "open"
    inside: dict[str, bool] = field(default_factory=dict)
    received: int = 0

    @property
    def missing(self) -> int:
        return sum(self.inside.values())


@dataclass
class Item:
    """`changed`: the step at which its state last changed; 0 = the station has not seen it."""

    passed: bool = False
    withdrawn: bool = False
    corrections: int = 0
    changed: int = 0

    @property
    def may_leave(self) -> bool:
        return self.passed and not self.withdrawn and not self.corrections


class Boxes(RuleBasedStateMachine):
    stats: Counter[str] = Counter()

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp())
        self.desk = Desk(self.folder)
        self.boxes: list[Box] = []
        self.items = {barcode: Item() for barcode in ITEMS}
        self.step = 0

    def orders(self, event: ev.WorkOrder, *, allowed: bool) -> int:
        """Order what must be done or refused. Return the event's number; 0 = refused."""
        self.step += 1
        if allowed:
            self.stats[type(event).__name__] += 1
            return self.desk.store.journal.order(event)
        with pytest.raises(ReceivingRefused):
            self.desk.store.journal.order(event)
        self.stats["refused"] += 1
        return 0

    def box(self, number: int) -> Box:
        return self.boxes[number % len(self.boxes)]

    # --- items ----------------------------------------------------------------------------------------------------------

    @initialize()
    def most_items_are_done(self) -> None:
        for barcode in ITEMS[:-1]:
            self.judges(barcode, passes=True)
        self.opens("EAST")
        self.opens("WEST")

    @rule(barcode=barcodes, passes=st.sampled_from((True, True, False)))
    def judges(self, barcode: Barcode, passes: bool) -> None:
        self.step += 1
        self.items[barcode].passed, self.items[barcode].changed = passes, self.step
        verdict = Verdict.PASS if passes else Verdict.FAIL
        self.desk.store.journal.record(
            ev.ItemJudged(
                barcode=barcode,
                uid="",
                part=1,
                parts=1,
                verdict=verdict,
                findings=(),
                item=item(barcode),
                operator="ann",
            )
        )

    @rule(barcode=barcodes)
    def flags(self, barcode: Barcode) -> None:
        known = self.items[barcode]
        if not known.corrections:
            self.desk.store.journal.record(
                ev.CorrectionOpened(correction=f"c-{self.step}", barcode=barcode, rule="label", due=DUE, title=EMPTY)
            )
        else:
            (now,) = self.desk.store.journal.open_corrections(barcode)
            self.desk.store.journal.record(
                ev.CorrectionClosed(
                    correction=now.id, result=Result.NO_DEFECT, reason=Sentence.verbatim("right"), operator="ann"
                )
            )
        self.step += 1
        known.corrections = 1 - known.corrections

    @precondition(lambda self: self.step > 15)
    @rule(barcode=barcodes)
    def withdraws(self, barcode: Barcode) -> None:
        intent = WithdrawIntent(barcode=barcode, holdings=Holdings.RETAIN)
        self.orders(ev.DeliveryOrdered(system="alma", intent=intent, operator="ann"), allowed=True)
        self.items[barcode].withdrawn = True

    # --- boxes ----------------------------------------------------------------------------------------------------------

    @rule(site=st.sampled_from(("EAST", "WEST")))
    def opens(self, site: str) -> None:
        self.boxes.append(Box(box_id(self.orders(ev.BoxOpened(site=site, operator="ann"), allowed=True)), site))

    @rule(number=chance, chosen=st.lists(barcodes, min_size=1, max_size=4))
    def packs(self, number: int, chosen: list[Barcode]) -> None:
        box = self.box(number)
        for barcode in chosen:
            known = self.items[barcode]
            elsewhere = any(
                other.inside.get(barcode) is False
                and not (other.state == "received" and known.changed > other.received)
                for other in self.boxes
                if other is not box
            )
            allowed = box.state == "open" and box.inside.get(barcode) is not False and not elsewhere and known.may_leave
            if self.orders(ev.BoxPacked(box=box.id, barcode=barcode, operator="ann"), allowed=allowed):
                for other in self.boxes:
                    if other is box or other.inside.get(barcode):
                        other.inside.pop(barcode, None)
                box.inside[barcode] = False

    @rule(number=chance, barcode=barcodes)
    def takes_out(self, number: int, barcode: Barcode) -> None:
        box = self.box(number)
        allowed = box.state == "open" and barcode in box.inside
        if self.orders(ev.BoxPacked(box=box.id, barcode=barcode, removed=True, operator="ann"), allowed=allowed):
            del box.inside[barcode]

    @rule(number=chance)
    def closes(self, number: int) -> None:
        box = self.box(number)
        allowed = box.state == "open" and False in box.inside.values()
        if self.orders(ev.BoxClosed(box=box.id, due=DUE, operator="ann"), allowed=allowed):
            box.state = "closed"

    @rule(number=chance, missing=st.lists(st.integers(0, 9), max_size=2), stray=st.sampled_from((*[False] * 6, True)))
    def receives(self, number: int, missing: list[int], stray: bool) -> None:
        box = self.box(number)
        inside = sorted(box.inside)
        lacking = {inside[place % len(inside)] for place in missing} if inside else set()
        if stray:
            lacking |= set(ITEMS) - set(inside)
        allowed = box.state != "open" and lacking <= set(inside)
        if self.orders(ev.BoxReceived(box=box.id, missing=tuple(lacking), operator="ann"), allowed=allowed):
            box.state, box.received = "received", self.step
            box.inside = {barcode: barcode in lacking for barcode in box.inside}

    @rule(number=chance, reason=st.sampled_from(("wrong label", "wrong label", " ")))
    def opens_again(self, number: int, reason: str) -> None:
        box = self.box(number)
        packed_since = any(
            barcode
            for other in self.boxes
            if other is not box and other.state != "received"
            for barcode, missing in other.inside.items()
            if not missing and box.inside.get(barcode) is False
        )
        allowed = box.state != "open" and bool(reason.strip()) and not packed_since
        if self.orders(ev.BoxOpened(site="", box=box.id, reason=reason, operator="ann"), allowed=allowed):
            box.state = "open"

    # --- what must hold ---------------------------------------------------------------------------------------------------

    @invariant()
    def each_box_holds_what_was_put_in(self) -> None:
        queries = self.desk.store.queries
        with queries.at_once():
            assert {
                (box.id, box.site, str(box.state), box.count, box.missing) for box in queries.boxes(everything=True)
            } == {(box.id, box.site, box.state, len(box.inside), box.missing) for box in self.boxes}
            for box in self.boxes:
                assert {row.barcode: row.missing for row in queries.packed(box.id)} == box.inside
            waiting = [box.id for box in self.boxes if box.state != "received" or box.missing]
            assert [box.id for box in queries.boxes()] == waiting
            late = queries.boxes_waiting("2026-09-22")
            assert {box.id for box in late.overdue} == {box.id for box in self.boxes if box.state == "closed"}
            assert {(ident, row.barcode) for ident, row in late.missing} == {
                (box.id, barcode) for box in self.boxes for barcode, missing in box.inside.items() if missing
            }
            for barcode in ITEMS:
                self.no_item_is_in_two_boxes_on_their_way(barcode, queries.box_of_item(barcode))

    def no_item_is_in_two_boxes_on_their_way(self, barcode: str, box: str) -> None:
        holding = {known.id: known.state for known in self.boxes if known.inside.get(barcode) is False}
        ways = [ident for ident, state in holding.items() if state != "received"]
        assert len(ways) < 2
        assert box == ways[0] if ways else box in holding or (not holding and not box)

    def teardown(self) -> None:
        try:
            self.desk.check()
        finally:
            self.desk.store.close()
            shutil.rmtree(self.folder)


def run(examples: int, steps: int, **how: Any) -> Counter[str]:
    machine = type("Counted", (Boxes,), {"stats": Counter()})
    profile = settings(
        max_examples=examples, stateful_step_count=steps, deadline=None, suppress_health_check=list(HealthCheck), **how
    )
    run_state_machine_as_test(machine, settings=profile)
    return machine.stats


def test_boxes_hold_what_was_put_in() -> None:
    run(6, 20, derandomize=True, database=None)


@pytest.mark.soak
def test_boxes_hold_what_was_put_in_in_many_histories() -> None:
    stats = run(200, 50, database=None)
    assert all(stats[act] > 100 for act in ("BoxOpened", "BoxPacked", "BoxClosed", "BoxReceived", "refused")), stats
