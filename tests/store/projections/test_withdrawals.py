"""Withdrawals in the journal: what each act leaves, what follows in the same transaction, and what is refused to whom."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import msgspec
import pytest

from station.base.errors import DepartureRefused, NotAllowed, WorkerGone
from station.domain import events as ev
from station.domain.deliveries.delivery import NO_REASON, DeliveryState, NewDelivery, Why
from station.domain.deliveries.intents import Decision, WithdrawIntent, lane
from station.domain.findings import Finding, Outcome
from station.domain.item_state import ItemState
from station.domain.people.rights import Role
from station.domain.verdict import Verdict
from station.domain.withdrawals.proof import Layer, ProofState
from station.domain.withdrawals.stop_signs import Reply, Sign, SignAnswer
from station.domain.withdrawals.withdrawal import (
    NO_TAG,
    TAG_RULE,
    NextStep,
    Piece,
    TagStanding,
    TitleEffect,
    Withdrawal,
    WithdrawRules,
    cart_id,
    withdrawal_id,
)
from station.store.owner import open_store
from tests.conftest import FakeClock
from tests.store.lists.test_packing_lists import A, Desk, item
from tests.support.sample_events import finding, started
from tests.support.told import raises_told

FIRST, SECOND, OLD = "E004015012345601", "E004015012345602", "E004015012345603"
BY_HAND = WithdrawRules(oclc_owner="by-hand", oclc_days=30)


def answer(sign: Sign, reply: Reply) -> SignAnswer:
    return SignAnswer(sign=sign, reply=reply, source="catalog")


class Leaving:
    """A desk with a technician, an operator, a trainee, and a set of two parts that is done."""

    def __init__(self, desk: Desk, rules: WithdrawRules = BY_HAND) -> None:
        desk.store.close()
        desk.store = open_store(desk.path, FakeClock(), withdraw_rules=rules)
        self.desk = desk
        self.order, self.record, self.queries = desk.store.journal.order, desk.store.journal.record, desk.store.queries
        for name, role in (("tess", Role.TECHNICIAN), ("olaf", Role.OPERATOR), ("tom", Role.TRAINEE)):
            self.order(ev.WorkerRegistered(worker=name, role=role, operator="root" if name == "tess" else "tess"))
        for part, uid in enumerate((FIRST, SECOND), start=1):
            self.record(ev.TagWriteVerified(attempt=f"w{part}", uid=uid, barcode=A, part=part, parts=2))

    def decision(self, **fields: object) -> ev.WithdrawalDecided:
        event = ev.WithdrawalDecided(
            barcode=A,
            reason="weeded",
            destination="recycle",
            system="alma",
            item=item(A, price="12.50"),
            operator="tess",
        )
        return msgspec.structs.replace(event, **fields)

    def decides(self, **fields: object) -> str:
        return withdrawal_id(self.order(self.decision(**fields)))

    def cancels(self, ident: str, **fields: str) -> None:
        self.order(ev.WithdrawalCanceled(**{"withdrawal": ident, "reason": "stays", "operator": "tess"} | fields))

    def orders_deletion(self) -> None:
        """Order it without a decision, as an earlier version did."""
        intent = WithdrawIntent(barcode=A, operator="tess")
        order = ev.DeliveryOrdered(system="alma", intent=intent, operator="tess")
        self.desk.store.journal.record(order, deliveries=[NewDelivery("alma", lane(intent), intent)])

    def settles(self, state: DeliveryState | None, *, sent: bool = True, why: Why = NO_REASON) -> None:
        """Have the library system answer; None = it has not answered yet."""
        outbox = self.desk.store.outbox
        (head,) = outbox.heads()
        outbox.lease(head.id)
        if sent:
            outbox.sending(head.id, "before")
        if state is not None:
            outbox.settle(head.id, state, why=why)

    def erases(self, uid: str, part: int) -> None:
        self.record(ev.TagErased(attempt=f"e{part}", uid=uid, barcode=A, part=part, parts=2))

    def destroys(self, uid: str, **fields: str) -> None:
        self.order(ev.TagDestroyed(**{"uid": uid, "barcode": A, "how": "tag-cut", "operator": "olaf"} | fields))

    def checks(self, verdict: Verdict = Verdict.PASS, *findings: Finding, task: str = "withdrawal") -> None:
        self.record(
            ev.WithdrawalJudged(
                checklist="c", task=task, barcode=A, verdict=verdict, findings=findings, day="2026-12-02", item=item(A)
            )
        )

    def places(self, ident: str, place: str = "Box 1", operator: str = "tom") -> None:
        self.order(ev.WithdrawalPlaced(withdrawal=ident, place=place, operator=operator))

    def now(self, ident: str) -> Withdrawal:
        now = self.queries.withdrawal(ident)
        assert now is not None
        return now

    def step(self, ident: str) -> NextStep:
        return self.now(ident).next_step

    def state(self, ident: str, layer: Layer) -> ProofState:
        proof = self.now(ident).proof(layer)
        assert proof is not None
        return proof.state

    def item_state(self) -> ItemState | None:
        state = self.queries.state_of(A)
        return None if state is None else state.state

    def deliveries(self) -> list[str]:
        return [delivery.state.value for delivery in self.queries.outbox_page()]


@pytest.fixture
def leaving(tmp_path: Path) -> Iterator[Leaving]:
    desk = Desk(tmp_path)
    made = Leaving(desk)
    with closing(desk.store):
        yield made
        desk.check()


def test_each_layer_is_proven_in_turn(leaving: Leaving) -> None:
    leaving.record(ev.Added(barcode=A, copy=ev.AddedCopy(fund="hist")))
    signs = (answer(Sign.LAST_HERE, Reply.NO), answer(Sign.LAST_UNDER_SYMBOL, Reply.NOT_KNOWN))
    ident = leaving.decides(signs=signs)
    assert (leaving.item_state(), leaving.deliveries()) == (ItemState.WITHDRAWN, ["pending"])
    assert leaving.step(ident) is NextStep.WAIT
    for refused in (lambda: leaving.destroys(FIRST), lambda: leaving.places(ident)):
        with raises_told(DepartureRefused, "not confirmed the deletion"):
            refused()

    leaving.settles(DeliveryState.DELIVERED)
    (gone,) = leaving.desk.events(ev.Withdrawn)
    assert isinstance(gone, ev.Withdrawn)
    assert (gone.effect, gone.fund, gone.price, gone.by_hand) == (TitleEffect.COPY, "hist", "12.50", False)
    assert [row.event for row in leaving.queries.withdrawn_in_period("", "9")] == [gone]
    assert leaving.step(ident) is NextStep.STRIP
    leaving.erases(FIRST, 1)
    assert leaving.step(ident) is NextStep.STRIP, "all tags of the set"
    assert [each.id for each in leaving.queries.ready_to_strip()] == [ident]
    with raises_told(DepartureRefused, "has a tag"):
        leaving.destroys(SECOND, how=NO_TAG)
    leaving.destroys(SECOND)
    assert [tag.standing for tag in leaving.now(ident).tags] == [TagStanding.ERASED, TagStanding.DESTROYED]
    watched = leaving.queries.watched(SECOND)
    assert watched is not None and (watched.withdrawal, watched.part) == (ident, 2)

    assert leaving.step(ident) is NextStep.STRIKE
    leaving.checks(Verdict.FAIL)
    assert leaving.step(ident) is NextStep.STRIKE
    assert leaving.now(ident).proof(Layer.OCLC).until == gone.oclc_until != ""  # type: ignore[union-attr]
    leaving.order(ev.OclcHoldingRemoved(withdrawal=ident, operator="tess"))
    leaving.checks()
    assert [each.next_step for each in leaving.queries.ready_to_strip()] == [NextStep.PLACE]
    leaving.places(ident)
    assert (leaving.step(ident), leaving.queries.withdrawals()) == (NextStep.NOTHING, ())
    assert leaving.now(ident).finished_at
    assert leaving.queries.withdrawal_history(ident)[-1].seq == leaving.now(ident).newest


def test_an_answer_of_the_checklist_is_no_proof_for_tags_that_carry_the_item(leaving: Leaving) -> None:
    says_cut = msgspec.structs.replace(finding(Outcome.PASS), rule=TAG_RULE, code="tag-cut")
    leaving.checks(Verdict.PASS, says_cut, task="lease-return")
    assert leaving.state(leaving.queries.withdrawals()[0].id, Layer.TAG) is ProofState.OPEN, "one answer, two tags"
    leaving.erases(FIRST, 1)
    assert leaving.queries.withdrawals() == (), "a returned item is proven as in older journals"
    ident = leaving.decides()
    leaving.settles(DeliveryState.DELIVERED)
    assert leaving.step(ident) is NextStep.STRIP
    leaving.destroys(SECOND)
    assert leaving.step(ident) is NextStep.PLACE


def test_without_a_system_a_technician_confirms_the_deletion_with_a_reason(leaving: Leaving) -> None:
    ident = leaving.decides(system="")
    assert (leaving.step(ident), leaving.deliveries()) == (NextStep.CONFIRM, [])
    confirms = ev.DeletionConfirmed(withdrawal=ident, reason="seen in Koha", operator="tess")
    with raises_told(DepartureRefused, "reason"):
        leaving.order(msgspec.structs.replace(confirms, reason=" "))
    with pytest.raises(NotAllowed):
        leaving.order(msgspec.structs.replace(confirms, operator="olaf"))
    leaving.order(msgspec.structs.replace(confirms, operator="olaf", authorised="tess"))
    assert (leaving.step(ident), leaving.state(ident, Layer.SYSTEM)) == (NextStep.STRIP, ProofState.BY_HAND)
    (gone,) = leaving.desk.events(ev.Withdrawn)
    assert isinstance(gone, ev.Withdrawn) and gone.by_hand
    with raises_told(DepartureRefused, "no undo"):
        leaving.cancels(ident)


def test_a_lost_piece_leaves_its_tags_on_the_watch_list(leaving: Leaving) -> None:
    first = leaving.decides(piece=Piece.LOST)
    assert {tag.uid for tag in leaving.queries.watched_tags()} == {FIRST, SECOND}
    leaving.cancels(first)
    assert leaving.queries.watched_tags() == (), "the item stays"

    ident = leaving.decides(piece=Piece.LOST, signs=(answer(Sign.LAST_UNDER_SYMBOL, Reply.NO),))
    leaving.settles(DeliveryState.DELIVERED)
    assert leaving.step(ident) is NextStep.NOTHING, "no piece: no tag, no marks, no place; others stay under the symbol"
    with raises_told(DepartureRefused, "not here"):
        leaving.places(ident)
    leaving.erases(FIRST, 1)
    assert [tag.uid for tag in leaving.queries.watched_tags()] == [SECOND], "a tag that turned up and was erased"


@pytest.mark.parametrize("state", [None, DeliveryState.IN_DOUBT])
def test_what_may_be_deleted_is_not_taken_back(leaving: Leaving, state: DeliveryState | None) -> None:
    ident = leaving.decides()
    leaving.settles(state)
    with raises_told(DepartureRefused, "may have deleted"):
        leaving.cancels(ident)
    assert leaving.item_state() is ItemState.WITHDRAWN


def test_what_may_be_deleted_is_not_taken_back_after_a_person_sends_it_again(leaving: Leaving) -> None:
    ident = leaving.decides()
    leaving.settles(DeliveryState.PARKED, why=Why(reason="again-and-again", doubtful=True))
    leaving.desk.store.outbox.decide(leaving.now(ident).delivery, Decision.SEND_OURS, "tess")
    with raises_told(DepartureRefused, "may have deleted"):
        leaving.cancels(ident)


@pytest.mark.parametrize("state", ["pending", DeliveryState.DEFERRED, DeliveryState.PARKED])
def test_an_item_that_stays_is_deleted_by_no_order(leaving: Leaving, state: str | DeliveryState) -> None:
    ident = leaving.decides()
    if isinstance(state, DeliveryState):
        leaving.settles(state)
    with raises_told(DepartureRefused, "confirms"):
        leaving.order(ev.DeletionConfirmed(withdrawal=ident, reason="seen", operator="tess"))
    assert leaving.step(ident) is (NextStep.SETTLE if state is DeliveryState.PARKED else NextStep.WAIT)
    with raises_told(DepartureRefused, "reason"):
        leaving.cancels(ident, reason=" ")
    leaving.cancels(ident)
    assert leaving.deliveries() == ["discarded"]
    assert (leaving.queries.withdrawal_of_item(A), leaving.item_state()) == (None, ItemState.TAGGED)
    with raises_told(DepartureRefused, "stays"):
        leaving.cancels(ident)
    assert leaving.decides() != ident, "it may be decided again"


def test_a_decision_replaces_what_was_ordered_before_it(leaving: Leaving) -> None:
    """Else the older order would delete an item whose withdrawal was taken back."""
    leaving.orders_deletion()
    ident = leaving.decides()
    assert sorted(leaving.deliveries()) == ["discarded", "pending"]
    leaving.cancels(ident)
    assert set(leaving.deliveries()) == {"discarded"}
    assert leaving.item_state() is ItemState.TAGGED


def test_no_deletion_is_ordered_without_a_decision(leaving: Leaving) -> None:
    """A decision sees the stop signs."""
    order = ev.DeliveryOrdered(system="alma", intent=WithdrawIntent(barcode=A), operator="tess")
    for decided in (False, True):
        if decided:
            leaving.decides()
        with raises_told(DepartureRefused, "Decide the withdrawal"):
            leaving.order(order)
        assert leaving.deliveries() == ["pending"] * decided


def test_a_decision_deletes_no_item_again(leaving: Leaving) -> None:
    leaving.orders_deletion()
    leaving.settles(DeliveryState.DELIVERED)
    ident = leaving.decides()
    assert leaving.deliveries() == ["delivered"]
    assert (leaving.step(ident), leaving.state(ident, Layer.SYSTEM)) == (NextStep.STRIP, ProofState.PROVEN)


def test_nothing_is_decided_beside_an_order_that_may_have_deleted(leaving: Leaving) -> None:
    leaving.orders_deletion()
    leaving.settles(DeliveryState.IN_DOUBT)
    with raises_told(DepartureRefused, "may have deleted"):
        leaving.decides()


def test_a_part_leaves_alone_and_the_item_stays(leaving: Leaving) -> None:
    ident = leaving.decides(part=2)
    assert (leaving.deliveries(), leaving.item_state()) == ([], ItemState.TAGGED)
    assert leaving.now(ident).proof(Layer.SYSTEM).state is ProofState.NOT_NEEDED  # type: ignore[union-attr]
    leaving.erases(SECOND, 2)
    leaving.checks()
    leaving.places(ident)
    assert leaving.step(ident) is NextStep.NOTHING
    assert leaving.item_state() is not ItemState.WITHDRAWN
    (gone,) = leaving.desk.events(ev.Withdrawn)
    assert isinstance(gone, ev.Withdrawn) and gone.effect is TitleEffect.PART
    assert leaving.decides(), "the rest may leave, too"


def test_a_part_leaves_once(leaving: Leaving) -> None:
    leaving.decides(part=1)
    leaving.decides(part=2)
    with raises_told(DepartureRefused, "decided already"):
        leaving.decides(part=1)


@pytest.mark.parametrize("piece", [Piece.PRESENT, Piece.LOST])
def test_a_part_is_finished_with_the_rest_of_its_item(leaving: Leaving, piece: Piece) -> None:
    part = leaving.decides(part=1)
    leaving.erases(FIRST, 1)
    assert leaving.step(part) is NextStep.STRIKE
    whole = leaving.decides(piece=piece)
    leaving.settles(DeliveryState.DELIVERED)
    if piece is Piece.PRESENT:
        leaving.erases(SECOND, 2)
        leaving.checks()
        leaving.places(whole)
    assert (leaving.step(part), leaving.step(whole)) == (NextStep.NOTHING, NextStep.OCLC)


def test_a_part_that_was_missing_stays_missing_when_the_rest_leaves(leaving: Leaving) -> None:
    part = leaving.decides(part=1, piece=Piece.MISSING)
    leaving.decides()
    assert (leaving.now(part).piece, leaving.step(part)) == (Piece.MISSING, NextStep.NOTHING)


def test_a_part_that_was_decided_by_mistake_stays(leaving: Leaving) -> None:
    ident = leaving.decides(part=2, piece=Piece.LOST)
    leaving.cancels(ident)
    assert (leaving.queries.watched_tags(), leaving.queries.withdrawal_of_item(A)) == ((), None)
    assert leaving.queries.withdrawn_in_period("", "9") == (), "the report does not count it"


@pytest.mark.parametrize(
    "begin",
    [
        lambda of: of.record(started("e2", SECOND, A, 2)),
        lambda of: of.erases(SECOND, 2),
        lambda of: of.destroys(SECOND),
        lambda of: of.checks(),
        lambda of: of.checks(Verdict.FAIL),
    ],
)
def test_a_part_whose_tag_or_marks_were_begun_does_not_stay(leaving: Leaving, begin: object) -> None:
    ident = leaving.decides(part=2)
    begin(leaving)  # type: ignore[operator]
    with raises_told(DepartureRefused, "no undo"):
        leaving.cancels(ident)
    assert [row.event.withdrawal for row in leaving.queries.withdrawn_in_period("", "9")] == [ident]


def test_the_tag_of_a_missing_part_is_to_erase_again_when_its_item_stays(leaving: Leaving) -> None:
    part = leaving.decides(part=2)
    whole = leaving.decides()
    leaving.destroys(SECOND, how="part-missing")
    assert [tag.uid for tag in leaving.queries.watched_tags()] == [SECOND]
    leaving.cancels(whole)
    assert leaving.queries.watched_tags() == ()
    assert [(tag.uid, tag.standing) for tag in leaving.now(part).tags] == [(SECOND, TagStanding.LIVE)]


def test_a_part_stays_while_the_deletion_of_its_item_is_on_its_way(leaving: Leaving) -> None:
    part = leaving.decides(part=2)
    leaving.decides()
    leaving.settles(None)
    leaving.cancels(part)
    assert leaving.deliveries() == ["leased"], "the item still leaves"


def test_an_order_of_an_earlier_version_ends_when_it_is_discarded(leaving: Leaving) -> None:
    leaving.orders_deletion()
    leaving.settles(DeliveryState.PARKED)
    (delivery,) = leaving.queries.outbox_page()
    leaving.desk.store.outbox.decide(delivery.id, Decision.DISCARD, "tess", "it stays")
    assert (leaving.queries.withdrawals(), leaving.item_state()) == ((), ItemState.TAGGED)


def test_an_item_that_an_order_of_an_earlier_version_deleted_is_not_deleted_again(leaving: Leaving) -> None:
    leaving.orders_deletion()
    leaving.settles(DeliveryState.DELIVERED)
    ident = leaving.decides()
    assert leaving.deliveries() == ["delivered"]
    assert (leaving.step(ident), leaving.now(ident).reason) == (NextStep.STRIP, "weeded")
    assert len(leaving.desk.events(ev.Withdrawn)) == 1


def test_a_right_is_lent_once_for_a_cart(leaving: Leaving) -> None:
    opens = ev.WithdrawalCartOpened(name="Attic", reason="damaged", destination="surplus", operator="tom")
    with pytest.raises(NotAllowed):
        leaving.order(opens)
    cart = cart_id(leaving.order(msgspec.structs.replace(opens, authorised="tess")))
    with raises_told(DepartureRefused, "open cart"):
        leaving.order(msgspec.structs.replace(opens, authorised="tess"))
    with raises_told(DepartureRefused, "Attic"):
        leaving.decides(cart=cart, operator="olaf")
    stops = (answer(Sign.RETENTION, Reply.YES),)
    with raises_told(DepartureRefused, "stop sign"):
        leaving.decides(cart=cart, operator="tom", signs=stops)
    despite = {"despite": ("retention",), "despite_reason": "a second copy stays"}
    with pytest.raises(NotAllowed):
        leaving.decides(cart=cart, operator="tom", signs=stops, **despite)
    lent = leaving.decides(cart=cart, operator="tom", authorised="tess", signs=stops, **despite)
    assert (leaving.now(lent).authorised, leaving.now(lent).despite) == ("tess", ("retention",))
    leaving.cancels(lent)

    ident = leaving.decides(cart=cart, operator="tom", reason="weeded")
    now = leaving.now(ident)
    assert (now.reason, now.destination, now.authorised) == ("damaged", "surplus", "tess"), "as the cart says"
    assert leaving.queries.open_cart("tom").count == 1  # type: ignore[union-attr]
    leaving.order(ev.WithdrawalCartClosed(cart=cart, operator="tom"))
    assert leaving.queries.open_cart("tom") is None
    leaving.cancels(ident)
    with raises_told(DepartureRefused, "closed"):
        leaving.decides(cart=cart, operator="tom")


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        ({"barcode": ""}, "barcode"),
        ({"reason": " "}, "reason"),
        ({"destination": ""}, "goes"),
        ({"part": -1}, "part"),
        ({"signs": (answer(Sign.GIFT, Reply.YES),)}, "stop sign"),
        ({"signs": (answer(Sign.GIFT, Reply.YES),), "despite": ("gift",)}, "reason"),
    ],
)
def test_a_decision_that_lacks_something_is_refused(leaving: Leaving, fields: dict[str, object], why: str) -> None:
    with raises_told(DepartureRefused, why):
        leaving.decides(**fields)
    assert leaving.deliveries() == []


def test_what_no_source_answers_stops_nothing(leaving: Leaving) -> None:
    ident = leaving.decides(signs=(answer(Sign.RETENTION, Reply.NOT_KNOWN),))
    assert leaving.state(ident, Layer.SIGNS) is ProofState.NOT_KNOWN
    with raises_told(DepartureRefused, "decided already"):
        leaving.decides()


@pytest.mark.parametrize(
    ("act", "least"),
    [
        (lambda who, _: ev.WithdrawalCartOpened(name="x", reason="r", destination="d", operator=who), Role.TECHNICIAN),
        (lambda who, of: of.decision(operator=who), Role.TECHNICIAN),
        (lambda who, of: ev.WithdrawalCanceled(withdrawal=of.first, reason="r", operator=who), Role.TECHNICIAN),
        (lambda who, of: ev.DeletionConfirmed(withdrawal=of.first, reason="r", operator=who), Role.TECHNICIAN),
        (lambda who, of: ev.OclcHoldingRemoved(withdrawal=of.first, operator=who), Role.TECHNICIAN),
        (lambda who, of: ev.WithdrawalAssigned(withdrawal=of.first, owner="tom", operator=who), Role.TECHNICIAN),
        (lambda who, _: ev.TagDestroyed(uid=FIRST, barcode=A, operator=who), Role.OPERATOR),
        (lambda who, of: ev.WithdrawalPlaced(withdrawal=of.first, place="x", operator=who), Role.TRAINEE),
    ],
)
def test_each_act_needs_its_role(leaving: Leaving, act: object, least: Role) -> None:
    """Who may not is refused before anything else; who may is at most told that it is not the time for it."""
    leaving.first = leaving.decides()  # type: ignore[attr-defined]
    may = {Role.TRAINEE: 0, Role.OPERATOR: 1, Role.TECHNICIAN: 2}
    for who, role in (("tom", Role.TRAINEE), ("olaf", Role.OPERATOR), ("tess", Role.TECHNICIAN)):
        try:
            leaving.order(act(who, leaving))  # type: ignore[operator]
            allowed = True
        except DepartureRefused:
            allowed = True
        except NotAllowed:
            allowed = False
        assert allowed is (may[role] >= may[least]), who


def test_a_withdrawal_is_assigned_to_somebody_who_works_here(leaving: Leaving) -> None:
    assigns = ev.WithdrawalAssigned(withdrawal=leaving.decides(), owner="tom", operator="tess")
    leaving.order(assigns)
    assert leaving.now(assigns.withdrawal).owner == "tom"
    leaving.order(ev.WorkerLeft(worker="olaf", reason="moved", operator="tess"))
    with pytest.raises(WorkerGone):
        leaving.order(msgspec.structs.replace(assigns, owner="olaf"))
