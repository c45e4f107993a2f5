"""Shipments and counted copies: a projection of their events. Differences are in `store.projections.differences`."""

from __future__ import annotations

import itertools
import json
from collections.abc import Collection, Mapping, Sequence
from typing import Any, Final

import msgspec

from station.domain import events as ev
from station.domain.packing_lists.packing_list import LineKey, ListKind, PackingLine
from station.domain.receiving.counting import CountOutcome, Fit, OpenLine, Purpose
from station.domain.receiving.shipment import Count, Shipment, ShipmentLine, shipment_id
from station.domain.receiving.vendor import Vendor
from station.store.database.database import LAST, Sql, SqlValue
from station.store.projections import shared_copies
from station.store.projections.shared_copies import SharedCopies

ROWS: Final = {
    "vendors": "SELECT vendor, content, seq FROM vendors ORDER BY vendor",
    "shipments": "SELECT * FROM shipments ORDER BY shipment",
    "counts": "SELECT * FROM counts ORDER BY seq",
    "additions": "SELECT * FROM additions ORDER BY seq",
}
"""The tables' rows in a fixed order, for comparison."""
_LINE: Final = msgspec.json.Decoder(PackingLine)
_VENDOR: Final = msgspec.json.Decoder(Vendor)
_ENCODER: Final = msgspec.json.Encoder(order="sorted")

# --- projection -----------------------------------------------------------------------------------------------------


def vendor_recorded(sql: Sql, seq: int, event: ev.VendorRecorded) -> None:
    """Keep the content without an empty mapper: msgspec omits that only if it is the very object of the default."""
    content = {key: value for key, value in msgspec.to_builtins(event.content).items() if value != {}}
    sql.execute(
        "INSERT INTO vendors (vendor, content, seq) VALUES (?, ?, ?) "
        "ON CONFLICT (vendor) DO UPDATE SET content = excluded.content, seq = excluded.seq",
        (event.content.id, _ENCODER.encode(content), seq),
    )


def opened(sql: Sql, seq: int, event: ev.ShipmentOpened) -> None:
    sql.execute(
        "INSERT INTO shipments (shipment, purpose, vendor, carton, lists, donor, plan, seq) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        (
            shipment_id(seq),
            event.purpose,
            event.vendor,
            event.carton,
            json.dumps(event.lists),
            event.donor,
            event.plan,
            seq,
        ),
    )


def closed(sql: Sql, seq: int, event: ev.ShipmentClosed) -> None:
    sql.execute("UPDATE shipments SET closed_seq = ? WHERE shipment = ? AND closed_seq IS NULL", (seq, event.shipment))


def counted(sql: Sql, seq: int, event: ev.CopyCounted) -> None:
    key = event.key or LineKey("", "")
    sql.execute(
        "INSERT INTO counts (seq, shipment, list, line, order_line, outcome, title, number, listed_barcode, library) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            seq,
            event.shipment,
            key.list,
            key.line,
            event.order_line,
            event.outcome,
            event.title,
            event.scanned or next(iter(event.numbers), ""),
            event.listed_barcode,
            event.library,
        ),
    )


def faulted(sql: Sql, _seq: int, event: ev.CopyFaulted) -> None:
    row = sql.execute("SELECT faults FROM counts WHERE seq = ?", (event.count,)).fetchone()
    if row is not None:
        faults = " ".join(sorted({*str(row[0]).split(), event.fault}))
        sql.execute("UPDATE counts SET faults = ? WHERE seq = ?", (faults, event.count))


def undone(sql: Sql, seq: int, event: ev.CountUndone) -> None:
    """Undo a count, and the addition to the collection that followed from it."""
    sql.execute(
        "DELETE FROM additions WHERE seq IN (SELECT bound_seq FROM counts WHERE seq = ? AND undone_seq IS NULL)",
        (event.count,),
    )
    sql.execute("UPDATE counts SET undone_seq = ? WHERE seq = ? AND undone_seq IS NULL", (seq, event.count))


def returned(sql: Sql, seq: int, event: ev.CopyReturned) -> None:
    sql.execute("UPDATE counts SET returned_seq = ? WHERE seq = ? AND returned_seq IS NULL", (seq, event.count))


def added(sql: Sql, seq: int, event: ev.Added | ev.Gift | ev.LeaseIn) -> None:
    sql.execute(
        "INSERT INTO additions (seq, barcode, record_id, library) VALUES (?, ?, ?, ?)",
        (seq, event.barcode, event.copy.record_id, event.copy.library),
    )
    if event.count:
        sql.execute(
            "UPDATE counts SET barcode = ?, bound_seq = ? WHERE seq = ?",
            (event.barcode, seq, event.count),
        )


