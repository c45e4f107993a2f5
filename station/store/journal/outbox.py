"""The outbox: deliveries that wait for a library system, each in a state that survives a restart.

A lane (system, barcode) is served in the order of the journal. A parked delivery no longer holds up its lane:
deliveries are absolute statements, so a later one about the same thing makes an earlier one unnecessary (`slots`), and
sending the earlier one after it would undo it. The earlier one is no longer sent. It stays parked, with its reason,
until a person gives it up. The data for a person's decision about a parked delivery is in the journal, in the event
that `changed_seq` names.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from typing import Any, Final

import msgspec

from station.base.errors import ChangedMeanwhile, StoreCorrupt, StoreError
from station.base.sentence import EMPTY, Sentence
from station.base.sentence_json import decode_sentence
from station.base.text import clean
from station.domain import events as ev
from station.domain.deliveries.delivery import NO_REASON, Delivery, DeliveryState, Why
from station.domain.deliveries.intents import Decision, Intent, WithdrawIntent
from station.domain.events import DeliveryChanged
from station.domain.subject import Subject, SubjectKind
from station.store.database.database import Sql, transaction, translated
from station.store.journal.journal import JournalStore
from station.store.projections import subjects, workers

_INTENT: msgspec.json.Decoder[Intent] = msgspec.json.Decoder(Intent, dec_hook=decode_sentence)

ROW: Final = (
    "SELECT o.id, o.system, o.lane, o.state, o.intent, o.event_seq, o.place, o.not_before, e.at, o.attempts, "
    "o.witness, c.payload "
    "FROM outbox o JOIN events e ON e.seq = o.event_seq LEFT JOIN events c ON c.seq = o.changed_seq "
)
"""Columns that `delivery_of` reads."""
_DECISIONS: Final = {decision.value: decision for decision in Decision}
_FIRST: Final = (
    "o.state IN ('pending', 'leased', 'deferred', 'in-doubt') AND o.state <> 'leased' AND NOT EXISTS ("
    "  SELECT 1 FROM outbox b WHERE b.system = o.system AND b.lane = o.lane AND b.event_seq <= o.event_seq "
    "  AND (b.event_seq < o.event_seq OR b.place < o.place) "
    "  AND b.state IN ('pending', 'leased', 'deferred', 'in-doubt')) "
    "AND NOT EXISTS (SELECT 1 FROM outbox r WHERE r.holds = o.lane AND r.holds <> '' "
    "  AND r.state IN ('pending', 'leased', 'deferred', 'in-doubt')) "
)
"""The first of its lane. A delivery about an item waits for the item's receipt: until then no system knows the barcode."""
_HEADS: Final = ROW + "WHERE " + _FIRST + "ORDER BY o.event_seq, o.system, o.place LIMIT ?"
_HEADS_OF_ONE: Final = (
    ROW.replace("FROM outbox o", "FROM outbox o INDEXED BY outbox_line")
    + "WHERE o.system = ? AND "
    + _FIRST
    + "ORDER BY o.event_seq, o.place LIMIT ?"
)
_IS_FIRST: Final = ROW + "WHERE o.id = ? AND " + _FIRST
_COUNTS: Final = (
    "SELECT system, count(*) FROM outbox WHERE state IN ('pending', 'leased', 'deferred', 'in-doubt') GROUP BY system"
)
_WAITING: Final = (
    "SELECT id FROM outbox WHERE state IN ('pending', 'leased', 'deferred', 'in-doubt') "
    "ORDER BY event_seq, system, place"
)
_UNSEEN: Final = (
    "UPDATE outbox SET witness = coalesce(witness, '') "
    "WHERE state IN ('pending', 'leased', 'deferred', 'in-doubt', 'parked')"
)
"""Marks deliveries that may have been sent, with an unknown state before that."""
_ONE: Final = ROW + "WHERE o.id = ?"


