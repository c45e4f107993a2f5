"""Serial ports as transports of bytes. The only file that imports pyserial.

When a port vanishes, pyserial 3.5 raises three unrelated kinds of exception (SerialException, plain OSError and
termios.error) and leaves `is_open` True. All are caught here. A pseudo-terminal drops the parity bit, and opening one
with parity a second time fails with termios.error 22, so pseudo-terminals are opened without parity.
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

from station.base.clock import Deadline
from station.base.errors import PortBusy, PortDenied, PortLost, PortMissing, ReaderSilent, TransportError
from station.base.settings import Reader
from station.base.text import clean
from station.drivers.line.descriptor import Kernel, arrives, send


class Transport(Protocol):
    """A line to one reader. Every call raises `PortLost` if the line is permanently lost."""

    def write(self, data: bytes, deadline: Deadline) -> None:
        """Send all bytes. Raises `ReaderSilent` if the line has not accepted them by the deadline. Unsent bytes are
        never sent later: a command must not be executed after its failure was reported. If the line cannot discard
        them, it is closed (`PortLost`)."""
        ...

    def read(self, deadline: Deadline) -> bytes:
        """Return at least one byte, as soon as there is one. Raises `ReaderSilent` if none arrives before the
        deadline."""
        ...

    def discard_input(self) -> int:
        """Discard received bytes that were not read. Return their number."""
        ...

    def close(self) -> None:
        """Release the line. May be called twice."""
        ...


_KERNEL: Final = Kernel()
_FAULTS: Final = (serial.SerialException, OSError, termios.error)
_OPENING: Final[dict[int, type[TransportError]]] = {
    errno.EACCES: PortDenied,
    errno.EPERM: PortDenied,
    errno.EBUSY: PortBusy,
    errno.EAGAIN: PortBusy,
}
"""Meaning of an errno while opening. Any other errno means that there is no such serial port."""


class SerialTransport:
    """A serial port, held exclusively. Use names under /dev/serial/by-id: they stay the same after replugging.

    pyserial opens, configures and empties the port. Waiting is done here, on its descriptor: pyserial reconfigures the
    whole port at each change of a timeout (3.5, `Serial.write_timeout`), which is unsuitable for keeping a deadline.
    """

    def __init__(self, reader: Reader, kernel: Kernel = _KERNEL) -> None:
        """Open the port. Raises `PortMissing`, `PortBusy` or `PortDenied`."""
        self._port = reader.port
        self._kernel = kernel
        try:
            self._serial = serial.Serial(
                reader.port,
                reader.baud,
                parity=serial.PARITY_NONE if _is_pseudo_terminal(reader.port) else reader.parity,
                timeout=0,
                exclusive=True,
            )
        except _FAULTS as error:
            number = error.args[0] if error.args and isinstance(error.args[0], int) else 0
            raise _OPENING.get(number, PortMissing)(f"{reader.port}: {error}") from error

    def write(self, data: bytes, deadline: Deadline) -> None:
        with self._translated():
            if not send(self._kernel, self._serial.fileno(), data, deadline):
                self._serial.reset_output_buffer()
                raise ReaderSilent(f"{self._port} takes no bytes")

    def read(self, deadline: Deadline) -> bytes:
        """See `Transport.read`. Bytes that arrived while this machine was busy are returned even after the deadline."""
        with self._translated():
            while arrives(self._kernel, self._serial.fileno(), deadline):
                data: bytes = self._serial.read(self._serial.in_waiting or 1)
                if data:
                    return data
            raise ReaderSilent(f"{self._port} gives no bytes")

    def discard_input(self) -> int:
        with self._translated():
            waiting: int = self._serial.in_waiting
            self._serial.reset_input_buffer()
            return waiting

    def close(self) -> None:
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
    """Name for the settings: the link under /dev/serial/by-id if there is one."""
    device: str
    vendor: int = 0
    product: int = 0
    description: str = ""

    @property
    def usb(self) -> str:
        """USB numbers and description of the adapter; "" if it is not a USB adapter."""
        if not self.vendor:
            return ""
        return f"{self.vendor:04X}:{self.product:04X} {clean(self.description, 80)}".strip()


def serial_ports(by_id: Path = Path("/dev/serial/by-id")) -> tuple[PortInfo, ...]:
    """Return every serial port that the operating system lists, without opening any."""
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
