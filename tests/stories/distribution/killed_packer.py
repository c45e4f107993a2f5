"""Acts of a person who packs boxes, and of a site that receives them, each one order to the journal. As a process it does them
from ACT on, and dies by SIGKILL before statement STATEMENT of its own:
`python -m tests.stories.distribution.killed_packer JOURNAL ACT STATEMENT`."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Final

from station.domain import events as ev
from station.domain.item import Barcode
from station.domain.verdict import Verdict
from station.store.queries.queries import Queries
from tests.store.lists.test_packing_lists import item
from tests.stories.receiving.killed_desk import Acts, Statements, counted
from tests.stories.receiving.killed_desk import act as acts_of

ITEMS: Final = tuple(Barcode(f"3199900000000{n}") for n in range(6))
DONE: Final = tuple(
    ev.ItemJudged(barcode=barcode, uid="", part=1, parts=1, verdict=Verdict.PASS, findings=(), item=item(barcode))
    for barcode in ITEMS
)


def _first(queries: Queries) -> str:
    return queries.boxes(everything=True)[-1].id


def _packed(*barcodes: str, removed: bool = False) -> Callable[[Queries], Sequence[ev.Ordered]]:
    def pack(queries: Queries) -> Sequence[ev.Ordered]:
        box = next(box.id for box in queries.boxes(everything=True) if box.state == "open")
        return [ev.BoxPacked(box=box, barcode=barcode, removed=removed, operator="ann") for barcode in barcodes]

    return pack


def _closed(queries: Queries) -> Sequence[ev.Ordered]:
    return [ev.BoxClosed(box=_first(queries), due="2026-09-24", operator="ann")]


def _received(*missing: str) -> Callable[[Queries], Sequence[ev.Ordered]]:
    return lambda queries: [ev.BoxReceived(box=_first(queries), missing=missing, operator="ann")]


ACTS: Final[Acts] = (
    lambda _: [ev.BoxOpened(site="EAST", operator="ann")],
    _packed(*ITEMS[:4]),
    _packed(ITEMS[4]),
    _packed(ITEMS[0], removed=True),
    _closed,
    _received(*ITEMS[1:3]),
    lambda _: [ev.BoxOpened(site="WEST", operator="ann")],
    _packed(ITEMS[1], ITEMS[5]),  # the first was missing
    lambda queries: [ev.BoxClosed(box=queries.boxes(everything=True)[0].id, operator="ann")],
    lambda queries: [ev.BoxOpened(site="", box=_first(queries), reason="wrong label", operator="ann")],
    _packed(ITEMS[2]),
    _closed,
    _received(ITEMS[3], ITEMS[4]),
    _received(),
)
act = partial(acts_of, acts=ACTS, before=DONE)


def main() -> None:
    journal, first, last = sys.argv[1:]
    counted(Statements(int(last)))
    act(Path(journal), int(first))


if __name__ == "__main__":
    main()
