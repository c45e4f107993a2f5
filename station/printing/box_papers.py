"""Papers of a box: its label, its packing slip, and the slip in an item. A scan of label or packing slip finds the box."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from station.base.words import tell
from station.domain.distribution.box import Box, PackedItem, Site, box_number
from station.printing.content import Content, Row

_HEAD: Final = 6
"""Lines of a packing slip that are not for items: what it is, the site in three, the box, the page."""
_ITEM: Final = 0.85
_SITE_GROWS: Final = 8.0
_TITLE_LINES: Final = 3


def box_label(box: Box, site: Site) -> Content:
    """Return the label of a box: the site in the largest letters that fit, the number of the box, and how many items it
    holds since when."""
    rows = [
        Row(text=tell("print.box.to"), what=tell("print.what.heading"), scale=1.25),
        _site(site, grow=_SITE_GROWS),
        Row(text=_box(box), what=tell("print.what.box"), bold=True, scale=2.0, gap=0.5),
        Row(text=tell("print.box.items", count=box.count - box.missing), what=tell("print.what.box"), scale=1.5),
        *_closed(box),
    ]
    return Content(kind="box", rows=tuple(rows), barcode=box.id.upper())


def packing_slip(box: Box, site: Site, items: Sequence[PackedItem], lines: int) -> tuple[Content, ...]:
    """Return the pages of the packing slip of a box, the items in the order of packing. `lines`: lines of a page."""
    most = max(1, lines - _HEAD)
    pages = [items[at : at + most] for at in range(0, len(items), most)] or [items]
    return tuple(
        Content(kind="packing-slip", rows=_page(box, site, page, at, len(pages)), barcode=box.id.upper())
        for at, page in enumerate(pages, start=1)
    )


def item_slip(box: Box, site: Site, item: PackedItem) -> Content:
    """Return the slip in an item of a box: the site, title and call number, the box, and the item's barcode."""
    rows = [
        _site(site, grow=_SITE_GROWS),
        Row(
            text=item.title,
            what=tell("print.what.title"),
            bold=True,
            gap=0.5,
            wrap=_TITLE_LINES,
            cut=True,
            fallback=tell("print.no-title"),
        ),
        Row(text=item.call_number, what=tell("print.what.call-number"), wrap=2),
        Row(text=_box(box), what=tell("print.what.box")),
    ]
    return Content(kind="item-slip", rows=tuple(rows), barcode=item.barcode)


def _page(box: Box, site: Site, items: Sequence[PackedItem], at: int, pages: int) -> tuple[Row, ...]:
    about = ", ".join(
        (_box(box), tell("print.box.items", count=box.count - box.missing), *(row.text for row in _closed(box)))
    )
    rows = [
        Row(text=tell("print.box.slip"), what=tell("print.what.heading"), scale=1.2),
        _site(site, grow=2.5),
        Row(text=about, what=tell("print.what.box"), bold=True),
    ]
    if pages > 1:
        rows.append(Row(text=tell("print.box.page", page=at, pages=pages), what=tell("print.what.heading")))
    return (*rows, *(_item(item, gap=0.0 if place else 0.5) for place, item in enumerate(items)))


def _item(item: PackedItem, gap: float) -> Row:
    known = "  ".join(text for text in (item.barcode, item.title, item.call_number) if text)
    text = tell("print.box.missing", item=known) if item.missing else known
    return Row(text=text, what=tell("print.what.title"), scale=_ITEM, gap=gap, cut=True, fallback=item.barcode)


def _site(site: Site, grow: float) -> Row:
    plain = site.code.encode("ascii", "replace").decode("ascii")
    return Row(
        text=site.heading, what=tell("print.what.site"), bold=True, grow=grow, wrap=3, cut=True, fallback=plain or "?"
    )


def _box(box: Box) -> str:
    return tell("print.box.number", number=box_number(box.id))


def _closed(box: Box) -> tuple[Row, ...]:
    if not box.closed_on:
        return ()
    what = tell("print.date")
    return (Row(text=f"{what}: {box.closed_on}", what=what),)
