"""The owner thread: who works when, how it ends, and which errors reach the calling thread."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import cast

import msgspec
import pytest

from station.base.clock import Deadline
from station.base.errors import PortMissing, ReaderRefused, SettingsError, StationClosed, TagRefused
from station.base.settings import Reader
from station.domain.ports import Lack, ReaderCapabilities, Signal
from station.domain.tag_image import Uid
from station.drivers.reader.known import KnownReaders
from station.drivers.reader.owner import ManagedReader, ReaderOwner
from station.drivers.reader.remembered import Remembered
from station.drivers.registry import DRIVERS, make_reader, reader_owner
from tests.conftest import FakeClock
from tests.drivers.feig.frames import SLI
from tests.drivers.scripted_transport import GREETING, Scripted, frame
from tests.support.patience import PATIENCE_S

WRITE_AFI = "10FFB02701E00401000012AB01C2EF7D"
DONE = "0600B000D572"


class Held(Scripted):
    """A line that withholds the answer to a write until it is released."""

    def __init__(self, clock: FakeClock, *lines: tuple[str, str]) -> None:
        super().__init__(clock, *lines)
        self.asked = threading.Event()
        self.go = threading.Event()

    def read(self, deadline: Deadline) -> bytes:
        if self.written[-1].hex().upper() == WRITE_AFI:
            self.asked.set()
            assert self.go.wait(PATIENCE_S)
        return super().read(deadline)


def test_every_operation_reaches_the_reader_through_its_thread(clock: FakeClock) -> None:
    line = Scripted(
        clock,
        *GREETING,
        ("07FFB001001C56", frame(f"00 B0 00 01 0306{SLI}")),
        (f"0FFFB02B01{SLI}12AE", f"1300B000 00 {SLI} DA 041C 01 E731"),
        (frame(f"FF B0 23 01 {SLI} 00 01"), frame("00 B0 00 01 04 00 04030201")),
        (frame(f"FF B0 2C 01 {SLI} 00 01"), frame("00 B0 00 01 01")),
        (frame(f"FF B0 24 01 {SLI} 00 01 04 04030201"), DONE),
        (WRITE_AFI, DONE),
        (frame(f"FF B0 29 01 {SLI} 06"), DONE),
        (frame(f"FF B0 22 01 {SLI} 01 01"), frame("00 B0 95 11 01")),
        ("05FF698901", "06006900F6FA"),
        (frame("FF 71 0011 0000 0002 0000"), frame("00 71 00")),
    )
    owner = reader_owner(Reader(), clock, lambda: line, asks=False)
    owner.start()
    try:
        reader = owner.reader
        with pytest.raises(PortMissing):
            reader.inventory()
        reader.reconnect()
        assert reader.capabilities.name == "FEIG CPR.M02"
        assert reader.inventory().uids == {SLI}
        assert reader.system_information(SLI).block_count == 28
        assert reader.read_blocks(SLI, 0, 1).locked == (True,)
        reader.write_blocks(SLI, 0, b"\x01\x02\x03\x04", 4)
        reader.write_afi(SLI, 0xC2)
        reader.write_dsfid(SLI, 6)
        with pytest.raises(TagRefused):
            reader.lock_block(SLI, 1)
        reader.reset_field()
        reader.signal(Signal.GOOD)
    finally:
        assert owner.stop(PATIENCE_S)
    assert line.done
    assert line.closed


def test_stopping_lets_the_write_in_flight_end_with_its_answer_and_takes_no_more(clock: FakeClock) -> None:
    line = Held(clock, *GREETING, (WRITE_AFI, DONE))
    owner = reader_owner(Reader(), clock, lambda: line, asks=False)
    owner.start()
    owner.reader.reconnect()
    outcome: list[str] = []

    def write() -> None:
        owner.reader.write_afi(SLI, 0xC2)
        outcome.append("written")

    writer = threading.Thread(target=write)
    writer.start()
    assert line.asked.wait(PATIENCE_S)
    # The exchange is under way: the thread cannot end yet, and the exchange is not cut off.
    assert not owner.stop(timeout=0)
    assert not line.closed
    with pytest.raises(StationClosed):
        owner.reader.inventory()
    line.go.set()
    assert owner.stop(PATIENCE_S)
    writer.join(PATIENCE_S)
    assert outcome == ["written"]
    assert line.closed


def test_many_threads_ask_and_one_answers_one_after_the_other(clock: FakeClock) -> None:
    # If a second exchange began before the first had ended, it would break the script.
    line = Scripted(clock, *GREETING, *[(WRITE_AFI, DONE)] * 40)
    owner = reader_owner(Reader(), clock, lambda: line, asks=False)
    owner.start()
    owner.reader.reconnect()
    threads = [threading.Thread(target=lambda: [owner.reader.write_afi(SLI, 0xC2) for _ in range(5)]) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE_S)
    assert line.done
    assert owner.stop(PATIENCE_S)


def test_a_reader_that_was_never_started_stops(clock: FakeClock) -> None:
    owner = ReaderOwner(lambda: make_reader(Reader(), clock))
    assert owner.stop(PATIENCE_S)
    with pytest.raises(StationClosed):
        owner.reader.inventory()


class Refusing:
    """A reader that is found to lack a command when a tag is written."""

    def __init__(self) -> None:
        self.capabilities = ReaderCapabilities(name="CPR.M02", firmware="2.04")

    def write_afi(self, uid: Uid, afi: int) -> None:
        self.capabilities = msgspec.structs.replace(self.capabilities, lacks=(Lack.SET_AFI,))
        raise ReaderRefused(0x80, "unknown command, to Write AFI")

    def close(self) -> None: ...


def test_what_a_reader_was_found_to_lack_is_known_after_the_next_start(tmp_path: Path) -> None:
    for first in (True, False):
        owner = ReaderOwner(lambda: Remembered(cast(ManagedReader, Refusing()), KnownReaders(tmp_path)))
        owner.start()
        try:
            if first:
                with pytest.raises(ReaderRefused):
                    owner.reader.write_afi(SLI, 0xC2)
            assert owner.reader.capabilities.lacks == (Lack.SET_AFI,)
        finally:
            assert owner.stop(PATIENCE_S)


def test_every_driver_of_the_settings_is_in_the_table(clock: FakeClock) -> None:
    assert set(DRIVERS) == {"feig", "3m", "nfcpy"}
    with pytest.raises(PortMissing):
        make_reader(Reader(port="/nowhere/at/all"), clock).reconnect()
    with pytest.raises(SettingsError):
        make_reader(Reader(driver="other"), clock)
