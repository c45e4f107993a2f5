"""Statistics on the screen: the request, the paging, and that nothing of a report reaches the bench."""

from __future__ import annotations

import threading

import msgspec
import pytest

from station.base.errors import ExtraMissing
from station.domain.ports import ReportLine
from station.domain.sampling import By
from station.tui.app import StationApp
from station.tui.widgets.touch import Action, Go, TouchButton
from tests.conftest import FakeClock
from tests.support.told import told
from tests.tui import settling
from tests.tui.fake_reports import FakeReports
from tests.tui.running_app import EVERY_SIZE, Desk
from tests.tui.scenes import SCENES, SETTINGS, FakeBench, FakeQueries


class Running:
    """An app with reports."""

    def __init__(self, scene: str, size: tuple[int, int], reports: FakeReports | None) -> None:
        self.bench, self.clock, self.reports = FakeBench(SCENES[scene]), FakeClock(), reports
        self.app = StationApp(self.bench, FakeQueries(), SETTINGS, None, self.clock.monotonic, reports=reports)
        self.context = self.app.run_test(size=size)

    async def __aenter__(self) -> Desk:
        pilot = await self.context.__aenter__()
        await pilot.pause()
        return Desk(pilot, self.bench, None, self.clock)

    async def __aexit__(self, *problem: object) -> None:
        await self.context.__aexit__(*problem)  # type: ignore[arg-type]


async def settled(desk: Desk) -> None:
    await desk.app.workers.wait_for_complete()
    await desk.pilot.pause()


@pytest.mark.parametrize("size", EVERY_SIZE)
async def test_shares_charts_and_sampling_by_taps(size: tuple[int, int]) -> None:
    reports = FakeReports()
    async with Running("idle", size, reports) as desk:
        await desk.open(Go.MENU)
        for _ in range(4):  # on a small screen the menu has pages
            if "Statistics" in desk.labels():
                break
            await desk.tap(next(label for label in desk.labels() if label.startswith("More")))
        await desk.tap("Statistics")
        await settled(desk)
        assert "shares by worker" in desk.text
        await desk.tap("By vendor")
        await settled(desk)
        assert "shares by vendor" in desk.text
        await desk.tap("Charts")
        await settled(desk)
        assert "   2 of 50   |   ●" in desk.text, "the blanks of a drawing are kept"
        await desk.tap("Sampling")
        await settled(desk)
        assert "why: a lot [2Jwas accepted" in desk.text
        viewer = desk.app.desk.snapshot.worker  # type: ignore[attr-defined]
        assert reports.asked[-1] == ("sampling", viewer)
        await desk.tap("Close")
    assert desk.bench.sent == []


@pytest.mark.parametrize("size", EVERY_SIZE)
async def test_every_line_is_on_some_page(size: tuple[int, int]) -> None:
    async with Running("idle", size, FakeReports()) as desk:
        await desk.open(Go.STATISTICS)
        seen = desk.text
        for _ in range(10):
            older = next(button for button in desk.buttons if button.offered and button.offered.does is Go.OLDER)
            assert older.offered is not None
            if not older.offered.enabled:
                break
            await desk.tap(older.offered.label)
            await settled(desk)
            seen += desk.text
        assert all(f"line {number}" in seen for number in range(60))
        assert all(button.region.width >= 12 and button.region.height >= 3 for button in desk.buttons)
        assert len(list(desk.app.screen.walk_children())) <= 50


async def test_the_page_says_that_it_counts_until_the_figures_are_there(monkeypatch: pytest.MonkeyPatch) -> None:
    counted = threading.Event()

    class Slow(FakeReports):
        def shares(self, viewer: str, by: By) -> tuple[ReportLine, ...]:
            counted.wait(60)
            return super().shares(viewer, by)

    async with Running("idle", (80, 24), Slow()) as desk:
        try:
            with monkeypatch.context() as held_back:
                held_back.setattr(settling, "WORKERS_S", 0.0)
                desk.buttons[0].post_message(TouchButton.Tapped(Action("", Go.STATISTICS)))
                await desk.sees("Counting ...")
            counted.set()
            await settled(desk)
            assert "Counting" not in desk.text and "line 1" in desk.text
            counted.clear()
            desk.later()
            by_vendor = next(
                button for button in desk.buttons if button.offered and button.offered.label == "By vendor"
            )
            with monkeypatch.context() as held_back:
                held_back.setattr(settling, "WORKERS_S", 0.0)
                by_vendor.tap()
                await desk.sees("Counting ...")
            assert "shares by vendor" in desk.text and "line 1" not in desk.text, "no old figures under the new title"
        finally:
            counted.set()
        await settled(desk)
        assert "Counting" not in desk.text and "line 1" in desk.text


async def test_a_key_names_what_it_leads_to_and_never_what_is_shown() -> None:
    async with Running("idle", (80, 24), FakeReports()) as desk:
        await desk.open(Go.STATISTICS)
        for by in ("by vendor", "by material", "by worker"):
            await desk.tap(by.capitalize())
            await settled(desk)
            assert f"Statistics: shares {by}, page 1" in desk.text and by.capitalize() not in desk.labels()
        for show in ("Charts", "Sampling", "Shares"):
            await desk.tap(show)
            await settled(desk)
            assert f"Statistics: {show.lower()}" in desk.text and show not in desk.labels()


async def test_what_is_missing_is_said() -> None:
    async with Running("idle", (80, 24), FakeReports(ExtraMissing("scipy"))) as desk:
        await desk.open(Go.STATISTICS)
        assert told(ExtraMissing("scipy").sentence).split(".")[0][:40] in desk.text


async def test_a_bench_without_reports_offers_none() -> None:
    async with Running("idle", (80, 24), None) as desk:
        await desk.open(Go.MENU)
        assert "Statistics" not in desk.labels()


async def test_a_scan_closes_the_page_and_arrives() -> None:
    async with Running("idle", (80, 24), FakeReports()) as desk:
        await desk.open(Go.STATISTICS)
        await desk.scan("31234000004217")
        assert "shares by worker" not in desk.text
        assert msgspec.structs.asdict(desk.bench.sent[-1])["text"] == "31234000004217"
