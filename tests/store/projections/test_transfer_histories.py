"""Random histories of transfers, beside a model that reads the journal's events one by one: what the projection says of an
item follows from what happened to it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from pathlib import Path
from random import Random

import msgspec
import pytest

from station.base.errors import DepartureRefused, NotAllowed, ReceivingRefused
from station.domain import events as ev
from station.domain.deliveries.delivery import DeliveryState
from station.domain.distribution.box import box_id
from station.domain.transfers.shelves import after
from station.domain.transfers.transfer import Shelf, TransferStep, transfer_id
from station.domain.verdict import Verdict
from tests.store.lists.test_packing_lists import A, Desk, item
from tests.store.projections.test_transfers import EAST, Moving

PLACES = (
    Shelf(library="WEST"),
    Shelf(location="ATTIC"),
    Shelf(call_number="641.8"),
    Shelf(library="WEST", call_number="641.8"),
)
ACTS = 30


class Decided:
    """What happened to the item since one decision."""

    def __init__(self, seq: int, event: ev.TransferDecided) -> None:
        wanted = {"place"} if event.wanted.library or event.wanted.location else set()
        self.missing = wanted | ({"number"} if event.wanted.call_number else set())
        self.id, self.site = transfer_id(seq), event.site
        self.passed = self.packed = False

    @property
    def step(self) -> TransferStep:
        if self.missing:
            return TransferStep.WAIT
        if not self.passed:
            return TransferStep.PROCESS
        return TransferStep.PACK if self.site and not self.packed else TransferStep.NOTHING


class Model:
    """The decisions that were not canceled, the oldest first: the newest counts. When it is canceled, the one before counts
    again, with every check and box since."""

    def __init__(self) -> None:
        self.decided: list[Decided] = []
        self.withdrawn = False
        self.boxes: dict[str, str] = {}

    def take(self, seq: int, event: ev.AnyEvent) -> None:
        shown = [decided for decided in self.decided if not decided.missing]
        match event:
            case ev.TransferDecided():
                self.decided.append(Decided(seq, event))
            case ev.TransferCanceled():
                newest = self.decided.pop()
                assert event.transfer == newest.id and newest.missing, "nothing that is shown is canceled"
            case ev.Transferred():
                self.decided[-1].missing.remove("place")
            case ev.Reclassified():
                self.decided[-1].missing.remove("number")
            case ev.ItemJudged():
                for decided in shown:
                    decided.passed = event.verdict is Verdict.PASS
            case ev.BoxOpened():
                self.boxes[event.box or box_id(seq)] = event.site
            case ev.BoxPacked():
                for decided in shown:
                    if self.boxes[event.box] == decided.site:
                        decided.packed = not event.removed
            case ev.WithdrawalDecided():
                self.withdrawn = True

    @property
    def step(self) -> TransferStep:
        return self.decided[-1].step if self.decided and not self.withdrawn else TransferStep.NOTHING


class History:
    """One item, and a person or a library system that does something at random."""

    def __init__(self, folder: Path, seed: int) -> None:
        self.moving, self.random = Moving(Desk(folder)), Random(seed)
        self.box = box_id(self.moving.order(ev.BoxOpened(site="WEST", operator="ann")))

    def acts(self) -> Iterator[Callable[[], object]]:
        moving, wanted = self.moving, self.random.choice(PLACES)
        ident = next((row.id for row in moving.queries.transfers(everything=True)), "transfer-1")
        now = moving.queries.transfer(ident)
        shelf = self.random.choice((EAST, EAST if now is None else after(now.before, now.wanted)))
        system = "" if wanted.call_number else self.random.choice(("", "alma"))
        packed = ev.BoxPacked(box=self.box, barcode=A, title="A book", library="WEST", operator="ann")
        yield lambda: moving.decides(wanted, system=system, site="WEST" if wanted.library else "")
        yield lambda: moving.cancels(ident)
        yield lambda: moving.reads(ident, shelf)
        yield lambda: moving.reads(ident, shelf)
        yield lambda: moving.order(ev.Reclassified(transfer=ident, barcode=A, after=shelf))
        yield lambda: moving.judges(self.random.choice((Verdict.PASS, Verdict.PASS, Verdict.FAIL)))
        yield lambda: moving.judges()
        yield lambda: moving.order(packed)
        yield lambda: moving.order(msgspec.structs.replace(packed, removed=True))
        yield self._settle
        yield self._settle
        if self.random.random() < 0.02:
            gone = ev.WithdrawalDecided(barcode=A, reason="weeded", destination="none", item=item(A), operator="tess")
            yield lambda: moving.order(gone)

    def _settle(self) -> None:
        states = (DeliveryState.DELIVERED, DeliveryState.PARKED, DeliveryState.IN_DOUBT, DeliveryState.DEFERRED)
        if self.moving.desk.store.outbox.heads():
            self.moving.settles(self.random.choice(states))

    def run(self) -> set[TransferStep]:
        """Do `ACTS` things, and compare after each. Return the steps that were seen."""
        seen = set()
        for _ in range(ACTS):
            act = self.random.choice(list(self.acts()))
            with suppress(DepartureRefused, ReceivingRefused, NotAllowed):
                act()
            model = Model()
            for row in sorted(self.moving.queries.events(limit=1000), key=lambda row: row.seq):
                model.take(row.seq, row.event)
            now = self.moving.queries.transfer_of_item(A)
            step = TransferStep.NOTHING if now is None else now.next_step
            seen.add(step)
            assert (TransferStep.WAIT if step is TransferStep.SETTLE else step) is model.step
        self.moving.desk.check()
        return seen


def histories(folder: Path, seeds: range) -> None:
    seen: set[TransferStep] = set()
    for seed in seeds:
        (place := folder / str(seed)).mkdir()
        history = History(place, seed)
        with closing(history.moving.desk.store):
            seen |= history.run()
    assert seen == set(TransferStep), "every step was seen"


def test_the_next_step_follows_from_what_happened(tmp_path: Path) -> None:
    histories(tmp_path, range(21, 27))


@pytest.mark.soak
def test_the_next_step_follows_from_what_happened_in_many_histories(tmp_path: Path) -> None:
    histories(tmp_path, range(400))
