"""The contract of every adapter with the courier (`ports.DeliverySystem`), one suite for all; rows in
`rigs.RIGS`."""

from __future__ import annotations

import threading
import traceback

import msgspec
import pytest

from station.base.errors import BarcodeUnknown, InDoubt, Rejected, StationError, StoreLocked, SyncError, Unreachable
from station.base.words import tell
from station.domain.deliveries.delivery import CheckOutcome, Confirmation, Delivery, Receipt
from station.domain.deliveries.intents import KINDS, NoteIntent, ResultIntent
from station.domain.item import Barcode
from station.domain.ports import CirculationSystem
from station.domain.verdict import Verdict
from tests.sync.system_rigs import (
    ANSWERING,
    EACH,
    ITEMS,
    KNOWING,
    LOOKING_UP,
    PAIRS,
    TELLING_FAILS,
    UNKNOWN,
    Rig,
    Witness,
    delivery_of,
    intent_for,
    rig,
    taking,
)

__all__ = ["rig"]


each = pytest.mark.parametrize("rig", EACH, indirect=True)
each_kind = pytest.mark.parametrize(("rig", "which"), PAIRS, indirect=["rig"])
where_answers_are_lost = pytest.mark.parametrize(("rig", "which"), ANSWERING, indirect=["rig"])


def made(rig: Rig, which: str, number: int = 1, barcode: str = ITEMS[0], uid: str = "E004015012345678") -> Delivery:
    return delivery_of(number, intent_for(rig, which, barcode, uid), rig.system.name)


def told(delivery: Delivery, witness: Witness) -> Delivery:
    """Return the delivery as the outbox has it after a sending."""
    return msgspec.structs.replace(delivery, sent=True, witness=witness.told[-1] if witness.told else "")


@each
def test_it_says_what_it_can(rig: Rig) -> None:
    assert rig.system.name
    assert rig.system.side_by_side >= 1
    assert rig.system.kinds
    assert rig.system.kinds <= KINDS


@each_kind
def test_one_delivery_is_one_effect_and_is_told_before_it(rig: Rig, which: str) -> None:
    witness = Witness(rig)
    receipt = rig.system.deliver(made(rig, which), witness)
    assert isinstance(receipt, Receipt)
    assert not receipt.unchanged
    assert rig.effects() == 1
    assert witness.effects_before
    assert witness.effects_before[0] == 0, "the witness must come before any effect"


@each_kind
def test_confirm_knows_before_and_after_or_says_that_it_cannot(rig: Rig, which: str) -> None:
    delivery, witness = made(rig, which), Witness(rig)
    assert rig.system.confirm(told(delivery, witness)) in (Confirmation.NOT_LANDED, Confirmation.CANNOT_TELL)
    assert rig.effects() == 0, "it must send nothing"
    rig.system.deliver(delivery, witness)
    assert rig.system.confirm(told(delivery, witness)) in (Confirmation.LANDED, Confirmation.CANNOT_TELL)
    assert rig.effects() == 1


@each_kind
def test_what_can_be_read_back_is_not_done_twice(rig: Rig, which: str) -> None:
    delivery, witness = made(rig, which), Witness(rig)
    rig.system.deliver(delivery, witness)
    if which == "scan-in" and rig.needs_known_items:
        return  # an item that is already there can be scanned in again: the courier never delivers twice
    told_before = len(witness.told)
    try:
        assert rig.system.deliver(delivery, witness).unchanged
    except Rejected:
        assert which == "withdraw", "there is nothing left to withdraw"
    assert rig.effects() == 1
    assert len(witness.told) == told_before, "no sending may be announced"


@where_answers_are_lost
def test_a_lost_answer_is_doubt_and_looking_does_not_deny_it(rig: Rig, which: str) -> None:
    delivery, witness = made(rig, which), Witness(rig)
    rig.lose_answer()
    with pytest.raises(InDoubt):
        rig.system.deliver(delivery, witness)
    assert rig.effects() == 1
    assert witness.effects_before == [0]
    assert rig.system.confirm(told(delivery, witness)) is not Confirmation.NOT_LANDED
    assert rig.effects() == 1


@where_answers_are_lost
def test_a_lost_request_is_doubt_and_looking_does_not_affirm_it(rig: Rig, which: str) -> None:
    delivery, witness = made(rig, which), Witness(rig)
    rig.lose_request()
    with pytest.raises((InDoubt, Unreachable)):
        rig.system.deliver(delivery, witness)
    assert rig.effects() == 0
    assert rig.system.confirm(told(delivery, witness)) is not Confirmation.LANDED


@each_kind
def test_down_means_unreachable_and_nothing_told(rig: Rig, which: str) -> None:
    delivery, witness = made(rig, which), Witness(rig)
    rig.down()
    try:
        with pytest.raises(Unreachable):
            rig.system.deliver(delivery, witness)
        with pytest.raises(Unreachable):
            rig.system.confirm(told(delivery, witness))
        assert CheckOutcome.BAD in {check.outcome for check in rig.system.check()}
    finally:
        rig.up()
    assert rig.effects() == 0
    rig.system.deliver(delivery, witness)
    assert rig.effects() == 1


@each_kind
def test_nothing_is_sent_that_could_not_be_written_down(rig: Rig, which: str) -> None:
    def full(_: str) -> None:
        raise StoreLocked("busy")

    with pytest.raises(StoreLocked):
        rig.system.deliver(made(rig, which), full)
    assert rig.effects() == 0
    rig.system.deliver(made(rig, which))
    assert rig.effects() == 1


