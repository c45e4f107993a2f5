"""An outbox in memory, and a library system that follows the test's script."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

import msgspec

from station.base.sentence import EMPTY, Sentence
from station.domain.deliveries.delivery import (
    NO_REASON,
    Check,
    Confirmation,
    Delivery,
    DeliveryState,
    Receipt,
    Sending,
    Why,
    unwitnessed,
)
from station.domain.deliveries.intents import KINDS, ResultIntent
from station.domain.findings import Finding, Outcome, Severity
from station.domain.item import Barcode, ItemRecord
from station.domain.verdict import Verdict

OPEN = (DeliveryState.PENDING, DeliveryState.DEFERRED, DeliveryState.IN_DOUBT)
ENDED = (DeliveryState.DELIVERED, DeliveryState.PARKED, DeliveryState.DISCARDED)


def delivery(number: int, lane: str = "39074000218412", system: str = "alma", failed: tuple[str, ...] = ()) -> Delivery:
    findings = tuple(Finding(rule, rule, Severity.MAJOR, Outcome.FAIL, "machine") for rule in failed)
    intent = ResultIntent(
        barcode=lane, uid="E004015012345678", part=1, parts=1, verdict=Verdict.FAIL if failed else Verdict.PASS,
        findings=findings, operator="op",
    )  # fmt: skip
    return Delivery(
        id=f"j1-{number}-{system}", system=system, lane=lane, state=DeliveryState.PENDING, intent=intent,
        event_seq=number, event_at="2026-11-24T10:00:00.000000+00:00",
    )  # fmt: skip


class MemoryOutbox:
    """`ports.Outbox` in memory; `fail` is raised by the next settle."""

    def __init__(self, *rows: Delivery) -> None:
        self.rows: dict[str, Delivery] = {row.id: row for row in rows}
        self.fail: Exception | None = None
        self.leases: list[str] = []

    def add(self, row: Delivery) -> None:
        self.rows[row.id] = row

    def heads(self, limit: int = 100, system: str | None = None) -> tuple[Delivery, ...]:
        found: dict[tuple[str, str], Delivery] = {}
        for row in self.rows.values():
            if row.state not in ENDED and system in (None, row.system):
                found.setdefault((row.system, row.lane), row)
        return tuple(row for row in found.values() if row.state in OPEN)[:limit]

    def waiting(self) -> dict[str, int]:
        return dict(Counter(row.system for row in self.rows.values() if row.state not in ENDED))

    def parked(self) -> int:
        return sum(row.state is DeliveryState.PARKED for row in self.rows.values())

    def lease(self, key: str) -> Delivery | None:
        row = self.rows[key]
        if row not in self.heads(len(self.rows)):
            return None
        self.leases.append(key)
        self.rows[key] = msgspec.structs.replace(row, state=DeliveryState.LEASED, attempts=row.attempts + 1)
        return self.rows[key]

    def sending(self, key: str, witness: str) -> None:
        assert self.rows[key].state is DeliveryState.LEASED
        self.rows[key] = msgspec.structs.replace(self.rows[key], sent=True, witness=witness)

    def settle(self, key: str, state: DeliveryState, detail: Sentence = EMPTY, *, why: Why = NO_REASON) -> None:
        if self.fail is not None:
            error, self.fail = self.fail, None
            raise error
        assert self.rows[key].state is DeliveryState.LEASED
        sent = state is DeliveryState.IN_DOUBT or why.doubtful
        self.rows[key] = msgspec.structs.replace(
            self.rows[key], state=state, detail=detail, sent=sent, witness=self.rows[key].witness if sent else "",
            reason=why.reason, body=why.body, sides=why.sides,
        )  # fmt: skip

    def recover(self) -> int:
        leased = [row for row in self.rows.values() if row.state is DeliveryState.LEASED]
        for row in leased:
            state = DeliveryState.IN_DOUBT if row.sent else DeliveryState.DEFERRED
            self.rows[row.id] = msgspec.structs.replace(row, state=state)
        return len(leased)

    def states(self) -> list[str]:
        return [row.state.value for row in self.rows.values()]


class ScriptedSystem:
    """Answers each call with the next entry of `script` (an exception, or None for success), then with success.

    Deliberately not idempotent: `effects` gets an entry for each sending, so that a blind resend shows.
    """

    kinds = KINDS

    def __init__(
        self, name: str = "alma", script: list[BaseException | None] | None = None, side_by_side: int = 1
    ) -> None:
        self.name = name
        self.side_by_side = side_by_side
        self.script = list(script or [])
        self.effects: list[str] = []
        self.confirms: list[str] = []
        self.calls = 0
        self.before: Callable[[Delivery], None] = lambda _: None

    def look_up(self, barcode: Barcode) -> ItemRecord:
        return ItemRecord(barcode=barcode)

    def deliver(self, delivery: Delivery, sending: Sending = unwitnessed) -> Receipt:
        self.calls += 1
        sending("")
        self.before(delivery)
        error = self.script.pop(0) if self.script else None
        if error is not None:
            raise error
        self.effects.append(delivery.id)
        return Receipt(Sentence.verbatim("done"))

    def confirm(self, delivery: Delivery) -> Confirmation:
        self.confirms.append(delivery.id)
        error = self.script.pop(0) if self.script else None
        if error is not None:
            raise error
        return Confirmation.LANDED if delivery.id in self.effects else Confirmation.NOT_LANDED

    def check(self) -> tuple[Check, ...]:
        return ()
