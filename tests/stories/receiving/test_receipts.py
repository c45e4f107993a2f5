"""Random histories of receipts in the store: copies are counted, added, undone and returned, while their deliveries are sent,
received, refused, lost, tried again and given up. After each step every copy is received once or stands as a difference, and
every claim of the store is true in the log of a library system that keeps each receipt."""

from __future__ import annotations

import random
import shutil
from collections import Counter
from collections.abc import Callable, Iterable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from station.base.errors import ReceivingRefused
from station.domain import events as ev
from station.domain.deliveries.delivery import Delivery, DeliveryState, Why
from station.domain.deliveries.intents import Decision, ReceiveIntent
from station.domain.receiving.counting import CountOutcome
from station.domain.receiving.difference import DifferenceKind
from station.domain.receiving.order_line import ReceiptState
from station.domain.receiving.receipts import receive_intent
from station.domain.receiving.shipment import Count
from station.store.database.database import transaction
from tests.store.projections.test_receipts import SYSTEM, Receiving

ENDS = (
    "delivered",
    "refused",
    "unreachable",
    "answer lost",
    "request lost",
    "cannot tell",
    "crash before",
    "crash after",
)
"""What becomes of a delivery that is sent."""


@dataclass
class Copy:
    id: int
    barcode: str
    gone: bool = False


