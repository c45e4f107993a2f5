"""A set does not end with the verdict on one part: the bench asks for the next part, and says which have no tag."""

from __future__ import annotations

import pytest

from station.domain import events
from station.domain.commands import BeginJob, EndJob, Scan
from station.domain.item import OpenSet
from station.domain.snapshot import Light, Phase
from station.domain.verdict import Verdict
from station.domain.workflows import Workflow
from tests.support.simulated_bench import BOOK, CATALOG, DVD, Rig
from tests.support.told import told

TITLE = CATALOG[DVD].title


def with_part_one(workflow: Workflow = Workflow.PROCESS) -> Rig:
    rig = Rig()
    rig.enter(workflow)
    rig.scan(DVD)
    rig.place(rig.world.tag(1))
    rig.pass_all()
    assert rig.now.verdict is Verdict.PASS
    return rig


def tagged(rig: Rig) -> list[int]:
    return [one.part for one in rig.journal.events if isinstance(one, events.TagWriteVerified)]


@pytest.mark.parametrize("workflow", [Workflow.PROCESS, Workflow.CONVERT])
def test_each_part_of_a_set_follows_without_a_scan(workflow: Workflow) -> None:
    rig = with_part_one(workflow)
    assert (told(rig.now.prompt), rig.now.light) == (
        "Part 1 done. Take it off, put part 2 on the pad",
        Light.NEUTRAL,
    )
    rig.place(rig.world.tag(2))
    assert rig.now.fault is None and tagged(rig) == [1], "part 1 is still on the pad"
    for number in (2, 3):
        rig.lift()
        rig.place(rig.world.tag(number))
        rig.pass_all()
    assert tagged(rig) == [1, 2, 3] and (rig.now.state, rig.now.open_sets) == ("done-lift", ())


def test_only_a_blank_tag_continues_a_set_without_a_scan() -> None:
    rig = Rig()
    rig.scan(BOOK)
    book = rig.world.tag(9)
    rig.place(book)
    rig.pass_all()
    rig.lift()
    rig.scan(DVD)
    rig.place(rig.world.tag(1))
    rig.pass_all()
    rig.lift()
    rig.place(book)
    assert rig.now.phase is Phase.NEED_SCAN and rig.now.item is None


def test_a_part_that_is_done_is_not_taken_for_the_next_one() -> None:
    rig = with_part_one()
    rig.lift()
    rig.place(*rig.world.tags)
    assert (rig.now.state, rig.now.notice.code) == ("done-part", "notice.part-done") and tagged(rig) == [1]


def test_the_next_book_is_taken_and_the_parts_without_a_tag_are_named() -> None:
    rig = with_part_one()
    rig.lift()
    rig.scan(BOOK)
    assert rig.now.item is not None and rig.now.item.barcode == BOOK
    assert told(rig.now.notice.sentence) == f"{TITLE}: parts 2, 3 have no tag. Scan it to go on."
    assert rig.now.open_sets == (OpenSet(DVD, TITLE, (2, 3)),)
    rig.start()
    assert rig.now.open_sets == (OpenSet(DVD, TITLE, (2, 3)),), "after a restart, too"


def test_a_verdict_that_is_taken_back_asks_for_no_other_part() -> None:
    rig = with_part_one()
    rig.reopen()
    assert rig.now.phase is Phase.CHECKING and rig.now.parts_left == ()


def test_nobody_at_the_bench_is_asked_for_the_next_part_of_another_terminal() -> None:
    rig = Rig()
    rig.bench.handle(BeginJob("j", "ann"), job="j")
    rig.bench.handle(Scan(DVD), job="j")
    rig.place(rig.world.tag(1))
    rig.pass_all()
    rig.lift()
    rig.bench.handle(EndJob("j"), job="j")
    rig.place(rig.world.tag(2))
    assert (rig.now.phase, tagged(rig)) == (Phase.NEED_SCAN, [1])
