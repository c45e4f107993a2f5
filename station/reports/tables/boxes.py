"""Boxes to the sites and what is in them, as tables."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

import msgspec

from station.base.sentence import Sentence
from station.domain.corrections.words import OVERDUE
from station.domain.distribution.box import Box, PackedItem, Site, box_number
from station.domain.distribution.sites import site_with
from station.reports.tables.table import Column, Kind, Place, Table, table

_FILES: Final = Place.FILES
BETWEEN: Final = "."
"""Between box and barcode in the id of a packed item."""
_MISSING: Final = Sentence("box.head.missing")


class BoxFilter(msgspec.Struct, frozen=True, kw_only=True):
    """Which boxes are wanted. An empty field wants all."""

    site: str = ""
    """Code of the site, in whatever case."""
    state: str = ""
    overdue_on: str = ""
    """Today's date, for only those that are overdue."""
    missing: bool = False
    """True for only those that lack items."""

    def wants(self, box: Box) -> bool:
        return (
            (not self.site or box.site.casefold() == self.site.casefold())
            and (not self.state or box.state == self.state)
            and (not self.overdue_on or box.is_overdue(self.overdue_on))
            and (not self.missing or bool(box.missing))
        )


def name_of(box: str) -> Sentence:
    """Return the name of the box with this id, as its label shows it."""
    return Sentence("box.name", number=box_number(box))


def boxes(rows: Iterable[Box], sites: Sequence[Site], today: str) -> Table:
    """Return boxes, in this order. `today`: ISO 8601 date."""
    return table(
        (
            Column("name", Sentence("box.head.box"), leads_to="/boxes", leads_by="id"),
            Column("site_name", Sentence("box.head.site"), sorts=True),
            Column("state", Sentence("shipment.head.state"), Kind.STATUS, "box.state"),
            Column("items", Sentence("box.head.items"), Kind.COUNT, sorts=True),
            Column("missing", _MISSING, Kind.COUNT, sorts=True),
            Column("due", Sentence("office.head.due"), Kind.DAY, sorts=True),
            Column("overdue", Sentence("office.head.overdue"), Kind.FLAG, OVERDUE.key, only=_FILES, part_of="due"),
            Column("opened_at", Sentence("office.head.since"), Kind.TIME, sorts=True),
            Column("closed_at", Sentence("shipment.head.closed-at"), Kind.TIME, only=_FILES),
            Column("received_at", Sentence("box.head.received-at"), Kind.TIME, only=_FILES),
            Column("reason", Sentence("box.head.reason"), only=_FILES),
            Column("site", Sentence("box.head.site"), Kind.CODE),
            Column("id", Sentence("office.head.number"), Kind.CODE),
        ),
        [
            (
                name_of(box.id),
                site_with(box.site, sites).heading,
                box.state.value,
                box.count,
                box.missing,
                box.due,
                box.is_overdue(today),
                box.opened_at,
                box.closed_at,
                box.received_at,
                box.reason,
                box.site,
                box.id,
            )
            for box in rows
        ],
        id_at=12,
    )


def items(rows: Iterable[PackedItem], box: str) -> Table:
    """Return the items of the box with this id: missing ones first, the others in the order of packing."""
    return table(
        (
            Column("title", Sentence("office.head.title"), Kind.TITLE, sorts=True),
            Column("state", Sentence("shipment.head.state"), Kind.STATUS, "box.item"),
            Column("call_number", Sentence("office.head.call-number"), sorts=True),
            Column("barcode", Sentence("office.head.barcode"), Kind.ITEM),
            Column("library", Sentence("shipment.head.library")),
            Column("at", Sentence("office.head.time"), Kind.TIME),
            Column("by", Sentence("shipment.head.by"), Kind.PERSON),
            Column("id", Sentence("office.head.number"), Kind.CODE),
        ),
        [
            (
                item.title,
                "missing" if item.missing else "packed",
                item.call_number,
                item.barcode,
                item.library,
                item.at,
                item.by,
                f"{box}{BETWEEN}{item.barcode}",
            )
            for item in sorted(rows, key=lambda item: not item.missing)
        ],
        id_at=7,
    )
