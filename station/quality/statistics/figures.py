"""Shares with their exact intervals, and p-charts. Pure; the distributions come from `ports.Distributions`.

A share stands never alone: with it goes the interval of Clopper and Pearson (1934), which holds the true share at least
as often as its confidence says, however few items there are. The limits of the charts are probability limits of the
binomial distribution, 0.135 % on each side as for three standard deviations of a normal one (NIST/SEMATECH e-Handbook
of Statistical Methods, 6.3.3.2, warns that the usual formula fails for small shares and groups; exact ones do not).
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
"""Groups that it takes before limits drawn from the same data are more than provisional (NIST 6.3.2: 20 to 25)."""


class Share(msgspec.Struct, frozen=True, kw_only=True):
    """So many of so many, and what that says."""

    found: int
    of: int
    low: float
    high: float
    confidence: float


class Figure(msgspec.Struct, frozen=True, kw_only=True):
    """One line of the statistics."""

    tally: Tally
    person: Share
    """Bad ones among those that a person was asked about."""
    machine: Share
    """Bad ones among all, as far as the machine can see."""


class Where(StrEnum):
    """A point and its limits."""

    INSIDE = "inside"
    ABOVE = "above"
    """More bad ones than chance explains: look for the cause."""
    BELOW = "below"
    """Fewer: something got better, or was not looked at."""


class Point(msgspec.Struct, frozen=True, kw_only=True):
    """One group in a chart. Limits are counts of bad items."""

    group: Group
    lower: int
    """Fewer than so many are a signal; 0 = a group of this size cannot show that something got better."""
    upper: int
    """More than so many are a signal."""
    where: Where


class Chart(msgspec.Struct, frozen=True, kw_only=True):
    """One subject's groups in their order."""

    subject: str
    center: float
    """Bad ones among all items of the chart."""
    points: tuple[Point, ...]
    provisional: bool
    """Too few groups for limits that one may rely on."""
    needed: int
    """Items a group would need before none bad in it were a signal; 0 = none or all were bad so far: no limits."""

    @property
    def signals(self) -> tuple[Point, ...]:
        """The points outside their limits."""
        return tuple(point for point in self.points if point.where is not Where.INSIDE)


def share(found: int, of: int, distributions: Distributions, confidence: float) -> Share:
    """With its interval."""
    low, high = distributions.interval(found, of, confidence)
    return Share(found=found, of=of, low=low, high=high, confidence=confidence)


def figure(tally: Tally, distributions: Distributions, confidence: float) -> Figure:
    """A tally with its shares."""
    return Figure(
        tally=tally,
        person=share(tally.bad, tally.looked, distributions, confidence),
        machine=share(tally.machine_bad, tally.judged, distributions, confidence),
    )


def chart(groups: Sequence[Group], distributions: Distributions) -> Chart:
    """The p-chart of one subject; `groups` holds at least one."""
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


def limits_of(size: int, center: float, distributions: Distributions) -> tuple[int, int]:
    """(lower, upper) counts for a group of this size: fewer than lower, and more than upper, each happen with a chance of
    at most `TAIL` where the share is `center`."""
    upper = next(count for count in range(size + 1) if 1 - distributions.binomial(count, size, center) <= TAIL)
    lower = 0
    while lower < upper and distributions.binomial(lower, size, center) <= TAIL:
        lower += 1
    return lower, upper
