"""Rows of the outbox."""

from __future__ import annotations

from typing import Final

from station.domain.deliveries import intents
from station.domain.deliveries.intents import Intent
from station.domain.events import DeliveryChanged
from station.domain.journal_copy import CopiedDelivery
from station.store.database.database import Sql

_ADD: Final = (
    "INSERT INTO outbox (id, event_seq, place, system, lane, intent, not_before, holds, count_seq) "
    "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"
)


_CHANGE: Final = "UPDATE outbox SET state = ?, changed_seq = ? WHERE id = ?"


def change_delivery(sql: Sql, seq: int, change: DeliveryChanged) -> None:
    """Give the row of a delivery the state of event `seq`."""
    sql.execute(_CHANGE, (change.state, seq, change.delivery))


def add_delivery(sql: Sql, journal: str, seq: int, row: CopiedDelivery, intent: Intent) -> None:
    """Add the row of a delivery of event `seq`. `intent`: that of the row, decoded."""
    name = f"{journal}-{seq}-{row.system}" + (f"-{row.place}" if row.place else "")
    sql.execute(
        _ADD,
        (
            *(name, seq, row.place, row.system, row.lane, row.intent, row.not_before),
            intents.held_item(intent),
            intents.count_of(intent),
        ),
    )
