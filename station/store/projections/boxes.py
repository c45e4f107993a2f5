"""Boxes to the sites and what is in them: a projection of their events.

An item that is packed again was found: it leaves the box from which it was missing.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any, Final, NamedTuple

import msgspec

from station.base.local_time import local_day
from station.domain import events as ev
from station.domain.distribution.box import Box, BoxState, PackedItem, box_id
from station.domain.packing_lists.packing_list import LineKey, PackingLine
from station.domain.ports import ListedCopy
from station.store.database.database import Sql, SqlValue
from station.store.projections import shipments

ROWS: Final = {
    "boxes": "SELECT * FROM boxes ORDER BY box",
    "box_items": "SELECT * FROM box_items ORDER BY box, barcode",
    "box_log": "SELECT * FROM box_log ORDER BY box, seq",
}
"""The tables' rows in a fixed order, for comparison."""

# --- projection -----------------------------------------------------------------------------------------------------


def opened(sql: Sql, seq: int, event: ev.BoxOpened) -> None:
    sql.execute(
        "INSERT INTO boxes (box, site, state, seq, reason, newest_seq) VALUES (?, ?, 'open', ?, ?, ?) "
        "ON CONFLICT (box) DO UPDATE SET state = 'open', seq = excluded.seq, reason = excluded.reason, "
        "closed_seq = NULL, due = '', received_seq = NULL",
        (event.box or box_id(seq), event.site, seq, event.reason, seq),
    )
    _log(sql, seq, event.box or box_id(seq))


def packed(sql: Sql, seq: int, event: ev.BoxPacked) -> None:
    if event.removed:
        sql.execute("DELETE FROM box_items WHERE box = ? AND barcode = ?", (event.box, event.barcode))
    else:
        sql.execute("DELETE FROM box_items WHERE barcode = ? AND (missing = 1 OR box = ?)", (event.barcode, event.box))
        sql.execute(
            "INSERT INTO box_items (box, barcode, title, call_number, library, seq) VALUES (?, ?, ?, ?, ?, ?)",
            (event.box, event.barcode, event.title, event.call_number, event.library, seq),
        )
    _log(sql, seq, event.box)


def closed(sql: Sql, seq: int, event: ev.BoxClosed) -> None:
    sql.execute("UPDATE boxes SET state = 'closed', closed_seq = ?, due = ? WHERE box = ?", (seq, event.due, event.box))
    _log(sql, seq, event.box)


def received(sql: Sql, seq: int, event: ev.BoxReceived) -> None:
    sql.execute("UPDATE boxes SET state = 'received', received_seq = ? WHERE box = ?", (seq, event.box))
    sql.execute(
        "UPDATE box_items SET missing = CASE WHEN barcode IN (SELECT value FROM json_each(?)) THEN 1 ELSE 0 END WHERE box = ?",
        (json.dumps(event.missing), event.box),
    )
    _log(sql, seq, event.box)


def forget(sql: Sql) -> None:
    """Empty the tables before they are rebuilt."""
    sql.execute("DELETE FROM box_log")
    sql.execute("DELETE FROM box_items")
    sql.execute("DELETE FROM boxes")


def _log(sql: Sql, seq: int, ident: str) -> None:
    sql.execute("INSERT INTO box_log (seq, box) VALUES (?, ?) ON CONFLICT DO NOTHING", (seq, ident))
    sql.execute("UPDATE boxes SET newest_seq = ? WHERE box = ?", (seq, ident))


# --- queries --------------------------------------------------------------------------------------------------------

_BOX: Final = """SELECT b.box, b.site, b.state,
    (SELECT count(*) FROM box_items i WHERE i.box = b.box),
    (SELECT count(*) FROM box_items i WHERE i.box = b.box AND i.missing = 1),
    o.at, coalesce(c.at, ''), b.due, coalesce(r.at, ''), b.reason, b.newest_seq
    FROM boxes b JOIN events o ON o.seq = b.seq LEFT JOIN events c ON c.seq = b.closed_seq
    LEFT JOIN events r ON r.seq = b.received_seq """
_WAITING: Final = " ".join(
    (
        _BOX,
        "WHERE b.box IN (SELECT box FROM boxes WHERE state <> 'received' UNION SELECT box FROM box_items WHERE missing = 1)",
        "ORDER BY (SELECT min(l.seq) FROM box_log l WHERE l.box = b.box)",
    )
)
_ALL: Final = " ".join((_BOX, "ORDER BY (SELECT min(l.seq) FROM box_log l WHERE l.box = b.box) DESC"))
_NAMED: Final = _BOX + "WHERE b.box = ?"
_PACKED: Final = """SELECT i.barcode, i.title, i.call_number, i.library, e.at,
    coalesce(json_extract(CAST(e.payload AS TEXT), '$.operator'), ''), i.missing
    FROM box_items i JOIN events e ON e.seq = i.seq WHERE i.box = ? ORDER BY i.seq"""