class History:
    """A desk, and the library system beside it, for one seed."""

    def __init__(self, folder: Path, seed: int, stats: Counter[str]) -> None:
        self.desk = Receiving(folder)
        self.chance = random.Random(seed)
        self.stats = stats
        self.copies: list[Copy] = []
        self.effects: Counter[tuple[str, int]] = Counter()
        """What the library system did, by kind of delivery and count."""

    def run(self, steps: int) -> None:
        acts: dict[Callable[[], None], int] = {
            self.adds: 3,
            self.sends: 9,
            self.undoes: 1,
            self.returns: 1,
            self.tries_again: 2,
            self.gives_up: 1,
            self.orders_anew: 1,
            self.loses_the_end_of_the_journal: 1,
        }
        with closing(self.desk.store):
            self.adds()
            for act in self.chance.choices(list(acts), list(acts.values()), k=steps):
                act()
                with self.desk.queries.at_once():
                    self.each_copy_is_received_once_or_stands_as_a_difference()
            self.desk.check()

    def copy(self) -> Copy:
        return self.chance.choice(self.copies[-4:])

    def count(self, copy: Copy) -> Count:
        return self.desk.count(copy.id)

    def adds(self) -> None:
        count = self.desk.counts()
        copy = Copy(count.id, f"3199900000{len(self.copies):04}")
        self.desk.order(ev.Added(barcode=copy.barcode, count=copy.id, operator="ann"))
        self.copies.append(copy)

    def undoes(self) -> None:
        copy = self.copy()
        despite = self.chance.random() < 0.5
        event = ev.CountUndone(count=copy.id, despite_receipt=despite, operator="ann")
        may_be_there = self.effects["receive", copy.id] > 0
        try:
            self.desk.order(event)
        except ReceivingRefused:
            self.stats["undo refused"] += 1
            return
        assert not copy.gone and (despite or not may_be_there), "what the library system keeps is said before"
        copy.gone = True
        self.stats["undone"] += 1

    def returns(self) -> None:
        copy = self.copy()
        if not copy.gone:
            self.desk.order(ev.CopyReturned(count=copy.id, operator="ann"))
            copy.gone = True
            self.stats["returned"] += 1

    # --- the courier and the library system --------------------------------------------------------------------------------

    def sends(self) -> None:
        heads = self.desk.outbox.heads()
        if not heads:
            return
        end = self.chance.choice(("delivered", "delivered", *ENDS))
        delivery = self.desk.outbox.lease(self.chance.choice(heads).id)
        assert delivery is not None
        self.stats[end] += 1
        if delivery.sent and self.done(delivery):  # the courier first looks up what may have been sent
            self.desk.outbox.settle(delivery.id, DeliveryState.DELIVERED)
            return
        if end in ("refused", "unreachable", "crash before"):
            if end == "crash before":
                self.desk.outbox.recover()
            else:
                state = DeliveryState.PARKED if end == "refused" else DeliveryState.DEFERRED
                self.desk.outbox.settle(delivery.id, state)
            return
        self.desk.outbox.sending(delivery.id, "pid 23")
        if end not in ("request lost",):
            self.does(delivery)
        if end == "crash after":
            self.desk.outbox.recover()
        elif end == "cannot tell":
            self.desk.outbox.settle(delivery.id, DeliveryState.PARKED, why=Why(doubtful=True))
        elif end in ("answer lost", "request lost"):
            self.desk.outbox.settle(delivery.id, DeliveryState.IN_DOUBT)
        else:
            self.desk.outbox.settle(delivery.id, DeliveryState.DELIVERED)

    def does(self, delivery: Delivery) -> None:
        if not self.done(delivery):
            self.effects[self.key(delivery)] += 1

    def done(self, delivery: Delivery) -> bool:
        return self.effects[self.key(delivery)] > 0

    @staticmethod
    def key(delivery: Delivery) -> tuple[str, int]:
        kind = "receive" if isinstance(delivery.intent, ReceiveIntent) else "keep"
        return kind, delivery.intent.count  # type: ignore[union-attr]

    # --- people --------------------------------------------------------------------------------------------------------------

    def tries_again(self) -> None:
        parked = self.desk.queries.outbox_page(0, 50, "parked")
        if parked:
            self.stats["tried again"] += self.desk.store.retry(self.chance.choice(parked).id, "ann")

    def gives_up(self) -> None:
        waiting = [row for row in self.desk.queries.outbox_page(0, 50) if row.state not in ("delivered", "discarded")]
        if waiting:
            chosen = self.chance.choice(waiting)
            self.desk.outbox.decide(chosen.id, Decision.DISCARD, "w-tess", "typed there")
            self.stats["given up"] += 1

    def orders_anew(self) -> None:
        copy = self.copy()
        known = self.desk.queries.receipt(copy.id) is not None
        event = ev.DeliveryOrdered(system=SYSTEM, intent=receive_intent(self.count(copy), copy.barcode), operator="ann")
        if known or copy.gone:
            with pytest.raises(ReceivingRefused):
                self.desk.order(event)
            return
        self.desk.order(event)
        self.stats["ordered anew"] += 1

    def loses_the_end_of_the_journal(self) -> None:
        self.desk.store._owner.call(_doubts)
        self.stats["lost part"] += 1

    # --- what must hold ------------------------------------------------------------------------------------------------------

    def each_copy_is_received_once_or_stands_as_a_difference(self) -> None:
        open_ones = {row.count for row in self.desk.queries.differences() if row.kind is DifferenceKind.RECEIPT}
        heads = self.desk.outbox.heads()
        for copy in self.copies:
            count, standing = self.count(copy), self.desk.queries.receipt(copy.id)
            there = self.effects["receive", copy.id] > 0
            assert self.effects["receive", copy.id] < 2
            if copy.gone:
                assert not there or copy.id in open_ones, "the library system keeps the receipt of a copy that is gone"
                waiting = [
                    row
                    for row in heads
                    if row.intent.count == copy.id  # type: ignore[union-attr]
                ]
                assert not waiting, "nothing more is sent for a copy that is gone"
            elif count.outcome is not CountOutcome.MATCHED:
                assert standing is None or standing.state is not ReceiptState.REFUSED or copy.id in open_ones
            elif standing is None or standing.state is ReceiptState.REFUSED:
                assert copy.id in open_ones
            elif standing.state is not ReceiptState.WAITING:
                assert there and copy.id not in open_ones, "every claim is true"
                assert standing.state is not ReceiptState.KEPT or self.effects["keep", copy.id]


def _doubts(writer: Any) -> None:
    with transaction(writer.connection):
        writer.outbox.doubt()


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


def test_each_copy_is_received_once_or_stands_as_a_difference(tmp_path: Path) -> None:
    run(tmp_path, (1, 2, 6, 36), 25)


@pytest.mark.soak
def test_each_copy_is_received_once_or_stands_as_a_difference_in_many_histories(tmp_path: Path) -> None:
    stats = run(tmp_path, range(300), 40)
    acts = ("undone", "undo refused", "returned", "tried again", "given up", "ordered anew", "lost part")
    assert all(stats[act] > 60 for act in (*ENDS, *acts)), stats
