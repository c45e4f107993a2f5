"""Copies that list lines and order lines share. A list line and an order line have the same copies once a list, a count or an
invoice names both; most lists do not name the order line. Every number about the copies is read here, so a copy that list
and order tell is one copy (docs/decisions/41-okay-to-pay.md)."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Final, NamedTuple, TypeAlias

import msgspec

from station.domain.invoices.standing import InvoiceState
from station.domain.packing_lists.packing_list import LineKey, ListKind, PackingLine
from station.store.database.database import Sql

Place: TypeAlias = LineKey | str
"""A list line, or an order line."""
HERE: Final = "n.undone_seq IS NULL AND n.returned_seq IS NULL AND n.outcome IN ('matched', 'over', 'duplicate')"
"""Condition of a count `n`: the copy is here, is of the right edition and not cancelled."""
COUNTS: Final = (
    "coalesce(sum(HERE), 0), coalesce(max(iif(HERE, n.seq, 0)), 0), "
    "coalesce(max(max(n.seq, coalesce(n.returned_seq, 0), coalesce(n.undone_seq, 0))), 0)"
).replace("HERE", HERE)
"""Copies that are here, number of the newest of their counts, and number of the newest event about the counts."""
_LINE: Final = msgspec.json.Decoder(PackingLine)


def _of_lines(rows: str, line: str = "line") -> str:
    """Return the rows of a table, with their alias, that are about the list lines `:lines`."""
    alias = rows.split()[1]
    return " ".join(
        (
            "FROM json_each(:lines) m CROSS JOIN",
            rows,
            "ON x.list = json_extract(m.value, '$.list') AND x.line = json_extract(m.value, '$.line') AND x.list <> ''".replace(
                "x.line =", f"x.{line} ="
            ).replace("x.", f"{alias}."),
        )
    )


def _of_order_lines(rows: str) -> str:
    """Return the rows of a table, with their alias, that are about the order lines `:order_lines`."""
    on = "ON x.order_line = m.value AND x.order_line <> ''".replace("x.", f"{rows.split()[1]}.")
    return " ".join(("FROM json_each(:order_lines) m CROSS JOIN", rows, on))


_WITH_LINES: Final = " ".join(
    (
        "SELECT l.list, l.line, l.order_line",
        _of_lines("packing_lines l"),
        "WHERE l.order_line <> '' UNION SELECT n.list, n.line, n.order_line",
        _of_lines("counts n"),
        "WHERE n.order_line <> '' AND n.undone_seq IS NULL UNION SELECT i.list, i.list_line, i.order_line",
        _of_lines("invoice_lines i", "list_line"),
        "WHERE i.order_line <> ''",
    )
)
"""Rows that name list line and order line. A void invoice has no lines."""
_WITH_ORDER_LINES: Final = " ".join(
    (
        "SELECT l.list, l.line, l.order_line",
        _of_order_lines("packing_lines l"),
        "UNION SELECT n.list, n.line, n.order_line",
        _of_order_lines("counts n"),
        "WHERE n.list <> '' AND n.undone_seq IS NULL UNION SELECT i.list, i.list_line, i.order_line",
        _of_order_lines("invoice_lines i"),
        "WHERE i.list <> ''",
    )
)
_COUNTED: Final = " ".join(
    (
        "SELECT n.list, n.line, n.order_line, coalesce(max(s.vendor), ''),",
        COUNTS,
        _of_lines("counts n"),
        "LEFT JOIN shipments s ON s.shipment = n.shipment GROUP BY n.list, n.line, n.order_line",
    )
)
_COUNTED_WITHOUT_LINE: Final = " ".join(
    (
        "SELECT '', '', n.order_line, coalesce(max(s.vendor), ''),",
        COUNTS,
        _of_order_lines("counts n"),
        "LEFT JOIN shipments s ON s.shipment = n.shipment WHERE n.list = '' GROUP BY n.order_line",
    )
)
_ARRIVED: Final = " ".join(
    (
        "SELECT a.list, a.line, count(*)",
        _of_lines("arrivals a"),
        "WHERE NOT EXISTS (SELECT 1 FROM counts r WHERE r.barcode = a.barcode AND r.barcode <> ''",
        "AND (r.returned_seq IS NOT NULL OR r.undone_seq IS NULL AND (r.list <> a.list OR r.line <> a.line)))",
        "GROUP BY a.list, a.line",
    )
)
"""Items that were judged, without those that were sent back or are counted elsewhere."""
_LISTED: Final = " ".join(
    (
        "SELECT l.list, l.line, p.kind, iif(l.current = 1 AND l.cancelled = 0, l.quantity, 0), l.order_line, l.content",
        _of_lines("packing_lines l"),
        "JOIN packing_lists p ON p.list = l.list",
    )
)
_INVOICED: Final = (
    "SELECT i.list, i.list_line, i.order_line, v.invoice, i.line, v.seq, v.state, v.newest_seq, i.copies "
)
_INVOICED_ON_LINES: Final = " ".join(
    (_INVOICED, _of_lines("invoice_lines i", "list_line"), "JOIN invoices v ON v.invoice = i.invoice")
)
_INVOICED_WITHOUT_LINE: Final = " ".join(
    (
        _INVOICED,
        _of_order_lines("invoice_lines i"),
        "JOIN invoices v ON v.invoice = i.invoice WHERE i.list = ''",
    )
)


class InvoicedLine(NamedTuple):
    """A line of an invoice that is about the copies."""

    order_line: str
    invoice: str
    line: str
    seq: int
    """Number of the event that recorded the invoice."""
    state: str
    newest: int
    copies: int
    """Negative in a credit memo."""


class SharedCopies(NamedTuple):
    """Copies that some list lines and order lines share."""

    places: tuple[Place, ...]
    counted: int
    """Copies that were counted and are here."""
    here: int
    """Copies that were counted or, if these are more, judged at the bench."""
    last_count: int
    """Number of the newest count of a copy that is here; 0 = none is."""
    newest: int
    """Number of the newest event about their counts."""
    vendor: str
    """Of the shipments in which they were counted."""
    listed: int | None
    """Copies that packing lists list; None = none lists them."""
    ordered: int | None
    """Copies that are ordered; None = unknown."""
    counted_on: Mapping[Place, int]
    """Counted copies by list line, or without one by order line."""
    counted_for: Mapping[str, int]
    """Counted copies by order line, of those whose count names it."""
    invoiced: tuple[InvoicedLine, ...]

    @property
    def expected(self) -> int | None:
        """Return the copies ordered, or if that is unknown, listed."""
        return self.listed if self.ordered is None else self.ordered

    @property
    def uninvoiced(self) -> int:
        """Return the counted copies that are on no invoice. A credit gives copies back once it has its okay."""
        return max(self.counted - sum(_that_count(self.invoiced)), 0)


def _that_count(lines: Iterable[InvoicedLine]) -> Iterator[int]:
    return (line.copies for line in lines if line.copies > 0 or line.state != InvoiceState.OPEN)


def copies_of(sql: Sql, places: Iterable[Place]) -> Mapping[Place, SharedCopies]:
    """Return the copies of each list line and order line, with those of all that share copies with it."""
    groups = _groups(sql, frozenset(places))
    if not groups:
        return {}
    rows = _Rows(sql, values_of(groups))
    shared = {id(group): rows.of(group) for group in groups.values()}
    return {place: shared[id(group)] for place, group in groups.items()}


def sharing(sql: Sql, place: Place) -> Collection[Place]:
    """Return the list lines and order lines that share copies with this one, and itself."""
    return _groups(sql, (place,))[place]


def left(sql: Sql, order_lines: Iterable[str]) -> Iterator[tuple[str, str, int]]:
    """Yield the order lines whose counted copies are not all invoiced, each with the vendor and their number. Where several
    order lines share copies, a copy is left of the one that its count names."""
    shared = copies_of(sql, order_lines)
    for each in {id(each): each for each in shared.values()}.values():
        rest = each.uninvoiced
        names = sorted(place for place in each.places if isinstance(place, str))
        for name in names:
            invoiced = sum(_that_count(line for line in each.invoiced if line.order_line == name))
            copies = rest if len(names) == 1 else min(rest, max(each.counted_for.get(name, 0) - invoiced, 0))
            rest -= copies
            if copies:
                yield name, each.vendor, copies


def _groups(sql: Sql, places: Collection[Place]) -> Mapping[Place, set[Place]]:
    """Return by list line and order line all that share copies with it."""
    groups: dict[Place, set[Place]] = {place: {place} for place in places}
    new: Collection[Place] = places
    while new:
        values, before = values_of(new), len(groups)
        known = set(groups)
        for statement in (_WITH_LINES, _WITH_ORDER_LINES):
            for ident, line, order_line in list(sql.execute(statement, values)):
                first: set[Place] = groups.setdefault(LineKey(ident, line), {LineKey(ident, line)})
                second: set[Place] = groups.setdefault(order_line, {order_line})
                if first is not second:
                    less, more = sorted((first, second), key=len)
                    more |= less
                    groups.update(dict.fromkeys(less, more))
        new = () if len(groups) == before else groups.keys() - known
    return groups


def values_of(places: Iterable[Place]) -> Mapping[str, str]:
    """Return the parameters `lines` and `order_lines`, JSON."""
    lines, order_lines = [], []
    for place in places:
        if isinstance(place, LineKey):
            lines.append({"list": place.list, "line": place.line})
        else:
            order_lines.append(place)
    return {"lines": json.dumps(lines), "order_lines": json.dumps(order_lines)}


class _Counted(NamedTuple):
    order_line: str
    vendor: str
    here: int
    last: int
    newest: int


class _Rows:
    """What the tables say about some list lines and order lines."""

    def __init__(self, sql: Sql, values: Mapping[str, str]) -> None:
        self.counted: dict[Place, list[_Counted]] = {}
        self.arrived: dict[Place, int] = {}
        self.listed: dict[Place, tuple[ListKind, int, str, PackingLine]] = {}
        self.invoiced: dict[Place, list[InvoicedLine]] = {}
        for statement in (_COUNTED, _COUNTED_WITHOUT_LINE):
            for ident, line, order_line, *counts in sql.execute(statement, values):
                place = _place(ident, line, order_line)
                self.counted.setdefault(place, []).append(_Counted(order_line, *counts))
        for ident, line, copies in sql.execute(_ARRIVED, values):
            self.arrived[LineKey(ident, line)] = copies
        for ident, line, kind, quantity, order_line, content in sql.execute(_LISTED, values):
            self.listed[LineKey(ident, line)] = ListKind(kind), quantity, order_line, _LINE.decode(content)
        for statement in (_INVOICED_ON_LINES, _INVOICED_WITHOUT_LINE):
            for ident, line, order_line, *invoiced in sql.execute(statement, values):
                place = _place(ident, line, order_line)
                self.invoiced.setdefault(place, []).append(InvoicedLine(order_line, *invoiced))

    def of(self, group: Iterable[Place]) -> SharedCopies:
        places = list(group)
        counts = [each for place in places for each in self.counted.get(place, ())]
        counted_on = {place: sum(each.here for each in self.counted.get(place, ())) for place in places}
        counted_for: dict[str, int] = {}
        for each in counts:
            counted_for[each.order_line] = counted_for.get(each.order_line, 0) + each.here
        boxes = [place for place in places if not self._is_order(place)]
        listed = sum(self.listed[place][1] for place in boxes if place in self.listed)
        judged = sum(max(self.arrived.get(place, 0), counted_on[place]) for place in boxes)
        return SharedCopies(
            places=tuple(places),
            counted=sum(counted_on.values()),
            here=max(sum(counted_on.values()), judged),
            last_count=max((each.last for each in counts), default=0),
            newest=max((each.newest for each in counts), default=0),
            vendor=max((each.vendor for each in counts), default=""),
            listed=listed or None,
            ordered=self._ordered(places),
            counted_on=counted_on,
            counted_for=counted_for,
            invoiced=tuple(each for place in places for each in self.invoiced.get(place, ())),
        )

    def _is_order(self, place: Place) -> bool:
        return isinstance(place, str) or (place in self.listed and self.listed[place][0] is ListKind.ORDER)

    def _ordered(self, places: Sequence[Place]) -> int | None:
        """Return the copies that orders name, of each order line those of the list with most; without such a list what a
        packing list says was ordered. An order line may be written in whatever case."""
        orders: dict[str, dict[str, int]] = {place.casefold(): {} for place in places if isinstance(place, str)}
        stated: list[int] = []
        for place in places:
            if not isinstance(place, LineKey) or place not in self.listed:
                continue
            kind, quantity, order_line, content = self.listed[place]
            if kind is ListKind.ORDER and quantity:
                lists = orders.setdefault(order_line.casefold(), {})
                lists[place.list] = lists.get(place.list, 0) + quantity
            elif kind is ListKind.BOX and quantity and content.ordered is not None:
                stated.append(content.ordered)
        if orders and all(orders.values()):
            return sum(max(lists.values()) for lists in orders.values())
        return max(stated, default=None)


def _place(ident: str, line: str, order_line: str) -> Place:
    return LineKey(ident, line) if ident else order_line
