"""What a person reads of an obstacle: what is wrong, and where the item belongs or what to do."""

from __future__ import annotations

from collections.abc import Sequence

from station.base.sentence import Sentence
from station.domain.distribution.box import Site
from station.domain.distribution.packing import Candidate, Obstacle, site_of


def obstacle_words(obstacle: Obstacle, item: Candidate, sites: Sequence[Site]) -> Sentence:
    """Return the obstacle as a sentence that names the right site, title or barcode."""
    match obstacle:
        case Obstacle.OTHER_SITE:
            return Sentence("obstacle.other-site", site=_heading(item.place, sites))
        case Obstacle.NOT_DONE:
            return Sentence("obstacle.not-done", reasons=Sentence.joined(item.reasons, between=" "))
        case Obstacle.OTHER_COPY if item.listed_title:
            return Sentence("obstacle.other-title", title=item.listed_title)
        case Obstacle.OTHER_COPY:
            return Sentence("obstacle.other-copy", barcode=item.listed_barcode)
        case Obstacle.OTHER_LIBRARY:
            return Sentence(
                "obstacle.other-library",
                site=_heading(item.place, sites),
                ordered=_heading(item.order_library, sites),
            )
        case _:
            return Sentence(f"obstacle.{obstacle}")


def _heading(library: str, sites: Sequence[Site]) -> str:
    site = site_of(library, sites)
    return site.heading if site is not None else library
