"""A FEIG command: a row of the manual, and a request with the parser of its answer."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

import msgspec

from station.drivers.feig.replies import Event

E = TypeVar("E", bound=Event)


class Row(msgspec.Struct, frozen=True):
    """One command of the manual. `sub`: sub-command of B0 and B1. `maker`: manufacturer's code of a B1 command
    (ISO/IEC 7816-6). `answers`: statuses that are an answer, not a refusal."""

    name: str
    code: int
    sub: int | None = None
    maker: int | None = None
    changes_tag: bool = False
    answers: tuple[int, ...] = (0x00,)


@dataclass(frozen=True, slots=True)
class Request(Generic[E]):
    """A command with its DATA, and the parser of its answer, called with (status, DATA)."""

    row: Row
    data: bytes
    parse: Callable[[int, bytes], E]
