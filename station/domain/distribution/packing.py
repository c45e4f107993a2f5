"""The check of an item before it goes into a box: is it done, is it of this site, and do vendor, tag and library system
agree about it?

Four sources name the copy: the vendor's list (barcode and library), the scanned barcode, the tag, the library system.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from typing import Final

import msgspec

from station.base.sentence import Sentence
from station.domain.distribution.box import Site


class Obstacle(StrEnum):
    """Why an item does not go into the box. The order of the members is their rank."""

    OTHER_TAG = "other-tag"
    """The tag on the pad names another item."""
    NO_TAG = "no-tag"
    """The pad has no tag, although the item has one."""
    UNKNOWN_SITE = "unknown-site"
    """Neither library system nor order line says for which library it is."""
    OTHER_SITE = "other-site"
    """It is for another site: this is the wrong box."""
    NOT_DONE = "not-done"
    """It may not leave the bench."""
    OTHER_COPY = "other-copy"
    """The vendor's list names its barcode for another title, or another barcode for its copy."""
    OTHER_LIBRARY = "other-library"
    """The order line is for a library of another site than the library system says."""


WITH_REASON: Final = frozenset({Obstacle.OTHER_COPY, Obstacle.OTHER_LIBRARY})
"""Obstacles despite which a person with the right to settle differences may pack the item, with a reason."""


class Candidate(msgspec.Struct, frozen=True, kw_only=True):
    """What the sources say about an item. Codes of libraries as they write them; "" = the source says nothing."""

    barcode: str
    title: str = ""
    library: str = ""
    """By the library system, else by the catalog."""
    order_library: str = ""
    """By its order line or the vendor's list."""
    reasons: tuple[Sentence, ...] = ()
    """Why it may not leave the bench; () = it is done."""
    listed_barcode: str = ""
    """The barcode that the vendor names for the counted copy."""
    listed_title: str = ""
    """Title of the list line that names this barcode for another copy; "" = no list does."""
    tag_barcodes: tuple[str, ...] | None = None
    """Barcodes of the tags on the pad, "" for a tag without one; None = the pad is not asked."""
    has_tag: bool = False
    """True if the station has written a tag for it."""

    @property
    def place(self) -> str:
        """Return the library that decides its site."""
        return self.library or self.order_library


def site_of(library: str, sites: Sequence[Site]) -> Site | None:
    """Return the site of a library: the one that serves it, else the one with its code, else a site of its own; None for
    "". Codes are compared without case."""
    code = library.strip().casefold()
    if not code:
        return None
    serving = (site for site in sites if code in {served.strip().casefold() for served in site.libraries})
    named = (site for site in sites if site.code.strip().casefold() == code)
    return next(serving, None) or next(named, None) or Site(code=library.strip())


def obstacles(item: Candidate, site: Site, sites: Sequence[Site]) -> tuple[Obstacle, ...]:
    """Return why the item does not go into a box of the site, by rank; () = it goes in."""
    return tuple(sorted(_obstacles(item, site, sites), key=list(Obstacle).index))


def _obstacles(item: Candidate, site: Site, sites: Sequence[Site]) -> set[Obstacle]:
    against: set[Obstacle] = set()
    if item.tag_barcodes is not None:
        if any(barcode != item.barcode for barcode in item.tag_barcodes):
            against.add(Obstacle.OTHER_TAG)
        elif not item.tag_barcodes and item.has_tag:
            against.add(Obstacle.NO_TAG)
    own, ordered = site_of(item.place, sites), site_of(item.order_library, sites)
    if own is None:
        against.add(Obstacle.UNKNOWN_SITE)
    elif not own.is_same(site):
        against.add(Obstacle.OTHER_SITE)
    elif ordered is not None and not ordered.is_same(own):
        against.add(Obstacle.OTHER_LIBRARY)
    if item.reasons:
        against.add(Obstacle.NOT_DONE)
    if item.listed_title or (item.listed_barcode and item.listed_barcode != item.barcode):
        against.add(Obstacle.OTHER_COPY)
    return against
