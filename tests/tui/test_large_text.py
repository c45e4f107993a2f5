"""Every screen and dialog at every size, in normal and large text: targets whole, large and apart; no text cut off."""

from __future__ import annotations

import re
from collections.abc import Iterator

import msgspec
import pytest

from station.base import words
from station.base.sentence import Sentence
from station.domain.notices import Notice
from station.domain.snapshot import Phase, Snapshot
from station.tui.app import StationApp
from station.tui.drawing import snapshot_views
from station.tui.drawing.bigfont import big
from station.tui.drawing.checks import current_check
from station.tui.pages.corrections import CorrectionsScreen
from station.tui.pages.library_orders import LibraryOrdersScreen
from station.tui.pages.outbox import OutboxScreen
from station.tui.pages.rejected_lot import RejectedLotScreen
from station.tui.widgets.screen import Pane
from station.tui.workflows.process import ProcessScreen
from tests.conftest import FakeClock
from tests.support.told import told
from tests.tui.hostile_screens import WORK
from tests.tui.running_app import SIZES, Desk
from tests.tui.scenes import SCENES, SETTINGS, FakeBench, FakeDemo, FakeQueries
from tests.tui.test_every_size import KEYPADS
from tests.tui.test_modals import SCREENS, Bench, every_screen
from tests.tui.test_screens import targets_are_good
from tests.tui.whole import buttons_are_whole, nothing_is_cut


@pytest.fixture
def _language() -> Iterator[None]:
    yield
    words.use()


LARGE = msgspec.structs.replace(SETTINGS, screen=msgspec.structs.replace(SETTINGS.screen, large_text=True))
WAYS = [
    pytest.param(
        size,
        large,
        id=f"{size[0]}x{size[1]}-{'large' if large else 'normal'}",
        marks=() if size == SIZES[0] and large else pytest.mark.soak,
    )
    for size in SIZES
    for large in (True, False)
]
"""Large text at the smallest size in every run. The others are in the soak; normal text also in `test_every_size`."""


@pytest.mark.usefixtures("_language")
@pytest.mark.parametrize("language", [pytest.param("en", marks=pytest.mark.soak), "es"])
@pytest.mark.parametrize(("size", "large"), WAYS)
async def test_every_target_is_whole(size: tuple[int, int], large: bool, language: str) -> None:
    async with Bench(SCENES["idle"], size, LARGE if large else SETTINGS) as desk:
        words.speak(language)
        async for kind, _row in every_screen(desk):
            buttons_are_whole(desk)
            targets_are_good(desk, size, small=issubclass(kind, KEYPADS))
            nothing_is_cut(desk, "card", "tale", "page")


@pytest.mark.parametrize(("size", "large"), WAYS)
async def test_every_target_of_every_state_of_the_work_is_whole(size: tuple[int, int], large: bool) -> None:
    async with Bench(SCENES["idle"], size, LARGE if large else SETTINGS) as desk:
        for workflow, scenes in WORK.items():
            for scene in scenes:
                await desk.show(msgspec.structs.replace(scene, workflow=workflow))
                targets_are_good(desk, size)


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        (CorrectionsScreen, "4 open"),
        (OutboxScreen, "1 needs a person"),
        (LibraryOrdersScreen, "31234000004217  A field guide"),
        (RejectedLotScreen, "Another person should check"),
    ],
)
async def test_large_text_leaves_room_for_what_stands_over_the_targets(kind: type, said: str) -> None:
    case = SCREENS[kind][0]
    async with Bench(case.scene, (80, 24), LARGE) as desk:
        await case.opened(desk)
        assert said in desk.text


NOTICE = "Finish the checks of this item first. Then scan the next one, please, and put it on the pad."
SMALL_ROOM = [
    pytest.param(size, large, demo, marks=() if large else pytest.mark.soak)
    for size in SIZES[:2]
    for large in (True, False)
    for demo in (False, True)
]


