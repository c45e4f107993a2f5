"""Boxes to the sites."""

from __future__ import annotations

from station.domain.events.base import Event


class BoxOpened(Event, frozen=True, kw_only=True, tag="box-opened"):
    """A box for a site was opened, or opened again. Its id is `box_id` of the number of the first such event."""

    site: str
    """Code of the site. The store fills it in for a box that is opened again."""
    box: str = ""
    """The box that is opened again; "" = a new one."""
    reason: str = ""
    """Why it is opened again."""


class BoxPacked(Event, frozen=True, kw_only=True, tag="box-packed"):
    """An item was put into a box, or taken out."""

    box: str
    barcode: str
    removed: bool = False
    title: str = ""
    call_number: str = ""
    library: str = ""
    """Code of the library that decided the site."""
    tag: str = ""
    """UID of the tag that was read on the pad; "" = none was read."""
    despite: tuple[str, ...] = ()
    """`Obstacle`s despite which a person packed it."""
    reason: str = ""
    """Why, despite them."""


class BoxClosed(Event, frozen=True, kw_only=True, tag="box-closed"):
    """A box is ready to leave."""

    box: str
    due: str = ""
    """ISO 8601 date on which the site should have it; "" = no limit."""


class BoxReceived(Event, frozen=True, kw_only=True, tag="box-received"):
    """The site has the box. Of several such events about a box the newest counts."""

    box: str
    missing: tuple[str, ...] = ()
    """Barcodes that were not in it."""
    note: str = ""


DistributionStep = BoxOpened | BoxPacked | BoxClosed | BoxReceived
"""Events that a person may ask to journal about boxes."""
