"""Meaningful silence: a tag that is present but ignores one command does not support it, or may not answer it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from station.base.errors import TagAbsent

T = TypeVar("T")


def answered(ask: Callable[[], T | None], there: Callable[[], bool]) -> T | None:
    """Return a present tag's answer to `ask`; None if the tag ignores it, as it ignores an EAS alarm when its EAS bit
    is off (ICODE SLIX data sheet; docs/reference/readers.md#chips). `there`: returns whether the tag answers a request
    that it can always answer. Raises `TagAbsent` and what `ask` and `there` raise.

    A tag at the edge of the field misses some requests. Its silence is believed after two unanswered requests and two
    answered looks. A tag that receives any steady share of the requests is then never mistaken for a silent one: if it
    receives half or more, it does not miss two in a row; if it receives less, it does not answer two in a row.
    """
    for _ in range(2):
        said = ask()
        if said is not None:
            return said
    if there() and there():
        return None
    raise TagAbsent("no answer, nor to a look at the tag")
