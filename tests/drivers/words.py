"""One exchange with a reader: the frames as hex, and their meaning."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Words:
    """One exchange. `event`: the meaning of the answer. An empty frame is not in the source."""

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
