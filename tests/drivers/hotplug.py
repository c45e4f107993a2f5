"""A reader's plug, pulled at any byte of the main job and put in again, in virtual time.

The bench, the real driver and `SerialTransport` run over a stand-in for pyserial's port and its descriptor. The
emulator's process is at the other end. pyserial 3.5 reports a vanished port in three unrelated ways; each point of the
job is tried with one of them.
"""

from __future__ import annotations

import errno
import select
import socket
import termios
from pathlib import Path
from typing import Any

import msgspec
import pytest
import serial

from station.bench.bench import Bench
from station.bench.bench_ports import BenchPorts
from station.domain.commands import Scan
from station.domain.snapshot import Phase, Snapshot
from station.domain.tag_image import Uid
from station.drivers.line.descriptor import Kernel
from station.drivers.line.serial import SerialTransport
from station.drivers.registry import driver
from tests.conftest import FakeClock
from tests.drivers.emulator_process import Stranger
from tests.support.patience import PATIENCE_S
from tests.support.simulated_bench import BOOK, RULES, SETTINGS, Asker, MemoryCatalog, MemoryJournal
from tests.support.told import told

UID = Uid("E00401500000AB01")
MODULES = {"feig": "feig", "3m": "threem"}
FAMILIES = {
    "SerialException": lambda: serial.SerialException("device reports readiness to read but returned no data"),
    "OSError": lambda: OSError(errno.EIO, "Input/output error"),
    "termios.error": lambda: termios.error(errno.EIO, "Input/output error"),
}
MOST_LOOKS = 40
ONE_LOOK = 64
"""Upper bound of the bytes of an inventory and its answer."""


class Plug:
    """The cable between machine and reader. `cut_at`: bytes (both ways) that still get through before it is pulled."""

    def __init__(self, stranger: Stranger, clock: FakeClock) -> None:
        self.stranger = stranger
        self.clock = clock
        self.plugged = True
        self.cut_at: int | None = None
        self.family = "OSError"
        self.travelled = 0
        self.opened: list[Port] = []

    def open(self, *_: Any, **__: Any) -> Port:
        """Stand in for `serial.Serial(...)`."""
        if not self.plugged:
            raise serial.SerialException(errno.ENOENT, "could not open port: No such file or directory")
        self.opened.append(Port(self))
        return self.opened[-1]

    def travel(self, wanted: int) -> int:
        """Return how many of these bytes still get through."""
        through = wanted if self.cut_at is None else min(wanted, self.cut_at)
        self.travelled += through
        if self.cut_at is not None:
            self.cut_at -= through
            if self.cut_at == 0 and through < wanted:
                self.pull()
        return through

    def pull(self) -> None:
        """Pull the plug; the reader loses its power with it."""
        self.plugged, self.cut_at = False, None
        self.stranger.do("unplug")

    def put_in(self) -> None:
        """Put the plug in: a cold start."""
        self.stranger.do("plug")
        self.plugged = True

    def check(self, port: Port) -> None:
        if not self.plugged or port is not self.opened[-1]:
            raise FAMILIES[self.family]()


class Port:
    """A pyserial port, as far as `SerialTransport` uses one. Like pyserial's, it stays `is_open` without its device."""

    def __init__(self, plug: Plug) -> None:
        self._plug = plug
        self._socket = socket.create_connection(plug.stranger.address, timeout=PATIENCE_S)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.is_open = True

    def fileno(self) -> int:
        return self._plug.opened.index(self)

    def write(self, data: bytes) -> int:
        self._plug.check(self)
        through = self._plug.travel(len(data))
        if self._plug.plugged and through:
            self._plug.stranger.settled = False
            self._socket.sendall(data[:through])
        self._plug.check(self)
        return len(data)

    @property
    def in_waiting(self) -> int:
        self._plug.check(self)
        self._plug.stranger.settle()
        return 0

    def readable(self, seconds: float) -> bool:
        self._plug.check(self)
        self._plug.stranger.settle()
        there = bool(select.select([self._socket], [], [], 0)[0])
        if not there:
            self._plug.clock.pause(seconds)
        return there

    def read(self, most: int) -> bytes:
        self._plug.check(self)
        data = self._socket.recv(64, socket.MSG_PEEK)
        through = self._plug.travel(len(data))
        self._plug.check(self)
        return self._socket.recv(through) if through else b""

    def reset_input_buffer(self) -> None:
        self._plug.check(self)
        while select.select([self._socket], [], [], 0)[0] and self._socket.recv(4096):
            pass

    def close(self) -> None:
        self.is_open = False
        self._socket.close()


