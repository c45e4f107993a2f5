"""The journal: what is recorded is read back byte for byte, and the projections follow from the events."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from station.base.errors import StoreCorrupt, StoreError, StoreTooNew
from station.base.sentence import Sentence
from station.base.text import clean
from station.domain import events as ev
from station.domain.findings import Finding, Outcome
from station.domain.item import Barcode
from station.domain.people.sign_on import MACHINE
from station.domain.ports import Binding
from station.domain.tag_image import Uid
from station.domain.verdict import Verdict
from station.store.database import decoding
from station.store.database.database import open_writer, transaction
from station.store.database.decoding import Decoder
from station.store.database.migrations import STEPS
from station.store.journal import hash_chain
from station.store.journal.journal import JournalStore
from station.store.projections import (
    boxes,
    differences,
    order_lines,
    packing_lists,
    presence,
    projections,
    pull_lists,
    purchases,
    sampling,
    shipments,
    transfers,
    withdrawals,
)
from station.store.queries import summaries
from tests.conftest import FakeClock
from tests.support import sample_events
from tests.support.for_each import for_each
from tests.support.sample_events import UID, abandoned, delivery, judged, started, verified
from tests.support.told import raises_told, told


def in_memory() -> sqlite3.Connection:
    connection = sqlite3.connect(":memory:", isolation_level=None)
    for _, statements in STEPS:
        for statement in statements:
            connection.execute(statement)
    connection.execute("PRAGMA foreign_keys=ON")
    connection.execute("PRAGMA recursive_triggers=ON")
    return connection


@pytest.fixture
def db(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    connection = open_writer(tmp_path / "journal.db")
    yield connection
    connection.close()


@pytest.fixture
def journal(db: sqlite3.Connection, clock: FakeClock) -> JournalStore:
    return JournalStore(db, clock)


def test_every_kind_is_kept_byte_for_byte(db: sqlite3.Connection, journal: JournalStore) -> None:
    assert {type(event) for event in sample_events.ONE_OF_EACH} == set(ev.AnyEvent.__args__)
    assert journal.record(*sample_events.ONE_OF_EACH) == len(sample_events.ONE_OF_EACH)
    rows = db.execute("SELECT seq, kind, payload FROM events ORDER BY seq").fetchall()
    events = [sample_events.signed(event) for event in sample_events.ONE_OF_EACH]
    for (_, _, payload), event in zip(rows, events, strict=True):
        if not isinstance(event, ev.Judging):  # events that refer to earlier ones: test_stored_form.py
            assert bytes(payload) == ev.encode(event)
    assert [Decoder(db)(*row) for row in rows] == events


@for_each("event", sample_events.ONE_OF_EACH)
def test_every_kind_says_whose_it_is(event: ev.AnyEvent) -> None:
    """An event without an operator is explicitly the machine's; the names of operator and authorizer are kept."""
    assert {"operator", "authorised"} <= set(type(event).__struct_fields__)
    signed = msgspec.structs.replace(event, operator="w-1", authorised="w-2")
    kept = []
    for one in (msgspec.structs.replace(event, operator=""), signed):
        with closing(in_memory()) as sql:
            JournalStore(sql, FakeClock()).record(one)
            (row,) = sql.execute("SELECT seq, kind, payload FROM events").fetchall()
            kept.append(Decoder(sql)(*row))
    assert (kept[0].operator, kept[1]) == ("machine", signed)
    assert "w-2" in told(summaries.summary(signed)), "the summary must name who authorized it"


def test_an_event_of_an_old_journal_is_read_and_says_nothing() -> None:
    old = ev.decode(b'{"kind":"scan-refused","text":"x","code":"y"}')
    assert (old.operator, old.authorised) == ("", "")


def test_every_kind_has_a_sentence() -> None:
    assert set(summaries.SENTENCES) == set(ev.AnyEvent.__args__)
    sentences = [told(summaries.summary(event)) for event in sample_events.ONE_OF_EACH]
    assert all(sentences)
    assert len(set(sentences)) == len(sentences)
    assert told(summaries.summary(judged())) == "31234000000015 passed: The label is straight: crooked"
    refused = ev.ScanRefused(text=Sentence.verbatim("\x1b]52;c;x\x07[red]"), code="x")
    assert clean(told(summaries.summary(refused))) == "Scan refused (x): ]52;c;x[red]"


