"""Shares with their exact intervals, and p-charts. Pure; the distributions come from `ports.Distributions`.

A share is never shown alone, but with the interval of Clopper and Pearson (1934), which contains the true share at
least as often as its confidence states, however few items there are. The limits of the charts are probability limits of
the binomial distribution, 0.135 % on each side as for three standard deviations of a normal one (NIST/SEMATECH
e-Handbook of Statistical Methods, 6.3.3.2, warns that the usual formula fails for small shares and groups; exact limits
do not).
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from typing import Final

import msgspec

from station.domain.ports import Distributions
from station.domain.sampling import Group, Tally
from station.quality.sampling.plans import stream_plan

TAIL: Final = 0.00135
"""Chance of a false alarm on each side of the limits."""
ENOUGH: Final = 20
"""Minimum number of groups for limits from the same data that are not provisional (NIST 6.3.2: 20 to 25)."""


class Share(msgspec.Struct, frozen=True, kw_only=True):
    """A share of bad items, with its interval."""

    found: int
    of: int
    low: float
    high: float
    confidence: float


class Figure(msgspec.Struct, frozen=True, kw_only=True):
    """One line of the statistics."""

    tally: Tally
    person: Share
    """Bad items among those that a person was asked about."""
    machine: Share
    """Bad items among all, as far as the machine can detect."""


class Where(StrEnum):
    """Position of a point relative to its limits."""

    INSIDE = "inside"
    ABOVE = "above"
    """More bad items than chance explains: look for the cause."""
    BELOW = "below"
    """Fewer: something improved, or was not checked."""


class Point(msgspec.Struct, frozen=True, kw_only=True):
    """One group in a chart. Limits are counts of bad items."""

    group: Group
    lower: int
    """Fewer bad items than this are a signal; 0 = a group of this size cannot show an improvement."""
    upper: int
    """More bad items than this are a signal."""
    where: Where


class Chart(msgspec.Struct, frozen=True, kw_only=True):
    """One subject's groups in order."""

    subject: str
    center: float
    """Share of bad items among all items of the chart."""
    points: tuple[Point, ...]
    provisional: bool
    """True if there are too few groups for reliable limits."""
    needed: int
    """Minimum group size for which no bad item would be a signal; 0 = none or all were bad so far, so there are no
    limits."""

    @property
    def signals(self) -> tuple[Point, ...]:
        """Return the points outside their limits."""
        return tuple(point for point in self.points if point.where is not Where.INSIDE)


class WholeGroups(msgspec.Struct, frozen=True, kw_only=True):
    """A chart of whole groups."""

    subject: str
    chart: Chart | None
    """None = no group is whole yet."""
    rest: int
    """Items of the group that is not whole."""


def share(found: int, of: int, distributions: Distributions, confidence: float) -> Share:
    """Return a share with its interval."""
    low, high = distributions.interval(found, of, confidence)
    return Share(found=found, of=of, low=low, high=high, confidence=confidence)


def figure(tally: Tally, distributions: Distributions, confidence: float) -> Figure:
    """Return a tally with its shares."""
    return Figure(
        tally=tally,
        person=share(tally.bad, tally.looked, distributions, confidence),
        machine=share(tally.machine_bad, tally.judged, distributions, confidence),
    )


def chart(groups: Sequence[Group], distributions: Distributions) -> Chart:
    """Return the p-chart of one subject; `groups` holds at least one group."""
    looked, bad = sum(one.looked for one in groups), sum(one.bad for one in groups)
    center = bad / looked
    limits: dict[int, tuple[int, int]] = {}
    points = []
    for group in groups:
        if group.looked not in limits:
            limits[group.looked] = limits_of(group.looked, center, distributions)
        lower, upper = limits[group.looked]
        where = Where.ABOVE if group.bad > upper else Where.BELOW if group.bad < lower else Where.INSIDE
        points.append(Point(group=group, lower=lower, upper=upper, where=where))
    return Chart(
        subject=groups[0].subject,
        center=center,
        points=tuple(points),
        provisional=len(groups) < ENOUGH,
        needed=stream_plan(1 - TAIL, center, distributions).sample if 0 < center < 1 else 0,
    )


def of_whole_groups(groups: Sequence[Group], size: int, distributions: Distributions) -> WholeGroups:
    """Return the p-chart of one subject, of the groups with `size` items: a smaller one has limits that hide those of the
    others."""
    full = [group for group in groups if group.looked == size]
    rest = 0 if len(full) == len(groups) else groups[-1].looked
    return WholeGroups(subject=groups[0].subject, chart=chart(full, distributions) if full else None, rest=rest)


def limits_of(size: int, center: float, distributions: Distributions) -> tuple[int, int]:
    """Return (lower, upper) counts for a group of this size. If the share is `center`, a count below lower and a count
    above upper each have a chance of at most `TAIL`."""
    upper = next(count for count in range(size + 1) if 1 - distributions.binomial(count, size, center) <= TAIL)
    lower = 0
    while lower < upper and distributions.binomial(lower, size, center) <= TAIL:
        lower += 1
    return lower, upper
