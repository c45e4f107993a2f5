"""Packing lists, their lines and numbers: a projection of the events that import, replace, close and take over a list.

A line keeps its id when its list is replaced, so an item that arrived for it stays with its copy. A line that the list
no longer has stays as a row that is not `current`. The items are in `store.projections.arrivals`.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from typing import Any, Final

import msgspec

from station.base.errors import PackingRefused, WorkerGone
from station.base.sentence import Sentence
from station.domain import events as ev
from station.domain.event_rights import right_for
from station.domain.packing_lists.changes import CopyFinder, same_lines
from station.domain.packing_lists.packing_list import (
    LineKey,
    ListLine,
    ListStanding,
    MissingCopies,
    PackingLine,
    PackingList,
    heading,
)
from station.domain.people.rights import lacking, may
from station.store.database.database import Sql
from station.store.projections import arrivals, workers

ROWS: Final = {
    "packing_lists": "SELECT * FROM packing_lists ORDER BY list",
    "packing_lines": "SELECT * FROM packing_lines ORDER BY list, line",
    "packing_numbers": "SELECT * FROM packing_numbers ORDER BY number, list, line",
}
"""The tables' rows in a fixed order, for comparison."""

FITTING: Final = (
    " UNION ".join(
        (
            "SELECT l.list, l.line, l.content, p.vendor, p.closed_seq IS NOT NULL, p.seq AS age, l.place AS place "
            "FROM packing_lines l JOIN packing_lists p ON p.list = l.list "
            "WHERE l.current = 1 AND l.barcode = :barcode AND l.barcode <> '' AND p.kind = 'box'",
            "SELECT l.list, l.line, l.content, p.vendor, p.closed_seq IS NOT NULL, p.seq, l.place "
            "FROM packing_lines l JOIN packing_lists p ON p.list = l.list "
            "WHERE l.current = 1 AND l.barcode = '' AND l.order_line = :order_line AND l.order_line <> '' "
            "AND p.kind = 'box'",
            "SELECT l.list, l.line, l.content, p.vendor, p.closed_seq IS NOT NULL, p.seq, l.place "
            "FROM json_each(:numbers) n CROSS JOIN packing_numbers m ON m.number = n.value "
            "CROSS JOIN packing_lines l ON l.list = m.list AND l.line = m.line JOIN packing_lists p ON p.list = l.list "
            "WHERE l.barcode = '' AND p.kind = 'box'",
            "SELECT l.list, l.line, l.content, p.vendor, p.closed_seq IS NOT NULL, p.seq, l.place "
            "FROM counts n JOIN packing_lines l ON l.list = n.list AND l.line = n.line JOIN packing_lists p ON p.list = l.list "
            "WHERE n.barcode = :barcode AND n.barcode <> '' AND n.undone_seq IS NULL AND l.current = 1",
        )
    )
    + " ORDER BY age, place"
)
"""Lines that may be the line of an item: by barcode, or without a barcode by order line or number; and the line on which
the item was counted."""
_STANDING: Final = (
    "SELECT p.list, p.vendor, p.name, p.date, p.source, p.digest, coalesce(nullif(p.imported_at, ''), i.at), "
    "coalesce(nullif(p.closed_at, ''), c.at, ''), p.content_seq, p.kind, "
    "(SELECT count(*) FROM packing_lines l WHERE l.list = p.list AND l.current = 1), "
    "(SELECT coalesce(sum(l.quantity), 0) FROM packing_lines l WHERE l.list = p.list AND l.current = 1), "
    "(SELECT coalesce(sum(max((SELECT count(*) FROM arrivals a WHERE a.list = l.list AND a.line = l.line), "
    "(SELECT count(*) FROM counts n WHERE n.list = l.list AND n.line = l.line AND n.undone_seq IS NULL "
    "AND n.returned_seq IS NULL AND n.outcome IN ('matched', 'over', 'duplicate')))), 0) "
    "FROM packing_lines l WHERE l.list = p.list AND l.current = 1) "
    "FROM packing_lists p JOIN events i ON i.seq = p.seq LEFT JOIN events c ON c.seq = p.closed_seq "
)
_ALL: Final = _STANDING + "ORDER BY p.seq"
_NAMED: Final = _STANDING + "WHERE p.list = ?"
_COUNTED: Final = (
    "SELECT count(*) FROM counts WHERE list = ? AND line = ? AND undone_seq IS NULL AND returned_seq IS NULL "
    "AND outcome IN ('matched', 'over', 'duplicate')"
)
_LINE: Final = msgspec.json.Decoder(PackingLine)
_ENCODER: Final = msgspec.json.Encoder(order="sorted")

