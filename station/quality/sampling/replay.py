"""Repeat every draw of a journal from its seeds, so that anyone who doubts a draw can verify it.

It verifies that each draw follows from seed, plan and position; that positions of a lot are consecutive; that no seed
serves two lots, and none changes within its lot; and that a stream's level changes only with a switch that gives the
reason.
"""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from station.domain.events import ItemDrawn, SamplingCounted
from station.domain.sampling import Drawn, Level, Stream, Switch, Whose
from station.quality.sampling.draws import is_drawn


class Replay(msgspec.Struct, kw_only=True):
    """Results. `problems` are sentences with the sequence number of the event."""

    items: int = 0
    """Items with a draw."""
    draws: int = 0
    """Repeated draws of a lot."""
    asked: int = 0
    """Items that a person was asked about."""
    switches: int = 0
    problems: list[str] = msgspec.field(default_factory=list)

    @property
    def good(self) -> bool:
        """Return True if there are no problems."""
        return not self.problems


def replay(events: Iterable[tuple[int, object]]) -> Replay:
    """Verify (sequence number, event) pairs in order; events that are not about sampling are skipped. Keeps one stream
    per worker and vendor, and the seeds of the lots, in memory."""
    found = Replay()
    streams: dict[tuple[Whose, str], Stream] = {}
    seeds: dict[str, tuple[Whose, str, int]] = {}
    for seq, event in events:
        if isinstance(event, ItemDrawn):
            found.items += 1
            found.asked += event.asked
            for drawn in event.draws:
                found.problems += [f"event {seq}: {what}" for what in _draw(drawn, event.streams, streams)]
                found.draws += drawn.position > 0
        elif not isinstance(event, SamplingCounted):
            continue
        found.switches += len(event.switches)
        for stream in event.streams:
            found.problems += [f"event {seq}: {what}" for what in _stream(stream, event.switches, streams, seeds)]
            streams[stream.whose, stream.subject] = stream
    return found


def _draw(drawn: Drawn, after: tuple[Stream, ...], before: dict[tuple[Whose, str], Stream]) -> Iterable[str]:
    key = (drawn.whose, drawn.subject)
    name = f"{drawn.whose} {drawn.subject}"
    stream = next((one for one in after if (one.whose, one.subject) == key), None)
    if stream is None:
        yield f"{name} was drawn, but its stream is missing"
        return
    if (drawn.level, drawn.lot) != (stream.level, stream.lot):
        yield f"{name}: the draw is for {drawn.level}, lot {drawn.lot}; the stream says {stream.level}, lot {stream.lot}"
    elif drawn.level.every_item:
        if not drawn.asked or drawn.position:
            yield f"{name}: every item is checked, but this one was left to a draw"
    else:
        last = before.get(key)
        expected = last.drawn + 1 if last is not None and last.lot == drawn.lot else 1
        if drawn.position != expected:
            yield f"{name}: place {drawn.position} of lot {drawn.lot}, where {expected} comes next"
        if drawn.asked is not is_drawn(stream.seed, stream.plan.lot, stream.plan.sample, drawn.position):
            yield f"{name}: the draw for place {drawn.position} of lot {drawn.lot} is not what its seed gives"


def _stream(
    stream: Stream,
    switches: tuple[Switch, ...],
    before: dict[tuple[Whose, str], Stream],
    seeds: dict[str, tuple[Whose, str, int]],
) -> Iterable[str]:
    key = (stream.whose, stream.subject)
    name = f"{stream.whose} {stream.subject}"
    last = before.get(key)
    said = [switch for switch in switches if (switch.whose, switch.subject) == key]
    was: Level | None = last.level if last is not None else None
    for switch in said:
        if switch.before is not was:
            yield f"{name}: a switch from {switch.before}, where it was {was}"
        if not switch.reason:
            yield f"{name}: a switch without a reason"
        was = switch.after
    if was is not stream.level:
        yield f"{name} is {stream.level}, and no switch led to it"
    if stream.seed:
        lot = (*key, stream.lot)
        if seeds.setdefault(stream.seed, lot) != lot:
            yield f"{name}: the seed of lot {stream.lot} was used before"
        if last is not None and last.lot == stream.lot and last.seed and last.seed != stream.seed:
            yield f"{name}: another seed within lot {stream.lot}"
