"""Alma's acquisitions as a part of Alma of its own: receipts and work orders of received copies, order lines, invoices. It has
the key, the limits and the ledger of requests of `system.Alma`, and looks up no items."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

from station.base import settings
from station.base.clock import Clock
from station.base.credentials import Secret
from station.base.errors import BarcodeUnknown, Rejected
from station.base.sentence import Sentence
from station.domain.deliveries.delivery import Check, Confirmation, Delivery, Receipt, Sending, unwitnessed
from station.domain.deliveries.intents import KeepIntent, ReceiveIntent, kind
from station.domain.invoices.system_invoice import SystemInvoice
from station.domain.item import Barcode
from station.domain.receiving.order_line import OrderLine
from station.sync.alma.acquisitions import Acquisitions, Department
from station.sync.alma.check import order_checks
from station.sync.alma.client import AlmaClient, Place
from station.sync.alma.document import text
from station.sync.alma.invoices import invoice_of
from station.sync.alma.keeping import Keeping
from station.sync.alma.receipts import Receipts
from station.sync.courier.shared_quota import Quota

NAME: Final = "alma-orders"


class AlmaOrders:
    """The acquisitions of one institution's Alma. Parameters: see `system.Alma`."""

    side_by_side = 2
    kinds = frozenset({"receive", "keep"})

    def __init__(
        self,
        config: settings.Alma,
        key: Callable[[], Secret],
        clock: Clock,
        *,
        name: str = NAME,
        quota: Quota | None = None,
    ) -> None:
        self.name = name
        self.client = AlmaClient(
            config.base_url,
            key,
            clock,
            requests_per_second=config.requests_per_second,
            timeout_s=config.timeout_s,
            daily_reserve=config.daily_reserve,
            quota=quota,
        )
        orders = config.orders
        self._place = Place(
            library=orders.library,
            department=orders.department,
            work_order_type=orders.work_order_type,
            status=orders.status,
        )
        self._acquisitions = Acquisitions(self.client)
        department = Department(orders.library, orders.department)
        self._receipts = Receipts(self.client, self._acquisitions, department)
        self._keeping = Keeping(self.client, self._place)

    def close(self) -> None:
        """Close idle connections."""
        self.client.close()

    def deliver(self, delivery: Delivery, sending: Sending = unwitnessed) -> Receipt:
        match delivery.intent:
            case ReceiveIntent():
                return self._receipts.deliver(delivery, sending)
            case KeepIntent():
                return self._keeping.deliver(delivery, sending)
        raise Rejected(Sentence("alma.cannot", kind=kind(delivery.intent)))

    def confirm(self, delivery: Delivery) -> Confirmation:
        if isinstance(delivery.intent, KeepIntent):
            return self._keeping.confirm(delivery)
        return self._receipts.confirm(delivery)

    def check(self) -> tuple[Check, ...]:
        """Implement `ports.DeliverySystem.check`: does it answer, may the key receive, do library and department
        exist?"""
        return order_checks(self.client, self._place)

    def order_line(self, number: str) -> OrderLine | None:
        return self._acquisitions.order_line(number)

    def order_lines_of(self, vendor_reference: str, vendor: str = "") -> tuple[OrderLine, ...]:
        """Implement `ports.OrderLines.order_lines_of`. Alma documents no search by the vendor's numbers, so the lines of the
        vendor are looked through, or all that are active, up to a limit."""
        numbers = [
            line.number
            for line in self._acquisitions.brief_lines(vendor)
            if line.vendor_reference.casefold() == vendor_reference.strip().casefold()
        ]
        whole = map(self._acquisitions.order_line, numbers)
        return tuple(line for line in whole if line is not None)

    def order_line_of_item(self, barcode: Barcode) -> OrderLine | None:
        try:
            item = self.client.item(barcode)
        except BarcodeUnknown:
            return None
        number = item.raw("po_line")
        return self._acquisitions.order_line(number) if number else None

    def invoices(self, number: str) -> tuple[SystemInvoice, ...]:
        return tuple(
            invoice_of(fields, self._acquisitions.invoice_lines(text(fields, "id", 60)))
            for fields in self._acquisitions.invoices(f"invoice_number~{_words(number)}")
            if text(fields, "number", 100) == number
        )


def _words(term: str) -> str:
    """Return a text as one term of a search: Alma joins words by underscores, and reads other marks as its syntax."""
    return "_".join(re.sub(r"[~,;|()\"]", " ", term).split())
