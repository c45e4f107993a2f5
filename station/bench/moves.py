"""Tables of moves: (state, trigger) to the next state. A move that is not in a workflow's table is impossible."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import TypeVar

from station.base.errors import StationDefect

S = TypeVar("S", bound=StrEnum)
T = TypeVar("T", bound=StrEnum)


def moved(moves: Mapping[tuple[S, T], S], state: S, trigger: T) -> S:
    """Return the next state. Raises `StationDefect` for an impossible move."""
    to = moves.get((state, trigger))
    if to is None:
        raise StationDefect(f"{type(state).__name__}: no move {trigger} from {state}")
    return to
