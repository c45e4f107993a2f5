"""The nfcpy driver over its serial line, against the emulated PN532 byte by byte; and the cable's frames alone."""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from station.base.clock import Deadline
from station.base.errors import (
    PortLost,
    PortMissing,
    ReaderRefused,
    ReaderSilent,
    RemoteProtocolError,
    TagAbsent,
    TagRefused,
    TransportError,
)
from station.base.settings import Badge, Reader
from station.domain.ports import BadgeSeen
from station.domain.tag_image import Uid
from station.drivers.nfcpy.cable import ACK, Cable
from station.drivers.reader.owner import ManagedReader
from station.drivers.registry import badge_reader, make_reader
from tests.conftest import FakeClock, missing
from tests.support.nfcpy_peer import BADGE, OTHER, NfcPad

A, B = Uid(BADGE), Uid(OTHER)


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[NfcPad]:
    if importlib.util.find_spec("nfc") is None:
        missing("nfcpy")
    tmp_path = tmp_path_factory.mktemp("pn532")
    pad = NfcPad(tmp_path, "pn532", "--link", str(tmp_path / "reader"))
    yield pad
    pad.close()


@pytest.fixture
def pad(running: NfcPad) -> NfcPad:
    running.anew()
    return running


@pytest.fixture
def reader(pad: NfcPad) -> Iterator[ManagedReader]:
    reader = make_reader(Reader(driver="nfcpy", port=pad.link), pad.clock)
    reader.reconnect()
    yield reader
    reader.close()


def test_it_stays_at_115200_baud_and_says_what_it_is(pad: NfcPad, reader: ManagedReader) -> None:
    assert reader.capabilities.firmware == "PN532v1.6"
    assert "10" not in pad.do("counters")["commands"], "the speed is not changed"
    reader.close()
    state = pad.do("state")
    assert (state["baud"], state["rf_on"]) == (115200, False)
    reader.reconnect()
    assert reader.inventory().tags == ()


def test_two_labels_are_found_and_each_is_written_alone(pad: NfcPad, reader: ManagedReader) -> None:
    pad.label()
    pad.label(OTHER)
    assert reader.inventory().uids == {A, B}
    reader.write_blocks(B, 3, b"abcd", 4)
    assert reader.read_blocks(B, 3, 1).data == b"abcd"
    assert reader.read_blocks(A, 3, 1).data == bytes(4)
    assert pad.do("counters")["air_writes"] == {OTHER: {"7": 1}}


def test_a_badge(pad: NfcPad) -> None:
    badges = badge_reader(Badge(port=pad.link), pad.clock)
    assert badges.look() is None
    pad.label(text="S-1042")
    assert badges.look() == BadgeSeen(BADGE, "S-1042")
    badges.close()


# --- faults ---------------------------------------------------------------------------------------------------------


def test_an_answer_that_comes_too_late_is_not_taken_for_the_next_ones(pad: NfcPad, reader: ManagedReader) -> None:
    """nfcpy accepts any frame with the right code: it would take the READ of one page for that of another."""
    pad.label(user=bytes(range(144)).hex())
    pad.do("late-answer", command="42", n=3, ms=1000)
    with pytest.raises((ReaderSilent, TagAbsent, RemoteProtocolError)):
        reader.read_blocks(A, 0, 8)
    reader.reconnect()
    assert reader.read_blocks(A, 0, 8).data == bytes(range(32))


@pytest.mark.parametrize(
    "fault", ["drop-answer", "garble-answer", "truncate-answer", "duplicate-answer", "late-answer"]
)
def test_any_fault_in_a_read_ends_it_with_the_right_bytes_or_an_error(
    pad: NfcPad, reader: ManagedReader, fault: str
) -> None:
    pad.label(user=bytes(range(144)).hex())
    more = {"ms": 1000} if fault == "late-answer" else {}
    for n in (1, 6, 14, 27):
        pad.do(fault, n=n, **more)
        try:
            assert reader.read_blocks(A, 0, 12).data == bytes(range(48))
        except (TransportError, ReaderRefused, RemoteProtocolError, TagAbsent, TagRefused):
            reader.reconnect()
        pad.do("clear-faults")
        assert reader.read_blocks(A, 0, 12).data == bytes(range(48))


def test_a_silent_chip_is_not_called_a_missing_tag(pad: NfcPad, reader: ManagedReader) -> None:
    pad.label()
    pad.do("drop-answer", command="42", n=2)
    with pytest.raises(ReaderSilent):
        reader.read_blocks(A, 0, 4)


def test_unplug_and_replug(pad: NfcPad, reader: ManagedReader) -> None:
    pad.label()
    pad.do("unplug")
    with pytest.raises((PortLost, ReaderSilent)):
        reader.inventory()
    with pytest.raises(TransportError):
        reader.inventory()
    with pytest.raises(PortMissing):
        reader.reconnect()
    pad.do("plug")
    reader.reconnect()
    assert reader.inventory().uids == {A}


def test_a_badge_reader_comes_back_by_itself(pad: NfcPad) -> None:
    badges = badge_reader(Badge(port=pad.link), pad.clock)
    pad.label()
    assert badges.look() is not None
    pad.do("unplug")
    for _ in range(2):
        with pytest.raises(TransportError):
            badges.look()
    pad.do("plug")
    seen = badges.look()
    assert seen is not None
    assert seen.uid == BADGE
    badges.close()