def forget(sql: Sql) -> None:
    """Empty the tables before they are rebuilt."""
    for statement in (
        "DELETE FROM additions",
        "DELETE FROM counts",
        "DELETE FROM shipments",
        "DELETE FROM vendors",
    ):
        sql.execute(statement)


# --- queries: vendors ----------------------------------------------------------------------------------------------------


def vendors(sql: Sql) -> tuple[Vendor, ...]:
    """Return all vendors by id."""
    return tuple(_VENDOR.decode(content) for (content,) in sql.execute("SELECT content FROM vendors ORDER BY vendor"))


def vendor_named(sql: Sql, name: str) -> Vendor | None:
    """Return the vendor with this id, name or code."""
    return next((vendor for vendor in vendors(sql) if vendor.is_named(name)), None) if name.strip() else None


# --- queries: shipments --------------------------------------------------------------------------------------------------

_SHIPMENTS: Final = """SELECT s.shipment, s.purpose, s.vendor, s.carton, s.lists, s.donor, s.plan, o.at, coalesce(c.at, ''),
    (SELECT coalesce(sum(l.quantity), 0) FROM json_each(s.lists) i JOIN packing_lines l ON l.list = i.value
        WHERE l.current = 1 AND l.cancelled = 0 AND (s.carton = '' OR l.carton = '' OR l.carton = s.carton)),
    (SELECT count(*) FROM counts n WHERE n.shipment = s.shipment AND n.undone_seq IS NULL),
    (SELECT count(*) FROM counts n WHERE n.shipment = s.shipment AND n.undone_seq IS NULL AND n.returned_seq IS NULL
        AND n.outcome = 'matched' AND n.list IN (SELECT value FROM json_each(s.lists))),
    (SELECT count(*) FROM differences d WHERE d.shipment = s.shipment AND d.closed_seq IS NULL),
    max(s.seq, coalesce(s.closed_seq, 0),
        (SELECT coalesce(max(max(n.seq, coalesce(n.bound_seq, 0), coalesce(n.returned_seq, 0), coalesce(n.undone_seq, 0))), 0)
            FROM counts n WHERE n.shipment = s.shipment))
    FROM shipments s JOIN events o ON o.seq = s.seq LEFT JOIN events c ON c.seq = s.closed_seq """
_OPEN: Final = _SHIPMENTS + "WHERE s.closed_seq IS NULL ORDER BY s.seq"
_ALL: Final = _SHIPMENTS + "ORDER BY s.seq"
_NAMED: Final = _SHIPMENTS + "WHERE s.shipment = ?"
_NAMES_OF_LISTS: Final = "SELECT p.name FROM json_each(?) i JOIN packing_lists p ON p.list = i.value ORDER BY i.key"


def shipments(sql: Sql, *, everything: bool = False) -> tuple[Shipment, ...]:
    """Return the open shipments, or all of them, the oldest first."""
    return tuple(_shipment(sql, row) for row in list(sql.execute(_ALL if everything else _OPEN)))


def shipment(sql: Sql, ident: str) -> Shipment | None:
    row = sql.execute(_NAMED, (ident,)).fetchone()
    return None if row is None else _shipment(sql, row)


def open_with_carton(sql: Sql, carton: str) -> str:
    """Return the id of the open shipment with this carton; "" = none."""
    row = sql.execute(
        "SELECT shipment FROM shipments WHERE carton = ? AND carton <> '' AND closed_seq IS NULL", (carton,)
    ).fetchone()
    return "" if row is None else str(row[0])


def lists_elsewhere(sql: Sql, ident: str) -> frozenset[str]:
    """Return the lists of all other open shipments."""
    rows = sql.execute(
        "SELECT DISTINCT i.value FROM shipments s, json_each(s.lists) i WHERE s.closed_seq IS NULL AND s.shipment <> ?",
        (ident,),
    )
    return frozenset(str(row[0]) for row in rows)


_KNOWN_SHORT: Final = """SELECT list, line, sum(copies) FROM differences
    WHERE list IN (SELECT value FROM json_each(?)) AND kind = 'short' AND ending <> 'replaced' GROUP BY list, line"""


def known_short(sql: Sql, lists: Collection[str]) -> dict[LineKey, int]:
    """Return by line the copies that are missing in a difference, unless that ended with a replacement."""
    rows = sql.execute(_KNOWN_SHORT, (json.dumps(list(lists)),))
    return {LineKey(ident, line): int(copies) for ident, line, copies in rows}