@pytest.mark.parametrize(("size", "large", "demo"), SMALL_ROOM)
async def test_what_a_tap_confirms_is_seen_whole_while_letters_and_a_notice_take_rows(
    size: tuple[int, int], large: bool, demo: bool
) -> None:
    """Label and title line by line, one below the other; every rule that the tap answers; the question; the notice."""
    scenes = [SCENES[name] for name in ("check-spine", "check-looks", "check-pieces", "check-gift")]
    bench, clock = FakeBench(scenes[0]), FakeClock()
    app = StationApp(bench, FakeQueries(), LARGE if large else SETTINGS, FakeDemo() if demo else None, clock.monotonic)
    async with app.run_test(size=size) as pilot:
        desk = Desk(pilot, bench, None, clock)
        for scene in scenes:
            await desk.show(msgspec.structs.replace(scene, notice=Notice("notice", Sentence.of(NOTICE))))
            whole_check(desk, scene)
            assert NOTICE[:60] in desk.text


def whole_check(desk: Desk, scene: Snapshot) -> None:
    check, screen = current_check(scene), desk.app.screen
    assert check is not None
    assert isinstance(screen, ProcessScreen)
    area = screen.query_one("#tale", Pane).content_region
    assert area.height == screen.rows_of_tale(desk.bench.snapshot), "the rows have the sum of the style sheet"
    tale = [line[area.x : area.right] for line in desk.lines[area.y : area.bottom]]
    wanted = told(check.expectation).splitlines()
    first = next(at for at, line in enumerate(tale) if wanted[0] in line)
    column = tale[first].index(wanted[0])
    assert [line[column:][: len(one)] for line, one in zip(tale[first:], wanted, strict=False)] == wanted, (
        "label and title are not in columns"
    )
    assert "…" not in "".join(tale)
    words = set(" ".join(tale).replace(";", " ").split())
    assert words >= {word for look in tuple(map(told, check.looks)) for word in look.split()}
    band = "".join(char for char in str(screen.query_one("#band", Pane).render()) if char not in "█▀▄")
    assert told(check.question) in " ".join(band.split())


async def test_the_item_and_the_large_letters_are_back_when_the_check_leaves_room() -> None:
    bench, clock = FakeBench(SCENES["check-looks"]), FakeClock()
    app = StationApp(bench, FakeQueries(), LARGE, FakeDemo(), clock.monotonic)
    async with app.run_test(size=(80, 24)) as pilot:
        desk = Desk(pilot, bench, None, clock)
        await desk.show(SCENES["check-looks"])
        assert not app.screen.query_one("#card", Pane).display
        assert not app.screen.query_one("#large", Pane).display
        await desk.show(SCENES["check-stamp"])
        assert app.screen.query_one("#card", Pane).display
        assert app.screen.query_one("#large", Pane).display


@pytest.mark.usefixtures("_language")
@pytest.mark.parametrize("language", [pytest.param("en", marks=pytest.mark.soak), "es"])
async def test_titles_buttons_and_the_large_word_hold_on_the_smallest_screen(language: str) -> None:
    """In every phase: each box names itself, each button says all its words, and the letters three rows high are there,
    unless a check needs the room."""
    async with Bench(SCENES["idle"], SIZES[0], LARGE) as desk:
        words.speak(language)
        for workflow, scenes in WORK.items():
            for scene in scenes:
                await desk.show(msgspec.structs.replace(scene, workflow=workflow))
                for title in re.findall("╭─([^╮]*)", desk.text):
                    name = title.rstrip("─")
                    assert not name or (name == f" {name.strip()} " and "…" not in name), (workflow, scene.state, title)
                buttons_are_whole(desk)
                shown = desk.bench.snapshot
                letters = big(snapshot_views.big_words(shown), 76 if shown.fault is None else 65)
                if shown.phase is not Phase.CHECKING or shown.fault is not None:
                    assert letters is not None and all(row.strip() in desk.text for row in letters), (
                        workflow,
                        scene.state,
                    )
