"""How a reader does: counters and histograms of one session, a placement test, and what to do about it in words.

Values and pure functions. A driver's wrapper counts (`drivers.reader.measured`), the technician's board and `station
reader health`
show. Nothing here is an alarm: the bench stops by itself where it must.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final, Protocol

import msgspec

from station.base.words import tell

# --- counters -------------------------------------------------------------------------------------------------------

SECONDS: Final = (0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0)
"""Upper bounds of the histograms of time, in seconds."""
TAGS: Final = (0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 10.0, 20.0)
"""Upper bounds of the histogram of tags in an inventory."""


class Histogram(msgspec.Struct, frozen=True):
    """How often a value was at most each bound (and above the one before); the last count is what was above all bounds."""

    bounds: tuple[float, ...]
    counts: tuple[int, ...]

    @property
    def total(self) -> int:
        """Values counted."""
        return sum(self.counts)

    def with_value(self, value: float) -> Histogram:
        """One value more."""
        at = next((index for index, bound in enumerate(self.bounds) if value <= bound), len(self.bounds))
        counts = tuple(count + (index == at) for index, count in enumerate(self.counts))
        return Histogram(self.bounds, counts)

    def quantile(self, share: float) -> float | None:
        """The bound below which at least this share of the values lies; None where nothing was counted or it lies above all
        bounds."""
        wanted, seen = share * self.total, 0
        if not self.total:
            return None
        for bound, count in zip(self.bounds, self.counts, strict=False):
            seen += count
            if seen >= wanted:
                return bound
        return None


def empty(bounds: tuple[float, ...]) -> Histogram:
    """Nothing counted yet."""
    return Histogram(bounds, (0,) * (len(bounds) + 1))


class OperationHealth(msgspec.Struct, frozen=True, kw_only=True):
    """One kind of operation."""

    name: str
    """As in `domain.ports.Reader`: "inventory", "write_blocks", ..."""
    done: int = 0
    errors: dict[str, int] = {}
    """Ends by the error's code."""
    seconds: Histogram = empty(SECONDS)
    """Of those that were done."""

    @property
    def total(self) -> int:
        """How often it was asked for."""
        return self.done + sum(self.errors.values())


class LineHealth(msgspec.Struct, frozen=True, kw_only=True):
    """The cable and the reader behind it, exchange by exchange."""

    exchanges: int = 0
    silent: int = 0
    """Without any answer in time."""
    garbled: int = 0
    """With an answer whose CRC or layout was wrong."""
    stray: int = 0
    """Bytes that nobody had asked for."""
    fences: int = 0
    """Questions that were asked only to be sure whose answer comes next: retries of the line."""
    seconds: Histogram = empty(SECONDS)
    """From the question to its answer."""


class ReaderHealth(msgspec.Struct, frozen=True, kw_only=True):
    """One session: since the station (or the command) began, whatever happened to the plug meanwhile."""

    since: str
    until: str
    driver: str
    port: str
    name: str = ""
    firmware: str = ""
    connected: bool = False
    connections: int = 0
    """How often the reader was greeted with success."""
    lost: int = 0
    """How often the port vanished while it was in use."""
    line: LineHealth = LineHealth()
    operations: tuple[OperationHealth, ...] = ()
    tags: Histogram = empty(TAGS)
    """Tags in an inventory."""
    collisions: int = 0
    """Inventories in which something could not be told apart."""
    write_seconds: Histogram = empty(SECONDS)
    """Seconds a block took to be written, where writing was done."""
    cut_off: bool = False
    """Of figures in a file: the session had not ended, and `until` is when they were put down last."""

    def operation(self, name: str) -> OperationHealth:
        """One of them; an empty one where it was never asked for."""
        return next((one for one in self.operations if one.name == name), OperationHealth(name=name))


class HealthPort(Protocol):
    """Who can say how the reader does. Never blocks, never raises."""

    def reader_health(self) -> ReaderHealth | None:
        """None until there is a reader."""
        ...


# --- in words -------------------------------------------------------------------------------------------------------


class Advice(msgspec.Struct, frozen=True):
    """What stands out, and what to do about it."""

    key: str
    sentence: str
    bad: bool = True


ENOUGH: Final = 50
"""Exchanges below which nothing is said about shares."""
NOTABLE: Final = 0.01
"""Share of exchanges that may go wrong without a word."""
SILENT_TAGS: Final = 0.05
"""Share of operations on tags that may end without the tag's answer."""
SLOW_WRITE_S: Final = 0.1
"""Seconds a block: about twice what a serial reader needs for one block by itself (reader-protocols.md 6.4, 6.5)."""
_ON_TAGS: Final = (
    "system_information",
    "read_blocks",
    "write_blocks",
    "write_afi",
    "write_dsfid",
    "read_eas",
    "write_eas",
)


