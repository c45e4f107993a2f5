"""What happened to one thing, for the macro `history` of the pages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

from station.base.text import clean, with_names
from station.base.words import tell
from station.base.words.times import local_day_and_time
from station.domain.ports import Logged

LONGEST: Final = 4000
"""Characters of one event's sentence."""


class Step(NamedTuple):
    """One event."""

    seq: int
    at: str
    """ISO 8601, UTC."""
    time: str
    """Local day and time, for display."""
    text: str
    is_new: bool
    """True if the reader's own act has just made it."""


def steps(history: Sequence[Logged], names: Mapping[str, str], new: int) -> list[Step]:
    """Return the events, the newest first. `names`: names of people by id; `new`: number of the first event that is new to the
    reader, 0 = none is."""
    return [
        Step(
            entry.seq,
            entry.at,
            local_day_and_time(entry.at),
            with_names(clean(tell(entry.plain or entry.said), LONGEST), names),
            0 < new <= entry.seq,
        )
        for entry in reversed(history)
    ]
