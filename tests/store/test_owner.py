"""The store as the station uses it: the owner thread, outbox and queries."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import NoReturn

import msgspec
import pytest

from station.base import errors
from station.base.errors import BarcodeUnknown
from station.base.sentence import Sentence
from station.domain import events as ev
from station.domain import ports
from station.domain.correction_states import Recheck
from station.domain.deliveries.delivery import DeliveryState, NewDelivery
from station.domain.deliveries.intents import WithdrawIntent
from station.domain.findings import Finding, Outcome, Severity
from station.domain.lately import Ended
from station.domain.people.rights import Role
from station.domain.verdict import Verdict, Waiver
from station.store.journal.outbox import RetryAnswer
from station.store.owner import Store, open_store
from station.store.people.visibility import item_to_fix
from tests.conftest import FakeClock
from tests.support import sample_events
from tests.support.told import raises_told, told


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "journal.db"


@pytest.fixture
def store(path: Path, clock: FakeClock) -> Iterator[Store]:
    opened = open_store(path, clock)
    yield opened
    assert opened.close()


def test_the_proxies_are_the_ports(store: Store) -> None:
    journal: ports.Journal = store.journal
    outbox: ports.Outbox = store.outbox
    queries: ports.QueryPort = store.queries
    assert journal.open_attempts() == ()
    assert outbox.heads() == ()
    assert queries.outbox_counts() == {}


# --- owner ----------------------------------------------------------------------------------------------------------


def test_many_threads_record_and_read(store: Store) -> None:
    failures: list[BaseException] = []

    def work(number: int) -> None:
        try:
            for turn in range(10):
                store.journal.record(sample_events.judged(f"{number}-{turn}"), deliveries=[sample_events.delivery()])
                store.queries.journal_page(limit=5)
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert store.queries.verify().ok
    assert store.queries.head().seq == 40
    assert len(store.queries.judged_barcodes()) == 40


def test_a_closed_store_says_so(path: Path, clock: FakeClock) -> None:
    store = open_store(path, clock)
    assert store.close()
    assert store.close()
    with pytest.raises(errors.StationClosed):
        store.journal.record(sample_events.judged())
    assert store.queries.journal_page() == (), "reading must work without a running store"


def test_the_log_is_emptied_when_idle_and_at_the_end(path: Path, clock: FakeClock) -> None:
    log = path.with_name(path.name + "-wal")
    store = open_store(path, clock, idle_after=3600)
    store.journal.record(sample_events.judged())
    assert log.stat().st_size > 0
    assert store.checkpoint()
    assert log.stat().st_size == 0
    store.journal.record(sample_events.judged())
    store.close()
    assert not log.exists() or log.stat().st_size == 0
    store = open_store(path, clock, idle_after=0)
    store.journal.record(sample_events.judged())
    store._owner.submit(lambda writer: None).result()
    store.close()
    assert store.queries.head().seq == 3


def test_heads_are_exported_by_the_owner(path: Path, clock: FakeClock, tmp_path: Path) -> None:
    heads = tmp_path / "elsewhere"
    store = open_store(path, clock, head_directory=heads)
    store.journal.record(sample_events.judged())
    clock.pause(86_400)
    store.journal.record(sample_events.judged())
    store.journal.record(sample_events.judged())
    store.close()
    assert [line.split()[1] for file in sorted(heads.iterdir()) for line in file.read_text().splitlines()] == [
        "0",
        "2",
        "3",
    ]
    report = store.queries.verify(head_directory=heads)
    assert report.ok
    assert report.heads_checked == 3
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("DROP TRIGGER events_no_delete")
    connection.execute("DELETE FROM events WHERE seq = 3")
    connection.close()
    report = store.queries.verify(head_directory=heads)
    assert not report.ok
    assert len(report.missing_heads) == 1


def test_work_goes_on_when_the_head_cannot_be_exported(path: Path, clock: FakeClock, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    store = open_store(path, clock, head_directory=tmp_path / "file" / "heads")
    assert "heads" in store.head_problem
    assert store.journal.record(sample_events.judged()) == 1
    store.close()


# --- outbox ---------------------------------------------------------------------------------------------------------


def two_results(store: Store, *systems: str) -> None:
    for barcode in ("31234000000015", "31234000000023", "31234000000015"):
        store.journal.record(
            sample_events.judged(barcode), deliveries=[sample_events.delivery(system, barcode) for system in systems]
        )


def seqs(store: Store) -> list[int]:
    return [head.event_seq for head in store.outbox.heads()]


def test_a_lane_keeps_its_order_and_lanes_are_independent(store: Store) -> None:
    two_results(store, "file")
    first, second = store.outbox.heads()
    assert (first.event_seq, second.event_seq) == (1, 2)
    assert store.outbox.heads(1) == (first,)
    leased = store.outbox.lease(first.id)
    assert leased is not None
    assert (leased.state, leased.attempts) == (DeliveryState.LEASED, 1)
    assert seqs(store) == [2], "a leased delivery holds its lane"
    store.outbox.settle(first.id, DeliveryState.DEFERRED, Sentence.verbatim("busy"))
    assert seqs(store) == [1, 2]
    again = store.outbox.lease(first.id)
    assert again is not None
    assert again.attempts == 2
    store.outbox.settle(first.id, DeliveryState.DELIVERED)
    assert seqs(store) == [2, 3]
    assert store.outbox.lease(first.id) is None, "the delivery has ended"
    with raises_told(errors.StoreError, match="not leased"):
        store.outbox.settle(first.id, DeliveryState.PARKED)
    with raises_told(errors.StoreError, match="no delivery"):
        store.outbox.lease("nothing")
    with pytest.raises(ValueError):
        store.outbox.settle(second.id, DeliveryState.LEASED)


def test_systems_are_lanes_of_their_own(store: Store) -> None:
    two_results(store, "alma", "file")
    assert [(head.event_seq, head.system) for head in store.outbox.heads()] == [
        (1, "alma"),
        (1, "file"),
        (2, "alma"),
        (2, "file"),
    ]


def test_what_was_leased_when_the_station_died_is_in_doubt(path: Path, clock: FakeClock) -> None:
    store = open_store(path, clock)
    two_results(store, "file")
    name = store.outbox.heads()[0].id
    store.outbox.lease(name)
    store.outbox.sending(name, "digest")
    store.close()
    store = open_store(path, clock)
    assert store.outbox.recover() == 1
    assert store.outbox.recover() == 0
    head = store.outbox.heads()[0]
    assert (head.id, head.state, head.attempts) == (name, DeliveryState.IN_DOUBT, 1)
    assert (head.sent, head.witness) == (True, "digest")
    newest = store.queries.events()[-1].event
    assert isinstance(newest, ev.DeliveryChanged)
    assert (newest.delivery, newest.state) == (name, "in-doubt")
    assert store.queries.verify().ok
    store.close()


def test_parked_deliveries_wait_for_a_person(store: Store) -> None:
    two_results(store, "file")
    name = store.outbox.heads()[0].id
    assert store.outbox.retry(name) is RetryAnswer.NOT_WAITING
    assert store.outbox.retry("nothing") is RetryAnswer.UNKNOWN
    store.outbox.lease(name)
    store.outbox.settle(name, DeliveryState.PARKED, Sentence.verbatim("item not found"))
    assert seqs(store) == [2, 3], "it must not hold up later deliveries"
    assert store.retry(None) == 1
    assert seqs(store) == [1, 2]
    store.outbox.lease(name)
    store.outbox.settle(name, DeliveryState.PARKED, Sentence.verbatim("item not found"))
    later = next(head.id for head in store.outbox.heads() if head.event_seq == 3)
    store.outbox.lease(later)
    assert store.outbox.retry(name) is RetryAnswer.SUPERSEDED
    store.outbox.settle(later, DeliveryState.DELIVERED)
    assert store.outbox.retry(name) is RetryAnswer.SUPERSEDED
    assert store.retry(name) == 0
    assert store.queries.outbox_counts() == {"delivered": 1, "parked": 1, "pending": 1}
    assert store.queries.verify().ok


# --- queries --------------------------------------------------------------------------------------------------------


def test_pages_go_backwards(store: Store) -> None:
    store.journal.record(*sample_events.ONE_OF_EACH)
    count = len(sample_events.ONE_OF_EACH)
    page = store.queries.journal_page(limit=10)
    assert [row.seq for row in page] == list(range(count, count - 10, -1))
    rest = store.queries.journal_page(before=page[-1].seq, limit=count)
    assert [row.seq for row in rest] == list(range(count - 10, 0, -1))
    assert {row.kind for row in (*page, *rest)} == {ev.kind(event) for event in sample_events.ONE_OF_EACH}
    # An event without an operator is recorded as the machine's.
    recorded = [
        msgspec.structs.replace(event, operator=event.operator or "machine") for event in sample_events.ONE_OF_EACH[2:5]
    ]
    assert [row.event for row in store.queries.events(3, 5)] == recorded
    assert store.queries.events(limit=1)[0].hash != store.queries.head().hash


def test_outbox_pages_are_newest_first(store: Store) -> None:
    two_results(store, "file")
    assert [row.event_seq for row in store.queries.outbox_page()] == [3, 2, 1]
    assert [row.event_seq for row in store.queries.outbox_page(offset=1, limit=1)] == [2]
    assert store.queries.outbox_page()[0].intent.barcode == "31234000000015"


def test_today_counts_verdicts_since_local_midnight(
    store: Store, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    import time

    monkeypatch.setenv("TZ", "America/Chicago")
    time.tzset()
    try:
        # 2026-09-21 13:50 UTC is 08:50 in Texas; sixteen hours later it is 00:50 there.
        store.journal.record(sample_events.judged(), ev.StationStopped())
        assert store.queries.lately().today == 1
        store.journal.record(sample_events.judged())
        assert store.queries.lately().today == 1, "an item that is judged again is one item"
        store.journal.record(msgspec.structs.replace(sample_events.judged(), barcode="31234000000999"))
        assert (store.queries.lately().today, store.queries.lately().hour) == (2, 2)
        clock.pause(11 * 3600)  # past midnight in UTC, evening in Texas
        assert clock.now()[:10] == "2026-09-22"
        assert (store.queries.lately().today, store.queries.lately().hour) == (2, 0)
        clock.pause(5 * 3600)
        assert store.queries.lately().today == 0
    finally:
        monkeypatch.undo()
        time.tzset()


def test_the_pace_counts_an_item_when_it_ended(store: Store, clock: FakeClock) -> None:
    store.journal.record(sample_events.judged(), ev.StationStopped())
    clock.pause(30 * 60)
    assert store.queries.lately().pace == (0,) * 6 + (1,) + (0,) * 5
    store.journal.record(sample_events.judged())
    assert store.queries.lately().pace == (0,) * 11 + (1,)


def test_an_item_set_aside_today_is_among_the_last_items_until_its_verdict(store: Store) -> None:
    scanned = ev.ItemScanned(barcode=sample_events.judged().barcode, part=1, item=sample_events.judged().item)
    aside = ev.ItemSetAside(barcode=scanned.barcode, reason=Sentence.verbatim("torn"))
    store.journal.record(scanned)
    assert store.queries.lately().items == ()
    store.journal.record(aside)
    found = store.queries.lately()
    assert [(one.ended, one.title, told(one.reason)) for one in found.items] == [
        (Ended.SET_ASIDE, scanned.item.title, "torn")
    ]
    assert found.today == 0, "it is not done"
    store.journal.record(sample_events.judged())
    assert [one.ended for one in store.queries.lately().items] == [Ended.PASS]


# --- last items ------------------------------------------------------------------------------------------------------


def stands(store: Store) -> list[tuple[Ended, str]]:
    return [(one.ended, told(one.reason)) for one in store.queries.lately().items]


def failed_item() -> tuple[ev.ItemJudged, ev.CorrectionOpened]:
    """Return a fail for a label, with a note for staff before it, and its correction."""
    note = Finding("price", "Price", Severity.MINOR, Outcome.FAIL, "machine", Sentence.verbatim("no price"))
    wrong = Finding("label", "Label", Severity.MAJOR, Outcome.FAIL, "ann", Sentence.verbatim("torn"))
    judged = msgspec.structs.replace(sample_events.judged(), verdict=Verdict.FAIL, findings=(note, wrong))
    opened = ev.CorrectionOpened(
        correction="c1",
        barcode=judged.barcode,
        rule="label",
        title=Sentence.verbatim("Label"),
        severity=Severity.MAJOR,
        recheck=Recheck.NONE,
        due="",
        found_by="ann",
    )
    return judged, opened


def test_last_items_follow_a_failed_item_to_its_end(store: Store) -> None:
    judged, opened = failed_item()
    store.journal.record(opened, judged)
    assert stands(store) == [(Ended.FAIL, "Label: torn")], "a note is not why it failed"
    store.journal.record(ev.CorrectionMended(correction="c1", operator="ann"))
    assert stands(store) == [(Ended.FAIL, "Fixed: scan it once more to finish it")]
    store.journal.record(sample_events.judged())
    assert [ended for ended, _ in stands(store)] == [Ended.PASS]


def test_the_item_of_a_correction_has_the_label_of_its_present_record(store: Store) -> None:
    """The call number was corrected in the catalog after the fail; without a catalog, the verdict's record counts."""
    judged, opened = failed_item()
    old = msgspec.structs.replace(judged.item, label_lines=("QA", "76"))
    store.journal.record(opened, msgspec.structs.replace(judged, item=old))
    new = msgspec.structs.replace(old, label_lines=("QA", "67"))
    now = item_to_fix(store.queries, judged.barcode, lambda _: new)
    assert (now.label, now.failed, now.left, now.fixed) == (("QA", "67"), True, 1, False)

    def gone(barcode: str) -> NoReturn:
        raise BarcodeUnknown(barcode)

    for find in (None, gone):
        assert item_to_fix(store.queries, judged.barcode, find).label == ("QA", "76")
    store.journal.record(ev.CorrectionMended(correction="c1", operator="ann"))
    now = item_to_fix(store.queries, judged.barcode, None)
    assert (now.failed, now.left, now.fixed) == (True, 0, True)


