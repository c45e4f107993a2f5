"""Transfers, lost and found items in the journal: what each act leaves, and what is refused."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import msgspec
import pytest

from station.base.errors import DepartureRefused, NotAllowed
from station.base.sentence import Sentence
from station.domain import events as ev
from station.domain.deliveries.delivery import NO_REASON, DeliveryState, Why
from station.domain.deliveries.intents import Decision, MoveIntent
from station.domain.distribution.box import box_id
from station.domain.people.rights import Role
from station.domain.transfers.proofs import BY_PERSON, ORDERED
from station.domain.transfers.transfer import Shelf, Transfer, TransferStep, transfer_id
from station.domain.verdict import Verdict
from station.domain.withdrawals.proof import Layer, ProofState
from station.domain.withdrawals.withdrawal import Piece, TitleEffect
from station.store.database.database import open_reader
from station.store.projections.transfers import of_item
from tests.store.lists.test_packing_lists import A, B, Desk, item
from tests.support.told import raises_told

EAST, WEST = Shelf(library="EAST", location="STACKS"), Shelf(library="WEST", location="STACKS")


class Moving:
    """A desk with a technician, and an item that is done."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.order, self.queries = desk.store.journal.order, desk.store.queries
        self.order(ev.WorkerRegistered(worker="tess", role=Role.TECHNICIAN, operator="root"))
        self.judges()

    def judges(self, verdict: Verdict = Verdict.PASS) -> None:
        record = item(A)
        event = ev.ItemJudged(barcode=A, uid="", part=1, parts=1, verdict=verdict, findings=(), item=record)
        self.desk.store.journal.record(event)

    def decides(self, wanted: Shelf = WEST, system: str = "alma", site: str = "WEST") -> str:
        event = ev.TransferDecided(
            barcode=A,
            before=EAST,
            wanted=wanted,
            system=system,
            site=site,
            effect=TitleEffect.COPY,
            item=item(A, price="12.50"),
            operator="tess",
        )
        return transfer_id(self.order(event))

    def cancels(self, ident: str, reason: str = "stays") -> None:
        self.order(ev.TransferCanceled(transfer=ident, reason=reason, operator="tess"))

    def reads(self, ident: str, after: Shelf) -> None:
        self.order(ev.Transferred(transfer=ident, barcode=A, after=after))

    def settles(self, state: DeliveryState, *, sent: bool = True, why: Why = NO_REASON) -> None:
        (head,) = self.desk.store.outbox.heads()
        self.desk.store.outbox.lease(head.id)
        if sent:
            self.desk.store.outbox.sending(head.id, "before")
        self.desk.store.outbox.settle(head.id, state, Sentence.verbatim("no such library"), why=why)

    def now(self, ident: str) -> Transfer:
        now = self.queries.transfer(ident)
        assert now is not None
        return now

    def states(self, ident: str) -> dict[Layer, ProofState]:
        return {proof.layer: proof.state for proof in self.now(ident).proofs}


@pytest.fixture
def moving(tmp_path: Path) -> Iterator[Moving]:
    desk = Desk(tmp_path)
    with closing(desk.store):
        yield Moving(desk)
        desk.check()


