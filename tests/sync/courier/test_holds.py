"""The wait that a throttling system requested survives kill -9, a wall clock that jumps, a damaged file."""

from __future__ import annotations

import logging
import time
from pathlib import Path

import pytest

from station.base.clock import SystemClock
from station.base.errors import CredentialsRefused, StationError, Throttled, Unreachable
from station.base.settings import Settings
from station.base.words import Session
from station.domain.events import StationStarted
from station.runtime.data_directory import JOURNAL
from station.runtime.station import Station
from station.store.owner import open_store
from station.sync.courier.courier import Courier
from station.sync.courier.holds import HOLDS, LONGEST_S, KeptHolds
from tests.conftest import FakeClock
from tests.support import sample_events
from tests.support.patience import PATIENCE_S
from tests.support.told import told
from tests.sync.courier.test_courier import Longest, run
from tests.sync.fakes import MemoryOutbox, ScriptedSystem, delivery


def started(data: Path, clock: FakeClock, outbox: MemoryOutbox, system: ScriptedSystem, boot: str = "b") -> Courier:
    """Start the station (again). Only the files of the previous one remain."""
    outbox.recover()
    return Courier(outbox, {system.name: system}, clock, Longest(), KeptHolds(data / HOLDS, clock, boot))


def test_a_station_that_was_killed_still_keeps_away_as_long_as_it_was_asked(tmp_path: Path, clock: FakeClock) -> None:
    outbox = MemoryOutbox(*(delivery(n, lane=str(n)) for n in range(3)))
    system = ScriptedSystem(script=[Throttled("t", retry_after=600.0)])
    run(started(tmp_path, clock, outbox, system), clock, 100)
    for _ in range(5):
        courier = started(tmp_path, clock, outbox, system)
        run(courier, clock, 90)
        assert told(courier.status().systems[0].sentence) == told(Throttled().sentence)
    assert system.calls == 1
    run(courier, clock, 60)
    assert outbox.states() == ["delivered"] * 3
    assert system.calls == 4
    again = started(tmp_path, clock, outbox, system)
    outbox.add(delivery(9, lane="9"))
    run(again, clock, 1)
    assert system.calls == 5, "an expired hold must not delay a delivery"


@pytest.mark.parametrize("error", [Unreachable("x"), CredentialsRefused("x")])
def test_what_it_did_not_ask_for_is_tried_at_once(tmp_path: Path, clock: FakeClock, error: StationError) -> None:
    """The cause may have been repaired before the start: a cable, a key."""
    outbox = MemoryOutbox(delivery(1))
    system = ScriptedSystem(script=[error])
    run(started(tmp_path, clock, outbox, system), clock, 0.5)
    run(started(tmp_path, clock, outbox, system), clock, 0.5)
    assert outbox.states() == ["delivered"]


def test_staff_who_say_that_it_is_over_are_believed_by_the_next_station_too(tmp_path: Path, clock: FakeClock) -> None:
    outbox = MemoryOutbox(delivery(1))
    system = ScriptedSystem(script=[Throttled("t", retry_after=600.0)])
    courier = started(tmp_path, clock, outbox, system)
    courier.step()
    courier.retry_now()
    outbox.rows.clear()
    courier.step()
    outbox.add(delivery(2))
    run(started(tmp_path, clock, outbox, system), clock, 1)
    assert outbox.states() == ["delivered"]


@pytest.mark.parametrize(
    ("text", "waits"),
    [
        ('{"boot": "b", "until": {"alma": 1060.0}}', 60.0),
        ('{"boot": "b", "until": {"alma": 9e300}}', LONGEST_S),
        ('{"boot": "b", "until": {"alma": 5.0}}', 0.0),
        ('{"boot": "b", "until": {"alma": -1e999}}', 0.0),
        ('{"boot": "b", "until": {"file": 1060.0}}', 0.0),
        ('{"boot": "another", "until": {"alma": 1060.0}}', 0.0),
        ('{"boot": "b", "until": {"alma": "soon"}}', 0.0),
        ('{"boot": "b"}', 0.0),
        ("[" * 100_000, 0.0),
        ("\udcff", 0.0),
        ("", 0.0),
    ],
)
def test_whatever_stands_in_the_file(tmp_path: Path, clock: FakeClock, text: str, waits: float) -> None:
    (tmp_path / HOLDS).write_bytes(text.encode("utf-8", "surrogateescape"))
    outbox = MemoryOutbox(delivery(1))
    system = ScriptedSystem()
    courier = started(tmp_path, clock, outbox, system)
    if waits:
        run(courier, clock, waits - 0.1)
        assert system.calls == 0
    run(courier, clock, 0.2)
    assert outbox.states() == ["delivered"]


def test_a_disk_that_takes_nothing_stops_nobody(
    tmp_path: Path, clock: FakeClock, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING)
    (tmp_path / (HOLDS + ".new")).mkdir()
    outbox = MemoryOutbox(delivery(1))
    courier = started(tmp_path, clock, outbox, ScriptedSystem(script=[Throttled("t", retry_after=60.0)]))
    run(courier, clock, 61)
    assert outbox.states() == ["delivered"]
    assert "Is a directory" in caplog.text


def test_each_start_of_the_machine_has_a_name_here() -> None:
    """Without it no hold would be kept."""
    from station.sync.courier.shared_quota import this_boot

    assert len(this_boot()) == 36
    assert this_boot() == this_boot()


def test_the_station_itself_keeps_it(tmp_path: Path) -> None:
    store = open_store(tmp_path / JOURNAL, SystemClock())
    store.journal.record(StationStarted(version="0", station="s"), deliveries=[sample_events.delivery("alma", "1")])
    try:
        for first in (True, False):
            system = ScriptedSystem(script=[Throttled("t", retry_after=600.0)] * 9)
            station = Station(Settings(), tmp_path, Session())
            station._store, station._systems = store, {"alma": system}
            station._start_courier()
            courier = station._courier
            assert courier is not None
            while told(Throttled().sentence) not in told(station._courier_status.note):
                assert courier._thread.is_alive()
                time.sleep(0.01)
            assert courier.stop(PATIENCE_S)
            assert system.calls == first
            assert (tmp_path / HOLDS).is_file()
            station._store = None
    finally:
        store.close()
