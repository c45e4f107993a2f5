"""An item on its way out at the bench, on the real journal and outbox: each layer has its proof, and no tag is erased before
the library system has deleted the item."""

from __future__ import annotations

from typing import Any

import pytest

from station.base.errors import DepartureRefused
from station.bench.item.tag_writer import TagReading, TagWriter
from station.domain import events as ev
from station.domain.deliveries.delivery import DeliveryState
from station.domain.item import Barcode
from station.domain.item_state import ItemState
from station.domain.snapshot import Light, Phase, Sound
from station.domain.tag_image import Uid
from station.domain.withdrawals.proof import Layer, ProofState
from station.domain.withdrawals.pull_list import PullOutcome
from station.domain.withdrawals.stop_signs import Sign
from station.domain.withdrawals.withdrawal import NextStep, Piece, TagStanding
from station.domain.workflows import InspectView, WithdrawState, Workflow
from station.store.projections import pull_lists
from tests.bench.test_authorise import lend
from tests.bench.test_bench import encoded
from tests.support.leaving_bench import LeaveRig, operators_rig
from tests.support.packing_bench import barcode_of
from tests.support.simulated_bench import record
from tests.support.told import told

_S = WithdrawState


def test_online_it_is_one_visit_of_a_scan_and_few_taps() -> None:
    rig = LeaveRig().opened_withdraw()
    barcode = rig.item(1, price="12.00 USD")
    rig.place(rig.tags[barcode])
    rig.decided(barcode)
    assert rig.leaves.state is _S.WAIT and not rig.blank(barcode), "the library system has not answered"
    rig.look(3)
    assert not rig.blank(barcode)
    rig.answers()
    rig.look(3)
    assert rig.blank(barcode)
    assert rig.now.phase is Phase.CHECKING
    rig.finish()
    now = rig.withdrawal(barcode)
    assert [(proof.layer, proof.state) for proof in now.proofs] == [
        (Layer.DECISION, ProofState.PROVEN),
        (Layer.SIGNS, ProofState.PROVEN),
        (Layer.SYSTEM, ProofState.PROVEN),
        (Layer.OCLC, ProofState.NOT_NEEDED),
        (Layer.TAG, ProofState.PROVEN),
        (Layer.MARKS, ProofState.PROVEN),
        (Layer.PLACE, ProofState.PROVEN),
    ]
    assert now.next_step is NextStep.NOTHING and now.place == "Surplus"
    assert told(rig.now.notice.sentence) == "Put it into: Surplus."
    (gone,) = rig.of(ev.Withdrawn)
    assert (gone.barcode, gone.reason, gone.price, gone.by_hand) == (barcode, "weeded", "12.00 USD", False)


def test_a_cart_is_decided_once_and_the_journal_says_for_which() -> None:
    rig = LeaveRig().opened_withdraw()
    first, second = rig.item(1), rig.item(2)
    rig.act("cart")
    rig.act("choose", "weeded")
    rig.act("choose", "recycle")
    for barcode in (first, second):
        rig.place(rig.tags[barcode])
        rig.scan(barcode)
        rig.act("withdraw", barcode)
        rig.answers()
        rig.look(3)
        assert rig.blank(barcode)
        rig.finish()
        rig.lift()
    decided = rig.of(ev.WithdrawalDecided)
    assert len({event.cart for event in decided}) == 1 and decided[0].cart.startswith("cart-")
    assert rig.leaves.cart_count == 2
    rig.act("close-cart", rig.leaves.cart_id)
    assert rig.leaves.cart == ""


def test_an_item_of_a_pull_list_leaves_by_the_decision_of_the_list_which_counts_it() -> None:
    rig = LeaveRig().opened_withdraw()
    barcode, other = rig.item(1), rig.item(2)
    pull = rig.listed(other, barcode)
    rig.place(rig.tags[barcode])
    rig.scan(barcode)
    leaves = rig.leaves
    assert (leaves.list, leaves.reason, leaves.destination, leaves.approver) == (
        "Cooking",
        "Weeded",
        "Surplus",
        "Ida Lund",
    )
    rig.act("withdraw", barcode)
    assert rig.leaves.state is _S.WAIT, "nothing is to choose"
    (decided,) = rig.of(ev.WithdrawalDecided)
    assert (decided.list, decided.line) == (pull, barcode)
    assert (decided.reason, decided.destination, decided.approver) == ("weeded", "surplus", "Ida Lund")
    rig.answers()
    rig.look(3)
    rig.finish()
    withdrawal, line = rig.withdrawal(barcode), rig.line(pull, barcode)
    assert withdrawal.list == pull and withdrawal.next_step is NextStep.NOTHING
    assert (line.outcome, line.withdrawal) == (PullOutcome.FOUND, withdrawal.id)
    standing = pull_lists.pull_list(rig.sql, pull)
    assert standing is not None and (standing.count, standing.unseen, standing.withdrawn) == (2, 1, 1)


