"""Status of an item, from the subfields in which its library system writes it, by the tables of the profile.

A system may write it in several places (Koha: 952 $0 withdrawn, $1 lost, $4 damaged, $7 not for loan). The heaviest counts:
the order of `ITEM_STATUSES`, with a value that no table explains behind "damaged". A current location that is the
location of the item says nothing of its status.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from pymarc import Field

from station.base.text import clean
from station.domain.item import ITEM_STATUSES

ANY_OTHER: Final = "*"
_UNKNOWN: Final = ITEM_STATUSES.index("damaged") + 0.5

Tables = Mapping[str, Mapping[str, str]]
"""By place of the status: its values in small letters, and the status that each means."""


def of_item(field: Field, codes: str, tables: Tables, location: str = "") -> tuple[str, ...]:
    """Return the statuses in an item field, each once: an `ItemStatus`, or the value as written."""
    places = dict.fromkeys((*codes, *(place for place in tables if len(place) == 1)))
    return _all_of(((field, code) for code in places), tables, location)


def of_record(fields: Sequence[Field], tables: Tables) -> tuple[str, ...]:
    """Return the statuses that hold for all items of the record ("942n")."""
    places = [place for place in tables if len(place) > 1]
    if not places:
        return ()
    return _all_of(((field, place) for place in places for field in fields if field.tag == place[:-1]), tables, "")


def heaviest(statuses: Iterable[str]) -> str:
    """Return the status that counts; "" = none."""
    there = [status for status in statuses if status]
    return min(there, key=_weight) if there else ""


def hidden(statuses: Sequence[str]) -> bool | None:
    """Return True if the record or item is hidden from the public; None = not said."""
    return "suppressed" in statuses or None


def is_known(status: str) -> bool:
    """Return True for an `ItemStatus`."""
    return status in ITEM_STATUSES


def _weight(status: str) -> float:
    return ITEM_STATUSES.index(status) if is_known(status) else _UNKNOWN


def _all_of(places: Iterable[tuple[Field, str]], tables: Tables, location: str) -> tuple[str, ...]:
    statuses: dict[str, None] = {}
    for field, place in places:
        table = tables.get(place, {})
        for value in map(clean, field.get_subfields(place[-1])):
            meant = table.get(value.casefold(), table.get(ANY_OTHER, value))
            if value and meant and not (value == location and value.casefold() not in table):
                statuses[meant] = None
    return tuple(statuses)