@each
def test_a_kind_that_it_does_not_take_is_rejected(rig: Rig) -> None:
    for which in sorted(KINDS - rig.system.kinds):
        witness = Witness(rig)
        with pytest.raises(Rejected):
            rig.system.deliver(made(rig, which), witness)
        assert witness.told == []
    assert rig.effects() == 0


@pytest.mark.parametrize(("rig", "which"), KNOWING, indirect=["rig"])
def test_an_unknown_item_is_rejected_and_nothing_sent(rig: Rig, which: str) -> None:
    witness = Witness(rig)
    with pytest.raises(Rejected):
        rig.system.deliver(made(rig, which, barcode=UNKNOWN), witness)
    assert rig.effects() == 0
    if isinstance(rig.system, CirculationSystem):
        with pytest.raises(BarcodeUnknown):
            rig.system.look_up(Barcode(UNKNOWN))


@pytest.mark.parametrize("rig", LOOKING_UP, indirect=True)
def test_a_look_up_says_what_the_world_has_and_changes_nothing(rig: Rig) -> None:
    assert isinstance(rig.system, CirculationSystem)
    record = rig.system.look_up(Barcode(ITEMS[0]))
    assert record.barcode == ITEMS[0]
    assert {name: getattr(record, name) for name in rig.world_says} == rig.world_says
    assert rig.effects() == 0


@pytest.mark.parametrize("rig", LOOKING_UP, indirect=True)
def test_a_look_up_in_trouble_is_a_sync_error_or_the_right_item(rig: Rig) -> None:
    said = []
    assert isinstance(rig.system, CirculationSystem)
    for number, strike in enumerate(rig.faults()):
        strike()
        barcode = Barcode(ITEMS[number % len(ITEMS)])
        try:
            record = rig.system.look_up(barcode)
        except SyncError as error:
            said.append(tell(error.coded_detail) + error.body)
        else:
            assert (record.barcode, record.title) == (barcode, rig.world_says["title"])
        rig.calm()
    assert rig.effects() == 0
    assert not any(secret in words for words in said for secret in rig.secrets)


@pytest.mark.parametrize("rig", TELLING_FAILS, indirect=True)
def test_a_b_a_is_three(rig: Rig) -> None:
    for number, verdict in enumerate((Verdict.PASS, Verdict.FAIL, Verdict.PASS), 1):
        intent = ResultIntent(barcode=ITEMS[0], uid="E004015012345678", part=1, parts=1, verdict=verdict)
        assert not rig.system.deliver(delivery_of(number, intent, rig.system.name)).unchanged
    assert rig.effects() == 3


@each
def test_different_items_at_once(rig: Rig) -> None:
    which = sorted(rig.system.kinds)[0] if "result" not in rig.system.kinds else "result"
    failures: list[BaseException] = []
    rows = [made(rig, which, n, barcode) for n, barcode in enumerate(ITEMS[: 2 * rig.system.side_by_side + 1], 1)]
    lock = threading.Lock()

    def work() -> None:
        while True:
            with lock:
                if not rows:
                    return
                row = rows.pop()
            try:
                rig.system.deliver(row)
            except BaseException as error:
                failures.append(error)

    count = len(rows)
    threads = [threading.Thread(target=work) for _ in range(rig.system.side_by_side)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert rig.effects() == count


@each
def test_check_is_good_and_changes_nothing(rig: Rig) -> None:
    checks = rig.system.check()
    assert checks
    assert CheckOutcome.BAD not in {check.outcome for check in checks}, checks
    assert rig.effects() == 0


@each_kind
def test_whatever_goes_wrong_is_a_sync_error_without_secrets(rig: Rig, which: str) -> None:
    """An effect that took place is not denied, and an effect that did not is not confirmed."""
    for number, strike in enumerate(rig.faults(), 1):
        rig_before = rig.effects()
        strike()
        delivery, witness = made(rig, which, 100 + number, ITEMS[number % len(ITEMS)]), Witness(rig)
        error: StationError | None = None
        try:
            rig.system.deliver(delivery, witness)
        except SyncError as raised:
            error = raised
            text = "".join(traceback.format_exception(raised)) + raised.body
            assert not any(secret in text for secret in rig.secrets)
        for check in rig.system.check():
            assert not any(secret in str(check) for secret in rig.secrets)
        happened = rig.effects() - rig_before
        assert happened in (0, 1)
        if happened and error is not None:
            assert isinstance(error, InDoubt) or not witness.told, f"{error!r} denies what took effect"
        if error is None:
            assert happened == 1
        rig.calm()


HOSTILE = ["\x1b[2J\x00\x07", "‮⁦\u200b", "a | b RFID [x] pass", "=cmd()|' /C calc'!A0", "</note>&\"'", "é" * 300, ""]


@pytest.mark.parametrize("rig", taking("note"), indirect=True)
def test_hostile_texts_do_no_harm(rig: Rig) -> None:
    """They are delivered, cleaned or refused; no other error is raised, and the next delivery works."""
    said = []
    for number, text in enumerate(HOSTILE, 1):
        try:
            rig.system.deliver(delivery_of(number, NoteIntent(barcode=ITEMS[1], text=text), rig.system.name))
        except SyncError as error:
            said.append(tell(error.coded_detail))
    assert not any("\x1b" in words for words in said)
    assert not rig.system.deliver(made(rig, "note", 99, ITEMS[2])).unchanged
