"""View of the boxes to the sites."""

from __future__ import annotations

from enum import StrEnum

import msgspec

from station.base.sentence import Sentence
from station.domain.distribution.box import Box, PackedItem, Site
from station.domain.workflows.receive import Offered


class PackState(StrEnum):
    """State of the work on boxes; the state table is `bench.workflows.pack.rules.MOVES`."""

    START = "start"
    """No box is in hand."""
    SITE = "site"
    """For which site is the new box?"""
    WHERE = "where"
    """An item was scanned without a box: its site is shown."""
    OPEN = "open"
    """Items are put into the box."""
    TAG = "tag"
    """The scanned item must be put on the pad."""
    STOP = "stop"
    """The scanned item does not go into the box."""
    CLOSED = "closed"
    """The box was closed just now."""
    ARRIVED = "arrived"
    """A closed box is compared with its list."""
    LACKS = "lacks"
    """Items were not found: are they missing?"""


class Paper(StrEnum):
    """What is printed without a tap."""

    BOX = "box"
    """Label and packing slip."""
    ITEM = "item"
    """The slip in the newest item."""


class PaperOrder(msgspec.Struct, frozen=True, kw_only=True):
    """Papers of a box that the screen prints once."""

    number: int
    """From 1 upwards, since the station began."""
    paper: Paper
    box: Box
    site: Site
    items: tuple[PackedItem, ...]


class PackView(msgspec.Struct, frozen=True, kw_only=True, tag="pack"):
    """The box in hand. All text is clean."""

    state: PackState = PackState.START
    box: Box | None = None
    site: Site | None = None
    """Site of the box in hand; without one, of the scanned item."""
    items: tuple[PackedItem, ...] = ()
    """What was packed, the newest first."""
    newest: PackedItem | None = None
    """The item that was packed, or found to be in the box, by the newest scan."""
    offered: tuple[Offered, ...] = ()
    """Boxes or sites to choose from."""
    barcode: str = ""
    """The item that waits or stops; "" = none."""
    title: str = ""
    """Its title."""
    stops: tuple[Sentence, ...] = ()
    """Why it does not go into the box, the gravest first."""
    despite: bool = False
    """True if it may be packed all the same, by a person with the right and with a reason."""
    to_process: bool = False
    """True if it is not done: processing comes next, whatever its site is."""
    other_site: str = ""
    """Name of the site to whose box it goes; "" = unknown, that of the box, or it is not done."""
    found_barcodes: tuple[str, ...] = ()
    """Barcodes that were found in an arrived box."""
    papers: tuple[PaperOrder, ...] = ()
    """The newest papers to print, the oldest first."""

    @property
    def lacking(self) -> tuple[PackedItem, ...]:
        """Return the items of an arrived box that were not found yet, in the order of packing."""
        return tuple(item for item in reversed(self.items) if item.barcode not in self.found_barcodes)
