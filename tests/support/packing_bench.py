"""A bench that packs: three sites, items that are done, and the real journal with its boxes."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any, Final

import msgspec
from stdnum import luhn

from station.base import errors
from station.base.settings import Distribution, Settings
from station.base.settings.distribution import SiteOptions
from station.bench.bench_ports import BenchPorts
from station.domain import events as ev
from station.domain.item import Barcode, ItemRecord
from station.domain.ports import Boxes
from station.domain.tag_image import Uid
from station.domain.verdict import Verdict
from station.domain.workflows import PackView, Workflow
from station.store.queries.queries import Queries
from tests.bench.item.test_sampling import RealJournal
from tests.bench.test_bench import encoded
from tests.store.journal.test_journal import in_memory
from tests.support.sample_events import image
from tests.support.simulated_bench import SETTINGS, Rig, record

SITES: Final = (
    SiteOptions(code="NORTH", name="North Branch", libraries=("N1", "N2"), days=3),
    SiteOptions(code="EAST", name="East Library", libraries=("E1",), slip=True, days=0),
    SiteOptions(code="WEST"),
)
PACKING: Final[Settings] = msgspec.structs.replace(SETTINGS, distribution=Distribution(sites=SITES))


def barcode_of(number: int) -> Barcode:
    """Return the barcode of the item with this number."""
    digits = f"312345{number:07d}"
    return Barcode(f"{digits}{luhn.calc_check_digit(digits)}")


class Shelf:
    """`ports.Catalog` of the items that a test has made."""

    def __init__(self) -> None:
        self.items: dict[str, ItemRecord] = {}

    def find(self, barcode: Barcode) -> ItemRecord:
        if barcode not in self.items:
            raise errors.BarcodeUnknown(barcode)
        return self.items[barcode]


class SqlBoxes:
    """`ports.Boxes` on the tables of the journal, by the same functions as the station's."""

    def __init__(self, sql: sqlite3.Connection) -> None:
        self._sql = sql

    def __getattr__(self, name: str) -> Callable[..., Any]:
        if name not in vars(Boxes):
            raise AttributeError(name)
        asked = vars(Queries)[name].__closure__
        (query,) = (cell.cell_contents for cell in asked if callable(cell.cell_contents))
        return partial(query, self._sql)


class PackRig(Rig):
    """A rig with boxes. `item` makes one that may leave."""

    def __init__(self, settings: Settings = PACKING, **more: Any) -> None:
        self.sql = in_memory()
        self.catalog = Shelf()
        self.tags: dict[str, Uid] = {}
        super().__init__(settings=settings, journal=RealJournal(self.sql), **more)

    def ports(self) -> BenchPorts:
        boxes: Any = SqlBoxes(self.sql)
        return replace(super().ports(), catalog=self.catalog, index=self.catalog, boxes=boxes)

    @property
    def view(self) -> PackView:
        view = self.now.workflow_view
        assert isinstance(view, PackView)
        return view

    def of(self, *kinds: type) -> list[Any]:
        return [event for event in self.journal.events if isinstance(event, kinds)]

    def item(self, number: int, library: str = "N1", *, done: bool = True, **fields: Any) -> Barcode:
        """Put an item into the catalog. `done`: tagged, with its verdict."""
        barcode = barcode_of(number)
        fields = {"title": f"Title {number}", "library": library, **fields}
        self.catalog.items[barcode] = item = record(barcode, **fields)
        uid = self.tags[barcode] = self.world.tag(number, **encoded(barcode))
        self.journal.record(
            ev.TagWriteStarted(
                attempt=f"made-{number}",
                uid=uid,
                barcode=barcode,
                part=1,
                parts=1,
                old=image(uid),
                new=image(uid),
                plan_digest="",
                steps=3,
            ),
            ev.TagWriteVerified(attempt=f"made-{number}", uid=uid, barcode=barcode, part=1, parts=1),
        )
        if done:
            judged = ev.ItemJudged(
                barcode=barcode, uid=uid, part=1, parts=1, verdict=Verdict.PASS, findings=(), item=item
            )
            self.journal.record(judged)
        return barcode

    def boxes(self) -> PackRig:
        """Enter the workflow."""
        self.enter(Workflow.PACK)
        return self

    def opened(self, site: str = "NORTH") -> PackRig:
        """Enter the workflow, and open a box."""
        self.boxes()
        self.act("new")
        self.act("site", site)
        return self

    def put(self, barcode: str) -> None:
        """Take everything off the pad, scan the item, and lay it on the pad."""
        self.lift()
        self.scan(barcode)
        self.place(self.tags[barcode])
        self.look()