def lists_of_carton(sql: Sql, carton: str) -> tuple[str, ...]:
    """Return the ids of the open lists that name a carton, the oldest first."""
    rows = sql.execute(
        "SELECT p.list FROM packing_lists p WHERE p.closed_seq IS NULL AND (EXISTS (SELECT 1 FROM packing_lines l "
        "WHERE l.carton = :carton AND l.carton <> '' AND l.list = p.list AND l.current = 1) "
        "OR EXISTS (SELECT 1 FROM json_each(p.cartons) c WHERE c.value = :carton)) ORDER BY p.seq",
        {"carton": carton},
    )
    return tuple(str(row[0]) for row in rows)


def lists_to_open(sql: Sql, limit: int) -> tuple[str, ...]:
    """Return the ids of the newest open lists of boxes that no shipment, open or closed, holds."""
    rows = sql.execute(
        "SELECT p.list FROM packing_lists p WHERE p.closed_seq IS NULL AND p.kind = 'box' AND p.list NOT IN "
        "(SELECT i.value FROM shipments s, json_each(s.lists) i) ORDER BY p.seq DESC LIMIT ?",
        (limit,),
    )
    return tuple(str(row[0]) for row in rows)


def _shipment(sql: Sql, row: Sequence[Any]) -> Shipment:
    names = tuple(str(name) for (name,) in sql.execute(_NAMES_OF_LISTS, (row[4],)))
    return Shipment(
        id=row[0],
        purpose=Purpose(row[1]),
        vendor=row[2],
        carton=row[3],
        lists=tuple(json.loads(row[4])),
        names=names,
        donor=row[5],
        plan=row[6],
        opened_at=row[7],
        closed_at=row[8],
        listed=row[9],
        counted=row[10],
        matched=row[11],
        differences=row[12],
        newest=row[13],
    )


_HERE_NOW: Final = " ".join(
    (
        "(SELECT count(*) FROM counts n WHERE n.list = l.list AND n.line = l.line AND n.shipment = :shipment AND",
        shared_copies.HERE,
        ")",
    )
)
_RETURNED: Final = _HERE_NOW.replace(" AND n.shipment = :shipment", "").replace(
    "n.returned_seq IS NULL", "n.returned_seq IS NOT NULL"
)
_LINES: Final = ", ".join(
    (
        "SELECT l.list, l.line, l.content, p.kind",
        _RETURNED,
        _HERE_NOW + " FROM json_each(:lists) i JOIN packing_lists p ON p.list = i.value "
        "JOIN packing_lines l ON l.list = p.list WHERE l.current = 1 "
        "AND (:carton = '' OR l.carton = '' OR l.carton = :carton) ORDER BY i.key, l.place",
    )
)
_ONE_LINE: Final = ", ".join(
    (
        "SELECT l.list, l.line, l.content, p.kind",
        _RETURNED,
        _HERE_NOW + " FROM packing_lines l JOIN packing_lists p ON p.list = l.list "
        "WHERE l.list = :list AND l.line = :line",
    )
)


def lines_of(sql: Sql, now: Shipment) -> tuple[ShipmentLine, ...]:
    """Return the lines of a shipment's lists in the vendor's order; of a carton that its lists name, only its lines."""
    return _shipment_lines(sql, _LINES, {"lists": json.dumps(now.lists), "carton": now.carton, "shipment": now.id})


def line_of(sql: Sql, now: Shipment, key: LineKey) -> ShipmentLine | None:
    """Return one line of any list, with the copies counted on it."""
    return next(iter(_shipment_lines(sql, _ONE_LINE, {"list": key.list, "line": key.line, "shipment": now.id})), None)


def _shipment_lines(sql: Sql, statement: str, values: Mapping[str, SqlValue]) -> tuple[ShipmentLine, ...]:
    rows = [(LineKey(ident, line), *row) for ident, line, *row in sql.execute(statement, values)]
    shared = shared_copies.copies_of(sql, [key for key, *_ in rows])
    return tuple(
        ShipmentLine(
            key=key,
            line=_LINE.decode(content),
            kind=ListKind(kind),
            ordered=shared[key].ordered,
            here=shared[key].counted_on[key],
            returned=returned,
            here_now=here_now,
        )
        for key, content, kind, returned, here_now in rows
    )


