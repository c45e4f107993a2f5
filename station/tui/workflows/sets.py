"""Work screen of sets: the missing parts, always visible; one box per part; few large answers."""

from __future__ import annotations

from typing import Final

from textual.app import ComposeResult
from textual.content import Content

from station.base.words import tell
from station.domain.commands import Act, Choose
from station.domain.snapshot import Snapshot
from station.domain.workflows import MOST_PARTS, PartState, SetModel, SetPart, SetState, SetView, Workflow
from station.tui.drawing import draw
from station.tui.drawing.draw import BLANK, Lines
from station.tui.drawing.words import say
from station.tui.widgets.screen import Pane, ScreenDesk
from station.tui.widgets.touch import GAP, MAIN, SMALL, Action, ButtonGrid, Go, Pick, TouchButton
from station.tui.workflows.process import ProcessScreen

SYMBOLS: Final = {
    PartState.NO_TAG: "○",
    PartState.NOT_SEEN: "?",
    PartState.OLD_TOTAL: "▲",
    PartState.RIGHT: "✓",
    PartState.BY_EYE: "~",
}
"""Symbol of each state of a part; its word is shown beside it."""
_BOX: Final = 26
"""Columns of a part's box."""
_COUNTS: Final = 12
"""Numbers offered besides the expected one."""
_SIZE: Final = Pick("size")
_COUNT: Final = Pick("count")


_PICKS: Final = {"size": (SetState.GATHER, SetState.COUNT, SetState.COMPLETE), "count": (SetState.COUNT,)}
"""States in which a number may be asked for."""


