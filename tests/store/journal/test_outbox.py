"""The outbox in the store: deliveries sent, decisions of a person, order within one event, and old journals."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import msgspec
import pytest

from station.base.errors import StoreError
from station.base.sentence import Sentence
from station.domain.deliveries.delivery import NO_REASON, DeliveryState, NewDelivery, Why
from station.domain.deliveries.intents import (
    Decision,
    FactsIntent,
    Intent,
    MembersIntent,
    NoteIntent,
    ResultIntent,
    ScanInIntent,
    Side,
    item_of,
)
from station.domain.events import DeliveryChanged
from station.domain.verdict import Verdict
from station.store.database import migrations
from station.store.journal import hash_chain
from station.store.journal.outbox import RetryAnswer
from station.store.owner import Store, open_store
from station.store.projections import projections
from tests.conftest import FakeClock
from tests.support import sample_events
from tests.support.told import raises_told, told

A, B = "31234000000015", "31234000000023"
CLASH = Why(reason="conflict", body="<a/>", sides=(Side("internal_note_1", "ours", "theirs"),))


@pytest.fixture
def store(tmp_path: Path, clock: FakeClock) -> Iterator[Store]:
    opened = open_store(tmp_path / "journal.db", clock)
    yield opened
    assert opened.close()


def result(store: Store, barcode: str = A) -> str:
    store.journal.record(sample_events.judged(barcode), deliveries=[sample_events.delivery("alma", barcode)])
    return store.queries.outbox_page()[0].id


def end(store: Store, name: str, state: DeliveryState, why: Why = NO_REASON, *, sent: bool = True) -> None:
    store.outbox.lease(name)
    if sent:
        store.outbox.sending(name, "before")
    store.outbox.settle(name, state, "because", why=why)


def row(store: Store, name: str):
    return next(found for found in store.queries.outbox_page() if found.id == name)


def test_what_died_before_anything_was_sent_is_not_in_doubt(store: Store) -> None:
    name = result(store)
    store.outbox.lease(name)
    assert store.outbox.recover() == 1
    assert (row(store, name).state, row(store, name).sent) == (DeliveryState.DEFERRED, False)
    end(store, name, DeliveryState.DELIVERED)
    assert store.queries.verify().ok


@pytest.mark.parametrize("dies_before_sending_again", [True, False])
def test_doubt_outlives_a_second_death(store: Store, dies_before_sending_again: bool) -> None:
    """It was leased again only to look, so the older sending is still the one that may have arrived."""
    name = result(store)
    end(store, name, DeliveryState.IN_DOUBT)
    store.outbox.lease(name)
    if not dies_before_sending_again:
        store.outbox.sending(name, "later")
    store.outbox.recover()
    found = row(store, name)
    assert found.state is DeliveryState.IN_DOUBT
    assert found.witness == ("before" if dies_before_sending_again else "later")


@pytest.mark.parametrize("state", [DeliveryState.DEFERRED, DeliveryState.PARKED])
def test_an_answer_that_says_no_ends_the_doubt(store: Store, state: DeliveryState) -> None:
    name = result(store)
    end(store, name, state)
    assert not row(store, name).sent
    assert store.outbox.retry(name) is RetryAnswer.QUEUED
    assert row(store, name).state is DeliveryState.PENDING


def test_a_retry_of_what_may_have_been_sent_looks_first(store: Store) -> None:
    name = result(store)
    end(store, name, DeliveryState.PARKED, Why(reason="cannot-tell", doubtful=True))
    assert store.outbox.retry(name) is RetryAnswer.QUEUED
    assert (row(store, name).state, row(store, name).witness) == (DeliveryState.IN_DOUBT, "before")


def test_doubt_without_a_witness_is_doubt(store: Store) -> None:
    name = result(store)
    end(store, name, DeliveryState.IN_DOUBT, sent=False)
    assert row(store, name).sent
    with raises_told(StoreError, match="not leased"):
        store.outbox.sending(name, "x")


def test_a_delivery_in_doubt_holds_up_the_later_ones_of_its_item(store: Store) -> None:
    """A later result must not overtake one that may still be in transit."""
    first, second = result(store), result(store)
    end(store, first, DeliveryState.IN_DOUBT)
    assert [head.id for head in store.outbox.heads()] == [first]
    assert [head.id for head in store.outbox.heads(10, "alma")] == [first]
    assert store.outbox.lease(second) is None
    end(store, first, DeliveryState.DELIVERED)
    assert [head.id for head in store.outbox.heads()] == [second]


def test_the_evidence_of_a_conflict_is_kept_for_a_person(store: Store) -> None:
    name = result(store)
    end(store, name, DeliveryState.PARKED, CLASH)
    found = row(store, name)
    assert (found.reason, found.body, found.sides) == ("conflict", "<a/>", CLASH.sides)
    event = store.queries.events()[-1].event
    assert isinstance(event, DeliveryChanged)
    assert event.sides == CLASH.sides


def test_what_waits_for_a_person_is_counted_until_somebody_decides(store: Store) -> None:
    """The count is made each second for the title line, among all deliveries ever made."""
    assert store.outbox.parked() == 0
    first, second = result(store, A), result(store, B)
    end(store, first, DeliveryState.PARKED)
    end(store, second, DeliveryState.DELIVERED)
    assert store.outbox.parked() == 1
    assert store.outbox.decide(first, Decision.KEEP_THEIRS, "ann") is RetryAnswer.QUEUED
    assert store.outbox.parked() == 0


def test_send_ours_goes_along_with_what_was_seen_until_it_has_ended(store: Store) -> None:
    name = result(store)
    end(store, name, DeliveryState.PARKED, CLASH)
    assert store.outbox.decide(name, Decision.SEND_OURS, "ann", "they know") is RetryAnswer.QUEUED
    assert row(store, name).state is DeliveryState.PENDING
    assert not row(store, name).sent
    for state in (DeliveryState.DEFERRED, DeliveryState.IN_DOUBT):
        end(store, name, state)
        assert (row(store, name).decision, row(store, name).sides) == (Decision.SEND_OURS, CLASH.sides)
    store.outbox.lease(name)
    store.outbox.recover()
    assert (row(store, name).decision, row(store, name).sides) == (Decision.SEND_OURS, CLASH.sides)
    end(store, name, DeliveryState.PARKED, CLASH)
    assert row(store, name).decision is None, "a new conflict must be decided again"
    assert store.queries.verify().ok


def test_send_ours_sends_although_an_earlier_try_may_have_arrived(store: Store) -> None:
    """The person has seen both sides, so the station does not look first."""
    name = result(store)
    end(store, name, DeliveryState.PARKED, msgspec.structs.replace(CLASH, doubtful=True))
    assert row(store, name).sent
    store.outbox.decide(name, Decision.SEND_OURS, "ann")
    assert (row(store, name).state, row(store, name).sent) == (DeliveryState.PENDING, False)


@pytest.mark.parametrize("decision", [Decision.KEEP_THEIRS, Decision.DISCARD])
@pytest.mark.parametrize("state", [DeliveryState.PARKED, DeliveryState.DEFERRED, DeliveryState.IN_DOUBT, None])
def test_a_discarded_delivery_is_journaled_with_its_operator_and_stays_so(
    store: Store, decision: Decision, state: DeliveryState | None
) -> None:
    name, later = result(store), result(store)
    if state is not None:
        end(store, name, state)
    assert store.outbox.decide(name, decision, "ann", "not needed") is RetryAnswer.QUEUED
    event = store.queries.events()[-1].event
    assert isinstance(event, DeliveryChanged)
    assert (event.state, event.decision, event.operator, told(event.detail)) == (
        "discarded",
        decision,
        "ann",
        "not needed",
    )
    assert [head.id for head in store.outbox.heads()] == [later]
    assert store.outbox.retry(name) is RetryAnswer.NOT_WAITING
    assert store.outbox.decide(name, Decision.SEND_OURS, "ann") is RetryAnswer.NOT_WAITING
    assert store.outbox.waiting() == {"alma": 1}
    assert store.queries.verify().ok


def test_what_is_in_flight_or_unknown_cannot_be_decided(store: Store) -> None:
    name = result(store)
    store.outbox.lease(name)
    assert store.outbox.decide(name, Decision.DISCARD, "ann") is RetryAnswer.NOT_WAITING
    assert store.outbox.decide("nothing", Decision.DISCARD, "ann") is RetryAnswer.UNKNOWN


def test_only_a_later_intent_about_the_same_thing_makes_an_earlier_one_needless(store: Store) -> None:
    store.journal.record(
        sample_events.judged(),
        deliveries=[
            sample_events.delivery("alma"),
            NewDelivery("alma", A, ScanInIntent(barcode=A, department="TS")),
            NewDelivery("alma", A, NoteIntent(barcode=A, text="repaired")),
        ],
    )
    first, scan, note = (f"{store.queries.head().journal_id}-1-alma{end}" for end in ("", "-1", "-2"))
    assert [head.id for head in store.outbox.heads()] == [first], "one lane must keep the order of the event"
    end(store, first, DeliveryState.PARKED)
    end(store, scan, DeliveryState.PARKED)
    end(store, note, DeliveryState.DELIVERED)
    assert store.outbox.retry(first) is RetryAnswer.QUEUED
    store.journal.record(sample_events.judged(), deliveries=[NewDelivery("alma", A, ScanInIntent(barcode=A, desk="D"))])
    end(store, first, DeliveryState.DELIVERED)
    end(store, store.queries.outbox_page()[0].id, DeliveryState.DELIVERED)
    assert store.outbox.retry(scan) is RetryAnswer.SUPERSEDED
    assert store.outbox.decide(scan, Decision.SEND_OURS, "ann") is RetryAnswer.SUPERSEDED


def two(store: Store, first: Intent, second: Intent, state: DeliveryState = DeliveryState.DELIVERED) -> RetryAnswer:
    """Park the first delivery and end the second with `state`; return the answer to a retry of the first."""
    for intent in (first, second):
        store.journal.record(sample_events.judged(), deliveries=[NewDelivery("alma", A, intent)])
    later, earlier = (found.id for found in store.queries.outbox_page())
    end(store, earlier, DeliveryState.PARKED)
    end(store, later, state)
    return store.outbox.retry(earlier)


def test_an_older_result_is_not_sent_over_a_newer_one_that_may_have_arrived(store: Store) -> None:
    older, newer = (
        ResultIntent(barcode=A, uid=sample_events.UID, part=1, parts=1, verdict=verdict)
        for verdict in (Verdict.FAIL, Verdict.PASS)
    )
    assert two(store, older, newer, DeliveryState.IN_DOUBT) is RetryAnswer.SUPERSEDED


def test_notes_add_up(store: Store) -> None:
    """The later note has another text, so the earlier one is still needed, and overwrites nothing."""
    assert two(store, NoteIntent(barcode=A, text="torn"), NoteIntent(barcode=A, text="mended")) is RetryAnswer.QUEUED


@pytest.mark.parametrize(("part", "answer"), [(2, RetryAnswer.QUEUED), (1, RetryAnswer.SUPERSEDED)])
def test_each_part_of_a_set_has_a_result_of_its_own(store: Store, part: int, answer: RetryAnswer) -> None:
    def made(number: int) -> ResultIntent:
        return ResultIntent(barcode=A, uid=f"E00401500000000{number}", part=number, parts=3, verdict=Verdict.PASS)

    assert two(store, made(1), made(part)) is answer


@pytest.mark.parametrize(
    ("later", "answer"),
    [
        (FactsIntent(barcode=A, condition="DAMAGED", weeding_date="2026-11-26"), RetryAnswer.SUPERSEDED),
        (FactsIntent(barcode=A, weeding_date="2026-11-26"), RetryAnswer.QUEUED),
    ],
)
def test_a_fact_that_was_said_anew_is_not_undone(store: Store, later: FactsIntent, answer: RetryAnswer) -> None:
    assert two(store, FactsIntent(barcode=A, condition="RELABEL"), later) is answer


def test_members_add_up(store: Store) -> None:
    for barcode in (A, B):
        store.journal.record(
            sample_events.judged(),
            deliveries=[NewDelivery("alma", "set:7", MembersIntent(set_id="7", barcodes=(barcode,)))],
        )
    second, first = (found.id for found in store.queries.outbox_page())
    end(store, first, DeliveryState.PARKED)
    end(store, second, DeliveryState.DELIVERED)
    assert store.outbox.retry(first) is RetryAnswer.QUEUED


def test_heads_of_one_system(store: Store) -> None:
    for barcode in (A, B, A):
        store.journal.record(
            sample_events.judged(barcode),
            deliveries=[sample_events.delivery(system, barcode) for system in ("alma", "file")],
        )
    for system in ("alma", "file"):
        assert [(head.system, head.event_seq) for head in store.outbox.heads(10, system)] == [(system, 1), (system, 2)]
        assert [head.event_seq for head in store.outbox.heads(1, system)] == [1]
    assert store.outbox.heads(10, "sip2") == ()
    assert store.outbox.waiting() == {"alma": 3, "file": 3}


def test_a_journal_of_the_third_schema_keeps_its_outbox(tmp_path: Path) -> None:
    """States, details and intents stay. A delivery that was leased, in doubt or parked may have been sent."""
    from sqlite_utils import Database, Migrations

    path = tmp_path / "journal.db"
    clock = FakeClock()
    states = ["pending", "leased", "delivered", "deferred", "in-doubt", "parked"]
    with closing(sqlite3.connect(path, isolation_level=None)) as sql:
        steps = Migrations("station-journal")
        for name, statements in migrations.STEPS[:3]:
            for statement in statements:
                sql.execute(statement)
            steps(name=name)(lambda _: None)
        sql.execute("PRAGMA user_version = 0")
        steps.apply(Database(sql, execute_plugins=False, strict=True))
        sql.execute("PRAGMA user_version = 3")
        prev, journal, seq = hash_chain.genesis(hash_chain.journal_id(sql)), hash_chain.journal_id(sql), 0

        def append(event: object, rows: list[tuple[str, str, bytes]]) -> None:
            nonlocal prev, seq
            from station.domain import events as ev

            seq += 1
            payload, digest = ev.encode(event), hash_chain.deliveries_digest(rows)  # type: ignore[arg-type]
            kind = ev.kind(event)  # type: ignore[arg-type]
            value = hash_chain.event_hash(prev, journal, seq, "t", kind, digest, payload)
            sql.execute("INSERT INTO events VALUES (?, 't', ?, ?, ?, ?, ?)", (seq, kind, payload, digest, prev, value))
            prev = value

        for state in states:
            intent = msgspec.json.encode(sample_events.delivery("alma", state).intent, order="sorted")
            append(sample_events.judged(state), [("alma", state, intent)])
            sql.execute(
                "INSERT INTO outbox (id, event_seq, system, lane, intent, state, detail) VALUES (?, ?, 'alma', ?, ?, ?, ?)",
                (f"x-{seq}-alma", seq, state, intent, state, "" if state in ("pending", "leased") else "why"),
            )
        for number, state in enumerate(states, 1):
            if state not in ("pending", "leased"):
                append(
                    DeliveryChanged(
                        delivery=f"x-{number}-alma", system="alma", state=state, detail=Sentence.verbatim("why")
                    ),
                    [],
                )
    store = open_store(path, clock)
    try:
        rows = {found.lane: found for found in store.queries.outbox_page()}
        assert {lane: found.state.value for lane, found in rows.items()} == {state: state for state in states}
        assert {lane for lane, found in rows.items() if found.sent} == {"leased", "in-doubt", "parked"}
        assert all(item_of(found.intent) == lane for lane, found in rows.items())
        assert store.queries.verify().ok
        assert store.outbox.recover() == 1
        assert store.queries.verify().ok
    finally:
        assert store.close()
    with closing(sqlite3.connect(path)) as sql:
        assert projections.compare(sql) == ()
        with pytest.raises(sqlite3.IntegrityError, match="never deleted"):
            sql.execute("DELETE FROM outbox")
        with pytest.raises(sqlite3.IntegrityError, match="its state only"):
            sql.execute("UPDATE outbox SET place = 3")