def test_what_the_shelf_said_of_a_line_ends_when_its_item_leaves_from_the_bench() -> None:
    rig = LeaveRig().opened_withdraw()
    barcode, lost = rig.item(1), rig.item(2)
    pull = rig.listed(barcode, lost)
    for each in (barcode, lost):
        rig.journal.order(ev.PullTicked(list=pull, line=each, outcome=PullOutcome.NOT_FOUND))
    rig.scan(barcode)
    rig.act("withdraw", barcode)
    assert rig.line(pull, barcode).outcome is PullOutcome.FOUND, "it is at hand"
    rig.act("back")
    rig.scan(lost)
    rig.act("not-here")
    rig.act("choose", "missing")
    assert rig.line(pull, lost).withdrawal == rig.withdrawal(lost).id
    assert rig.line(pull, lost).outcome is PullOutcome.NOT_FOUND


def test_a_line_is_ticked_at_the_bench_and_one_part_is_not_the_lines_item() -> None:
    rig = LeaveRig().opened_withdraw()
    wrong, disc = rig.item(1), rig.item(2, parts=2)
    pull = rig.listed(wrong, disc)
    rig.scan(wrong)
    rig.act("tick", "wrong-edition")
    assert rig.line(pull, wrong).outcome is PullOutcome.WRONG_EDITION and rig.of(ev.WithdrawalDecided) == []
    assert rig.leaves.state is _S.FREE and told(rig.now.notice.sentence) == "Noted on the pull list."
    rig.scan(disc)
    rig.act("part")
    rig.act("choose", "1")
    (decided,) = rig.of(ev.WithdrawalDecided)
    assert (decided.part, decided.reason, decided.list) == (1, "weeded", "")
    assert rig.line(pull, disc).withdrawal == "", "the item stays"


def test_a_piece_that_came_back_leaves_as_if_nobody_had_looked_and_no_tap_says_that_it_is_back() -> None:
    rig = LeaveRig().opened_withdraw()
    barcode = rig.item(1)
    pull = rig.listed(barcode)
    for outcome, source in ((PullOutcome.ON_LOAN, ""), (PullOutcome.BACK, "alma")):
        rig.journal.order(ev.PullTicked(list=pull, line=barcode, outcome=outcome, source=source))
    rig.scan(barcode)
    rig.act("tick", "back")
    assert rig.leaves.list == "Cooking" and len(rig.of(ev.PullTicked)) == 2
    rig.act("withdraw", barcode)
    line = rig.line(pull, barcode)
    assert line.outcome is PullOutcome.FOUND and line.withdrawal == rig.withdrawal(barcode).id


def test_a_closed_list_decides_nothing() -> None:
    rig = LeaveRig().opened_withdraw()
    barcode = rig.item(1)
    rig.journal.order(ev.PullListClosed(list=rig.listed(barcode)))
    rig.scan(barcode)
    assert (rig.leaves.list, rig.leaves.reason) == ("", "")
    rig.act("withdraw", barcode)
    assert rig.leaves.asks == "reason"


def test_without_an_answer_it_is_stripped_later() -> None:
    rig = LeaveRig().opened_withdraw()
    barcode, other = rig.item(1), rig.item(2)
    rig.place(rig.tags[barcode])
    rig.decided(barcode)
    sounds = rig.now.sound_number
    rig.clock.pause(6)
    rig.look(4)
    assert (rig.now.sound, rig.now.sound_number) == (Sound.WARNING, sounds + 1), "it is heard once"
    assert rig.leaves.late and told(rig.now.prompt) == "No answer yet. Put it on the shelf to strip later"
    rig.lift()
    rig.scan(other)
    assert rig.leaves.barcode == other
    rig.act("back")
    rig.answers()
    rig.look(8)
    assert rig.leaves.ready == 1 and not rig.blank(barcode)
    rig.place(rig.tags[barcode])
    rig.scan(barcode)
    rig.look(3)
    assert rig.blank(barcode) and rig.now.phase is Phase.CHECKING


