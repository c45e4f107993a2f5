"""Checks of an item against the other items of its record: barcode and copy given twice, volumes of a set.

Volumes are compared only in the records of monographs, within one library and one call number, and only where every other item
says its volume in the same simple form ("v.2", "2", "Bd. 2"). A gap alone is no finding: a library need not own all volumes.
"""

from __future__ import annotations

import re
from collections import Counter
from typing import Final, NamedTuple

from station.base.sentence import Sentence
from station.catalog.callnumber import enumeration
from station.catalog.findings.facts import Check, Facts, Hit
from station.catalog.record.profiles import Item


class _Volume(NamedTuple):
    barcode: str
    group: tuple[str, str]
    """Library and call number without its volume."""
    text: str
    copy: str

    @property
    def number(self) -> tuple[str, int] | None:
        match = _SIMPLE.match(self.text)
        return (match["word"].casefold(), int(match["number"])) if match else None


_SIMPLE: Final = re.compile(
    r"(?P<word>v|vol|t|tom|tome|bd|band|pt|part|no|bk|d|disc|cd|dvd|)\.?\s?(?P<number>[0-9]{1,3})\.?\Z", re.IGNORECASE
)
_LETTERED: Final = re.compile(r"(?:[^\W\d_]{1,4}\.\s?|v\.?\s?|)(?:[0-9]+[Ol]+[0-9]*|[0-9]*[Ol]+[0-9]+|l)\Z")
_FEWEST: Final = 2
"""Other items that a volume is compared with."""
_MOST: Final = 200
"""Items of a record that are compared: more are those of a periodical."""


def _barcode_twice(facts: Facts, _: tuple[str, ...]) -> Hit | None:
    own = _own(facts)
    if own is None or sum(item.barcode == own.barcode for item in facts.items) < 2:
        return None
    return Hit(own.barcode, ("item",))


def _copy_twice(facts: Facts, _: tuple[str, ...]) -> Hit | None:
    own = _own(facts)
    if own is None or not own.copy or not own.call_number:
        return None
    for item in facts.items:
        if item.barcode != own.barcode and _place(item) == _place(own):
            return Hit(Sentence("record.what.copy", copy=own.copy, barcode=item.barcode), ("item",))
    return None


def _place(item: Item) -> tuple[str, ...]:
    return (item.library, item.location, item.call_number, item.description, item.copy)


def _own(facts: Facts) -> Item | None:
    barcode = facts.item.barcode if facts.item is not None and len(facts.items) > 1 else ""
    return next((item for item in facts.items if item.barcode == barcode), None) if barcode else None


# --- volumes --------------------------------------------------------------------------------------------------------


def _set(facts: Facts) -> tuple[_Volume, list[_Volume]] | None:
    """Return the item's volume and those of the other items of its set; None = the item is in no set."""
    if not _FEWEST < len(facts.items) <= _MOST or facts.leader(7) != "m" or (item := _own(facts)) is None:
        return None
    own = _volume(item)
    others = {other.barcode: other for other in map(_volume, facts.items) if other.group == own.group}
    others.pop(own.barcode, None)
    return (own, list(others.values())) if len(others) >= _FEWEST else None


def _volume(item: Item) -> _Volume:
    number, part, copy = enumeration.split(item.call_number)
    text = item.description if part in ("", item.description) else f"{part} {item.description}"
    base = "".join(number.split()).casefold()
    return _Volume(item.barcode, (item.library, base), text.strip(), item.copy or str(copy))


def _volume_missing(facts: Facts, _: tuple[str, ...]) -> Hit | None:
    volumes = _set(facts)
    if volumes is None or volumes[0].text or not all(other.number for other in volumes[1]):
        return None
    return Hit(_shown(volumes[1]), ("item",))


def _volume_twice(facts: Facts, _: tuple[str, ...]) -> Hit | None:
    """Only if no other volume is there twice, and one is missing before the last or of those in 300."""
    volumes = _set(facts)
    if volumes is None or (own := volumes[0].number) is None:
        return None
    counts = Counter(number for volume in (volumes[0], *volumes[1]) if (number := volume.number))
    numbers = sorted(number for word, number in counts if word == own[0])
    same = [other for other in volumes[1] if other.number == own]
    if counts[own] != 2 or counts.total() != len(volumes[1]) + 1 or counts.total() != len(numbers) + 1 or not same:
        return None
    if same[0].copy != volumes[0].copy or (numbers[-1] == len(numbers) and _stated(facts) != counts.total()):
        return None
    return Hit(Sentence("record.what.volume", volume=volumes[0].text, barcode=same[0].barcode), ("item",))


def _volume_beyond(facts: Facts, _: tuple[str, ...]) -> Hit | None:
    """Only if the other items have the numbers of volumes as 300 states them, or 300 states fewer than all of them."""
    volumes = _set(facts)
    if volumes is None or (own := volumes[0].number) is None or not (stated := _stated(facts)) or own[1] <= stated:
        return None
    return Hit(Sentence("record.what.beyond", volume=volumes[0].text, stated=stated), ("item", "300 $a"))


def _volume_letter(facts: Facts, _: tuple[str, ...]) -> Hit | None:
    volumes = _set(facts)
    if volumes is None or not _LETTERED.match(volumes[0].text) or not all(other.number for other in volumes[1]):
        return None
    return Hit(volumes[0].text, ("item",))


def _stated(facts: Facts) -> int:
    """Return the number of volumes of a finished set in 300 $a; 0 = none, or open ("v. <1-3>")."""
    match = _VOLUMES.match(" ".join(facts.values("300", "a")))
    return int(match[1]) if match else 0


_VOLUMES: Final = re.compile(r"([0-9]{1,3}) (?:v\.|vol(?:umes?|s)?\b|t\.|Bde?\.?)(?!.*[<\[\-+(])", re.ASCII)


def _shown(volumes: list[_Volume]) -> str:
    return ", ".join(volume.text for volume in volumes[:3])


def _location_missing(facts: Facts, _: tuple[str, ...]) -> Hit | None:
    """Only if the item names its library: an item field with a barcode alone was made for an order."""
    own = next((item for item in facts.items if facts.item is not None and item.barcode == facts.item.barcode), None)
    return Hit("", ("item",)) if own is not None and facts.located and own.library and not own.location else None


CHECKS: Final[dict[str, Check]] = {
    "barcode_twice": _barcode_twice,
    "copy_twice": _copy_twice,
    "volume_missing": _volume_missing,
    "volume_twice": _volume_twice,
    "volume_beyond": _volume_beyond,
    "volume_letter": _volume_letter,
    "location_missing": _location_missing,
}
"""Checks by name."""
