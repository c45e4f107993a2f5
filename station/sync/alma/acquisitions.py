"""Alma's acquisition services as functions: order lines, receipts, invoices. Invoices are only read.

Addresses, parameters and traps: docs/reference/systems.md#alma-acquisitions. Errors are those of `client`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final
from urllib.parse import quote, urlencode

import msgspec

from station.base.errors import Rejected
from station.base.sentence import Sentence
from station.base.text import clean
from station.domain.receiving.order_line import OrderLine
from station.sync.alma.client import API, AlmaClient, NoSuch
from station.sync.alma.codes import NO_SUCH_ORDER_LINE
from station.sync.alma.document import Fields, fields_of, rows, text
from station.sync.alma.order_line import order_line_of

PAGE: Final = 100
MOST_ROWS: Final = 2000
"""Most rows of a list that are read: 20 requests."""
_ITEM: Final = re.compile(r"/almaws/v1/bibs/[0-9]{1,30}/holdings/[0-9]{1,30}/items/([0-9]{1,30})\Z")


class Department(msgspec.Struct, frozen=True):
    """Where copies are received. Without it Alma chooses a department at random."""

    library: str
    code: str


class Acquisitions:
    """Order lines, receipts and invoices of one Alma."""

    def __init__(self, client: AlmaClient) -> None:
        self._client = client

    def order_line(self, number: str) -> OrderLine | None:
        """Return the order line; None if Alma has none with this number."""
        try:
            fields = self._fields(_line_path(number), NO_SUCH_ORDER_LINE)
        except NoSuch:
            return None
        return order_line_of(fields)

    def brief_lines(self, vendor: str) -> Iterator[OrderLine]:
        """Yield the vendor's order lines, without copies; "" = all that are active."""
        if vendor:
            path, asked = f"{API}/acq/vendors/{_segment(vendor)}/po-lines", {}
        else:
            path, asked = f"{API}/acq/po-lines", {"status": "ACTIVE", "order_by": "number"}
        return map(order_line_of, self._pages(path, asked, "po_line"))

    def item_paths(self, number: str) -> dict[str, str]:
        """Return the addresses of the order line's items, by their number (pid)."""
        paths = (_ITEM.search(_link(row)) for row in self._pages(f"{_line_path(number)}/items", {}, "item"))
        return {path[1]: path[0] for path in paths if path is not None}

    def invoices(self, query: str) -> Iterator[Fields]:
        """Yield the invoices that a search finds, without lines."""
        return self._pages(f"{API}/acq/invoices/", {"q": query, "view": "brief"}, "invoice")

    def invoice_lines(self, invoice: str) -> Iterator[Fields]:
        """Yield the lines of an invoice, by Alma's number of it."""
        return self._pages(f"{API}/acq/invoices/{_segment(invoice)}/lines", {}, "invoice_line")

    def receive(self, number: str, pid: str, item: bytes, department: Department, day: str) -> None:
        """Receive an item that Alma has for the order line. `item`: the whole object, which replaces Alma's."""
        self._receive(f"{_line_path(number)}/items/{quote(pid, safe='')}", item, department, day, {"op": "receive"})

    def receive_new(self, number: str, item: bytes, department: Department, day: str) -> None:
        """Make and receive a new item of a continuous order."""
        self._receive(f"{_line_path(number)}/items", item, department, day, {})

    def _receive(self, path: str, item: bytes, department: Department, day: str, more: dict[str, str]) -> None:
        query = more | {
            "department": department.code,
            "department_library": department.library,
            "receive_date": f"{day}Z",
        }
        self._client.post(f"{path}?{urlencode(query)}", item, "document")

    def _fields(self, path: str, unknown: str = "") -> Fields:
        return fields_of(self._client.ask(path, wants="document", unknown=unknown).body)

    def _pages(self, path: str, query: dict[str, str], name: str) -> Iterator[Fields]:
        offset = 0
        while offset < MOST_ROWS:
            page = self._fields(f"{path}?{urlencode(query | {'limit': str(PAGE), 'offset': str(offset)})}")
            page_rows = list(rows(page, name, f"{name}s"))
            yield from page_rows
            offset += len(page_rows)
            if not page_rows or offset >= _total(page):
                return


def _total(page: Fields) -> int:
    total = text(page, "total_record_count", 12)
    return int(total) if total.isascii() and total.isdigit() else 0


def _link(item: Fields) -> str:
    """Return the address of an item, as written: the host is not used."""
    link = item.get("link")
    return link if isinstance(link, str) else ""


def _line_path(number: str) -> str:
    return f"{API}/acq/po-lines/{_segment(number)}"


def _segment(name: str) -> str:
    """Return a number as a part of an address. Raises `Rejected` for one that would be another address."""
    if not name.strip(".") or len(name) > 100:
        raise Rejected(Sentence("alma.no-number", number=repr(clean(name, 60))))
    return quote(name, safe="")