def test_what_is_no_pn532_is_silence(tmp_path: Path) -> None:
    if importlib.util.find_spec("nfc") is None:
        missing("nfcpy")
    pad = NfcPad(tmp_path, "threem", "--link", str(tmp_path / "reader"), "--any-baud")
    try:
        with pytest.raises(ReaderSilent):
            make_reader(Reader(driver="nfcpy", port=pad.link), pad.clock).reconnect()
    finally:
        pad.close()


def test_a_tag_lifted_in_mid_write_is_an_unknown_outcome(pad: NfcPad, reader: ManagedReader) -> None:
    pad.label()
    pad.do("lift-after-writes", n=2, mode="new")
    with pytest.raises(TagAbsent):
        reader.write_blocks(A, 4, b"abcdefgh", 4)
    assert pad.memory()[32:40] == b"abcdefgh"


# --- the cable ------------------------------------------------------------------------------------------------------


class Line:
    """A transport that returns the given bytes, in pieces."""

    def __init__(self, clock: FakeClock, *pieces: bytes) -> None:
        self._clock = clock
        self.pieces = list(pieces)
        self.stale = b""
        """Bytes that arrived before they were asked for."""
        self.written: list[bytes] = []

    def write(self, data: bytes, deadline: Deadline) -> None:
        self.written.append(data)

    def read(self, deadline: Deadline) -> bytes:
        if self.stale:
            stale, self.stale = self.stale, b""
            return stale
        if self.pieces:
            return self.pieces.pop(0)
        self._clock.seconds += deadline.remaining + 0.001
        raise ReaderSilent("nothing")

    def discard_input(self) -> int:
        stale, self.stale = self.stale, b""
        return len(stale)

    def close(self) -> None:
        return


VERSION = bytes.fromhex("0000ff06fad50332010607e800")
EXTENDED = bytes.fromhex("0000ffffff0109f6") + bytes([0xD5, 1]) + bytes(263) + bytes([0x2A, 0])


def cable(clock: FakeClock, *pieces: bytes) -> Cable:
    found = Cable(Line(clock, *pieces), clock)
    found.deadline = Deadline(clock, 60)
    return found


@pytest.mark.parametrize("frame", [ACK, VERSION, EXTENDED, bytes.fromhex("0000ff01ff7f8100")])
def test_a_frame_comes_whole_byte_by_byte_after_noise_and_with_more_behind(clock: FakeClock, frame: bytes) -> None:
    pieces = {
        "whole": [frame],
        "bytes": [bytes((byte,)) for byte in frame],
        "noise": [b"\x00\x55\xff\x00" * 3, b"\x00" * 8 + frame],
        "behind": [frame + VERSION[:5]],
    }
    for kind, parts in pieces.items():
        assert bytes(cable(clock, *parts).read(100)) == frame, kind


def test_nothing_is_an_answer_before_the_acknowledgement(clock: FakeClock) -> None:
    line = cable(clock, VERSION, ACK, VERSION[:-1], b"\0")
    line.write(bytes.fromhex("0000ff02fed4022a00"))
    assert bytes(line.read(100)) == ACK
    assert bytes(line.read(100)) == VERSION


@pytest.mark.parametrize("where", ["line", "buffer"])
def test_a_whole_answer_that_arrived_before_a_command_does_not_answer_it(clock: FakeClock, where: str) -> None:
    """It arrives with its acknowledgement, as after an abandoned command."""
    late = ACK + VERSION.replace(b"\x32", b"\x33")
    wire = Line(clock, *([ACK + late] if where == "buffer" else []), ACK, VERSION)
    line = Cable(wire, clock)
    line.deadline = Deadline(clock, 60)
    if where == "buffer":
        assert bytes(line.read(100)) == ACK
    else:
        wire.stale = late
    line.write(bytes.fromhex("0000ff02fed4022a00"))
    assert bytes(line.read(100)) == ACK
    assert bytes(line.read(100)) == VERSION


def test_silence_is_what_nfcpy_expects_until_the_operation_is_over(clock: FakeClock) -> None:
    line = cable(clock)
    with pytest.raises(OSError, match="timed out"):
        line.read(100)
    line.deadline = Deadline(clock, 0.05)
    with pytest.raises(ReaderSilent):
        line.read(100)


def test_when_the_operation_is_over_nothing_more_is_sent(clock: FakeClock) -> None:
    wire = Line(clock)
    line = Cable(wire, clock)
    line.deadline = Deadline(clock, 0.5)
    line.write(VERSION)
    clock.pause(0.5)
    with pytest.raises(ReaderSilent):
        line.write(VERSION)
    assert wire.written == [VERSION]


class Babble(Line):
    """Bytes without end."""

    def read(self, deadline: Deadline) -> bytes:
        self._clock.seconds += 0.01
        assert self._clock.seconds < 1010, "the read does not end"
        return b"\x55" * 300


def test_bytes_without_end_that_are_no_frame_end_in_time(clock: FakeClock) -> None:
    line = Cable(Babble(clock), clock)
    line.deadline = Deadline(clock, 2)
    with pytest.raises(OSError, match="timed out"):
        line.read(500)
    assert clock.seconds == pytest.approx(1000.5, abs=0.02)
    with pytest.raises(ReaderSilent):
        line.read(5000)
    assert clock.seconds == pytest.approx(1002, abs=0.03)


@given(st.lists(st.binary(max_size=40), max_size=20))
def test_any_bytes_end_in_a_frame_or_in_silence(pieces: list[bytes]) -> None:
    clock = FakeClock()
    line = cable(clock, *pieces)
    for _ in range(50):
        try:
            assert line.read(100)[:3] == b"\0\0\xff"
        except OSError:
            return
