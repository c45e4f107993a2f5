"""A bench at the open carton: the real journal with vendors' lists, and a catalog that knows one title."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from typing import Any, Final

from station.bench.bench_ports import BenchPorts
from station.domain import events as ev
from station.domain.item import Barcode, ItemRecord
from station.domain.packing_lists.packing_list import PackingLine, PackingList
from station.domain.ports import Found, FoundItem, Shipments, Wanted
from station.domain.receiving.vendor import Vendor
from station.domain.workflows import ReceiveView, Workflow
from station.store.queries.queries import Queries
from tests.bench.item.test_sampling import RealJournal
from tests.store.journal.test_journal import in_memory
from tests.support.simulated_bench import BOOK, DVD, OTHER, MemoryCatalog, Rig, record

CARTON: Final = "003401234500000017"
EMPTY_CARTON: Final = "003401234500000024"
"""On no list."""
RIVERS, TIDES, ALMANAC, ATLAS, SECOND_EDITION, UNLISTED = (
    "9780262033848",
    "9780140449136",
    "9780306406157",
    "9783161484100",
    "9780131103627",
    "9781861972712",
)
"""ISBNs."""
LINES: Final = (
    PackingLine(
        line="1",
        numbers=(RIVERS,),
        title="Imaginary rivers",
        quantity=2,
        order_line="POL-1",
        library="MAIN",
        fund="HIST",
        price="20.00",
    ),
    PackingLine(line="2", numbers=(TIDES,), title="Tides of glass", order_line="POL-2", vendor_number="V-77"),
    PackingLine(line="3", numbers=(ALMANAC,), title="The clockmaker's almanac", barcode=BOOK),
    PackingLine(line="4", numbers=(ALMANAC,), title="The clockmaker's almanac", barcode=OTHER),
    PackingLine(line="5", numbers=(ATLAS,), title="Atlas of shadows", cancelled=True),
)
INVOICE: Final = PackingList(name="INV-7", vendor="YBP", date="2026-11-02", lines=LINES, cartons=(CARTON,))
OLD_COPY: Final = record(
    DVD, title="Tides of glass", isbns=(TIDES, SECOND_EDITION), record_id="r1", library="MAIN", material="book"
)
"""A copy of a title that is here already; its record names another edition."""


class Index(MemoryCatalog):
    """`ports.Catalog` and `ports.CatalogSearch` with one record."""

    def find(self, barcode: Barcode) -> ItemRecord:
        return OLD_COPY if barcode == DVD else super().find(barcode)

    def search(self, wanted: Wanted, most: int = 24) -> Found:
        return Found((FoundItem(barcode=DVD),) if wanted.isbn in OLD_COPY.isbns else ())


class SqlShipments:
    """`ports.Shipments` on the tables of the journal, by the same functions as the station's."""

    def __init__(self, sql: sqlite3.Connection) -> None:
        self._sql = sql

    def __getattr__(self, name: str) -> Callable[..., Any]:
        if name not in vars(Shipments):
            raise AttributeError(name)
        asked = vars(Queries)[name].__closure__
        (query,) = (cell.cell_contents for cell in asked if callable(cell.cell_contents))
        return partial(query, self._sql)


class CartonRig(Rig):
    """A rig whose journal has vendors and lists."""

    def __init__(
        self, lists: Sequence[PackingList] = (INVOICE,), vendors: Sequence[str] = ("YBP",), **more: Any
    ) -> None:
        self.sql = in_memory()
        journal = RealJournal(self.sql)
        for content in lists:
            journal.order(ev.PackingListImported(content=content, source="list.csv", digest="0" * 64))
        for name in vendors:
            journal.record(ev.VendorRecorded(content=Vendor(id=name.lower(), name=name)))
        super().__init__(journal=journal, **more)

    def ports(self) -> BenchPorts:
        index = Index()
        return replace(super().ports(), shipments=SqlShipments(self.sql), search=index, index=index)  # type: ignore[arg-type]

    @property
    def view(self) -> ReceiveView:
        view = self.now.workflow_view
        assert isinstance(view, ReceiveView)
        return view

    def of(self, *kinds: type) -> list[Any]:
        return [event for event in self.journal.events if isinstance(event, kinds)]

    def opened(self, text: str = CARTON) -> CartonRig:
        """Enter Receive and scan what opens a shipment."""
        self.enter(Workflow.RECEIVE)
        self.scan(text)
        return self
