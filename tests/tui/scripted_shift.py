"""A scripted shift on the real screens and the real bench: a book, a book with a disc, the discs of a set, a book that
fails, a tag that is overwritten; then a trainee's book.

`python -m tests.tui.scripted_shift` prints the taps that its journal tells, and of each item its taps and how long its
button sleeps, beside those of `BEFORE`. The times are those of the simulated clock, and of a reader that answers at once.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Final, NamedTuple

from scripts.evidence.taps import counted, table
from station.base.words import tell
from station.domain.deliveries.delivery import NewDelivery
from station.domain.events import AnyEvent
from station.domain.item import Barcode, ItemRecord
from station.domain.people.rights import Role
from station.domain.ports import Worker
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
STEP_S: Final = 0.05
"""Seconds between two looks at the button."""


class Figures(NamedTuple):
    """What one item took."""

    taps: int
    first_s: float
    """Seconds from the tag on the pad to the first button that passes something."""
    asleep_s: float
    """Seconds in which these buttons slept, of all pages together."""


BEFORE_COMMIT: Final = "7a7f2adf"
BEFORE: Final = {
    "book": Figures(1, 2.4, 1.55),
    "book with a disc": Figures(2, 2.4, 3.1),
    "set, part 1": Figures(2, 2.4, 3.1),
    "set, part 2": Figures(1, 2.4, 1.55),
    "set, part 3": Figures(1, 2.4, 1.55),
    "book that fails": Figures(3, 2.4, 1.55),
    "overwritten tag": Figures(2, 2.4, 1.55),
    "trainee's book": Figures(7, 2.4, 10.85),
}
"""The same figures at `BEFORE_COMMIT`."""


class Shelf(MemoryCatalog):
    """The catalog of the tests, and two items more."""

    def find(self, barcode: Barcode) -> ItemRecord:
        return _SHELF.get(barcode) or super().find(barcode)


class Trainees:
    """`ports.Workforce` in which every person is a trainee."""

    def find(self, login: str) -> Worker:
        return Worker(id="w1", name=login, role=Role.TRAINEE)


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
    """Counts the taps of one item, and the seconds in which its buttons sleep."""

    def __init__(self, desk: LiveDesk) -> None:
        self._desk = desk
        self.taps = 0
        self.sleeps: list[float] = []

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

    async def wake(self) -> str:
        """Wait until a button passes something. Return its label."""
        began = self._desk.clock.monotonic()
        while not (awake := [label for label in self._desk.labels() if label.startswith("✓")]) or self._deaf:
            self._desk.later(STEP_S)
        self.sleeps.append(self._desk.clock.monotonic() - began)
        return awake[0]

    @property
    def _deaf(self) -> bool:
        return self._desk.app.desk.guard.deaf_s > 0

    async def answer_all(self) -> None:
        """Pass every check that is left, as the screen offers it."""
        while self._desk.rig.now.phase is Phase.CHECKING:
            label = await self.wake()
            self.taps += 1
            await self._desk.tap(label, wait=0.0)


async def _passes(_desk: LiveDesk, hands: Hands) -> None:
    await hands.answer_all()


async def _fails(_desk: LiveDesk, hands: Hands) -> None:
    await hands.wake()
    await hands.line("exactly")
    await hands.tap("Line missing")
    await hands.tap(tell("button.rest-good"))


async def _overwritten(desk: LiveDesk, hands: Hands) -> None:
    await hands.tap(next(one for one in desk.labels() if "verwrite" in one))
    await desk.scan(OTHER)
    await hands.answer_all()


class Item(NamedTuple):
    """An item of the shift. Without `scanned` its tag is put on the pad at once, as the screen asks for the next part."""

    name: str
    barcode: Barcode
    work: Callable[[LiveDesk, Hands], Awaitable[None]] = _passes
    tag: dict[str, object] = {}
    scanned: bool = True


ITEMS: Final = (
    Item("book", BOOK),
    Item("book with a disc", WITH_DISC),
    Item("set, part 1", DVD),
    Item("set, part 2", DVD, scanned=False),
    Item("set, part 3", DVD, scanned=False),
    Item("book that fails", FAILS, _fails),
    Item("overwritten tag", OTHER, _overwritten, encoded(BOOK, "DE-Heu1")),
)
TRAINEES: Final = (Item("trainee's book", BOOK),)


class Done(NamedTuple):
    """An item with its figures."""

    item: Item
    figures: Figures


async def play(
    items: Sequence[Item] = ITEMS, people: Trainees | None = None
) -> tuple[list[Done], list[tuple[str, AnyEvent]]]:
    """Return the items with their figures, and the journal with its times. Nothing is tapped between the verdict on an
    item and the scan of the next one."""
    journal = TimedJournal()
    rig = Rig(SETTINGS, journal=journal, people=people)
    journal.now = rig.clock.now
    rig.start_with(catalog=Shelf())
    done: list[Done] = []
    async with live(rig) as desk:
        for number, item in enumerate(items, 1):
            hands = Hands(desk)
            if item.scanned:
                await desk.scan(item.barcode)
                assert rig.now.phase is Phase.NEED_TAG, desk.text
            laid = rig.clock.monotonic()
            await desk.place(rig.world.tag(number, **item.tag))
            seen_s = rig.clock.monotonic() - laid
            await item.work(desk, hands)
            assert rig.now.verdict is not None, desk.text
            await desk.lift()
            figures = Figures(hands.taps, round(seen_s + hands.sleeps[0], 2), round(sum(hands.sleeps), 2))
            done.append(Done(item, figures))
    return done, list(zip(journal.times, journal.events, strict=True))


def figures_table(done: Sequence[Done]) -> list[str]:
    """Return a Markdown table of the figures, each followed by that of `BEFORE`."""
    rows = [
        f"| item | taps | at {BEFORE_COMMIT} | s to the first button | at {BEFORE_COMMIT} | s asleep | at {BEFORE_COMMIT} |",
        "|---|---|---|---|---|---|---|",
    ]
    for item, figures in done:
        before = BEFORE.get(item.name, ("-", "-", "-"))
        pairs = zip(figures, before, strict=True)
        rows.append(" | ".join([f"| {item.name}", *(f"{now} | {then}" for now, then in pairs)]) + " |")
    return rows


if __name__ == "__main__":
    shift, events = asyncio.run(play())
    training, _ = asyncio.run(play(TRAINEES, Trainees()))
    print("\n".join([*table(counted(events)), "", *figures_table([*shift, *training])]))
