"""The menu of workflows: each is one tap away, and one tap leads back.

The workflows come from their rows (`station/domain/workflows/manifest.py`), the pages from `PAGES`. The item in hand
stays in hand while the menu is open; a scan closes the menu and goes to the bench.
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
    """A button of the menu. Its catalog keys are `menu.KEY` and `menu.KEY.says`."""

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


PAGES: Final = {
    20: Entry("search", Go.SEARCH, lambda desk: desk.search is not None),
    60: Entry("to-fix", Go.CORRECTIONS, lambda desk: desk.work is not None),
    70: Entry("call-staff", CallStaff(), lambda desk: desk.snapshot.staff_call is None),
    80: Entry("staff-here", CallStaff(down=True), lambda desk: desk.snapshot.staff_call is not None),
    90: Entry("sign-off", Go.SIGN_OFF, lambda desk: desk.snapshot.sign_on),
    130: Entry("undo", Go.UNDO, lambda desk: bool(desk.snapshot.undo)),
    150: Entry("statistics", Go.STATISTICS, lambda desk: desk.reports is not None),
    160: Entry("board", Go.BOARD, lambda desk: desk.board is not None),
}
"""Entries that do not take over the bench, by their place in the menu."""

_PLACED: Final = (
    *PAGES.items(),
    *((workflow.row.menu_place, Entry(workflow.value, Enter(workflow))) for workflow in Workflow),
)
ENTRIES: Final = tuple(entry for _, entry in sorted(_PLACED, key=lambda placed: placed[0]))
"""The entries in the order of their buttons. A workflow has its screen in `app.WORK`."""

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
        title, sentence = super().heading_of(snapshot)
        return title, tell("menu.in-hand") if in_hand(snapshot) and snapshot.fault is None else sentence or tell(
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
