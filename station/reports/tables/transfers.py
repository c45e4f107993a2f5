"""Transfers as a table, with their proofs."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

import msgspec

from station.base.sentence import Sentence
from station.domain.transfers.transfer import Shelf, Transfer
from station.domain.withdrawals.proof import Layer
from station.reports.tables.table import Column, Kind, Place, Table, table

PROOFS: Final = (Layer.SYSTEM, Layer.LABEL, Layer.TAG, Layer.PLACE)
"""Layers with a column each."""


class TransferFilter(msgspec.Struct, frozen=True, kw_only=True):
    """Which transfers are wanted. An empty field wants all."""

    step: str = ""
    """`TransferStep`."""
    library: str = ""
    """Code of the new library, in whatever case."""
    list: str = ""

    def wants(self, transfer: Transfer) -> bool:
        return (
            (not self.step or transfer.next_step == self.step)
            and (not self.library or transfer.wanted.library.casefold() == self.library.casefold())
            and (not self.list or transfer.list.casefold() == self.list.casefold())
        )


def shelf_words(shelf: Shelf) -> str:
    """Return a shelf in one line: library, location, call number."""
    return ", ".join(filter(None, (shelf.library, shelf.location, shelf.call_number)))


def transfers(rows: Iterable[Transfer]) -> Table:
    """Return transfers, in this order."""
    return table(
        (
            Column(
                "title", Sentence("office.head.title"), Kind.TITLE, sorts=True, leads_to="/transfers", leads_by="id"
            ),
            Column("barcode", Sentence("office.head.barcode"), Kind.ITEM),
            Column("before", Sentence("transfer.head.before")),
            Column("wanted", Sentence("transfer.head.wanted"), sorts=True),
            Column("step", Sentence("transfer.head.step"), Kind.STATUS, "transfer.step"),
            *(
                Column(layer.value, Sentence(f"transfer.head.{layer.value}"), Kind.STATUS, "transfer.proof")
                for layer in PROOFS
            ),
            Column("since", Sentence("office.head.since"), Kind.TIME, sorts=True),
            Column("owner", Sentence("transfer.head.owner"), Kind.PERSON),
            Column("list", Sentence("transfer.head.list"), sorts=True),
            Column("reason", Sentence("transfer.head.reason"), only=Place.FILES),
            Column("read_at", Sentence("transfer.head.read-at"), Kind.TIME, only=Place.FILES),
            Column("finished_at", Sentence("transfer.head.finished-at"), Kind.TIME, only=Place.FILES),
            Column("canceled_at", Sentence("transfer.head.canceled-at"), Kind.TIME, only=Place.FILES),
            Column("delivery", Sentence("office.head.number"), Kind.CODE),
            Column("id", Sentence("office.head.number"), Kind.CODE),
        ),
        [
            (
                row.title or row.barcode,
                row.barcode,
                shelf_words(row.before),
                shelf_words(row.wanted),
                row.next_step.value,
                *(row.proof(layer).state.value for layer in PROOFS),
                row.decided_at,
                row.owner,
                row.list,
                row.reason,
                row.read_at,
                row.finished_at,
                row.canceled_at,
                row.delivery,
                row.id,
            )
            for row in rows
        ],
        id_at=10 + len(PROOFS) + 2,
    )
