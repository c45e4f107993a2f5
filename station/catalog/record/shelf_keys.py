"""Shelf positions of the items of a record: sort keys of their call numbers, for an index of all of them (the shelf
list).

The number of an item is the one on its label (`call_number`): its own, else that of its holdings, else a hint from the
record. The key is the shelf order of the number, so variants that differ only in presentation have the same key.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Final

from pymarc import Field, Record

from station.catalog.callnumber import Scheme, sort_key
from station.catalog.record.call_number import HINT_TAGS, first_candidate, scheme_of
from station.catalog.record.profiles import Item

VERSION: Final = "3"
"""Version of the keys, kept in the index. An index with keys of another version must be rebuilt before they are compared:
a test fails if the keys change and the version does not."""
TAGS: Final = HINT_TAGS | {"852"}
"""Fields used for an item without its own call number."""
_LONGEST: Final = 400
"""Maximum characters of a key; longer text is not a shelf number."""


def key_of(number: str, scheme: str) -> str:
    """Return the shelf key; "" without a number."""
    return sort_key(number, scheme or None)[:_LONGEST] if number else ""


def keys_of(number: str) -> tuple[str, ...]:
    """Return the keys that a number, or its beginning, may have: an item's scheme is not known from what is typed."""
    return tuple(dict.fromkeys(key_of(number, scheme) for scheme in ("", *Scheme))) if number else ()


def keys_in(items: Sequence[Item], others: Callable[[], Iterable[Field]], preferred: str) -> tuple[str, ...]:
    """Return the shelf keys of all items of one record, each once. `others`: function that returns the fields with
    `TAGS`, called only if needed; `preferred`: the scheme of the library."""
    record: Record | None = None
    found: dict[str, None] = {}
    for item in items:
        if item.call_number:
            found[key_of(item.call_number, item.scheme or scheme_of(item.call_number, Scheme(preferred)))] = None
            continue
        if record is None:
            record = Record()
            record.fields = list(others())
        candidate = first_candidate(record, item, preferred)
        if candidate is not None:
            found[key_of(candidate.number, candidate.scheme.value)] = None
    found.pop("", None)
    return tuple(found)
