"""Vendor's list, tag and library system are compared as each item goes into a box: in seeded runs, each planted mistake is found
as what it is, and nothing else is."""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pytest

from station.bench.workflows.pack.candidate import candidate_of
from station.domain import events as ev
from station.domain.distribution.box import Site
from station.domain.distribution.packing import Obstacle, obstacles, site_of
from station.domain.item import Barcode, ItemRecord
from station.domain.packing_lists.packing_list import ListKind, PackingLine, PackingList
from station.domain.receiving.shipment import shipment_id
from station.domain.workflows import ReleaseLine
from tests.store.lists.test_packing_lists import Desk

SITES: Final = (
    Site(code="east", name="East Library", libraries=("EAST", "EASTKIDS")),
    Site(code="west", libraries=("WEST", "WESTKIDS")),
    Site(code="NORTH"),
)
LIBRARIES: Final = ("EAST", "EASTKIDS", "WEST", "WESTKIDS", "North", "SOUTH")
"""SOUTH is a site of its own; the case of a code does not matter."""
MISTAKES: Final = {
    "vendor barcode on another copy": Obstacle.OTHER_COPY,
    "tag of another item": Obstacle.OTHER_TAG,
    "wrong branch": Obstacle.OTHER_LIBRARY,
    "wrong box": Obstacle.OTHER_SITE,
}


@dataclass
class Copy:
    """`listed`: the vendor names its barcode. `tags`: barcodes of the tags on the pad; None = nobody looks."""

    number: str
    title: str
    barcode: Barcode
    order_line: str
    library: str
    """By the library system."""
    ordered_for: str
    """By vendor and order line; "" = not said."""
    listed: bool
    box: Site
    tags: tuple[str, ...] | None
    mistake: str = ""
    stuck: str = ""
    """The barcode on the copy; "" = its own."""


def copies_of(seed: int, count: int) -> list[Copy]:
    """Return copies as they should be, in all their harmless forms, and among them the mistakes."""
    chance = random.Random(seed)
    copies = []
    for n in range(count):
        library = chance.choice(LIBRARIES)
        site = site_of(library, SITES)
        assert site is not None
        same_site = [other for other in LIBRARIES if site_of(other, SITES) == site]
        barcode = Barcode(f"31999{n:09}")
        copies.append(
            Copy(
                number=f"978{n:010}",
                title=f"Book {n}",
                barcode=barcode,
                order_line=f"POL-{n}" if chance.random() < 0.9 else "",
                library=library,
                ordered_for=chance.choice((library, library.lower(), chance.choice(same_site), "")),
                listed=chance.random() < 0.8,
                box=chance.choice((site, Site(code=site.code.upper()))),
                tags=chance.choice(((barcode,), (barcode,), None)),
            )
        )
    for first, second in zip(copies[::10], copies[1::10], strict=True):  # some titles come in two copies
        first.listed, second.listed, second.number = True, True, first.number
    chosen = iter(chance.sample([copy for n, copy in enumerate(copies) if n % 10 > 1], len(copies) // 4))
    for mistake in chance.choices(list(MISTAKES), k=len(copies) // 10):
        _spoil(next(chosen), mistake, chosen, chance)
    return copies


def _is_of(library: str, box: Site) -> bool:
    site = site_of(library, SITES)
    return site is not None and site.is_same(box)


def _spoil(copy: Copy, mistake: str, others: Iterator[Copy], chance: random.Random) -> None:
    other = next(others)
    match mistake:
        case "tag of another item":
            copy.tags = chance.choice(((other.barcode,), (copy.barcode, other.barcode), ("",)))
        case "wrong box":
            copy.box = chance.choice([site for site in SITES if not site.is_same(copy.box)])
        case "wrong branch":
            copy.ordered_for = chance.choice([code for code in LIBRARIES if not _is_of(code, copy.box)])
        case _:  # two copies of one library carry each other's barcode
            for each in (copy, other):
                each.listed = each is other or chance.random() < 0.5
                each.library = each.ordered_for = copy.library
                each.box, each.mistake = copy.box, mistake
                each.tags = None
            copy.stuck, other.stuck = other.barcode, copy.barcode
    copy.mistake = mistake


def obstacles_of(folder: Path, copies: list[Copy]) -> dict[str, tuple[Obstacle, ...]]:
    """Receive the copies, and return what stands against each as it goes into its box, by title."""
    desk = Desk(folder)
    with closing(desk.store) as store:
        lines = tuple(
            PackingLine(
                line=str(n),
                numbers=(copy.number,),
                title=copy.title,
                barcode=copy.barcode if copy.listed else "",
                order_line=copy.order_line,
                library=copy.ordered_for,
            )
            for n, copy in enumerate(copies)
        )
        listed = desk.imports(PackingList(name="INV-7", vendor="YBP", lines=lines))
        desk.imports(PackingList(name="PO-7", vendor="YBP", lines=lines, kind=ListKind.ORDER))  # names the copies, too
        shipment = shipment_id(store.journal.order(ev.ShipmentOpened(lists=(listed,), operator="ann")))
        unpacked = random.Random(len(copies)).sample(copies, len(copies))
        store.journal.order(
            *(
                ev.CopyCounted(shipment=shipment, scanned=copy.number, numbers=(copy.number,), operator="ann")
                for copy in unpacked
            )
        )
        counts = reversed(store.queries.counts_of(shipment))
        store.journal.order(
            *(
                ev.Added(barcode=copy.stuck or copy.barcode, count=count.id, operator="ann")
                for copy, count in zip(unpacked, counts, strict=True)
            )
        )
        by_barcode = {copy.barcode: copy for copy in copies}
        found = {}
        for copy in copies:
            barcode = Barcode(copy.stuck or copy.barcode)
            record = ItemRecord(barcode=barcode, title=copy.title, library=by_barcode[barcode].library)
            candidate = candidate_of(
                ReleaseLine(barcode=barcode, title=copy.title),
                store.queries.listed_copy(barcode),
                record,
                has_tag=True,
                tag_barcodes=copy.tags,
            )
            found[copy.title] = obstacles(candidate, copy.box, SITES)
        return found


def check(folder: Path, seed: int, count: int) -> None:
    copies = copies_of(seed, count)
    expected = {copy.title: (MISTAKES[copy.mistake],) if copy.mistake else () for copy in copies}
    assert {copy.mistake for copy in copies} == {"", *MISTAKES}
    assert obstacles_of(folder, copies) == expected


def test_each_planted_mistake_is_found_and_nothing_else(tmp_path: Path) -> None:
    check(tmp_path, 39, 300)


@pytest.mark.soak
def test_each_planted_mistake_is_found_and_nothing_else_among_thousands(tmp_path: Path) -> None:
    for seed in range(10):
        folder = tmp_path / str(seed)
        folder.mkdir()
        check(folder, seed, 2000)