# --- projection -----------------------------------------------------------------------------------------------------


def imported(sql: Sql, seq: int, event: ev.PackingListImported) -> None:
    """Add a list. Runs inside the caller's transaction, as all changes here."""
    _add(sql, seq, event.content, source=event.source, digest=event.digest)


def taken_over(sql: Sql, seq: int, event: ev.PackingListTakenOver) -> None:
    """Add a list of an earlier version, and the items that arrived for it. Its lines have their numbers as ids, by which
    the earlier events name them."""
    content = event.content
    if content is None:
        return
    _add(sql, seq, content, source=event.source, digest=event.digest, imported_at=event.imported_at)
    if event.closed:
        sql.execute("UPDATE packing_lists SET closed_seq = ?, closed_at = ? WHERE seq = ?", (seq, event.closed_at, seq))
    sql.execute(
        "UPDATE arrivals SET list = :new WHERE list = :old AND NOT EXISTS (SELECT 1 FROM arrivals b "
        "WHERE b.list = :new AND b.line = arrivals.line AND b.barcode = arrivals.barcode)",
        {"new": ev.list_id(seq), "old": heading(content.vendor, content.name)},
    )


def replaced(sql: Sql, seq: int, event: ev.PackingListReplaced) -> None:
    """Give a list another content, and open it."""
    ident, new = event.list, event.content
    old = _lines(sql, ident)
    if not old:
        return  # there is no such list
    same = same_lines(new.lines, {line: old[line][0] for line in sorted(old, key=lambda line: not old[line][1])})
    for line, (content, _) in old.items():
        _forget_numbers(sql, ident, line, content)
    sql.execute("UPDATE packing_lines SET current = 0 WHERE list = ?", (ident,))
    used = set(old)
    for place, (line, content) in enumerate(zip(same, new.lines, strict=True)):
        own = line or _new_id(content.line, seq, used)
        used.add(own)
        _put(sql, ident, own, place, content)
    sql.execute(
        "UPDATE packing_lists SET vendor = ?, name = ?, date = ?, source = ?, digest = ?, kind = ?, cartons = ?, "
        "content_seq = ?, closed_seq = NULL, closed_at = '' WHERE list = ?",
        (
            new.vendor,
            new.name,
            new.date,
            event.source,
            event.digest,
            new.kind,
            json.dumps(new.cartons),
            seq,
            ident,
        ),
    )
    settle(sql, ident)
    _settle_counts(sql, ident)


def closed(sql: Sql, seq: int, event: ev.PackingListClosed) -> None:
    """Close a list."""
    sql.execute("UPDATE packing_lists SET closed_seq = ? WHERE list = ? AND closed_seq IS NULL", (seq, event.list))


def arrived(sql: Sql, _seq: int, event: ev.ItemJudged) -> None:
    """Move the item to its present line, if its list was replaced while the item was in hand."""
    key = event.receipt
    if (
        key is not None
        and sql.execute(
            "SELECT 1 FROM packing_lines WHERE list = ? AND line = ? AND current = 0", (key.list, key.line)
        ).fetchone()
    ):
        settle(sql, key.list)


def settle(sql: Sql, ident: str) -> None:
    """Move the items of a list to the present lines of their copies. An item without one stays at its earlier line."""
    lines = _lines(sql, ident)
    finder = CopyFinder({line: content for line, (content, current) in lines.items() if current})
    rows = list(sql.execute("SELECT line, barcode FROM arrivals WHERE list = ?", (ident,)))
    for line, barcode in rows:
        content, current = lines.get(line, (None, False))
        to = finder.own_line(barcode)
        if not to and content is not None and not current:
            to = finder.line_of(barcode, content)
        if to and to != line:
            sql.execute("DELETE FROM arrivals WHERE list = ? AND line = ? AND barcode = ?", (ident, to, barcode))
            sql.execute(
                "UPDATE arrivals SET line = ? WHERE list = ? AND line = ? AND barcode = ?",
                (to, ident, line, barcode),
            )


