"""Readers on TCP: a reader with a network port, or a serial one behind a terminal server.

A socket has no speed and no parity. Received data arrives in pieces of any length. End of file, a reset and an
unreachable host all mean that the line is lost.
"""

from __future__ import annotations

import queue
import socket
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

from station.base.clock import Deadline, SystemClock
from station.base.errors import PortLost, PortMissing, ReaderSilent, SettingsError
from station.drivers.line.descriptor import Kernel, arrives, send

TCP: Final = "tcp://"
"""Prefix of a port that is HOST:PORT."""
PORT: Final = 10001
"""Default TCP port, that of FEIG's readers (docs/reference/readers.md#feig-line-and-timing)."""

CONNECT_S: Final = 3.0
"""Seconds to look up a name and reach one of its addresses."""
_AT_LEAST_S: Final = 0.001
"""Shortest timeout in seconds: with 0, even a socket on this machine could not answer in time."""
_KERNEL: Final = Kernel()
_READ_SIZE: Final = 4096
_DISCARDED: Final = 65536
"""Limit on bytes discarded at once, so that a device that sends without end cannot block the caller."""
_AT_ONCE: Final = struct.pack("ii", 1, 0)
"""SO_LINGER value with which closing discards unsent data (socket(7))."""


def address(port: str) -> tuple[str, int]:
    """Return host and port of "tcp://HOST[:PORT]" ("tcp://[::1]:10001" for IPv6). Raises `SettingsError`."""
    rest = port.removeprefix(TCP)
    host, colon, number = rest.rpartition(":")
    if not colon or rest.endswith("]"):
        host, number = rest, str(PORT)
    host = host.removeprefix("[").removesuffix("]")
    if not port.startswith(TCP) or not host or not number.isdecimal() or not 0 < int(number) < 65536:
        raise SettingsError(f"reader.port: {port!r} is not {TCP}HOST:PORT")
    return host, int(number)


class TcpTransport:
    """See `serial.Transport`. Raises `PortMissing` if no connection is made within `seconds`."""

    def __init__(self, port: str, seconds: float = CONNECT_S, kernel: Kernel = _KERNEL) -> None:
        self._port = port
        self._kernel = kernel
        try:
            self._socket: socket.socket | None = _connected(*address(port), Deadline(SystemClock(), seconds))
            self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            # A reader that loses its power sends no end of file, so the kernel checks whether it is still there.
            self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
            self._socket.setblocking(False)
        except (OSError, UnicodeError) as error:
            raise PortMissing(f"{port}: {error}") from error

    def write(self, data: bytes, deadline: Deadline) -> None:
        """See `Transport.write`. Unsent bytes of a connection cannot be discarded, so a full connection is closed."""
        with self._open() as line:
            if not send(self._kernel, line.fileno(), data, deadline):
                line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _AT_ONCE)
                self.close()
                raise PortLost(f"{self._port} takes no bytes; the connection was closed")

    def read(self, deadline: Deadline) -> bytes:
        """See `Transport.read`. What came while this machine was busy is heard also after the deadline."""
        with self._open() as line:
            if not arrives(self._kernel, line.fileno(), deadline):
                raise ReaderSilent(f"{self._port} gives no bytes")
            return self._receive(line)

    def discard_input(self) -> int:
        with self._open() as line:
            count = 0
            while count < _DISCARDED and self._kernel.readable(line.fileno(), 0):
                count += len(self._receive(line))
            return count

    def close(self) -> None:
        line, self._socket = self._socket, None
        if line is not None:
            line.close()

    def _receive(self, line: socket.socket) -> bytes:
        data = line.recv(_READ_SIZE)
        if not data:
            raise PortLost(f"{self._port}: the other side ended the connection")
        return data

    @contextmanager
    def _open(self) -> Iterator[socket.socket]:
        if self._socket is None:
            raise PortLost(f"{self._port}: closed")
        try:
            yield self._socket
        except OSError as error:
            raise PortLost(f"{self._port}: {error}") from error


def _connected(host: str, number: int, until: Deadline) -> socket.socket:
    """Return a socket connected to the first address of `host` that can be reached."""
    problem = OSError(f"{host} has no address")
    for family, kind, protocol, _, place in _looked_up(host, number, until.remaining):
        line = socket.socket(family, kind, protocol)
        try:
            line.settimeout(until.remaining or _AT_LEAST_S)
            line.connect(place)
            return line
        except OSError as error:
            line.close()
            problem = error
    raise problem


def _looked_up(host: str, number: int, seconds: float) -> list[Any]:
    """Return the result of `getaddrinfo`, waiting at most `seconds`. The call has its own timeout, half a minute or
    more (resolv.conf(5)), so it runs in a thread, which is abandoned if it takes too long."""
    told: queue.SimpleQueue[list[Any] | OSError | UnicodeError] = queue.SimpleQueue()

    def ask() -> None:
        try:
            told.put(socket.getaddrinfo(host, number, type=socket.SOCK_STREAM))
        except (OSError, UnicodeError) as error:
            told.put(error)

    threading.Thread(target=ask, name="look-up", daemon=True).start()
    try:
        answer = told.get(timeout=seconds)
    except queue.Empty:
        raise TimeoutError(f"the address of {host} could not be looked up in time") from None
    if isinstance(answer, Exception):
        raise answer
    return answer
