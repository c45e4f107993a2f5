"""Bounded cursor that cannot read past its end. All decoders of tags read through it, so that an over-read raises
`Undecodable` and never `IndexError`."""

from __future__ import annotations

from station.base.errors import Undecodable


class Cursor:
    """Reads `data` from `offset` on; offsets in errors are absolute."""

    def __init__(self, data: bytes, offset: int = 0, end: int | None = None) -> None:
        self.data = data
        self.offset = offset
        self.end = len(data) if end is None else end

    @property
    def remaining(self) -> int:
        """Bytes left before the end."""
        return self.end - self.offset

    def peek(self) -> int:
        """Return the next byte without taking it."""
        if self.remaining < 1:
            raise Undecodable(self.offset, "the memory ends in the middle of an element")
        return self.data[self.offset]

    def byte(self) -> int:
        """Take one byte."""
        value = self.peek()
        self.offset += 1
        return value

    def take(self, count: int) -> bytes:
        """Take `count` bytes."""
        if count > self.remaining:
            raise Undecodable(self.offset, f"{count} bytes promised, {self.remaining} left")
        start = self.offset
        self.offset += count
        return self.data[start : self.offset]
