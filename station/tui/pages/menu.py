"""The menu of workflows: what can be done at this bench, each one tap away, and one tap back.

The table `ENTRIES` is the menu: whoever adds a workflow adds a row. Work goes on behind it: the item in hand stays in
hand, and a scan closes the menu and arrives at the bench.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import msgspec
from textual.app import ComposeResult

from station.base.words import tell
from station.domain.commands import Enter
from station.domain.snapshot import Snapshot, Workflow
from station.tui.drawing import draw
from station.tui.drawing.words import in_hand
from station.tui.widgets.screen import Pane, ScreenDesk, StationScreen
from station.tui.widgets.touch import MAIN, Action, ButtonGrid, Go


class Entry(msgspec.Struct, frozen=True):
    """One workflow in the menu. Its words are `menu.KEY` and `menu.KEY.says` in the catalogue."""

    key: str
    opens: Go | Enter
    """A screen over the work, or a workflow that takes the bench."""
    offered: Callable[[ScreenDesk], bool] = lambda _desk: True
    """Is there such a thing at this bench?"""

    @property
    def title(self) -> str:
        """What its button says."""
        return tell(f"menu.{self.key}")

    @property
    def says(self) -> str:
        """What it is for, in a few words."""
        return tell(f"menu.{self.key}.says")


ENTRIES: Final = (
    Entry("process", Enter(Workflow.PROCESS)),
    Entry("convert", Enter(Workflow.CONVERT)),
    Entry("inspect", Enter(Workflow.INSPECT)),
    Entry("release", Enter(Workflow.RELEASE)),
    Entry("to-mend", Go.CORRECTIONS, lambda desk: desk.work is not None),
    Entry("sets", Enter(Workflow.SETS)),
    Entry("erase", Enter(Workflow.ERASE)),
    Entry("migrate", Enter(Workflow.MIGRATE)),
    Entry("sign-off", Go.SIGN_OFF, lambda desk: desk.snapshot.sign_on),
    Entry("withdraw", Enter(Workflow.WITHDRAW)),
    Entry("statistics", Go.STATISTICS, lambda desk: desk.reports is not None),
    Entry("board", Go.BOARD, lambda desk: desk.board is not None),
)
"""The workflows, in the order of the buttons. One that takes the bench has its screen in `app.WORK`."""

OTHERS: Final = (
    ("button.journal", Go.JOURNAL),
    ("button.outbox", Go.OUTBOX),
    ("button.display", Go.DISPLAY_AND_SOUND),
    ("button.quit", Go.QUIT),
    ("button.close", Go.CLOSE),
)
"""What is no workflow: the key of its word, and where it leads."""

_MOST: Final = 12
"""Buttons of a page."""


def entries(desk: ScreenDesk) -> tuple[Entry, ...]:
    """The workflows that this bench has."""
    return tuple(entry for entry in ENTRIES if entry.offered(desk))


class MenuScreen(StationScreen):
    """Main targets for the workflows, small ones for the rest."""

    helps = ("menu", "button.menu")

    def compose(self) -> ComposeResult:
        """Top, heading, workflows, strip."""
        yield from self.compose_top()
        yield Pane("page")
        yield ButtonGrid(self.desk.guard, _MOST, "workflows")
        yield ButtonGrid(self.desk.guard, len(OTHERS), "last")

    @property
    def shape(self) -> tuple[int, int]:
        """Columns and rows of main targets that fit."""
        used = 1 + (5 if self.air else 3) + 1 + (2 if self.air else 0) + 1 + 4 + (1 if self.air else 0)
        columns, rows = self.targets(used, _MOST, *MAIN, most_columns=4)
        return columns, min(rows, -(-len(entries(self.desk)) // columns))

    def show(self, snapshot: Snapshot) -> None:
        """What there is, and that the item in hand waits."""
        super().show(snapshot)
        offered = entries(self.desk)
        said = tell("menu.in-hand" if in_hand(snapshot) else "menu.what")
        self.query_one("#page", Pane).show(
            lambda width, height: draw.stack(
                [draw.rule(tell("button.menu"), width), *draw.paragraph(said, width)], height
            )
        )
        columns, rows = self.shape
        self.query_one("#workflows", ButtonGrid).offer(
            tuple(Action(entry.title, entry.opens, says=entry.says) for entry in offered),
            columns,
            rows=rows,
            height=MAIN[1],
        )
        self.query_one("#last", ButtonGrid).offer(
            tuple(Action(tell(key), where, "quiet") for key, where in OTHERS), len(OTHERS)
        )
