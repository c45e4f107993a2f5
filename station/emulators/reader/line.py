"""The reader's line: a pseudo-terminal behind a symbolic link, or a TCP port, which can be unplugged and plugged in
again."""

from __future__ import annotations

import contextlib
import fcntl
import os
import pty
import socket
import termios
import tty
from pathlib import Path

_SPEEDS = {
    termios.B4800: 4800,
    termios.B9600: 9600,
    termios.B19200: 19200,
    termios.B38400: 38400,
    termios.B57600: 57600,
    termios.B115200: 115_200,
    termios.B230400: 230_400,
    termios.B460800: 460_800,
    termios.B500000: 500_000,
    termios.B921600: 921_600,
}
READ_SIZE = 4096
LAST_PORT = 65535


class PtyLine:
    """A pseudo-terminal. master is the reader's end. The slave is kept open, too, so that a client's leaving does not
    hang up the reader."""

    def __init__(self, link: Path, *, drip: bool) -> None:
        self._link = link
        self._drip = drip
        self._slave = -1
        self.master = -1
        self.speed: int | None = None  # baud rate that a client last set; None if no client did
        self.plug()

    @property
    def name(self) -> str:
        """Path that a client opens."""
        return str(self._link)

    @property
    def plugged(self) -> bool:
        return self.master >= 0

    @property
    def sources(self) -> list[int]:
        """File descriptors that may have something to read."""
        return [self.master]

    def plug(self) -> None:
        """Create a new terminal, and replace the link atomically. Idempotent."""
        if self.plugged:
            return
        self.master, self._slave = pty.openpty()
        tty.setraw(self._slave)
        os.set_blocking(self.master, False)
        mode = termios.tcgetattr(self._slave)
        mode[4] = mode[5] = termios.B50  # no client sets this speed
        termios.tcsetattr(self._slave, termios.TCSANOW, mode)
        self.detune()
        beside = self._link.with_name(f".{self._link.name}.{os.getpid()}")
        beside.unlink(missing_ok=True)
        beside.symlink_to(os.ttyname(self._slave))
        beside.replace(self._link)

    def unplug(self) -> None:
        """Hang up: every client sees end of file or an I/O error. Idempotent."""
        if not self.plugged:
            return
        if self._link.is_symlink() and str(self._link.readlink()) == os.ttyname(self._slave):
            self._link.unlink()
        os.close(self.master)
        os.close(self._slave)
        self.master = self._slave = -1

    def detune(self) -> None:
        """Note the speed that a client set, and ensure that every setting of a client is a change.

        A pty drops PARENB. A client that then changes only the parity, or reopens the port with the same settings, gets
        EINVAL unless something differs. So CLOCAL, which clients set, is cleared. Only CLOCAL is cleared, in one step
        of the kernel, so that a setting that a client makes meanwhile is kept.
        """
        mode = termios.tcgetattr(self._slave)
        self.speed = None if mode[5] == termios.B50 else _SPEEDS.get(mode[5], 0)
        if mode[2] & termios.CLOCAL:
            fcntl.ioctl(self._slave, termios.TIOCSSOFTCAR, b"\0\0\0\0")

    def read(self) -> bytes:
        """Return the bytes that the host sent; empty if none."""
        with contextlib.suppress(BlockingIOError):
            return os.read(self.master, READ_SIZE)
        return b""

    def write(self, data: bytes) -> None:
        """Send, byte by byte if `drip`. Bytes that no client reads are lost, as on a wire."""
        with contextlib.suppress(BlockingIOError):
            if self._drip:
                for byte in data:
                    os.write(self.master, bytes((byte,)))
            else:
                os.write(self.master, data)


def address(listen: str) -> tuple[str, int]:
    """Return host and port of "HOST:PORT". Raises ValueError for anything else."""
    host, _, port = listen.rpartition(":")
    if not host or not port.isdecimal() or int(port) > LAST_PORT:
        raise ValueError(f"HOST:PORT expected, not {listen!r}")
    return host, int(port)


class TcpLine:
    """A reader on TCP (or a serial server): one client at a time, replaced by the next one. There is no speed."""

    speed: int | None = None

    def __init__(self, listen: str, *, drip: bool) -> None:
        """`listen`: "HOST:PORT"; port 0 selects a free one, given by `name`. Raises ValueError for anything else."""
        self._address = address(listen)
        self._drip = drip
        self._server: socket.socket | None = None
        self._client: socket.socket | None = None
        self.plug()

    @property
    def name(self) -> str:
        return "{}:{}".format(*self._address)

    @property
    def plugged(self) -> bool:
        return self._server is not None

    @property
    def sources(self) -> list[int]:
        return [one.fileno() for one in (self._server, self._client) if one is not None]

    def plug(self) -> None:
        """Listen, at the same port as before. Idempotent."""
        if self._server is None:
            self._server = socket.create_server(self._address)
            self._server.setblocking(False)
            self._address = (self._address[0], self._server.getsockname()[1])

    def unplug(self) -> None:
        """Close all connections and stop listening. Idempotent."""
        for one in (self._client, self._server):
            if one is not None:
                one.close()
        self._client = self._server = None

    def detune(self) -> None:
        """Do nothing: a socket has no speed."""

    def read(self) -> bytes:
        """Accept a waiting client, then return the bytes that it sent; empty if none."""
        if self._server is not None:
            with contextlib.suppress(BlockingIOError):
                client, _ = self._server.accept()
                client.setblocking(False)
                client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                if self._client is not None:
                    self._client.close()
                self._client = client
        if self._client is None:
            return b""
        try:
            data = self._client.recv(READ_SIZE)
        except BlockingIOError:
            return b""
        except OSError:
            data = b""
        if not data:
            self._client.close()
            self._client = None
        return data

    def write(self, data: bytes) -> None:
        """Send, byte by byte if `drip`. Bytes that no client reads are lost."""
        if self._client is None:
            return
        with contextlib.suppress(OSError):
            for piece in [data[at : at + 1] for at in range(len(data))] if self._drip else [data]:
                self._client.sendall(piece)
