"""Results of a measurement, as a table for people and as a JSON document for programs."""

from __future__ import annotations

import statistics
from collections.abc import Sequence

import msgspec


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """One figure. `beside` is the value for comparison, from the same run on the same machine."""

    what: str
    value: str
    beside: str = ""
    ratio: float | None = None
    how: str = ""


class Section(msgspec.Struct, frozen=True, kw_only=True):
    """One measurement: its rows, its method, and plain numbers for programs."""

    title: str
    how: str
    rows: tuple[Row, ...]
    figures: dict[str, float]


def percentile(values: Sequence[float], percent: int) -> float:
    """Return the percentile by nearest rank; raise `ValueError` if there are no values."""
    if not values:
        raise ValueError("no values")
    ranked = sorted(values)
    return ranked[max(0, -(-len(ranked) * percent // 100) - 1)]


def median(values: Sequence[float]) -> float:
    return statistics.median(values)


def duration(seconds: float) -> str:
    """Format seconds in the most readable unit."""
    if seconds < 1e-3:
        return f"{seconds * 1e6:.1f} us"
    return f"{seconds * 1e3:.1f} ms" if seconds < 10 else f"{seconds:.1f} s"


def rate(count: float, seconds: float, unit: str) -> str:
    """Format a rate per second."""
    return f"{count / seconds:,.0f} {unit}/s"


def render(sections: Sequence[Section]) -> str:
    """Return one readable table."""
    lines = [_line("what", "measured", "beside", "ratio", "how")]
    lines.append("-" * 132)
    for section in sections:
        lines += ["", section.title, f"  ({section.how})"]
        for row in section.rows:
            ratio = "" if row.ratio is None else f"{row.ratio:.2f}"
            lines.append(_line(f"  {row.what}", row.value, row.beside, ratio, row.how))
    return "\n".join(lines)


def _line(what: str, value: str, beside: str, ratio: str, how: str) -> str:
    return f"{what:<46}{value:>16}{beside:>18}{ratio:>8}  {how}".rstrip()
