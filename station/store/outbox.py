"""The outbox: deliveries that wait for a library system, each in a state that survives the station.

A lane (system, barcode) is served in the order of the journal. A parked delivery no longer holds up its lane: what is
sent are absolute values, so a later result of the same item makes an earlier one needless.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Any

import msgspec

from station.errors import StoreCorrupt, StoreError
from station.events import DeliveryChanged
from station.ports import Delivery, DeliveryState, ResultIntent
from station.store.database import Sql, transaction, translated
from station.store.journal import JournalStore

_INTENT: msgspec.json.Decoder[ResultIntent] = msgspec.json.Decoder(ResultIntent)


class RetryAnswer(StrEnum):
    """What became of a request to send a delivery again."""

    QUEUED = "queued"
    """It waits to be sent."""
    UNKNOWN = "unknown"
    """There is no such delivery."""
    NOT_WAITING = "not-waiting"
    """It is neither parked nor deferred: delivered, in flight, in doubt or pending already."""
    SUPERSEDED = "superseded"
    """A later result of the same item has been delivered; sending this one would undo it."""


def delivery_of(row: Any) -> Delivery:
    """The delivery of one row: id, system, lane, state, intent, event_seq, at, attempts, detail."""
    delivery, system, lane, state, intent, seq, at, attempts, detail = row
    try:
        decoded = _INTENT.decode(intent)
    except msgspec.DecodeError as error:
        raise StoreCorrupt(f"delivery {delivery}: {error}") from error
    return Delivery(
        id=delivery,
        system=system,
        lane=lane,
        state=DeliveryState(state),
        intent=decoded,
        event_seq=seq,
        event_at=at,
        attempts=attempts,
        detail=detail,
    )


class OutboxStore:
    """`ports.Outbox` on one connection, in the thread that owns it."""

    def __init__(self, sql: Sql, journal: JournalStore) -> None:
        self._sql = sql
        self._journal = journal

    def heads(self, limit: int = 100) -> tuple[Delivery, ...]:
        """See `ports.Outbox.heads`. A lane whose first delivery is leased has no head."""
        with translated():
            rows = list(
                self._sql.execute(
                    "SELECT o.id, o.system, o.lane, o.state, o.intent, o.event_seq, e.at, o.attempts, o.detail "
                    "FROM outbox o JOIN events e ON e.seq = o.event_seq "
                    "WHERE o.state IN ('pending', 'deferred', 'in-doubt') AND NOT EXISTS ("
                    "  SELECT 1 FROM outbox b WHERE b.system = o.system AND b.lane = o.lane "
                    "  AND b.event_seq < o.event_seq AND b.state IN ('pending', 'leased', 'deferred', 'in-doubt')) "
                    "ORDER BY o.event_seq, o.system LIMIT ?",
                    (limit,),
                )
            )
        return tuple(delivery_of(row) for row in rows)

    def lease(self, delivery: str) -> Delivery:
        """See `ports.Outbox.lease`; `StoreError` when it does not wait."""
        with transaction(self._sql):
            found = self._find(delivery)
            if found.state not in (DeliveryState.PENDING, DeliveryState.DEFERRED, DeliveryState.IN_DOUBT):
                raise StoreError(f"delivery {delivery} is {found.state} and cannot be leased")
            self._sql.execute("UPDATE outbox SET state = 'leased', attempts = attempts + 1 WHERE id = ?", (delivery,))
            return self._find(delivery)

    def settle(self, delivery: str, state: DeliveryState, detail: str = "") -> None:
        """See `ports.Outbox.settle`; `StoreError` when it is not leased."""
        if state is DeliveryState.LEASED:
            raise ValueError("a lease ends in another state")
        with transaction(self._sql):
            found = self._find(delivery)
            if found.state is not DeliveryState.LEASED:
                raise StoreError(f"delivery {delivery} is {found.state}, not leased")
            self._change(found, state, detail)

    def recover(self) -> int:
        """See `ports.Outbox.recover`."""
        with transaction(self._sql):
            rows = list(self._sql.execute("SELECT id FROM outbox WHERE state = 'leased' ORDER BY event_seq, system"))
            for (delivery,) in rows:
                self._change(
                    self._find(delivery), DeliveryState.IN_DOUBT, "the station ended while this was being sent"
                )
            return len(rows)

    def retry(self, delivery: str) -> RetryAnswer:
        """Let a parked or deferred delivery be sent again, as a person asked."""
        with transaction(self._sql):
            return self._retry(delivery)

    def retry_parked(self) -> int:
        """The same for every parked delivery, oldest first; returns how many were queued."""
        with transaction(self._sql):
            rows = list(self._sql.execute("SELECT id FROM outbox WHERE state = 'parked' ORDER BY event_seq, system"))
            return sum(self._retry(delivery) is RetryAnswer.QUEUED for (delivery,) in rows)

    def _retry(self, delivery: str) -> RetryAnswer:
        row = self._row(delivery)
        if row is None:
            return RetryAnswer.UNKNOWN
        found = delivery_of(row)
        if found.state not in (DeliveryState.PARKED, DeliveryState.DEFERRED):
            return RetryAnswer.NOT_WAITING
        later = self._sql.execute(
            "SELECT 1 FROM outbox WHERE system = ? AND lane = ? AND event_seq > ? "
            "AND state IN ('delivered', 'leased', 'in-doubt')",
            (found.system, found.lane, found.event_seq),
        ).fetchone()
        if later is not None:
            return RetryAnswer.SUPERSEDED
        self._change(found, DeliveryState.PENDING, "")
        return RetryAnswer.QUEUED

    def _change(self, found: Delivery, state: DeliveryState, detail: str) -> None:
        self._sql.execute("UPDATE outbox SET state = ?, detail = ? WHERE id = ?", (state, detail, found.id))
        self._journal.append([DeliveryChanged(delivery=found.id, system=found.system, state=str(state), detail=detail)])

    def _find(self, delivery: str) -> Delivery:
        row = self._row(delivery)
        if row is None:
            raise StoreError(f"there is no delivery {delivery}")
        return delivery_of(row)

    def _row(self, delivery: str) -> Any:
        return self._sql.execute(
            "SELECT o.id, o.system, o.lane, o.state, o.intent, o.event_seq, e.at, o.attempts, o.detail "
            "FROM outbox o JOIN events e ON e.seq = o.event_seq WHERE o.id = ?",
            (delivery,),
        ).fetchone()
