"""The menu of workflows: each is one tap away, and one tap leads back.

To add a workflow, add a row to `ENTRIES`. The item in hand stays in hand while the menu is open; a scan closes the menu
and goes to the bench.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import msgspec
from textual.app import ComposeResult

from station.base.words import tell
from station.domain.commands import CallStaff, Enter
from station.domain.snapshot import Snapshot
from station.domain.workflows import Workflow
from station.tui.drawing.words import in_hand
from station.tui.widgets.screen import Pane, ScreenDesk, StationScreen
from station.tui.widgets.touch import MAIN, Action, ButtonGrid, Go


class Entry(msgspec.Struct, frozen=True):
    """A workflow in the menu. Its catalog keys are `menu.KEY` and `menu.KEY.says`."""

    key: str
    opens: Go | Enter | CallStaff
    """A screen over the work, a workflow that takes over the bench, or a command after which the work goes on."""
    offered: Callable[[ScreenDesk], bool] = lambda _desk: True
    """True if this bench offers it."""

    @property
    def title(self) -> str:
        """The text on its button."""
        return tell(f"menu.{self.key}")

    @property
    def says(self) -> str:
        """Its purpose in a few words."""
        return tell(f"menu.{self.key}.says")


ENTRIES: Final = (
    Entry("process", Enter(Workflow.PROCESS)),
    Entry("search", Go.SEARCH, lambda desk: desk.search is not None),
    Entry("convert", Enter(Workflow.CONVERT)),
    Entry("inspect", Enter(Workflow.INSPECT)),
    Entry("release", Enter(Workflow.RELEASE)),
    Entry("to-fix", Go.CORRECTIONS, lambda desk: desk.work is not None),
    Entry("call-staff", CallStaff(), lambda desk: desk.snapshot.staff_call is None),
    Entry("staff-here", CallStaff(down=True), lambda desk: desk.snapshot.staff_call is not None),
    Entry("sign-off", Go.SIGN_OFF, lambda desk: desk.snapshot.sign_on),
    Entry("sets", Enter(Workflow.SETS)),
    Entry("erase", Enter(Workflow.ERASE)),
    Entry("migrate", Enter(Workflow.MIGRATE)),
    Entry("undo", Go.UNDO, lambda desk: bool(desk.snapshot.undo)),
    Entry("withdraw", Enter(Workflow.WITHDRAW)),
    Entry("statistics", Go.STATISTICS, lambda desk: desk.reports is not None),
    Entry("board", Go.BOARD, lambda desk: desk.board is not None),
)
"""The workflows in the order of their buttons. A workflow that takes over the bench has its screen in `app.WORK`."""

OTHERS: Final = (
    ("button.journal", Go.JOURNAL),
    ("button.outbox", Go.OUTBOX),
    ("button.display", Go.DISPLAY_AND_SOUND),
    ("button.quit", Go.QUIT),
    ("button.close", Go.CLOSE),
)
"""Entries that are not workflows: the key of the label, and the destination."""

_MOST: Final = len(ENTRIES)
"""Maximum buttons of a page: all of them, where there are the rows."""


def entries(desk: ScreenDesk) -> tuple[Entry, ...]:
    """Return the workflows that this bench offers."""
    return tuple(entry for entry in ENTRIES if entry.offered(desk))


class MenuScreen(StationScreen):
    """Main targets for the workflows, small targets for the rest."""

    helps = ("menu", "button.menu")

    def compose(self) -> ComposeResult:
        """Lay out top, workflows and button strip."""
        yield from self.compose_top()
        yield Pane("page")
        yield ButtonGrid(self.desk.guard, _MOST, "workflows")
        yield ButtonGrid(self.desk.guard, len(OTHERS), "last")

    @property
    def shape(self) -> tuple[int, int, int]:
        """Columns and rows of main targets that fit, and the height of each. On a small screen they are one row lower,
        because a page more costs a tap more."""
        used = self.above + (2 if self.air else 0) + 1 + 4 + (1 if self.air else 0)
        height = MAIN[1] if self.tall else MAIN[1] - 1
        offered = len(entries(self.desk))
        columns, rows = self.targets(used, 4 * offered, MAIN[0], height, most_columns=4)  # the window is the limit
        return columns, min(rows, -(-offered // columns)), height

    def heading_of(self, snapshot: Snapshot) -> tuple[str, str]:
        """Return the title, and a stop or the item in hand, which waits."""
        title, said = super().heading_of(snapshot)
        return title, tell("menu.in-hand") if in_hand(snapshot) and snapshot.fault is None else said or tell(
            "menu.what"
        )

    def show(self, snapshot: Snapshot) -> None:
        """Draw the entries."""
        super().show(snapshot)
        offered = entries(self.desk)
        columns, rows, height = self.shape
        self.query_one("#workflows", ButtonGrid).offer(
            tuple(Action(entry.title, entry.opens, says=entry.says) for entry in offered),
            columns,
            rows=rows,
            height=height,
        )
        self.query_one("#last", ButtonGrid).offer(
            tuple(Action(tell(key), where, "quiet") for key, where in OTHERS), len(OTHERS)
        )
