"""What other benches did to the tags of an item: it stops a second tag, never the right one, and nothing waits for it."""

from __future__ import annotations

import pytest

from station.domain import events
from station.domain.item import Barcode
from station.domain.ports import Binding
from station.domain.snapshot import Phase, Snapshot
from station.domain.tags_elsewhere import GoneTag, HeldTag, TagQuestion, TagsElsewhere
from station.domain.workflows import InspectView, Workflow
from tests.bench.test_bench import BOOK, OTHER, encoded, told
from tests.support.fake_elsewhere import FakeElsewhere
from tests.support.simulated_bench import Rig

JOURNAL = "0" * 16
AWAY = "E0040100000000AA"
FRIDAY = "2026-11-27T10:00:00+00:00"
NEWER = 10**6
"""A number beyond all events of this bench: the answer knows them all."""


def held(uid: str = AWAY, barcode: str = BOOK) -> HeldTag:
    return HeldTag(uid, barcode, 1, 1, "Bench 3", FRIDAY)


def answer(*tags: HeldTag, gone: tuple[GoneTag, ...] = (), seq: int = NEWER) -> TagsElsewhere:
    return TagsElsewhere(journal=JOURNAL, seq=seq, held=tags, gone=gone)


@pytest.fixture
def elsewhere() -> FakeElsewhere:
    return FakeElsewhere()


@pytest.fixture
def rig(elsewhere: FakeElsewhere) -> Rig:
    made = Rig()
    made.start_with(elsewhere=elsewhere)
    return made


def heard(rig: Rig) -> list[str]:
    """Return what each write said of the center."""
    return [event.elsewhere for event in rig.journal.events if isinstance(event, events.TagWriteStarted)]


def stopped_by(shown: Snapshot) -> str:
    return "" if shown.fault is None else told(shown.fault.sentence)


def test_the_scan_asks_and_the_gate_stops_a_second_tag(rig: Rig, elsewhere: FakeElsewhere) -> None:
    elsewhere.answers[TagQuestion(BOOK)] = answer(held())
    tag = rig.world.tag(1)

    rig.scan(BOOK)
    assert TagQuestion(BOOK) in elsewhere.asked
    shown = rig.place(tag)

    assert TagQuestion(uid=tag) in elsewhere.asked
    assert stopped_by(shown) == "Tagged at Bench 3 on Friday. Look for a second tag."
    assert rig.world.tags[tag].writes == 0
    rig.choose("overwrite")
    assert rig.scan(BOOK).phase is Phase.CHECKING
    (started,) = (event for event in rig.journal.events if isinstance(event, events.TagWriteStarted))
    assert (started.replaces, started.elsewhere) == (AWAY, "answered")


def test_the_tag_that_another_bench_wrote_for_the_item_passes(rig: Rig, elsewhere: FakeElsewhere) -> None:
    tag = rig.world.tag(1, **encoded(BOOK))
    elsewhere.answers[TagQuestion(BOOK)] = answer(held(tag))
    rig.scan(BOOK)
    assert rig.place(tag).phase is Phase.CHECKING


@pytest.mark.parametrize(
    "late",
    [
        {},
        {TagQuestion(OTHER): answer(held(barcode=OTHER))},
        {TagQuestion(BOOK): answer()},
    ],
    ids=["never", "another barcode", "nothing known"],
)
def test_the_gate_goes_on_without_an_answer_that_stops_it(
    rig: Rig, elsewhere: FakeElsewhere, late: dict[TagQuestion, TagsElsewhere]
) -> None:
    elsewhere.answers |= late
    rig.scan(BOOK)
    assert rig.place(rig.world.tag(1)).phase is Phase.CHECKING
    assert heard(rig) == ["answered" if TagQuestion(BOOK) in late else "silent"]


def test_an_answer_after_the_write_stops_nothing(rig: Rig, elsewhere: FakeElsewhere) -> None:
    rig.scan(BOOK)
    rig.place(rig.world.tag(1))
    elsewhere.answers[TagQuestion(BOOK)] = answer(held(), seq=0)

    shown = rig.pass_all()

    assert (shown.phase, heard(rig)) == (Phase.DONE, ["silent"])
    rig.lift()
    rig.scan(BOOK)
    assert rig.place(rig.world.tag(1)).phase is Phase.CHECKING, "its own tag, newer than the answer"


