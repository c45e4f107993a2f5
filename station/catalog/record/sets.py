"""Items of one record that form one set: discs with a barcode each ("d.1" to "d.3").

The items stay items: each has its own identifier on its tag. Set information on a tag (part n of m) counts the parts
under one identifier (ISO 28560-1), so each of these items is 1 of 1. The bench shows that they belong together, so that
two discs of three are not shelved without the third. Volumes ("v.1", "v.2") are not a set: they are processed
separately.

No standard defines sets in item fields. The station's choice: same library, same number except for the disc at its end,
same copy, discs counted from 1, none twice.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

import msgspec

from station.base.sentence import Sentence
from station.catalog.callnumber import enumeration
from station.catalog.record.profiles import Item

MOST: Final = 255
_DISC: Final = re.compile(
    r"(?:^|[\s,])(?P<word>disc|disk|dvd|cd|d)(?:\.\s?|\s)(?P<number>[0-9]{1,3})\s*\Z", re.IGNORECASE
)
_WORDS: Final = {"dvd": "DVD", "cd": "CD"}  # not for people


class ItemSet(msgspec.Struct, frozen=True):
    """The set that an item belongs to."""

    word: str
    """"Disc", "DVD" or "CD"."""
    number: int
    """Disc number of this item."""
    size: int
    barcodes: tuple[str, ...]
    """Barcodes of all items of the set, in the order of their discs."""
    missing: tuple[int, ...] = ()
    """Disc numbers without an item."""

    @property
    def sentence(self) -> Sentence:
        """Return a sentence for the person with one of the items in hand."""
        word = Sentence(f"callnumber.word.{self.word.casefold()}")
        place = Sentence("callnumber.set", word=word, number=self.number, size=self.size)
        if not self.missing:
            return place
        missing = Sentence("callnumber.set-missing", word=word, numbers=", ".join(map(str, self.missing)))
        return Sentence.joined((place, missing), " ")


def set_of(items: Sequence[Item], barcode: str) -> ItemSet | None:
    """Return the set, among the items of one record, of the item with this barcode; None if it is in no set."""
    own = next((_place(item) for item in items if item.barcode == barcode), None)
    if own is None:
        return None
    word, number, key = own
    discs: dict[int, str] = {}
    for item in {item.barcode: item for item in items}.values():
        place = _place(item)
        if place is None or place[2] != key:
            continue
        if place[1] in discs:
            return None
        discs[place[1]] = item.barcode
    size = max(discs)
    if len(discs) < 2 or 0 in discs or size > MOST:
        return None
    missing = tuple(each for each in range(1, size + 1) if each not in discs)
    return ItemSet(word, number, size, tuple(discs[each] for each in sorted(discs)), missing)


def _place(item: Item) -> tuple[str, int, tuple[str, ...]] | None:
    """Return (word, disc number, key common to the whole set) of an item that is a disc; else None."""
    number, part, copy = enumeration.split(item.call_number)
    part = part or item.description
    disc = _DISC.search(part)
    if disc is None:
        return None
    before = part[: disc.start()]
    word = disc["word"].casefold()
    same = (item.library, number, before, str(copy or item.copy))
    name = _WORDS.get(word, "Disc")  # not for people
    return name, int(disc["number"]), tuple("".join(text.split()).casefold() for text in same)
