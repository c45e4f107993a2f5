"""The imaginary shelf: the items beside the imaginary bench, and the content of their tags at the start of the demo."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Final

import msgspec

from station.base.errors import CatalogError
from station.base.settings import Settings
from station.base.words import ENGLISH, spoken, tell
from station.bench.item.tag_content import tag_profile
from station.domain.item import Barcode, ItemRecord
from station.domain.ports import Catalog, DemoItem
from station.domain.tag_image import Uid
from station.encoding.content import TagContent
from station.encoding.recognition.registry import writable

_FOREIGN: Final = "110101666f6f6261720000000000000000000088af4445353236000000000000000000"
"""An ISO 28560-3 tag of another library (DE-526), as published by TH Wildau: see tests/vectors/28560-3.jsonl."""

_UNKNOWN: Final = "6865726520626520647261676f6e7321" + "a5" * 96


class DemoTag(msgspec.Struct, frozen=True, kw_only=True):
    """A tag for the emulator to create. It is created once; later the emulator keeps its memory."""

    uid: Uid
    chip: str = "slix"
    memory: str = ""
    afi: int = 0
    dsfid: int = 0
    locked: tuple[int, ...] = ()


class ShelfItem(msgspec.Struct, frozen=True):
    """One item to process: a barcode with a tag."""

    item: DemoItem
    tag: DemoTag
    kind: str
    """"blank", "other", "foreign", "unknown", "locked", "small", "part", "ours", "legacy"."""


def shelf(barcodes: Sequence[tuple[str, str]], catalog: Catalog, settings: Settings) -> tuple[ShelfItem, ...]:
    """Return the items to process, in order. `barcodes`: (barcode, special feature of the record)."""
    found: list[ShelfItem] = []
    known = [(barcode, special, _find(catalog, barcode)) for barcode, special in barcodes]
    number = 0
    wrong = iter(("other", "foreign", "locked", "unknown", "small", "ours", "legacy"))
    other = next((record for _, _, record in reversed(known) if record is not None), None)
    for position, (barcode, special, record) in enumerate(known):
        parts = record.parts if record is not None else 1
        kinds = ["part"] * parts if parts > 1 else ["blank"]
        # Every third single item is listed with a tag that is not blank, and again with a blank one.
        if parts == 1 and record is not None and record.call_number and position % 3 == 2:
            kind = next(wrong, None)
            kinds = [kind, "blank"] if kind is not None else kinds
        for part, kind in enumerate(kinds, 1):
            number += 1
            hint = tell("item.part-of", part=part, parts=parts) if kind == "part" else tell(f"demo.tag.{kind}")
            special = special if spoken() == ENGLISH else ""  # the sample catalog describes its records in English
            title = record.title if record is not None else tell("demo.no-record")
            found.append(
                ShelfItem(
                    DemoItem(barcode=barcode, title=title, hint=f"{hint}; {special}" if special else hint),
                    _tag(kind, number, record, other, settings),
                    kind,
                )
            )
    return tuple(found)


def _find(catalog: Catalog, barcode: str) -> ItemRecord | None:
    try:
        return catalog.find(Barcode(barcode))
    except CatalogError:
        return None


def uid(number: int) -> Uid:
    """Return the UID of the n-th imaginary tag (NXP ICODE SLIX: E0 04 01, bit 36 set)."""
    return Uid(f"E0040150{number:08X}")


def _tag(kind: str, number: int, record: ItemRecord | None, other: ItemRecord | None, settings: Settings) -> DemoTag:
    return tag_of_kind(kind, uid(number), record.barcode if record else "", other.barcode if other else "", settings)


def tag_of_kind(kind: str, own: Uid, barcode: str, other: str, settings: Settings) -> DemoTag:
    """Return the initial tag of a kind of item. `other`: barcode of another item, whose tag it is by mistake."""
    match kind:
        case "foreign":
            return DemoTag(uid=own, memory=_FOREIGN, afi=0x07, dsfid=0x3E)
        case "unknown":
            return DemoTag(uid=own, memory=_UNKNOWN)
        case "locked":
            return DemoTag(uid=own, locked=(1,))
        case "small":
            return DemoTag(uid=own, chip="sli-l")
        case "other" if other:
            return _finished(own, other, settings)
        case "ours" if barcode:
            return _finished(own, barcode, settings)
        case "legacy" if barcode:
            return _older(own, barcode, settings)
        case _:
            return DemoTag(uid=own)


def _finished(own: Uid, barcode: str, settings: Settings) -> DemoTag:
    profile = tag_profile(settings)
    content = TagContent(barcode, settings.library.isil, type_of_usage=profile.type_of_usage)
    memory = writable(profile.model).encode(content, profile, 4, 112).data.hex()
    return DemoTag(uid=own, memory=memory, afi=profile.afi_in_stock, dsfid=profile.dsfid)


def _older(own: Uid, barcode: str, settings: Settings) -> DemoTag:
    """Return a tag of this library from before its change to the present model: ISO 28560-3."""
    now = tag_profile(settings)
    profile = dataclasses.replace(now, model="28560-3", dsfid=now.dsfids_28560_3[0])
    content = TagContent(barcode, settings.library.isil, type_of_usage=profile.type_of_usage)
    memory = writable(profile.model).encode(content, profile, 4, 112).data.hex()
    return DemoTag(uid=own, memory=memory, afi=profile.afi_in_stock, dsfid=profile.dsfid)