def test_last_items_follow_a_waiver(store: Store) -> None:
    judged, opened = failed_item()
    waiver = Waiver(rule="label", by="tess", role=Role.TECHNICIAN, reason="readable")
    accepted = msgspec.structs.replace(judged, waivers=(waiver,), verdict=Verdict.PASS)
    store.journal.record(opened, judged, accepted)
    assert [ended for ended, _ in stands(store)] == [Ended.PASS]


@pytest.mark.parametrize("how", ["erased", "undone", "another tag"])
def test_last_items_follow_the_tag(store: Store, how: str) -> None:
    judged = sample_events.judged()
    store.journal.record(judged)
    if how == "undone":
        store.journal.record(ev.TagUndoVerified(attempt="a", undoes="b", uid=judged.uid, barcode=judged.barcode))
    else:
        uid = judged.uid if how == "erased" else "E00401000000FFFF"
        store.journal.record(ev.TagErased(attempt="a", uid=uid, barcode=judged.barcode))
    ended, reason = {
        "erased": (Ended.TAG_GONE, "Tag erased"),
        "undone": (Ended.TAG_GONE, "Tag write undone"),
        "another tag": (Ended.PASS, ""),
    }[how]
    assert stands(store) == [(ended, reason)]


def test_a_withdrawn_item_is_withdrawn_in_the_last_items(store: Store) -> None:
    judged = sample_events.judged()
    store.journal.record(judged)
    assert stands(store) == [(Ended.PASS, "")]
    store.journal.record(
        ev.WithdrawalJudged(
            checklist="c",
            task="withdrawal",
            barcode=judged.barcode,
            verdict=Verdict.PASS,
            findings=(),
            day="2026-11-30",
            item=judged.item,
        )
    )
    assert stands(store) == [(Ended.WITHDRAWN, "Withdrawn")]


