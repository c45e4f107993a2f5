"""Labels from the work screen: offered when an item is judged, printed without blocking the screen, always answered."""

from __future__ import annotations

import threading
from collections.abc import Sequence

import msgspec
import pytest

from station.base.errors import PrinterFailed
from station.domain.commands import Scan
from station.domain.findings import Finding, Outcome
from station.domain.item import ItemRecord
from station.domain.ports import LabelMade
from station.tui.widgets.dialogs import PrintedDialog
from station.tui.widgets.touch import SMALL
from station.tui.workflows.process import ProcessScreen
from tests.support.patience import PATIENCE_S
from tests.tui import settling
from tests.tui.running_app import EVERY_SIZE, Desk, running
from tests.tui.scenes import SCENES


class FakeLabels:
    """`ports.LabelPort` that records its requests."""

    def __init__(self, fails: bool = False) -> None:
        self.asked: list[tuple[str, ...]] = []
        self.fails = fails
        self.made = LabelMade("printed", "The label is sent to cups:Zebra.")
        self.go_on = threading.Event()
        self.go_on.set()

    def label(self, item: ItemRecord) -> LabelMade:
        return self._answer("label", item.barcode)

    def slip(self, item: ItemRecord, findings: Sequence[Finding], operator: str) -> LabelMade:
        failed = [finding.title for finding in findings if finding.outcome is Outcome.FAIL]
        return self._answer("slip", item.barcode, *failed, operator)

    def _answer(self, *words: str) -> LabelMade:
        self.asked.append(words)
        self.go_on.wait(PATIENCE_S)
        if self.fails:
            raise PrinterFailed("the printer is out of paper", "labels/spine-1.pdf")
        return self.made


async def settle(desk: Desk) -> None:
    await desk.app.workers.wait_for_complete()
    await desk.pilot.pause()


@pytest.mark.parametrize("size", EVERY_SIZE)
@pytest.mark.parametrize(
    ("scene", "offered"),
    [("pass", {"Print label"}), ("fail", {"Print label", "Print flag slip"}), ("check-label", set()), ("idle", set())],
)
async def test_a_judged_item_offers_its_label(scene: str, offered: set[str], size: tuple[int, int]) -> None:
    async with running(scene, size=size, labels=FakeLabels()) as desk:
        assert {label for label in desk.labels() if label.startswith("Print")} == offered
        for button in desk.buttons:
            assert button.region.width >= SMALL[0]
            assert button.region.height >= SMALL[1]
        if scene == "fail":
            assert "a line is missing" in desk.text


async def test_without_a_printer_nothing_is_offered() -> None:
    async with running("fail") as desk:
        assert not any(label.startswith("Print") for label in desk.labels())


async def test_an_item_without_label_lines_has_no_label_to_print() -> None:
    scene = SCENES["pass"]
    assert scene.item is not None
    bare = msgspec.structs.replace(scene, item=msgspec.structs.replace(scene.item, label_lines=()))
    async with running(bare, labels=FakeLabels()) as desk:
        assert "Print label" not in desk.labels()


async def test_a_tap_prints_and_says_so() -> None:
    labels = FakeLabels()
    async with running("pass", labels=labels) as desk:
        await desk.tap("Print label")
        await settle(desk)
        assert labels.asked == [("label", SCENES["pass"].item.barcode)]  # type: ignore[union-attr]
        assert type(desk.app.screen) is PrintedDialog
        assert "✓ Printed" in desk.text
        assert "sent to cups:Zebra" in desk.text
        assert desk.bench.sent == []
        await desk.tap("Close")
        assert type(desk.app.screen) is ProcessScreen


async def test_a_label_that_was_only_saved_is_not_called_printed() -> None:
    labels = FakeLabels()
    labels.made = LabelMade("saved", "The label is in spine-1.pdf, folder labels.")
    async with running("pass", labels=labels) as desk:
        await desk.tap("Print label")
        await settle(desk)
        assert "Saved as PDF (no printer set up)" in desk.text
        assert "✓ Printed" not in desk.text


async def test_a_slip_is_about_what_failed() -> None:
    labels = FakeLabels()
    async with running("fail", labels=labels) as desk:
        await desk.tap("Print flag slip")
        await settle(desk)
    assert labels.asked[0][0] == "slip"
    assert labels.asked[0][2:4] == ("Spine label", "Property stamp")


async def test_a_printer_that_fails_is_said_in_words() -> None:
    async with running("pass", labels=FakeLabels(fails=True)) as desk:
        await desk.tap("Print label")
        await settle(desk)
        assert "× Not printed" in desk.text
        assert "did not take the label; nothing was" in desk.text
        assert "out of paper" in desk.text


async def test_work_goes_on_while_a_label_is_printed_and_a_second_tap_prints_none(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(settling, "WORKERS_S", 0.0)
    labels = FakeLabels()
    labels.go_on.clear()
    async with running("pass", labels=labels) as desk:
        await desk.tap("Print label")
        await desk.tap("Print label")
        await desk.scan()
        assert desk.bench.sent == [Scan("31234000004217")]
        await desk.until(lambda: bool(labels.asked))
        assert len(labels.asked) == 1
        labels.go_on.set()
        await settle(desk)
        assert type(desk.app.screen) is PrintedDialog
        await desk.scan()  # the next scan closes it
        assert type(desk.app.screen) is ProcessScreen
