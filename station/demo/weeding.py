"""The cart of ten: titles that a librarian weeded, in the demo's catalog, library system and shelf, and her list of them.

Seven leave without a question. Of the others, one is on loan, one is lost, and one is the last copy of its title. One of
the seven has a locked tag, and one is a set whose third disc is missing.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from typing import Final

import msgspec

from station.base.settings import Settings
from station.base.words import tell
from station.bench.item.tag_content import content_of, site_profile, tag_profile
from station.catalog.sample.sample import built
from station.catalog.sample.works import Copy, Work
from station.demo.shelf import DemoTag, ShelfItem, uid
from station.domain.item import ItemRecord
from station.domain.ports import DemoItem
from station.encoding.recognition.registry import writable

_BEFORE: Final = 500
"""Number of the items and works that the sample catalog may still get."""
_FIRST_TAG: Final = 0x8000
_LOCKED: Final = "locked"
_SET: Final = "set"
_LOST: Final = "lost"
_ON_LOAN: Final = "on-loan"
_LAST: Final = "last"
_PLAIN: Final = "ours"


class _Weeded(msgspec.Struct, frozen=True):
    title: str
    author: str
    call_number: str
    kind: str = _PLAIN


_CART: Final = (
    _Weeded("A field guide to vanished lakes", "Ostrava, Nell.", "GB1601 .O88 1998"),
    _Weeded("Bridges nobody crossed", "Quill, Tobias.", "TG15 .Q55 1987"),
    _Weeded("Cooking for lighthouses", "Brack, Ida.", "TX820 .B73 1991", _LOCKED),
    _Weeded("Do-it-yourself volcanoes", "Fenn, Otis.", "QE522 .F46 2001"),
    _Weeded("Ferries of the inland sea", "Marlow, June.", "HE5783 .M37 1979", _ON_LOAN),
    _Weeded("Handbook of extinct software", "Peck, Ravi.", "QA76.75 .P43 1994"),
    _Weeded("Lectures on imaginary rivers", "Sund, Eva.", "GB1201 .S86 2003", _SET),
    _Weeded("Maps of the year before", "Abel, Cora.", "GA103 .A24 1985", _LAST),
    _Weeded("Repairing your sundial", "Holm, Piet.", "QB215 .H65 1990", _LOST),
    _Weeded("Typewriting in ten easy lessons", "Vance, Lou.", "Z49 .V36 1972"),
)
_PROCESSES: Final = {_ON_LOAN: "LOAN", _LOST: "LOST_LOAN"}
"""Alma's process types."""
_PARTS: Final = 3
_MISSING: Final = 3
"""The part of the set that is not on the cart."""


def _works() -> list[Work]:
    return [
        Work(
            special=weeded.kind,
            title=(weeded.title,),
            author=weeded.author,
            year=weeded.call_number[-4:],
            copies=tuple(
                Copy(
                    call=weeded.call_number, copy=str(copy), price="20.00", pieces=_PARTS if weeded.kind == _SET else 1
                )
                for copy in ((1,) if weeded.kind == _LAST else (1, 2))
            ),
        )
        for weeded in _CART
    ]


def records() -> bytes:
    """Return the records in ISO 2709, UTF-8. All titles but one have a copy that stays."""
    return b"".join(record for record, _ in built(_works(), _BEFORE))


def all_barcodes() -> tuple[str, ...]:
    """Return the barcodes of all copies."""
    return tuple(barcode for _, listed in built(_works(), _BEFORE) for barcode, *_ in listed)


def _on_cart() -> list[tuple[str, str]]:
    """Return barcode and kind of the newest copy of each title."""
    return [(listed[-1][0], listed[-1][2]) for _, listed in built(_works(), _BEFORE)]


def processes() -> dict[str, str]:
    """Return Alma's process type of each item that is not in place, by barcode."""
    return {barcode: _PROCESSES[kind] for barcode, kind in _on_cart() if kind in _PROCESSES}


def weeding_list(known: Sequence[ItemRecord]) -> str:
    """Return the librarian's list of the cart, as CSV."""
    titles = {str(record.barcode): record.title for record in known}
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\n")
    table.writerow(("barcode", "title"))
    table.writerows((barcode, titles.get(barcode, "")) for barcode, _ in _on_cart())
    return text.getvalue()


def cart(known: Sequence[ItemRecord], settings: Settings) -> tuple[ShelfItem, ...]:
    """Return the pieces, each with its tag. The lost piece, too, has one: a player may find it after its withdrawal."""
    by_barcode = {str(record.barcode): record for record in known}
    pieces = [(by_barcode[barcode], kind, part) for barcode, kind in _on_cart() for part in _parts(kind)]
    return tuple(
        ShelfItem(
            DemoItem(barcode=record.barcode, title=record.title, hint=_hint(kind, part)),
            _tag(record, kind, part, _FIRST_TAG + number, settings),
            kind,
        )
        for number, (record, kind, part) in enumerate(pieces, 1)
    )


def _parts(kind: str) -> tuple[int, ...]:
    return tuple(part for part in range(1, _PARTS + 1) if part != _MISSING) if kind == _SET else (1,)


def _hint(kind: str, part: int) -> str:
    return tell("item.part-of", part=part, parts=_PARTS) if kind == _SET else tell(f"demo.weeded.{kind}")


def _tag(record: ItemRecord, kind: str, part: int, number: int, settings: Settings) -> DemoTag:
    profile = tag_profile(settings)
    content = content_of(site_profile(settings), settings.library.isil, record, part)
    memory = writable(profile.model).encode(content, profile, 4, 112).data.hex()
    locked = (0, 1) if kind == _LOCKED else ()
    return DemoTag(uid=uid(number), memory=memory, afi=profile.afi_in_stock, dsfid=profile.dsfid, locked=locked)
