"""Rejected lots under To fix: shown, opened, and ordered by tap, at three sizes."""

from __future__ import annotations

import msgspec
import pytest

from station.base.sentence import Sentence
from station.domain.commands import OrderRechecks
from station.domain.notices import Notice
from station.tui.pages.corrections import CorrectionsScreen
from station.tui.pages.rejected_lot import RejectedLotScreen, lot_pages
from tests.tui.pages.test_corrections import IDLE, queue, running, settle
from tests.tui.running_app import EVERY_SIZE
from tests.tui.sample_corrections import BARCODES, LOT, VENDORS, VIEWER, FakeWork

DONE = msgspec.structs.replace(VENDORS, unordered=())


@pytest.mark.parametrize("size", EVERY_SIZE)
async def test_a_rejected_lot_stands_before_everything_else(size: tuple[int, int]) -> None:
    async with running(FakeWork(lots=(LOT, VENDORS, DONE)), size=size) as desk:
        await queue(desk)
        for words in (
            "! REJECTED LOT 3 · Ines Moreau",
            "56 items were not checked",
            "! REJECTED LOT 12 · Baker",
            "1 item was not checked",
            "! 2 rejected lots",
            "order the recheck",
            "4 open",
        ):
            assert words in desk.text, words
        await desk.tap("Mine")
        assert "REJECTED" not in desk.text


async def test_what_was_said_about_something_else_does_not_stand_over_a_lot() -> None:
    before = msgspec.structs.replace(
        IDLE, notice=Notice("notice", Sentence.verbatim("Mended, the other one.")), sound_number=7
    )
    async with running(FakeWork(lots=(LOT,)), scene=before) as desk:
        await queue(desk)
        await desk.tap(f"worker {VIEWER} 3")
        await settle(desk)
        assert isinstance(desk.app.screen, RejectedLotScreen) and "the other one" not in desk.text


@pytest.mark.parametrize("size", EVERY_SIZE)
async def test_its_rechecks_are_ordered_by_tap(size: tuple[int, int]) -> None:
    work = FakeWork(lots=(LOT,))
    async with running(work, size=size) as desk:
        await queue(desk)
        await desk.tap(f"worker {VIEWER} 3")
        await settle(desk)
        assert isinstance(desk.app.screen, RejectedLotScreen)
        assert "Rejected lot 3: Ines Moreau" in desk.text and "60 items" in desk.text
        assert desk.bench.sent == []
        await desk.tap("✓ Order 56 rechecks")
        assert desk.bench.sent == [OrderRechecks("worker", VIEWER, 3)]
        work.lots = (msgspec.structs.replace(LOT, unordered=()),)
        await desk.show(
            msgspec.structs.replace(
                IDLE, notice=Notice("notice", Sentence.verbatim("56 rechecks are ordered.")), sound_number=9
            )
        )
        await settle(desk)
        assert "56 rechecks are ordered." in desk.text
        assert not any(label.startswith("✓ Order") for label in desk.labels())
        work.lots = ()
        await desk.show(msgspec.structs.replace(IDLE, sound_number=10))
        await settle(desk)
        assert "All items of this lot are ordered." in desk.text
        await desk.tap("< Back")
        assert isinstance(desk.app.screen, CorrectionsScreen)


@pytest.mark.parametrize("size", EVERY_SIZE)
async def test_every_item_of_it_is_reached(size: tuple[int, int]) -> None:
    async with running(FakeWork(lots=(LOT,)), size=size) as desk:
        await queue(desk)
        await desk.tap(f"worker {VIEWER} 3")
        await settle(desk)
        seen = ""
        for _ in range(len(BARCODES)):
            seen += desk.text
            await desk.pilot.pause()
            if not next(b.offered.enabled for b in desk.buttons if b.offered and b.offered.label == "Next >"):
                break
            await desk.tap("Next >")
        assert all(barcode in seen for barcode in BARCODES)
        assert all(f"✓ {barcode}" in seen for barcode in BARCODES[:4]) and f"✓ {BARCODES[4]}" not in seen


@pytest.mark.parametrize("width", [76, 96, 156])
def test_no_barcode_is_cut(width: int) -> None:
    told = "\n".join(line.plain for page in lot_pages(LOT, {}, width, 12) for line in page)
    assert all(barcode in told for barcode in BARCODES)
    assert all(len(line) <= width for line in told.splitlines())
