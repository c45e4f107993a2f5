"""Acts of a receiving desk, each one order to the journal. As a process it does them from ACT on, and dies by SIGKILL
before statement STATEMENT of its own: `python -m tests.stories.receiving.killed_desk JOURNAL ACT STATEMENT`.

Time stands still within an act, so the same acts make the same journal, byte for byte.
"""

from __future__ import annotations

import os
import signal
import sqlite3
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final, TypeAlias

from station.domain import events as ev
from station.domain.packing_lists.packing_list import ListKind, PackingLine, PackingList
from station.domain.people.rights import Role
from station.domain.receiving.counting import CopyFault
from station.domain.receiving.difference import DifferenceEnd
from station.domain.receiving.shipment import AddedCopy
from station.domain.receiving.vendor import Vendor
from station.store import owner
from station.store.queries.queries import Queries
from tests.conftest import FakeClock

LINES: Final = 25
"""Lines of the packing list; all but one are short when the shipment is closed."""


def _isbn(n: int) -> str:
    return f"97800000{n:05}"


def _lists(_: Queries) -> Sequence[ev.Ordered]:
    lines = tuple(PackingLine(line=str(n), numbers=(_isbn(n),), title=f"Book {n}") for n in range(LINES))
    box = PackingList(name="INV-7", vendor="Vendor 3", lines=lines)
    orders = PackingList(name="PO-7", vendor="Vendor 3", lines=lines[:2], kind=ListKind.ORDER)
    return [ev.PackingListImported(content=content, operator="ann") for content in (box, orders)]


def _vendors(_: Queries) -> Sequence[ev.Ordered]:
    vendors = (Vendor(id=f"v{n}", name=f"Vendor {n}") for n in range(12))
    return [ev.VendorRecorded(content=vendor, operator="w-tess") for vendor in vendors]


def _counted(number: str) -> Callable[[Queries], Sequence[ev.Ordered]]:
    def count(queries: Queries) -> Sequence[ev.Ordered]:
        shipment = queries.shipments()[0].id
        return [ev.CopyCounted(shipment=shipment, scanned=number, numbers=(number,), operator="ann")]

    return count


def _newest(queries: Queries) -> int:
    return queries.counts_of(queries.shipments()[0].id)[0].id


Acts: TypeAlias = tuple[Callable[[Queries], Sequence[ev.Ordered]], ...]
ACTS: Final[Acts] = (
    _vendors,
    _lists,
    lambda queries: [ev.ShipmentOpened(lists=(queries.packing_lists()[0].id,), operator="ann")],
    _counted(_isbn(0)),
    lambda queries: [ev.Added(barcode="B1", count=_newest(queries), copy=AddedCopy(record_id="r1"), operator="ann")],
    lambda queries: [ev.CopyFaulted(count=_newest(queries), fault=CopyFault.DAMAGED, operator="ann")],
    _counted(_isbn(0)),
    lambda queries: [ev.CountUndone(count=_newest(queries), operator="ann")],
    _counted("unknown"),
    lambda queries: [ev.ShipmentClosed(shipment=queries.shipments()[0].id, operator="ann")],
    lambda queries: [ev.ClaimMade(differences=tuple(row.id for row in queries.differences()), operator="w-tess")],
    lambda queries: [
        ev.DifferenceEnded(difference=row.id, end=DifferenceEnd.CREDITED, reason="memo", operator="w-tess")
        for row in queries.differences()[:5]
    ],
)


def act(
    path: Path,
    first: int,
    after: Callable[[], object] = lambda: None,
    acts: Acts = ACTS,
    before: Sequence[ev.AnyEvent] = (),
) -> list[int]:
    """Do the acts from number `first` on. Return the number of events before each act of this run, and at the end.
    `after`: called before the first act, and after each. `before`: events of a fresh journal."""
    clock = FakeClock()
    store = owner.open_store(path, clock)
    try:
        if not store.queries.head().seq:
            store.journal.record(ev.WorkerRegistered(worker="w-tess", role=Role.SYSTEMS), *before)
        heads = [store.queries.head().seq]
        after()
        for number, events in enumerate(acts[first:], first):
            clock.seconds = 1000.0 + number
            store.journal.order(*events(store.queries))
            heads.append(store.queries.head().seq)
            after()
        return heads
    finally:
        store.close()


class Statements:
    """Counts the statements of the writing connection, and ends the process before one of them."""

    def __init__(self, last: int = 0) -> None:
        self.count, self._last = 0, last

    def traced(self, connection: sqlite3.Connection) -> sqlite3.Connection:
        connection.set_trace_callback(self._run)
        return connection

    def _run(self, _: str) -> None:
        self.count += 1
        if self.count == self._last:
            os.kill(os.getpid(), signal.SIGKILL)
            signal.pause()


def counted(statements: Statements) -> None:
    """Count the statements of each store that is opened from now on."""
    open_writer = owner.open_writer
    owner.open_writer = lambda path: statements.traced(open_writer(path))  # type: ignore[assignment]


def main() -> None:
    journal, first, last = sys.argv[1:]
    counted(Statements(int(last)))
    act(Path(journal), int(first))


if __name__ == "__main__":
    main()
