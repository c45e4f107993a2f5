"""Schedules of a receiving desk beside Alma: each copy is received once or stands as a difference, and every claim is true in
Alma's own log; and proof that the judge finds errors."""

from __future__ import annotations

import os
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from msgspec.structs import replace

from station.base.errors import InDoubt
from station.domain.deliveries.delivery import Confirmation
from station.store.projections import receipts as stored
from station.sync.alma import acquisitions, receipts
from station.sync.alma.receipts import Receipts
from station.sync.courier.courier import Attempt, Courier
from station.sync.courier.courier import Outcome as Ended
from tests.stories.receiving.receipt_judge import judge
from tests.stories.receiving.receipt_schedule import Desk
from tests.support.alma_process import AlmaProcess


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
    desk = Desk(seed, alma, folder, **parts)
    try:
        outcome = desk.outcome()
        stats.update(desk.stats)
        stats.update(f"copy {state}" for state in outcome.states.values())
        stats.update(row["kind"] for row in outcome.log["effects"])
        return judge(outcome)
    finally:
        desk.close()


def test_each_copy_is_received_once_or_stands_as_a_difference(alma: AlmaProcess, folder: Path) -> None:
    stats: Counter[str] = Counter()
    for seed in range(12):
        assert problems(seed, alma, folder, stats) == [], seed
    assert min(stats["copy kept"], stats["copy refused"], stats["item-create"], stats["gone"]) > 3, stats


@pytest.mark.soak
@pytest.mark.parametrize("first", range(1000, 5000, 400))
def test_thousands_of_schedules(first: int, alma: AlmaProcess, folder: Path) -> None:
    stats: Counter[str] = Counter()
    for seed in range(first, first + 400):
        assert problems(seed, alma, folder, stats) == [], seed
    print(sorted(stats.items()))


# --- the judge finds errors ---------------------------------------------------------------------------------------------


class Blind(Courier):
    """Sends again without a look-up."""

    def carry(self, attempt: Attempt) -> Ended:
        return super().carry(Attempt(attempt.delivery, False))


class Trusting(Courier):
    """Takes a lost answer for a success."""

    def finish(self, outcome: Ended) -> None:
        lost = isinstance(outcome.error, InDoubt)
        super().finish(Ended(attempt=outcome.attempt) if lost else outcome)


def without_reading(patched: pytest.MonkeyPatch) -> None:
    patched.setattr(Receipts, "_standing", lambda *_: Confirmation.LANDED)


def with_confirmation_by_hope(patched: pytest.MonkeyPatch) -> None:
    patched.setattr(Receipts, "confirm", lambda *_: Confirmation.LANDED)


def without_department(patched: pytest.MonkeyPatch) -> None:
    patched.setattr(
        acquisitions, "urlencode", lambda query: urlencode({k: v for k, v in query.items() if k[:3] != "dep"})
    )


def with_any_branch(patched: pytest.MonkeyPatch) -> None:
    chosen = receipts.chosen
    patched.setattr(receipts, "chosen", lambda line, intent: chosen(line, replace(intent, library="")))
    patched.setattr(receipts, "_of_library", lambda line, waiting, library: waiting[-1])


def without_differences(patched: pytest.MonkeyPatch) -> None:
    patched.setattr(stored, "of_refusal", lambda *_: ())


def without_difference_of_a_copy_that_is_gone(patched: pytest.MonkeyPatch) -> None:
    of_gone = stored.of_gone
    patched.setattr(stored, "of_gone", lambda *given: (of_gone(*given)[0], ()))


def without_keeping(patched: pytest.MonkeyPatch) -> None:
    patched.setattr(stored, "of_arrival", lambda *_: ())


@pytest.mark.parametrize(
    ("defect", "says"),
    [
        (without_reading, "called"),
        (with_confirmation_by_hope, "called"),
        (without_department, "was received at"),
        (with_any_branch, "received at"),
        (without_differences, "neither received nor a difference"),
        (without_difference_of_a_copy_that_is_gone, "no difference"),
        (without_keeping, "nothing keeps it"),
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


@pytest.mark.parametrize(
    ("courier", "says"), [(Blind, "received 2 times"), (Trusting, "called")], ids=["blind", "trusting"]
)
def test_a_defective_courier_is_found_out(courier: type[Courier], says: str, alma: AlmaProcess, folder: Path) -> None:
    assert found_out(says, alma, folder, courier=courier)


def found_out(says: str, alma: AlmaProcess, folder: Path, **parts: Any) -> bool:
    stats: Counter[str] = Counter()
    return any(says in problem for seed in range(200) for problem in problems(seed, alma, folder, stats, **parts))
