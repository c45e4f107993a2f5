"""Findings that many records of a file have in common: the import tells each of them once, and the bench at no item."""

from __future__ import annotations

from collections import Counter
from typing import Final

import msgspec

from station.catalog.record.file_prices import ENOUGH

_ONE_IN: Final = 20
"""A finding is common if more than one record in so many has it."""


class CommonFinding(msgspec.Struct, frozen=True):
    """A rule that more than one record in twenty breaks."""

    rule: str
    """Id of the rule."""
    records: int
    """Records that break it, of those looked at."""
    looked_at: int


class Sample(msgspec.Struct):
    """Counts of the records of a file that were judged."""

    counts: dict[str, int] = {}
    """Records that break a rule, by the rule's id; "" = all that were judged."""

    def count(self, rule: str, records: int = 1) -> None:
        """Add records that break this rule."""
        self.counts[rule] = self.counts.get(rule, 0) + records

    @property
    def looked_at(self) -> int:
        """Return the number of records that were judged."""
        return self.counts.get("", 0)


def common(sample: Sample, all_files: Sample) -> tuple[CommonFinding, ...]:
    """Return the common findings of a file, the most frequent first. A file with few records follows all files of the
    library together."""
    known = sample if sample.looked_at >= ENOUGH else all_files
    if known.looked_at < ENOUGH:
        return ()
    return tuple(
        CommonFinding(rule, records, known.looked_at)
        for rule, records in Counter(known.counts).most_common()
        if rule and records * _ONE_IN > known.looked_at
    )
