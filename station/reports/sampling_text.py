"""A sampling stream as text: whose it is, and what comes next."""

from __future__ import annotations

from station.base.local_time import local_day
from station.base.words import tell
from station.domain.sampling import Stream


def next_step(stream: Stream) -> str:
    """Return the next step of the stream, as text."""
    size = stream.plan.sample
    if stream.quick:
        return tell("sampling.next-quick")
    if stream.level.every_item:
        if stream.found:
            return tell("sampling.every-item-bad", run=stream.run, size=size, bad=stream.found)
        return tell("sampling.every-item", run=stream.run, size=size)
    return tell(
        "sampling.lot",
        lot=stream.lot,
        drawn=stream.drawn,
        items=stream.plan.lot,
        looked=stream.looked,
        size=size,
        bad=stream.found,
    )


def stream_line(stream: Stream, name: str, at: str) -> str:
    """Return whose work it is, and how much of it is checked since when."""
    whose, level = tell(f"sampling.whose.{stream.whose.value}"), tell(f"sampling.level.{stream.level.value}")
    return tell("sampling.stream", whose=whose, name=name, level=level, day=local_day(at))
