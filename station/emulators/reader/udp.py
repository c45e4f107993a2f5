"""A line of datagrams: each datagram is one message, and the answer goes to its sender."""

from __future__ import annotations

import contextlib
import socket

from station.emulators.reader.line import address

READ_SIZE = 4096


class UdpLine:
    """Any number of clients. The answer goes to the address of the last datagram. There is no speed."""

    speed: int | None = None

    def __init__(self, listen: str) -> None:
        """`listen`: "HOST:PORT"; port 0 selects a free one, given by `name`. Raises ValueError for anything else."""
        self._address = address(listen)
        self._socket: socket.socket | None = None
        self._peer: tuple[str, int] | None = None
        self.plug()

    @property
    def name(self) -> str:
        return "{}:{}".format(*self._address)

    @property
    def plugged(self) -> bool:
        return self._socket is not None

    @property
    def sources(self) -> list[int]:
        return [] if self._socket is None else [self._socket.fileno()]

    def plug(self) -> None:
        """Listen, at the same port as before. Idempotent."""
        if self._socket is None:
            self._socket = _bound(self._address)
            self._socket.setblocking(False)
            self._address = (self._address[0], self._socket.getsockname()[1])

    def unplug(self) -> None:
        """Stop listening. Idempotent."""
        if self._socket is not None:
            self._socket.close()
        self._socket = self._peer = None

    def detune(self) -> None:
        """Do nothing: a socket has no speed."""

    def read(self) -> bytes:
        """Return one datagram; empty if there is none."""
        if self._socket is None:
            return b""
        with contextlib.suppress(BlockingIOError, ConnectionError):
            data, self._peer = self._socket.recvfrom(READ_SIZE)
            return data
        return b""

    def write(self, data: bytes) -> None:
        """Send one datagram to the last sender. A datagram that cannot be sent is lost."""
        if self._socket is not None and self._peer is not None:
            with contextlib.suppress(OSError):
                self._socket.sendto(data, self._peer)


def _bound(address: tuple[str, int]) -> socket.socket:
    """Return a socket at the address. A free port is one without a name in the table of services: nfcpy replaces the number
    of a port by its name there, and then cannot connect (nfc/clf/udp.py, `Device.__init__`)."""
    while True:
        bound = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        bound.bind(address)
        if address[1]:
            return bound
        try:
            socket.getservbyport(bound.getsockname()[1])
        except OSError:
            return bound
        bound.close()