def test_an_ordered_transfer_is_proven_by_the_system_the_checks_and_the_box(moving: Moving) -> None:
    moving.desk.store.journal.record(ev.Added(barcode=A, copy=ev.AddedCopy(fund="hist", price="20.00 USD")))
    ident = moving.decides()
    (delivery,) = moving.desk.store.outbox.heads()
    assert delivery.intent == MoveIntent(barcode=A, library="WEST", location="", operator="tess"), "only what changes"
    assert moving.now(ident).next_step is TransferStep.WAIT
    assert moving.now(ident).proof(Layer.SYSTEM).code == ORDERED

    moving.settles(DeliveryState.DELIVERED)
    (read,) = moving.desk.events(ev.Transferred)
    assert isinstance(read, ev.Transferred)
    assert (read.before, read.after, read.price, read.by_hand) == (EAST, WEST, "12.50", False)
    assert (read.effect, read.fund) == (TitleEffect.COPY, "hist")
    assert moving.now(ident).next_step is TransferStep.PROCESS, "the checks before the move prove nothing"

    moving.judges(Verdict.FAIL)
    assert moving.states(ident)[Layer.TAG] is ProofState.OPEN
    moving.judges()
    assert moving.now(ident).next_step is TransferStep.PACK
    for site in ("EAST", "WEST"):
        box = box_id(moving.order(ev.BoxOpened(site=site, operator="ann")))
        moving.order(ev.BoxPacked(box=box, barcode=A, title="A book", library=site, operator="ann"))
        if site == "EAST":
            assert moving.now(ident).next_step is TransferStep.PACK, "the box of another site proves nothing"
            moving.order(ev.BoxPacked(box=box, barcode=A, removed=True, operator="ann"))
    assert set(moving.states(ident).values()) == {ProofState.PROVEN}
    assert moving.now(ident).finished_at
    assert moving.queries.transfers() == ()
    assert moving.queries.transfer_of_item(A) is None
    assert [step.seq for step in moving.queries.transfer_history(ident)][-1] == moving.now(ident).newest


def test_a_person_moves_and_reclassifies_where_no_system_is_ordered(moving: Moving) -> None:
    wanted = msgspec.structs.replace(WEST, call_number="641.8 Smi")
    with raises_told(DepartureRefused, "person changes the call number"):
        moving.decides(wanted)
    ident = moving.decides(wanted, system="", site="")
    assert moving.now(ident).proof(Layer.SYSTEM).code == BY_PERSON
    with raises_told(DepartureRefused, "does not show the new place"):
        moving.reads(ident, EAST)
    moving.reads(ident, WEST)
    with raises_told(DepartureRefused, "shows that already"):
        moving.reads(ident, WEST)
    assert moving.now(ident).next_step is TransferStep.WAIT, "the call number is not there yet"
    event = ev.Reclassified(transfer=ident, barcode=A, by_hand=True, operator="tess")
    with raises_told(DepartureRefused, "reason"):
        moving.order(event)
    moving.order(msgspec.structs.replace(event, note="seen in the client"))
    assert moving.states(ident)[Layer.SYSTEM] is ProofState.BY_HAND
    moving.judges()
    assert moving.now(ident).next_step is TransferStep.NOTHING


def test_a_transfer_is_canceled_until_it_may_have_been_carried_out(moving: Moving) -> None:
    first = moving.decides()
    assert moving.now(first).is_late("9999") and not moving.now(first).is_late("2000")
    with raises_told(DepartureRefused, "open transfer"):
        moving.decides()
    with raises_told(DepartureRefused, "reason"):
        moving.cancels(first, " ")
    moving.cancels(first)
    assert moving.desk.store.outbox.heads() == ()
    assert moving.now(first).canceled_at and not moving.now(first).is_late("9999")
    with raises_told(DepartureRefused, "was canceled"):
        moving.cancels(first)

    second = moving.decides()
    moving.settles(DeliveryState.PARKED, sent=False)
    assert moving.now(second).next_step is TransferStep.SETTLE
    assert moving.states(second)[Layer.SYSTEM] is ProofState.REFUSED
    assert moving.now(second).is_late("2000")
    moving.cancels(second)

    third = moving.decides()
    moving.settles(DeliveryState.PARKED, why=Why(reason="in-doubt", doubtful=True))
    with raises_told(DepartureRefused, "may have moved"):
        moving.cancels(third)
    moving.desk.store.outbox.decide(moving.now(third).delivery, Decision.SEND_OURS, "tess")
    with raises_told(DepartureRefused, "may have moved"):
        moving.cancels(third)
    moving.settles(DeliveryState.PARKED, why=Why(reason="in-doubt", doubtful=True))
    assert moving.desk.store.outbox.retry(moving.now(third).delivery)
    moving.settles(DeliveryState.IN_DOUBT)
    with raises_told(DepartureRefused, "may have moved"):
        moving.cancels(third)
    moving.settles(DeliveryState.DELIVERED)
    with raises_told(DepartureRefused, "shows the new place"):
        moving.cancels(third)