def test_what_the_library_system_refuses_keeps_its_tag() -> None:
    rig = LeaveRig().opened_withdraw()
    barcode = rig.item(1)
    rig.place(rig.tags[barcode])
    rig.decided(barcode)
    rig.answers(DeliveryState.PARKED, "on loan")
    assert (rig.leaves.state, rig.now.light) == (_S.REFUSED, Light.BAD)
    rig.look(3)
    assert not rig.blank(barcode)
    rig.act("stays", "a patron has it")
    assert rig.of(ev.WithdrawalCanceled)[-1].reason == "a patron has it"
    state = rig.journal.state_of(barcode)
    assert state is not None and state.state is ItemState.PASSED


def test_the_item_is_named_before_the_tap_that_nobody_can_undo() -> None:
    rig = LeaveRig().opened_withdraw()
    barcode = rig.item(1, title="Atlas of shadows", author="Doe, Jane", call_number="G1021 .D64", description="v.2")
    rig.scan(barcode)
    assert told(rig.now.prompt) == '"Atlas of shadows": Is it this item? Then tap Withdraw'
    assert (rig.leaves.title, rig.leaves.about) == ("Atlas of shadows", "G1021 .D64 · v.2 · Doe, Jane")
    assert rig.of(ev.WithdrawalDecided) == []
    other = rig.item(2, title="", author="", call_number="")
    rig.scan(other)
    assert told(rig.now.prompt) == f'"{other}": Is it this item? Then tap Withdraw'
    assert rig.leaves.about == ""


def test_a_stop_sign_needs_a_reason() -> None:
    rig = LeaveRig().opened_withdraw()
    rig.signs.up = {Sign.RETENTION: "committed to retain"}
    barcode = rig.item(1)
    rig.scan(barcode)
    assert (rig.now.light, told(rig.now.prompt)) == (Light.BAD, "Stop: it may have to stay. Read why, then decide")
    rig.act("withdraw", barcode)
    assert rig.of(ev.WithdrawalDecided) == []
    rig.act("despite", "the commitment ended")
    rig.act("choose", "weeded")
    rig.act("choose", "surplus")
    (decided,) = rig.of(ev.WithdrawalDecided)
    assert (decided.despite, decided.despite_reason) == (("retention",), "the commitment ended")


def test_the_tag_of_another_item_is_never_erased() -> None:
    rig = LeaveRig().opened_withdraw()
    barcode, other = rig.item(1), rig.item(2)
    rig.decided(barcode)
    rig.answers()
    assert rig.leaves.state is _S.STRIP
    rig.place(rig.tags[other])
    rig.look(3)
    assert told(rig.now.notice.sentence) == 'This is the tag of "Title 2". Take it off the pad.'
    assert not rig.blank(other)
    rig.lift()
    rig.place(rig.tags[barcode])
    rig.look(3)
    assert rig.blank(barcode)


def test_a_lifted_tag_is_finished_when_it_is_back() -> None:
    rig = LeaveRig().opened_withdraw()
    barcode = rig.item(1)
    rig.decided(barcode)
    rig.answers()
    rig.world.lift_at_write = 2
    rig.place(rig.tags[barcode])
    rig.look(3)
    rig.lift()
    rig.look(2)
    rig.place(rig.tags[barcode])
    rig.look(4)
    assert rig.blank(barcode) and rig.now.phase is Phase.CHECKING


def test_each_erasure_shows_that_it_writes_and_how_far_it_is() -> None:
    rig = LeaveRig().opened_withdraw()
    barcode = rig.item(1)
    rig.decided(barcode)
    rig.answers()
    rig.world.lift_at_write = 2
    for begun in (1, 2):
        rig.shown.clear()
        rig.place(rig.tags[barcode])
        rig.look(3)
        writing = [shown for shown in rig.shown if shown.phase is Phase.WRITING]
        assert {told(shown.prompt) for shown in writing} == {"Writing the tag - do not move the item"}, begun
        assert {shown.light for shown in writing} == {Light.BUSY}
        steps = [shown.steps_done for shown in writing]
        assert steps == list(range(len(steps))) and len(steps) > 2
        assert rig.now.phase is not Phase.WRITING, "it has ended"
        rig.lift()
        rig.look(2)
    assert steps[-1] == writing[-1].steps_total
    assert rig.blank(barcode)


