"""Look-up of an item's packing-list line, with few and with many lines in the journal."""

from __future__ import annotations

import random
from contextlib import closing
from pathlib import Path
from time import perf_counter
from typing import Final

from benchmarks.report import Row, Section, duration, percentile
from station.base.clock import SystemClock
from station.base.settings import Receiving
from station.domain.events import PackingListImported
from station.domain.item import Barcode, ItemRecord
from station.domain.packing_lists.packing_list import PackingLine, PackingList
from station.store.database.database import open_writer
from station.store.journal.journal import JournalStore
from station.store.lists.packing_lists import PackingLists
from station.store.queries.queries import Queries

_FEW: Final = 200
_MANY: Final = 20_000
_OF_A_LIST: Final = 200
"""Lines of one list."""


def section(folder: Path, lookups: int) -> Section:
    """Measure `PackingLists.receipt` of random items with `_FEW` and with `_MANY` lines on open lists, in turn."""
    desks = {lines: _lists(folder / f"receiving-{lines}.db", lines) for lines in (_FEW, _MANY)}
    chance = random.Random(28560)
    times: dict[int, list[float]] = {lines: [] for lines in desks}
    for _ in range(lookups):
        for lines, lists in desks.items():
            item = ItemRecord(barcode=Barcode("31999000000014"), isbns=(_number(chance.randrange(lines)),))
            began = perf_counter()
            receipt = lists.receipt(item)
            times[lines].append(perf_counter() - began)
            if receipt is None or not receipt.listed:
                raise RuntimeError("an item is not on its list")
    few, many = percentile(times[_FEW], 50), percentile(times[_MANY], 50)
    return Section(
        title="Packing lists",
        how=f"{lookups:,} random items, found by ISBN; lists of {_OF_A_LIST} lines, all open; median",
        rows=(
            Row(
                what=f"line of an item among {_MANY:,} lines",
                value=duration(many),
                beside=duration(few),
                ratio=many / few,
                how=f"PackingLists.receipt, which opens its own connection; beside: among {_FEW} lines",
            ),
        ),
        figures={f"receipt {_FEW} lines us": few * 1e6, f"receipt {_MANY} lines us": many * 1e6},
    )


def _lists(path: Path, lines: int) -> PackingLists:
    """Return the packing lists of a new journal with this many lines."""
    clock = SystemClock()
    with closing(open_writer(path)) as sql:
        sql.execute("PRAGMA synchronous=OFF")  # only reading is measured
        journal = JournalStore(sql, clock)
        for first in range(0, lines, _OF_A_LIST):
            content = PackingList(
                name=f"INV-{first}",
                vendor="Imaginary Books",
                lines=tuple(
                    PackingLine(line=str(n), numbers=(_number(n),), title=f"Imaginary book {n}", price="12.50")
                    for n in range(first, first + _OF_A_LIST)
                ),
            )
            journal.record(PackingListImported(content=content))
    return PackingLists(Queries(path, clock), Receiving())


def _number(n: int) -> str:
    return f"978{n:010}"
