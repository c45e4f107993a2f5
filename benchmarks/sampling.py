"""The cost of sampling for the verdict of one item in a long journal, and of statistics over that journal."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from time import perf_counter

from benchmarks.report import Row, Section, duration, median
from station.base.clock import SystemClock
from station.domain.events import ItemJudged
from station.domain.findings import Finding, Outcome, Severity
from station.domain.item import Barcode, ItemRecord
from station.domain.sampling import By, Plan
from station.domain.verdict import Verdict
from station.quality.sampling.sampler import Sampler
from station.quality.sampling.switching import Policy
from station.store.database.database import open_writer, transaction
from station.store.journal.journal import JournalStore
from station.store.queries.queries import Queries

_POLICY = Policy(
    new=Plan(lot=0, sample=1),
    tightened=Plan(lot=0, sample=1),
    normal=Plan(lot=500, sample=102),
    reduced=Plan(lot=500, sample=43),
)
_GOOD = Finding("label", "The label is right", Severity.MAJOR, Outcome.PASS, "ann")


def section(folder: Path, verdicts: int, items: int) -> Section:
    """Fill a journal with this many verdicts, then record `items` more with and without sampling, in alternation; each
    is durable."""
    path = folder / "sampling.db"
    numbers = itertools.count()
    with closing(open_writer(path)) as sql:
        journal = JournalStore(sql, SystemClock())
        seeds = itertools.count()
        sampler = Sampler(_POLICY, journal, lambda: f"{next(seeds):032x}")
        for _ in range(0, verdicts, 1000):
            with transaction(sql):
                for _ in range(1000):
                    journal.append((_judged(_item(next(numbers))),))

        def plain() -> None:
            journal.record(_judged(_item(next(numbers))))

        def sampled() -> None:
            item = _item(next(numbers))
            drawn, _ = sampler.draw(item, 1, "ann")
            journal.record(drawn)
            findings = (_GOOD,)
            journal.record(sampler.count(drawn, findings), _judged(item))

        without, with_sampling = _in_turns(plain, sampled, items)
    queries = Queries(path, SystemClock())
    rows = [
        Row(
            what="draw, count and verdict of one item",
            value=duration(with_sampling),
            beside=duration(without),
            ratio=with_sampling / without,
            how="two commits; beside: the verdict alone, one commit",
        )
    ]
    figures = {"sampled item us": with_sampling * 1e6, "plain verdict us": without * 1e6}
    for by in By:
        began = perf_counter()
        queries.tallies(by)
        counted = perf_counter()
        queries.groups(by, 50)
        ended = perf_counter()
        figures |= {f"tallies by {by} ms": (counted - began) * 1e3, f"groups by {by} ms": (ended - counted) * 1e3}
        what = f"statistics by {by}"
        rows.append(Row(what=what, value=duration(counted - began), how=f"chart of 50: {duration(ended - counted)}"))
    return Section(
        title="9. Sampling and statistics",
        how=f"journal of {verdicts:,} verdicts; median of {items:,} items each way",
        rows=tuple(rows),
        figures=figures,
    )


def _in_turns(one: Callable[[], None], other: Callable[[], None], count: int) -> tuple[float, float]:
    times: tuple[list[float], list[float]] = ([], [])
    for _ in range(count):
        for found, work in zip(times, (one, other), strict=True):
            began = perf_counter()
            work()
            found.append(perf_counter() - began)
    return median(times[0]), median(times[1])


def _item(number: int) -> ItemRecord:
    return ItemRecord(
        barcode=Barcode(f"3{number:013d}"), title="A title", material="book", vendor=f"vendor {number % 3}"
    )


def _judged(item: ItemRecord) -> ItemJudged:
    return ItemJudged(
        barcode=item.barcode,
        uid="",
        part=1,
        parts=1,
        verdict=Verdict.PASS,
        findings=(_GOOD,),
        item=item,
        operator="ann",
    )
