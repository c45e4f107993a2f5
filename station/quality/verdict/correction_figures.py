"""Figures of corrections by owner or by rule: how well they are resolved. Counts and days; no estimates. Pure."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Sequence

import msgspec

from station.domain.correction_states import CorrectionState, Result
from station.domain.corrections.correction import Entry


class Figures(msgspec.Struct, frozen=True, kw_only=True):
    """Figures of one owner or rule."""

    name: str
    open: int
    overdue: int
    to_recheck: int
    """Number of open corrections that were reported as mended."""
    oldest_days: int
    """Age in days of the oldest open correction."""
    closed: dict[str, int]
    """Number by result, only results that occur."""
    median_days: float | None
    """Days from opening to closing, of those that were mended; None = none was."""
    came_back: int
    """Number of times that something was reported as mended and was not."""


def figures(entries: Sequence[Entry], name_of: Callable[[Entry], str]) -> tuple[Figures, ...]:
    """Return the figures, most overdue first, then by name. `entries` holds open and closed corrections."""
    groups: dict[str, list[Entry]] = {}
    for entry in entries:
        groups.setdefault(name_of(entry), []).append(entry)
    rows = [_of(name, group) for name, group in groups.items()]
    return tuple(sorted(rows, key=lambda row: (-row.overdue, row.name.casefold())))


def _of(name: str, group: Sequence[Entry]) -> Figures:
    waiting = [entry for entry in group if entry.correction.result is None]
    results = [entry.correction.result for entry in group if entry.correction.result is not None]
    days = [entry.age for entry in group if entry.correction.result is Result.MENDED]
    return Figures(
        name=name,
        open=len(waiting),
        overdue=sum(1 for entry in waiting if entry.overdue),
        to_recheck=sum(1 for entry in waiting if entry.correction.state is CorrectionState.MENDED),
        oldest_days=max((entry.age for entry in waiting), default=0),
        closed={result.value: results.count(result) for result in Result if result in results},
        median_days=statistics.median(days) if days else None,
        came_back=sum(entry.correction.returned for entry in group),
    )