def test_the_chain_by_hand(db: sqlite3.Connection, journal: JournalStore, clock: FakeClock) -> None:
    """The hash of the first event, from the description in hash_chain.py and not from its functions."""
    import hashlib

    journal.record(ev.StationStopped(reason=Sentence.verbatim("x")))
    payload = b'{"kind":"station-stopped","operator":"machine","reason":"x"}'
    start = hashlib.sha256(f"station-journal-1\n{journal.journal_id}\n".encode()).digest()
    header = f"station-journal-1\n{journal.journal_id}\n1\n{clock.now()}\nstation-stopped\n\n{len(payload)}\n".encode()
    row = db.execute("SELECT payload, hash FROM events").fetchone()
    assert row == (payload, hashlib.sha256(start + header + payload).digest())


@pytest.mark.parametrize(
    ("history", "open_ids"),
    [
        ([started("a")], ["a"]),
        ([started("a"), verified("a")], []),
        ([started("a"), abandoned("a")], []),
        ([started("a"), started("b", resumes="a")], ["b"]),
        ([started("a"), started("b", resumes="a"), verified("b")], []),
        ([started("a"), started("b")], ["a", "b"]),
        ([started("a"), started("b"), verified("b")], []),
        ([started("a"), started("b", "E004010000000000", "31234000000023"), verified("a")], ["b"]),
        ([started("a"), abandoned("other")], ["a"]),
    ],
)
def test_open_attempts(journal: JournalStore, history: list[ev.AnyEvent], open_ids: list[str]) -> None:
    journal.record(*history)
    assert [attempt.attempt for attempt in journal.open_attempts()] == open_ids
    mine = [attempt.attempt for attempt in journal.open_attempts() if attempt.uid == UID]
    found = journal.open_attempt(UID)
    assert (found.attempt if found else None) == (mine[-1] if mine else None)


def test_the_end_of_an_open_write_is_its_own(journal: JournalStore) -> None:
    def interrupted(attempt: str, code: str) -> ev.AnyEvent:
        return ev.TagWriteInterrupted(
            attempt=attempt, uid=UID, barcode="31234000000015", written=1, planned=2, code=code
        )

    first, second = started("a"), started("b", resumes="a")
    journal.record(first, interrupted("a", "reader-refused"), second)
    assert isinstance(second, ev.TagWriteStarted)
    assert journal.interruption(second) is None, "the station has not said how the second attempt ended"
    journal.record(interrupted("b", "tag-lost"))
    ended = journal.interruption(second)
    assert ended is not None and (ended.attempt, ended.code) == ("b", "tag-lost")


def _security(step: str, attempt: str) -> ev.AnyEvent:
    said = {"attempt": attempt, "uid": UID, "barcode": "31234000000015", "secure": False}
    match step:
        case "started":
            plan = {"old_afi": 7, "new_afi": 0xC2, "plan_digest": "00", "steps": 3}
            return ev.SecurityWriteStarted(**said, **plan, part=1, parts=1)  # type: ignore[arg-type]
        case "verified":
            return ev.SecurityWriteVerified(**said, part=1, parts=1, afi=0xC2)  # type: ignore[arg-type]
        case _:
            return ev.SecurityWriteInterrupted(**said, code="tag-lost")  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("history", "still"),
    [
        ([], ""),
        ([("started", "a")], "a"),
        ([("started", "a"), ("verified", "a")], ""),
        ([("started", "a"), ("interrupted", "a")], ""),
        ([("started", "a"), ("verified", "a"), ("started", "b")], "b"),
        ([("started", "a"), ("interrupted", "a"), ("started", "b"), ("verified", "b")], ""),
        ([("verified", "unchanged")], ""),
    ],
)
def test_an_open_change_of_security(journal: JournalStore, history: list[tuple[str, str]], still: str) -> None:
    journal.record(started("w"))
    for step, attempt in history:
        journal.record(_security(step, attempt))
    found = journal.open_security()
    assert (found.attempt if found else "") == still


