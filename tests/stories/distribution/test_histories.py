"""Random histories of boxes: opened, packed, emptied, closed, received with and without all items, received again, opened
again, while items are judged, corrected and withdrawn. After each step the journal says what `Shelf` works out anew."""

from __future__ import annotations

import random
import shutil
from collections import Counter
from collections.abc import Callable, Iterable
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from station.base.errors import ReceivingRefused
from station.base.sentence import EMPTY, Sentence
from station.domain import events as ev
from station.domain.correction_states import Result
from station.domain.distribution.box import box_id
from station.domain.item import Barcode
from station.domain.verdict import Verdict
from tests.store.lists.test_packing_lists import Desk, item

ITEMS = tuple(Barcode(f"3199900000000{n}") for n in range(5))
DUE = "2026-09-21"


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


class History:
    """A bench, its boxes and the sites, for one seed."""

    def __init__(self, folder: Path, seed: int, stats: Counter[str]) -> None:
        self.desk = Desk(folder)
        self.chance = random.Random(seed)
        self.stats = stats
        self.boxes: list[Box] = []
        self.items = {barcode: Item() for barcode in ITEMS}
        self.step = 0

    def run(self, steps: int) -> None:
        acts: dict[Callable[[], None], int] = {
            self.judges: 3,
            self.flags: 1,
            self.opens: 1,
            self.packs: 7,
            self.takes_out: 1,
            self.closes: 3,
            self.receives: 4,
            self.opens_again: 2,
        }
        with closing(self.desk.store):
            for barcode in ITEMS[:-1]:
                self.judged(barcode, passes=True)
            self.opens()
            for n, act in enumerate(self.chance.choices(list(acts), list(acts.values()), k=steps)):
                act()
                if n == steps // 2:
                    self.withdraws()
                self.each_box_holds_what_was_put_in()
            self.desk.check()

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

    def box(self) -> Box:
        return self.chance.choice(self.boxes[-3:])

    # --- items ----------------------------------------------------------------------------------------------------------

    def judges(self) -> None:
        self.judged(self.chance.choice(ITEMS), passes=self.chance.random() < 0.8)

    def judged(self, barcode: Barcode, *, passes: bool) -> None:
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

    def flags(self) -> None:
        barcode = self.chance.choice(ITEMS)
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

    def withdraws(self) -> None:
        barcode = self.chance.choice(ITEMS)
        if not self.items[barcode].withdrawn:
            decided = ev.WithdrawalDecided(
                barcode=barcode, reason="weeded", destination="recycle", item=item(barcode), operator="ann"
            )
            self.orders(decided, allowed=True)
        self.items[barcode].withdrawn = True

    # --- boxes ----------------------------------------------------------------------------------------------------------

    def opens(self) -> None:
        site = self.chance.choice(("EAST", "WEST"))
        self.boxes.append(Box(box_id(self.orders(ev.BoxOpened(site=site, operator="ann"), allowed=True)), site))

    def packs(self) -> None:
        box = self.box()
        for barcode in self.chance.sample(ITEMS, self.chance.randrange(1, 4)):
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

    def takes_out(self) -> None:
        box, barcode = self.box(), self.chance.choice(ITEMS)
        allowed = box.state == "open" and barcode in box.inside
        if self.orders(ev.BoxPacked(box=box.id, barcode=barcode, removed=True, operator="ann"), allowed=allowed):
            del box.inside[barcode]

    def closes(self) -> None:
        box = self.box()
        allowed = box.state == "open" and False in box.inside.values()
        if self.orders(ev.BoxClosed(box=box.id, due=DUE, operator="ann"), allowed=allowed):
            box.state = "closed"

    def receives(self) -> None:
        box = self.box()
        inside = sorted(box.inside)
        lacking = set(self.chance.sample(inside, self.chance.randrange(len(inside) + 1)))
        if self.chance.random() < 0.15:
            lacking |= set(ITEMS) - set(inside)
        allowed = box.state != "open" and lacking <= set(inside)
        if self.orders(ev.BoxReceived(box=box.id, missing=tuple(lacking), operator="ann"), allowed=allowed):
            box.state, box.received = "received", self.step
            box.inside = {barcode: barcode in lacking for barcode in box.inside}

    def opens_again(self) -> None:
        box = self.box()
        reason = self.chance.choice(("wrong label", "wrong label", " "))
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


def run(folder: Path, seeds: Iterable[int], steps: int) -> Counter[str]:
    stats: Counter[str] = Counter()
    for seed in seeds:
        place = folder / str(seed)
        place.mkdir()
        try:
            History(place, seed, stats).run(steps)
        except BaseException as error:
            error.add_note(f"seed {seed}")
            raise
        shutil.rmtree(place)
    return stats


def test_boxes_hold_what_was_put_in(tmp_path: Path) -> None:
    run(tmp_path, (0, 1, 4, 6), 30)


@pytest.mark.soak
def test_boxes_hold_what_was_put_in_in_many_histories(tmp_path: Path) -> None:
    stats = run(tmp_path, range(400), 60)
    assert all(stats[act] > 500 for act in ("BoxOpened", "BoxPacked", "BoxClosed", "BoxReceived", "refused")), stats
