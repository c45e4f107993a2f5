"""No operation outlives its deadline, however many commands it takes and however slowly each is answered."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from station.base.clock import Deadline
from station.base.errors import ReaderSilent
from station.base.settings import Reader
from station.domain.tag_image import Uid
from station.drivers.line.connection import Connection
from station.drivers.reader.owner import ManagedReader
from station.drivers.registry import driver
from tests.conftest import FakeClock, missing
from tests.drivers.emulator_process import Stranger, VirtualLine

UNKNOWN = Uid("E0FF01500000AB01")
"""A chip that is not in the table: one block per command."""
OPERATION_MS = 3000
SLOW_S = 0.4
"""Delay of each answer in seconds: late, but in time for its own exchange."""


class SlowLine(VirtualLine):
    """A line on which each answer takes `slow_s` seconds."""

    def __init__(self, stranger: Stranger, clock: FakeClock, slow_s: float = SLOW_S) -> None:
        super().__init__(stranger, clock)
        self.slow = False
        self._slow_s = slow_s
        self._late = False

    def write(self, data: bytes, deadline: Deadline) -> None:
        super().write(data, deadline)
        self._late = self.slow

    def read(self, deadline: Deadline) -> bytes:
        if self._late:
            self._late = False
            if deadline.remaining < self._slow_s:
                self._clock.pause(deadline.remaining)
                raise ReaderSilent("slow")
            self._clock.pause(self._slow_s)
        return super().read(deadline)


MODULES = {"feig": "feig", "3m": "threem", "nfcpy": "pn532"}
LABEL = Uid("04A1B2C3D4E5F6")


class Slow:
    """A driver, its emulator, and a line that can be made slow. A line opened after a slow one is slow too."""

    def __init__(
        self, name: str, folder: Path, operation_ms: int = OPERATION_MS, slow_s: float = SLOW_S, answer_ms: int = 1000
    ) -> None:
        if name == "nfcpy" and importlib.util.find_spec("nfc") is None:
            missing("nfcpy")
        self.clock = FakeClock()
        self.stranger = Stranger(MODULES[name], folder)
        self.line: SlowLine | None = None
        self._slow_s = slow_s
        settings = Reader(driver=name, operation_ms=operation_ms, answer_ms=answer_ms)
        self.reader: ManagedReader = driver(name).make(self._open, self.clock, settings)

    def _open(self) -> SlowLine:
        old, self.line = self.line, SlowLine(self.stranger, self.clock, self._slow_s)
        self.line.slow = old is not None and old.slow
        return self.line


@pytest.fixture(params=["feig", "3m"])
def slow(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Slow]:
    slow = Slow(request.param, tmp_path)
    slow.stranger.do("create", uid=UNKNOWN, chip="slix", place=True)
    for number in range(40):
        slow.stranger.do("create", uid=f"E004015000{number:06X}", chip="slix", place=True)
    slow.reader.reconnect()
    assert slow.line is not None
    slow.line.slow = True
    yield slow
    slow.reader.close()
    slow.stranger.close()


@pytest.mark.parametrize(
    "act",
    [
        lambda reader: reader.read_blocks(UNKNOWN, 0, 28),
        lambda reader: reader.write_blocks(UNKNOWN, 0, b"\xaa" * 112, 4),
    ],
    ids=["read", "write"],
)
def test_what_takes_many_commands_ends_by_its_deadline_and_sends_nothing_more(
    slow: Slow, act: Callable[[ManagedReader], object]
) -> None:
    began = slow.clock.monotonic()
    with pytest.raises(ReaderSilent):
        act(slow.reader)
    assert slow.clock.monotonic() - began <= OPERATION_MS / 1000 + 1e-6
    slow.stranger.settle()
    asked = slow.stranger.do("counters")["frames_in"]
    slow.stranger.settle()
    assert slow.stranger.do("counters")["frames_in"] == asked
    # The memory holds whole blocks from the beginning; nothing was reported about the rest.
    memory = bytes.fromhex(slow.stranger.dump(UNKNOWN)["memory"])
    written = len(memory.rstrip(b"\0"))
    assert memory[:written] == b"\xaa" * written
    assert written < 112


def test_an_inventory_with_many_fetches_ends_by_its_deadline(slow: Slow) -> None:
    began = slow.clock.monotonic()
    try:
        slow.reader.inventory()  # 3M: one exchange
    except ReaderSilent:
        assert slow.reader.capabilities.name.startswith("FEIG")  # eleven exchanges
    assert slow.clock.monotonic() - began <= OPERATION_MS / 1000 + 1e-6


@pytest.mark.parametrize("name", ["feig", "3m", "nfcpy"])
def test_a_line_that_takes_nothing_ends_every_operation_by_its_deadline(tmp_path: Path, name: str) -> None:
    """A full buffer does this: nothing is sent, and nothing is sent later either."""
    slow = Slow(name, tmp_path, operation_ms=1000, answer_ms=30000)
    uid, chip = (LABEL, "ntag213") if name == "nfcpy" else (UNKNOWN, "slix")
    slow.stranger.do("create", uid=uid, chip=chip, place=True)
    reader, stranger, clock = slow.reader, slow.stranger, slow.clock
    acts: list[Callable[[], object]] = [
        reader.inventory,
        lambda: reader.system_information(uid),
        lambda: reader.read_blocks(uid, 4, 8),
        lambda: reader.write_blocks(uid, 4, bytes(32), 4),
    ]
    if name != "3m":  # 3M has no command for it
        acts.append(reader.reset_field)
    if name != "nfcpy":
        acts += [
            lambda: reader.write_afi(uid, 7),
            lambda: reader.write_dsfid(uid, 6),
            lambda: reader.lock_block(uid, 4),
        ]
    try:
        for act in acts:
            reader.reconnect()
            stranger.settle()
            asked = stranger.do("counters")["frames_in"]
            assert slow.line is not None
            slow.line.jammed_at = 1
            began = clock.monotonic()
            with pytest.raises(ReaderSilent):
                act()
            assert clock.monotonic() - began <= 1.0 + 1e-6
            stranger.settle()
            assert stranger.do("counters")["frames_in"] == asked
    finally:
        reader.close()
        stranger.close()


def test_the_greeting_too(slow: Slow) -> None:
    slow.stranger.do("silence", on=True)
    began = slow.clock.monotonic()
    with pytest.raises(ReaderSilent):
        slow.reader.reconnect()
    assert slow.clock.monotonic() - began <= OPERATION_MS / 1000 + 1e-6


@pytest.mark.parametrize("name", ["feig", "3m"])
def test_when_time_is_over_nothing_more_is_sent_though_the_driver_would_try_again(tmp_path: Path, name: str) -> None:
    """A silent reader is greeted more than once, but only while there is time."""
    slow = Slow(name, tmp_path, operation_ms=1000)
    try:
        slow.stranger.do("silence", on=True)
        with pytest.raises(ReaderSilent):
            slow.reader.reconnect()
        slow.stranger.settle()
        assert slow.stranger.do("counters")["frames_in"] == 1
    finally:
        slow.reader.close()
        slow.stranger.close()


@pytest.mark.parametrize("operation_ms", [1000, 3000])
def test_nfcpy_ends_a_long_read_and_a_long_write_by_the_deadline(tmp_path: Path, operation_ms: int) -> None:
    """Each of the many exchanges stays within nfcpy's own time limit."""
    slow = Slow("nfcpy", tmp_path, operation_ms, slow_s=0.1)
    slow.stranger.do("create", uid=LABEL, chip="ntag213", place=True)
    reader = slow.reader
    acts: tuple[Callable[[], object], ...] = (
        lambda: reader.read_blocks(LABEL, 0, 36),
        lambda: reader.write_blocks(LABEL, 0, b"\xaa" * 144, 4),
    )
    try:
        for act in acts:
            reader.reconnect()
            assert slow.line is not None
            slow.line.slow = True
            began = slow.clock.monotonic()
            with pytest.raises(ReaderSilent):
                act()
            assert slow.clock.monotonic() - began <= operation_ms / 1000 + 1e-6
            slow.line.slow = False
    finally:
        reader.close()
        slow.stranger.close()


def test_nfcpy_greets_anew_within_an_operation_also_a_slow_device(tmp_path: Path) -> None:
    slow = Slow("nfcpy", tmp_path, operation_ms=1000, slow_s=0.2)
    try:
        slow.reader.reconnect()
        assert slow.line is not None
        slow.line.slow = True
        began = slow.clock.monotonic()
        with pytest.raises(ReaderSilent):
            slow.reader.reconnect()
        assert slow.clock.monotonic() - began <= 1.0 + 1e-6
    finally:
        slow.reader.close()
        slow.stranger.close()


def test_an_operation_within_another_one_has_the_outer_ones_time() -> None:
    clock = FakeClock()
    line = Connection(lambda: None, clock, operation_s=2.0)  # type: ignore[arg-type, return-value]
    with line.operation():
        clock.pause(1.5)
        with line.operation():
            assert line._until is not None
            assert line._until.remaining == pytest.approx(0.5)
        assert line._until is not None
    assert line._until is None
