"""Boxes at the bench: the moves, what the large sentence says, and its light. Pure."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from station.base.sentence import Sentence
from station.base.text import clean
from station.bench.item.titles import LONGEST
from station.domain.distribution.box import BoxState, PackedItem
from station.domain.snapshot import Light
from station.domain.workflows import PackState, PackView


class Trigger(StrEnum):
    """Triggers of a box's moves."""

    TAKEN_UP = "taken-up"
    """A box was opened, or an open one was taken up."""
    NEW = "new"
    """A new box is wanted."""
    WITHOUT_BOX = "without-box"
    """An item was scanned, and no box is in hand."""
    PACKED = "packed"
    """An item was put in."""
    TAKEN_OUT = "taken-out"
    """An item was taken out."""
    NEEDS_TAG = "needs-tag"
    """The item's tag is to be read, and is not on the pad."""
    STOPPED = "stopped"
    """The item does not go in."""
    CLOSED = "closed"
    """The box was closed."""
    CAME = "came"
    """The label of a closed box was scanned."""
    LACKING = "lacking"
    """The rest of the box is said to be missing."""
    RECEIVED = "received"
    """The box was received."""
    LEFT = "left"
    """A question was left, or the box was put aside."""
    GONE = "gone"
    """The box was changed elsewhere."""


_S, _H = PackState, Trigger
MOVES: Final[dict[tuple[PackState, Trigger], PackState]] = {
    (_S.START, _H.TAKEN_UP): _S.OPEN,
    (_S.START, _H.NEW): _S.SITE,
    (_S.START, _H.WITHOUT_BOX): _S.WHERE,
    (_S.START, _H.CAME): _S.ARRIVED,
    (_S.SITE, _H.TAKEN_UP): _S.OPEN,
    (_S.SITE, _H.LEFT): _S.START,
    (_S.WHERE, _H.LEFT): _S.START,
    (_S.OPEN, _H.PACKED): _S.OPEN,
    (_S.OPEN, _H.TAKEN_OUT): _S.OPEN,
    (_S.OPEN, _H.NEEDS_TAG): _S.TAG,
    (_S.OPEN, _H.STOPPED): _S.STOP,
    (_S.OPEN, _H.CLOSED): _S.CLOSED,
    (_S.OPEN, _H.LEFT): _S.START,
    (_S.OPEN, _H.GONE): _S.START,
    (_S.TAG, _H.PACKED): _S.OPEN,
    (_S.TAG, _H.STOPPED): _S.STOP,
    (_S.TAG, _H.LEFT): _S.OPEN,
    (_S.STOP, _H.PACKED): _S.OPEN,
    (_S.STOP, _H.LEFT): _S.OPEN,
    (_S.CLOSED, _H.TAKEN_UP): _S.OPEN,
    (_S.CLOSED, _H.LEFT): _S.START,
    (_S.ARRIVED, _H.TAKEN_UP): _S.OPEN,
    (_S.ARRIVED, _H.LACKING): _S.LACKS,
    (_S.ARRIVED, _H.RECEIVED): _S.START,
    (_S.ARRIVED, _H.LEFT): _S.START,
    (_S.ARRIVED, _H.GONE): _S.START,
    (_S.LACKS, _H.RECEIVED): _S.START,
    (_S.LACKS, _H.LEFT): _S.ARRIVED,
}
"""Moves of a box. Items are put only into an open box; every question can be left."""


def prompt(view: PackView, *, fresh: bool) -> Sentence:
    """Return the large sentence. `fresh`: the newest item was packed just now."""
    site = view.site.heading if view.site is not None else ""
    match view.state:
        case PackState.START:
            return Sentence("pack.start")
        case PackState.SITE:
            return Sentence("pack.choose-site" if view.offered else "pack.no-sites")
        case PackState.WHERE:
            return Sentence("pack.where", site=view.other_site)
        case PackState.OPEN if fresh and view.newest is not None:
            return Sentence("pack.packed", title=short(view.newest.title or view.newest.barcode))
        case PackState.OPEN:
            return Sentence("pack.scan", site=site)
        case PackState.TAG:
            return Sentence("pack.tag", title=short(view.title))
        case PackState.STOP if view.to_process:
            return Sentence("pack.not-done")
        case PackState.STOP:
            return view.stops[0]
        case PackState.CLOSED:
            return Sentence("pack.closed")
        case PackState.ARRIVED:
            return Sentence("pack.arrived" if view.lacking else "pack.complete")
        case PackState.LACKS:
            return Sentence("pack.lacks", count=len(view.lacking))


def light(view: PackView, *, fresh: bool) -> Light:
    """Return green for an item that goes in and for a complete box, red for one that does not, amber for a question."""
    match view.state:
        case PackState.OPEN if fresh:
            return Light.GOOD
        case PackState.STOP:
            return Light.BAD
        case PackState.LACKS | PackState.WHERE:
            return Light.WARNING
        case PackState.ARRIVED if not view.lacking:
            return Light.GOOD
        case _:
            return Light.NEUTRAL


def short(title: str) -> str:
    """Return a title that fits into a sentence."""
    title = clean(title, 4 * LONGEST)
    return title if len(title) <= LONGEST else f"{title[: LONGEST - 1]}…"


def found_at_first(state: BoxState, items: tuple[PackedItem, ...]) -> tuple[str, ...]:
    """Return the barcodes of an arrived box that need no scan: those that were found when it was received before."""
    return tuple(item.barcode for item in items if not item.missing) if state is BoxState.RECEIVED else ()
