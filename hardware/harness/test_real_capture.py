"""The contract on the only public capture of a real device: six requests of another program to a 3M 810.

Our driver sends other requests in between. Therefore these tests make a reader from the capture alone. It answers a
recorded request with the recorded bytes, and any other request with the refusal that the manual gives for it (02
"command not implemented"; 31 "option not supported" for an inventory with other options). Only answers of the real
device can make a case pass.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from crccheck.crc import Crc16Genibus

from hardware.harness.ideal import HarnessOperator
from station.base.clock import Clock, Deadline
from station.base.errors import ReaderRefused, ReaderSilent
from station.base.settings import Reader
from station.domain.ports import Lack
from station.domain.tag_image import Uid
from station.drivers.harness.hands import Played, Wish
from station.drivers.harness.results import Answer
from station.drivers.harness.subject import Subject
from station.drivers.harness.suite import Suite
from station.drivers.line.capture import Capture, load
from station.drivers.registry import make_reader
from tests.conftest import SHARED, FakeClock, missing

NAME = "REAL-3m810-live-capture.jsonl"
FIRST, SECOND = Uid("E004010031269117"), Uid("E00401001F77FB98")
INVENTORY, NOT_IMPLEMENTED, OPTION = 0xFE, 0x02, 0x31


@pytest.fixture
def capture() -> Capture:
    path = SHARED / "domain" / "traces" / NAME
    if not path.exists():
        missing(NAME)
    return load(path)


class OnlyWhatWasRecorded:
    """Line to the reader made from the capture. `real` counts answers of the real device."""

    def __init__(self, capture: Capture, clock: Clock) -> None:
        self._clock = clock
        self._answers: dict[bytes, bytes] = {}
        for line, answer in zip(capture.lines, capture.lines[1:], strict=False):
            if line.dir == ">":
                self._answers[line.data] = answer.data
        self._waiting = b""
        self.real = 0
        self.never_asked = set(self._answers)
        """Recorded requests that our driver has not sent."""

    def write(self, data: bytes, deadline: Deadline) -> None:
        known = self._answers.get(data)
        self.real += known is not None
        self.never_asked.discard(data)
        self._waiting = known or self._refusal(data[3])

    @staticmethod
    def _refusal(command: int) -> bytes:
        body = bytes((0, 4, command, OPTION if command == INVENTORY else NOT_IMPLEMENTED))
        return b"\xd6" + body + Crc16Genibus.calc(body).to_bytes(2, "big")

    def read(self, deadline: Deadline) -> bytes:
        data, self._waiting = self._waiting, b""
        if not data:
            self._clock.pause(deadline.remaining)
            raise ReaderSilent("nothing more")
        return data

    def discard_input(self) -> int:
        count, self._waiting = len(self._waiting), b""
        return count

    def close(self) -> None:
        """Do nothing."""


def test_the_real_810_keeps_what_its_capture_can_show(capture: Capture, tmp_path: Path) -> None:
    """Greeting, two tags on the pad, and eight blocks of each."""
    clock, settings = FakeClock(), Reader(driver="3m")
    for uid in (FIRST, SECOND):
        line = OnlyWhatWasRecorded(capture, clock)
        subject = Subject(make_reader(settings, clock, lambda line=line: line), clock, settings)
        suite = Suite(subject, Played([Answer(Wish.TWO.value, True)]), settings, HarnessOperator(tmp_path), uid)
        suite.run(("connect", "several", "read-first"))
        assert [(result.case, result.outcome.value, result.detail) for result in suite.results] == [
            ("connect", "passed", "3M / Bibliotheca, firmware 5.0.2"),
            ("several", "passed", f"{FIRST}, {SECOND}"),
            ("read-first", "passed", "8 blocks of 4 bytes"),
            ("deadline", "passed", ""),
        ]
        assert line.real == 5, "two greetings, an inventory and two reads"


def test_its_memory_is_read_as_it_was_and_what_was_not_recorded_is_refused(capture: Capture) -> None:
    clock = FakeClock()
    line = OnlyWhatWasRecorded(capture, clock)
    reader = make_reader(Reader(driver="3m"), clock, lambda: line)
    reader.reconnect()
    memory = {FIRST: "0411000131333032303939393939" + 18 * "00", SECOND: "04110000323030303030303030303432" + 16 * "00"}
    for uid, data in memory.items():
        assert reader.read_blocks(uid, 0, 8).data.hex() == data, "copied from the capture by a person"
    with pytest.raises(ReaderRefused):
        reader.system_information(FIRST)
    with pytest.raises(ReaderRefused):
        reader.read_blocks(FIRST, 0, 4)


def test_our_driver_gets_everything_that_the_capture_contains(capture: Capture) -> None:
    """The capture has an inventory without DSFIDs, both AFIs and both memories. The driver does not guess the tags'
    size."""
    clock = FakeClock()
    line = OnlyWhatWasRecorded(capture, clock)
    reader = make_reader(Reader(driver="3m"), clock, lambda: line)
    reader.reconnect()
    assert reader.inventory().uids == {FIRST, SECOND}
    for uid in (FIRST, SECOND):
        reader.read_blocks(uid, 0, 8)
        with pytest.raises(ReaderRefused, match="Read Multiblock"):
            reader.system_information(uid)
    assert not line.never_asked
    told = {Lack.INVENTORY_DSFID, Lack.SIZE, Lack.DSFID}
    assert told <= set(reader.capabilities.lacks)
    assert reader.capabilities.tells_afi
