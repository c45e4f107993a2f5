"""Progress of a write: each step reaches the screen, and none of them makes the whole snapshot again."""

from __future__ import annotations

from station.domain.ports import StationStatus
from station.domain.snapshot import Phase, Snapshot
from station.domain.workflows import SetView, Workflow
from tests.support.simulated_bench import BOOK, DVD, Rig


def steps(snapshots: list[Snapshot]) -> list[int]:
    return [snapshot.steps_done for snapshot in snapshots if snapshot.phase is Phase.WRITING and snapshot.steps_total]


def test_one_tag_makes_three_whole_snapshots_and_shows_every_step() -> None:
    rig = Rig()
    whole: list[str] = []

    def status(worker: str) -> StationStatus:
        whole.append(worker)  # the bench asks for the station's status once for each whole snapshot
        return StationStatus()

    rig.start_with(status=status)
    rig.scan(BOOK)
    rig.look()
    whole.clear()
    rig.shown.clear()
    rig.place(rig.world.tag(1))
    assert rig.now.phase is Phase.CHECKING
    assert len(whole) == 3, "the tag is noticed, it is being written, it is verified"
    assert steps(rig.shown) == list(range(rig.now.steps_total + 1))
    numbers = [snapshot.number for snapshot in rig.shown]
    assert numbers == list(range(numbers[0], numbers[0] + len(numbers)))


def test_the_steps_of_a_set_are_those_of_the_part_that_is_written() -> None:
    rig = Rig()
    rig.enter(Workflow.SETS)
    rig.scan(DVD)
    rig.place(rig.world.tag(1), rig.world.tag(2))
    rig.look(3)
    rig.shown.clear()
    rig.choose("number-them")
    written = [shown for shown in rig.shown if shown.phase is Phase.WRITING]
    views = [shown.workflow_view for shown in written if isinstance(shown.workflow_view, SetView)]
    assert {view.writing for view in views} == {1, 2}
    assert [(view.steps_done, view.steps_total) for view in views] == [
        (shown.steps_done, shown.steps_total) for shown in written
    ]
    for part in (1, 2):
        of_part = [view.steps_done for view in views if view.writing == part]
        assert of_part == list(range(views[0].steps_total + 1))