class SetsScreen(ProcessScreen):
    """The missing parts below the band; all parts in the middle."""

    workflow = Workflow.SETS
    has_rail = False
    most = 12

    def __init__(self, desk: ScreenDesk) -> None:
        super().__init__(desk)
        self._picking = ""
        """The number that is asked for: "size", "count", or "" for none."""

    def compose_top(self) -> ComposeResult:
        """Lay out header, band and missing parts."""
        yield from super().compose_top()
        yield Pane("count")

    def show(self, snapshot: Snapshot) -> None:
        view = view_of(snapshot)
        if view.state not in _PICKS.get(self._picking, ()):
            self._picking = ""
        self.query_one("#count", Pane).show(lambda width, _: missing(view, width))
        super().show(snapshot)

    def shows_item(self, snapshot: Snapshot) -> bool:
        """Return False: the parts matter more than the record."""
        del snapshot
        return False

    def tale_of(self, snapshot: Snapshot, width: int, height: int) -> Content:
        """Draw the parts; during a fault, the process screen's content."""
        if snapshot.fault is not None:
            return super().tale_of(snapshot, width, height)
        view = view_of(snapshot)
        if self._picking:
            question = tell("sets.pick-size") if self._picking == "size" else tell("sets.pick-count")
            return draw.stack([say(question, "bold $key"), *parts(view, width, height - 1)], height)
        return draw.stack(parts(view, width, height), height)

    def actions_of(self, snapshot: Snapshot) -> tuple[Action, ...]:
        """Return the answers and actions of the moment."""
        view = view_of(snapshot)
        if snapshot.fault is not None:
            return super().actions_of(snapshot)
        if view.answers:
            return tuple(
                Action(tell(answer.label), Choose(answer.id), "main" if answer.main else "plain")
                for answer in view.answers
            )
        if self._picking:
            return sizes(view) if self._picking == "size" else counts(view)[1:]
        match view.state:
            case SetState.GATHER:
                return (*part_actions(view), Action(tell("sets.button.size"), _SIZE, "quiet"), *_model(view))
            case SetState.COUNT:
                other = Action(tell("sets.button.another-count"), _COUNT)
                return (counts(view)[0], other, Action(tell("sets.button.size"), _SIZE, "quiet"))
            case SetState.COMPLETE:
                checks = Action(tell("sets.button.checks"), Act("process"), "main")
                return (checks, Action(tell("sets.button.size"), _SIZE, "quiet"))
            case _:
                return ()

    def strip_of(self, snapshot: Snapshot) -> tuple[Action, ...]:
        """Return the strip; while a number is asked for, Back cancels the question."""
        aside, back, *rest = super().strip_of(snapshot)
        aside = Action(aside.label, aside.does, enabled=bool(view_of(snapshot).barcode))
        return (aside, Action(back.label, Go.NO_REASON) if self._picking else back, *rest)

    def _show_actions(self, snapshot: Snapshot) -> None:
        view, actions = view_of(snapshot), self.actions_of(snapshot)
        grid = self.query_one("#actions", ButtonGrid)
        small = snapshot.fault is None and not view.answers and (bool(self._picking) or view.state is SetState.GATHER)
        if small:
            rows = 2 if len(actions) > self.columns else 1
            grid.offer(actions, min(self.columns, 6), rows=rows, height=SMALL[1])
        else:
            columns = max(1, (self.app.size.width - 4 + GAP[0]) // (MAIN[0] + GAP[0]))
            grid.offer(actions, min(columns, max(3, len(actions))), height=MAIN[1])

    def on_touch_button_tapped(self, message: TouchButton.Tapped) -> None:
        """Handle the question for a number; pass other taps on."""
        does = message.action.does
        if isinstance(does, Pick):
            self._picking = does.answer
        elif does is Go.NO_REASON and self._picking:
            self._picking = ""
        else:
            self._picking = ""
            return  # Textual then calls the handler of `ProcessScreen`; calling it here as well would toggle the strip twice
        message.stop()
        self.show(self.desk.snapshot)


def view_of(snapshot: Snapshot) -> SetView:
    """Return the set in hand, or an empty one."""
    return snapshot.workflow_view if isinstance(snapshot.workflow_view, SetView) else SetView()


def missing(view: SetView, width: int) -> Content:
    """Return one line: how many parts were seen, and which are missing."""
    if not view.parts:
        return draw.one_line(say(tell("sets.no-set"), "bold"), width)
    lacks = view.missing
    numbers = ", ".join(map(str, lacks))
    texts = [tell("sets.missing", parts=numbers) if lacks else f"✓ {tell('sets.none-missing')}"]
    texts.append(tell("sets.seen", count=len(view.seen), parts=len(view.parts)))
    texts.append(tell("sets.loose", count=view.loose) if view.loose else tell(f"sets.model.{view.model.value}"))
    if view.pieces not in (None, len(view.parts) + (view.loose or 0)):  # else it says nothing new
        texts.append(tell("sets.pieces", pieces=view.pieces))
    return draw.one_line(say(" · ".join(texts), "bold"), width)


def parts(view: SetView, width: int, height: int) -> Lines:
    """Return the item, then its parts: in boxes if they fit, else as lines in columns."""
    if not view.parts:
        return draw.paragraph(tell("sets.begin"), width)
    head = [draw.one_line(say(f"{view.barcode}  {view.title}", "bold"), width)]
    if view.state is SetState.WRITING:
        head.append(draw.progress(view.steps_done, view.steps_total, width))
    columns = max(1, width // _BOX)
    room = max(1, height - len(head))
    rows = [view.parts[at : at + columns] for at in range(0, len(view.parts), columns)]
    if 3 * len(rows) <= room:
        return [*head, *(line for row in rows for line in _boxes(view, row))]
    lines = [_cells(view, row, width // columns) for row in rows]
    if len(lines) > room:
        shown = lines[: room - 1]
        left = len(view.parts) - len(shown) * columns
        lines = [*shown, say(tell("stage.and-more", count=left))]
    return [*head, *(lines or [BLANK])]


def _boxes(view: SetView, row: tuple[SetPart, ...]) -> Lines:
    lines: Lines = []
    for at, part in enumerate(row):
        named = tell("sets.part-number", part=part.number)
        title = f"> {named}" if part.number == view.chosen and view.state is SetState.GATHER else named
        box = draw.box([say(state_of(part), "bold" if part.state is not PartState.RIGHT else "")], _BOX - 2, title)
        lines = draw.beside(lines, box, at * _BOX - 2) if lines else box
    return lines


def _cells(view: SetView, row: tuple[SetPart, ...], width: int) -> Content:
    cells = [
        say(f"{'>' if part.number == view.chosen else ' '}{part.number:>2} {state_of(part)}").truncate(
            width - 1, ellipsis=True
        )
        for part in row
    ]
    return Content(" ").join([cell.truncate(width - 1, pad=True) for cell in cells])


def state_of(part: SetPart) -> str:
    """Return symbol and word."""
    word = tell(f"sets.part.{part.state.value}")
    return f"{SYMBOLS[part.state]} {tell('sets.part.here', state=word) if part.here else word}"


# --- actions -----------------------------------------------------------------------------------------------------------


def part_actions(view: SetView) -> tuple[Action, ...]:
    """Return a button per part for the next new tag, if there is a choice."""
    tagged = [part for part in view.parts if part.state is not PartState.BY_EYE]
    if len(tagged) < 2:
        return ()
    return tuple(
        Action(
            tell("sets.button.next-part" if part.number == view.chosen else "sets.part-number", part=part.number),
            Act("part", str(part.number)),
            "main" if part.number == view.chosen else "plain",
        )
        for part in tagged
    )


def _model(view: SetView) -> tuple[Action, ...]:
    if len(view.parts) < 2:
        return ()
    if view.model is SetModel.MAIN:
        return (Action(tell("sets.button.tag-each"), Act("model", "every"), "quiet"),)
    return (Action(tell("sets.button.one-tag"), Act("model", "main"), "quiet"),)


def counts(view: SetView) -> tuple[Action, ...]:
    """Return the expected number as the large answer, then other numbers."""
    total = len(view.parts)
    if view.model is SetModel.MAIN:
        expected, least, key = total, 1, "sets.button.counted"
    else:
        expected, least, key = max(0, (view.pieces or total) - total), 0, "sets.button.loose"
    others = [count for count in range(least, max(expected, least) + _COUNTS) if count != expected]
    large = [Action(_counted(key, expected), Act("loose", str(expected)), "main")]
    return (*large, *(Action(_counted(key, count), Act("loose", str(count))) for count in others))


def _counted(key: str, count: int) -> str:
    if key == "sets.button.counted":
        return tell("sets.button.counted", count=count)
    return tell("sets.button.loose", count=count) if count else tell("sets.button.none-loose")


def sizes(view: SetView) -> tuple[Action, ...]:
    """Return numbers of parts, nearest first."""
    total = len(view.parts)
    near = sorted((n for n in range(1, MOST_PARTS + 1) if n != total), key=lambda n: (abs(n - total), -n))
    return tuple(Action(tell("sets.button.size-to", count=n), Act("size", str(n))) for n in near[:44])
