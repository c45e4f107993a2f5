"""Read the fields of a reply, using all of its bytes. Numbers travel most significant byte first."""

from __future__ import annotations


class Misshapen(Exception):
    """The bytes do not have the layout of the manual."""


class Cursor:
    """A position in the bytes of a reply. Reading past the end, or leaving bytes over, raises `Misshapen`."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0

    @property
    def left(self) -> int:
        """Number of bytes not taken yet."""
        return len(self._data) - self._at

    def take(self, count: int) -> bytes:
        """Return the next `count` bytes."""
        if count > self.left:
            raise Misshapen(f"{count} bytes expected, {self.left} left")
        self._at += count
        return self._data[self._at - count : self._at]

    def number(self, size: int = 1) -> int:
        """Return the next `size` bytes as a number."""
        return int.from_bytes(self.take(size), "big")

    def expect(self, wanted: bytes, what: str) -> None:
        """Check that the next bytes are `wanted`."""
        if (found := self.take(len(wanted))) != wanted:
            raise Misshapen(f"{what} {found.hex()} instead of {wanted.hex()}")

    def end(self) -> None:
        """Check that no byte is left."""
        if self.left:
            raise Misshapen(f"{self.left} bytes too many")
