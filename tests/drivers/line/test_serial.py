"""The serial port, over real pseudo-terminals."""

from __future__ import annotations

import errno
import os
import termios
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import serial

from station.base.clock import Deadline, SystemClock
from station.base.errors import PortBusy, PortDenied, PortLost, PortMissing, ReaderSilent, TransportError
from station.base.settings import Reader
from station.drivers.line.descriptor import Kernel
from station.drivers.line.serial import SerialTransport
from tests.conftest import FakeClock
from tests.drivers.slow_kernel import SlowKernel


class Pty:
    """A pseudo-terminal whose far end the test holds; `link` is a name for it like udev's."""

    def __init__(self, folder: Path) -> None:
        self.far, near = os.openpty()
        self.link = folder / "reader"
        self.link.symlink_to(os.ttyname(near))
        os.close(near)

    def unplug(self) -> None:
        if self.far >= 0:
            os.close(self.far)
            self.far = -1


@pytest.fixture
def pty(tmp_path: Path) -> Iterator[Pty]:
    pty = Pty(tmp_path)
    yield pty
    pty.unplug()


@pytest.fixture
def port(pty: Pty) -> Iterator[SerialTransport]:
    transport = SerialTransport(Reader(port=str(pty.link)))
    yield transport
    transport.close()


def soon() -> Deadline:
    return Deadline(SystemClock(), 10)


def passed() -> Deadline:
    return Deadline(FakeClock(), 0)


def test_bytes_travel_both_ways_unchanged(pty: Pty, port: SerialTransport) -> None:
    every = bytes(range(256))
    port.write(every, soon())
    got = b""
    while len(got) < 256:
        got += os.read(pty.far, 256)
    assert got == every
    os.write(pty.far, every)
    got = b""
    while len(got) < 256:
        got += port.read(soon())
    assert got == every


def test_silence_is_said_at_the_deadline(port: SerialTransport) -> None:
    with pytest.raises(ReaderSilent):
        port.read(passed())


class Busy(FakeClock):
    """Clock of a process that gets no processor time until the deadline has passed, while bytes arrive."""

    def __init__(self, pty: Pty, port: SerialTransport) -> None:
        super().__init__()
        self._pty, self._port = pty, port

    def monotonic(self) -> float:
        if self.seconds > 1000.0 and not self._port._serial.in_waiting:
            os.write(self._pty.far, b"late")
            while not self._port._serial.in_waiting:  # the kernel delivers bytes in its own time
                pass
        return super().monotonic()


def test_what_came_while_this_machine_was_busy_is_heard(pty: Pty, port: SerialTransport) -> None:
    clock = Busy(pty, port)
    deadline = Deadline(clock, 0.1)
    clock.seconds += 1.0
    assert port.read(deadline)[:1] == b"l"


def test_discarded_bytes_are_counted_and_gone(pty: Pty, port: SerialTransport) -> None:
    os.write(pty.far, b"old!!")
    first = port.read(soon())
    os.write(pty.far, b"x")
    while port._serial.in_waiting + len(first) < 6:  # the kernel delivers bytes in its own time
        pass
    assert port.discard_input() == 6 - len(first)
    with pytest.raises(ReaderSilent):
        port.read(passed())


@pytest.mark.parametrize(
    "use",
    [lambda port: port.read(soon()), lambda port: port.write(b"\x05", soon()), lambda port: port.discard_input()],
    ids=["read", "write", "discard"],
)
def test_unplugged_is_lost_in_every_operation(
    pty: Pty, port: SerialTransport, use: Callable[[SerialTransport], object]
) -> None:
    pty.unplug()
    with pytest.raises(PortLost):
        use(port)
    port.close()
    with pytest.raises(PortLost):
        use(port)


def test_a_port_is_held_alone_and_can_be_opened_again(pty: Pty) -> None:
    settings = Reader(port=str(pty.link), parity="E")
    first = SerialTransport(settings)
    with pytest.raises(PortBusy):
        SerialTransport(settings)
    first.close()
    first.close()
    for _ in range(3):
        # A pseudo-terminal opened with parity would fail from the second time on.
        SerialTransport(settings).close()