def test_a_reader_that_comes_back_goes_on_with_the_tag_on_the_pad() -> None:
    rig = LeaveRig().opened_withdraw()
    barcode = rig.item(1)
    rig.decided(barcode)
    rig.answers()

    def unplug() -> None:
        rig.world.plugged = False

    for command in range(3, 12):
        rig.world.at_command[rig.world.commands + command] = unplug
    rig.place(rig.tags[barcode])
    rig.look(3)
    assert rig.now.fault is not None and rig.now.fault.code == "port-missing" and not rig.blank(barcode)
    rig.world.at_command.clear()
    rig.world.plugged = True
    rig.clock.pause(3)
    rig.look(5)
    assert rig.blank(barcode) and rig.now.phase is Phase.CHECKING


def test_the_library_system_is_followed_while_the_reader_is_away() -> None:
    rig = LeaveRig().opened_withdraw()
    barcode = rig.item(1)
    rig.place(rig.tags[barcode])
    rig.decided(barcode)
    rig.world.plugged = False
    rig.look(2)
    assert rig.leaves.state is _S.WAIT and rig.now.fault is None, "the answer needs no reader"
    rig.answers()
    assert rig.leaves.state is _S.STRIP and rig.now.fault is not None and not rig.blank(barcode)
    rig.world.plugged = True
    rig.clock.pause(3)
    rig.look(5)
    assert rig.blank(barcode) and rig.now.phase is Phase.CHECKING


def test_a_tag_that_another_station_gave_to_another_item_is_not_erased() -> None:
    rig = LeaveRig().opened_withdraw()
    barcode, other = rig.item(1), rig.item(2)
    tag, new = rig.world.tags[rig.tags[barcode]], rig.world.tags[rig.tags[other]]
    tag.memory[:] = new.memory
    rig.decided(barcode)
    rig.answers()
    rig.place(tag.uid)
    rig.look(3)
    assert told(rig.now.notice.sentence) == 'This is the tag of "Title 2". Take it off the pad.'
    assert not rig.blank(barcode)


def test_the_locked_tag_on_the_pad_is_the_one_to_destroy() -> None:
    rig = LeaveRig().opened_withdraw()
    barcode = rig.item(1, parts=2)
    second = rig.world.tag(50)
    rig.journal.record(ev.TagWriteVerified(attempt="second", uid=second, barcode=barcode, part=2, parts=2))
    rig.world.tags[second].memory[:] = rig.world.tags[rig.tags[barcode]].memory
    rig.world.tags[second].locked = set(range(28))
    rig.decided(barcode)
    rig.answers()
    assert [tag.part for tag in rig.leaves.tags] == [1, 2]
    rig.place(second)
    rig.look(3)
    assert "locked" in told(rig.now.notice.sentence) and [tag.part for tag in rig.leaves.tags] == [2, 1]


def test_a_half_erased_tag_that_is_destroyed_is_no_unfinished_write() -> None:
    rig = LeaveRig().opened_withdraw()
    barcode = rig.item(1)
    rig.decided(barcode)
    rig.answers()
    rig.world.lift_at_write = 2
    rig.place(rig.tags[barcode])
    rig.look(3)
    assert rig.now.fault is not None and rig.now.unfinished
    rig.act("settle")
    rig.act("destroyed", rig.tags[barcode])
    assert not rig.now.unfinished and not rig.journal.open_attempts()


def test_a_technician_confirms_where_no_system_can() -> None:
    rig = LeaveRig(system="").opened_withdraw()
    barcode = rig.item(1)
    rig.place(rig.tags[barcode])
    rig.decided(barcode)
    assert rig.leaves.state is _S.CONFIRM
    rig.look(3)
    assert not rig.blank(barcode)
    rig.act("confirm", "deleted in Koha")
    rig.look(3)
    assert rig.blank(barcode)
    system = rig.withdrawal(barcode).proof(Layer.SYSTEM)
    assert system is not None and system.state is ProofState.BY_HAND