def test_bindings_follow_the_newest_verified_write_of_either(journal: JournalStore) -> None:
    one, two = Uid("E004010000000001"), Uid("E004010000000002")
    first, other = Barcode("31234000000015"), Barcode("31234000000023")
    journal.record(verified("a", one, first, 1), verified("b", two, first, 2))
    assert journal.bindings_for(first) == (Binding(one, first, 1, 2), Binding(two, first, 2, 2))
    journal.record(verified("c", two, first, 1))
    assert journal.bindings_for(first) == (Binding(two, first, 1, 2),)
    assert journal.binding_of(one) is None
    journal.record(verified("d", two, other, 1))
    assert journal.bindings_for(first) == ()
    assert journal.binding_of(two) == Binding(two, other, 1, 2)


def test_the_newest_verdict_of_each_part_counts(db: sqlite3.Connection, journal: JournalStore) -> None:
    item = Barcode("31234000000015")

    def part(number: int, verdict: Verdict) -> ev.ItemJudged:
        return msgspec.structs.replace(judged(item, verdict), part=number, parts=3)

    journal.record(part(1, Verdict.PASS), part(2, Verdict.FAIL), judged("31234000000023"))
    assert journal.passed_parts(item) == {1}
    journal.record(part(2, Verdict.PASS), part(3, Verdict.PASS), part(1, Verdict.FAIL))
    assert journal.passed_parts(item) == {2, 3}


def test_deliveries_belong_to_the_last_event(db: sqlite3.Connection, journal: JournalStore) -> None:
    seq = journal.record(verified("a"), judged(), deliveries=[delivery("file"), delivery("alma")])
    assert seq == 2
    assert db.execute("SELECT id, event_seq, state FROM outbox ORDER BY id").fetchall() == [
        (f"{journal.journal_id}-2-alma", 2, "pending"),
        (f"{journal.journal_id}-2-file", 2, "pending"),
    ]


def test_impossible_records_leave_nothing(db: sqlite3.Connection, journal: JournalStore) -> None:
    with pytest.raises(ValueError):
        journal.record()
    with pytest.raises(StoreError):
        journal.record(started("same"), started("same"))
    assert db.execute("SELECT count(*) FROM events").fetchone() == (0,)
    assert not db.in_transaction
    assert journal.record(judged()) == 1


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE events SET payload = x'00'",
        "DELETE FROM events",
        "INSERT OR REPLACE INTO events SELECT * FROM events WHERE seq = 1",
        "INSERT INTO events SELECT 9, at, kind, payload, deliveries, hash FROM events WHERE seq = 1",
        "UPDATE journal SET id = '0123456789abcdef'",
        "DELETE FROM journal",
        "UPDATE outbox SET intent = x'00'",
        "UPDATE outbox SET lane = 'x'",
        "DELETE FROM outbox",
    ],
)
def test_the_database_itself_refuses_to_forget(db: sqlite3.Connection, journal: JournalStore, statement: str) -> None:
    journal.record(judged(), deliveries=[delivery()])
    with pytest.raises(sqlite3.IntegrityError):
        db.execute(statement)
    assert hash_chain.verify(db).ok


