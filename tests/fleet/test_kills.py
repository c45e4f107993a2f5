"""kill -9 of the center's processes: no event is lost, doubled or wrong, and the benches go on."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.fleet.conftest import ServedCenter
from tests.fleet.killed_center import KilledCenter
from tests.support.postgres import PostgresServer

KILLS = ("kill_server", "kill_serve", "kill_projector", "stop_serve")


@pytest.fixture
def killed(postgres_server: PostgresServer, center: ServedCenter, tmp_path: Path) -> Iterator[KilledCenter]:
    made = KilledCenter(postgres_server, center, tmp_path, 1)
    made.start()
    yield made
    made.stop()


def test_the_center_is_killed_in_every_process_and_has_all_events_once(killed: KilledCenter) -> None:
    for kill in KILLS:
        killed.kill_often(getattr(killed, kill), 1)
    killed.stop()
    assert killed.check() > 0


@pytest.mark.soak
@pytest.mark.parametrize("kill", KILLS)
def test_fifty_kills_of_a_process_of_the_center(killed: KilledCenter, kill: str) -> None:
    killed.kill_often(getattr(killed, kill), 50)
    killed.stop()
    print(f"\n{kill}: 50 points, {killed.check()} events; lost 0, doubled 0, wrong 0")
