"""How often a failing reader is tried: a loose plug must not put the station into a busy loop."""

from __future__ import annotations

from collections.abc import Callable
from typing import cast

import pytest

from station.base.errors import PortLost, PortMissing, ReaderSilent, RemoteProtocolError
from station.bench.pad import RECONNECT_SECONDS, Pad
from station.domain.inventory import Inventory
from station.domain.ports import Reader
from tests.conftest import FakeClock

LOOKS = 240
LOOK_S = 0.25
"""Seconds between looks at the pad, as in the settings; all looks together take a minute."""


class Failing:
    """A reader whose operations end as scripted."""

    def __init__(self, greeting: Callable[[], None], looking: Callable[[], Inventory]) -> None:
        self._greeting, self._looking = greeting, looking
        self.greeted = self.looked = 0

    def reconnect(self) -> None:
        self.greeted += 1
        self._greeting()

    def inventory(self) -> Inventory:
        self.looked += 1
        return self._looking()


def fails(error: Exception) -> Callable[[], Inventory]:
    def act() -> Inventory:
        raise error

    return act


def nothing() -> None:
    """Succeed."""


def minute(reader: Failing) -> Pad:
    clock = FakeClock()
    pad = Pad(cast("Reader", reader), clock)
    for _ in range(LOOKS):
        pad.look()
        clock.pause(LOOK_S)
    return pad


def test_a_collision_counts_when_the_next_inventory_has_it_too() -> None:
    """A tag that leaves while it answers is received in part; the reader cannot distinguish that from a collision."""
    answers = iter([Inventory((), collision=True), Inventory(()), *[Inventory((), collision=True)] * 3])
    pad = Pad(cast("Reader", Failing(nothing, lambda: next(answers))), FakeClock())
    seen = []
    for _ in range(3):
        pad.look()
        seen.append(pad.inventory.collision)
    assert seen == [False, True, True]


@pytest.mark.parametrize("error", [PortLost("loose"), ReaderSilent("loose"), RemoteProtocolError("loose")])
def test_a_plug_that_slips_out_at_every_look_is_tried_once_a_look(error: Exception) -> None:
    """The port can be opened each time, and fails when it is used."""
    reader = Failing(nothing, fails(error))
    pad = minute(reader)
    assert not pad.ready
    assert reader.looked <= LOOKS and reader.greeted <= LOOKS + 1, (
        "at most one try for each look, except after the first bad answer"
    )


def test_a_port_that_is_not_there_is_tried_ever_more_seldom() -> None:
    def missing() -> None:
        raise PortMissing("gone")

    reader = Failing(missing, fails(PortMissing("gone")))
    pad = minute(reader)
    assert not pad.ready and reader.looked == 0
    # Delays of 0, 0.5 and 1 s, then of two seconds for the rest of the minute.
    assert reader.greeted <= len(RECONNECT_SECONDS) + LOOKS * LOOK_S / RECONNECT_SECONDS[-1]
    assert reader.greeted >= 25


def test_a_plug_that_is_in_again_is_used_at_the_next_try() -> None:
    out = True

    def greeting() -> None:
        if out:
            raise PortMissing("gone")

    clock = FakeClock()
    pad = Pad(cast("Reader", Failing(greeting, lambda: Inventory(()))), clock)
    for _ in range(100):
        pad.look()
        clock.pause(LOOK_S)
    assert not pad.ready
    out = False
    for _ in range(int(RECONNECT_SECONDS[-1] / LOOK_S) + 1):
        pad.look()
        clock.pause(LOOK_S)
    assert pad.ready
