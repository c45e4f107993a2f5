"""Erase and migrate by scan and tap only, on the real bench; and the look of their screens."""

from __future__ import annotations

import msgspec
import pytest

from station.base.sentence import Sentence
from station.domain.choice import Choice
from station.domain.commands import BeginJob, Enter
from station.domain.people.rights import Role
from station.domain.snapshot import Light, Phase, Snapshot
from station.domain.workflows import RetagState, RetagTask, RetagView, TagLine, Workflow
from station.tui.app import StationApp
from station.tui.widgets.touch import MAIN
from station.tui.workflows.process import ProcessScreen
from station.tui.workflows.retag import SYMBOLS, EraseScreen, MigrateScreen, tag_lines
from tests.bench.test_bench import encoded
from tests.bench.workflows.retag.test_retag import Staff, erased, source_of
from tests.bench.workflows.sets.test_sets import says
from tests.conftest import FakeClock
from tests.support.simulated_bench import BOOK, OTHER, Rig
from tests.tui.app_on_bench import LiveDesk, live
from tests.tui.running_app import EVERY_SIZE, Desk
from tests.tui.scenes import ITEM, SCENES, SETTINGS, UID, FakeBench, FakeQueries
from tests.tui.test_screens import targets_are_good
from tests.tui.whole import tells

LINES = tuple(
    msgspec.structs.replace(line, old=line.old or line.before, new=line.new or line.after)
    for line in (
        TagLine("kept", "Primary item identifier", ITEM.barcode, ITEM.barcode),
        TagLine("changed", "Owner institution (ISIL)", "DE-99", "US-XxExmp", "the item is ours now"),
        TagLine("kept", "Set information", "part 1 of 1", "part 1 of 1"),
        TagLine(
            "guessed",
            "Type of usage",
            "",
            "10",
            "the tag did not say; the site's own type of usage is taken",
            new="10 (for circulation)",
        ),
        TagLine("dropped", "Title", "A field guide to imaginary rivers", "", "the site's profile does not write it"),
    )
)
REPORT = RetagView(
    task=RetagTask.MIGRATE,
    state=RetagState.SHOWN,
    uid=UID,
    says=f"This is a tag of DE-99: {ITEM.barcode}.",
    barcode=ITEM.barcode,
    title=ITEM.title,
    bound=f"The ledger has it as {ITEM.barcode}, part 1 of 1.",
    target="us-28560-2 (ISO 28560-2)",
    lines=LINES,
    commands=14,
)


def _scene(workflow: Workflow, view: RetagView, prompt: str, light: Light = Light.NEUTRAL, **more: object) -> Snapshot:
    plain = msgspec.structs.replace(
        SCENES["idle"], workflow=workflow, workflow_view=view, prompt=Sentence.of(prompt), light=light
    )
    return msgspec.structs.replace(plain, **more)


VIEWS: dict[str, Snapshot] = {
    "lay": _scene(Workflow.ERASE, RetagView(), "Put the one tag to erase on the pad"),
    "report": _scene(Workflow.MIGRATE, REPORT, "Preview of the new tag. Looks right? Tap Update tag"),
    "sure": _scene(
        Workflow.MIGRATE,
        msgspec.structs.replace(
            REPORT, state=RetagState.SURE, answers=(Choice("keep", Sentence.verbatim("Do not write"), main=True),)
        ),
        f'To update this tag, scan the barcode of "{ITEM.title}"',
        Light.WARNING,
    ),
    "locked": _scene(
        Workflow.ERASE,
        msgspec.structs.replace(
            REPORT,
            task=RetagTask.ERASE,
            lines=tuple(msgspec.structs.replace(line, kind="erased", after="", reason="") for line in LINES),
            refused="Blocks 0, 1 are locked and hold data. Destroy this tag: it can never be erased.",
            commands=0,
        ),
        "Blocks 0, 1 are locked and hold data. Destroy this tag: it can never be erased.",
        Light.WARNING,
    ),
}

FACTS = (
    f"This is a tag of DE-99: {ITEM.barcode}.",
    f"Tag {UID}",
    f"Item {ITEM.barcode} A field guide to imaginary rivers",
    f"The ledger has it as {ITEM.barcode}, part 1 of 1.",
    "Becomes us-28560-2 (ISO 28560-2)",
)
CHANGES = (
    "kept 2, changed 2, lost 1",
    "× lost: Title A field guide to imaginary rivers the site's profile does not write it",
    "? not certain: Use nothing > 10 (for circulation)",
)
SAID: dict[str, tuple[str, ...]] = {
    "lay": (
        "Put the one tag to erase on the pad",
        "Erasing makes the tag blank, so that any item can use it. Put one tag on the pad, alone.",
    ),
    "report": (*FACTS, *CHANGES, "Preview of the new tag", "Leave it as it is", "Update tag"),
    "sure": (*FACTS, *CHANGES, f'To update this tag, scan the barcode of "{ITEM.title}"', "Do not write"),
    "locked": (
        *FACTS,
        "Blocks 0, 1 are locked and hold data. Destroy this tag: it can never be erased.",
        "kept 0, changed 0, lost 5",
        f"× erased: Barcode {ITEM.barcode}",
        "Leave it as it is",
    ),
}
"""Words of each view at every size."""


