"""Failing tags by roll: each tag counts once, by its last event, for the roll loaded when it was first seen."""

from __future__ import annotations

from pathlib import Path

from station.base.sentence import Sentence
from station.domain import events as ev
from station.domain.status_board import RollRow
from station.store.owner import open_store
from station.store.queries.queries import Queries
from tests.conftest import FakeClock
from tests.support.sample_events import abandoned, started, verified


def uid(number: int) -> str:
    return f"E0040100{number:08X}"


def stopped(code: str, number: int) -> ev.LineStopped:
    return ev.LineStopped(code=code, sentence=Sentence.verbatim("x"), barcode="31234000000015", uid=uid(number))


def written(number: int, attempts: int = 1) -> list[ev.AnyEvent]:
    found: list[ev.AnyEvent] = [started(f"a{number}", uid(number))]
    for again in range(1, attempts):
        found += [
            ev.TagWriteInterrupted(
                attempt=f"a{number}", uid=uid(number), barcode="31234000000015", written=1, planned=12, code="tag-lost"
            ),
            started(f"a{number}-{again}", uid(number), resumes=f"a{number}"),
        ]
    last = f"a{number}-{attempts - 1}" if attempts > 1 else f"a{number}"
    return [*found, verified(last, uid(number))]


def counted(folder: Path, events: list[ev.AnyEvent], last: int = 100) -> tuple[tuple[RollRow, ...], RollRow]:
    clock = FakeClock()
    store = open_store(folder / "journal.db", clock)
    try:
        for event in events:
            store.journal.record(event)
    finally:
        store.close()
    return Queries(folder / "journal.db", clock).rolls(last)


def test_tags_are_counted_by_their_roll_and_last_word(tmp_path: Path) -> None:
    rolls, last = counted(
        tmp_path,
        [
            *written(1),
            ev.RollLoaded(name="A-17", operator="ann"),
            *written(2),
            *written(3, attempts=3),
            stopped("tag-unreadable", 4),  # never written
            started("a5", uid(5)),
            abandoned("a5", uid(5)),  # given up
            stopped("tag-refused", 6),
            *written(6),  # a second try succeeded
            stopped("other-item", 7),  # not a fault of the roll
            stopped("tag-lost", 8),  # nor is a lifted item
            ev.RollLoaded(name="A-18", operator="ann"),
            *written(9),
            stopped("tag-unreadable", 2),  # a tag of the old roll, seen again
        ],
    )
    assert [(row.name, row.tags, row.failed, row.again) for row in rolls] == [
        ("A-18", 1, 0, 0),
        ("A-17", 5, 3, 1),
        ("", 1, 0, 0),
    ]
    assert (last.tags, last.failed, last.again) == (7, 3, 1)
    assert rolls[1].rate == 3 / 5


def test_the_last_tags_are_the_last(tmp_path: Path) -> None:
    events: list[ev.AnyEvent] = [stopped("tag-unreadable", 1)]
    for number in range(2, 12):
        events += written(number)
    _, last = counted(tmp_path, events, last=10)
    assert (last.tags, last.failed) == (10, 0)


def test_a_tag_that_held_everything_already_is_no_new_tag(tmp_path: Path) -> None:
    unchanged = ev.TagWriteVerified(
        attempt="u", uid=uid(1), barcode="31234000000015", part=1, parts=1, writes=0, unchanged=True
    )
    rolls, last = counted(tmp_path, [ev.RollLoaded(name="empty so far"), unchanged])
    assert [(row.name, row.tags) for row in rolls] == [("empty so far", 0)]
    assert (last.tags, last.rate) == (0, 0.0)
