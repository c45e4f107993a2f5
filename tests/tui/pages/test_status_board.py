"""The status board by taps alone: waiting work is shown with its number; parts without trouble are shown as well."""

from __future__ import annotations

import msgspec
import pytest

from station.base.errors import StoreLocked
from station.base.sentence import Sentence
from station.domain.commands import LoadRoll
from station.domain.reader_health import Advice
from station.domain.status_board import Departing, RollRow, StatusBoard, Waiting
from station.tui.pages.status_board import StatusBoardScreen
from station.tui.widgets.touch import Go
from tests.support.hostile_text import CORPUS
from tests.support.told import told
from tests.tui.running_app import EVERY_SIZE, Desk, running
from tests.tui.test_screens import targets_are_good

FULL = StatusBoard(
    at="2026-11-25T14:00:00+00:00",
    running=True,
    in_hand="31234000004217 A field guide to imaginary rivers",
    unfinished=Waiting(1, ("31234000007731",)),
    overdue=Waiting(7, tuple(f"3123400000{n}: label crooked (9 days old, due 2026-11-20)" for n in range(5001, 5006))),
    open_corrections=19,
    overdue_boxes=Waiting(1, ("Box 42 for EAST (due 2026-11-20)",)),
    missing_items=Waiting(2, ("Soup, Box 40", "Rivers, Box 40")),
    departing=Departing(
        open=9,
        late=Waiting(3, ("Soup: erase the tag (16 days old)",)),
        very_late=1,
        ready=4,
        lists=2,
        on_loan=5,
        late_lists=Waiting(1, ("Cooking: 3 to look for, 5 on loan (Tess, 4 days old)",)),
    ),
    parked=Waiting(2, ("alma: write the result - 409 Conflict", "alma: scan it in - 400 Bad Request")),
    waiting=12,
    reader="ready",
    reader_ready=True,
    advice=(Advice("silent", Sentence.verbatim("3 of 100 questions had no answer: look at the cable.")),),
    rolls=(RollRow("A-18", "2026-11-25T09:00:00+00:00", 84, 3, 5), RollRow("", "", 12, 0, 0)),
    last_tags=RollRow("", "", 96, 3, 5),
)
WELL = StatusBoard(at=FULL.at, running=True, reader="ready", reader_ready=True)


class FakeBoard:
    def __init__(self, board: StatusBoard, error: StoreLocked | None = None) -> None:
        self.value, self.error, self.asked = board, error, 0

    def board(self, viewer: str) -> StatusBoard:
        del viewer
        self.asked += 1
        if self.error is not None:
            raise self.error
        return self.value


async def all_turns(desk: Desk) -> str:
    seen = [desk.text]
    for _ in range(20):
        if not any(b.offered.enabled for b in desk.buttons if b.offered and b.offered.label == "Next >"):
            break
        await desk.tap("Next >")
        seen.append(desk.text)
    return " ".join(" ".join(seen).split())


@pytest.mark.parametrize("size", EVERY_SIZE)
async def test_all_that_waits_stands_there(size: tuple[int, int]) -> None:
    async with running("idle", size, board=FakeBoard(FULL)) as desk:
        await desk.open(Go.BOARD)
        assert isinstance(desk.app.screen, StatusBoardScreen)
        targets_are_good(desk, size)
        text = await all_turns(desk)
        for words in (
            "31234000004217 A field guide",
            "! 1 half written tag",
            "Corrections: 19 open",
            "! 7 overdue",
            "! 1 overdue box",
            "! 2 items missing at their sites",
            "Withdrawals: 9 open",
            "! 1 withdrawal is very late",
            "· 3 withdrawals are late",
            "Soup: erase the tag (16 days old)",
            "· 4 items are ready to strip",
            "· 1 pull list is late",
            "Cooking: 3 to look for, 5 on loan (Tess, 4 days old)",
            "· 2 pull lists have items to look for",
            "· 5 items of pull lists are on loan",
            "Deliveries: 12 on their way",
            "! 2 deliveries need a decision",
            "409 Conflict",
            "! 3 of 100 questions had no answer",
            "! Roll A-18: 3 of 84 failed (3.6%), 5 took more than one attempt",
            "✓ Before a roll was named: 0 of 12 failed (0.0%)",
        ):
            assert words in text, words


async def test_what_is_well_says_so() -> None:
    async with running("idle", (160, 45), board=FakeBoard(WELL)) as desk:
        await desk.open(Go.BOARD)
        text = await all_turns(desk)
        assert "nothing in hand" in text
        assert "✓ 0 overdue" in text
        assert "✓ Nothing needs a decision" in text
        assert "!" not in text


async def test_a_new_roll_goes_to_the_bench_and_a_scan_to_the_work() -> None:
    async with running("idle", board=FakeBoard(FULL)) as desk:
        await desk.open(Go.BOARD)
        await desk.tap("New roll")
        assert desk.bench.sent == [LoadRoll()]
        await desk.scan("31234000004217")
        assert not isinstance(desk.app.screen, StatusBoardScreen)
        assert len(desk.bench.sent) == 2


async def test_a_journal_that_cannot_be_read_is_a_sentence() -> None:
    async with running("idle", board=FakeBoard(WELL, StoreLocked("held by pid 7"))) as desk:
        await desk.open(Go.BOARD)
        assert told(StoreLocked().sentence) in " ".join(desk.text.split())


async def test_hostile_text_on_the_board_is_harmless() -> None:
    port = FakeBoard(FULL)
    async with running("idle", board=port) as desk:
        for text in CORPUS[::25]:
            port.value = msgspec.structs.replace(FULL, in_hand=text, parked=Waiting(1, (text,)), reader=text)
            await desk.open(Go.BOARD)
            assert all(char.isprintable() for line in desk.lines for char in line)
