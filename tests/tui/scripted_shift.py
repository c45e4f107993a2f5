"""A scripted shift on the real screens and the real bench: a book, a book with a disc, a disc of a set, a book that
fails, and a tag that is overwritten. `python -m tests.tui.scripted_shift` prints the taps that its journal tells."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence

import msgspec

from scripts.evidence.taps import counted, table
from station.base.words import tell
from station.domain.deliveries.delivery import NewDelivery
from station.domain.events import AnyEvent
from station.domain.item import Barcode, ItemRecord
from station.domain.snapshot import Phase
from tests.bench.test_bench import encoded
from tests.support.simulated_bench import BOOK, DVD, OTHER, SETTINGS, MemoryCatalog, MemoryJournal, Rig, record
from tests.tui.app_on_bench import LiveDesk, live

WITH_DISC = Barcode("31234000000073")
FAILS = Barcode("31234000000081")
_SHELF = {
    WITH_DISC: record(WITH_DISC, extent="310 pages", accompanying="1 CD-ROM", material="book"),
    FAILS: record(FAILS),
}


class Shelf(MemoryCatalog):
    """The catalog of the tests, and two items more."""

    def find(self, barcode: Barcode) -> ItemRecord:
        return _SHELF.get(barcode) or super().find(barcode)


class TimedJournal(MemoryJournal):
    """Keeps the time of each event. What is recorded together has one time."""

    def __init__(self) -> None:
        super().__init__()
        self.now: Callable[[], str] = str
        self.times: list[str] = []

    def record(self, *new: AnyEvent, deliveries: Sequence[NewDelivery] = ()) -> int:
        self.times += [self.now()] * len(new)
        return super().record(*new, deliveries=deliveries)


class Hands:
    """Counts the taps of one item."""

    def __init__(self, desk: LiveDesk) -> None:
        self._desk = desk
        self.taps = 0

    async def tap(self, label: str) -> None:
        self.taps += 1
        await self._desk.tap(label)

    async def line(self, words: str) -> None:
        """Tap the check's line that has these words."""
        self.taps += 1
        (button,) = (one for one in self._desk.buttons if one.offered and words in " ".join(one.offered.lines))
        self._desk.later()
        button.tap()
        await self._desk.pilot.pause()

    async def answer_all(self) -> None:
        """Pass every check that is left, as the screen offers it."""
        while self._desk.rig.now.phase is Phase.CHECKING:
            await self.tap(next(one for one in self._desk.labels() if one.startswith("✓")))


async def _book(_desk: LiveDesk, hands: Hands) -> None:
    await hands.answer_all()


async def _fails(_desk: LiveDesk, hands: Hands) -> None:
    await hands.line("exactly as shown")
    await hands.tap("Line missing")
    await hands.tap(tell("button.rest-good"))


async def _overwritten(desk: LiveDesk, hands: Hands) -> None:
    await hands.tap(next(one for one in desk.labels() if "verwrite" in one))
    await desk.scan(OTHER)
    await hands.answer_all()


_Item = tuple[Barcode, dict[str, object], Callable[[LiveDesk, Hands], Awaitable[None]]]
ITEMS: tuple[_Item, ...] = (
    (BOOK, {}, _book),
    (WITH_DISC, {}, _book),
    (DVD, {}, _book),
    (FAILS, {}, _fails),
    (OTHER, encoded(BOOK, "DE-Heu1"), _overwritten),
)


async def play() -> tuple[dict[Barcode, int], list[tuple[str, AnyEvent]]]:
    """Return the taps of each item, and the journal with its times."""
    journal = TimedJournal()
    screen = msgspec.structs.replace(SETTINGS.screen, all_good_after=0.0)
    rig = Rig(msgspec.structs.replace(SETTINGS, screen=screen), journal=journal)
    journal.now = rig.clock.now
    rig.start_with(catalog=Shelf())
    made: dict[Barcode, int] = {}
    async with live(rig) as desk:
        for number, (barcode, tag, work) in enumerate(ITEMS, 1):
            hands = Hands(desk)
            await desk.scan(barcode)
            await desk.place(rig.world.tag(number, **tag))
            await work(desk, hands)
            assert rig.now.verdict is not None, desk.text
            await desk.lift()
            made[barcode] = hands.taps
    return made, list(zip(journal.times, journal.events, strict=True))


if __name__ == "__main__":
    print("\n".join(table(counted(asyncio.run(play())[1]))))
