"""The reader's plug: a pseudo-terminal behind a symbolic link, which can be pulled out and put in again."""

from __future__ import annotations

import contextlib
import os
import pty
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
    termios.B500000: 500_000,
}
READ_SIZE = 4096


class Line:
    """master is the reader's end. The slave is kept open too, so that a client's leaving is no hang-up for us."""

    def __init__(self, link: Path, *, drip: bool) -> None:
        self._link = link
        self._drip = drip
        self._slave = -1
        self.master = -1
        self.speed: int | None = None  # baud rate a client last asked for; None when nobody did
        self.plug()

    @property
    def plugged(self) -> bool:
        return self.master >= 0

    def plug(self) -> None:
        """A new terminal; the link is replaced atomically. Idempotent."""
        if self.plugged:
            return
        self.master, self._slave = pty.openpty()
        tty.setraw(self._slave)
        os.set_blocking(self.master, False)
        self.detune()
        self.speed = None
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
        """Note the speed a client asked for, then set 50 baud.

        A pty drops PARENB; a client that then changes parity alone, or opens the port again with the same settings,
        gets EINVAL. A speed that differs makes every request of a client a change.
        """
        mode = termios.tcgetattr(self._slave)
        if mode[4] == termios.B50 == mode[5]:
            return
        self.speed = _SPEEDS.get(mode[5], 0)
        mode[4] = mode[5] = termios.B50
        termios.tcsetattr(self._slave, termios.TCSANOW, mode)

    def read(self) -> bytes:
        """What the host sent; empty when nothing."""
        with contextlib.suppress(BlockingIOError):
            return os.read(self.master, READ_SIZE)
        return b""

    def write(self, data: bytes) -> None:
        """Send; byte by byte when dripping. What nobody fetches is lost, as on a wire."""
        with contextlib.suppress(BlockingIOError):
            if self._drip:
                for byte in data:
                    os.write(self.master, bytes((byte,)))
            else:
                os.write(self.master, data)