HOSTILE = [
    "'; DROP TABLE events; --",
    '"); DELETE FROM outbox; --',
    "%s %n {0} {{}} $PATH `id` $(id)",
    "../../../etc/passwd",
    "\x00\x01\x1b[2J\x7f\x9b",
    "\u202e\u2066\ufeff",
    "=HYPERLINK(1)",
    "[/red][@click=app.quit]x[/]",
    "\U0001f4a9" * 50,
    "a" * 100_000,
]


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_is_stored_verbatim(db: sqlite3.Connection, journal: JournalStore, text: str) -> None:
    schema = db.execute("SELECT type, name, sql FROM sqlite_schema ORDER BY name").fetchall()
    journal.record(
        ev.ScanRefused(text=Sentence.of(text), code=text, reason=Sentence.of(text)),
        started(text, text, text),
        verified(text, text, text),
        judged(text),
        deliveries=[delivery(text, text)],
    )
    row = db.execute("SELECT seq, kind, payload FROM events WHERE seq = 1").fetchone()
    assert Decoder(db)(*row) == ev.ScanRefused(
        text=Sentence.of(text), code=text, reason=Sentence.of(text), operator="machine"
    )
    assert journal.binding_of(Uid(text)) == Binding(Uid(text), Barcode(text), 1, 2)
    assert db.execute("SELECT system, lane FROM outbox").fetchone() == (text, text)
    assert db.execute("SELECT type, name, sql FROM sqlite_schema ORDER BY name").fetchall() == schema
    assert hash_chain.verify(db).ok


@given(sample_events.histories(), st.lists(st.integers(1, 4), max_size=8))
def test_rebuilt_projections_are_the_live_ones(history: list[ev.AnyEvent], sizes: list[int]) -> None:
    db = in_memory()
    try:
        journal = JournalStore(db, FakeClock())
        for batch in sample_events.batches(history, sizes):
            journal.record(*batch)
        rows = db.execute("SELECT seq, kind, payload FROM events ORDER BY seq").fetchall()
        assert [Decoder(db)(*row) for row in rows] == [sample_events.signed(event) for event in history]
        assert hash_chain.verify(db).ok
        assert projections.compare(db) == ()
        live = projections.dump(db)
        others = (
            *("arrivals", "cataloging", "corrections", "correction_log", "workers", "unjudged"),
            *sampling.ROWS,
            *packing_lists.ROWS,
            *shipments.ROWS,
            *differences.ROWS,
            *purchases.ROWS,
            *boxes.ROWS,
            *order_lines.ROWS,
            *transfers.ROWS,
            *pull_lists.ROWS,
            *presence.ROWS,
        )
        judged_for = {name: rows for name, rows in live.items() if name in withdrawals.ROWS}  # test_withdrawals.py
        assert live == model(history) | {name: [] for name in others} | judged_for
        projections.rebuild(db)
        assert projections.dump(db) == live
    finally:
        db.close()


def model(history: list[ev.AnyEvent]) -> dict[str, list[tuple[object, ...]]]:
    """Compute the projections in plain Python from their definition."""
    attempts: dict[str, list[object]] = {}
    bindings: dict[str, tuple[object, ...]] = {}
    states: dict[str, tuple[object, ...]] = {}
    withdrawals: list[tuple[object, ...]] = []

    def end(attempt: str, how: str, seq: int) -> None:
        if attempt in attempts and attempts[attempt][2] is None:
            attempts[attempt][2:] = [how, seq]

    for seq, event in enumerate(history, start=1):
        match event:
            case ev.TagWriteStarted():
                end(event.resumes, "resumed", seq)
                attempts[event.attempt] = [event.uid, seq, None, None]
            case ev.TagWriteAbandoned():
                end(event.attempt, "abandoned", seq)
            case ev.TagWriteVerified():
                end(event.attempt, "verified", seq)
                for attempt, row in attempts.items():
                    if row[0] == event.uid:
                        end(attempt, "superseded", seq)
                for uid, row_ in list(bindings.items()):
                    if uid == event.uid or row_[1:3] == (event.barcode, event.part):
                        del bindings[uid]
                bindings[event.uid] = (event.uid, event.barcode, event.part, event.parts, seq)
                states[event.barcode] = (event.barcode, "tagged", seq)
            case ev.WithdrawalJudged(verdict=Verdict.PASS):
                withdrawals.append((seq, event.barcode))
    return {
        "attempts": [(attempt, *row) for attempt, row in sorted(attempts.items())],
        "bindings": [row for _, row in sorted(bindings.items())],
        "item_states": [row for _, row in sorted(states.items())],
        "withdrawals": withdrawals,
    }


