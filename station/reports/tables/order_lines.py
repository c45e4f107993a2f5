"""Order lines as the library system has them, and invoices beside those of the library system, as tables."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from station.base.sentence import Sentence
from station.domain.invoices.comparison import Mismatch
from station.domain.receiving.order_line import OrderLine
from station.reports.tables.table import Column, Kind, Place, Table, table

_FILES: Final = Place.FILES
_YES: Final = "office.filter.yes"
_ORDER_LINE: Final = Sentence("shipment.head.order-line")


def order_lines(rows: Sequence[OrderLine], today: str) -> Table:
    """Return order lines, in this order. `today`: ISO 8601 date."""
    return table(
        (
            Column("title", Sentence("office.head.title"), Kind.TITLE, sorts=True),
            Column("state", Sentence("receipt.head.in-alma"), Kind.STATUS, "receipt.line", sorts=True),
            Column("ordered", Sentence("shipment.head.ordered"), Kind.COUNT),
            Column("received", Sentence("receipt.head.received"), Kind.COUNT),
            Column("expected", Sentence("receipt.head.expected"), Kind.DAY, sorts=True),
            Column("rush", Sentence("receipt.head.rush"), Kind.FLAG, _YES),
            Column("receiving_note", Sentence("receipt.head.note")),
            Column("vendor_note", Sentence("receipt.head.vendor-note"), only=_FILES),
            Column("status", Sentence("shipment.head.state"), only=_FILES, part_of="state"),
            Column("vendor", Sentence("shipment.head.vendor")),
            Column("vendor_reference", Sentence("shipment.head.reference"), only=_FILES, part_of="vendor"),
            Column("order", Sentence("invoice.head.order"), only=_FILES),
            Column("price", Sentence("shipment.head.price"), only=_FILES),
            Column("id", _ORDER_LINE, Kind.CODE),
        ),
        [
            (
                row.title,
                row.standing(today),
                row.quantity,
                sum(bool(copy.received) for copy in row.copies),
                row.expected,
                row.rush,
                row.receiving_note,
                row.vendor_note,
                row.status,
                row.vendor,
                row.vendor_reference,
                row.order,
                row.price,
                row.number,
            )
            for row in rows
        ],
        id_at=13,
    )


def mismatch_table(rows: Sequence[Mismatch]) -> Table:
    """Return the differences between an invoice and the library system's."""
    return table(
        (
            Column("difference", Sentence("shipment.head.difference")),
            Column("kind", Sentence("shipment.head.kind"), Kind.CODE),
            Column("order_line", _ORDER_LINE, Kind.CODE),
            Column("ours", Sentence("office.head.number"), Kind.CODE),
            Column("theirs", Sentence("office.head.number"), Kind.CODE),
        ),
        [(row.words, row.kind.value, row.order_line, row.ours, row.theirs) for row in rows],
    )
