"""The cable: a port that takes bytes and gives bytes. The only file that knows pyserial.

pyserial 3.5 raises three unrelated exception families when a port vanishes - SerialException, plain OSError and
termios.error - and leaves `is_open` True; all are caught here. A pseudo-terminal drops the parity bit,
and the second open of one with parity fails with termios.error 22, so that pseudo-terminals are opened without parity.
"""

from __future__ import annotations

import errno
import os
import termios
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final, NamedTuple, Protocol

import serial
from serial.tools import list_ports

from station.clock import Deadline
from station.errors import PortBusy, PortDenied, PortLost, PortMissing, ReaderSilent, TransportError
from station.settings import Reader
from station.text import clean


class Transport(Protocol):
    """A line to one reader. Every call raises `PortLost` when the line is gone for good."""

    def write(self, data: bytes) -> None:
        """Send all bytes; raises `ReaderSilent` when the other side takes none."""
        ...

    def read(self, deadline: Deadline) -> bytes:
        """At least one byte, as soon as there is one; raises `ReaderSilent` when none comes before the deadline."""
        ...

    def discard_input(self) -> int:
        """Throw away what has arrived and was not read; returns how many bytes that were."""
        ...

    def close(self) -> None:
        """Give the line back. May be called twice."""
        ...


_POLL_S: Final = 0.05
_WRITE_TIMEOUT_S: Final = 1.0
_FAULTS: Final = (serial.SerialException, OSError, termios.error)
_OPENING: Final[dict[int, type[TransportError]]] = {
    errno.EACCES: PortDenied,
    errno.EPERM: PortDenied,
    errno.EBUSY: PortBusy,
    errno.EAGAIN: PortBusy,
}
"""What an errno means while opening; any other one means that there is no such serial port."""


class SerialTransport:
    """A serial port, held exclusively. Use names under /dev/serial/by-id: they stay the same after replugging."""

    def __init__(self, reader: Reader) -> None:
        """Open the port; raises `PortMissing`, `PortBusy` or `PortDenied`."""
        self._port = reader.port
        try:
            self._serial = serial.Serial(
                reader.port,
                reader.baud,
                parity=serial.PARITY_NONE if _is_pseudo_terminal(reader.port) else reader.parity,
                timeout=_POLL_S,
                write_timeout=_WRITE_TIMEOUT_S,
                exclusive=True,
            )
        except _FAULTS as error:
            number = error.args[0] if error.args and isinstance(error.args[0], int) else 0
            raise _OPENING.get(number, PortMissing)(f"{reader.port}: {error}") from error

    def write(self, data: bytes) -> None:
        """See `Transport.write`."""
        with self._translated():
            try:
                self._serial.write(data)
            except serial.SerialTimeoutException as error:
                raise ReaderSilent(f"{self._port} takes no bytes") from error

    def read(self, deadline: Deadline) -> bytes:
        """See `Transport.read`. The deadline is looked at every 50 ms."""
        with self._translated():
            while True:
                data: bytes = self._serial.read(self._serial.in_waiting or 1)
                if data:
                    return data
                if deadline.expired and not self._serial.in_waiting:  # what came while this machine was busy is heard
                    raise ReaderSilent(f"{self._port} gives no bytes")

    def discard_input(self) -> int:
        """See `Transport.discard_input`."""
        with self._translated():
            waiting: int = self._serial.in_waiting
            self._serial.reset_input_buffer()
            return waiting

    def close(self) -> None:
        """See `Transport.close`."""
        try:
            self._serial.close()
        except _FAULTS as error:
            raise self._lost(error) from error

    @contextmanager
    def _translated(self) -> Iterator[None]:
        if not self._serial.is_open:  # pyserial would raise a TypeError for `in_waiting`
            raise self._lost("closed")
        try:
            yield
        except _FAULTS as error:
            raise self._lost(error) from error

    def _lost(self, why: object) -> PortLost:
        return PortLost(f"{self._port}: {why}")


class PortInfo(NamedTuple):
    """A serial port of this machine."""

    name: str
    """How to name it in the settings: the link under /dev/serial/by-id where there is one."""
    device: str
    vendor: int = 0
    product: int = 0
    description: str = ""

    @property
    def usb(self) -> str:
        """USB numbers and what the adapter calls itself; "" for what is no USB adapter."""
        if not self.vendor:
            return ""
        return f"{self.vendor:04X}:{self.product:04X} {clean(self.description, 80)}".strip()


def serial_ports(by_id: Path = Path("/dev/serial/by-id")) -> tuple[PortInfo, ...]:
    """Every serial port that the operating system knows; none is opened."""
    stable: dict[str, str] = {}
    if by_id.is_dir():
        stable = {os.path.realpath(link): str(link) for link in sorted(by_id.iterdir())}
    return tuple(
        PortInfo(
            stable.get(os.path.realpath(port.device), port.device),
            port.device,
            port.vid or 0,
            port.pid or 0,
            port.description or "",
        )
        for port in list_ports.comports()
    )


def _is_pseudo_terminal(port: str) -> bool:
    return os.path.realpath(port).startswith("/dev/pts/")
