"""One exchange with a reader: the frames as hex, and what they mean."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Words:
    """`event`: what the answer means. An empty frame: the source has none."""

    source: str
    name: str
    request: Any
    sent: str
    answered: str = ""
    event: Any = None

    @property
    def reply(self) -> bytes:
        return bytes.fromhex(self.answered)

    def __str__(self) -> str:
        return f"{self.source} {self.name}"
