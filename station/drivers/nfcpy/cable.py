"""The station's serial line as nfcpy's transport (`nfc.clf.transport.TTY`), which sends and receives whole PN532
frames.

Improvements over nfcpy's own transport: A frame may arrive in pieces. Bytes that are not a frame are skipped. Nothing
is taken for an answer before the chip has acknowledged the command (PN532 user manual 6.2.1.3: ACK comes first), so
that a late answer to the previous command is never taken for the present one's. Every operation has its own deadline.
An unplugged device raises `PortLost` instead of an error number. The line stays at 115200 baud.
"""

from __future__ import annotations

import errno
import os
from typing import Final, NoReturn

from station.base.clock import Clock, Deadline
from station.base.errors import ReaderSilent
from station.drivers.line.serial import Transport

BAUD: Final = 115_200
ACK: Final = bytes.fromhex("0000ff00ff00")
_START: Final = bytes.fromhex("0000ff")
_NACK: Final = bytes.fromhex("0000ffff00")
_EXTENDED: Final = b"\xff\xff"
_LEAST_S: Final = 0.25
"""Shortest wait in seconds. nfcpy waits 100 ms for an acknowledgement, which a busy USB bus can exceed (nfcpy's own
remark on the Raspberry Pi)."""
_LONGEST: Final = 8 + 265 + 2
"""Bytes of the longest extended frame that a PN532 can hold (user manual 6.2.1.2)."""


class Cable:
    """Transport for nfcpy; see the module. `deadline`: end of the current operation."""

    TYPE: Final = "TTY"
    manufacturer_name: Final = None
    product_name: Final = None

    def __init__(self, transport: Transport, clock: Clock) -> None:
        self._transport = transport
        self._clock = clock
        self._buffer = bytearray()
        self._unacknowledged = False
        self.silent = False
        """Whether the chip (not a tag) failed to answer since this was last set to False."""
        self.deadline = Deadline(clock, 0.0)
        self.port = ""
        self.baudrate = BAUD

    def open(self, port: str, baudrate: int) -> None:
        """Do nothing: the line is already open, and its speed does not change."""

    def write(self, frame: bytes | bytearray) -> None:
        """Discard unexpected input, then send. Raises `ReaderSilent` if the operation runs out of time before the line
        has accepted the frame."""
        if self.deadline.expired:
            raise ReaderSilent("the operation is out of time; nothing more was sent")
        self._transport.discard_input()
        self._buffer.clear()
        self._transport.write(bytes(frame), self.deadline)
        self._unacknowledged = bytes(frame) != ACK

    def read(self, timeout: float) -> bytearray:
        """Return one frame within `timeout` milliseconds. Raises OSError ETIMEDOUT, as nfcpy expects, and
        `ReaderSilent` if the whole operation has run out of time."""
        until = Deadline(self._clock, max(timeout / 1000, _LEAST_S))
        over = False
        while True:
            frame = self._next()
            if frame is None:
                if over:  # a stream of bytes without a frame
                    self._give_up()
                over = until.expired or self.deadline.expired
                self._more(until)
            elif frame == ACK:
                self._unacknowledged = False
                return bytearray(frame)
            elif not self._unacknowledged:
                return bytearray(frame)

    def _more(self, until: Deadline) -> None:
        soonest = until if until.remaining <= self.deadline.remaining else self.deadline
        try:
            self._buffer += self._transport.read(soonest)
        except ReaderSilent:
            self._give_up()

    def _give_up(self) -> NoReturn:
        if self.deadline.expired:
            raise ReaderSilent("the operation is out of time")
        self.silent = True
        raise OSError(errno.ETIMEDOUT, os.strerror(errno.ETIMEDOUT))

    def _next(self) -> bytes | None:
        """Return the next whole frame in the buffer, without the preamble; None if there is none."""
        while True:
            start = self._buffer.find(_START)
            if start < 0:
                del self._buffer[: max(0, len(self._buffer) - len(_START) + 1)]
                return None
            del self._buffer[:start]
            length = self._length()
            if length is None:
                return None
            if length <= _LONGEST:
                break
            del self._buffer[:1]
        if len(self._buffer) < length:
            return None
        frame = bytes(self._buffer[:length])
        del self._buffer[:length]
        return frame

    def _length(self) -> int | None:
        """Return the length of the frame that begins the buffer; None while it is unknown."""
        head = self._buffer
        if len(head) < 5:
            return None
        if head[3:5] == b"\x00\xff" or head[:5] == _NACK:
            return 6
        if head[3:5] == _EXTENDED:
            return None if len(head) < 8 else 10 + (head[5] << 8 | head[6])
        return 7 + head[3]

    def close(self) -> None:
        """Give the line back."""
        self._transport.close()
