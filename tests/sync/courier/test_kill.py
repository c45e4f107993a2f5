"""kill -9 at each step of the courier, in a separate process; the checker of histories examines the result."""

from __future__ import annotations

import signal
from pathlib import Path

import pytest

from station.base.clock import SystemClock
from station.domain.deliveries.delivery import NewDelivery
from station.domain.deliveries.intents import Intent, NoteIntent, ResultIntent, ScanInIntent
from station.domain.events import StationStarted
from station.domain.verdict import Verdict
from station.store.owner import open_store
from tests.support import forked
from tests.support.alma_process import AlmaProcess, fictitious
from tests.support.patience import PATIENCE_S
from tests.sync.courier.history_checker import Asked, judge
from tests.sync.courier.simulation import told

ITEM = "31234000000015"
INTENTS: tuple[Intent, ...] = (
    ResultIntent(barcode=ITEM, uid="E004015000000001", part=1, parts=1, verdict=Verdict.PASS),
    ScanInIntent(barcode=ITEM, library="MAIN", department="TECHSERV"),
    NoteIntent(barcode=ITEM, text="seen"),
)
"""The scan-in has no visible effect, so it can never be looked up."""
STEPS = 22
"""Minimum number of steps, checked by a test."""


def child(journal: Path, alma: AlmaProcess, die_at: int) -> tuple[int, int]:
    """Run the courier. Return its exit code, and the number of its steps if it lived."""
    done = forked.run(journal, alma.base_url, die_at, module="tests.sync.courier.courier_process", timeout=PATIENCE_S)
    return done.returncode, int(done.stdout or 0)


def killed_at(step: int, alma: AlmaProcess, journal: Path) -> list[Asked] | None:
    """Fill a journal, kill the courier before this step, and let the next one finish. Return the end of each intent, or
    None if the courier lived to its end because it has fewer steps."""
    alma.reset({ITEM: fictitious(ITEM)})
    store = open_store(journal, SystemClock())
    try:
        store.journal.record(
            StationStarted(version="0", station="kill"),
            deliveries=[NewDelivery("alma", ITEM, intent) for intent in INTENTS],
        )
    finally:
        store.close()
    if step:
        code, _ = child(journal, alma, step)
        if code == 0:
            return None
        assert code == -signal.SIGKILL
    assert child(journal, alma, 0)[0] == 0
    store = open_store(journal, SystemClock())
    try:
        assert store.queries.verify().ok
        rows = sorted(store.queries.outbox_page(), key=lambda row: row.place)
    finally:
        store.close()
    ends = {"delivered": "done", "parked": "parked"}
    return [Asked(row.lane, told(row.intent), ends.get(row.state.value, row.state.value), row.reason) for row in rows]


def check(step: int, alma: AlmaProcess, journal: Path) -> None:
    asked = killed_at(step, alma, journal)
    assert asked is not None
    assert judge(asked, alma.do("log")) == []
    assert [one.what for one in asked] == [told(intent) for intent in INTENTS], "no intent may be lost"
    assert {one.ended for one in asked} <= {"done", "parked"}
    assert [one.what[0] for one in asked if one.ended == "parked"] in ([], ["scan-in"]), (
        "only an intent without a visible effect may be parked"
    )


@pytest.mark.parametrize("step", [*range(2, STEPS, 4)])
def test_killed_at_some_steps(step: int, alma: AlmaProcess, tmp_path: Path) -> None:
    check(step, alma, tmp_path / "journal.db")


def test_nobody_killed(alma: AlmaProcess, tmp_path: Path) -> None:
    asked = killed_at(0, alma, tmp_path / "journal.db")
    assert asked is not None
    assert [one.ended for one in asked] == ["done"] * 3
    assert judge(asked, alma.do("log")) == []


@pytest.mark.soak
def test_killed_at_every_step(alma: AlmaProcess, tmp_path: Path) -> None:
    parked = 0
    for step in range(1, 200):
        asked = killed_at(step, alma, tmp_path / f"{step}.db")
        if asked is None:
            assert step > STEPS
            break
        assert judge(asked, alma.do("log")) == [], step
        parked += sum(one.ended == "parked" for one in asked)
    assert 1 <= parked <= 3, "only the scan-in may be parked, between its witness and its end"