_COUNT: Final = """SELECT n.seq, n.shipment, n.list, n.line, n.outcome, n.title, n.number, n.faults, n.barcode,
    n.listed_barcode, n.library, n.order_line, n.returned_seq IS NOT NULL, n.undone_seq IS NOT NULL, e.at,
    coalesce(json_extract(CAST(e.payload AS TEXT), '$.operator'), '') FROM counts n JOIN events e ON e.seq = n.seq """


_NEWEST_COUNTS: Final = _COUNT + "WHERE n.shipment = ? ORDER BY n.seq DESC LIMIT ?"
_ONE_COUNT: Final = _COUNT + "WHERE n.seq = ?"
_COUNT_OF_ITEM: Final = (
    _COUNT + "WHERE n.barcode = ? AND n.barcode <> '' AND n.undone_seq IS NULL ORDER BY n.seq DESC LIMIT 1"
)


def counts_of(sql: Sql, ident: str, last: int = LAST) -> tuple[Count, ...]:
    """Return the counts of a shipment, the newest first; only the `last` ones."""
    return tuple(_count(row) for row in sql.execute(_NEWEST_COUNTS, (ident, last)))


def count(sql: Sql, seq: int) -> Count | None:
    row = sql.execute(_ONE_COUNT, (seq,)).fetchone()
    return None if row is None else _count(row)


def count_of_item(sql: Sql, barcode: str) -> Count | None:
    """Return the newest count of the copy that carries our barcode, if that count was not undone."""
    row = sql.execute(_COUNT_OF_ITEM, (barcode,)).fetchone()
    return None if row is None else _count(row)


def _count(row: Sequence[Any]) -> Count:
    return Count(
        id=row[0],
        shipment=row[1],
        key=LineKey(row[2], row[3]) if row[2] else None,
        outcome=CountOutcome(row[4]),
        title=row[5],
        number=row[6],
        faults=tuple(str(row[7]).split()),
        barcode=row[8],
        listed_barcode=row[9],
        library=row[10],
        order_line=row[11],
        returned=bool(row[12]),
        undone=bool(row[13]),
        at=row[14],
        by=row[15],
    )


# --- queries: lines on which a copy may be counted ------------------------------------------------------------------------

_FITS: Final = {
    Fit.CHOSEN: "SELECT l.list, l.line FROM packing_lines l WHERE l.list = :list AND l.line = :line",
    Fit.BARCODE: "SELECT l.list, l.line FROM packing_lines l WHERE l.barcode = :scanned AND l.barcode <> ''",
    Fit.ORDER_LINE: "SELECT l.list, l.line FROM packing_lines l WHERE l.order_line = :scanned AND l.order_line <> ''",
    Fit.VENDOR_NUMBER: (
        "SELECT l.list, l.line FROM packing_lines l WHERE l.vendor_number = :scanned AND l.vendor_number <> ''"
    ),
    Fit.NUMBER: "SELECT m.list, m.line FROM json_each(:numbers) n CROSS JOIN packing_numbers m ON m.number = n.value",
    Fit.RELATED: "SELECT m.list, m.line FROM json_each(:related) n CROSS JOIN packing_numbers m ON m.number = n.value",
}
_CANCELLED: Final = """(l.cancelled = 1 OR EXISTS (SELECT 1 FROM packing_lines o WHERE o.order_line = l.order_line
    AND o.order_line <> '' AND o.cancelled = 1 AND o.current = 1)
    OR EXISTS (SELECT 1 FROM order_lines o WHERE o.order_line = l.order_line AND o.cancelled = 1))"""
_OPEN_LINE: Final = (
    ", ".join(
        (
            "SELECT l.list, l.line, l.content, p.vendor, p.kind",
            *(_HERE_NOW, _CANCELLED),
            "EXISTS (SELECT 1 FROM json_each(:lists) i WHERE i.value = l.list) FROM (",
        )
    ),
    ") f JOIN packing_lines l ON l.list = f.list AND l.line = f.line JOIN packing_lists p ON p.list = l.list "
    "WHERE l.current = 1 AND (p.closed_seq IS NULL OR :closed) ORDER BY p.seq, l.place",
)


_BY_FIT: Final = {fit: found.join(_OPEN_LINE) for fit, found in _FITS.items()}


