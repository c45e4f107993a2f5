"""Hostile text in every field that a screen can receive, including fields that a later version adds."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import AsyncIterator, Iterable, Iterator
from typing import Any, Final

import msgspec
from textual.screen import Screen

from station.base.sentence import Sentence
from station.domain.snapshot import Snapshot
from station.domain.workflows import Workflow
from station.tui import app
from station.tui.app import StationApp
from station.tui.pages.correction import CorrectionScreen
from station.tui.pages.corrections import CorrectionsScreen
from station.tui.pages.journal import JournalScreen
from station.tui.pages.last_items import LastItemsScreen
from station.tui.pages.outbox import DeliveryScreen, OutboxScreen
from station.tui.pages.rejected_lot import RejectedLotScreen
from station.tui.pages.reports import StatisticsScreen
from station.tui.pages.status_board import StatusBoardScreen
from station.tui.widgets.dialogs import SenderDialog
from tests.conftest import FakeClock
from tests.support.hostile_text import CORPUS, MARK
from tests.tui import workflows
from tests.tui.fake_reports import FakeReports
from tests.tui.pages.test_library_orders import SCAN as OFFER
from tests.tui.pages.test_library_orders import Orders
from tests.tui.pages.test_search import ITEMS, Shelf
from tests.tui.pages.test_status_board import FULL, FakeBoard
from tests.tui.running_app import Desk
from tests.tui.sample_corrections import ENTRIES, VENDORS, FakeWork
from tests.tui.scenes import SCENES, SETTINGS, FakeBench, FakeDemo, FakeQueries
from tests.tui.test_modals import MANUAL, Row, _nothing

KEYS: Final = frozenset(
    {"id", "rule", "correction", "attempt", "worker", "owner", "system", "state", "code", "kind", "lane"}
)
"""Fields by which the program looks something up; a screen shows what was found."""
SHOWS_OUTSIDE: Final[frozenset[type[Screen[None]]]] = frozenset(
    {
        *app.WORK.values(),
        StatusBoardScreen,
        JournalScreen,
        LastItemsScreen,
        OutboxScreen,
        DeliveryScreen,
        CorrectionsScreen,
        CorrectionScreen,
        RejectedLotScreen,
        SenderDialog,
        StatisticsScreen,
    }
)
"""On these screens the mark must be readable. The others have no text from outside except the title line, or cut it."""


def _scenes() -> Iterator[Snapshot]:
    """Yield the ordinary scenes, and `VIEWS` of every test of a workflow's screen."""
    yield from SCENES.values()
    for module in pkgutil.iter_modules(workflows.__path__, f"{workflows.__name__}."):
        yield from getattr(importlib.import_module(module.name), "VIEWS", {}).values()


WORK: Final = {workflow: tuple(scene for scene in _scenes() if scene.workflow is workflow) for workflow in Workflow}
"""The scenes that each workflow can show."""


class Dealer:
    """Gives each field the next string of the corpus, every second time after the mark; or the mark and 10 kB."""

    def __init__(self, start: int = 0, *, long: bool = False) -> None:
        self._at, self._long = start, long

    def __call__(self) -> str:
        self._at += 1
        text = CORPUS[self._at % len(CORPUS)]
        if self._long:
            return f"{MARK} {text} " + "W" * 10_000
        return f"{MARK} {text}" if self._at % 2 else text


def poisoned(value: Any, deal: Dealer, name: str = "") -> Any:
    """Return the same value with dealt text in place of every text."""
    if type(value) is str:
        return value if name in KEYS else deal()
    if isinstance(value, Sentence):
        return Sentence.verbatim(deal())
    if isinstance(value, tuple):
        return tuple(poisoned(one, deal, name) for one in value)
    if isinstance(value, msgspec.Struct):
        changes = {field: poisoned(getattr(value, field), deal, field) for field in value.__struct_fields__}
        return msgspec.structs.replace(value, **changes)
    return value


class Poisoned(FakeReports):
    """Reports whose every line is hostile: an item's or a vendor's text can be."""

    def __init__(self, deal: Dealer) -> None:
        super().__init__()
        self._deal = deal

    def shares(self, *asked: object) -> Any:
        return poisoned(super().shares(*asked), self._deal)  # type: ignore[arg-type]

    def charts(self, *asked: object) -> Any:
        return poisoned(super().charts(*asked), self._deal)  # type: ignore[arg-type]

    def sampling(self, *asked: object) -> Any:
        return poisoned(super().sampling(*asked), self._deal)  # type: ignore[arg-type]


class PoisonedQueries(FakeQueries):
    """A journal whose titles are hostile, too."""

    deal: Dealer

    def titles(self, barcodes: Iterable[str]) -> dict[str, str]:
        return {barcode: self.deal() for barcode in barcodes}


class Poison:
    """An app whose whole content can be made hostile again and again."""

    def __init__(self) -> None:
        self.bench, self.clock, self.demo = FakeBench(SCENES["idle"]), FakeClock(), FakeDemo()
        self._queries, self._outbox = PoisonedQueries(), Orders(OFFER)
        self._board, self._work = FakeBoard(FULL), FakeWork()
        self._work.lots = (VENDORS,)
        self._plain = FakeQueries()
        self._reports, self._shelf = Poisoned(Dealer()), Shelf()
        self._names = dict(self._work.names_known)
        self.app = StationApp(
            self.bench,
            self._queries,
            SETTINGS,
            self.demo,
            self.clock.monotonic,
            work=self._work,
            outbox=self._outbox,
            reports=self._reports,
            manual=MANUAL,
            board=self._board,
            search=self._shelf,
        )

    def deal(self, deal: Dealer) -> None:
        """Make every port answer with this dealer's text from now on."""
        self._queries.deal = deal
        self._queries.journal = poisoned(self._plain.journal, deal)
        self._queries.outbox = poisoned(self._plain.outbox, deal)
        self._board.value = poisoned(FULL, deal)
        self._shelf.items = poisoned(ITEMS, deal)
        self._work.entries = poisoned(ENTRIES, deal)
        self._work.lots = (poisoned(VENDORS, deal),)
        self._work.names_known = {ident: deal() for ident in self._names}
        self._reports._deal = deal
        self.demo.publish(poisoned(FakeDemo().state, deal))

    async def drawn(self, desk: Desk, row: Row, deal: Dealer, most: int = 99) -> AsyncIterator[str]:
        """Open the screen of this row with hostile text; yield the name of each scene after it is shown."""
        while len(desk.app.screen_stack) > 2:
            desk.app.pop_screen()
        self.clock.pause(60)
        self.deal(deal)
        await desk.show(poisoned(row.scene, deal))
        if isinstance(desk.app.screen, SenderDialog):
            desk.app.pop_screen()
        await row.opened(desk)
        yield "opened"
        if row.opened is _nothing and row.scene.sign_on_prompt is None:
            for at, scene in enumerate(WORK[row.scene.workflow][:most]):
                await desk.show(poisoned(scene, deal))
                yield f"scene {at}"
