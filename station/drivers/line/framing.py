"""Cut a stream of bytes into the frames of one protocol, without any I/O.

Resynchronization: the earliest byte that can begin a frame is taken as its beginning until the frame is complete. If
the check value is right, the whole frame is removed at once, so that tag data is never read as a frame. If it is wrong,
only that first byte is removed.
"""

from __future__ import annotations

from typing import Generic, Protocol, TypeVar

F = TypeVar("F")
F_co = TypeVar("F_co", covariant=True)


class Framing(Protocol[F_co]):
    """How the frames of one protocol begin and end."""

    def announced(self, waiting: bytearray, /) -> int | None:
        """Return the length in bytes of the frame that may begin here; 0 if none can, None if there are too few bytes
        to tell."""
        ...

    def parse(self, raw: bytes, /) -> F_co | None:
        """Return the frame in exactly these bytes; None if its check value is wrong."""
        ...


class FrameBuffer(Generic[F]):
    """A buffer that turns a stream of bytes into whole frames."""

    def __init__(self, framing: Framing[F]) -> None:
        self._framing = framing
        self._bytes = bytearray()
        self._skipped = 0

    def __len__(self) -> int:
        return len(self._bytes)

    @property
    def skipped(self) -> int:
        """Number of bytes skipped because they belonged to no frame."""
        return self._skipped

    def feed(self, data: bytes) -> None:
        """Append received bytes."""
        self._bytes += data

    def next(self, *, final: bool = False) -> F | None:
        """Return the next whole frame, or None. `final`: nothing more will arrive, so an incomplete frame is
        garbage."""
        while self._bytes:
            length = self._framing.announced(self._bytes)
            if length is None or length > len(self._bytes):
                if not final:
                    return None
            elif length:
                frame = self._framing.parse(bytes(self._bytes[:length]))
                if frame is not None:
                    del self._bytes[:length]
                    return frame
            del self._bytes[0]
            self._skipped += 1
        return None
