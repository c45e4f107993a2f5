"""Acts of people in the journal, after the check of their proofs: in the running station, or under its lock."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import msgspec

from station.base.errors import ControlRefused
from station.base.sentence import Sentence
from station.domain.events import Ordered
from station.domain.people.rights import Right
from station.domain.people.sign_on import By
from station.runtime.identity.proof import Identity
from station.runtime.order_offers import carry_out
from station.runtime.socket.wire import Decided
from station.store.owner import Store

MOST_ORDERS: Final = 200
"""Events of one request."""


def order(
    store: Store,
    identity: Identity,
    events: Sequence[Ordered],
    by: By,
    systems: Sequence[str],
    scan_in: Sequence[str],
    expects: int | None = None,
) -> int:
    """Journal orders, all or none. Return the number of the last event. Raises what `Identity.require_for` and
    `carry_out` raise, and `ControlRefused` for no or too many events."""
    if not 0 < len(events) <= MOST_ORDERS:
        raise ControlRefused(Sentence("control.too-many-orders", most=MOST_ORDERS))
    if by.via:
        events = [msgspec.structs.replace(event, via=by.via) for event in events]
    identity.require_for(events, by.claims, by.session)
    return carry_out(store, events, systems, scan_in, expects)


def decide(store: Store, identity: Identity, decided: Decided, by: By, expects: int | None = None) -> str:
    """Carry out a decision about a delivery. Return the outcome (`RetryAnswer`). Raises what `Identity.require` and
    `OutboxStore.decide` raise."""
    lender = {decided.authorised} - {""}
    identity.require({decided.operator} | lender, by.claims, by.session, Right.SETTLE, lender)
    answer = store.outbox.decide(
        decided.delivery,
        decided.decision,
        decided.operator,
        decided.reason,
        decided.authorised,
        via=by.via,
        expects=expects,
    )
    return answer.value


def retry(store: Store, identity: Identity, delivery: str | None, by: By, expects: int | None = None) -> int:
    """Make a parked delivery due again (None: all). Return how many. Raises what `Identity.require` raises, and
    `ChangedMeanwhile`."""
    identity.require({by.operator}, by.claims, by.session, Right.PROCESS)
    return store.retry(delivery, by.operator, by.via, expects)
