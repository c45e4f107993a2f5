"""The menu: each entry is one tap away, and one tap leads back.

Where all entries fit on one page, each group is a column; a smaller screen turns pages. The workflows come from their
rows (`station/domain/workflows/manifest.py`), the pages from `PAGES`. The item in hand stays in hand while the menu is
open; a scan closes the menu and goes to the bench.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import msgspec
from textual.app import ComposeResult
from textual.content import Content

from station.base.words import tell
from station.domain.commands import CallStaff, Enter
from station.domain.signals import MENU
from station.domain.snapshot import Snapshot
from station.domain.workflows import MenuGroup, Workflow
from station.tui.drawing import draw
from station.tui.drawing.draw import BLANK
from station.tui.drawing.words import in_hand, say
from station.tui.widgets.screen import Pane, ScreenDesk, StationScreen
from station.tui.widgets.touch import GAP, MAIN, SMALL, Action, ButtonGrid, Go


class Entry(msgspec.Struct, frozen=True):
    """A button of the menu. Its catalog keys are `menu.KEY` and `menu.KEY.says`."""

    key: str
    group: MenuGroup
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
    20: Entry("search", MenuGroup.LOOK, Go.SEARCH, lambda desk: desk.search is not None),
    60: Entry("to-fix", MenuGroup.FIX, Go.CORRECTIONS, lambda desk: desk.work is not None),
    70: Entry("call-staff", MenuGroup.STATION, CallStaff(), lambda desk: desk.snapshot.staff_call is None),
    80: Entry("staff-here", MenuGroup.STATION, CallStaff(down=True), lambda desk: desk.snapshot.staff_call is not None),
    90: Entry("sign-off", MenuGroup.STATION, Go.SIGN_OFF, lambda desk: desk.snapshot.sign_on),
    130: Entry("undo", MenuGroup.FIX, Go.UNDO, lambda desk: bool(desk.snapshot.undo)),
    150: Entry("statistics", MenuGroup.LOOK, Go.STATISTICS, lambda desk: desk.reports is not None),
    160: Entry("board", MenuGroup.LOOK, Go.BOARD, lambda desk: desk.board is not None),
}
"""Entries that do not take over the bench, by their place in the menu."""

_PLACED: Final = (
    *PAGES.items(),
    *(
        (workflow.row.menu_place, Entry(workflow.value, workflow.row.menu_group, Enter(workflow)))
        for workflow in Workflow
    ),
)
ENTRIES: Final = tuple(entry for _, entry in sorted(_PLACED, key=lambda placed: placed[0]))
"""The entries in the order of their buttons. A workflow has its screen in `app.WORK`."""

OTHERS: Final = (
    ("button.journal", Go.JOURNAL, MenuGroup.LOOK),
    ("button.outbox", Go.OUTBOX, MenuGroup.FIX),
    ("button.display", Go.DISPLAY_AND_SOUND, MenuGroup.STATION),
    ("button.quit", Go.QUIT, MenuGroup.STATION),
    ("button.close", Go.CLOSE, MenuGroup.STATION),
)
"""Entries that need no words below their name, and last in their group: the key of the label, the destination, and the
group."""

_GROUPS: Final = [*(entry.group for entry in ENTRIES), *(group for *_, group in OTHERS)]
_MOST: Final = len(MenuGroup) * max(map(_GROUPS.count, MenuGroup))
"""Maximum buttons of a page: each column is as long as the longest."""


def entries(desk: ScreenDesk) -> tuple[Entry, ...]:
    """Return the workflows that this bench offers."""
    return tuple(entry for entry in ENTRIES if entry.offered(desk))


def column(desk: ScreenDesk, group: MenuGroup) -> tuple[Action, ...]:
    """Return the buttons of a group."""
    return (
        *(_action(entry) for entry in entries(desk) if entry.group is group),
        *(Action(tell(key), where, "quiet") for key, where, of in OTHERS if of is group),
    )


def _action(entry: Entry) -> Action:
    return Action(entry.title, entry.opens, says=entry.says)


def headings(width: int) -> Content:
    """Draw the names of the groups over their columns."""
    cells = (width + GAP[0]) // len(MenuGroup)
    names = (say(tell(f"menu.group.{group.value}"), "bold $key") for group in MenuGroup)
    return draw.one_line(Content("").join(name.truncate(cells, pad=True) for name in names), width)


class MenuScreen(StationScreen):
    """The groups side by side; on a small screen main targets in pages, and small targets for the rest."""

    helps = (MENU, "button.menu")

    def compose(self) -> ComposeResult:
        """Lay out top, headings, entries and button strip. The buttons have their entries before they are mounted: a
        change of a mounted widget is styled and laid out again."""
        yield from self.compose_top()
        yield Pane("page")
        grid, last = ButtonGrid(self.desk.guard, _MOST, "workflows"), ButtonGrid(self.desk.guard, len(OTHERS), "last")
        self._offer(grid, last)
        yield grid
        yield last

    @property
    def shape(self) -> tuple[int, int, int]:
        """Columns and rows of main targets that fit into a page, and the height of each. On a small screen they are one
        row lower, because a page more costs a tap more."""
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
        self._offer(self.query_one("#workflows", ButtonGrid), self.query_one("#last", ButtonGrid))
        grouped = self.has_class("grouped")
        self.query_one("#page", Pane).show(lambda width, _: headings(width) if grouped else BLANK)

    def _offer(self, grid: ButtonGrid, last: ButtonGrid) -> None:
        columns = [column(self.desk, group) for group in MenuGroup]
        rows = max(map(len, columns))
        height = next((height for height in (MAIN[1], MAIN[1] - 1, SMALL[1]) if self._fits(rows, height)), 0)
        self.set_class(height > 0, "grouped")
        if height > 0:
            blank = Action("", Go.MENU, enabled=False)
            places = [actions[row] if row < len(actions) else blank for row in range(rows) for actions in columns]
            grid.offer(places, len(columns), rows=rows, height=height)
            last.offer((), 1)
            return
        shape, rows, height = self.shape
        grid.offer([_action(entry) for entry in entries(self.desk)], shape, rows=rows, height=height)
        last.offer(tuple(Action(tell(key), where, "quiet") for key, where, _ in OTHERS), len(OTHERS))

    def _fits(self, rows: int, height: int) -> bool:
        """True if all groups fit side by side, with this many rows of targets of this height below their names."""
        columns = len(MenuGroup)
        wide = self.app.size.width - 4 >= columns * MAIN[0] + (columns - 1) * GAP[0]
        return wide and self.above + 1 + rows * (height + GAP[1]) <= self.app.size.height
