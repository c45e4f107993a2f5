"""A line of datagrams: what arrives is one message, and the answer goes to whoever sent it."""

from __future__ import annotations

import contextlib
import socket

from station.emulators.reader.line import address

READ_SIZE = 4096


class UdpLine:
    """Any number of clients; each is answered at the address its last datagram came from. No speed is asked for."""

    speed: int | None = None

    def __init__(self, listen: str) -> None:
        """`listen`: "HOST:PORT"; port 0 takes a free one, which `name` tells. ValueError for anything else."""
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
            self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            self._socket.bind(self._address)
            self._socket.setblocking(False)
            self._address = (self._address[0], self._socket.getsockname()[1])

    def unplug(self) -> None:
        """Nobody listens any more. Idempotent."""
        if self._socket is not None:
            self._socket.close()
        self._socket = self._peer = None

    def detune(self) -> None:
        """A socket has no speed."""

    def read(self) -> bytes:
        """One datagram; empty when there is none."""
        if self._socket is None:
            return b""
        with contextlib.suppress(BlockingIOError, ConnectionError):
            data, self._peer = self._socket.recvfrom(READ_SIZE)
            return data
        return b""

    def write(self, data: bytes) -> None:
        """One datagram to whoever asked last; one that cannot be sent is lost."""
        if self._socket is not None and self._peer is not None:
            with contextlib.suppress(OSError):
                self._socket.sendto(data, self._peer)
