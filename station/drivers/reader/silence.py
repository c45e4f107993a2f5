"""Silence of a tag means something where it is there and does not know, or may not answer, one question."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from station.base.errors import TagAbsent

T = TypeVar("T")


def answered(ask: Callable[[], T | None], there: Callable[[], bool]) -> T | None:
    """What a tag that is there says to `ask`; None when it is silent to it, as it is to an EAS alarm when its EAS bit is off
    (ICODE SLIX data sheet; reader-protocols.md 6.7). `there`: does the tag answer what it can answer at any time? Raises
    `TagAbsent` and what `ask` and `there` raise.

    A tag at the edge of the field misses some of what it is asked. Its silence is believed after two questions without an
    answer and two looks with one: a tag that hears any steady share of them is then never taken for one that has nothing
    to say. If it hears half or more, it does not miss two in a row; if it hears less, it does not answer two in a row.
    """
    for _ in range(2):
        said = ask()
        if said is not None:
            return said
    if there() and there():
        return None
    raise TagAbsent("no answer, nor to a look at the tag")