class PlugKernel(Kernel):
    """The descriptors of a plug's ports."""

    def __init__(self, plug: Plug) -> None:
        self._plug = plug

    def readable(self, line: int, seconds: float) -> bool:
        return self._plug.opened[line].readable(seconds)

    def writable(self, line: int, seconds: float) -> bool:
        return True

    def write(self, line: int, data: bytes) -> int:
        return self._plug.opened[line].write(data)


class Desk:
    """The bench with a real driver on the plug."""

    def __init__(self, name: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.clock = FakeClock()
        self.stranger = Stranger(MODULES[name], folder)
        self.plug = Plug(self.stranger, self.clock)
        monkeypatch.setattr(serial, "Serial", self.plug.open)
        self._settings = msgspec.structs.replace(
            SETTINGS, reader=msgspec.structs.replace(SETTINGS.reader, driver=name, port="/dev/reader", answer_ms=200)
        )
        self._driver = driver(name)
        self.shown: list[Snapshot] = []

    def begin(self) -> None:
        """Start a new bench with its reader connected and a blank tag off the pad."""
        self.plug.pull()
        self.plug.put_in()  # a cold start, so that every run begins alike
        self.plug.cut_at, self.plug.travelled = None, 0
        self.stranger.do("create", uid=UID, chip="slix", replace=True)
        for port in self.plug.opened:
            port.close()
        reader = self._driver.make(
            lambda: SerialTransport(self._settings.reader, PlugKernel(self.plug)), self.clock, self._settings.reader
        )
        numbers = iter(range(10**6))
        self.shown.clear()
        self.bench = Bench(
            BenchPorts(
                reader=reader,
                catalog=MemoryCatalog(),
                journal=MemoryJournal(),
                clock=self.clock,
                settings=self._settings,
                rules=RULES,
                systems=("file",),
                new_id=lambda: f"attempt-{next(numbers)}",
                publish=self.shown.append,
                askers=Asker(),
            )
        )

    @property
    def now(self) -> Snapshot:
        return self.shown[-1] if self.shown else Snapshot()

    def look(self) -> Snapshot:
        self.clock.pause(self.bench.tick())
        return self.now

    def job(self) -> bool:
        """Run the main job up to the verified tag; plug a lost reader in again. Return True if the plug was pulled."""
        pulled = False
        scanned = False
        for _ in range(MOST_LOOKS):
            if not self.plug.plugged:
                pulled = True
                self._gone()
                self.plug.put_in()
                self.stranger.do("place", uid=UID)
            if self.look().reader_ready and not scanned:
                scanned = True
                self.bench.handle(Scan(BOOK))
                self.stranger.do("place", uid=UID)
            if self.now.phase is Phase.CHECKING:
                return pulled
        raise AssertionError(f"not done after {MOST_LOOKS} looks: {self.now.phase} {self.now.fault}")

    def _gone(self) -> None:
        """Check that the loss is noticed at once or at the next look, and shown."""
        if self.now.reader_ready:
            self.look()
        assert not self.now.reader_ready, "the loss was not noticed"
        assert any(word in told(self.now.reader) for word in ("unplugged", "not connected")), self.now.reader

    def memory(self) -> dict[str, Any]:
        return self.stranger.dump(UID)

    def close(self) -> None:
        for port in self.plug.opened:
            port.close()
        self.stranger.close()


def pull_everywhere(desk: Desk, points: int | None) -> int:
    """Pull the plug at `points` bytes of the main job, evenly spread (None: at each byte); return the points tried."""
    desk.begin()
    assert not desk.job()
    wanted, whole = desk.memory(), desk.plug.travelled
    assert wanted["dsfid"] == 6
    at = range(whole) if points is None else sorted({number * whole // points for number in range(points)})
    families = [*FAMILIES]
    for number, byte in enumerate(at):
        desk.begin()
        desk.plug.family = families[number % len(families)]
        desk.plug.cut_at = byte
        try:
            # Timing decides whether the bench looks at the pad once more before the job is done.
            assert desk.job() or whole - byte < ONE_LOOK, "the plug was not pulled"
        except AssertionError as error:
            raise AssertionError(f"byte {byte} of {whole}, {desk.plug.family}") from error
        assert desk.memory() == wanted, f"byte {byte} of {whole}, {desk.plug.family}"
    return len(at)
