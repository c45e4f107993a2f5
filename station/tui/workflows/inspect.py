"""Work screen of inspect: overview, bytes, diagnoses and history of a tag, and the confirmation of an undo."""

from __future__ import annotations

from typing import Final

from textual.app import ComposeResult

from station.base.words import tell
from station.domain.commands import Act
from station.domain.snapshot import Light, Snapshot
from station.domain.workflows import HistoryLine, InspectedTag, InspectView, UndoState, Workflow
from station.tui.drawing import draw
from station.tui.drawing.draw import Lines
from station.tui.drawing.local import HERE, Local
from station.tui.widgets.screen import ScreenDesk
from station.tui.widgets.touch import Action, ButtonGrid, Pick, TouchButton
from station.tui.workflows.workflow_screen import WorkflowScreen

TABS: Final = ("overview", "bytes", "doctor", "history")
SEVERITIES: Final = {"critical": "×", "major": "×", "minor": "▲", "info": "i"}


class InspectScreen(WorkflowScreen):
    """Four views of a tag, one at a time."""

    workflow = Workflow.INSPECT

    def __init__(self, desk: ScreenDesk) -> None:
        super().__init__(desk)
        self._tab = TABS[0]

    def compose_more(self) -> ComposeResult:
        """Lay out the tabs."""
        yield ButtonGrid(self.desk.guard, len(TABS), "tabs")

    def show(self, snapshot: Snapshot) -> None:
        view = view_of(snapshot)
        tabs = () if view.shown is None or view.undo is not UndoState.RESTS else TABS
        self.query_one("#tabs", ButtonGrid).offer(
            tuple(
                Action(tell(f"inspect.tab.{tab}"), Pick(tab), "main" if tab == self._tab else "plain") for tab in tabs
            ),
            len(TABS),
        )
        super().show(snapshot)

    def lines(self, snapshot: Snapshot, width: int) -> Lines:
        """Return the selected view, or an item's history."""
        view = view_of(snapshot)
        if view.undo is not UndoState.RESTS:
            return undo_lines(view, tell(snapshot.prompt), width)
        if view.barcode:
            return item_lines(view, width, self.desk.local)
        if view.shown is None:
            return draw.paragraph(tell("inspect.nothing-lies"), width)
        return tag_lines(view.shown, self._tab, width, self.desk.local)

    def actions_of(self, snapshot: Snapshot) -> tuple[Action, ...]:
        """Return the undo button or its answers, and the button for the next tag."""
        view = view_of(snapshot)
        if snapshot.light is Light.BUSY:
            return ()  # already answered
        no = Action(tell("inspect.button.undo-no"), Act("undo-no"), "main")
        match view.undo:
            case UndoState.ASKED:
                return (no, Action(tell("inspect.button.undo-yes"), Act("undo-yes"), "bad"))
            case UndoState.BROKEN:
                return (no,)
            case UndoState.DONE | UndoState.REFUSED:
                return (Action(tell("inspect.button.settle"), Act("settle"), "main"),)
            case _:
                pass
        if snapshot.fault is not None:
            return super().actions_of(snapshot)
        if view.barcode:
            return (Action(tell("inspect.button.item-off"), Act("item-off")),) if view.tags else ()
        actions = []
        if view.shown is not None and view.shown.undo is not None:
            actions.append(Action(tell("inspect.button.undo"), Act("undo")))
        if len(view.tags) > 1:
            actions.append(Action(tell("inspect.button.next-tag"), Act("tag")))
        return tuple(actions)

    def on_touch_button_tapped(self, message: TouchButton.Tapped) -> None:
        """Switch the view. (Textual also calls the handler of `WorkflowScreen`: it calls each class's handler.)"""
        does = message.action.does
        if isinstance(does, Pick):
            message.stop()
            self._tab, self._page = does.answer, 0
            self.show(self.desk.snapshot)


def view_of(snapshot: Snapshot) -> InspectView:
    """Return the inspection, or an empty one."""
    return snapshot.workflow_view if isinstance(snapshot.workflow_view, InspectView) else InspectView()


def undo_lines(view: InspectView, prompt: str, width: int) -> Lines:
    """Return what the band does not show about an undo: the reason, and what people must still do."""
    lines = draw.paragraph(view.said, width) if view.said and view.said != prompt else []
    to_do = view.shown.to_do if view.shown is not None and view.undo is UndoState.DONE else ()
    return [*lines, *(line for sentence in to_do for line in draw.paragraph(f"▲ {tell(sentence)}.", width, "bold"))]


def tag_lines(tag: InspectedTag, side: str, width: int, local: Local = HERE) -> Lines:
    """Return one view of a tag."""
    match side:
        case "bytes":
            return _bytes(tag, width)
        case "doctor":
            return _doctor(tag, width)
        case "history":
            return _history(tag.history, width, local)
        case _:
            return _overview(tag, width, local)


def _overview(tag: InspectedTag, width: int, local: Local) -> Lines:
    lines: Lines = [row for line in tag.lines for row in draw.listed(tell(line), width)]
    lines += [row for line in tag.ledger for row in draw.listed(f"▲ {tell(line)}", width, "bold")]
    offer = tag.undo
    if offer is not None:
        who = local.person(offer.operator) or tell("inspect.last-write-nobody")
        day = local.day(offer.at)
        sentence = tell("inspect.last-write", title=offer.title, day=day, operator=who, before=offer.back_to)
        lines += draw.paragraph(sentence, width)
        lines += draw.paragraph(tell("inspect.undo-begun"), width, "bold") if offer.begun else []
    return lines


def _bytes(tag: InspectedTag, width: int) -> Lines:
    blocks = len(tag.memory) // max(1, tag.block_size)
    locked = ", ".join(map(str, tag.locked))
    locks = tell("inspect.locked", count=len(tag.locked), blocks=locked) if tag.locked else tell("inspect.no-locks")
    head = f"{tell('inspect.blocks', size=tag.block_size, count=blocks)} · {locks}"
    return [row for line in (head, *map(tell, tag.dump)) for row in draw.listed(line, width, indent=3)]


def _doctor(tag: InspectedTag, width: int) -> Lines:
    if not tag.diagnoses:
        return draw.paragraph(f"✓ {tell('inspect.nothing-wrong')}", width, "bold")
    lines: Lines = []
    for diagnosis in tag.diagnoses:
        bad = tell(f"word.severity.{diagnosis.severity}") if diagnosis.severity in SEVERITIES else diagnosis.severity
        lines += draw.listed(
            f"{SEVERITIES.get(diagnosis.severity, 'i')} {bad}: {tell(diagnosis.sentence)}", width, "bold"
        )
        lines += draw.hanging(tell("inspect.to-do", advice=diagnosis.advice), width, 2)
    return lines


def _history(history: tuple[HistoryLine, ...], width: int, local: Local) -> Lines:
    if not history:
        return draw.paragraph(tell("inspect.no-history"), width)
    return [
        line
        for event in history
        for line in draw.dated(local.minute(event.at), local.people(event.plain or event.said), width)
    ]


def item_lines(view: InspectView, width: int, local: Local = HERE) -> Lines:
    """Return an item's ledger and history."""
    lines: Lines = draw.paragraph(view.title, width, "bold", 2)
    lines += [row for line in view.ledger for row in draw.paragraph(line, width)]
    return [*lines, *_history(view.history, width, local)]
