"""Work screen of truck release: the list, and why some items may not leave."""

from __future__ import annotations

from typing import Final

from textual.app import ComposeResult
from textual.content import Content

from station.base.words import tell
from station.domain.commands import Act, Command
from station.domain.snapshot import Snapshot
from station.domain.workflows import ReleaseLine, ReleaseState, ReleaseView, Workflow
from station.tui.drawing import draw
from station.tui.drawing.draw import Lines
from station.tui.drawing.words import say
from station.tui.widgets.screen import ScreenDesk
from station.tui.widgets.touch import GAP, MAIN, SMALL, Action, ButtonGrid, Pick, Print, TouchButton
from station.tui.workflows.workflow_screen import WorkflowScreen

_DOUBT: Final = Pick("clear")
SYMBOLS: Final = {True: "✓", False: "×"}


class ReleaseScreen(WorkflowScreen):
    """The truck's list; items that are not ready come first."""

    workflow = Workflow.RELEASE

    def __init__(self, desk: ScreenDesk) -> None:
        super().__init__(desk)
        self._doubted: tuple[ReleaseLine, ...] = ()
        """The list to be cleared, while the operator confirms."""

    def compose_more(self) -> ComposeResult:
        """Lay out the rare actions on the list as small targets, so that the large ones fit on one page."""
        yield ButtonGrid(self.desk.guard, 2, "seldom")

    def show(self, snapshot: Snapshot) -> None:
        asked = self._asked(view_of(snapshot))
        self.query_one("#seldom", ButtonGrid).offer(() if asked else seldom(snapshot), 2, height=SMALL[1])
        super().show(snapshot)

    def lines(self, snapshot: Snapshot, width: int) -> Lines:
        """Return the items not ready with reasons, then the ready ones, newest first."""
        view = view_of(snapshot)
        if view.files:
            return draw.paragraph(tell("release.files", count=len(view.files)), width)
        sure = draw.paragraph(tell("release.sure", count=len(view.lines)), width, "bold") if self._asked(view) else []
        head = [say(tell("release.slip", truck=view.truck), "bold")] if view.truck else []
        return [*sure, *(draw.one_line(line, width) for line in head), *list_lines(view, width)]

    def actions_of(self, snapshot: Snapshot) -> tuple[Action, ...]:
        """Return the actions for the list."""
        view = view_of(snapshot)
        if snapshot.fault is not None:
            return super().actions_of(snapshot)
        if view.files:
            return tuple(Action(file.name, Act("file", file.key), says=file.at) for file in view.files)
        if self._asked(view):
            keep = Action(tell("release.button.keep"), Pick("keep"), "main")
            return (keep, Action(tell("release.button.clear"), Act("clear"), "bad"))
        session = Action(tell("release.button.session"), Act("session"))
        files = Action(tell("release.button.files"), Act("files"))
        if view.state is ReleaseState.RELEASED:
            wrong = any(not line.right for line in view.lines)
            slip = (Action(tell("release.button.slip"), Print.TRUCK),) if wrong and self.desk.labels else ()
            return (Action(tell("release.button.clear"), Act("clear"), "quiet"), *slip, files)
        release = Action(tell("release.button.release"), Act("release"), "main", enabled=bool(view.lines))
        return (release, session, files)

    def _asked(self, view: ReleaseView) -> bool:
        return bool(self._doubted) and self._doubted == view.lines and view.state is not ReleaseState.RELEASED

    def on_touch_button_tapped(self, message: TouchButton.Tapped) -> None:
        """Confirm before a list is cleared; any other tap cancels the question."""
        does = message.action.does
        self._doubted = view_of(self.desk.snapshot).lines if does == _DOUBT else ()
        if isinstance(does, Pick):
            message.stop()
            self.show(self.desk.snapshot)

    def way_back(self, snapshot: Snapshot) -> Command:
        """Return from the choice of a file."""
        return Act("files-off") if view_of(snapshot).files else super().way_back(snapshot)

    def _show_actions(self, snapshot: Snapshot) -> None:
        if not view_of(snapshot).files or snapshot.fault is not None:
            super()._show_actions(snapshot)
            return
        columns = max(1, (self.app.size.width - 4 + GAP[0]) // (MAIN[0] + GAP[0]))
        self.query_one("#actions", ButtonGrid).offer(self.actions_of(snapshot), min(columns, 3), rows=2, height=MAIN[1])


def seldom(snapshot: Snapshot) -> tuple[Action, ...]:
    """Return the rare actions: take the last item off, or start over. Only for a list that is not released."""
    view = view_of(snapshot)
    if snapshot.fault is not None or view.files or view.state is ReleaseState.RELEASED:
        return ()
    if not view.lines and not view.truck:
        return ()
    return (
        Action(tell("release.button.take-off"), Act("take-off"), "quiet", enabled=bool(view.lines)),
        Action(tell("release.button.clear"), _DOUBT if view.lines else Act("clear"), "quiet"),
    )


def view_of(snapshot: Snapshot) -> ReleaseView:
    """Return the list, or an empty one."""
    return snapshot.workflow_view if isinstance(snapshot.workflow_view, ReleaseView) else ReleaseView()


def list_lines(view: ReleaseView, width: int) -> Lines:
    """Return one line per item, two if it is not ready."""
    lines: list[Content] = []
    for line in (item for item in view.lines if not item.right):
        lines += draw.listed(
            f"{SYMBOLS[False]} {tell('release.not-right')}: {line.barcode}  {line.title}", width, "bold"
        )
        lines += draw.hanging(" ".join(map(tell, line.reasons)), width)
    for line in reversed([item for item in view.lines if item.right]):
        text = f"{SYMBOLS[True]} {tell('release.right')}: {line.barcode}  {line.title}"
        together = say(f"{text}  ({' '.join(map(tell, line.notes))})" if line.notes else text)
        if not line.notes or together.cell_length <= width:
            lines.append(draw.one_line(together, width))
        else:  # a title may be cut, but not the notes
            lines += [draw.one_line(say(text), width), *draw.hanging(" ".join(map(tell, line.notes)), width)]
    return lines