def test_a_tag_replaced_elsewhere_does_not_stop_the_right_one(rig: Rig, elsewhere: FakeElsewhere) -> None:
    old, right = rig.world.tag(1), rig.world.tag(2, **encoded(BOOK))
    rig.scan(BOOK)
    rig.place(old)
    rig.pass_all()
    rig.lift()
    rig.scan(BOOK)
    assert rig.place(right).fault is not None, "without an answer, the journal knows the old tag only"
    rig.choose("set-aside")
    rig.lift()

    elsewhere.answers[TagQuestion(BOOK)] = answer(held(right), gone=(GoneTag(old, BOOK, 1),))
    rig.scan(BOOK)

    assert rig.place(right).phase is Phase.CHECKING


def test_of_two_tags_the_own_one_is_replaced_and_the_other_stops_again(rig: Rig, elsewhere: FakeElsewhere) -> None:
    """A bench's later write ends the binding of its own tag. The tag of another bench stays bound until a write names it."""
    first = "E004000000000001"
    own, new = rig.world.tag(1), rig.world.tag(2)
    rig.scan(BOOK)
    rig.place(own)
    rig.pass_all()
    rig.lift()
    elsewhere.answers[TagQuestion(BOOK)] = answer(held(first))
    rig.scan(BOOK)
    assert "Bench 3" not in stopped_by(rig.place(new))
    rig.choose("overwrite")
    rig.scan(BOOK)

    started = [event for event in rig.journal.events if isinstance(event, events.TagWriteStarted)]
    assert [event.replaces for event in started] == ["", own]
    rig.pass_all()
    rig.lift()
    elsewhere.answers[TagQuestion(BOOK)] = answer(held(first), held(new))
    rig.scan(BOOK)
    assert "Bench 3" in stopped_by(rig.place(new))


def test_a_newer_answer_about_another_item_does_not_make_an_older_one_right(rig: Rig, elsewhere: FakeElsewhere) -> None:
    """The old tag was replaced here after its answer."""
    elsewhere.answers[TagQuestion(BOOK)] = answer(held(), seq=1)
    tag = rig.world.tag(1)
    rig.scan(BOOK)
    rig.place(tag)
    rig.choose("overwrite")
    rig.scan(BOOK)
    rig.pass_all()
    rig.lift()
    elsewhere.answers[TagQuestion(OTHER)] = answer()
    rig.bench.desk.journal.bindings_for(Barcode(OTHER))

    assert [bound.uid for bound in rig.bench.desk.journal.bindings_for(Barcode(BOOK))] == [tag]


def test_an_older_answer_does_not_retire_what_the_bench_wrote_since(rig: Rig, elsewhere: FakeElsewhere) -> None:
    first, second = rig.world.tag(1), rig.world.tag(2)
    rig.scan(BOOK)
    rig.place(first)
    rig.pass_all()
    rig.lift()

    elsewhere.answers[TagQuestion(BOOK)] = answer(gone=(GoneTag(first, BOOK, 1),), seq=1)
    rig.scan(BOOK)

    assert stopped_by(rig.place(second)) == "This item already has a tag."


def test_inspect_names_the_bench_that_wrote_a_tag(rig: Rig, elsewhere: FakeElsewhere) -> None:
    tag = rig.world.tag(1, **encoded(BOOK))
    elsewhere.answers[TagQuestion(uid=tag)] = answer(held(tag))
    rig.enter(Workflow.INSPECT)
    rig.place(tag)
    view = rig.look(2).workflow_view
    assert isinstance(view, InspectView) and view.shown is not None
    assert [told(line) for line in view.shown.ledger] == [f"Written at Bench 3 on Friday for {BOOK}, part 1."]

    rig.scan(BOOK)
    elsewhere.answers[TagQuestion(BOOK)] = answer(held())
    view = rig.look().workflow_view
    assert isinstance(view, InspectView)
    assert told(view.ledger[-1]) == f"Part 1 is on the tag {AWAY}, written at Bench 3 on Friday."


def test_a_tag_is_bound_as_another_bench_wrote_it_last(rig: Rig, elsewhere: FakeElsewhere) -> None:
    """The bench had written another item to the tag before."""
    tag = rig.world.tag(1)
    rig.scan(OTHER)
    rig.place(tag)
    rig.pass_all()
    assert rig.bench.desk.journal.binding_of(tag) == Binding(tag, Barcode(OTHER), 1, 1)

    elsewhere.answers[TagQuestion(uid=tag)] = answer(held(tag), gone=(GoneTag(tag, OTHER, 1),))

    bound = rig.bench.desk.journal.binding_of(tag)
    assert bound is not None and (bound.barcode, bound.bench) == (BOOK, "Bench 3")


def test_without_a_center_no_event_says_anything_of_it() -> None:
    rig = Rig()
    rig.scan(BOOK)
    rig.place(rig.world.tag(1))
    assert heard(rig) == [""]
