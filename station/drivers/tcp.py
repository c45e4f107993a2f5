"""A reader behind TCP: one with a network plug, or a serial one behind a terminal server.

A socket has no speed and no parity. What the other side sends is delivered in pieces of any length; its end of file, a reset
and an unreachable host are all the same to the station: the line is lost.
"""

from __future__ import annotations

import select
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from station.clock import Deadline
from station.errors import PortLost, PortMissing, ReaderSilent, SettingsError

TCP: Final = "tcp://"
"""A port that begins like this is HOST:PORT."""
PORT: Final = 10001
"""TCP port of FEIG's readers, where none is given (reader-protocols.md 1.2)."""

_CONNECT_S: Final = 3.0
_WRITE_S: Final = 1.0
_POLL_S: Final = 0.05
_READ_SIZE: Final = 4096


def address(port: str) -> tuple[str, int]:
    """Host and port of "tcp://HOST[:PORT]" ("tcp://[::1]:10001" for IPv6); raises `SettingsError`."""
    rest = port.removeprefix(TCP)
    host, colon, number = rest.rpartition(":")
    if not colon or rest.endswith("]"):
        host, number = rest, str(PORT)
    host = host.removeprefix("[").removesuffix("]")
    if not port.startswith(TCP) or not host or not number.isdecimal() or not 0 < int(number) < 65536:
        raise SettingsError(f"reader.port: {port!r} is not {TCP}HOST:PORT")
    return host, int(number)


class TcpTransport:
    """See `transport.Transport`. Raises `PortMissing` when nobody can be reached there."""

    def __init__(self, port: str) -> None:
        self._port = port
        try:
            self._socket: socket.socket | None = socket.create_connection(address(port), _CONNECT_S)
            self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            # A reader that loses its power sends no end of file: the kernel asks whether it is still there.
            self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        except (OSError, UnicodeError) as error:
            raise PortMissing(f"{port}: {error}") from error

    def write(self, data: bytes) -> None:
        """See `Transport.write`."""
        with self._open() as line:
            line.settimeout(_WRITE_S)
            try:
                line.sendall(data)
            except TimeoutError as error:
                raise ReaderSilent(f"{self._port} takes no bytes") from error

    def read(self, deadline: Deadline) -> bytes:
        """See `Transport.read`. The deadline is looked at every 50 ms."""
        with self._open() as line:
            while not select.select([line], [], [], min(deadline.remaining, _POLL_S))[0]:
                if deadline.expired and not select.select([line], [], [], 0)[0]:
                    raise ReaderSilent(f"{self._port} gives no bytes")
            return self._receive(line)

    def discard_input(self) -> int:
        """See `Transport.discard_input`."""
        with self._open() as line:
            count = 0
            while select.select([line], [], [], 0)[0]:
                count += len(self._receive(line))
            return count

    def close(self) -> None:
        """See `Transport.close`."""
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
