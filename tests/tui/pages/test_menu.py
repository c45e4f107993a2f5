"""The menu of workflows: every entry one tap away, large enough for a finger, and no work lost on the way."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator

import msgspec
import pytest

from station.base import words
from station.base.settings import Settings
from station.base.words import tell
from station.domain.commands import CallStaff, Enter, Scan
from station.domain.workflows import MenuGroup, Workflow
from station.tui.app import StationApp
from station.tui.pages import menu
from station.tui.pages.menu import ENTRIES, OTHERS, MenuScreen, entries
from station.tui.widgets.screen import TALL
from station.tui.widgets.touch import MAIN, SMALL, Go, TouchButton
from station.tui.workflows.process import ProcessScreen
from tests.tui.pages.test_corrections import running
from tests.tui.running_app import EVERY_SIZE, SIZES, Desk
from tests.tui.scenes import SCENES, SETTINGS, FakeBench, FakeQueries
from tests.tui.test_large_text import LARGE
from tests.tui.test_screens import targets_are_good
from tests.tui.whole import nothing_is_cut

ALWAYS = tuple(
    entry for entry in ENTRIES if entry.opens not in (Go.SIGN_OFF, Go.BOARD, Go.UNDO, Go.SEARCH, CallStaff(down=True))
)
"""Always offered. Undo depends on a write to undo, the answer to a call on an open call, Sign off on sign-on
(tests/tui/pages/test_sign_on.py), the status board and the search on their ports."""


async def workflows(desk: Desk, height: int = MAIN[1]) -> dict[str, object]:
    """Return every main target of all pages: label -> what it opens. `height`: minimum rows."""
    found: dict[str, object] = {}
    while True:
        buttons = [b for b in desk.buttons if b.parent and b.parent.id == "workflows" and b.offered and b.offered.label]
        for button in buttons:
            assert button.region.width >= MAIN[0] and button.region.height >= height, button.offered
        new = {b.offered.label: b.offered.does for b in buttons if b.offered and b.offered.does is not Go.MORE}
        if new.items() <= found.items():
            return found
        found |= new
        more = [label for label in desk.labels() if label.startswith("More")]
        if not more:
            return found
        await desk.tap(more[0])


@pytest.mark.parametrize("size", EVERY_SIZE, ids=str)
async def test_every_workflow_of_this_bench_is_a_main_target(size: tuple[int, int]) -> None:
    async with running(size=size) as desk:
        await desk.tap("Menu · 2 to fix")
        assert type(desk.app.screen) is MenuScreen
        targets_are_good(desk, size)
        offered = entries(desk.app.desk)  # type: ignore[attr-defined]
        assert [entry.title for entry in offered] == [entry.title for entry in ALWAYS]
        height = {SIZES[0]: MAIN[1] - 1, SIZES[1]: SMALL[1], SIZES[2]: MAIN[1]}  # in the middle, all are on one page
        found = await workflows(desk, height[size])
        others = {tell(key): opens for key, opens, _ in OTHERS} if size[1] >= TALL else {}
        assert found == {entry.title: entry.opens for entry in ALWAYS} | others


@pytest.fixture
def _everything(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Offer every entry that can be there at the same time."""
    everything = tuple(entry for entry in ENTRIES if entry.key != "staff-here")
    monkeypatch.setattr(menu, "entries", lambda _desk: everything)
    yield
    words.use()


@pytest.mark.usefixtures("_everything")
async def test_to_fix_and_sign_off_are_on_the_first_page_of_a_small_window() -> None:
    async with running(size=SIZES[0]) as desk:
        await desk.open(Go.MENU)
        assert {"To fix", "Sign off", "More (1/3)"} <= set(desk.labels())


@pytest.mark.usefixtures("_everything")
@pytest.mark.parametrize("language", ["en", "es"])
@pytest.mark.parametrize("settings", [SETTINGS, LARGE], ids=["plain", "large"])
@pytest.mark.parametrize("size", SIZES[1:], ids=str)
async def test_everything_is_on_one_page_in_four_groups(
    size: tuple[int, int], settings: Settings, language: str
) -> None:
    async with running(size=size) as desk:
        words.speak(language)
        desk.app.desk.large = settings.screen.large_text  # type: ignore[attr-defined]
        await desk.open(Go.MENU)
        assert not any(button.offered and button.offered.does is Go.MORE for button in desk.buttons)
        row = next(line for line in desk.lines if line.strip().startswith(tell("menu.group.work")))
        for group in MenuGroup:
            entries = [
                tell(f"menu.{entry.key}") for entry in ENTRIES if entry.group is group and entry.key != "staff-here"
            ]
            below = [*entries, *(tell(key) for key, _, of in OTHERS if of is group)]
            start = row.index(tell(f"menu.group.{group.value}"))
            shown = [b for b in desk.buttons if b.offered and b.offered.label and abs(b.region.x - start) <= 2]
            assert [b.offered.label for b in shown if b.offered] == below
        nothing_is_cut(desk)
        targets_are_good(desk, size)


async def test_nothing_is_lost_by_a_look_at_the_menu() -> None:
    scene = msgspec.structs.replace(SCENES["check-label"], worker="w-1")
    async with running(scene=scene) as desk:
        before = desk.text
        await desk.tap("Menu · 2 to fix")
        assert "Your item waits" in desk.text
        await desk.tap("Process")
        assert type(desk.app.screen) is ProcessScreen
        assert (desk.text, desk.bench.sent) == (before, [Enter(Workflow.PROCESS)])
        await desk.tap("Menu · 2 to fix")
        await desk.tap("Close")
        assert (desk.text, len(desk.bench.sent)) == (before, 1)


async def test_a_scan_while_the_menu_is_open_arrives_at_the_bench() -> None:
    async with running() as desk:
        await desk.tap("Menu · 2 to fix")
        await desk.scan()
        assert desk.bench.sent == [Scan("31234000004217")]
        assert type(desk.app.screen) is ProcessScreen


async def test_what_this_bench_does_not_have_is_not_offered() -> None:
    app = StationApp(FakeBench(), FakeQueries(), SETTINGS, None, lambda: 0.0)
    async with app.run_test(size=(100, 30)) as pilot:
        await pilot.pause()
        assert "To fix" not in {entry.title for entry in entries(app.desk)}


async def test_the_buttons_have_their_entries_before_they_are_mounted(monkeypatch: pytest.MonkeyPatch) -> None:
    """A change of a mounted button is styled and laid out again: the menu would open slowly."""
    changed_late: list[TouchButton] = []
    set_classes = TouchButton.set_classes

    def watched(button: TouchButton, classes: Iterable[str]) -> TouchButton:
        if button.is_attached and isinstance(button.screen, MenuScreen):
            changed_late.append(button)
        return set_classes(button, classes)

    async with running(size=SIZES[1]) as desk:
        monkeypatch.setattr(TouchButton, "set_classes", watched)
        await desk.open(Go.MENU)
        assert {"Process", "Quit"} <= set(desk.labels()) and changed_late == []


async def test_no_tap_counts_before_the_menu_is_laid_out() -> None:
    async with running() as desk:
        later = desk.app.desk.guard.clock() + 10  # type: ignore[attr-defined]
        desk.app.desk.guard.clock = lambda: later  # type: ignore[attr-defined]
        menu = MenuScreen(desk.app.desk)  # type: ignore[attr-defined]
        desk.app.push_screen(menu)
        while not menu.query(TouchButton):
            await asyncio.sleep(0)
        assert desk.app.screen is menu
        assert not any(button.lit for button in menu.query(TouchButton))