def test_a_hidden_verdict_proves_nothing(moving: Moving) -> None:
    """Whoever owes the blind second check must not see by a transfer that the item passed."""
    ident = moving.decides(system="", site="")
    moving.reads(ident, WEST)
    moving.judges()
    with closing(open_reader(moving.desk.path)) as sql:
        assert of_item(sql, A) is None
        hidden = of_item(sql, A, covered={A})
    assert hidden is not None
    assert hidden.proof(Layer.TAG).state is ProofState.OPEN


def test_a_person_changes_it_there_once_the_order_is_given_up(moving: Moving) -> None:
    ident = moving.decides()
    moving.settles(DeliveryState.PARKED, sent=False)
    delivery = moving.now(ident).delivery
    moving.desk.store.outbox.decide(delivery, Decision.DISCARD, "tess", "by hand")
    assert moving.now(ident).next_step is TransferStep.WAIT
    assert moving.now(ident).proof(Layer.SYSTEM).code == BY_PERSON


def test_a_refused_order_ends_once_the_item_is_at_its_new_place(moving: Moving) -> None:
    ident = moving.decides()
    moving.settles(DeliveryState.PARKED, sent=False)
    moving.reads(ident, WEST)
    assert moving.now(ident).next_step is TransferStep.PROCESS
    assert moving.now(ident).delivery_state == DeliveryState.DISCARDED
    assert moving.desk.store.outbox.parked() == 0


def test_what_changes_nothing_and_what_an_operator_decides_is_refused(moving: Moving) -> None:
    with raises_told(DepartureRefused, "there already"):
        moving.decides(Shelf(library="east ", location="STACKS"))
    with pytest.raises(NotAllowed):
        moving.order(ev.TransferDecided(barcode=A, before=EAST, wanted=WEST, item=item(A), operator="ann"))
    with pytest.raises(NotAllowed):
        moving.order(ev.Transferred(transfer=moving.decides(), barcode=A, by_hand=True, note="x", operator="ann"))


def test_a_withdrawal_ends_an_open_transfer(moving: Moving) -> None:
    ident = moving.decides()
    left = ev.WithdrawalDecided(barcode=A, reason="weeded", destination="recycle", item=item(A), operator="tess")
    moving.order(left)
    assert moving.queries.transfers() == () and moving.queries.transfer_of_item(A) is None
    assert moving.now(ident).next_step is TransferStep.NOTHING
    with raises_told(DepartureRefused, "withdrawn"):
        moving.decides()


def test_an_item_is_lost_until_it_is_found(moving: Moving) -> None:
    lost = ev.Lost(barcode=A, piece=Piece.MISSING, title="A book", operator="ann")
    with raises_told(DepartureRefused, "not recorded as lost"):
        moving.order(ev.Found(barcode=A, title="A book", operator="ann"))
    moving.order(lost)
    with raises_told(DepartureRefused, "already"):
        moving.order(lost)
    moving.order(msgspec.structs.replace(lost, piece=Piece.LOST))
    item_lost = moving.queries.lost_item(A)
    assert item_lost is not None
    assert item_lost.piece is Piece.LOST
    moving.order(ev.Found(barcode=A, title="A book", operator="ann"))
    assert moving.queries.lost_item(A) is None
    rows = moving.queries.departures_in_period("2000", "9999")
    assert [type(row.event) for row in rows] == [ev.Lost, ev.Lost, ev.Found]
    moving.order(msgspec.structs.replace(lost, barcode=B))
    assert moving.queries.departures_in_period("9000", "9999") == ()