def test_a_verdict_taken_back_leaves_the_last_items(store: Store) -> None:
    judged = sample_events.judged()
    seq = store.journal.record(judged)
    assert store.journal.take_back(
        ev.VerdictTakenBack(
            barcode=judged.barcode, uid=judged.uid, part=judged.part, judged=seq, first=seq, rules=("label",)
        )
    )
    assert stands(store) == []


def test_a_set_is_one_item_and_done_when_all_its_parts_have_a_tag(store: Store) -> None:
    whole = msgspec.structs.replace(sample_events.judged().item, parts=2)
    for part in (1, 2):
        uid = f"E00401000000000{part}"
        store.journal.record(
            ev.ItemScanned(barcode=whole.barcode, part=part, item=whole),
            sample_events.verified(f"a{part}", uid, whole.barcode, part),
            msgspec.structs.replace(sample_events.judged(), item=whole, uid=uid, part=part, parts=2),
        )
        found = store.queries.lately()
        if part == 1:
            assert stands(store) == [(Ended.PARTS_LEFT, "Part 2 has no tag")] and (found.today, found.hour) == (
                0,
                0,
            )
            assert [(one.barcode, one.left) for one in store.queries.open_sets()] == [(whole.barcode, (2,))]
    assert [ended for ended, _ in stands(store)] == [Ended.PASS]
    assert (found.today, found.hour, store.queries.open_sets()) == (1, 1, ())


def test_who_sends_deliveries_is_told_after_each_transaction_that_added_one(store: Store) -> None:
    told: list[int] = []
    store.tell_of_deliveries(lambda: told.append(store.queries.head().seq))
    store.journal.record(ev.StationStarted(version="1", station="s", library="l"))
    assert told == []
    seq = store.journal.record(
        ev.StationStarted(version="1", station="s", library="l"),
        deliveries=[NewDelivery("alma", "1", WithdrawIntent(barcode="1"))],
    )
    assert told == [seq], "the delivery is there when it is told of"
