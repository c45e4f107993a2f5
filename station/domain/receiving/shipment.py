"""A shipment as it stands: cartons opened together, their lists, and the copies counted."""

from __future__ import annotations

import msgspec

from station.domain.packing_lists.packing_list import LineKey, ListKind, PackingLine
from station.domain.receiving.counting import CountOutcome, Purpose


class AddedCopy(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What figures ask about a copy that became part of the collection."""

    title: str = ""
    record_id: str = ""
    """Number of the record in the catalog; "" = none yet."""
    library: str = ""
    material: str = ""
    """As `ItemRecord.material`."""
    fund: str = ""
    price: str = ""
    """An amount, as written: see `amount.amount_of`."""
    vendor: str = ""
    order_line: str = ""
    title_effect: int | None = None
    """1 = first copy of the title in the library, 0 = a further copy; None = unknown."""


class Count(msgspec.Struct, frozen=True, kw_only=True):
    """One counted copy."""

    id: int
    """Number of the event."""
    shipment: str
    key: LineKey | None
    outcome: CountOutcome
    title: str
    number: str
    """What was scanned, or the line's first number."""
    faults: tuple[str, ...] = ()
    """`CopyFault`s."""
    barcode: str = ""
    """Our barcode; "" = not stuck on yet."""
    listed_barcode: str = ""
    """The barcode that the vendor names for this copy."""
    library: str = ""
    order_line: str = ""
    returned: bool = False
    undone: bool = False
    at: str = ""
    """Time of the count, ISO 8601, UTC."""
    by: str = ""
    """Id of the person who counted."""

    @property
    def is_here(self) -> bool:
        return not (self.undone or self.returned)


class ShipmentLine(msgspec.Struct, frozen=True, kw_only=True):
    """A line that the shipment should hold."""

    key: LineKey
    line: PackingLine
    kind: ListKind
    ordered: int | None = None
    """Copies of its order line that are ordered, by the imported orders, else by packing lists; None = unknown."""
    here: int
    """Copies counted on the line, in all shipments."""
    returned: int = 0
    """Copies that were counted on it and sent back."""
    here_now: int
    """Copies counted on it in this shipment."""

    @property
    def lacks(self) -> int:
        """Return the number of copies that have not come. One that was sent back had come."""
        return max(self.line.quantity - self.here - self.returned, 0)


class Shipment(msgspec.Struct, frozen=True, kw_only=True):
    """A shipment in short."""

    id: str
    purpose: Purpose
    vendor: str
    carton: str
    lists: tuple[str, ...]
    """Ids of packing lists."""
    names: tuple[str, ...]
    """Numbers of these lists, as the vendor writes them."""
    donor: str
    plan: str
    """Lease plan."""
    opened_at: str
    """ISO 8601, UTC."""
    closed_at: str
    """"" = open."""
    listed: int
    """Copies that its lists name."""
    counted: int
    """Copies counted in it."""
    matched: int
    """Those of them that its lists name, and that stay."""
    differences: int
    """Open differences."""
    newest: int
    """Number of the newest event about it."""


def shipment_id(seq: int) -> str:
    """Return the id of the shipment that the event with this number opened."""
    return f"shipment-{seq}"


def difference_id(seq: int) -> str:
    return f"difference-{seq}"


def claim_id(seq: int) -> str:
    return f"claim-{seq}"