def test_a_port_that_is_not_there_is_missing(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no port")
    for name in ("gone", "file", "file/below"):
        with pytest.raises(PortMissing):
            SerialTransport(Reader(port=str(tmp_path / name)))


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (serial.SerialException(errno.EACCES, "no"), PortDenied),
        (serial.SerialException(errno.EPERM, "no"), PortDenied),
        (serial.SerialException(errno.EBUSY, "no"), PortBusy),
        (serial.SerialException(errno.EAGAIN, "no"), PortBusy),
        (serial.SerialException(errno.ENXIO, "no"), PortMissing),
        (serial.SerialException("Could not configure port"), PortMissing),
        (OSError(errno.EIO, "no"), PortMissing),
        (termios.error(errno.EINVAL, "no"), PortMissing),
    ],
)
def test_each_way_of_not_opening_has_its_error(
    monkeypatch: pytest.MonkeyPatch, error: Exception, expected: type[TransportError]
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr(serial, "Serial", fail)
    with pytest.raises(expected):
        SerialTransport(Reader())


def test_a_real_port_gets_the_settings_of_the_reader(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: dict[str, object] = {}

    def take(port: str, baud: int, **options: object) -> None:
        asked.update(options, port=port, baud=baud)

    monkeypatch.setattr(serial, "Serial", take)
    SerialTransport(Reader(port="/dev/ttyUSB7", baud=115200, parity="O"))
    assert asked == {
        "port": "/dev/ttyUSB7",
        "baud": 115200,
        "parity": "O",
        "timeout": 0,
        "exclusive": True,
    }


FRAME = bytes.fromhex("06ff52000f6e")


def test_a_line_that_takes_no_bytes_is_silent_and_nothing_of_it_is_obeyed_later(
    pty: Pty, port: SerialTransport
) -> None:
    full = Deadline(SystemClock(), 0.2)
    with pytest.raises(ReaderSilent, match="takes no bytes"):
        port.write(bytes(1_000_000), full)  # the far end reads nothing
    assert full.expired
    port.write(FRAME, passed())  # there is room again, so that no time is needed
    port.write(FRAME, soon())
    got = b""
    while not got.endswith(2 * FRAME):
        got += os.read(pty.far, 4096)
    assert len(got) < 100_000  # bytes that the far end already held
    assert not got[: -2 * len(FRAME)].strip(b"\0")


class Liar(SlowKernel):
    """A kernel that always reports room and takes nothing."""

    def writable(self, line: int, seconds: float) -> bool:
        self._clock.pause(0.01)
        assert self._clock.seconds < 1010, "the write does not end"
        return True


def test_a_port_that_says_it_has_room_and_takes_nothing_is_silent_too(pty: Pty) -> None:
    clock = FakeClock()
    port = SerialTransport(Reader(port=str(pty.link)), Liar(clock))
    with pytest.raises(ReaderSilent):
        port.write(FRAME, Deadline(clock, 0.5))
    assert clock.seconds == pytest.approx(1000.5, abs=0.02)
    port.close()


class Stalled(Kernel):
    """A kernel whose first waits end without bytes: the program at the other end gets no processor time."""

    waits = 3

    def readable(self, line: int, seconds: float) -> bool:
        self.waits -= 1
        return self.waits < 0 and super().readable(line, seconds)


def test_the_deadline_s_clock_and_not_the_kernel_decides_that_an_answer_is_too_late(pty: Pty) -> None:
    """The clock of the tests stands still while the emulator gets no processor time."""
    port = SerialTransport(Reader(port=str(pty.link)), Stalled())
    os.write(pty.far, FRAME)
    assert port.read(Deadline(FakeClock(), 0.4))
    port.close()


def test_it_is_waited_for_until_the_deadline_and_no_longer(pty: Pty) -> None:
    clock = FakeClock()
    kernel = SlowKernel(clock)
    port = SerialTransport(Reader(port=str(pty.link)), kernel)
    for taken in (0, 1, 5):
        kernel.takes = taken
        began = clock.seconds
        with pytest.raises(ReaderSilent):
            port.write(bytes(100), Deadline(clock, 0.07))
        assert clock.seconds - began == pytest.approx(0.07)
    kernel.takes, kernel.opens = 100, 0.07
    port.write(bytes(100), Deadline(clock, 0.1))
    began = clock.seconds
    with pytest.raises(ReaderSilent):
        port.read(Deadline(clock, 0.03))
    assert clock.seconds - began == pytest.approx(0.03)
    port.close()
