"""The report of `station catalog check`: what is true of every item once, then each finding of a record once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from itertools import groupby
from typing import Final

import msgspec

from station.base.cells import filled
from station.base.text import clean
from station.base.words import tell
from station.catalog.findings.findings import RecordFinding, too_poor
from station.catalog.record.file_prices import ENOUGH, CommonPrice
from station.cli.catalog.lines_of_file import common_price_line
from station.domain.findings import Severity

_BAD: Final = frozenset({Severity.CRITICAL, Severity.MAJOR})


class Checked(msgspec.Struct, frozen=True):
    """Item, and the findings about its record."""

    barcode: str
    record: str
    findings: tuple[RecordFinding, ...]


class Tally:
    """Counts everything, and keeps the first `limit` items with findings. Memory is bounded for any number of items."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self.items = 0
        self.counts: Counter[str] = Counter()
        self.bad = 0
        self.unreadable: list[str] = []
        self.unreadable_count = 0
        self.with_findings = 0
        self.poor: list[Checked] = []
        self.common_prices: tuple[tuple[str, CommonPrice], ...] = ()
        """Files of the index, and what is true of the price of all their items."""
        self._listed: list[Checked] = []
        self._shared: dict[str, RecordFinding] = {}
        """Findings, by code, that every item so far has in the same words."""
        self._apart: list[Checked] = []
        self._apart_count = 0
        """Items with another finding than the shared ones."""

    def add(self, checked: Checked) -> None:
        """Count the findings of one item."""
        self.counts.update(finding.code for finding in checked.findings)
        self.bad += any(finding.severity in _BAD for finding in checked.findings)
        if too_poor(checked.findings):
            self.poor.append(checked)
        own = {finding.code: finding for finding in checked.findings}
        shared = {code: finding for code, finding in self._shared.items() if own.get(code) == finding}
        if not self.items:
            shared = own
        elif len(shared) < len(self._shared):  # all items before this one have a finding that is not shared any more
            self._apart, self._apart_count = list(self._listed), self.with_findings
        self._shared = shared
        self.items += 1
        if not own:
            return
        self.with_findings += 1
        if len(self._listed) < self._limit:
            self._listed.append(checked)
        if own.keys() - shared.keys():
            self._apart_count += 1
            if len(self._apart) < self._limit:
                self._apart.append(checked)

    def refuse(self, why: str) -> None:
        """Count a record that cannot be read."""
        self.unreadable_count += 1
        if len(self.unreadable) < self._limit:
            self.unreadable.append(clean(why))

    @property
    def of_all(self) -> tuple[RecordFinding, ...]:
        """Return the findings that every item has, if there are enough items."""
        return tuple(self._shared.values()) if self.items >= ENOUGH else ()

    @property
    def listed(self) -> list[Checked]:
        """Return the first items with findings, without those that every item has."""
        if not self.of_all:
            return self._listed
        return [
            msgspec.structs.replace(
                checked, findings=tuple(each for each in checked.findings if each.code not in self._shared)
            )
            for checked in self._apart
        ]

    @property
    def not_listed(self) -> int:
        """Return the number of items with findings that are not listed."""
        count = self._apart_count if self.of_all else self.with_findings
        return count - len(self.listed)


def value(tally: Tally, sent: int, stopped: bool) -> dict[str, object]:
    """Return the report for `--json`."""
    return {
        "items": tally.items,
        "with_findings": tally.with_findings,
        "counts": dict(sorted(tally.counts.items())),
        "common_prices": dict(tally.common_prices),
        "of_all": tally.of_all,
        "unreadable": tally.unreadable_count,
        "unreadable_listed": tally.unreadable,
        "listed": tally.listed,
        "queued": sent,
        "stopped": stopped,
    }


def lines(tally: Tally, sent: int, stopped: bool, *, advice: bool) -> Iterator[str]:
    """Yield the report as text: one line for each finding of a record, however many items it has."""
    for file, common in tally.common_prices:
        yield f"{file}: {common_price_line(common)}"
    for finding in tally.of_all:
        yield from _finding(tell("record.report.of-all", count=tally.items), finding, advice)
    for _, of_record in groupby(tally.listed, key=lambda checked: checked.record or checked.barcode):
        items = list(of_record)
        barcodes: dict[RecordFinding, list[str]] = {}
        for checked in items:
            for finding in checked.findings:
                barcodes.setdefault(finding, []).append(checked.barcode)
        for finding, (first, *others) in barcodes.items():
            named = tell("record.report.items", barcode=first, count=len(others)) if others else first
            yield from _finding(named, finding, advice)
    if tally.not_listed:
        yield tell("record.report.more-findings", count=tally.not_listed)
    for why in tally.unreadable:
        yield tell("record.report.unreadable", what=why)
    if tally.unreadable_count > len(tally.unreadable):
        yield tell("record.report.unreadable-more", count=tally.unreadable_count - len(tally.unreadable))
    yield tell("record.report.all", count=tally.items, found=tally.with_findings, major=tally.bad)
    for code, count in sorted(tally.counts.items(), key=lambda pair: (-pair[1], pair[0])):
        yield f"{count:>8}  {code}"
    if sent:
        yield tell("record.report.sent", count=sent)
    if stopped:
        yield tell("record.report.stopped")


def _finding(where: str, finding: RecordFinding, advice: bool) -> Iterator[str]:
    severity = filled(tell(f"word.severity.{finding.severity.value}"), 5)
    yield f"{where}  {severity}  {finding.code}: {tell(finding.sentence)}"
    if advice:
        yield f"    {tell(finding.advice)}"