def open_lines(sql: Sql, now: Shipment, event: ev.CopyCounted) -> tuple[OpenLine, ...]:
    """Return the lines of open lists that fit a copy, the oldest import first. A line that a person took may belong to a
    closed list."""
    key = event.key or LineKey("", "")
    values: dict[str, SqlValue] = {
        "lists": json.dumps(now.lists),
        "shipment": now.id,
        "list": key.list,
        "line": key.line,
        "scanned": event.scanned,
        "numbers": json.dumps(event.numbers),
        "related": json.dumps(event.related),
    }
    fits = (Fit.CHOSEN,) if event.chosen else tuple(fit for fit in Fit if fit is not Fit.CHOSEN)
    names = _names_of(sql, now.vendor)
    rows = [
        (fit, row)
        for fit in fits
        for row in sql.execute(_BY_FIT[fit], {**values, "closed": fit is Fit.CHOSEN})
        if fit is Fit.CHOSEN or not names or row[3].strip().casefold() in names
    ]
    return _open_lines(sql, rows)


def _names_of(sql: Sql, vendor: str) -> frozenset[str]:
    """Return the names by which the lists of a vendor may name it, in lower case, and "" for a list without a vendor;
    nothing if the vendor is unknown."""
    if not vendor.strip():
        return frozenset()
    recorded = vendor_named(sql, vendor)
    return frozenset({"", vendor.strip().casefold()}) | (recorded.known_as if recorded is not None else frozenset())


def _open_lines(sql: Sql, rows: Sequence[tuple[Fit, Sequence[Any]]]) -> tuple[OpenLine, ...]:
    shared = shared_copies.copies_of(sql, [LineKey(row[0], row[1]) for _, row in rows])
    return tuple(_open_line(row, fit, shared[LineKey(row[0], row[1])]) for fit, row in rows)


def _open_line(row: Sequence[Any], fit: Fit, shared: SharedCopies) -> OpenLine:
    ident, line, content, vendor, kind, here_now, cancelled, in_shipment = row
    key = LineKey(ident, line)
    return OpenLine(
        key=key,
        line=_LINE.decode(content),
        vendor=vendor,
        kind=ListKind(kind),
        fit=fit,
        here=shared.counted if kind == ListKind.ORDER else shared.counted_on[key],
        here_now=here_now,
        ordered=shared.ordered,
        order_here=shared.counted,
        cancelled=bool(cancelled),
        in_shipment=bool(in_shipment),
    )


_TITLES: Final = """SELECT l.list, l.line, coalesce(json_extract(CAST(l.content AS TEXT), '$.title'), '')
    FROM packing_lists p CROSS JOIN packing_lines l ON l.list = p.list WHERE p.seq > 0 AND p.closed_seq IS NULL
    AND l.current = 1 AND (p.list IN (SELECT value FROM json_each(:lists))) = :own ORDER BY p.seq, l.place"""
"""Read list by list, so that a search that has its lines ends early."""


def proposals(sql: Sql, now: Shipment, words: Collection[str], limit: int = 20) -> tuple[OpenLine, ...]:
    """Return open lines whose title has all these words, in whatever case: those of the shipment's lists first."""
    texts = [word.casefold() for word in words if word.strip()]
    own = _with_words(sql, now, texts, True, limit) if texts else []
    others = _with_words(sql, now, texts, False, limit - len(own)) if texts and len(own) < limit else []
    return (*own, *others)


def _with_words(sql: Sql, now: Shipment, texts: Sequence[str], own: bool, limit: int) -> list[OpenLine]:
    """Return lines of the shipment's own lists, or of all others, first those that lack copies. SQLite knows the case of
    ASCII only, so the titles are compared here."""
    lists = json.dumps(now.lists)
    lacking: list[OpenLine] = []
    complete: list[OpenLine] = []
    titles = sql.execute(_TITLES, {"lists": lists, "own": own})
    found = ((ident, line) for ident, line, title in titles if all(text in title.casefold() for text in texts))
    while len(lacking) < limit and (keys := tuple(itertools.islice(found, limit))):
        rows = [
            (Fit.CHOSEN, row)
            for ident, line in keys
            for row in sql.execute(
                _BY_FIT[Fit.CHOSEN],
                {"lists": lists, "shipment": now.id, "closed": False, "list": ident, "line": line},
            )
        ]
        for proposal in _open_lines(sql, rows):
            (lacking if proposal.lacks else complete).append(proposal)
    return [*lacking, *complete][:limit]


def first_of_title(sql: Sql, record_id: str, library: str) -> bool:
    """Return False if the journal knows another copy of the record that was added in the library."""
    return (
        sql.execute(
            "SELECT 1 FROM additions WHERE record_id = ? AND record_id <> '' AND library = ? LIMIT 1",
            (record_id, library),
        ).fetchone()
        is None
    )
