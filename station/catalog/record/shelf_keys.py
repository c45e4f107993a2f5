"""Where the items of a record stand on the shelf: the keys of its call numbers, for an index of all of them (the shelf list).

The number of an item is the one that its label gets (`call_number`): its own, else that of its holdings, else a hint of the
record. The key is the shelf order of the number, so variants that differ only in how they are shown have the same one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Final

from pymarc import Field, Record

from station.catalog.callnumber import sort_key
from station.catalog.record.call_number import HINT_TAGS, first_candidate
from station.catalog.record.profiles import Item

TAGS: Final = HINT_TAGS | {"852"}
"""Fields that are looked at for an item without a call number of its own."""
_LONGEST: Final = 400
"""Characters of a key: what is longer is no number of a shelf."""


def key_of(number: str, scheme: str) -> str:
    """The place on the shelf; "" where there is no number."""
    return sort_key(number, scheme or None)[:_LONGEST] if number else ""


def keys_in(items: Sequence[Item], others: Callable[[], Iterable[Field]], preferred: str) -> tuple[str, ...]:
    """The places of all items of one record, each once. `others`: the fields with `TAGS`, asked for only where they matter;
    `preferred`: the scheme of the library."""
    record: Record | None = None
    found: dict[str, None] = {}
    for item in items:
        if record is None and not item.call_number:
            record = Record()
            record.fields = list(others())
        candidate = first_candidate(record, item, preferred)
        if candidate is not None:
            found[key_of(candidate.number, candidate.scheme.value)] = None
    return tuple(key for key in found if key)