_OF_ITEM: Final = "SELECT box FROM box_items WHERE barcode = ? AND missing = 0 ORDER BY seq DESC LIMIT 1"


def boxes(sql: Sql, *, everything: bool = False) -> tuple[Box, ...]:
    """Implement `ports.Boxes.boxes`."""
    return tuple(_box(row) for row in sql.execute(_ALL if everything else _WAITING))


def box(sql: Sql, ident: str) -> Box | None:
    row = sql.execute(_NAMED, (ident,)).fetchone()
    return None if row is None else _box(row)


def packed_in(sql: Sql, ident: str) -> tuple[PackedItem, ...]:
    """Implement `ports.Boxes.packed`."""
    return tuple(
        PackedItem(
            barcode=barcode, title=title, call_number=number, library=library, at=at, by=by, missing=bool(missing)
        )
        for barcode, title, number, library, at, by, missing in sql.execute(_PACKED, (ident,))
    )


def of_item(sql: Sql, barcode: str) -> str:
    """Implement `ports.Boxes.box_of_item`."""
    row = sql.execute(_OF_ITEM, (barcode,)).fetchone()
    return "" if row is None else str(row[0])


class BoxesWaiting(NamedTuple):
    """Boxes that need a person."""

    overdue: tuple[Box, ...]
    """Those due first come first."""
    missing: tuple[tuple[str, PackedItem], ...]
    """Items that a site did not find, each with the id of its box."""


def waiting(sql: Sql, today: str) -> BoxesWaiting:
    """Return the boxes that a site should have confirmed before today (ISO 8601), and the missing items."""
    now = boxes(sql)
    return BoxesWaiting(
        overdue=tuple(sorted((box for box in now if box.is_overdue(today)), key=lambda box: box.due)),
        missing=tuple((box.id, item) for box in now if box.missing for item in packed_in(sql, box.id) if item.missing),
    )


_LISTED: Final = """SELECT l.list, l.line, l.content FROM packing_lines l JOIN packing_lists p ON p.list = l.list
    WHERE l.barcode = :barcode AND l.barcode <> '' AND l.current = 1 ORDER BY p.seq DESC, l.place"""
_LINE_OF: Final = "SELECT content FROM packing_lines WHERE list = ? AND line = ?"
_LINE: Final = msgspec.json.Decoder(PackingLine)


def listed_copy(sql: Sql, barcode: str) -> ListedCopy:
    """Return what the count of the copy with our barcode, and the lists, say about it. A vendor may list each copy of a title
    on its own line: then the line with this barcode is the copy's, whichever of them it was counted on."""
    values: dict[str, SqlValue] = {"barcode": barcode}
    listed = [(LineKey(ident, line), _LINE.decode(content)) for ident, line, content in sql.execute(_LISTED, values)]
    count = shipments.count_of_item(sql, barcode)
    counted = _line_of(sql, count.key) if count is not None else None
    same = listed if count is None else [row for row in listed if row[0] == count.key or _is_same(row[1], counted)]
    if same:
        _, line = same[0]
        return ListedCopy(order_line=line.order_line, library=line.library, listed_barcode=barcode)
    if count is None:
        return ListedCopy()
    return ListedCopy(
        order_line=count.order_line,
        library=count.library,
        listed_barcode=count.listed_barcode,
        listed_title=(listed[0][1].title or listed[0][0].list) if listed else "",
    )


def _line_of(sql: Sql, key: LineKey | None) -> PackingLine | None:
    row = None if key is None else sql.execute(_LINE_OF, (key.list, key.line)).fetchone()
    return None if row is None else _LINE.decode(row[0])


def _is_same(line: PackingLine, counted: PackingLine | None) -> bool:
    """Return whether two lines name the same order line or title."""
    if counted is None:
        return False
    by_order = bool(line.order_line) and line.order_line == counted.order_line
    return by_order or not set(line.numbers).isdisjoint(counted.numbers)


def _box(row: Sequence[Any]) -> Box:
    ident, site, state, count, missing, opened_at, closed_at, due, received_at, reason, newest = row
    return Box(
        id=ident,
        site=site,
        state=BoxState(state),
        count=count,
        missing=missing,
        opened_at=opened_at,
        closed_at=closed_at,
        closed_on=local_day(closed_at) if closed_at else "",
        due=due,
        received_at=received_at,
        reason=reason,
        newest=newest,
    )
