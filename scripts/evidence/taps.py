"""Count the taps that each item took, from a journal.

    python -m scripts.evidence.taps DATA/journal.db

`python -m tests.tui.scripted_shift` does the same for a scripted shift on the real screens.

The journal has every answer and every choice at a stop. Answers that one tap gave are journaled at one time. A fail
takes two taps: its line (or Fail), then the reason. The second gesture of an overwrite is a scan. Taps that change
nothing (Menu, Help, Back) are not journaled.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import fmean
from typing import Final, NamedTuple

from station.base.clock import SystemClock
from station.domain.events import CheckAnswered, ChoiceMade, ItemJudged, ItemSetAside
from station.domain.findings import Outcome
from station.store.queries.queries import Queries

ONE_TAP: Final = timedelta(milliseconds=100)
"""Maximum time between two answers of one tap. Two taps are further apart (`touch.DOUBLE_TAP`)."""
PAGE: Final = 1000
SCANNED: Final = "overwrite-confirmed"
KINDS: Final = ("book", "with disc or in parts", "failed with a reason", "tag overwritten")
LIMITS: Final = dict(zip(KINDS, (1, 2, 3, 4), strict=True))
"""Maximum taps of each kind."""


class Counted(NamedTuple):
    """Taps of one judged tag."""

    barcode: str
    kind: str
    taps: int


def counted(events: Iterable[tuple[str, object]]) -> list[Counted]:
    """Return the taps of each judged tag. `events`: (time as ISO 8601, event), oldest first."""
    found: list[Counted] = []
    taps, before = 0, datetime.min.replace(tzinfo=UTC)
    failed = overwritten = False
    for at, event in events:
        match event:
            case CheckAnswered(finding=finding):
                now = datetime.fromisoformat(at)
                bad = finding.outcome is Outcome.FAIL
                taps += int(now - before > ONE_TAP) + int(bad)
                failed, before = failed or bad, now
            case ChoiceMade(choice=choice):
                taps += int(choice != SCANNED)
                overwritten = overwritten or choice == SCANNED
            case ItemJudged(item=item):
                several = item.tags > 1 or bool(item.accompanying)
                kind = KINDS[3 if overwritten else 2 if failed else 1 if several else 0]
                found.append(Counted(event.barcode, kind, taps))
                taps, failed, overwritten = 0, False, False
            case ItemSetAside():
                taps, failed, overwritten = 0, False, False
            case _:
                pass
    return found


def table(found: Iterable[Counted]) -> list[str]:
    """Return a Markdown table: items, mean and most taps of each kind."""
    rows = ["| item | tags judged | taps | at most | limit |", "|---|---|---|---|---|"]
    by_kind = {kind: [one.taps for one in found if one.kind == kind] for kind in KINDS}
    for kind, taps in by_kind.items():
        if taps:
            rows.append(f"| {kind} | {len(taps)} | {fmean(taps):.2f} | {max(taps)} | {LIMITS[kind]} |")
    return rows


def main() -> None:
    """Print the table of a journal."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("journal", type=Path)
    queries = Queries(parser.parse_args().journal, SystemClock())
    rows = (row for first in range(1, queries.head().seq + 1, PAGE) for row in queries.events(first, limit=PAGE))
    print("\n".join(table(counted((row.at, row.event) for row in rows))))


if __name__ == "__main__":
    main()