def _settle_counts(sql: Sql, ident: str) -> None:
    """Move the counted copies of a list to the present lines of their copies, as `settle` moves the items."""
    lines = _lines(sql, ident)
    finder = CopyFinder({line: content for line, (content, current) in lines.items() if current})
    for seq, line, barcode in list(
        sql.execute("SELECT seq, line, listed_barcode FROM counts WHERE list = ? AND undone_seq IS NULL", (ident,))
    ):
        content, current = lines.get(line, (None, False))
        to = "" if content is None or current else finder.line_of(barcode, content)
        if to:
            sql.execute("UPDATE counts SET line = ? WHERE seq = ?", (to, seq))


def forget(sql: Sql) -> None:
    """Empty the tables before they are rebuilt."""
    for statement in ("DELETE FROM packing_numbers", "DELETE FROM packing_lines", "DELETE FROM packing_lists"):
        sql.execute(statement)


def _add(sql: Sql, seq: int, content: PackingList, *, source: str, digest: str, imported_at: str = "") -> None:
    ident = ev.list_id(seq)
    sql.execute(
        "INSERT INTO packing_lists (list, vendor, name, date, source, digest, imported_at, kind, cartons, seq, "
        "content_seq) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            ident,
            content.vendor,
            content.name,
            content.date,
            source,
            digest,
            imported_at,
            content.kind,
            json.dumps(content.cartons),
            seq,
            seq,
        ),
    )
    used: set[str] = set()
    for place, line in enumerate(content.lines):
        own = _new_id(line.line, seq, used)
        used.add(own)
        _put(sql, ident, own, place, line)


def _put(sql: Sql, ident: str, line: str, place: int, content: PackingLine) -> None:
    sql.execute(
        "INSERT INTO packing_lines (list, line, place, current, barcode, order_line, quantity, vendor_number, carton, "
        "cancelled, content) VALUES (?, ?, ?, 1, ?, ?, ?, ?, ?, ?, ?) "
        "ON CONFLICT (list, line) DO UPDATE SET place = excluded.place, current = 1, barcode = excluded.barcode, "
        "order_line = excluded.order_line, quantity = excluded.quantity, vendor_number = excluded.vendor_number, "
        "carton = excluded.carton, cancelled = excluded.cancelled, content = excluded.content",
        (
            ident,
            line,
            place,
            content.barcode,
            content.order_line,
            content.quantity,
            content.vendor_number,
            content.carton,
            content.cancelled,
            _ENCODER.encode(content),
        ),
    )
    for number in dict.fromkeys(content.numbers):
        sql.execute("INSERT INTO packing_numbers (number, list, line) VALUES (?, ?, ?)", (number, ident, line))


def _forget_numbers(sql: Sql, ident: str, line: str, content: PackingLine) -> None:
    for number in content.numbers:
        sql.execute("DELETE FROM packing_numbers WHERE number = ? AND list = ? AND line = ?", (number, ident, line))


def _new_id(line: str, seq: int, used: Collection[str]) -> str:
    """Return an id that no line of the list ever had: the line's number, else with the number of the event."""
    while line in used:
        line = f"{line}/{seq}"
    return line


def _lines(sql: Sql, ident: str) -> dict[str, tuple[PackingLine, bool]]:
    """Return every line that the list ever had, by id, and whether it is current."""
    rows = sql.execute("SELECT line, content, current FROM packing_lines WHERE list = ? ORDER BY place, line", (ident,))
    return {str(line): (_LINE.decode(content), bool(current)) for line, content, current in rows}


# --- permission -----------------------------------------------------------------------------------------------------


def permitted(sql: Sql, event: ev.PackingListStep) -> ev.PackingListStep:
    """Return the event to journal, or raise `WorkError` or `PackingRefused` if it is not allowed now."""
    role = workers.role_for(sql, event.operator, event.authorised)
    if role is None:
        raise WorkerGone(event.operator)
    if not may(role, right := right_for(event)):
        raise lacking(right)
    match event:
        case ev.PackingListImported():
            _require_no_other(sql, event.content, "")
        case ev.PackingListReplaced():
            if _standing(sql, event.list).newest != event.replaces:
                raise PackingRefused(Sentence("receiving.changed-meanwhile", list=event.list))
            _require_no_other(sql, event.content, event.list)
        case ev.PackingListClosed():
            standing = _standing(sql, event.list)
            if standing.closed:
                raise PackingRefused(Sentence("receiving.closed-already", list=standing.heading))
            missing = tuple(
                MissingCopies(line=line.line.line, title=line.line.title, copies=line.missing)
                for line in lines_of(sql, event.list)
                if line.missing
            )
            return msgspec.structs.replace(event, vendor=standing.vendor, name=standing.name, missing=missing)
    return event


