"""Items without a verdict: their tag was verified for their checks, and they were neither judged nor set aside by
an operator since."""

from __future__ import annotations

from typing import Final

import msgspec

from station.domain import events as ev
from station.domain.item import Unjudged
from station.store.database.database import Sql, SqlValue

Row = tuple[SqlValue, ...]
_UNJUDGED: Final = (
    "SELECT barcode, part, "
    "(SELECT json_extract(CAST(e.payload AS TEXT), '$.item.title') FROM events e WHERE e.kind = 'item-scanned' "
    "AND json_extract(CAST(e.payload AS TEXT), '$.barcode') = u.barcode ORDER BY e.seq DESC LIMIT 1) "
    "FROM unjudged u ORDER BY seq"
)
"""Items with the title of their newest scan."""


class Work(msgspec.Struct, frozen=True):
    """One row: the part of an item, and its verified tag."""

    barcode: str
    part: int
    uid: str
    seq: int


def apply(sql: Sql, seq: int, event: ev.AnyEvent) -> None:
    """Bring the table up to date with one event. `Rows` states the same rules for a replay in memory."""
    match event:
        case ev.TagWriteVerified():
            sql.execute("DELETE FROM unjudged WHERE uid = ?", (event.uid,))
            if event.to_check:
                _put(sql, Work(event.barcode, event.part, event.uid, seq))
        case ev.ItemJudged():
            sql.execute("DELETE FROM unjudged WHERE barcode = ? AND part = ?", (event.barcode, event.part))
        case ev.ItemSetAside() if event.code != ev.SENDER_GONE:
            sql.execute("DELETE FROM unjudged WHERE barcode = ?", (event.barcode,))
        case ev.TagErased() | ev.TagUndoVerified():
            sql.execute("DELETE FROM unjudged WHERE uid = ?", (event.uid,))
        case ev.VerdictTakenBack():
            _put(sql, Work(event.barcode, event.part, event.uid, seq))


def _put(sql: Sql, row: Work) -> None:
    sql.execute(
        "INSERT INTO unjudged VALUES (?, ?, ?, ?) "
        "ON CONFLICT (barcode, part) DO UPDATE SET uid = excluded.uid, seq = excluded.seq",
        msgspec.structs.astuple(row),
    )


class Rows:
    """The table in memory. It has few rows, so that each change may look at all of them."""

    def __init__(self) -> None:
        self._rows: list[Work] = []

    def apply(self, seq: int, event: ev.AnyEvent) -> None:
        """Do the same as the function `apply`."""
        match event:
            case ev.TagWriteVerified():
                self._rows = [one for one in self._rows if one.uid != event.uid]
                if event.to_check:
                    self._put(Work(event.barcode, event.part, event.uid, seq))
            case ev.ItemJudged():
                self.judged(seq, event)
            case ev.ItemSetAside() if event.code != ev.SENDER_GONE:
                self._rows = [one for one in self._rows if one.barcode != event.barcode]
            case ev.TagErased() | ev.TagUndoVerified():
                self._rows = [one for one in self._rows if one.uid != event.uid]
            case ev.VerdictTakenBack():
                self._put(Work(event.barcode, event.part, event.uid, seq))

    def judged(self, _seq: int, event: ev.ItemJudged) -> None:
        """Remove the part that was judged."""
        part = (event.barcode, event.part)
        self._rows = [one for one in self._rows if (one.barcode, one.part) != part]

    def _put(self, new: Work) -> None:
        self._rows = [one for one in self._rows if (one.barcode, one.part) != (new.barcode, new.part)]
        self._rows.append(new)

    def rows(self) -> list[Row]:
        """Return the rows, unordered."""
        return [msgspec.structs.astuple(one) for one in self._rows]


ROWS: Final = {"unjudged": "SELECT * FROM unjudged ORDER BY barcode, part"}
"""The table's rows in a fixed order, for comparison."""


def forget(sql: Sql) -> None:
    """Empty the table before it is rebuilt."""
    sql.execute("DELETE FROM unjudged")


def unjudged(sql: Sql) -> tuple[Unjudged, ...]:
    """Return the items with a verified tag and no verdict, the earliest first."""
    return tuple(Unjudged(str(barcode), int(part), str(title or "")) for barcode, part, title in sql.execute(_UNJUDGED))