def test_a_lost_piece_leaves_without_its_tag_which_is_watched() -> None:
    rig = LeaveRig().opened_withdraw()
    barcode = rig.item(1)
    rig.scan(barcode)
    rig.act("not-here")
    rig.act("choose", "missing")
    rig.act("choose", "missing")
    rig.act("choose", "none")
    rig.answers()
    now = rig.withdrawal(barcode)
    assert (now.piece, now.next_step) == (Piece.MISSING, NextStep.NOTHING)
    assert [tag.standing for tag in now.tags] == [TagStanding.WATCHED]
    assert rig.of(ev.WithdrawalDecided)[0].tags[0].uid == rig.tags[barcode]


def test_no_sentence_asks_for_a_piece_that_is_not_at_hand() -> None:
    rig = LeaveRig().opened_withdraw()
    rig.scan(rig.item(1))
    rig.act("not-here")
    for key in ("lost", "lost", "none"):
        rig.act("choose", key)
    assert told(rig.now.prompt) == "Wait. The library system is asked"
    rig.clock.pause(6)
    rig.look(4)
    assert told(rig.now.prompt) == "No answer yet. Scan the next item"
    rig.answers(DeliveryState.PARKED, "conflict")
    assert told(rig.now.prompt) == "The library system refused. A technician decides about it"


def test_erase_refuses_before_the_deletion() -> None:
    rig = LeaveRig().opened_withdraw()
    barcode = rig.item(1)
    rig.decided(barcode)
    rig.enter(Workflow.ERASE)
    rig.place(rig.tags[barcode])
    rig.look(3)
    assert "has not confirmed" in told(rig.now.workflow_view.refused)  # type: ignore[union-attr]
    rig.act("want")
    assert not rig.blank(barcode)


def test_a_locked_tag_is_destroyed_and_its_number_watched() -> None:
    rig = LeaveRig().opened_withdraw()
    barcode = rig.item(1)
    uid = rig.tags[barcode]
    rig.world.tags[uid].locked = set(range(28))
    rig.decided(barcode)
    rig.answers()
    rig.place(uid)
    rig.look(3)
    assert "locked" in told(rig.now.notice.sentence) and not rig.blank(barcode)
    rig.act("destroyed", uid)
    (destroyed,) = rig.of(ev.TagDestroyed)
    assert (destroyed.uid, destroyed.withdrawal) == (uid, rig.withdrawal(barcode).id)
    assert [tag.standing for tag in rig.withdrawal(barcode).tags] == [TagStanding.DESTROYED]
    assert rig.now.phase is Phase.CHECKING


def test_inspect_says_what_a_withdrawal_waits_for_by_the_barcode_and_by_the_tag() -> None:
    rig = LeaveRig().opened_withdraw()
    barcode = rig.item(1)
    rig.decided(barcode)
    rig.answers()
    rig.enter(Workflow.INSPECT)
    view = rig.scan(barcode).workflow_view
    assert isinstance(view, InspectView)
    assert "leaves the library" in told(view.ledger[0]) and told(view.ledger[1]) == "Next: erase the tag"
    rig.place(rig.tags[barcode])
    view = rig.look(2).workflow_view
    assert isinstance(view, InspectView) and view.shown is not None
    assert told(view.shown.lines[-1]) == "Next: erase the tag"


def test_two_tags_on_the_pad_are_not_erased_together() -> None:
    rig = LeaveRig().opened_withdraw()
    barcode, other = rig.item(1), rig.item(2)
    rig.decided(barcode)
    rig.answers()
    rig.place(rig.tags[barcode])
    rig.place(rig.tags[other])
    rig.look(3)
    assert not rig.blank(barcode) and not rig.blank(other)
    sounds = rig.now.sound_number
    rig.look(3)
    assert rig.now.sound_number == sounds, "it is said once"


