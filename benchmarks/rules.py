"""All quality rules on one item with nearly all facts known, so that hardly any rule ends early, compared with a
catalog of no rules; and the checklist for a person."""

from __future__ import annotations

from collections.abc import Callable
from time import perf_counter
from typing import Final

from benchmarks.report import Row, Section, median
from station.manual.pictures.items import BASES
from station.quality.rulebook.shipped import shipped
from station.quality.rules import Catalogue
from station.quality.verdict.checklist import checks, machine_findings
from station.quality.verdict.verdict import judge

_DAY: Final = "2026-06-01"


def section(items: int) -> Section:
    """Judge this many items by all rules and by none."""
    rules, none = shipped(), Catalogue((), ())
    whole = _each(items, lambda: judge(machine_findings(rules, BASES["book"], _DAY)))
    nothing = _each(items, lambda: judge(machine_findings(none, BASES["book"], _DAY)))
    asking = _each(items, lambda: checks(rules, BASES["book"], _DAY))
    machine = sum(rule.by_machine for rule in rules.rules)
    rows = (
        Row(
            what=f"{machine} machine rules and the verdict",
            value=f"{whole:.0f} µs",
            beside=f"{nothing:.1f} µs (no rules)",
            ratio=whole / nothing,
            how=f"median of {items:,} items",
        ),
        Row(
            what="the person's checklist",
            value=f"{asking:.0f} µs",
            beside=f"{nothing:.1f} µs (no rules)",
            ratio=asking / nothing,
            how=f"median of {items:,} items",
        ),
    )
    figures = {"rules_us": whole, "rules_nothing_us": nothing, "checklist_us": asking}
    return Section(
        title="Quality rules",
        how="the shipped catalogue on one item in memory; the same calls with an empty catalogue beside it",
        rows=rows,
        figures=figures,
    )


def _each(items: int, work: Callable[[], object]) -> float:
    """Return the median microseconds of one call, after a warm-up."""
    times = []
    for number in range(items + 20):
        began = perf_counter()
        work()
        if number >= 20:
            times.append((perf_counter() - began) * 1e6)
    return median(times)
