"""The menu of workflows: every entry one tap away, large enough for a finger, and no work lost on the way."""

from __future__ import annotations

import msgspec
import pytest

from station.domain.commands import CallStaff, Enter, Scan
from station.domain.workflows import Workflow
from station.tui.app import StationApp
from station.tui.pages import menu
from station.tui.pages.menu import ENTRIES, MenuScreen, entries
from station.tui.widgets.screen import TALL
from station.tui.widgets.touch import MAIN, Go
from station.tui.workflows.process import ProcessScreen
from tests.tui.pages.test_corrections import running
from tests.tui.running_app import EVERY_SIZE, SIZES, Desk
from tests.tui.scenes import SCENES, SETTINGS, FakeBench, FakeQueries
from tests.tui.test_screens import targets_are_good

ALWAYS = tuple(
    entry for entry in ENTRIES if entry.opens not in (Go.SIGN_OFF, Go.BOARD, Go.UNDO, Go.SEARCH, CallStaff(down=True))
)
"""Always offered. Undo depends on a write to undo, the answer to a call on an open call, Sign off on sign-on
(tests/tui/pages/test_sign_on.py), the status board and the search on their ports."""


async def workflows(desk: Desk, height: int = MAIN[1]) -> dict[str, object]:
    """Return every main target of all pages: label -> what it opens. `height`: minimum rows."""
    found: dict[str, object] = {}
    while True:
        buttons = [b for b in desk.buttons if b.parent and b.parent.id == "workflows" and b.offered]
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
        found = await workflows(desk, MAIN[1] if size[1] >= TALL else MAIN[1] - 1)
        assert found == {entry.title: entry.opens for entry in ALWAYS}


@pytest.mark.parametrize("size", SIZES, ids=str)
async def test_to_fix_and_sign_off_are_on_the_first_page_and_a_wide_window_has_no_other(
    size: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    everything = tuple(entry for entry in ENTRIES if entry.key != "staff-here")
    monkeypatch.setattr(menu, "entries", lambda _desk: everything)
    async with running(size=size) as desk:
        await desk.open(Go.MENU)
        assert {"To fix", "Sign off"} <= set(desk.labels())
        assert any(label.startswith("More") for label in desk.labels()) is (size != SIZES[-1])


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
