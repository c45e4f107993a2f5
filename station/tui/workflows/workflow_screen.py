"""Base of most work screens: lines in pages, main actions below, and the permanent button strip."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import Container
from textual.content import Content

from station.base.words import tell
from station.domain.commands import Act, Command, Enter
from station.domain.snapshot import Snapshot
from station.domain.workflows import Workflow
from station.tui.drawing import draw
from station.tui.drawing.draw import Lines
from station.tui.widgets.screen import Pane, ScreenDesk, StationScreen
from station.tui.widgets.touch import GAP, MAIN, Action, ButtonGrid, Go, TouchButton
from station.tui.workflows.actions import STRIP, bottom_actions, one_strip, stage_actions, with_way_back
from station.tui.workflows.process import demo_line


class WorkflowScreen(StationScreen):
    """Header, band, notice, lines, actions, strip. The last button of the strip pages the lines, whatever the actions
    are."""

    edge = False

    def __init__(self, desk: ScreenDesk) -> None:
        super().__init__(desk)
        self._page = 0
        self._pages = 1
        self._shown: Lines = []
        self._hands = 0

    @property
    def rows_for_notices(self) -> int:
        """See `StationScreen.rows_for_notices`; on a small screen the lines need the row."""
        return int(self.tall) or super().rows_for_notices

    def compose(self) -> ComposeResult:
        """Lay out about thirty widgets."""
        yield from self.compose_top()
        yield Pane("notice")
        with Container(id="body"):
            yield Pane("tale")
        yield from self.compose_more()
        yield ButtonGrid(self.desk.guard, 6, "actions")
        if self.desk.demo is not None:
            yield Pane("demo-line")
        yield ButtonGrid(self.desk.guard, 10, "last")

    def compose_more(self) -> ComposeResult:
        """Lay out a subclass's widgets between lines and actions."""
        yield from ()

    def lines(self, snapshot: Snapshot, width: int) -> Lines:
        """Return all lines to show."""
        raise NotImplementedError

    def actions_of(self, snapshot: Snapshot) -> tuple[Action, ...]:
        """Return the main actions; without choices in a fault, the button to go on."""
        if snapshot.fault is not None and not snapshot.fault.choices:
            return (Action(tell("choice.go-on"), Act("settle"), "main"),)
        return stage_actions(snapshot, None)

    def way_back(self, snapshot: Snapshot) -> Command:
        """Return the command of `< Back`: to Process, or out of the workflow's own question."""
        del snapshot
        return Enter(Workflow.PROCESS)

    def show(self, snapshot: Snapshot) -> None:
        super().show(snapshot)
        self.show_notice(snapshot)
        self.query_one("#tale", Pane).show(lambda width, height: self._tale(snapshot, width, height))
        self._show_actions(snapshot)
        self._show_strip(snapshot)

    @property
    def room(self) -> int:
        """Rows for lines in the current layout."""
        return max(1, self.query_one("#tale", Pane).size.height or 1)

    def _tale(self, snapshot: Snapshot, width: int, height: int) -> Content:
        lines = self.lines(snapshot, width)
        pages = max(1, -(-len(lines) // max(1, height)))
        turned = self._page
        if lines != self._shown:  # the first page shows what is new or not right
            self._shown, self._page = lines, 0
        if pages != self._pages or turned != self._page:
            self._pages = pages
            self.call_later(self._show_strip, snapshot)
        at = self._page % pages
        return draw.stack(lines[at * height : (at + 1) * height], height)

    def _show_actions(self, snapshot: Snapshot) -> None:
        actions = self.actions_of(snapshot)
        columns = max(1, (self.app.size.width - 4 + GAP[0]) // (MAIN[0] + GAP[0]))
        self.query_one("#actions", ButtonGrid).offer(actions, min(columns, max(3, len(actions))), height=MAIN[1])

    def strip_of(self, snapshot: Snapshot) -> tuple[Action, ...]:
        """Return the strip, without the button that turns the pages."""
        return with_way_back(bottom_actions(snapshot), self.way_back(snapshot))

    def _show_strip(self, snapshot: Snapshot) -> None:
        own = self.strip_of(snapshot)
        last = self.query_one("#last", ButtonGrid)
        if self._pages > 1:
            at = self._page % self._pages + 1
            own = (*own, Action(tell("button.page", page=at, pages=self._pages), Go.NEXT_LINES, "quiet"))
        state = self.desk.demo_state
        if state is None:
            last.offer(own, min(self.columns, max(STRIP, len(own))))
            return
        self.query_one("#demo-line", Pane).show(lambda width, height: demo_line(state, width, height))
        last.offer(one_strip(own, state, self._hands), min(self.columns, 5))

    def show_demo(self, _state: object) -> None:
        """Draw the changed state of the demo bench."""
        self._show_strip(self.desk.snapshot)

    def on_touch_button_tapped(self, message: TouchButton.Tapped) -> None:
        """Turn the pages of the lines; switch the strips."""
        does = message.action.does
        if does is Go.NEXT_LINES:
            self._page += 1
        elif does is Go.HANDS:
            self._hands += 1
        else:
            return
        message.stop()
        self.show(self.desk.snapshot)