class RetryAnswer(StrEnum):
    """Result of a request to send a delivery again."""

    QUEUED = "queued"
    """It waits to be sent. If it may have been sent already, that is looked up first."""
    UNKNOWN = "unknown"
    """There is no such delivery."""
    NOT_WAITING = "not-waiting"
    """It is neither parked nor deferred: delivered, in flight, in doubt or already pending."""
    SUPERSEDED = "superseded"
    """A later delivery about the same thing was sent, or may have been; sending this one would undo it."""


def delivery_of(row: Any) -> Delivery:
    """Return the delivery of one row of `ROW`."""
    name, system, lane, state, intent, seq, place, not_before, at, attempts, witness, changed = row
    try:
        decoded = _INTENT.decode(intent)
        change = ev.decode(bytes(changed)) if changed is not None else None
    except msgspec.DecodeError as error:
        raise StoreCorrupt(Sentence("store.delivery-broken", delivery=name, why=clean(str(error)))) from error
    last_change = (
        change if isinstance(change, DeliveryChanged) else DeliveryChanged(delivery=name, system=system, state=state)
    )
    return Delivery(
        id=name,
        system=system,
        lane=lane,
        state=DeliveryState(state),
        intent=decoded,
        event_seq=seq,
        place=place,
        not_before=not_before,
        event_at=at,
        attempts=attempts,
        detail=last_change.detail,
        sent=witness is not None,
        witness=witness or "",
        reason=last_change.reason,
        body=last_change.body,
        sides=last_change.sides,
        decision=_DECISIONS.get(last_change.decision),
    )


