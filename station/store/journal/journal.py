"""The journal: append-only events with their hash chain, projections and deliveries, in one transaction."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Final

import msgspec

from station.base.clock import Clock
from station.base.errors import ChangedMeanwhile, OnlyLooks, StoreCorrupt, StoreTooNew
from station.base.sentence import Sentence
from station.base.sentence_json import encode_sentence
from station.domain import events as ev
from station.domain.corrections.correction import Correction
from station.domain.deliveries import intents
from station.domain.deliveries.delivery import Delivery, DeliveryState, NewDelivery
from station.domain.findings import RuleText
from station.domain.item import Barcode, OpenSet, Unjudged
from station.domain.item_state import StateSince
from station.domain.journal_copy import CopiedDelivery
from station.domain.people.sign_on import MACHINE
from station.domain.ports import Binding, SamplingFacts
from station.domain.receiving.order_line import ReceiptRules
from station.domain.subject import Subject
from station.domain.tag_image import Uid
from station.domain.withdrawals.withdrawal import NO_RULES, WithdrawRules
from station.store.database import decoding
from station.store.database.database import Sql, transaction, translated
from station.store.journal import hash_chain
from station.store.journal.outbox_rows import add_delivery, change_delivery
from station.store.projections import (
    box_steps,
    corrections,
    item_states,
    open_sets,
    order_lines,
    packing_lists,
    presence,
    projections,
    pull_steps,
    purchase_steps,
    receipts,
    sampling,
    shipment_steps,
    subjects,
    transfer_steps,
    unjudged,
    withdrawal_steps,
    workers,
)

_NEWEST_RULES: Final = "SELECT seq, hash FROM events WHERE kind = 'rules-in-force' ORDER BY seq DESC LIMIT 1"
_NEWEST_RECORD: Final = (
    "SELECT seq, kind, payload FROM events WHERE json_extract(CAST(payload AS TEXT), '$.barcode') = ? "
    "AND kind IN ('item-scanned', 'checklist-began') ORDER BY seq DESC LIMIT 1"
)

_DELIVERIES_OF: Final = "SELECT id, system, state, attempts FROM outbox WHERE event_seq = ? ORDER BY system, place"
_JUDGED_SINCE: Final = (
    "SELECT 1 FROM events WHERE json_extract(CAST(payload AS TEXT), '$.barcode') = ? AND kind = 'item-judged' "
    "AND seq > ?"
)

NO_RECEIPTS: Final = ReceiptRules()
RulesOf = Callable[[str], ev.RulesInForce]
Kinds = frozenset[type[ev.Event]]

_INTENT = msgspec.json.Encoder(order="sorted", enc_hook=encode_sentence)


def _not_before(at: str, wait_s: float) -> str:
    """Return the earliest time to send a delivery of an event of this time."""
    if not wait_s:
        return ""
    return (datetime.fromisoformat(at) + timedelta(seconds=wait_s)).isoformat(timespec="microseconds")


class _Rules(msgspec.Struct, frozen=True):
    """The newest rules of the journal, valid while its newest rules event has this number and hash."""

    seq: int
    hash: bytes
    event: ev.RulesInForce
    texts: Mapping[str, RuleText]


class JournalStore:
    """Implements `ports.Journal` on one connection, in the thread that owns it."""

    def __init__(
        self,
        sql: Sql,
        clock: Clock,
        rules: RulesOf | None = None,
        taken: Kinds | None = None,
        receipt_rules: ReceiptRules = NO_RECEIPTS,
        withdraw_rules: WithdrawRules = NO_RULES,
    ) -> None:
        """`rules`: returns the rules of a day (ISO 8601), the same at each call, which are journaled before the first
        finding under them. None = the recorded events have no rules. `taken`: the kinds of events that may be recorded;
        None = all. `receipt_rules`: how counted copies are received in a library system.
        `withdraw_rules`: what follows from a deletion."""
        self._sql = sql
        self._clock = clock
        self._rules = None if rules is None else lru_cache(1)(rules)
        self._newest_known: _Rules | None = None
        self._taken = taken
        self._receipt_rules = receipt_rules
        self._withdraw_rules = withdraw_rules
        self.deliveries = 0
        """Number of deliveries that were added, those of a transaction that failed included."""

    @property
    def journal_id(self) -> str:
        return hash_chain.journal_id(self._sql)

    def record(self, *events: ev.AnyEvent, deliveries: Sequence[NewDelivery] = ()) -> int:
        """Implement `ports.Journal.record`. After an error none of the events is stored (or all of them, if the medium
        misreports)."""
        if not events:
            raise ValueError("record needs at least one event")
        with transaction(self._sql):
            for event in events:
                withdrawal_steps.require_erasable(self._sql, event)
            return self.append(events, deliveries)

    def append(self, events: Sequence[ev.AnyEvent], deliveries: Sequence[NewDelivery] = ()) -> int:
        """Append events inside the caller's transaction. Raises `OnlyLooks` for a kind that is not taken."""
        if self._taken is not None and not self._taken.issuperset(map(type, events)):
            raise OnlyLooks()
        journal = self.journal_id
        seq, prev = hash_chain.last(self._sql, journal)
        if any(isinstance(event, ev.Judging) for event in events):
            events = (*self._changed_rules(), *events)
        rows = [(d.system, d.lane, _INTENT.encode(d.intent)) for d in deliveries]
        for index, event in enumerate(events, start=1):
            seq += 1
            if not event.operator:
                event = msgspec.structs.replace(event, operator=MACHINE)
            if isinstance(event, ev.TimelineBegan):
                journal = event.journal
            at, kind, payload = self._clock.now(), ev.kind(event), self._stored(event)
            digest = hash_chain.deliveries_digest(rows) if index == len(events) else b""
            value = hash_chain.event_hash(prev, journal, seq, at, kind, digest, payload)
            self._sql.execute(
                "INSERT INTO events (seq, at, kind, payload, deliveries, hash) VALUES (?, ?, ?, ?, ?, ?)",
                (seq, at, kind, payload, digest, value),
            )
            projections.apply(self._sql, seq, event)
            prev = value
        self.deliveries += len(rows)
        places: Counter[str] = Counter()
        for (system, lane, intent), new in zip(rows, deliveries, strict=True):
            place = places[system]
            places[system] += 1
            row = CopiedDelivery(system, place, lane, intent, _not_before(at, new.wait_s))
            add_delivery(self._sql, journal, seq, row, new.intent)
        return seq

    def append_change(self, delivery: Delivery, change: ev.DeliveryChanged) -> int:
        """Append a change of a delivery with what follows from it, inside the caller's transaction. Return the change's
        number."""
        sql, day, state = self._sql, self._clock.day, DeliveryState(change.state)
        seq = self.append((change,), receipts.of_arrival(sql, delivery, state, self._receipt_rules))
        change_delivery(self._sql, seq, change)
        for ended in withdrawal_steps.of_delivery(sql, delivery, change, self._withdraw_rules, day):
            self.append((ended,))
        for moved in transfer_steps.of_delivery(sql, delivery, change):
            self.append((moved,))
        for shown in receipts.of_refusal(sql, delivery, state, day, change.operator, change.via):
            self.append((shown,))
        if state in receipts.WAITING and receipts.is_gone(sql, delivery):
            self._discard(delivery.id, delivery.system, Sentence("store.copy-gone"), change.operator)
        return seq

    def _discard(self, delivery: str, system: str, detail: Sentence, operator: str) -> None:
        gone = ev.DeliveryChanged(
            delivery=delivery, system=system, state=DeliveryState.DISCARDED, detail=detail, operator=operator
        )
        change_delivery(self._sql, self.append((gone,)), gone)

    def take_back(self, event: ev.VerdictTakenBack, *also: ev.AnyEvent) -> bool:
        """Implement `ports.Journal.take_back`."""
        with transaction(self._sql):
            if not self._is_newest_verdict(event):
                return False
            rows = list(self._sql.execute(_DELIVERIES_OF, (event.judged,)))
            if any(state != DeliveryState.PENDING or attempts for _, _, state, attempts in rows):
                return False
            detail = Sentence("store.taken-back")
            for delivery, system, _, _ in rows:
                self._discard(delivery, system, detail, event.operator)
            self.append((*also, event))
        return True

    def _is_newest_verdict(self, event: ev.VerdictTakenBack) -> bool:
        """Return False if the verdict was taken back already, or was given again (after a waiver)."""
        stands = self._sql.execute("SELECT 1 FROM judgements WHERE seq = ?", (event.judged,)).fetchone()
        again = self._sql.execute(_JUDGED_SINCE, (event.barcode, event.judged)).fetchone()
        return stands is not None and again is None

    def unjudged(self) -> tuple[Unjudged, ...]:
        with translated():
            return unjudged.unjudged(self._sql)

    def _changed_rules(self) -> tuple[ev.RulesInForce, ...]:
        """Return today's rules, unless they are already the newest in the journal."""
        if self._rules is None:
            return ()
        now, known = self._rules(self._clock.day()), self._newest_rules()
        if known is not None and (known.event.digest, known.event.rules) == (now.digest, now.rules):
            return ()
        return (now,)

    def _stored(self, event: ev.AnyEvent) -> bytes:
        """Encode an event. Data that earlier events already hold is stored as a reference to them."""
        if not isinstance(event, ev.Judging):
            return ev.encode(event)
        known = self._newest_rules()
        rules = None if known is None else (known.seq, known.texts)
        return ev.encode(event, rules, None if isinstance(event, ev.CheckAnswered) else self._item_in(event))

    def _newest_rules(self) -> _Rules | None:
        """Return the newest rules. They are decoded once: they are some 19 kB, and every answered check refers to
        them."""
        newest = self._sql.execute(_NEWEST_RULES).fetchone()
        if newest is None:
            return None
        seq, value = int(newest[0]), bytes(newest[1])
        known = self._newest_known
        if known is None or (known.seq, known.hash) != (seq, value):
            row = self._sql.execute("SELECT kind, payload FROM events WHERE seq = ?", (seq,)).fetchone()
            event = decoding.Decoder(self._sql)(seq, row[0], bytes(row[1]))
            if not isinstance(event, ev.RulesInForce):
                return None
            known = self._newest_known = _Rules(seq, value, event, decoding.by_id(event))
        return known

    def _item_in(self, event: ev.ItemJudged | ev.WithdrawalJudged) -> int | None:
        """Return the number of the event that took up the item, if its record is still the same."""
        row = self._sql.execute(_NEWEST_RECORD, (event.barcode,)).fetchone()
        if row is None:
            return None
        stored = decoding.Decoder(self._sql)(row[0], row[1], bytes(row[2]))
        same = isinstance(stored, ev.ItemScanned | ev.WithdrawalBegan) and stored.item == event.item
        return int(row[0]) if same else None

    def order(
        self,
        *events: ev.Ordered,
        results: Sequence[tuple[ev.ItemJudged, Sequence[NewDelivery]]] = (),
        expects: int | None = None,
    ) -> int:
        """Implement `ports.Journal.order`. Each event is checked in the state that the events before it leave."""
        seq = 0
        with transaction(self._sql):
            if expects is not None and (done := self._done_since(events, expects)):
                return done
            for event in events:
                follows: tuple[NewDelivery, ...] = ()
                if isinstance(event, ev.PersonEvent):
                    workers.check(self._sql, event)
                elif isinstance(event, ev.PackingListStep):
                    event = packing_lists.permitted(self._sql, event)
                elif isinstance(event, ev.ShipmentStep):
                    event = shipment_steps.permitted(self._sql, event, self._clock.day)
                elif isinstance(event, ev.PurchaseStep):
                    event = purchase_steps.permitted(self._sql, event)
                elif isinstance(event, ev.DistributionStep):
                    event = box_steps.permitted(self._sql, event)
                elif isinstance(event, ev.WithdrawalStep):
                    event = withdrawal_steps.permitted(self._sql, event)
                    follows = withdrawal_steps.follows(event)
                elif isinstance(event, ev.PullStep):
                    event = pull_steps.permitted(self._sql, event)
                elif isinstance(event, ev.TransferStepEvent):
                    event = transfer_steps.permitted(self._sql, event)
                    follows = transfer_steps.follows(event)
                elif not isinstance(event, ev.Reported):
                    corrections.check(self._sql, event)
                if isinstance(event, ev.DeliveryOrdered):
                    receipts.check(self._sql, event)
                    withdrawal_steps.check(event)
                    follows = (NewDelivery(event.system, intents.lane(event.intent), event.intent),)
                elif isinstance(event, ev.Added):
                    follows = receipts.of_added(self._sql, event, self._receipt_rules, self._clock.day)
                elif isinstance(event, ev.OrderLineRead) and (known := order_lines.known_since(self._sql, event)):
                    seq = known
                    continue
                elif isinstance(event, ev.PresenceRead) and not presence.is_news(self._sql, event):
                    continue
                seq = self.append((event,), follows)
                if isinstance(event, ev.CountUndone | ev.CopyReturned):
                    self._let_go(event)
                if isinstance(event, ev.WithdrawalStep):
                    self._leave(event, seq)
                if isinstance(event, ev.TransferStepEvent):
                    for delivery, system, why in transfer_steps.given_up(self._sql, event):
                        self._discard(delivery, system, why, event.operator)
                if isinstance(event, ev.ShipmentStep):
                    for shown in shipment_steps.follows(self._sql, seq, event, self._clock.day):
                        self.append((shown,))
                elif isinstance(event, ev.PurchaseStep):
                    for shown in purchase_steps.follows(self._sql, seq, event, self._clock.day):
                        self.append((shown,))
            for result, deliveries in results:
                seq = self.append((result,), deliveries)
        return seq

    def _leave(self, event: ev.WithdrawalStep, seq: int) -> None:
        """Journal what follows from a step of a withdrawal: deletions that are given up, or the end of the item's time in
        the collection."""
        for delivery, system, why in withdrawal_steps.given_up(self._sql, event, seq):
            self._discard(delivery, system, why, event.operator)
        for ended in withdrawal_steps.of_step(self._sql, event, seq, self._withdraw_rules, self._clock.day):
            self.append((ended,))

    def _let_go(self, event: ev.CountUndone | ev.CopyReturned) -> None:
        """Discard the deliveries about a copy that is gone, and open the difference with the library system, if it may have
        received the copy."""
        waiting, shown = receipts.of_gone(self._sql, event, self._clock.day)
        for step in waiting:
            self._discard(step.id, step.system, Sentence("store.copy-gone"), event.operator)
        for difference in shown:
            self.append((difference,))

    def _done_since(self, events: Sequence[ev.Ordered], expects: int) -> int:
        """Return 0 if nothing that the order is about has an event after number `expects`. If the first such events are
        these very events, the order came twice: return the number of the last. Raises `ChangedMeanwhile`."""
        left: dict[Subject, list[int]] = {}
        newer: set[int] = set()
        matched = []
        for event in events:
            about = subjects.of_order(self._sql, event)
            for each in about:
                if each not in left:
                    left[each] = list(subjects.since(self._sql, each, expects))
                    newer.update(left[each])
            if about and left[about[0]] and self._is_stored(left[about[0]][0], event):
                matched.append(left[about[0]].pop(0))
        if not newer:
            return 0
        if len(matched) != len(events):
            raise ChangedMeanwhile.since_then(newer)
        return max(matched)

    def _is_stored(self, seq: int, event: ev.AnyEvent) -> bool:
        (row,) = self._sql.execute("SELECT payload FROM events WHERE seq = ?", (seq,))
        return bytes(row[0]) == ev.encode(event if event.operator else msgspec.structs.replace(event, operator=MACHINE))

    def correction(self, name: str) -> Correction | None:
        with translated():
            return corrections.by_id(self._sql, name)

    def open_sets(self) -> tuple[OpenSet, ...]:
        with translated():
            return open_sets.open_sets(self._sql)

    def open_corrections(self, barcode: Barcode) -> tuple[Correction, ...]:
        with translated():
            return corrections.open_for(self._sql, barcode)

    def sampling_facts(self, barcode: Barcode, part: int, worker: str, vendor: str) -> SamplingFacts:
        with translated():
            return sampling.facts(self._sql, self._clock.day(), barcode, part, worker, vendor)

    def check_kinds(self) -> None:
        """Raise `StoreTooNew` for a journal that holds events of a newer program."""
        with translated():
            kinds = {str(row[0]) for row in self._sql.execute("SELECT DISTINCT kind FROM events")}
        if unknown := sorted(kinds - ev.KINDS):
            raise StoreTooNew(Sentence("store.event.unknown-kinds", kinds=", ".join(unknown)))

    def open_attempt(self, uid: Uid) -> ev.TagWriteStarted | None:
        attempts = self._attempts(
            "SELECT e.seq, e.kind, e.payload FROM attempts a JOIN events e ON e.seq = a.seq "
            "WHERE a.ended IS NULL AND a.uid = ? ORDER BY a.seq DESC LIMIT 1",
            (uid,),
        )
        return attempts[0] if attempts else None

    def interruption(self, attempt: ev.TagWriteStarted) -> ev.TagWriteInterrupted | None:
        with translated():
            rows = list(
                self._sql.execute(
                    "SELECT seq, kind, payload FROM events WHERE kind = 'tag-write-interrupted' AND seq > "
                    "(SELECT seq FROM attempts WHERE attempt = ?) ORDER BY seq DESC",
                    (attempt.attempt,),
                )
            )
        decode = decoding.Decoder(self._sql)
        events = (decode(seq, kind, bytes(payload)) for seq, kind, payload in rows)
        interrupted = (
            event for event in events if isinstance(event, ev.TagWriteInterrupted) and event.attempt == attempt.attempt
        )
        return next(interrupted, None)

    def open_security(self) -> ev.SecurityWriteStarted | None:
        """Implement `ports.Journal.open_security`. One bench changes one tag at a time, so only the newest can be
        open."""
        newest: dict[str, int] = {}
        with translated():
            for kind in ("started", "verified", "interrupted"):
                (number,) = self._sql.execute("SELECT max(seq) FROM events WHERE kind = ?", (f"security-write-{kind}",))
                newest[kind] = int(number[0] or 0)
            if newest["started"] <= max(newest["verified"], newest["interrupted"]):
                return None
            (row,) = self._sql.execute("SELECT seq, kind, payload FROM events WHERE seq = ?", (newest["started"],))
        event = decoding.Decoder(self._sql)(row[0], row[1], bytes(row[2]))
        return event if isinstance(event, ev.SecurityWriteStarted) else None

    def open_attempts(self) -> tuple[ev.TagWriteStarted, ...]:
        return self._attempts(
            "SELECT e.seq, e.kind, e.payload FROM attempts a JOIN events e ON e.seq = a.seq "
            "WHERE a.ended IS NULL ORDER BY a.seq",
            (),
        )

    def _attempts(self, statement: str, parameters: Sequence[str]) -> tuple[ev.TagWriteStarted, ...]:
        attempts = []
        with translated():
            rows = list(self._sql.execute(statement, parameters))
        decode = decoding.Decoder(self._sql)
        for seq, kind, payload in rows:
            event = decode(seq, kind, bytes(payload))
            if not isinstance(event, ev.TagWriteStarted):
                raise StoreCorrupt(Sentence("store.event.no-start", number=seq, kind=kind))
            attempts.append(event)
        return tuple(attempts)

    def binding_of(self, uid: Uid) -> Binding | None:
        with translated():
            row = self._sql.execute("SELECT uid, barcode, part, parts FROM bindings WHERE uid = ?", (uid,)).fetchone()
        return None if row is None else Binding(*row)

    def bindings_for(self, barcode: Barcode) -> tuple[Binding, ...]:
        """Implement `ports.Journal.bindings_for`. In the order of parts."""
        with translated():
            rows = list(
                self._sql.execute(
                    "SELECT uid, barcode, part, parts FROM bindings WHERE barcode = ? ORDER BY part", (barcode,)
                )
            )
        return tuple(Binding(*row) for row in rows)

    def state_of(self, barcode: Barcode) -> StateSince | None:
        with translated():
            return item_states.state_of(self._sql, barcode)

    def passed_by(self, barcode: Barcode, part: int) -> str:
        with translated():
            row = self._sql.execute(
                "SELECT worker, failed FROM judgements WHERE barcode = ? AND part = ? ORDER BY seq DESC LIMIT 1",
                (barcode, part),
            ).fetchone()
        return str(row[0]) if row is not None and not row[1] else ""

    def passed_parts(self, barcode: Barcode) -> frozenset[int]:
        with translated():
            rows = list(
                self._sql.execute(
                    "SELECT part FROM judgements j WHERE barcode = ? AND failed = 0 AND NOT EXISTS (SELECT 1 FROM judgements k "
                    "WHERE k.barcode = j.barcode AND k.part = j.part AND k.seq > j.seq) ORDER BY part",
                    (barcode,),
                )
            )
        return frozenset(int(row[0]) for row in rows)