def test_an_unknown_kind_is_the_work_of_a_newer_program(db: sqlite3.Connection, journal: JournalStore) -> None:
    journal.record(judged())
    seq, prev = hash_chain.last(db, journal.journal_id)
    payload = b'{"kind":"from-the-future"}'
    value = hash_chain.event_hash(prev, journal.journal_id, seq + 1, "2030", "from-the-future", b"", payload)
    db.execute(
        "INSERT INTO events (seq, at, kind, payload, deliveries, hash) VALUES (?, '2030', ?, ?, x'', ?)",
        (seq + 1, "from-the-future", payload, value),
    )
    with raises_told(StoreTooNew, match="from-the-future"):
        journal.check_kinds()
    with raises_told(StoreTooNew, match="event 2"):
        projections.rebuild(db)
    assert hash_chain.verify(db).ok, "the chain does not depend on the kind of an event"


def test_payloads_that_are_no_events(db: sqlite3.Connection) -> None:
    with pytest.raises(StoreCorrupt):
        Decoder(db)(1, "item-judged", b"{}")
    with pytest.raises(StoreCorrupt):
        Decoder(db)(1, "item-judged", b"\xff")
    with raises_told(StoreCorrupt, match="station-stopped"):
        Decoder(db)(1, "item-judged", ev.encode(ev.StationStopped()))
    with raises_told(StoreCorrupt, match="kind"):
        Decoder(db)(1, "station-stopped", b"{}")
    short = (
        b'{"barcode":"1","finding":{"by":"ann","outcome":"pass","rule":"label"},"kind":"check-answered","rules_in":7}'
    )
    with raises_told(StoreCorrupt, match="event 7 holds no rules"):
        Decoder(db)(8, "check-answered", short)
    refers = ev.encode(judged(), item_in=7)
    with raises_told(StoreCorrupt, match="event 7 holds no record"):
        Decoder(db)(8, "item-judged", refers)


STOPPED = ev.encode(ev.StationStopped())


@pytest.mark.parametrize(
    "payloads",
    [
        (STOPPED, b"{}"),
        (STOPPED, b""),
        (STOPPED[:-1], b"}" + STOPPED),
        (STOPPED, b"\xff"),
    ],
)
@pytest.mark.parametrize("read", [("station-stopped",), ()])
def test_a_check_of_many_payloads_finds_one_that_is_no_event(
    db: sqlite3.Connection, payloads: tuple[bytes, ...], read: tuple[str, ...]
) -> None:
    many = (STOPPED, *payloads, STOPPED)
    with raises_told(StoreCorrupt, match="event [23]"):
        Decoder(db).partly(ev.partial_decoders(read, {}), range(1, 5), ("station-stopped",) * 4, many)


def answered() -> ev.CheckAnswered:
    """Return an answer to a check of a rule in `sample_events.RULES`."""
    rule = sample_events.RULES.rules[0]
    finding = Finding(rule.id, rule.title, rule.severity, Outcome.PASS, "ann", number=rule.number)
    return ev.CheckAnswered(barcode="31234000000015", finding=finding, operator="ann")


def test_the_rules_are_decoded_once_until_the_journal_has_others(
    db: sqlite3.Connection, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also for other rules at the same event number, after a transaction that was rolled back."""
    decoded: list[int] = []
    by_id = decoding.by_id
    monkeypatch.setattr(decoding, "by_id", lambda event: decoded.append(len(event.rules)) or by_id(event))
    in_force = [sample_events.RULES]
    journal = JournalStore(db, clock, lambda _day: in_force[0])
    with pytest.raises(KeyboardInterrupt), transaction(db):
        journal.append([answered()])
        raise KeyboardInterrupt
    in_force[0] = msgspec.structs.replace(sample_events.RULES, digest="another")
    clock.pause(86_400)
    for _ in range(3):
        journal.record(answered())
    rows = db.execute("SELECT seq, kind, payload FROM events ORDER BY seq").fetchall()
    assert [kind for _, kind, _ in rows] == ["rules-in-force", *["check-answered"] * 3]
    assert len(decoded) == 2
    events = [Decoder(db)(*row) for row in rows]
    assert events[0] == msgspec.structs.replace(in_force[0], operator=MACHINE)
    assert events[1:] == [answered()] * 3