def _require_no_other(sql: Sql, content: PackingList, ident: str) -> None:
    """Raise `PackingRefused` if another list of this kind has this vendor and number."""
    for other, vendor, name in sql.execute(
        "SELECT list, vendor, name FROM packing_lists WHERE kind = ?", (content.kind,)
    ):
        if other != ident and same_name((vendor, name), (content.vendor, content.name)):
            raise PackingRefused(Sentence("receiving.exists", list=heading(vendor, name), option="--replace"))


def has_name(standing: ListStanding, content: PackingList) -> bool:
    """Return True if both have the same kind, vendor and number, in whatever case: an invoice may have the number of its
    order."""
    return standing.kind == content.kind and same_name((standing.vendor, standing.name), (content.vendor, content.name))


def same_name(first: tuple[str, str], second: tuple[str, str]) -> bool:
    """Return True if two pairs of vendor and number are the same, in whatever case."""
    return [text.casefold() for text in first] == [text.casefold() for text in second]


def _standing(sql: Sql, ident: str) -> ListStanding:
    now = standing(sql, ident)
    if now is None:
        raise PackingRefused(Sentence("receiving.unknown-id", list=ident))
    return now


# --- queries --------------------------------------------------------------------------------------------------------


def standings(sql: Sql) -> tuple[ListStanding, ...]:
    """Return all lists, open and closed, the oldest import first."""
    return tuple(_standing_of(row) for row in sql.execute(_ALL))


def standing(sql: Sql, ident: str) -> ListStanding | None:
    row = sql.execute(_NAMED, (ident,)).fetchone()
    return None if row is None else _standing_of(row)


def _standing_of(row: Sequence[Any]) -> ListStanding:
    return ListStanding(**dict(zip(ListStanding.__struct_fields__, row, strict=True)))


def lines_of(sql: Sql, ident: str) -> tuple[ListLine, ...]:
    """Return the lines of a list in the vendor's order, and after them earlier lines for which items arrived."""
    came: dict[str, set[str]] = {}
    for line, barcode in sql.execute("SELECT line, barcode FROM arrivals WHERE list = ?", (ident,)):
        came.setdefault(line, set()).add(barcode)
    lines = [
        ListLine(
            key=LineKey(ident, line),
            line=content,
            current=current,
            barcodes=frozenset(came.get(line, ())),
            counted=_counted(sql, ident, line),
        )
        for line, (content, current) in _lines(sql, ident).items()
    ]
    present = (line for line in lines if line.current)
    earlier = (line for line in lines if not line.current and line.barcodes)
    return (*present, *earlier)


def _counted(sql: Sql, ident: str, line: str) -> int:
    """Return how many copies were counted on a line."""
    return int(sql.execute(_COUNTED, (ident, line)).fetchone()[0])


def fitting(sql: Sql, barcode: str, order_line: str, numbers: Collection[str]) -> tuple[ListLine, ...]:
    """Return the lines of all lists that may be the line of an item, the oldest import first."""
    rows = list(sql.execute(FITTING, fitting_parameters(barcode, order_line, numbers)))
    return tuple(
        ListLine(
            key=LineKey(ident, line),
            line=_LINE.decode(content),
            vendor=vendor,
            closed=bool(is_closed),
            barcodes=arrivals.of(sql, LineKey(ident, line)),
            counted=_counted(sql, ident, line),
        )
        for ident, line, content, vendor, is_closed, _, _ in rows
    )


def fitting_parameters(barcode: str, order_line: str, numbers: Collection[str]) -> Mapping[str, str]:
    """Return the parameters of `FITTING`."""
    return {"barcode": barcode, "order_line": order_line, "numbers": json.dumps(sorted(numbers))}


def open_vendors(sql: Sql) -> frozenset[str]:
    """Return the vendors of the open lists."""
    return frozenset(
        str(row[0])
        for row in sql.execute("SELECT DISTINCT vendor FROM packing_lists WHERE closed_seq IS NULL AND kind = 'box'")
    )


def lists_taken_over(sql: Sql) -> bool:
    """Return True if the lists of an earlier version were taken over."""
    return sql.execute("SELECT 1 FROM events WHERE kind = 'packing-list-taken-over' LIMIT 1").fetchone() is not None
