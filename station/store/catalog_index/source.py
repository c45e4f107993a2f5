"""A file that is imported: how far it was read, and the digest of what was read, wherever that ends.

The digest of the part that an earlier run has read tells whether it can be gone on with: size and content count, not
the date, because a file that was copied again is still the same file.
"""

from __future__ import annotations

import hashlib
import os
from collections import deque
from pathlib import Path
from typing import Final

_CHUNK: Final = 1 << 20
_KEPT: Final = 8 << 20
"""Bytes that `digest_at` can go back: more than a reader reads ahead (a record of the greatest length and a piece)."""


class Source:
    """Bytes of a file, forward. Raises `OSError`."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._file = path.open("rb")
        self.total = os.fstat(self._file.fileno()).st_size
        self.restart()

    def restart(self) -> None:
        """Back to the first byte."""
        self._file.seek(0)
        self.done = self._hashed = 0
        self._hash = hashlib.sha256()
        self._waiting: deque[bytes] = deque()

    def read(self, size: int, /) -> bytes:
        """The next bytes, at most `size`; empty at the end."""
        data = self._file.read(size)
        self.done += len(data)
        self._waiting.append(data)
        self._hash_up_to(self.done - _KEPT)
        return data

    def digest_at(self, offset: int) -> str:
        """SHA-256 of the first `offset` bytes. They must have been read, and no earlier call went further."""
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
        """SHA-256 of the whole file; reads what is left of it."""
        while self.read(_CHUNK):
            pass
        return self.digest_at(self.done)

    def stands_behind(self, offset: int, digest: str) -> bool:
        """Go behind the first `offset` bytes, from the beginning; False (and back there) if their digest is another."""
        self.restart()
        while self.done < offset and self.read(min(_CHUNK, offset - self.done)):
            pass
        if self.done == offset and self.digest_at(offset) == digest:
            return True
        self.restart()
        return False

    def close(self) -> None:
        """Give the file back."""
        self._file.close()
