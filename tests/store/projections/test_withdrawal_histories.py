"""Random histories of withdrawals, beside a model that reads the journal's events one by one: what has to happen next follows
from what happened, the list names all that is unfinished, and an item that stays is deleted by no order."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from pathlib import Path
from random import Random

import pytest

from station.base.errors import DepartureRefused
from station.domain import events as ev
from station.domain.deliveries.delivery import DeliveryState
from station.domain.deliveries.intents import Decision
from station.domain.verdict import Verdict
from station.domain.withdrawals.withdrawal import NextStep, Piece, WithdrawRules, cart_id, withdrawal_id
from tests.store.lists.test_packing_lists import A, Desk
from tests.store.projections.test_withdrawals import BY_HAND, FIRST, SECOND, Leaving

ACTS = 30


class Model:
    """What happened to the item's withdrawal since its newest decision that was not canceled."""

    def __init__(self) -> None:
        self.id = ""
        self.tags = {FIRST, SECOND}
        """Tags that carry the item."""
        self.deliveries: dict[int, str] = {}
        """States of the ordered deletions, by the number of the event that ordered them."""
        self._forget()

    def _forget(self) -> None:
        self.piece, self.order = Piece.PRESENT, 0
        self.deleted = self.passed = self.placed = self.oclc = False

    def take(self, seq: int, event: ev.AnyEvent) -> None:
        match event:
            case ev.WithdrawalDecided():
                assert not self.id, "one at a time"
                self._forget()
                self.id, self.piece = withdrawal_id(seq), event.piece
                if event.system:
                    self.order, self.deliveries[seq] = seq, "pending"
            case ev.DeliveryChanged():
                self.deliveries[int(event.delivery.split("-")[1])] = event.state
            case ev.WithdrawalCanceled():
                assert not self.deleted, "there is no undo"
                self.id = ""
            case ev.Withdrawn():
                assert not self.deleted, "it leaves once"
                assert event.by_hand or self.deliveries[self.order] == "delivered"
                self.deleted, self.oclc = True, event.oclc_owner == "none"
            case ev.TagErased() | ev.TagDestroyed():
                assert isinstance(event, ev.TagErased) or self.deleted, "no tag is destroyed before"
                self.tags.discard(event.uid)
            case ev.WithdrawalJudged():
                self.passed = event.verdict is Verdict.PASS
            case ev.WithdrawalPlaced():
                assert self.deleted and self.piece is Piece.PRESENT
                self.placed = True
            case ev.OclcHoldingRemoved():
                self.oclc = True

    @property
    def step(self) -> NextStep:
        if not self.id:
            return NextStep.NOTHING
        if not self.deleted:
            state = self.deliveries.get(self.order, "discarded")
            return {"discarded": NextStep.CONFIRM, "parked": NextStep.SETTLE}.get(state, NextStep.WAIT)
        if self.piece is Piece.PRESENT:
            if self.tags:
                return NextStep.STRIP
            if not self.passed:
                return NextStep.STRIKE
            if not self.placed:
                return NextStep.PLACE
        return NextStep.NOTHING if self.oclc else NextStep.OCLC


class History:
    """One item, and persons and a library system that do something at random."""

    def __init__(self, folder: Path, seed: int) -> None:
        rules = BY_HAND if seed % 2 else WithdrawRules()
        self.leaving, self.random = Leaving(Desk(folder), rules), Random(seed)

    def acts(self) -> Iterator[Callable[[], object]]:
        leaving, choose = self.leaving, self.random.choice
        now = leaving.queries.withdrawal_of_item(A)
        ident = "withdrawal-1" if now is None else now.id
        piece = choose((Piece.PRESENT, Piece.PRESENT, Piece.PRESENT, Piece.LOST))
        cart = leaving.queries.open_cart("tess")
        opened = ev.WithdrawalCartOpened(name="Attic", reason="damaged", destination="surplus", operator="tess")
        removed = ev.OclcHoldingRemoved(withdrawal=ident, operator="tess")
        yield lambda: leaving.decides(piece=piece, system=choose(("", "alma", "alma")))
        yield lambda: leaving.cancels(ident)
        yield lambda: leaving.destroys(choose((FIRST, SECOND)))
        yield lambda: leaving.places(ident)
        if now is not None and now.deleted_at:
            yield lambda: leaving.erases(*choose(((FIRST, 1), (SECOND, 2))))
            yield lambda: leaving.erases(*choose(((FIRST, 1), (SECOND, 2))))
            yield lambda: leaving.checks(choose((Verdict.PASS, Verdict.PASS, Verdict.FAIL)))
            if self.random.random() < 0.2:
                yield lambda: leaving.order(removed)
            return
        yield lambda: leaving.order(opened)
        yield lambda: leaving.order(
            ev.WithdrawalCartClosed(cart=cart_id(1) if cart is None else cart.id, operator="tess")
        )
        yield lambda: leaving.decides(piece=piece, cart="" if cart is None else cart.id)
        yield lambda: leaving.order(ev.DeletionConfirmed(withdrawal=ident, reason="seen", operator="tess"))
        yield self._settle
        yield self._settle
        yield self._give_up

    def _settle(self) -> None:
        states = (DeliveryState.DELIVERED, DeliveryState.PARKED, DeliveryState.IN_DOUBT, DeliveryState.DEFERRED)
        if self.leaving.desk.store.outbox.heads():
            self.leaving.settles(self.random.choice(states))

    def _give_up(self) -> None:
        """A person decides about a delivery that was refused."""
        outbox = self.leaving.desk.store.outbox
        for delivery in self.leaving.queries.outbox_page(state="parked"):
            outbox.decide(delivery.id, self.random.choice([Decision.DISCARD, Decision.SEND_OURS]), "tess", "seen")

    def run(self) -> set[NextStep]:
        """Do `ACTS` things, and compare after each. Return the steps that were seen."""
        seen = set()
        for _ in range(ACTS):
            act = self.random.choice(list(self.acts()))
            with suppress(DepartureRefused):
                act()
            model = Model()
            for row in sorted(self.leaving.queries.events(limit=1000), key=lambda row: row.seq):
                model.take(row.seq, row.event)
            now = self.leaving.queries.withdrawal_of_item(A)
            step = NextStep.NOTHING if now is None else now.next_step
            seen.add(step)
            assert step is model.step
            unfinished = [] if step is NextStep.NOTHING or now is None else [now.id]
            assert [each.id for each in self.leaving.queries.withdrawals()] == unfinished
            if not model.id:
                assert not self.leaving.desk.store.outbox.heads(), "an item that stays is deleted by no order"
            assert (now is not None) is (self.leaving.item_state() == "withdrawn")
        self.leaving.desk.check()
        return seen


def histories(folder: Path, seeds: range) -> None:
    seen: set[NextStep] = set()
    for seed in seeds:
        (place := folder / str(seed)).mkdir()
        history = History(place, seed)
        with closing(history.leaving.desk.store):
            seen |= history.run()
    assert seen == set(NextStep) - {NextStep.DECIDE}, "every step was seen"


def test_the_next_step_follows_from_what_happened(tmp_path: Path) -> None:
    histories(tmp_path, range(3))


@pytest.mark.soak
def test_the_next_step_follows_from_what_happened_in_many_histories(tmp_path: Path) -> None:
    histories(tmp_path, range(400))
