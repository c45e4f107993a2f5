"""A reader is asked what it can do after each greeting, before the first item, and no tag on the pad is touched."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from station.base.settings import Reader
from station.domain.ports import Lack
from station.domain.tag_image import Uid
from station.drivers.reader.known import KnownReaders
from station.drivers.reader.remembered import Remembered
from station.drivers.registry import driver
from tests.conftest import FakeClock
from tests.drivers.emulator_process import Stranger, VirtualLine

SLIX = Uid("E00401500000AB01")
MODULES = {"feig": "feig", "3m": "threem"}
WRITES = {
    "feig": {Lack.WRITE: "b024", Lack.SET_AFI: "b027", Lack.SET_DSFID: "b029", Lack.LOCK: "b022"},
    "3m": {Lack.WRITE: "04", Lack.SET_AFI: "09", Lack.SET_DSFID: "0b", Lack.LOCK: "08"},
}
EXCHANGES = {"feig": 10, "3m": 11}


@pytest.fixture(scope="module")
def emulated(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Stranger]]:
    made = {name: Stranger(module, tmp_path_factory.mktemp("r")) for name, module in MODULES.items()}
    yield made
    for stranger in made.values():
        stranger.close()


def reader_on(stranger: Stranger, name: str, data: Path, *, asks: bool = True) -> Remembered:
    stranger.do("misbehave")
    values = {"memory": "11" * 112, "afi": 0x07, "dsfid": 0x06, "locked": [], "place": True, "replace": True}
    stranger.do("create", uid=SLIX, chip="slix", **values)
    clock = FakeClock()
    made = driver(name).make(lambda: VirtualLine(stranger, clock), clock, Reader(driver=name))
    return Remembered(made, KnownReaders(data), asks=asks)


def frames(stranger: Stranger) -> int:
    count = stranger.do("counters")["frames_in"]
    assert isinstance(count, int)
    return count


@pytest.mark.parametrize("manner", ["without", "mute", "idle"])
@pytest.mark.parametrize(("name", "lack"), [(name, lack) for name, lacks in WRITES.items() for lack in lacks])
def test_what_a_reader_cannot_do_is_known_before_the_first_tag(
    emulated: dict[str, Stranger], tmp_path: Path, name: str, lack: Lack, manner: str
) -> None:
    stranger = emulated[name]
    reader = reader_on(stranger, name, tmp_path)
    before = stranger.dump(SLIX)
    stranger.do("misbehave", **{manner: [WRITES[name][lack]]})
    reader.reconnect()
    assert reader.capabilities.lacks == (lack,)
    assert KnownReaders(tmp_path).added(reader.capabilities).lacks == (lack,)
    stranger.do("misbehave")
    if manner != "mute":  # silence costs seconds, so it is believed until the station ends
        reader.reconnect()
        assert reader.capabilities.lacks == ()
    reader.close()
    assert stranger.dump(SLIX) == before


@pytest.mark.parametrize("name", MODULES)
def test_a_reader_that_loses_a_command_is_found_out_after_the_next_greeting(
    emulated: dict[str, Stranger], tmp_path: Path, name: str
) -> None:
    stranger = emulated[name]
    reader = reader_on(stranger, name, tmp_path)
    reader.reconnect()
    reader.write_afi(SLIX, 0xC2)
    stranger.do("misbehave", without=[WRITES[name][Lack.SET_AFI]])
    assert reader.capabilities.lacks == ()
    reader.reconnect()
    assert reader.capabilities.lacks == (Lack.SET_AFI,)
    reader.close()


@pytest.mark.parametrize("name", MODULES)
def test_asking_costs_few_exchanges_and_a_station_that_only_looks_does_not_ask(
    emulated: dict[str, Stranger], tmp_path: Path, name: str
) -> None:
    stranger = emulated[name]
    counts = []
    for asks in (False, True):
        reader = reader_on(stranger, name, tmp_path, asks=asks)
        before = frames(stranger)
        reader.reconnect()
        counts.append(frames(stranger) - before)
        reader.close()
    assert counts[1] - counts[0] == EXCHANGES[name]


@pytest.mark.parametrize("name", MODULES)
def test_a_change_that_is_read_back_proves_the_reader(emulated: dict[str, Stranger], tmp_path: Path, name: str) -> None:
    stranger = emulated[name]
    reader = reader_on(stranger, name, tmp_path)
    reader.reconnect()
    assert reader.capabilities.unproven == (Lack.SET_AFI, Lack.SET_DSFID)
    reader.system_information(SLIX)
    reader.write_afi(SLIX, 0x07)
    reader.system_information(SLIX)
    assert reader.capabilities.unproven == (Lack.SET_AFI, Lack.SET_DSFID), "it had this value already"
    reader.write_afi(SLIX, 0xC2)
    reader.system_information(SLIX)
    reader.close()
    assert KnownReaders(tmp_path).added(reader.capabilities).unproven == (Lack.SET_DSFID,)
