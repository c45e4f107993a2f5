"""Find an item without its barcode: words are typed or the ISBN is scanned, and a tap takes the item in hand."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from station.base.errors import IndexUnusable
from station.base.settings import Scanner
from station.base.words import tell
from station.domain.commands import Scan, TakeFound
from station.domain.item import Barcode
from station.domain.item_state import ItemState, StateSince
from station.domain.ports import Found, FoundItem, Wanted
from station.domain.withdrawals.withdrawal import NextStep, Withdrawal
from station.tui.pages.search import SearchScreen
from station.tui.widgets.touch import Go
from station.tui.workflows.process import ProcessScreen
from tests.support.told import told
from tests.tui.running_app import EVERY_SIZE, SIZES, Desk, running
from tests.tui.scenes import FakeQueries
from tests.tui.test_screens import targets_are_good
from tests.tui.whole import told as told_on

ITEMS = tuple(
    FoundItem(
        barcode=Barcode(f"3123400000421{volume}"),
        title="A field guide to imaginary rivers : with maps, soundings and a gazetteer",
        author="Quillfeather, Marguerite, 1951-",
        call_number=f"GB1203.2 .Q55 2019 v.{volume}",
        description=f"v.{volume}",
        copy="1",
    )
    for volume in range(1, 10)
)


class Shelf:
    """`ports.CatalogSearch` over fixed items: all of them fit the words "rivers", none fits anything else."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.items = ITEMS

    def search(self, wanted: Wanted, most: int = 24) -> Found:
        self.asked.append(wanted.text)
        if wanted.text == "broken":
            raise IndexUnusable("no words")
        fits = "rivers".startswith(wanted.text) or wanted.text == "9780306406157"
        return Found(self.items[:most] if fits else ())


@asynccontextmanager
async def searching(
    shelf: Shelf | None = None, size: tuple[int, int] = (100, 30), scanner: Scanner | None = None
) -> AsyncIterator[Desk]:
    async with running(size=size, search=shelf or Shelf(), scanner=scanner) as desk:
        await desk.open(Go.SEARCH)
        yield desk


async def typed(desk: Desk, text: str, *keys: str) -> None:
    await desk.keys(*text, *keys)
    for _ in range(3):
        await desk.app.workers.wait_for_complete()
        await desk.pilot.pause()


@pytest.mark.parametrize("size", EVERY_SIZE, ids=str)
async def test_a_tap_takes_the_item_in_hand(size: tuple[int, int]) -> None:
    async with searching(size=size) as desk:
        await typed(desk, "rivers")
        assert tell("search.tap") in desk.text
        assert "v.1 · copy 1" in desk.text
        await desk.tap(ITEMS[1].barcode)
        assert desk.bench.sent == [TakeFound(ITEMS[1].barcode)]
        assert type(desk.app.screen) is ProcessScreen


@pytest.mark.parametrize("size", SIZES, ids=str)
async def test_items_that_do_not_fit_are_on_further_pages(size: tuple[int, int]) -> None:
    async with searching(size=size) as desk:
        await typed(desk, "rivers")
        targets_are_good(desk, size)
        seen = set()
        for _ in ITEMS:
            seen |= {label for label in desk.labels() if label in {item.barcode for item in ITEMS}}
            more = [label for label in desk.labels() if label.startswith("More")]
            if more:
                await desk.tap(more[0])
        assert seen == {item.barcode for item in ITEMS}


async def test_a_scanned_isbn_is_searched_and_a_readable_barcode_is_a_scan() -> None:
    async with searching() as desk:
        await typed(desk, "9780306406157", "enter")
        assert isinstance(desk.app.screen, SearchScreen)
        assert ITEMS[0].barcode in desk.labels()
        await desk.tap(tell("search.button.clear"))
        await typed(desk, "31234000009919", "enter")
        assert desk.bench.sent == [Scan("31234000009919")]
        assert type(desk.app.screen) is ProcessScreen


async def test_a_scan_with_a_prefix_replaces_what_was_typed() -> None:
    async with searching(scanner=Scanner(prefix="~")) as desk:
        await typed(desk, "river")
        await typed(desk, "~31234000009919", "enter")
        assert desk.bench.sent == [Scan("31234000009919")]


async def test_an_item_that_leaves_the_library_says_so() -> None:
    async with running(search=Shelf(), queries=(queries := FakeQueries())) as desk:
        state = StateSince(state=ItemState.WITHDRAWN, at="2026-11-30T09:00:00+00:00", seq=1, kind="checklist-judged")
        queries.states = {ITEMS[0].barcode: state}
        await desk.open(Go.SEARCH)
        await typed(desk, "river")
        assert desk.text.count(told(state.words)) == 1


@pytest.mark.parametrize("size", SIZES, ids=str)
async def test_an_item_that_leaves_says_what_its_withdrawal_waits_for(size: tuple[int, int]) -> None:
    async with running(size=size, search=Shelf(), queries=(queries := FakeQueries())) as desk:
        first, second = ITEMS[0].barcode, ITEMS[1].barcode
        gone = StateSince(state=ItemState.WITHDRAWN, at="2026-11-30T09:00:00+00:00", seq=1, kind="withdrawal-decided")
        queries.states = {first: gone, second: gone}
        for barcode, step in ((first, NextStep.STRIP), (second, NextStep.NOTHING)):
            queries.leaving[barcode] = Withdrawal(id=f"withdrawal-{barcode}", barcode=barcode, next_step=step, newest=1)
        await desk.open(Go.SEARCH)
        await typed(desk, "river")
        text = told_on(desk)
        assert text.count("Withdrawn: erase the tag") == 1
        assert text.count("Withdrawn: finished") == 1


async def test_words_that_fit_nothing_send_nothing() -> None:
    async with searching() as desk:
        await typed(desk, "nowhere 7", "enter")
        assert tell("search.none") in desk.text
        await typed(desk, "", *["backspace"] * 9)
        assert tell("search.how") in desk.text
        desk.later()
        await typed(desk, "", "escape")
        assert desk.bench.sent == []
        assert type(desk.app.screen) is ProcessScreen


async def test_an_index_that_cannot_be_searched_says_so() -> None:
    async with searching() as desk:
        await typed(desk, "broken")
        assert told(IndexUnusable("no words").sentence) in " ".join(desk.text.split())


async def test_it_is_offered_between_two_items_and_where_no_record_has_the_barcode() -> None:
    async with running(search=Shelf()) as desk:
        assert tell("search.button") in desk.labels()
    async with running() as desk:
        assert tell("search.button") not in desk.labels()
