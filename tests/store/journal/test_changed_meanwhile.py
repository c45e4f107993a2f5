"""What a form has seen (`expects`) is compared in the transaction that journals its order."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from station.base.errors import ChangedMeanwhile, NotAllowed
from station.base.sentence import Sentence
from station.domain import events as ev
from station.domain.correction_states import Result
from station.domain.deliveries.delivery import DeliveryState
from station.domain.deliveries.intents import Decision, NoteIntent
from station.domain.findings import Severity
from station.domain.people.rights import Role
from station.domain.subject import Subject, SubjectKind
from station.store.owner import Store, open_store
from tests.conftest import FakeClock
from tests.support import sample_events

ITEM = "31999000000014"


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = open_store(tmp_path / "journal.db", FakeClock())
    opened.journal.record(*(ev.WorkerRegistered(worker=f"w-{name}", role=Role.TECHNICIAN) for name in ("tess", "mae")))
    opened.journal.record(report("aaaa"), report("bbbb"))
    yield opened
    assert opened.close()


def report(ident: str) -> ev.CorrectionOpened:
    return ev.CorrectionOpened(
        correction=ident, barcode=ITEM, rule=ident, title=Sentence.verbatim("x"), due="2026-01-01", found_by="w-tess"
    )


def assigned(ident: str, owner: str, by: str = "w-tess") -> ev.CorrectionAssigned:
    return ev.CorrectionAssigned(correction=ident, owner=owner, operator=by)


def newest(store: Store, kind: SubjectKind, ident: str) -> int:
    return store.queries.newest_about(Subject(kind, ident))


def seq(store: Store) -> int:
    return store.queries.head().seq


def test_of_two_who_opened_the_same_form_the_second_is_refused(store: Store) -> None:
    """Both are in flight at once; the journal has one writer, so the comparison is in its transaction."""
    seen = newest(store, SubjectKind.CORRECTION, "aaaa")
    gate, answers = threading.Barrier(2), []

    def order(by: str) -> None:
        gate.wait()
        try:
            answers.append(store.journal.order(assigned("aaaa", f"for {by}", by), expects=seen))
        except ChangedMeanwhile as refused:
            answers.append(refused.numbers)

    both = [threading.Thread(target=order, args=(by,)) for by in ("w-tess", "w-mae")]
    for thread in both:
        thread.start()
    for thread in both:
        thread.join()
    first = next(answer for answer in answers if isinstance(answer, int))
    assert sorted(answers, key=str) == sorted([first, (first,)], key=str), "the refusal names the event since"
    assert seq(store) == first
    assert store.journal.order(assigned("aaaa", "again", "w-mae"), expects=first) == first + 1


def test_the_same_order_twice_is_done_once(store: Store) -> None:
    """As after a kill between the write and its answer: a person sends the form again."""
    both = (assigned("aaaa", "Cataloging"), assigned("bbbb", "Cataloging"))
    seen = seq(store)
    done = store.journal.order(*both, expects=seen)
    assert store.journal.order(*both, expects=seen) == done == seq(store)
    with pytest.raises(ChangedMeanwhile):
        store.journal.order(assigned("aaaa", "Cataloging", "w-mae"), expects=seen)
    assert seq(store) == done


def test_several_orders_are_all_done_or_none(store: Store) -> None:
    seen = seq(store)
    store.journal.order(assigned("bbbb", "Ann"))
    now = seq(store)
    with pytest.raises(ChangedMeanwhile) as stale:
        store.journal.order(assigned("aaaa", "Bea"), assigned("bbbb", "Bea"), expects=seen)
    assert stale.value.numbers == (now,)
    with pytest.raises(NotAllowed):
        store.journal.order(
            assigned("aaaa", "Bea"), ev.WorkerRegistered(worker="w-eve", role=Role.SYSTEMS, operator="w-tess")
        )
    assert seq(store) == now


def test_a_waiver_is_about_its_correction_and_not_about_the_rest_of_its_item(store: Store) -> None:
    waived = ev.FindingWaived(
        barcode=ITEM, rule="aaaa", title=Sentence.verbatim("x"), severity=Severity.MAJOR, reason="it fits",
        operator="w-tess", role=Role.TECHNICIAN,
    )  # fmt: skip
    seen = newest(store, SubjectKind.CORRECTION, "aaaa")
    store.journal.order(assigned("bbbb", "Ann"))
    done = store.journal.order(waived, expects=seen)
    assert store.queries.correction("aaaa").correction.result is Result.WAIVED  # type: ignore[union-attr]
    assert newest(store, SubjectKind.CORRECTION, "aaaa") == done


ABOUT: dict[str, tuple[Subject, ev.Ordered, ev.Ordered]] = {
    "person": (
        Subject(SubjectKind.PERSON, "w-mae"),
        ev.RetrainingHeld(worker="w-mae", operator="w-tess"),
        ev.RetrainingHeld(worker="w-mae", note="again", operator="w-tess"),
    ),
    "item": (
        Subject(SubjectKind.ITEM, ITEM),
        ev.DeliveryOrdered(
            system="file", intent=NoteIntent(barcode=ITEM, text="a", operator="w-mae"), operator="w-mae"
        ),
        ev.DeliveryOrdered(
            system="file", intent=NoteIntent(barcode=ITEM, text="b", operator="w-tess"), operator="w-tess"
        ),
    ),
    "cataloging": (
        Subject(SubjectKind.CATALOGING, "c1"),
        ev.CatalogingRequested(request="c1", reason=Sentence.verbatim("no record"), operator="w-mae"),
        ev.CatalogingResolved(request="c1", reason="found", operator="w-tess"),
    ),
}


@pytest.mark.parametrize(("subject", "meanwhile", "order"), ABOUT.values(), ids=ABOUT)
def test_each_subject_has_its_newest_event(
    store: Store, subject: Subject, meanwhile: ev.Ordered, order: ev.Ordered
) -> None:
    seen = store.queries.newest_about(subject)
    between = store.journal.order(meanwhile)
    assert store.queries.newest_about(subject) == between > seen
    with pytest.raises(ChangedMeanwhile) as stale:
        store.journal.order(order, expects=seen)
    assert stale.value.numbers == (between,)
    assert store.journal.order(order, expects=between) == between + 1


def parked(store: Store) -> str:
    store.journal.record(sample_events.judged(ITEM), deliveries=[sample_events.delivery("file", ITEM)])
    (delivery,) = store.queries.outbox_page()
    store.outbox.lease(delivery.id)
    store.outbox.settle(delivery.id, DeliveryState.PARKED, Sentence.verbatim("somebody wrote there"))
    return delivery.id


def discard(store: Store, delivery: str, seen: int, by: str) -> str:
    return str(store.outbox.decide(delivery, Decision.DISCARD, by, "sold", via="office", expects=seen))


def retry(store: Store, delivery: str, seen: int, by: str) -> str:
    return str(store.outbox.retry(delivery, by, "office", seen))


@pytest.mark.parametrize("act", [discard, retry])
def test_a_decision_about_a_delivery_is_compared_too(store: Store, act: Callable[[Store, str, int, str], str]) -> None:
    delivery = parked(store)
    seen = newest(store, SubjectKind.DELIVERY, delivery)
    assert act(store, delivery, seen, "w-tess") == "queued"
    done = seq(store)
    assert store.queries.events(done)[0].event.via == "office"
    assert act(store, delivery, seen, "w-tess") == "queued", "the same act came twice"
    with pytest.raises(ChangedMeanwhile) as stale:
        act(store, delivery, seen, "w-mae")
    assert stale.value.numbers == (done,) == (newest(store, SubjectKind.DELIVERY, delivery),)
    assert seq(store) == done