def test_a_set_with_a_missing_disc_leaves_and_its_tag_is_watched() -> None:
    rig = LeaveRig().opened_withdraw()
    barcode = rig.item(1, parts=2)
    second = rig.world.tag(50)
    rig.journal.record(
        ev.TagWriteVerified(attempt="second", uid=second, barcode=barcode, part=2, parts=2),
    )
    rig.decided(barcode)
    rig.answers()
    assert [tag.part for tag in rig.leaves.tags] == [1, 2]
    rig.act("missing", second)
    rig.place(rig.tags[barcode])
    rig.look(3)
    assert rig.blank(barcode)
    assert {tag.standing for tag in rig.withdrawal(barcode).tags} == {TagStanding.ERASED, TagStanding.WATCHED}
    assert rig.now.phase is Phase.CHECKING


def test_one_part_leaves_and_the_item_stays() -> None:
    rig = LeaveRig().opened_withdraw()
    barcode = rig.item(1, parts=2)
    rig.scan(barcode)
    rig.act("part")
    rig.act("choose", "1")
    rig.act("choose", "damaged")
    rig.act("choose", "recycle")
    assert rig.leaves.state is _S.STRIP and not rig.outbox.heads(), "the library system keeps the item"
    rig.place(rig.tags[barcode])
    rig.look(3)
    assert rig.blank(barcode)
    rig.finish()
    state = rig.journal.state_of(barcode)
    assert state is not None and state.state is not ItemState.WITHDRAWN
    rig.lift()
    rig.scan(barcode)
    assert rig.leaves.state is _S.DECIDE, "the rest can leave, too"


def _part_decided(rig: LeaveRig) -> Barcode:
    """Decide that part 1 of a set leaves, and return the barcode of the set."""
    barcode = rig.item(1, parts=2)
    rig.scan(barcode)
    rig.act("part")
    for key in ("1", "damaged", "recycle"):
        rig.act("choose", key)
    return barcode


def test_a_part_that_was_decided_by_mistake_is_taken_back_until_its_tag_is_written() -> None:
    rig = LeaveRig().opened_withdraw()
    barcode = _part_decided(rig)
    assert rig.leaves.state is _S.STRIP and rig.leaves.may_cancel and rig.leaves.cancels_part == 1
    rig.act("stays", "the wrong disc")
    assert rig.leaves.state is _S.FREE and rig.now.notice.code == "withdraw.part-stays"
    assert not rig.blank(barcode) and rig.of(ev.WithdrawalCanceled)
    rig.scan(barcode)
    assert rig.leaves.state is _S.DECIDE and not rig.leaves.may_cancel


def test_no_tag_is_erased_after_the_part_was_taken_back_at_the_desk() -> None:
    rig = LeaveRig().opened_withdraw()
    barcode = _part_decided(rig)
    rig.journal.order(ev.WithdrawalCanceled(withdrawal=rig.withdrawal(barcode).id, reason="the wrong disc"))
    rig.place(rig.tags[barcode])
    rig.look(3)
    assert rig.leaves.state is _S.FREE and not rig.blank(barcode) and not rig.of(ev.TagErased)


def test_no_tag_is_erased_after_the_part_was_taken_back_while_its_tag_was_read(monkeypatch: pytest.MonkeyPatch) -> None:
    rig = LeaveRig().opened_withdraw()
    barcode = _part_decided(rig)
    look = TagWriter.look

    def take_back(writer: TagWriter, uid: Uid) -> TagReading:
        if not rig.of(ev.WithdrawalCanceled):
            ident = rig.withdrawal(barcode).id
            rig.journal.order(ev.WithdrawalCanceled(withdrawal=ident, reason="the wrong disc"))
        return look(writer, uid)

    monkeypatch.setattr(TagWriter, "look", take_back)
    rig.place(rig.tags[barcode])
    rig.look(3)
    assert rig.of(ev.WithdrawalCanceled) and not any(started.purpose for started in rig.of(ev.TagWriteStarted))
    assert rig.leaves.state is _S.FREE and not rig.blank(barcode)


def test_a_withdrawal_that_was_decided_at_the_desk_meanwhile_goes_on_at_the_bench() -> None:
    rig = LeaveRig().opened_withdraw()
    barcode = rig.item(1)
    rig.scan(barcode)
    rig.journal.order(
        ev.WithdrawalDecided(
            barcode=barcode, reason="damaged", destination="recycle", system="alma", item=record(barcode)
        )
    )
    rig.act("withdraw", barcode)
    assert rig.leaves.state is _S.WAIT and rig.now.notice.code == "withdrawal.refused.decided-already"
    assert len(rig.of(ev.WithdrawalDecided)) == 1


