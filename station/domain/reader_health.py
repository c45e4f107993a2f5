"""Reader health: counters and histograms of one session, a placement test, and advice as text.

Values and pure functions. A driver's wrapper counts (`drivers.reader.measured`); the technician's board and `station
reader health` show the results. Nothing here is an alarm: the bench stops on its own where it must.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final, Protocol

import msgspec

from station.base.sentence import Sentence

# --- counters -------------------------------------------------------------------------------------------------------

SECONDS: Final = (0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0)
"""Upper bounds of the time histograms, in seconds."""
TAGS: Final = (0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 10.0, 20.0)
"""Upper bounds of the histogram of tags per inventory."""


class Histogram(msgspec.Struct, frozen=True):
    """Number of values at most each bound (and above the previous one); the last count is for values above all
    bounds."""

    bounds: tuple[float, ...]
    counts: tuple[int, ...]

    @property
    def total(self) -> int:
        """Return the number of values counted."""
        return sum(self.counts)

    def with_value(self, value: float) -> Histogram:
        """Return the histogram with one more value."""
        at = next((index for index, bound in enumerate(self.bounds) if value <= bound), len(self.bounds))
        counts = tuple(count + (index == at) for index, count in enumerate(self.counts))
        return Histogram(self.bounds, counts)

    def quantile(self, share: float) -> float | None:
        """Return the bound at or below which at least this share of the values falls. Return None if nothing was
        counted or the value is above all bounds."""
        wanted, seen = share * self.total, 0
        if not self.total:
            return None
        for bound, count in zip(self.bounds, self.counts, strict=False):
            seen += count
            if seen >= wanted:
                return bound
        return None


def empty(bounds: tuple[float, ...]) -> Histogram:
    """Return a histogram without values."""
    return Histogram(bounds, (0,) * (len(bounds) + 1))


class OperationHealth(msgspec.Struct, frozen=True, kw_only=True):
    """Counts of one kind of operation."""

    name: str
    """Name as in `domain.ports.Reader`: "inventory", "write_blocks", ..."""
    done: int = 0
    errors: dict[str, int] = {}
    """Number of failures, by error code."""
    seconds: Histogram = empty(SECONDS)
    """Times of the successful operations."""

    @property
    def total(self) -> int:
        """Return the number of requests, successful or not."""
        return self.done + sum(self.errors.values())


class LineHealth(msgspec.Struct, frozen=True, kw_only=True):
    """Counts of the exchanges with the reader over its line."""

    exchanges: int = 0
    silent: int = 0
    """Exchanges without any answer in time."""
    garbled: int = 0
    """Exchanges whose answer had a wrong CRC or layout."""
    stray: int = 0
    """Bytes received outside any exchange."""
    fences: int = 0
    """Requests sent only to make sure which answer comes next: retries of the line."""
    seconds: Histogram = empty(SECONDS)
    """Time from request to answer."""


class ReaderHealth(msgspec.Struct, frozen=True, kw_only=True):
    """One session: since the start of the station (or the command), across reconnections."""

    since: str
    until: str
    driver: str
    port: str
    name: str = ""
    firmware: str = ""
    iso15693: bool = True
    lacks: tuple[str, ...] = ()
    """This and `iso15693` are those of `domain.ports.ReaderCapabilities`."""
    connected: bool = False
    connections: int = 0
    """Number of times that the reader was greeted successfully."""
    lost: int = 0
    """Number of times that the port vanished while in use."""
    line: LineHealth = LineHealth()
    operations: tuple[OperationHealth, ...] = ()
    tags: Histogram = empty(TAGS)
    """Tags per inventory."""
    collisions: int = 0
    """Inventories with an unresolved collision."""
    write_seconds: Histogram = empty(SECONDS)
    """Seconds per block written, for successful writes."""
    cut_off: bool = False
    """True for figures from a file whose session had not ended; `until` is then the time of the last save."""

    def operation(self, name: str) -> OperationHealth:
        """Return the counts of one operation; empty if it was never requested."""
        return next((operation for operation in self.operations if operation.name == name), OperationHealth(name=name))


class HealthPort(Protocol):
    """Source of the reader's health. Never blocks, never raises."""

    def reader_health(self) -> ReaderHealth | None:
        """Return the health, or None until there is a reader."""
        ...


# --- advice ---------------------------------------------------------------------------------------------------------


class Advice(msgspec.Struct, frozen=True):
    """One notable fact, with advice."""

    key: str
    sentence: Sentence
    bad: bool = True


ENOUGH: Final = 50
"""Minimum number of exchanges before shares are judged."""
NOTABLE: Final = 0.01
"""Share of failed exchanges that is tolerated without advice."""
SILENT_TAGS: Final = 0.05
"""Share of unanswered operations on tags that is tolerated without advice."""
SLOW_WRITE_S: Final = 0.1
"""Seconds per block: about twice what a serial reader needs for a single block (docs/reference/readers.md#air-time,
#wire-time)."""
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
    """Return all notable facts, worst first; if there is none, one line that says so."""
    line = health.line
    facts: list[Advice] = []
    if health.lost:
        facts.append(
            Advice(
                "lost",
                Sentence("health.lost", count=health.lost),
            )
        )
    if line.exchanges >= ENOUGH:
        facts += _of_the_line(line)
    facts += _of_tags(health)
    if facts:
        return tuple(facts)
    if line.exchanges < ENOUGH:
        return (Advice("little", Sentence("health.little", all=line.exchanges), bad=False),)
    return (Advice("good", Sentence("health.good", all=line.exchanges), bad=False),)


