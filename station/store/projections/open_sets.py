"""Sets of which some parts carry a tag and others none, from the live bindings and the newest size of each set. A withdrawn
set lacks nothing."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from station.domain import events as ev
from station.domain.item import OpenSet
from station.domain.workflows import SetModel
from station.store.database.database import Sql
from station.store.database.decoding import Decoder

MOST: Final = 50
"""Sets returned at most."""
_BOUND: Final = (
    "SELECT barcode, group_concat(part) FROM bindings WHERE parts > 1 GROUP BY barcode "
    "HAVING count(*) < max(parts) AND barcode NOT IN (SELECT barcode FROM withdrawals) "
    "ORDER BY max(seq) DESC"
)
_ABOUT: Final = (
    "SELECT seq, kind, payload FROM events WHERE json_extract(CAST(payload AS TEXT), '$.barcode') = ? "
    "AND kind IN ('item-scanned', 'set-opened', 'set-sized', 'set-closed') ORDER BY seq DESC"
)
"""Found by the index `events_barcode`."""


def open_sets(sql: Sql) -> tuple[OpenSet, ...]:
    """Return the sets, the one with the newest tag first."""
    decode, sets = Decoder(sql), []
    for barcode, parts in list(sql.execute(_BOUND)):
        newest = (decode(*row) for row in list(sql.execute(_ABOUT, (barcode,))))
        candidate = open_set(str(barcode), {int(part) for part in str(parts).split(",")}, newest)
        sets += [candidate] if candidate.left else []
        if len(sets) == MOST:
            break
    return tuple(sets)


def open_set(barcode: str, bound: set[int], newest_first: Iterable[ev.AnyEvent]) -> OpenSet:
    """Return the set with its parts without a tag. `newest_first`: the events about its scans and its size; the newest
    one says how many tags it carries."""
    tags = None
    for event in newest_first:
        match event:
            case ev.SetOpened() | ev.SetSized() | ev.SetClosed() if tags is None:
                tags = 1 if event.model is SetModel.MAIN else event.parts
            case ev.ItemScanned(item=item):
                tags = item.tags if tags is None else tags
                return OpenSet(barcode, item.title, tuple(part for part in range(1, tags + 1) if part not in bound))
            case _:
                pass
    return OpenSet(barcode, "", tuple(part for part in range(1, (tags or 0) + 1) if part not in bound))
