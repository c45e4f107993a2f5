"""Which packing-list line each line of an invoice is: the list with the invoice's number, else the order line, else the
number of the title, first where copies are not invoiced. A box whose list names no order line comes before the order."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any, Final

import msgspec

from station.domain import events as ev
from station.domain.invoices.invoice import Invoice, InvoiceKind, InvoiceLine, number_key
from station.domain.packing_lists.packing_list import LineKey, ListKind, PackingLine
from station.store.database.database import Sql
from station.store.projections import purchases, shared_copies
from station.store.projections.books import Books

_LINE: Final = msgspec.json.Decoder(PackingLine)
_LISTS: Final = "SELECT list, vendor, name FROM packing_lists WHERE kind = 'box' ORDER BY seq DESC"
_OF_LIST: Final = """SELECT l.list, l.line, l.content, 'box', '' FROM packing_lines l
    WHERE l.list = ? AND l.current = 1 ORDER BY l.place"""
_CANDIDATE: Final = "SELECT l.list, l.line, l.content, p.kind, p.vendor FROM "
_WITH_ORDER_LINE: Final = _CANDIDATE + (
    "packing_lines l JOIN packing_lists p ON p.list = l.list "
    "WHERE l.order_line = :order_line AND l.order_line <> '' AND l.current = 1 ORDER BY p.kind, p.seq, l.place"
)
_WITH_NUMBER: Final = _CANDIDATE + (
    "json_each(:numbers) m CROSS JOIN packing_numbers n ON n.number = m.value "
    "JOIN packing_lines l ON l.list = n.list AND l.line = n.line JOIN packing_lists p ON p.list = l.list "
    "WHERE l.current = 1 ORDER BY p.kind, p.seq, l.place"
)
_WITHOUT_LIST: Final = """SELECT DISTINCT l.invoice FROM invoices i JOIN invoice_lines l ON l.invoice = i.invoice
    WHERE i.state = 'open' AND i.kind <> 'correction' AND l.list = '' ORDER BY l.invoice"""
_INVOICED: Final = """SELECT coalesce(sum(copies), 0) FROM invoice_lines
    WHERE list = ? AND list_line = ? AND list <> '' AND invoice <> ?"""


class _Candidate(msgspec.Struct, frozen=True):
    key: LineKey
    line: PackingLine
    kind: ListKind
    vendor: str


def with_keys(sql: Sql, content: Invoice, books: Books, ident: str = "") -> Invoice:
    """Return an invoice whose lines have their packing-list lines, and from these what the vendor did not say: order line,
    library, fund, title. `ident`: id of the invoice, if it is known already."""
    taken: dict[LineKey, int] = {}
    own = _own_list(sql, content, books)
    lines = []
    for line in content.lines:
        candidate = None
        if content.kind is not InvoiceKind.CORRECTION:
            candidate = _best(sql, line, content, own, books, ident, taken)
        if candidate is None:
            lines.append(msgspec.structs.replace(line, key=None))
            continue
        taken[candidate.key] = taken.get(candidate.key, 0) + line.copies
        lines.append(_filled(line, candidate))
    return msgspec.structs.replace(content, lines=tuple(lines))


def list_changed(sql: Sql, seq: int, _event: ev.PackingListImported | ev.PackingListReplaced) -> None:
    """Find the lines of open invoices that came before their list."""
    waiting = [str(row[0]) for row in sql.execute(_WITHOUT_LIST)]
    books = Books(sql) if waiting else None
    for ident in waiting:
        content = purchases.content_of(sql, ident)
        if content is None or books is None:
            continue
        fresh = with_keys(sql, content, books, ident).lines
        lines = tuple(old if old.key else new for old, new in zip(content.lines, fresh, strict=True))
        if lines != content.lines:
            purchases.put_content(sql, seq, ident, msgspec.structs.replace(content, lines=lines))


def _filled(line: InvoiceLine, candidate: _Candidate) -> InvoiceLine:
    listed = candidate.line
    return msgspec.structs.replace(
        line,
        key=candidate.key,
        order_line=line.order_line or listed.order_line,
        library=line.library or listed.library,
        fund=line.fund or listed.fund,
        title=line.title or listed.title,
    )


def _own_list(sql: Sql, content: Invoice, books: Books) -> tuple[_Candidate, ...]:
    """Return the lines of the vendor's list with the invoice's number."""
    number = number_key(content.number)
    for ident, vendor, name in sql.execute(_LISTS):
        if number_key(name) == number and books.is_same_vendor(content.vendor, vendor):
            return tuple(map(_candidate, sql.execute(_OF_LIST, (ident,))))
    return ()


def _best(
    sql: Sql,
    line: InvoiceLine,
    content: Invoice,
    own: Sequence[_Candidate],
    books: Books,
    ident: str,
    taken: dict[LineKey, int],
) -> _Candidate | None:
    def is_open(candidate: _Candidate) -> bool:
        key = candidate.key
        (invoiced,) = sql.execute(_INVOICED, (key.list, key.line, ident)).fetchone()
        return int(invoiced) + taken.get(key, 0) < candidate.line.quantity

    fitting = [each for each in own if _fits(line, each.line)]
    if fitting:
        ranked = sorted(fitting, key=lambda each: (each.line.line != line.line, each.key in taken))
        return next((each for each in ranked if each.key not in taken), ranked[0])
    candidates = [
        each
        for statement, values in (
            (_WITH_ORDER_LINE, {"order_line": line.order_line}),
            (_WITH_NUMBER, {"numbers": json.dumps(line.numbers)}),
        )
        for each in map(_candidate, sql.execute(statement, values))
        if not each.vendor or books.is_same_vendor(content.vendor, each.vendor)
    ]
    shared = shared_copies.sharing(sql, line.order_line) if line.order_line else frozenset()
    named = [each for each in candidates if each.key in shared]
    unnamed = [each for each in candidates if not (line.order_line and each.line.order_line)]
    open_ones = [] if content.kind is InvoiceKind.CREDIT else [each for each in (*named, *unnamed) if is_open(each)]
    boxes = [each for each in (*open_ones, *named) if each.kind is ListKind.BOX]
    # a box that names no order line comes before the order; one that is invoiced already shows that it is
    return next(iter((*boxes, *(each for each in open_ones if each in named), *named, *open_ones, *candidates)), None)


def _fits(line: InvoiceLine, listed: PackingLine) -> bool:
    """Return True if a line of the invoice's own list is this line: no order line, number or title contradicts, and one of
    them agrees."""
    if line.order_line and listed.order_line:
        return line.order_line.casefold() == listed.order_line.casefold()
    if line.numbers and listed.numbers:
        return _meet(line.numbers, listed.numbers)
    if line.vendor_number and listed.vendor_number:
        return line.vendor_number == listed.vendor_number
    return line.line == listed.line


def _meet(first: Iterable[str], second: Iterable[str]) -> bool:
    return bool(set(first) & set(second))


def _candidate(row: Sequence[Any]) -> _Candidate:
    ident, line, content, kind, vendor = row
    return _Candidate(LineKey(ident, line), _LINE.decode(content), ListKind(kind), vendor)
