"""Hostile text in every field that a screen can be given, whatever field a later version adds."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any, Final

import msgspec
from textual.screen import Screen

from station.domain.snapshot import Snapshot
from station.domain.workflows import Workflow
from station.tui.app import StationApp
from station.tui.pages.correction import CorrectionScreen
from station.tui.pages.corrections import CorrectionsScreen
from station.tui.pages.journal import JournalScreen
from station.tui.pages.outbox import DeliveryScreen, OutboxScreen
from station.tui.pages.rejected_lot import RejectedLotScreen
from station.tui.pages.reports import StatisticsScreen
from station.tui.pages.status_board import StatusBoardScreen
from station.tui.workflows.convert import ConvertScreen
from station.tui.workflows.inspect import InspectScreen
from station.tui.workflows.process import ProcessScreen
from station.tui.workflows.release import ReleaseScreen
from station.tui.workflows.retag import EraseScreen, MigrateScreen
from station.tui.workflows.sets import SetsScreen
from station.tui.workflows.withdraw import WithdrawScreen
from tests.conftest import FakeClock
from tests.hostile.corpus import CORPUS, MARK
from tests.tui import test_checklist, test_convert, test_errand, test_inspect, test_release, test_sets
from tests.tui.desk import Desk
from tests.tui.reading import FakeReports
from tests.tui.scenes import SCENES, SETTINGS, FakeBench, FakeDemo, FakeQueries
from tests.tui.test_board import FULL, FakeBoard
from tests.tui.test_modals import MANUAL, Row, _nothing
from tests.tui.test_orders import SCAN as OFFER
from tests.tui.test_orders import Orders
from tests.tui.work import ENTRIES, VENDORS, FakeWork

KEYS: Final = frozenset(
    {"id", "rule", "correction", "attempt", "worker", "owner", "system", "state", "code", "kind", "lane"}
)
"""Fields by which the program finds something; what is shown of them is looked up."""
SHOWS_OUTSIDE: Final[frozenset[type[Screen[None]]]] = frozenset(
    {
        ProcessScreen,
        ConvertScreen,
        ReleaseScreen,
        SetsScreen,
        InspectScreen,
        EraseScreen,
        MigrateScreen,
        StatusBoardScreen,
        JournalScreen,
        OutboxScreen,
        DeliveryScreen,
        CorrectionsScreen,
        CorrectionScreen,
        RejectedLotScreen,
        StatisticsScreen,
        WithdrawScreen,
    }
)
"""On these the mark must be read; the others have no text from outside beyond the title line, or cut it."""
WORK: Final[dict[Workflow, tuple[Snapshot, ...]]] = {
    Workflow.PROCESS: tuple(SCENES.values()),
    Workflow.CONVERT: tuple(test_convert.VIEWS.values()),
    Workflow.RELEASE: (test_release.LIST, test_release.FILES),
    Workflow.SETS: tuple(test_sets.VIEWS.values()),
    Workflow.WITHDRAW: tuple(test_checklist.VIEWS.values()),
    Workflow.INSPECT: tuple(test_inspect.VIEWS.values()),
    Workflow.ERASE: tuple(one for one in test_errand.VIEWS.values() if one.workflow is Workflow.ERASE),
    Workflow.MIGRATE: tuple(one for one in test_errand.VIEWS.values() if one.workflow is Workflow.MIGRATE),
}
"""What each workflow can show."""


class Dealer:
    """Gives each field the next string of the corpus, every second time with the mark before it; or the mark and 10 kB."""

    def __init__(self, start: int = 0, *, long: bool = False) -> None:
        self._at, self._long = start, long

    def __call__(self) -> str:
        self._at += 1
        text = CORPUS[self._at % len(CORPUS)]
        if self._long:
            return f"{MARK} {text} " + "W" * 10_000
        return f"{MARK} {text}" if self._at % 2 else text


def poisoned(value: Any, deal: Dealer, name: str = "") -> Any:
    """The same value with dealt text in place of every text in it."""
    if type(value) is str:
        return value if name in KEYS else deal()
    if isinstance(value, tuple):
        return tuple(poisoned(one, deal, name) for one in value)
    if isinstance(value, msgspec.Struct):
        changes = {field: poisoned(getattr(value, field), deal, field) for field in value.__struct_fields__}
        return msgspec.structs.replace(value, **changes)
    return value


class Poisoned(FakeReports):
    """Reports whose every line is hostile, as an item's and a vendor's words may be."""

    def __init__(self, deal: Dealer) -> None:
        super().__init__()
        self._deal = deal

    def shares(self, *asked: object) -> Any:
        return poisoned(super().shares(*asked), self._deal)  # type: ignore[arg-type]

    def charts(self, *asked: object) -> Any:
        return poisoned(super().charts(*asked), self._deal)  # type: ignore[arg-type]

    def sampling(self, *asked: object) -> Any:
        return poisoned(super().sampling(*asked), self._deal)  # type: ignore[arg-type]


class Poison:
    """One app in which all that is shown can be made hostile again and again."""

    def __init__(self) -> None:
        self.bench, self.clock, self.demo = FakeBench(SCENES["idle"]), FakeClock(), FakeDemo()
        self._queries, self._outbox, self._board, self._work = FakeQueries(), Orders(OFFER), FakeBoard(FULL), FakeWork()
        self._work.lots = (VENDORS,)
        self._plain = FakeQueries()
        self._reports = Poisoned(Dealer())
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
        )

    def deal(self, deal: Dealer) -> None:
        """From here on every port answers with this dealer's text."""
        self._queries.journal = poisoned(self._plain.journal, deal)
        self._queries.outbox = poisoned(self._plain.outbox, deal)
        self._board.value = poisoned(FULL, deal)
        self._work.entries = poisoned(ENTRIES, deal)
        self._work.lots = (poisoned(VENDORS, deal),)
        self._work.names_known = {ident: deal() for ident in self._names}
        self._reports._deal = deal
        self.demo.publish(poisoned(FakeDemo().state, deal))

    async def drawn(self, desk: Desk, row: Row, deal: Dealer, most: int = 99) -> AsyncIterator[str]:
        """Open the screen of this row with hostile text; yields after each scene that it shows, with its name."""
        while len(desk.app.screen_stack) > 2:
            desk.app.pop_screen()
        self.clock.pause(60)
        self.deal(deal)
        await desk.show(poisoned(row.scene, deal))
        await row.opened(desk)
        yield "opened"
        if row.opened is _nothing and row.scene.sign_on_prompt is None:
            for at, scene in enumerate(WORK[row.scene.workflow][:most]):
                await desk.show(poisoned(scene, deal))
                yield f"scene {at}"
