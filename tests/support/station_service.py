"""The service of a station that has a journal and people, and neither bench nor courier."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from unittest import mock

from station.base.settings import Settings
from station.domain.ports import CirculationSystem
from station.domain.snapshot import Snapshot
from station.runtime.identity.proof import Identity
from station.runtime.service import RunningBench, Service
from station.store.owner import Store
from station.sync.courier.thread import CourierThread
from tests.conftest import FakeClock


def service_of(
    settings: Settings, data: Path, store: Store, systems: Mapping[str, CirculationSystem] | None = None
) -> Service:
    identity = Identity(settings, data, lambda: store.queries, FakeClock())
    courier = mock.create_autospec(CourierThread, instance=True)
    return Service(settings, data, store, identity, systems or {}, RunningBench(Snapshot()), courier)
