"""Work screen of bulk conversion: the process screen with the session's counts and the stack."""

from __future__ import annotations

from typing import Final

from textual.app import ComposeResult
from textual.content import Content

from station.base.words import tell
from station.domain.commands import Act
from station.domain.snapshot import Phase, Snapshot
from station.domain.workflows import ConvertState, ConvertView, StackLine, StackReport, StackState, Workflow
from station.tui.drawing import draw
from station.tui.drawing.draw import BLANK, Lines
from station.tui.drawing.words import say
from station.tui.widgets.screen import Pane
from station.tui.widgets.touch import Action
from station.tui.workflows.actions import with_way_back
from station.tui.workflows.process import ProcessScreen

_LOOKING: Final = (ConvertState.LAY_STACK, ConvertState.STACK)
_FREE: Final = (Phase.IDLE, Phase.DONE, Phase.NEED_SCAN)
SYMBOLS: Final = {StackState.RIGHT: "✓", StackState.MISSING: "?", StackState.EXTRA: "+", StackState.WRONG: "×"}
"""Symbol of each state of a stack's line; its word is shown beside it."""


class ConvertScreen(ProcessScreen):
    """Counts below the band; the newest items, or the stack, in the middle."""

    workflow = Workflow.CONVERT
    rows_more = 1
    main_when_done = True

    def compose_top(self) -> ComposeResult:
        """Lay out header, band and counts."""
        yield from super().compose_top()
        yield Pane("count")

    def show(self, snapshot: Snapshot) -> None:
        view = view_of(snapshot)
        self.query_one("#count", Pane).show(lambda width, _: counts(view, width))
        super().show(snapshot)

    def tale_of(self, snapshot: Snapshot, width: int, height: int) -> Content:
        """Draw the stack during a stack check, the newest items between items, else the process screen's content."""
        view = view_of(snapshot)
        if view.state in _LOOKING:
            return draw.stack(stack_lines(view, width, height), height)
        if snapshot.fault is None and snapshot.phase in _FREE:
            return draw.stack(newest(view, width), height)
        return super().tale_of(snapshot, width, height)

    def actions_of(self, snapshot: Snapshot) -> tuple[Action, ...]:
        """Return the actions for the stack and the session; the answers to a fault come first."""
        view = view_of(snapshot)
        if snapshot.fault is not None:
            return super().actions_of(snapshot)
        if view.state in _LOOKING:
            return (Action(tell("convert.button.go-on"), Act("go-on"), "main"),)
        if view.state is ConvertState.LINE and snapshot.phase in _FREE:
            stack = Action(tell("convert.button.check-stack"), Act("check-stack"), enabled=bool(view.stack))
            return (stack, Action(tell("convert.button.end"), Act("end"), "quiet"))
        return super().actions_of(snapshot)

    def done_actions(self, snapshot: Snapshot) -> tuple[Action, ...]:
        """Return nothing between items: the line goes on."""
        return () if view_of(snapshot).state is ConvertState.LINE else super().done_actions(snapshot)

    def strip_of(self, snapshot: Snapshot) -> tuple[Action, ...]:
        """Return the strip. Checks cannot be reopened here, so Back leads to Process."""
        return with_way_back(super().strip_of(snapshot))

    @property
    def shows_rail(self) -> bool:
        """See `ProcessScreen.shows_rail`; a stack has no steps."""
        return super().shows_rail and view_of(self.desk.snapshot).state not in _LOOKING

    def shows_item(self, snapshot: Snapshot) -> bool:
        """True until the item is done."""
        free = snapshot.phase in _FREE or view_of(snapshot).state in _LOOKING
        return super().shows_item(snapshot) and not free


def view_of(snapshot: Snapshot) -> ConvertView:
    """Return the session, or an empty one."""
    return snapshot.workflow_view if isinstance(snapshot.workflow_view, ConvertView) else ConvertView()


def counts(view: ConvertView, width: int) -> Content:
    """Return one line: done, not good, rate, stack."""
    texts = [f"✓ {tell('convert.count', count=view.done)}"]
    texts += [f"× {tell('convert.not-good-count', count=view.not_good)}"] if view.not_good else []
    texts += [tell("convert.rate", count=view.per_hour)] if view.per_hour is not None else []
    texts.append(tell("convert.stack-count", count=len(view.stack), size=view.stack_size))
    return draw.one_line(say(" · ".join(texts), "bold"), width)


def newest(view: ConvertView, width: int) -> Lines:
    """Return the last finished items."""
    if not view.newest:
        return draw.paragraph(tell("convert.nothing-yet"), width)
    lines = [draw.rule(tell("convert.newest"), width)]
    for item in view.newest:
        part = f" ({item.part}/{item.parts})" if item.parts > 1 else ""
        lines.append(draw.one_line(say(f"✓ {item.title or item.barcode}{part}"), width))
    return lines


def stack_lines(view: ConvertView, width: int, height: int) -> Lines:
    """Return the items expected in the stack; after a check, the wrong ones with reasons before the right ones."""
    report = view.report
    if report is None:
        expected = [StackLine(state=StackState.MISSING, barcode=i.barcode, title=i.title) for i in view.stack]
        lines = [draw.one_line(say(f"○ {line.title or line.barcode}"), width) for line in expected]
        return _cut(lines, height)
    return _cut(report_lines(report, width), height)


def report_lines(report: StackReport, width: int) -> Lines:
    """Return one or two lines per item: symbol, state and item, then the reasons."""
    lines: Lines = []
    for state in (StackState.WRONG, StackState.EXTRA, StackState.MISSING, StackState.RIGHT):
        for line in report.of(state):
            word = tell(f"stack.state.{state.value}")
            name = line.title or line.barcode or tell("item.a-tag")
            part = f" ({line.part}/{line.parts})" if line.parts > 1 else ""
            bold = "" if state is StackState.RIGHT else "bold"
            lines.append(draw.one_line(say(f"{SYMBOLS[state]} {word}: {name}{part}", bold), width))
            if line.reasons and state is not StackState.MISSING:
                lines += draw.hanging(" ".join(map(tell, line.reasons)), width)
    return lines


def _cut(lines: Lines, height: int) -> Lines:
    if len(lines) <= height:
        return [*lines, BLANK]
    return [*lines[: max(0, height - 1)], say(tell("stage.and-more", count=len(lines) - max(0, height - 1)))]
