"""The figures of quality that a viewer may see, with exact intervals and limits."""

from __future__ import annotations

from itertools import groupby
from typing import Final

from station.domain.sampling import By
from station.quality.statistics.exact import ExactDistributions
from station.quality.statistics.figures import Figure, WholeGroups, figure, of_whole_groups
from station.store.people.visibility import Visibility

CONFIDENCE: Final = 0.95
"""Confidence of the intervals, unless a command says another."""
GROUP: Final = 50
"""Number of items in one point of a chart, unless a command says another."""
DISTRIBUTIONS: Final = ExactDistributions()


def figures(view: Visibility, by: By, since: str = "", until: str = "", *, own: bool) -> list[Figure]:
    """Return the shares of bad items. `own`: as for `Queries.tallies`."""
    return [figure(tally, DISTRIBUTIONS, CONFIDENCE) for tally in view.tallies(by, since, own=own, until=until)]


def charts(
    view: Visibility, by: By, since: str = "", until: str = "", *, own: bool, most: int | None = None
) -> list[WholeGroups]:
    """Return the chart of each subject, the longest first; with `most` only so many."""
    by_subject = groupby(view.groups(by, GROUP, since, own=own, until=until), key=lambda group: group.subject)
    subjects = sorted(
        (list(groups) for _, groups in by_subject), key=lambda groups: -sum(g.looked == GROUP for g in groups)
    )
    return [of_whole_groups(groups, GROUP, DISTRIBUTIONS) for groups in subjects[:most]]
