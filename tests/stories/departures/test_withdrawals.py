"""Schedules of withdrawals beside Alma: no item ends half withdrawn without being listed, and every proof is true in Alma's
own log and in the tag's memory; and proof that the judge finds errors."""

from __future__ import annotations

import os
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

import msgspec
import pytest

from station.base.errors import InDoubt, StationError, TagError
from station.bench.item import tag_change
from station.bench.workflows.withdraw.rules import NEXT, Trigger
from station.bench.workflows.withdraw.strip import Strip
from station.domain import events as ev
from station.domain.deliveries.delivery import Confirmation
from station.domain.tag_image import TagImage, Uid
from station.domain.withdrawals import proofs
from station.domain.withdrawals.withdrawal import NextStep, Piece, Withdrawal, withdrawal_id
from station.store.projections import withdrawal_steps, withdrawals
from station.sync.alma.client import AlmaClient
from station.sync.alma.moves import Withdrawals
from station.sync.courier.courier import Courier
from station.sync.courier.courier import Outcome as Ended
from tests.stories.departures.withdrawal_judge import judge
from tests.stories.departures.withdrawal_schedule import ITEMS, TESS, Workroom
from tests.support.alma_process import AlmaProcess
from tests.support.simulated_bench import record

SEEN: Final = (
    *("withdraw", "tag-erased", "tag-write-interrupted", "other tag", "loan between", "taken back", "step settle"),
    *("died at the bench", "ordered WithdrawIntent"),
)
"""What happens in the schedules of `make test`."""
TRIES: Final = 40
"""Schedules in which a defect is found."""


@pytest.fixture(scope="module")
def alma(tmp_path_factory: pytest.TempPathFactory) -> Iterator[AlmaProcess]:
    process = AlmaProcess(tmp_path_factory.mktemp("alma"))
    yield process
    process.close()


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """A folder in memory if possible, because the test is about order, not about the disk."""
    memory = Path("/dev/shm")
    if not os.access(memory, os.W_OK):
        yield tmp_path
        return
    with tempfile.TemporaryDirectory(dir=memory) as name:
        yield Path(name)


def problems(seed: int, alma: AlmaProcess, folder: Path, stats: Counter[str], **parts: Any) -> list[str]:
    room = Workroom(seed, alma, folder, **parts)
    try:
        outcome = room.run()
        wrong = judge(outcome)
        if wrong:
            return wrong
        stats.update(f"step {each.next_step}" for each in outcome.withdrawals.values())
        stats.update(row["kind"] for row in outcome.log["effects"])
        stats.update(event["kind"] for event in outcome.facts.journal.of("tag-erased", "tag-write-interrupted"))
        last = room.finished()
        stats.update(room.stats)
        left = [each for each in last.withdrawals.values() if each.id in last.listed]
        wrong += [f"{each.id} of {each.barcode} is never finished: {each.next_step}" for each in left]
        return wrong + judge(last)
    except StationError as error:
        return [f"it stopped: {error.code}"]
    finally:
        room.close()


def test_no_item_ends_half_withdrawn_unlisted_and_every_proof_is_true(alma: AlmaProcess, folder: Path) -> None:
    stats: Counter[str] = Counter()
    for seed in range(12):
        assert problems(seed, alma, folder, stats) == [], seed
    assert min(stats[name] for name in SEEN) > 0, stats


def test_a_lost_part_stays_watched_when_the_set_is_taken_back(alma: AlmaProcess, folder: Path) -> None:
    room = Workroom(0, alma, folder)
    try:
        set_of_two = next(barcode for barcode, parts in ITEMS.items() if parts == 2)
        choice: dict[str, Any] = {
            "barcode": set_of_two,
            "reason": "weeded",
            "destination": "discard",
            "item": record(set_of_two),
        }
        room.journal.order(ev.WithdrawalDecided(**choice, part=1, piece=Piece.MISSING, operator=TESS))
        seq = room.journal.order(ev.WithdrawalDecided(**choice, piece=Piece.LOST, operator=TESS))
        room.journal.order(ev.WithdrawalCanceled(withdrawal=withdrawal_id(seq), reason="found", operator=TESS))
        assert [tag.uid for tag in room.queries.watched_tags()] == room.tags[set_of_two][:1]
    finally:
        room.close()


@pytest.mark.soak
@pytest.mark.parametrize("first", range(1000, 5000, 400))
def test_thousands_of_schedules(first: int, alma: AlmaProcess, folder: Path) -> None:
    stats: Counter[str] = Counter()
    for seed in range(first, first + 400):
        assert problems(seed, alma, folder, stats) == [], seed
    print(sorted(stats.items()))


# --- the judge finds errors ---------------------------------------------------------------------------------------------


