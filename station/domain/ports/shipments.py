"""Shipments: what the bench reads at the open carton."""

from __future__ import annotations

from collections.abc import Collection
from typing import Protocol

from station.domain.events import CopyCounted
from station.domain.packing_lists.packing_list import LineKey, ListStanding
from station.domain.receiving.counting import OpenLine
from station.domain.receiving.difference import Difference
from station.domain.receiving.order_line import OrderLine
from station.domain.receiving.shipment import Count, Shipment, ShipmentLine
from station.domain.receiving.vendor import Vendor


class Shipments(Protocol):
    """Read access to shipments, their lines and counts. Calls may block for milliseconds. Raises `StoreError`."""

    def shipments(self) -> tuple[Shipment, ...]:
        """Return the open shipments, the oldest first."""
        ...

    def shipment(self, ident: str) -> Shipment | None: ...

    def shipment_with_carton(self, carton: str) -> str:
        """Return the id of the open shipment with this carton; "" = none."""
        ...

    def lists_of_carton(self, carton: str) -> tuple[str, ...]:
        """Return the ids of the open lists that name a carton."""
        ...

    def lists_to_open(self, limit: int) -> tuple[str, ...]:
        """Return the ids of the newest open lists of boxes that no shipment, open or closed, holds."""
        ...

    def packing_lists(self) -> tuple[ListStanding, ...]:
        """Return all lists, open and closed."""
        ...

    def vendors(self) -> tuple[Vendor, ...]: ...

    def shipment_lines(self, now: Shipment) -> tuple[ShipmentLine, ...]:
        """Return the lines that the shipment should hold, in the vendor's order."""
        ...

    def shipment_line(self, now: Shipment, key: LineKey) -> ShipmentLine | None:
        """Return one line of any list."""
        ...

    def lines_for_copy(self, now: Shipment, event: CopyCounted) -> tuple[OpenLine, ...]:
        """Return the lines of open lists that fit a copy before it is counted."""
        ...

    def line_proposals(self, now: Shipment, words: Collection[str]) -> tuple[OpenLine, ...]:
        """Return open lines whose title has all these words."""
        ...

    def counts_of(self, ident: str, last: int = 2**63 - 1) -> tuple[Count, ...]:
        """Return the counts of a shipment, the newest first; only the `last` ones."""
        ...

    def count(self, seq: int) -> Count | None: ...

    def count_of_item(self, barcode: str) -> Count | None:
        """Return the newest count of the copy that carries our barcode, if that count was not undone."""
        ...

    def differences_of_count(self, count: int) -> tuple[Difference, ...]: ...

    def may_be_received(self, count: int) -> bool:
        """Return True if the library system has received the counted copy, or may have."""
        ...

    def order_line(self, number: str) -> OrderLine | None:
        """Return the order line as the library system had it when it was last read."""
        ...


class NoShipments:
    """Null `Shipments`."""

    def shipments(self) -> tuple[Shipment, ...]:
        return ()

    def shipment(self, ident: str) -> Shipment | None:
        return None

    def shipment_with_carton(self, carton: str) -> str:
        return ""

    def lists_of_carton(self, carton: str) -> tuple[str, ...]:
        return ()

    def lists_to_open(self, limit: int) -> tuple[str, ...]:
        return ()

    def packing_lists(self) -> tuple[ListStanding, ...]:
        return ()

    def vendors(self) -> tuple[Vendor, ...]:
        return ()

    def shipment_lines(self, now: Shipment) -> tuple[ShipmentLine, ...]:
        return ()

    def shipment_line(self, now: Shipment, key: LineKey) -> ShipmentLine | None:
        return None

    def lines_for_copy(self, now: Shipment, event: CopyCounted) -> tuple[OpenLine, ...]:
        return ()

    def line_proposals(self, now: Shipment, words: Collection[str]) -> tuple[OpenLine, ...]:
        return ()

    def counts_of(self, ident: str, last: int = 2**63 - 1) -> tuple[Count, ...]:
        return ()

    def count(self, seq: int) -> Count | None:
        return None

    def count_of_item(self, barcode: str) -> Count | None:
        return None

    def differences_of_count(self, count: int) -> tuple[Difference, ...]:
        return ()

    def may_be_received(self, count: int) -> bool:
        return False

    def order_line(self, number: str) -> OrderLine | None:
        return None
