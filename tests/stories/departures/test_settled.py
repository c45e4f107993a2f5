"""An item that Alma still lists as lost or lent, although a person approved its withdrawal: the technician settles its delivery,
on the real journal, courier and adapter, with the emulated Alma."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

from station.base.words import tell
from station.domain import events as ev
from station.domain.deliveries.delivery import Delivery, DeliveryState
from station.domain.deliveries.intents import Decision
from station.domain.withdrawals.proof import Layer, Proof, ProofState
from station.domain.withdrawals.pull_list import PullLine, PullList, PullStanding, pull_list_id
from station.domain.withdrawals.stop_signs import Reply, Sign, SignAnswer
from station.domain.withdrawals.withdrawal import NextStep, Piece, Withdrawal, withdrawal_id
from tests.stories.departures.withdrawal_schedule import ITEMS, TESS, Workroom
from tests.support.alma_process import AlmaProcess
from tests.support.simulated_bench import record

BARCODE: Final = next(iter(ITEMS))
PROCESSES: Final = {"LOST_LOAN": "as lost", "LOAN": "as on loan", "CLAIM_RETURNED_LOAN": "it was returned"}


class Approved:
    """One line of a pull list whose item was approved for withdrawal despite the loan, and whose deletion Alma's state
    stopped."""

    def __init__(self, room: Workroom, process: str) -> None:
        self.room = room
        for what in {"LOST_LOAN": ("loan", "lose"), "LOAN": ("loan",)}.get(process, ("loan", "claim-returned")):
            room.process.do(what, barcode=BARCODE)
        line = PullLine(line=BARCODE, barcode=BARCODE, title="Atlas")
        content = PullList(name="Cart", reason="weeded", destination="discard", lines=(line,))
        self.list = pull_list_id(
            room.journal.order(ev.PullListImported(content=content, source="cart.csv", operator=TESS))
        )
        sign = SignAnswer(sign=Sign.LOAN, reply=Reply.YES, source="alma", detail=process)
        decided = ev.WithdrawalDecided(
            barcode=BARCODE,
            reason="weeded",
            destination="discard",
            piece=Piece.LOST,
            signs=(sign,),
            despite=(Sign.LOAN.value,),
            despite_reason="a librarian approved it",
            list=self.list,
            line=BARCODE,
            system="alma",
            item=record(BARCODE),
            operator=TESS,
        )
        self.withdrawal = withdrawal_id(room.journal.order(decided))
        room.calm()

    @property
    def now(self) -> Withdrawal:
        found = self.room.queries.withdrawal(self.withdrawal)
        assert found is not None
        return found

    @property
    def system(self) -> Proof:
        proof = self.now.proof(Layer.SYSTEM)
        assert proof is not None
        return proof

    @property
    def delivery(self) -> Delivery:
        (row,) = (row for row in self.room.rows() if row.id == self.now.delivery)
        return row

    @property
    def line(self) -> PullStanding:
        (line,) = self.room.queries.pull_lines(self.list)
        return line

    @property
    def there(self) -> bool:
        """Whether Alma has the item."""
        return BARCODE in self.room.in_alma()

    def settled(self, decision: Decision) -> None:
        self.room.outbox.decide(self.delivery.id, decision, TESS, "looked")
        self.room.calm()

    def deletions(self) -> int:
        return sum(row["kind"] == "withdraw" for row in self.room.process.do("log")["effects"])


@pytest.fixture(scope="module")
def alma(tmp_path_factory: pytest.TempPathFactory) -> Iterator[AlmaProcess]:
    process = AlmaProcess(tmp_path_factory.mktemp("alma"))
    yield process
    process.close()


@pytest.fixture
def room(alma: AlmaProcess, tmp_path: Path) -> Iterator[Workroom]:
    room = Workroom(0, alma, tmp_path)
    yield room
    room.close()


@pytest.mark.parametrize("process", PROCESSES)
def test_nothing_is_overridden_by_the_decision_alone(room: Workroom, process: str) -> None:
    case = Approved(room, process)
    assert (case.now.next_step, case.delivery.state) == (NextStep.SETTLE, DeliveryState.PARKED)
    text = tell(case.system.detail)
    assert (
        case.system.state is ProofState.REFUSED and PROCESSES[process] in text and text.endswith("Nothing was deleted.")
    )
    assert case.there and not case.deletions() and case.now.may_cancel
    assert process in case.delivery.sides[0].theirs, "a technician sees Alma's own code"
    assert case.line.withdrawal == case.withdrawal


@pytest.mark.parametrize("process", PROCESSES)
def test_a_technician_who_sends_ours_deletes_the_item(room: Workroom, process: str) -> None:
    case = Approved(room, process)
    case.settled(Decision.SEND_OURS)
    assert not case.there and case.deletions() == 1
    assert (case.system.state, case.delivery.state) == (ProofState.PROVEN, DeliveryState.DELIVERED)
    assert case.now.next_step is NextStep.OCLC and not case.now.may_cancel
    assert [tag.uid for tag in room.queries.watched_tags()] == room.tags[BARCODE]
    (listed,) = room.queries.pull_lists()
    assert case.line.withdrawal == case.withdrawal and (listed.unseen, listed.on_loan) == (0, 0)


@pytest.mark.parametrize("decision", [Decision.KEEP_THEIRS, Decision.DISCARD])
def test_a_technician_who_keeps_it_may_take_the_withdrawal_back_and_the_line_is_open_again(
    room: Workroom, decision: Decision
) -> None:
    case = Approved(room, "LOST_LOAN")
    case.settled(decision)
    assert case.there and not case.deletions()
    assert (case.system.state, case.system.code) == (ProofState.OPEN, "discarded")
    assert case.now.next_step is NextStep.CONFIRM and case.now.may_cancel
    room.journal.order(ev.WithdrawalCanceled(withdrawal=case.withdrawal, reason="the reader pays", operator=TESS))
    assert case.now.canceled_at and case.now.next_step is NextStep.NOTHING
    assert not room.queries.watched_tags() and not case.line.withdrawal and case.line.outcome is None


def test_after_it_was_kept_a_person_may_confirm_what_she_deleted_in_alma(room: Workroom) -> None:
    case = Approved(room, "LOST_LOAN")
    case.settled(Decision.KEEP_THEIRS)
    room.process.do("remove", barcode=BARCODE)
    room.journal.order(ev.DeletionConfirmed(withdrawal=case.withdrawal, reason="deleted there", operator=TESS))
    assert case.system.state is ProofState.BY_HAND and case.line.withdrawal == case.withdrawal


def test_what_changed_since_it_was_shown_is_shown_again(room: Workroom) -> None:
    case = Approved(room, "LOAN")
    room.process.do("lose", barcode=BARCODE)
    case.settled(Decision.SEND_OURS)
    assert case.there and case.now.next_step is NextStep.SETTLE and "as lost" in tell(case.system.detail)
    case.settled(Decision.SEND_OURS)
    assert not case.there and case.system.state is ProofState.PROVEN


def test_a_loan_that_no_override_ends_stays_with_the_technician(room: Workroom) -> None:
    case = Approved(room, "LOAN")
    room.process.do("hard-loans", on=True)
    case.settled(Decision.SEND_OURS)
    assert case.there and case.now.next_step is NextStep.SETTLE
    assert "End the loan, request or work order in Alma." in tell(case.system.detail)
    room.process.do("return", barcode=BARCODE)
    room.outbox.retry(case.delivery.id, TESS)
    room.calm()
    assert not case.there and case.system.state is ProofState.PROVEN