def _of_the_line(line: LineHealth) -> list[Advice]:
    facts = []
    if line.garbled > NOTABLE * line.exchanges:
        facts.append(
            Advice(
                "garbled",
                Sentence("health.garbled", bad=line.garbled, all=line.exchanges),
            )
        )
    if line.silent > NOTABLE * line.exchanges:
        facts.append(
            Advice(
                "silent",
                Sentence("health.silent", bad=line.silent, all=line.exchanges),
            )
        )
    if line.stray:
        facts.append(
            Advice(
                "stray",
                Sentence("health.stray", bytes=line.stray),
            )
        )
    return facts


def _of_tags(health: ReaderHealth) -> list[Advice]:
    facts = []
    asked = sum(health.operation(name).total for name in _ON_TAGS)
    silent = sum(health.operation(name).errors.get("tag-absent", 0) for name in _ON_TAGS)
    if asked >= ENOUGH and silent > SILENT_TAGS * asked:
        facts.append(
            Advice(
                "tags-silent",
                Sentence("health.tags-silent", bad=silent, all=asked),
            )
        )
    looks = health.tags.total
    if looks >= ENOUGH and health.collisions > SILENT_TAGS * looks:
        facts.append(
            Advice(
                "collisions",
                Sentence("health.collisions", bad=health.collisions, all=looks),
            )
        )
    slow = health.write_seconds.quantile(0.5)
    if health.write_seconds.total >= ENOUGH and (slow is None or slow > SLOW_WRITE_S):
        facts.append(
            Advice(
                "slow",
                Sentence("health.slow", seconds=f"{SLOW_WRITE_S:g}"),
            )
        )
    return facts


# --- placement ------------------------------------------------------------------------------------------------------

GOOD: Final = 1.0
USABLE: Final = 0.9
"""Minimum shares of polls that a tag must answer, for a good and a usable place."""


class Placed(msgspec.Struct, frozen=True):
    """One tag in a placement test."""

    uid: str
    answered: int
    polls: int

    @property
    def words(self) -> Sentence:
        """Return the share: "9 of 10 polls"."""
        return Sentence("health.share", answered=self.answered, polls=self.polls)


class Placement(msgspec.Struct, frozen=True):
    """Result of a placement test: how often each tag answered, and the advice that follows."""

    polls: int
    tags: tuple[Placed, ...]
    unresolved: int
    """Polls with an unresolved collision."""
    unheard: int
    """Polls in which the reader's own answer was damaged or missing. They do not judge the place, and are not part of
    any tag's share."""
    advice: tuple[Advice, ...]

    @property
    def good(self) -> bool:
        """Return True if exactly one tag answered, in every poll."""
        return not any(fact.bad for fact in self.advice)


def placement(polls: Sequence[frozenset[str]], unresolved: int = 0, unheard: int = 0) -> Placement:
    """Judge a placement test from its polls, each the set of tags that answered. `unheard`: number of further polls
    without a valid reader answer."""
    counts: dict[str, int] = {}
    for poll in polls:
        for uid in poll:
            counts[uid] = counts.get(uid, 0) + 1
    total = len(polls)
    tags = tuple(
        Placed(uid, count, total) for uid, count in sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))
    )
    result = Placement(total + unheard, tags, unresolved, unheard, ())
    return msgspec.structs.replace(result, advice=tuple(_placed(result, counts)))


def _placed(result: Placement, counts: Mapping[str, int]) -> list[Advice]:
    tags, unresolved = result.tags, result.unresolved
    facts = []
    if result.unheard:
        facts.append(Advice("unheard", Sentence("health.unheard", bad=result.unheard, all=result.polls)))
    if not tags:
        nobody = (
            [Advice("nobody", Sentence("health.nobody"))] if result.unheard < result.polls or not result.polls else []
        )
        return [*facts, *nobody]
    if len(counts) > 1:
        others = tuple(_share(tag) for tag in tags[1:])
        facts.append(Advice("others", Sentence("health.others", others=others)))
    if unresolved:
        facts.append(Advice("unresolved", Sentence("health.unresolved", polls=unresolved)))
    best = tags[0]
    share = best.answered / best.polls
    if share >= GOOD:
        if not facts:
            facts.append(Advice("good", Sentence("health.place-good", share=best.words), bad=False))
    elif share >= USABLE:
        facts.append(Advice("marginal", Sentence("health.marginal", share=best.words)))
    else:
        facts.append(
            Advice(
                "bad",
                Sentence("health.bad", share=best.words),
            )
        )
    return facts


def _share(tag: Placed) -> Sentence:
    return Sentence.joined((Sentence.verbatim(f"{tag.uid} ("), tag.words, Sentence.verbatim(")")), "")