def test_a_part_whose_tag_was_touched_cannot_be_taken_back() -> None:
    rig = LeaveRig().opened_withdraw()
    barcode = _part_decided(rig)
    rig.world.lift_at_write = 2
    rig.place(rig.tags[barcode])
    rig.look(3)
    assert not rig.leaves.may_cancel and not rig.withdrawal(barcode).may_cancel
    rig.act("stays", "the wrong disc")
    assert not rig.of(ev.WithdrawalCanceled)


def test_a_part_that_was_found_again_is_taken_back_by_a_scan_of_its_set() -> None:
    rig = LeaveRig().opened_withdraw()
    barcode = rig.item(1, parts=2)
    rig.journal.order(
        ev.WithdrawalDecided(
            barcode=barcode, part=2, reason="damaged", destination="recycle", piece=Piece.MISSING, item=record(barcode)
        )
    )
    rig.scan(barcode)
    assert rig.leaves.state is _S.DECIDE and rig.leaves.cancels_part == 2
    rig.act("stays", "it was in the next box")
    (canceled,) = rig.of(ev.WithdrawalCanceled)
    assert canceled.reason == "it was in the next box" and rig.leaves.state is _S.FREE


def test_the_whole_item_has_no_way_back_once_it_may_be_deleted() -> None:
    rig = LeaveRig().opened_withdraw()
    barcode = rig.item(1)
    rig.decided(barcode)
    assert rig.leaves.state is _S.WAIT and rig.leaves.may_cancel and not rig.leaves.cancels_part
    (head,) = rig.outbox.heads(system="alma")
    assert rig.outbox.lease(head.id) is not None
    rig.look(2)
    assert rig.leaves.state is _S.WAIT and not rig.leaves.may_cancel


@pytest.mark.parametrize("workflow", Workflow)
def test_a_watched_tag_is_named_with_its_month_in_every_workflow(workflow: Workflow) -> None:
    rig = LeaveRig().opened_withdraw()
    barcode = rig.item(1)
    rig.scan(barcode)
    rig.act("not-here")
    for key in ("lost", "lost", "none"):
        rig.act("choose", key)
    rig.answers()
    rig.enter(workflow)
    rig.look(2)
    rig.shown.clear()
    rig.place(rig.tags[barcode])
    rig.look(2)
    sentence = told(rig.now.notice.sentence)
    assert sentence == 'This item was withdrawn in September 2026: "Title 1". Bring it to a technician.'
    assert len(sentence.replace(': "Title 1"', "").split()) <= 12, "without the title"
    assert Sound.BAD in {shown.sound for shown in rig.shown}
    sounds = rig.now.sound_number
    rig.world.lift()
    rig.look()
    rig.place(rig.tags[barcode])
    assert rig.now.sound_number == sounds, "a look that missed the tag is no lift"


def test_the_right_is_lent_once_for_a_cart() -> None:
    rig = operators_rig()
    rig.act("cart")
    rig.act("choose", "weeded")
    rig.act("choose", "recycle")
    assert rig.now.sign_on_prompt is not None and rig.of(ev.WithdrawalCartOpened) == []
    lend(rig, "tess")
    (cart,) = rig.of(ev.WithdrawalCartOpened)
    assert (cart.operator, cart.authorised) == ("w-ann", "w-tess")
    for number in (1, 2):
        barcode = rig.item(number)
        rig.scan(barcode)
        rig.act("withdraw", barcode)
        assert rig.now.sign_on_prompt is None
        rig.act("back")
    assert {(event.operator, event.authorised) for event in rig.of(ev.WithdrawalDecided)} == {("w-ann", "w-tess")}
    rig.signs.up = {Sign.RETENTION: "committed to retain"}
    third = rig.item(3)
    rig.scan(third)
    rig.act("despite", "the commitment ended")
    assert len(rig.of(ev.WithdrawalDecided)) == 2, "the cart does not cover a stop sign"


def unknown_to_the_journal(rig: LeaveRig, number: int, **fields: Any) -> Barcode:
    """Put an item on the shelf whose tags another station wrote."""
    barcode = barcode_of(number)
    rig.catalog.items[barcode] = record(barcode, title=f"Title {number}", library="N1", **fields)
    return barcode