async def begin(desk: LiveDesk, name: str) -> None:
    await desk.tap("Menu")
    if name not in desk.labels():
        await desk.tap(next(label for label in desk.labels() if label.startswith("More")))
    await desk.tap(name)


@pytest.mark.parametrize("size", EVERY_SIZE, ids=str)
async def test_erased_and_used_again_by_scan_and_tap(size: tuple[int, int]) -> None:
    async with live(size=size) as desk:
        tag = desk.rig.world.tag(1, **encoded(BOOK))
        await begin(desk, "Erase")
        assert type(desk.app.screen) is EraseScreen
        await desk.place(tag)
        assert BOOK in desk.text and "× erased: Barcode" in desk.text
        targets_are_good(desk, size)
        await desk.tap("Erase it")
        await desk.tap("Do not write")
        assert not erased(desk.rig, tag)
        await desk.tap("Erase it")
        await desk.scan(BOOK)
        assert erased(desk.rig, tag) and "Erased." in desk.text
        await desk.scan(OTHER)
        assert type(desk.app.screen) is ProcessScreen and desk.rig.now.phase is Phase.CHECKING
        assert says(desk.rig, tag) == (OTHER, 1, 1)


@pytest.mark.parametrize("size", EVERY_SIZE, ids=str)
async def test_migrated_by_scan_and_tap_after_its_report(size: tuple[int, int]) -> None:
    from station.domain.commands import SignOn

    rig = Rig(people=Staff())
    rig.bench.handle(SignOn(Role.TECHNICIAN.value))
    async with live(rig, size=size) as desk:
        tag = rig.world.tag(1, **source_of("28560-3"))
        await begin(desk, "Migrate")
        assert type(desk.app.screen) is MigrateScreen
        await desk.place(tag)
        assert "changed" in desk.text and "kept" in desk.text
        await desk.tap("Update tag")
        await desk.scan(BOOK)
        assert says(rig, tag) == (BOOK, 2, 3) and "Updated and read back" in desk.text
        await desk.lift()
        assert "Put the one tag" in desk.text


async def test_set_aside_sends_another_terminal_away_that_waits_for_a_tag() -> None:
    rig = Rig()
    for command in (BeginJob("j", "ann (pts/3)"), Enter(Workflow.ERASE)):
        rig.bench.handle(command, job="j")
    async with live(rig) as desk:
        assert "ann (pts/3)" in desk.text
        await desk.tap("Set aside")
        assert type(desk.app.screen) is ProcessScreen and rig.now.sender == ""


async def test_who_may_not_reads_whom_to_fetch() -> None:
    async with live(Rig(people=Staff())) as desk:
        await begin(desk, "Erase")
        tag = desk.rig.world.tag(1, **encoded(BOOK, "DE-99"))
        await desk.place(tag)
        await desk.tap("Erase it")
        assert "Ask a technician" in desk.text
        await desk.tap("Leave it as it is")
        assert desk.rig.world.tags[tag].writes == 0 and "Put the one tag" in desk.text


@pytest.mark.parametrize("width", [40, 46, 76, 156])
def test_a_code_stands_with_its_meaning_and_nothing_is_cut(width: int) -> None:
    long = msgspec.structs.replace(LINES[-1], old=f"{'A very long title ' * 8}END OF TITLE", reason=f"{'why ' * 40}END")
    lines = tag_lines(msgspec.structs.replace(REPORT, title="", lines=(*LINES, long)), width)
    assert max(line.cell_length for line in lines) <= width
    told = " ".join(" ".join(line.plain for line in lines).split())
    assert "Use nothing > 10 (for circulation)" in told
    assert "END OF TITLE" in told and "why END" in told and "…" not in told


@pytest.mark.parametrize("size", EVERY_SIZE, ids=str)
async def test_targets_and_scans(size: tuple[int, int]) -> None:
    bench = FakeBench(VIEWS["lay"])
    clock = FakeClock()
    app = StationApp(bench, FakeQueries(), SETTINGS, None, clock.monotonic)
    async with app.run_test(size=size) as pilot:
        desk = Desk(pilot, bench, None, clock)
        for name, view in VIEWS.items():
            await desk.show(view)
            targets_are_good(desk, size)
            tells(desk, SAID[name], "tale")
            for button in desk.buttons:
                if button.parent and button.parent.id == "actions":
                    assert button.region.width >= MAIN[0] and button.region.height >= MAIN[1]
            before = len(bench.sent)
            await desk.scan("31234000004217")
            assert len(bench.sent) == before + 1
        assert len(list(app.screen.walk_children())) <= 50
    assert len(SYMBOLS) >= 6
