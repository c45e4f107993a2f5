"""A page of the journal: the newest events that a filter wants, as one viewer may read them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import islice
from typing import Any, Final

import msgspec

from station.base.errors import ArchiveUnusable
from station.domain.ports import JournalRow
from station.store.database.database import LAST, Sql, SqlValue
from station.store.database.decoding import Decoder
from station.store.database.since import first_since
from station.store.queries.plain_summaries import Plain
from station.store.queries.second_check_cover import HIDDEN, Cover, hidden_sentence
from station.store.queries.summaries import summary

LOOK: Final = 60_000
"""Events that one search reads at most, so that it answers in a tenth of a second."""
_TOGETHER: Final = 150
"""Events that are read at once: those of a page."""
_WIDEST: Final = 10_000
"""Numbers of one statement: a database that gives all rows of a statement at once must not give a whole journal."""
_ROW: Final = "SELECT seq, at, kind, payload FROM events WHERE seq >= :first AND seq < :before "
_OF_KIND: Final = "AND (:kinds = '[]' OR kind IN (SELECT value FROM json_each(:kinds))) "
_BY: Final = (
    "AND (CAST(:person AS BLOB) IS NULL OR instr(payload, CAST(:person AS BLOB)) "
    "OR substr(payload, 1, 11) = CAST('{\"archive\":' AS BLOB)) "
)
_ABOUT: Final = "AND json_extract(CAST(payload AS TEXT), '$.barcode') = :item "
_ALL: Final = _ROW + _OF_KIND + _BY + "ORDER BY seq DESC"
_OF_ITEM: Final = _ROW + _ABOUT + _OF_KIND + _BY + "ORDER BY seq DESC"
"""With the index on barcodes. `instr` only rules out; the events themselves decide about the person. It looks for the id with
the quotation mark after it: the one before it is in every place where a text begins, which took a third longer."""


class EventFilter(msgspec.Struct, frozen=True, kw_only=True):
    """Which events are wanted. An empty field wants all."""

    kinds: frozenset[str] = frozenset()
    person: str = ""
    """Id of who did it, or lent the right for it."""
    item: str = ""
    """Barcode."""
    since: str = ""
    """First time (ISO 8601, UTC)."""
    until: str = ""
    """The first time that is too late."""

    @property
    def names_something(self) -> bool:
        """True if the filter asks for what an event is about: a hidden event must not answer."""
        return bool(self.kinds or self.person or self.item)


class SearchPage(msgspec.Struct, frozen=True):
    """One page of the found events, the newest first."""

    rows: tuple[JournalRow, ...]
    before: int | None = None
    """The next page has events before this number; None = this is the last page."""
    looked_back_to: str = ""
    """Time of the event where the search stopped before it had enough; "" = it did not."""


def search(db: Sql, cover: Cover, wanted: EventFilter, before: int | None, limit: int, *, plain: bool) -> SearchPage:
    """Return the newest `limit` events before event `before`; fewer if `LOOK` events had no more."""
    end = min(before or LAST, first_since(db, wanted.until) if wanted.until else LAST)
    begin = first_since(db, wanted.since) if wanted.since else 1
    end = end if wanted.item else _after_newest(db, end)
    first = begin if wanted.item or not (wanted.kinds or wanted.person) else max(begin, end - LOOK)
    rows = list(islice(_rows(db, cover, wanted, first, end, plain=plain), limit + 1))
    if len(rows) > limit:
        return SearchPage(tuple(rows[:limit]), rows[limit - 1].seq)
    if first <= begin:
        return SearchPage(tuple(rows))
    stopped = db.execute("SELECT at FROM events WHERE seq >= :first ORDER BY seq LIMIT 1", {"first": first}).fetchone()
    return SearchPage(tuple(rows), first, str(stopped[0]))


def _after_newest(db: Sql, end: int) -> int:
    """Return the number after the newest event before `end`: the numbers have no gap."""
    if db.execute("SELECT 1 FROM events WHERE seq = :newest", {"newest": end - 1}).fetchone() is not None:
        return end
    row = db.execute("SELECT coalesce(max(seq), 0) + 1 FROM events WHERE seq < :end", {"end": end}).fetchone()
    return int(row[0])


def _read(db: Sql, values: dict[str, SqlValue], first: int, end: int, of_item: str) -> Iterator[list[tuple[Any, ...]]]:
    """Yield the newest events, some at a time, by ever more numbers. `of_item`: a statement with an index of its own."""
    width = _TOGETHER
    while end > first:
        begin = first if of_item else max(first, end - width)
        cursor = db.execute(of_item or _ALL, {**values, "first": begin, "before": end})
        while rows := cursor.fetchmany(_TOGETHER):
            yield rows
        end, width = begin, min(4 * width, _WIDEST)


def _rows(db: Sql, cover: Cover, wanted: EventFilter, first: int, end: int, *, plain: bool) -> Iterator[JournalRow]:
    names = Plain(db, exactly=True) if plain else None
    decode = Decoder(db)
    values: dict[str, SqlValue] = {
        "item": wanted.item,
        "kinds": json.dumps(sorted(wanted.kinds)),
        "person": msgspec.json.encode(wanted.person)[1:] if wanted.person else None,
    }
    for rows in _read(db, values, first, end, _OF_ITEM if wanted.item else ""):
        near = cover.among([row[3] for row in rows])
        for seq, at, kind, payload in rows:
            hidden = near.of(kind, payload)
            event = missing = None
            try:
                whole = decode.whole(seq, payload)
                if whole is not payload:  # it is in an archive
                    hidden = hidden or cover.of(kind, whole)
                event = None if hidden else decode(seq, kind, whole)
            except ArchiveUnusable as error:
                missing = error
            if hidden:
                if not wanted.names_something:
                    yield JournalRow(seq, at, HIDDEN, hidden_sentence(names.item(hidden) if names else hidden))
            elif event is None:
                if missing is not None and not wanted.person:
                    yield JournalRow(seq, at, kind, missing.detail)
            elif not wanted.person or wanted.person in (event.operator, event.authorised):
                yield JournalRow(seq, at, kind, names.sentence(seq, event) if names else summary(event))
