"""How well a tag couples: heard k times of n, by itself or while a neighbour lies there; and movements at a given time."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass
class Coupling:
    """Heard `heard` times of `of` requests, evenly spread; what it does not hear leaves it without power."""

    heard: int
    of: int
    count: int = 0

    def would_hear(self) -> bool:
        """The next request?"""
        return (self.count + 1) * self.heard // self.of > self.count * self.heard // self.of

    def hears(self) -> bool:
        """One request."""
        heard = self.would_hear()
        self.count += 1
        return heard

    def to_json(self) -> dict[str, int]:
        return {"heard": self.heard, "of": self.of}


@dataclass
class Shadow(Coupling):
    """The same, while the tag `by` lies there."""

    by: str = ""


@dataclass
class Move:
    """At `at` (the emulator's seconds) a tag enters or leaves; `args`: how a cell is torn that is being programmed then."""

    at: float
    uid: str
    enters: bool
    args: dict[str, Any] = field(default_factory=dict)


def coupling(said: dict[str, Any]) -> tuple[int, int]:
    """`heard` of `of` from a control word; ValueError when that cannot be."""
    heard, of = int(said.get("heard", 0)), int(said.get("of", 1))
    if not 0 <= heard <= of or of < 1:
        raise ValueError("heard must lie between 0 and of, and of must be at least 1")
    return heard, of
