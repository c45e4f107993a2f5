"""Acts of people in the journal, after the check of their proofs: in the running station, or under its lock."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

import msgspec

from station.base.errors import (
    ControlRefused,
    NotAllowed,
    PinChangeNeeded,
    PinLocked,
    PinMissing,
    PinWait,
    PinWrong,
    ReceivingRefused,
    WorkError,
)
from station.base.sentence import Sentence
from station.domain.events import DifferenceEnded, FindingWaived, InvoiceSigned, Ordered, SignOnRefused
from station.domain.item_question import ItemAnswer, ItemQuestion
from station.domain.order_question import OrderAnswer, OrderQuestion
from station.domain.people.rights import Right, Role
from station.domain.people.sign_on import NOBODY, By, Why
from station.domain.ports import OrderLines
from station.runtime.identity.proof import Identity
from station.runtime.order_offers import carry_out
from station.runtime.order_reading import answer
from station.runtime.socket.wire import Decided
from station.store.owner import Store

if TYPE_CHECKING:
    from station.runtime.item_asking import ItemAsking

_REFUSALS: Final = frozenset(
    error.code for error in (NotAllowed, PinChangeNeeded, PinLocked, PinMissing, PinWait, PinWrong)
)
MOST_ORDERS: Final = 200
"""Events of one request."""
OKAY: Final = "okay"
"""In `receiving.two_people`: an okay to pay."""


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
    events = [_seconded(identity, _lent(identity, event, by), by) for event in events]
    if by.via:
        events = [msgspec.structs.replace(event, via=by.via) for event in events]
    with refusals_journaled(store, identity, by):
        identity.require_for(events, by.claims, by.session)
        return carry_out(store, events, systems, scan_in, expects)


def decide(store: Store, identity: Identity, decided: Decided, by: By, expects: int | None = None) -> str:
    """Carry out a decision about a delivery. Return the outcome (`RetryAnswer`). Raises what `Identity.require` and
    `OutboxStore.decide` raise."""
    decided = msgspec.structs.replace(decided, authorised=lender_of(identity, decided.authorised, by)[0])
    lender = {decided.authorised} - {""}
    with refusals_journaled(store, identity, by):
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


def _lent(identity: Identity, event: Ordered, by: By) -> Ordered:
    """Return the event with the id and the role of the person who lends the right."""
    ident, role = lender_of(identity, event.authorised, by)
    if ident == event.authorised:
        return event
    if isinstance(event, FindingWaived) and role is not None:
        return msgspec.structs.replace(event, authorised=ident, role=role)
    return msgspec.structs.replace(event, authorised=ident)


def _seconded(identity: Identity, event: Ordered, by: By) -> Ordered:
    """Return the event with the id of the second person, and whether that person is only a typed name. Raise
    `ReceivingRefused` if the site asks for a second person, and there is none."""
    if not isinstance(event, DifferenceEnded | InvoiceSigned):
        return event
    act = event.end.value if isinstance(event, DifferenceEnded) else OKAY
    second = lender_of(identity, event.second.strip(), by)[0]
    if not second and act in identity.needs_two:
        raise ReceivingRefused(Sentence("shipment.second-needed"))
    if second and second.casefold() == event.operator.casefold():
        raise ReceivingRefused(Sentence("shipment.second-same"))
    return msgspec.structs.replace(event, second=second, unproven=bool(second) and not identity.signs_on)


def lender_of(identity: Identity, name: str, by: By) -> tuple[str, Role | None]:
    """Return id and role of a person who lends a right and is named as in their claim, by login or card: a program
    without the file of names knows no ids. Any other name is returned as it is."""
    if name and any(claim.name == name for claim in by.claims):
        worker = identity.authenticator.named(name)
        if worker is not None:
            return worker.id, worker.role
    return name, None


def retry(store: Store, identity: Identity, delivery: str | None, by: By, expects: int | None = None) -> int:
    """Make a parked delivery due again (None: all). Return how many. Raises what `Identity.require` raises, and
    `ChangedMeanwhile`."""
    with refusals_journaled(store, identity, by):
        identity.require({by.operator}, by.claims, by.session, Right.PROCESS)
        return store.retry(delivery, by.operator, by.via, expects)


def read(store: Store, identity: Identity, system: OrderLines | None, question: OrderQuestion, by: By) -> OrderAnswer:
    """Ask the library system for order lines or an invoice, and journal the answer. Raises what `Identity.require` and
    `order_reading.answer` raise."""
    with refusals_journaled(store, identity, by):
        identity.require({by.operator}, by.claims, by.session, Right.PROCESS)
    reply, events = answer(system, store.queries, question, by.operator)
    for event in events:
        store.journal.order(msgspec.structs.replace(event, via=by.via))
    return reply


def ask_item(store: Store, identity: Identity, items: ItemAsking, question: ItemQuestion, by: By) -> ItemAnswer:
    """Ask the library system about an item. Raises what `Identity.require` and `ItemAsking.answer` raise."""
    with refusals_journaled(store, identity, by):
        identity.require({by.operator}, by.claims, by.session, Right.PROCESS)
    return items.answer(question)


@contextmanager
def refusals_journaled(store: Store, identity: Identity, by: By) -> Iterator[None]:
    """Journal a refused proof or right of a person at a desk, as the screens do. Commands journal none."""
    try:
        yield
    except WorkError as error:
        if by.via and error.code in _REFUSALS:
            who = identity.sessions.who(by.session) or NOBODY
            purpose = Why.AUTHORISE.value
            store.journal.record(SignOnRefused(worker=who, code=error.code, purpose=purpose, operator=who, via=by.via))
        raise
