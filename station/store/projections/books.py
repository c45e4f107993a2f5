"""Account plan, vendors and orders of the site, read once for many invoices."""

from __future__ import annotations

from collections.abc import Iterator

from station.domain.invoices.invoice import Invoice, InvoiceLine
from station.domain.invoices.order import PurchaseOrder
from station.domain.receiving.vendor import Vendor
from station.store.database.database import Sql
from station.store.projections import purchases, shipments


class Books:
    """Account plan, vendors and orders, as of one moment."""

    def __init__(self, sql: Sql) -> None:
        self.plan = purchases.plan(sql)
        self.plan_seq = purchases.plan_seq(sql)
        self.orders = purchases.orders(sql)
        """By number, with the number of the event that holds the content."""
        self._vendors = {name: vendor for vendor in shipments.vendors(sql) for name in vendor.known_as}
        self._numbers = {_plain(number): number for number in self.orders}

    def vendor(self, name: str) -> Vendor | None:
        """Return the vendor with this id, name or code."""
        return self._vendors.get(_plain(name))

    def names(self, vendor: str) -> frozenset[str]:
        """Return the names of a vendor in lower case; an unknown vendor has one."""
        known = self.vendor(vendor)
        return frozenset({_plain(vendor)}) if known is None else known.known_as

    def is_same_vendor(self, first: str, second: str) -> bool:
        return _plain(second) in self.names(first)

    def currency(self, stated: str) -> str:
        """Return a currency; "" = the site's."""
        return stated or self.plan.currency

    def order(self, number: str) -> PurchaseOrder | None:
        """Return the order with this number, in whatever case."""
        recorded = self.orders.get(self._numbers.get(_plain(number), ""))
        return None if recorded is None else recorded[0]

    def order_of_line(self, order_line: str, vendor: str) -> PurchaseOrder | None:
        """Return the vendor's order with the longest number that the order line begins with (`order.pays`)."""
        for number in _beginnings(order_line):
            order = self.order(number)
            if order is not None and self.is_same_vendor(vendor, order.vendor):
                return order
        return None

    def order_that_pays(self, invoice: Invoice, line: InvoiceLine) -> tuple[str, PurchaseOrder | None]:
        """Return the number of the order that pays a line, and the order; "" = none pays it. No order with a number: the
        vendor has no such order."""
        if named := line.order or invoice.order:
            order = self.order(named)
            if order is not None and self.is_same_vendor(invoice.vendor, order.vendor):
                return order.number, order
            return named, None
        order = self.order_of_line(line.order_line, invoice.vendor)
        return ("", None) if order is None else (order.number, order)


def _beginnings(order_line: str) -> Iterator[str]:
    """Yield the order line, and what is before each "/" and "-", the longest first."""
    line = order_line.strip()
    yield line
    for place in range(len(line) - 1, 0, -1):
        if line[place] in "/-":
            yield line[:place]


def _plain(name: str) -> str:
    return name.strip().casefold()