def test_a_tag_of_another_station_is_erased_before_the_checks() -> None:
    rig = LeaveRig().opened_withdraw()
    barcode = unknown_to_the_journal(rig, 1)
    uid = rig.tags[barcode] = rig.world.tag(1, **encoded(barcode))
    rig.decided(barcode)
    rig.answers()
    rig.look(3)
    assert (rig.leaves.state, rig.withdrawal(barcode).next_step) == (_S.STRIP, NextStep.STRIP)
    rig.place(uid)
    rig.look(3)
    assert rig.blank(barcode) and rig.now.phase is Phase.CHECKING
    assert [(tag.uid, tag.standing) for tag in rig.withdrawal(barcode).tags] == [(uid, TagStanding.ERASED)]


def test_a_locked_tag_of_another_station_is_destroyed_with_its_number() -> None:
    rig = LeaveRig().opened_withdraw()
    barcode = unknown_to_the_journal(rig, 1)
    uid = rig.world.tag(1, **encoded(barcode))
    rig.world.tags[uid].locked = set(range(28))
    rig.decided(barcode)
    rig.answers()
    rig.place(uid)
    rig.look(3)
    rig.act("destroyed", rig.leaves.tags[0].key)
    (destroyed,) = rig.of(ev.TagDestroyed)
    assert (destroyed.uid, destroyed.part) == (uid, 1)
    assert rig.now.phase is Phase.CHECKING


def test_of_a_set_each_part_is_erased_or_said_to_be_missing() -> None:
    rig = LeaveRig().opened_withdraw()
    barcode = unknown_to_the_journal(rig, 1, parts=3)
    first = rig.tags[barcode] = rig.world.tag(1, **encoded(barcode))
    rig.decided(barcode)
    rig.answers()
    rig.place(first)
    rig.look(3)
    assert rig.blank(barcode) and rig.leaves.state is _S.STRIP, "two parts are left"
    assert told(rig.now.prompt) == "Deleted. Put part 2 on the pad. Parts left: 2"
    assert not rig.now.notice.sentence.key, "its erased tag may lie there"
    rig.act("missing", rig.leaves.tags[0].key)
    rig.act("no-tag")
    assert [tag.standing for tag in rig.withdrawal(barcode).tags] == [
        TagStanding.ERASED,
        TagStanding.NONE,
        TagStanding.NONE,
    ]
    assert [event.how for event in rig.of(ev.TagDestroyed)] == ["part-missing", "no-tag"]
    assert rig.now.phase is Phase.CHECKING


def test_an_item_without_a_tag_needs_a_person_who_says_so() -> None:
    rig = LeaveRig().opened_withdraw()
    barcode = unknown_to_the_journal(rig, 1)
    rig.decided(barcode)
    rig.answers()
    rig.look(3)
    assert rig.leaves.state is _S.STRIP
    rig.act("no-tag")
    assert rig.now.phase is Phase.CHECKING
    proof = rig.withdrawal(barcode).proof(Layer.TAG)
    assert proof is not None and proof.state is ProofState.BY_HAND


@pytest.mark.parametrize(("owner", "erased"), [("", True), ("DE-526", False)])
def test_a_tag_that_names_no_owner_is_erased_and_that_of_another_library_is_not(owner: str, erased: bool) -> None:
    rig = LeaveRig().opened_withdraw()
    barcode = unknown_to_the_journal(rig, 1)
    made = encoded(barcode, isil=owner or "US-X")
    if not owner:  # relative OID 1 alone: precursor, length, six bytes
        made["memory"] = made["memory"][:8].ljust(112, b"\0")  # type: ignore[index]
    uid = rig.tags[barcode] = rig.world.tag(1, **made)
    rig.decided(barcode)
    rig.answers()
    rig.place(uid)
    rig.look(3)
    assert rig.blank(barcode) is erased


def test_the_tag_of_another_item_is_not_destroyed_for_a_part_without_a_known_tag() -> None:
    rig = LeaveRig().opened_withdraw()
    other, barcode = rig.item(1), unknown_to_the_journal(rig, 2)
    rig.decided(barcode)
    rig.answers()
    with pytest.raises(DepartureRefused):
        rig.journal.order(ev.TagDestroyed(uid=rig.tags[other], barcode=barcode, part=1, how="tag-cut"))