class Trusting(Courier):
    """Takes a lost answer for a success."""

    def finish(self, outcome: Ended) -> None:
        lost = isinstance(outcome.error, InDoubt)
        super().finish(Ended(attempt=outcome.attempt) if lost else outcome)


def with_confirmation_by_hope(patched: pytest.MonkeyPatch) -> None:
    patched.setattr(Withdrawals, "confirm", lambda *_: Confirmation.LANDED)


def with_every_override(patched: pytest.MonkeyPatch) -> None:
    patched.setattr(Withdrawals, "_refuse", lambda *_: None)
    withdraw = AlmaClient.withdraw
    patched.setattr(AlmaClient, "withdraw", lambda *args, **_: withdraw(*args, override=True))


def with_taking_back_of_what_was_sent(patched: pytest.MonkeyPatch) -> None:
    canceled = withdrawal_steps._canceled

    def unchecked(sql: Any, event: Any) -> Any:
        try:
            return canceled(sql, event)
        except Exception:
            now = withdrawals.withdrawal(sql, event.withdrawal)
            if now is None or now.canceled_at or now.delivery_state != "delivered":
                raise
            return msgspec.structs.replace(event, title="x")

    patched.setattr(withdrawal_steps, "_canceled", unchecked)


def with_tags_gone_before_the_deletion(patched: pytest.MonkeyPatch) -> None:
    patched.setattr(withdrawal_steps, "_require_deleted", lambda _: None)


def with_erasure_before_the_confirmation(patched: pytest.MonkeyPatch) -> None:
    patched.setitem(NEXT, NextStep.WAIT, Trigger.DELETED)
    patched.setattr(withdrawal_steps, "require_erasable", lambda *_: None)  # the journal refuses it, too


def with_any_tag(patched: pytest.MonkeyPatch) -> None:
    erase = Strip._erase

    def any_tag(strip: Strip, withdrawal: Withdrawal, barcode: str, uid: Uid) -> bool:
        patched.setattr(Strip, "_carries", lambda *_: (barcode, withdrawal.part or 1))
        return erase(strip, withdrawal, barcode, uid)

    patched.setattr(Strip, "_erase", any_tag)


def without_reading_back(patched: pytest.MonkeyPatch) -> None:
    write = tag_change._written

    def trusting(change: tag_change.TagChange, *more: Any) -> TagImage:
        try:
            return write(change, *more)
        except TagError:
            return change.plan.new

    patched.setattr(tag_change, "_written", trusting)


def without_the_lane(patched: pytest.MonkeyPatch) -> None:
    patched.setattr(withdrawal_steps, "lane", lambda intent: f"deletion of {intent.barcode}")


def without_watching(patched: pytest.MonkeyPatch) -> None:
    patched.setattr(withdrawals, "_watch", lambda *_: None)


def without_the_refused(patched: pytest.MonkeyPatch) -> None:
    step = proofs.next_step
    hidden = {NextStep.SETTLE: NextStep.NOTHING}
    patched.setattr(withdrawals, "next_step", lambda facts: hidden.get(step(facts), step(facts)))


def without_the_end(patched: pytest.MonkeyPatch) -> None:
    patched.setattr(withdrawal_steps, "of_delivery", lambda *_: ())


@pytest.mark.parametrize(
    ("defect", "says"),
    [
        (with_confirmation_by_hope, "Alma has the item"),
        (with_every_override, "overridden unseen"),
        (with_taking_back_of_what_was_sent, "without a decision that stands"),
        (with_tags_gone_before_the_deletion, "was gone before the deletion"),
        (with_erasure_before_the_confirmation, "was changed before the deletion"),
        (with_any_tag, "is of another item"),
        (without_reading_back, "was erased, it says, and holds"),
        (without_the_lane, "it stopped: departure-refused"),
        (without_watching, "a tag is not watched"),
        (without_the_refused, "not listed, and not finished"),
        (without_the_end, "0 times that it left"),
    ],
    ids=lambda value: getattr(value, "__name__", None),
)
def test_a_defect_is_found_out(
    defect: Callable[[pytest.MonkeyPatch], None],
    says: str,
    alma: AlmaProcess,
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    defect(monkeypatch)
    assert found_out(says, alma, folder)


def test_a_courier_that_trusts_is_found_out(alma: AlmaProcess, folder: Path) -> None:
    assert found_out("Alma has the item", alma, folder, courier=Trusting)


def found_out(says: str, alma: AlmaProcess, folder: Path, **parts: Any) -> bool:
    stats: Counter[str] = Counter()
    return any(says in problem for seed in range(TRIES) for problem in problems(seed, alma, folder, stats, **parts))
