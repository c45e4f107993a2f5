"""The head of a request, as a guard reads it."""

from __future__ import annotations

from typing import Final

MAX_HEAD: Final = 16 * 1024
"""Bytes of a request's line and headers. uvicorn limits only a head that arrives in parts."""


class Headers:
    """Request headers; a header that must be unique but occurs twice has no value."""

    def __init__(self, raw: list[tuple[bytes, bytes]]) -> None:
        self._raw = raw

    def has(self, name: str) -> bool:
        return any(key == name.encode() for key, _ in self._raw)

    def too_long(self, path: bytes, query: bytes) -> bool:
        """Return True if the request's line and headers have more than `MAX_HEAD` bytes. Each header has a colon, a blank
        and the end of its line besides."""
        size = sum(len(key) + len(value) + 4 for key, value in self._raw)
        return size + len(path) + len(query) > MAX_HEAD

    def one(self, name: str) -> str:
        found = [value.decode("latin-1") for key, value in self._raw if key == name.encode()]
        return found[0] if len(found) == 1 else ""