def advice(health: ReaderHealth) -> tuple[Advice, ...]:
    """What stands out, the worst first; one line that says so when nothing does."""
    line = health.line
    found: list[Advice] = []
    if health.lost:
        found.append(
            Advice(
                "lost",
                tell("health.lost", count=health.lost),
            )
        )
    if line.exchanges >= ENOUGH:
        found += _of_the_line(line)
    found += _of_tags(health)
    if found:
        return tuple(found)
    if line.exchanges < ENOUGH:
        return (Advice("little", tell("health.little", all=line.exchanges), bad=False),)
    return (Advice("good", tell("health.good", all=line.exchanges), bad=False),)


def _of_the_line(line: LineHealth) -> list[Advice]:
    found = []
    if line.garbled > NOTABLE * line.exchanges:
        found.append(
            Advice(
                "garbled",
                tell("health.garbled", bad=line.garbled, all=line.exchanges),
            )
        )
    if line.silent > NOTABLE * line.exchanges:
        found.append(
            Advice(
                "silent",
                tell("health.silent", bad=line.silent, all=line.exchanges),
            )
        )
    if line.stray:
        found.append(
            Advice(
                "stray",
                tell("health.stray", bytes=line.stray),
            )
        )
    return found


def _of_tags(health: ReaderHealth) -> list[Advice]:
    found = []
    asked = sum(health.operation(name).total for name in _ON_TAGS)
    silent = sum(health.operation(name).errors.get("tag-absent", 0) for name in _ON_TAGS)
    if asked >= ENOUGH and silent > SILENT_TAGS * asked:
        found.append(
            Advice(
                "tags-silent",
                tell("health.tags-silent", bad=silent, all=asked),
            )
        )
    looks = health.tags.total
    if looks >= ENOUGH and health.collisions > SILENT_TAGS * looks:
        found.append(
            Advice(
                "collisions",
                tell("health.collisions", bad=health.collisions, all=looks),
            )
        )
    slow = health.write_seconds.quantile(0.5)
    if health.write_seconds.total >= ENOUGH and (slow is None or slow > SLOW_WRITE_S):
        found.append(
            Advice(
                "slow",
                tell("health.slow", seconds=f"{SLOW_WRITE_S:g}"),
            )
        )
    return found


# --- placement ------------------------------------------------------------------------------------------------------

GOOD: Final = 1.0
USABLE: Final = 0.9
"""Shares of polls that a tag answers in."""


class Placed(msgspec.Struct, frozen=True):
    """One tag in a placement test."""

    uid: str
    answered: int
    polls: int

    @property
    def words(self) -> str:
        """ "9 of 10 polls"."""
        return tell("health.share", answered=self.answered, polls=self.polls)


class Placement(msgspec.Struct, frozen=True):
    """A placement test: how often each tag answered, and what that means."""

    polls: int
    tags: tuple[Placed, ...]
    unresolved: int
    """Polls in which something could not be told apart."""
    unheard: int
    """Polls in which the reader's own answer was damaged or did not come: they say nothing of the place, and no tag's share
    counts them."""
    advice: tuple[Advice, ...]

    @property
    def good(self) -> bool:
        """Exactly one tag, in every poll."""
        return not any(one.bad for one in self.advice)


def placement(polls: Sequence[frozenset[str]], unresolved: int = 0, unheard: int = 0) -> Placement:
    """Judge so many polls, each the tags that answered in it; `unheard` ones come to them."""
    counts: dict[str, int] = {}
    for poll in polls:
        for uid in poll:
            counts[uid] = counts.get(uid, 0) + 1
    total = len(polls)
    tags = tuple(Placed(uid, count, total) for uid, count in sorted(counts.items(), key=lambda one: (-one[1], one[0])))
    told = Placement(total + unheard, tags, unresolved, unheard, ())
    return msgspec.structs.replace(told, advice=tuple(_placed(told, counts)))


def _placed(told: Placement, counts: Mapping[str, int]) -> list[Advice]:
    tags, unresolved = told.tags, told.unresolved
    found = []
    if told.unheard:
        found.append(Advice("unheard", tell("health.unheard", bad=told.unheard, all=told.polls)))
    if not tags:
        nobody = [Advice("nobody", tell("health.nobody"))] if told.unheard < told.polls or not told.polls else []
        return [*found, *nobody]
    if len(counts) > 1:
        others = ", ".join(f"{one.uid} ({one.words})" for one in tags[1:])
        found.append(Advice("others", tell("health.others", others=others)))
    if unresolved:
        found.append(Advice("unresolved", tell("health.unresolved", polls=unresolved)))
    best = tags[0]
    share = best.answered / best.polls
    if share >= GOOD:
        if not found:
            found.append(Advice("good", tell("health.place-good", share=best.words), bad=False))
    elif share >= USABLE:
        found.append(Advice("marginal", tell("health.marginal", share=best.words)))
    else:
        found.append(
            Advice(
                "bad",
                tell("health.bad", share=best.words),
            )
        )
    return found
