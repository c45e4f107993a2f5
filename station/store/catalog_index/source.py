"""An import file: the position read so far, and the digest of any part that was read.

The digest of the part that an earlier run has read decides whether that run can be resumed. Size and content count, not
the date, because a file that was copied again is still the same file.
"""

from __future__ import annotations

import hashlib
import os
from collections import deque
from pathlib import Path
from typing import Final

_CHUNK: Final = 1 << 20
_KEPT: Final = 16 << 20
"""Bytes that `digest_at` can go back: more than a reader reads ahead. It reads a record of maximum length, one chunk, and
what its processes have not yet answered (`cores`)."""


class Beginning:
    """The bytes of an open file from the first, apart from the file's own position."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._done = 0

    def read(self, size: int, /) -> bytes:
        """Return the next bytes, at most `size`; empty at the end."""
        data = os.pread(self._descriptor, size, self._done)
        self._done += len(data)
        return data


class Source:
    """The bytes of a file, read forward. Raises `OSError`."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._file = path.open("rb")
        self.total = os.fstat(self._file.fileno()).st_size
        self.restart()

    def restart(self) -> None:
        """Go back to the first byte."""
        self._file.seek(0)
        self.done = self._hashed = 0
        self._hash = hashlib.sha256()
        self._waiting: deque[bytes] = deque()

    def read(self, size: int, /) -> bytes:
        """Return the next bytes, at most `size`; empty at the end."""
        data = self._file.read(size)
        self.done += len(data)
        self._waiting.append(data)
        self._hash_up_to(self.done - _KEPT)
        return data

    def beginning(self) -> Beginning:
        """Return the bytes of the file from the first, read without moving the position."""
        return Beginning(self._file.fileno())

    def digest_at(self, offset: int) -> str:
        """Return the SHA-256 of the first `offset` bytes. They must have been read, and no earlier call went
        further."""
        if not self._hashed <= offset <= self.done:
            raise ValueError(f"offset {offset} is not between {self._hashed} and {self.done}")
        self._hash_up_to(offset)
        return self._hash.hexdigest()

    def _hash_up_to(self, offset: int) -> None:
        while self._hashed < offset:
            data = self._waiting.popleft()
            part = data[: offset - self._hashed]
            self._hash.update(part)
            self._hashed += len(part)
            if len(part) < len(data):
                self._waiting.appendleft(data[len(part) :])

    def digest(self) -> str:
        """Return the SHA-256 of the whole file, after reading the rest of it."""
        while self.read(_CHUNK):
            pass
        return self.digest_at(self.done)

    def stands_behind(self, offset: int, digest: str) -> bool:
        """Skip the first `offset` bytes, from the start. If their digest differs, go back to the start and return
        False."""
        self.restart()
        while self.done < offset and self.read(min(_CHUNK, offset - self.done)):
            pass
        if self.done == offset and self.digest_at(offset) == digest:
            return True
        self.restart()
        return False

    def close(self) -> None:
        """Close the file."""
        self._file.close()