class OutboxStore:
    """Implements `ports.Outbox` on one connection, in the thread that owns it."""

    def __init__(self, sql: Sql, journal: JournalStore, keep: Callable[[int], object] = lambda _seq: None) -> None:
        """`keep`: called with the number of a delivery's event before the delivery may be sent."""
        self._sql = sql
        self._journal = journal
        self._keep = keep

    def heads(self, limit: int = 100, system: str | None = None) -> tuple[Delivery, ...]:
        """Implement `ports.Outbox.heads`. For one system the cost does not depend on how many deliveries wait behind
        these."""
        with translated():
            if system is None:
                rows = list(self._sql.execute(_HEADS, (limit,)))
            else:
                rows = list(self._sql.execute(_HEADS_OF_ONE, (system, limit)))
        return tuple(delivery_of(row) for row in rows)

    def waiting(self) -> dict[str, int]:
        with translated():
            return {str(system): int(count) for system, count in list(self._sql.execute(_COUNTS))}

    def parked(self) -> int:
        """Implement `ports.Outbox.parked`. Answered from an index."""
        with translated():
            return int(self._sql.execute("SELECT count(*) FROM outbox WHERE state = 'parked'").fetchone()[0])

    def lease(self, delivery: str) -> Delivery | None:
        """Implement `ports.Outbox.lease`. Raises `StoreError` if there is no such delivery."""
        with translated():
            self._keep(self._find(delivery).event_seq)
        with transaction(self._sql):
            if self._sql.execute(_IS_FIRST, (delivery,)).fetchone() is None:
                return None
            self._sql.execute("UPDATE outbox SET state = 'leased', attempts = attempts + 1 WHERE id = ?", (delivery,))
            return self._find(delivery)

    def sending(self, delivery: str, witness: str) -> None:
        """Implement `ports.Outbox.sending`. Raises `StoreError` if the delivery is not leased."""
        with transaction(self._sql):
            self._leased(delivery)
            self._sql.execute("UPDATE outbox SET witness = ? WHERE id = ?", (witness, delivery))

    def settle(self, delivery: str, state: DeliveryState, detail: Sentence = EMPTY, *, why: Why = NO_REASON) -> None:
        """Implement `ports.Outbox.settle`. Raises `StoreError` if the delivery is not leased."""
        if state is DeliveryState.LEASED:
            raise ValueError("a lease ends in another state")
        with transaction(self._sql):
            leased = self._leased(delivery)
            if state is DeliveryState.IN_DOUBT or why.doubtful:
                self._sql.execute("UPDATE outbox SET witness = coalesce(witness, '') WHERE id = ?", (delivery,))
            elif state is not DeliveryState.DELIVERED:
                self._sql.execute("UPDATE outbox SET witness = NULL WHERE id = ?", (delivery,))
            self._change(leased, state, detail, why)

    def recover(self) -> int:
        with transaction(self._sql):
            rows = list(self._sql.execute("SELECT id FROM outbox WHERE state = 'leased' ORDER BY event_seq, system"))
            for (delivery,) in rows:
                leased = self._find(delivery)
                if leased.sent:
                    self._change(leased, DeliveryState.IN_DOUBT, Sentence("store.ended-sending"))
                else:
                    self._change(leased, DeliveryState.DEFERRED, Sentence("store.ended-before"))
            return len(rows)

    def doubt(self) -> int:
        """Mark undelivered deliveries as doubtful, inside the caller's transaction, since a lost part of the journal
        may have sent them. Waiting ones are looked up before they are sent; parked ones when they are tried again.
        Return the number that wait."""
        self._sql.execute(_UNSEEN)
        rows = list(self._sql.execute(_WAITING))
        for (delivery,) in rows:
            self._change(self._find(delivery), DeliveryState.IN_DOUBT, Sentence("store.lost-part"))
        return len(rows)

    def retry(self, delivery: str, operator: str = "", via: str = "", expects: int | None = None) -> RetryAnswer:
        """Let a parked or deferred delivery be tried again on behalf of a person (`operator`, an id). Never sends
        blind: if it may have been sent, that is looked up first. `expects`: as for `decide`."""
        with transaction(self._sql):
            if expects is not None and self._done_since(delivery, expects, operator, None, ""):
                return RetryAnswer.QUEUED
            return self._retry(delivery, operator, via)

    def retry_parked(self, operator: str = "", via: str = "") -> int:
        """Retry every parked delivery, oldest first. Return the number queued."""
        with transaction(self._sql):
            rows = list(self._sql.execute("SELECT id FROM outbox WHERE state = 'parked' ORDER BY event_seq, system"))
            return sum(self._retry(delivery, operator, via) is RetryAnswer.QUEUED for (delivery,) in rows)

    def decide(
        self,
        delivery: str,
        decision: Decision,
        operator: str,
        reason: str = "",
        authorised: str = "",
        *,
        via: str = "",
        expects: int | None = None,
    ) -> RetryAnswer:
        """Carry out a person's decision about a delivery that is not in flight and not ended. Return `QUEUED` also if
        the decision ends it. The caller cleans all texts. `expects`: number of the delivery's newest event that the
        person has seen. Raises `WorkError` if `operator` (an id, or the name of an unregistered person) may not decide,
        or `authorised`, who lends the right, and `ChangedMeanwhile`."""
        with transaction(self._sql):
            workers.check_decision(self._sql, operator, authorised)
            if expects is not None and self._done_since(delivery, expects, operator, decision, reason):
                return RetryAnswer.QUEUED
            row = self._row(delivery)
            if row is None:
                return RetryAnswer.UNKNOWN
            waiting = delivery_of(row)
            if waiting.state not in (
                DeliveryState.PARKED,
                DeliveryState.DEFERRED,
                DeliveryState.IN_DOUBT,
                DeliveryState.PENDING,
            ):
                return RetryAnswer.NOT_WAITING
            state = DeliveryState.DISCARDED
            if decision is Decision.SEND_OURS:
                if waiting.state is not DeliveryState.PARKED:
                    return RetryAnswer.NOT_WAITING
                if self._superseded(waiting):
                    return RetryAnswer.SUPERSEDED
                state = DeliveryState.PENDING
                if not isinstance(waiting.intent, WithdrawIntent):  # whether an item is gone is looked up first
                    self._sql.execute("UPDATE outbox SET witness = NULL WHERE id = ?", (delivery,))
            waiting = msgspec.structs.replace(waiting, decision=decision)
            self._change(
                waiting,
                state,
                Sentence.verbatim(reason),
                Why(reason=waiting.reason, sides=waiting.sides),
                operator,
                authorised,
                via,
            )
            return RetryAnswer.QUEUED

    def _done_since(self, delivery: str, expects: int, operator: str, decision: Decision | None, reason: str) -> bool:
        """Return whether the delivery's first event after number `expects` is this very act: it came twice. `decision`:
        None = to try again. Raises `ChangedMeanwhile` for any other event since."""
        numbers = subjects.since(self._sql, Subject(SubjectKind.DELIVERY, delivery), expects)
        if not numbers:
            return False
        (row,) = self._sql.execute("SELECT payload FROM events WHERE seq = ?", (numbers[0],))
        first = ev.decode(bytes(row[0]))
        if not isinstance(first, DeliveryChanged) or first.operator != operator:
            raise ChangedMeanwhile.since_then(numbers)
        if decision is not None:
            same = (first.decision, first.detail) == (decision, Sentence.verbatim(reason))
        else:
            same = first.decision == "" and first.state in (DeliveryState.PENDING, DeliveryState.IN_DOUBT)
        if not same:
            raise ChangedMeanwhile.since_then(numbers)
        return True

    def _retry(self, delivery: str, operator: str, via: str) -> RetryAnswer:
        row = self._row(delivery)
        if row is None:
            return RetryAnswer.UNKNOWN
        waiting = delivery_of(row)
        if waiting.state not in (DeliveryState.PARKED, DeliveryState.DEFERRED):
            return RetryAnswer.NOT_WAITING
        if self._superseded(waiting):
            return RetryAnswer.SUPERSEDED
        if waiting.state is DeliveryState.PARKED:
            waiting = msgspec.structs.replace(waiting, decision=None, sides=())
        state = DeliveryState.IN_DOUBT if waiting.sent else DeliveryState.PENDING
        self._change(waiting, state, EMPTY, operator=operator, via=via)
        return RetryAnswer.QUEUED

    def _superseded(self, delivery: Delivery) -> bool:
        if not delivery.intent.slots:
            return False
        later = self._sql.execute(
            "SELECT intent FROM outbox WHERE system = ? AND lane = ? AND event_seq >= ? "
            "AND (event_seq > ? OR place > ?) AND state IN ('delivered', 'leased', 'in-doubt')",
            (delivery.system, delivery.lane, delivery.event_seq, delivery.event_seq, delivery.place),
        )
        return any(_INTENT.decode(bytes(row[0])).slots & delivery.intent.slots for row in list(later))

    def _change(
        self,
        delivery: Delivery,
        state: DeliveryState,
        detail: Sentence,
        why: Why = NO_REASON,
        operator: str = "",
        authorised: str = "",
        via: str = "",
    ) -> None:
        """Journal the change and update the row. A decision stays with the delivery until it has ended."""
        sides = why.sides
        decided = delivery.decision if state is not DeliveryState.PARKED else None
        if decided is Decision.SEND_OURS and state is not DeliveryState.DELIVERED and not sides:
            sides = delivery.sides  # the data that the deciding person saw
        event = DeliveryChanged(
            delivery=delivery.id,
            system=delivery.system,
            state=str(state),
            detail=detail,
            reason=why.reason,
            body=why.body,
            sides=sides,
            decision=str(decided) if decided is not None else "",
            operator=operator,
            authorised=authorised,
            via=via,
        )
        self._journal.append_change(delivery, event)

    def _leased(self, delivery: str) -> Delivery:
        leased = self._find(delivery)
        if leased.state is not DeliveryState.LEASED:
            raise StoreError(Sentence("store.not-leased", delivery=delivery, state=leased.state))
        return leased

    def _find(self, delivery: str) -> Delivery:
        row = self._row(delivery)
        if row is None:
            raise StoreError(Sentence("store.no-delivery", delivery=delivery))
        return delivery_of(row)

    def _row(self, delivery: str) -> Any:
        return self._sql.execute(_ONE, (delivery,)).fetchone()
