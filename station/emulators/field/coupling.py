"""Coupling of tags: a tag is heard k times of n, always or while a neighboring tag is present; and timed movements."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass
class Coupling:
    """The tag is heard `heard` times of `of` requests, evenly spread. At a request that it misses it loses power."""

    heard: int
    of: int
    count: int = 0

    def would_hear(self) -> bool:
        """Return whether it would hear the next request."""
        return (self.count + 1) * self.heard // self.of > self.count * self.heard // self.of

    def hears(self) -> bool:
        """Count one request, and return whether it is heard."""
        heard = self.would_hear()
        self.count += 1
        return heard

    def to_json(self) -> dict[str, int]:
        return {"heard": self.heard, "of": self.of}


@dataclass
class Shadow(Coupling):
    """The same, but only while the tag `by` is present."""

    by: str = ""


@dataclass
class Move:
    """A tag enters or leaves at `at` (the emulator's seconds). `args`: how a cell that is then being programmed is
    torn."""

    at: float
    uid: str
    enters: bool
    args: dict[str, Any] = field(default_factory=dict)


def coupling(said: dict[str, Any]) -> tuple[int, int]:
    """Return `heard` and `of` of a control word. Raises ValueError for impossible values."""
    heard, of = int(said.get("heard", 0)), int(said.get("of", 1))
    if not 0 <= heard <= of or of < 1:
        raise ValueError("heard must be between 0 and of, and of must be at least 1")
    return heard, of
