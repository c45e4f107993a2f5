"""The technician's status board: waiting work, state of the reader, and results of the tags of each roll. Queried
whenever it opens."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.content import Content

from station.base.words import tell
from station.domain.commands import LoadRoll
from station.domain.ports import StatusBoardPort
from station.domain.signals import BUTTONS
from station.domain.snapshot import Snapshot
from station.domain.status_board import Departing, RollRow, StatusBoard, Waiting, parked_words
from station.tui.drawing import draw
from station.tui.drawing.draw import BLANK, Lines
from station.tui.pages.manual import turned
from station.tui.widgets.background_screen import BackgroundScreen
from station.tui.widgets.screen import Pane, ScreenDesk
from station.tui.widgets.touch import Action, ButtonGrid, Go, TouchButton


class StatusBoardScreen(BackgroundScreen):
    """Sections of the status board, paged if they do not fit."""

    helps = (BUTTONS, "menu.board")

    def __init__(self, desk: ScreenDesk, port: StatusBoardPort) -> None:
        super().__init__(desk)
        self._port = port
        self._board: StatusBoard | None = None
        self._problem: Lines = []
        self._turn, self._turns = 0, 1

    def compose(self) -> ComposeResult:
        """Lay out top, board and button strip."""
        yield from self.compose_top()
        yield Pane("page")
        yield ButtonGrid(self.desk.guard, 4, "last")

    def on_screen_resume(self) -> None:
        """Query again."""
        self._ask()

    def _ask(self) -> None:
        viewer = self.desk.snapshot.worker
        self.ask(lambda: self._port.board(viewer), self._arrived)

    def _arrived(self, board: StatusBoard | None, problem: Lines) -> None:
        self._board, self._problem = board, problem
        self.show(self.desk.snapshot)

    def show(self, snapshot: Snapshot) -> None:
        """Draw the current turn."""
        super().show(snapshot)
        board, problem = self._board, self._problem

        def view(width: int, height: int) -> Content:
            turns = turned(problem or (board_lines(board, width) if board is not None else []), max(3, height - 2))
            if len(turns) != self._turns:
                self._turns = len(turns)
                self.call_later(self.show, self.desk.snapshot)
            at = min(self._turn, len(turns) - 1)
            title = tell("page.title-of", title=tell("board.title"), page=at + 1, pages=len(turns))
            return draw.stack([draw.rule(title, width), BLANK, *turns[at]], height)

        self.query_one("#page", Pane).show(view)
        self.query_one("#last", ButtonGrid).offer(
            (
                Action(tell("button.before"), Go.NEWER, enabled=self._turn > 0),
                Action(tell("button.next"), Go.OLDER, enabled=self._turn < self._turns - 1),
                Action(tell("board.new-roll"), LoadRoll()),
                Action(tell("button.close"), Go.CLOSE, "main"),
            ),
            4,
        )

    def on_touch_button_tapped(self, message: TouchButton.Tapped) -> None:
        """Turn pages; after a new roll, query the board again (the app sends the command to the bench)."""
        does = message.action.does
        if does in (Go.NEWER, Go.OLDER):
            message.stop()
            self._turn += 1 if does is Go.OLDER else -1
            self.show(self.desk.snapshot)
        elif isinstance(does, LoadRoll):
            self.set_timer(0.5, self._ask)


def board_lines(board: StatusBoard, width: int) -> Lines:
    """Return all sections. Each also reports a good state, so that nothing must be guessed."""
    hand = board.in_hand or tell("board.nothing-in-hand" if board.running else "board.not-running")
    reader = f"{'✓' if board.reader_ready else '×'} {board.reader}" if board.reader else tell("board.not-known")
    rolls = [(row, tell("board.roll", name=row.name) if row.name else tell("board.no-roll")) for row in board.rolls]
    return [
        *(draw.listed(f"! {board.called}", width, "bold") if board.called else []),
        *(
            _waits(tell("board.unusable", count=board.unusable.count), board.unusable, width)
            if board.unusable.count
            else []
        ),
        *(
            _waits(tell("board.recovered", count=board.recovered.count), board.recovered, width)
            if board.recovered.count
            else []
        ),
        *_section(tell("board.work"), [hand], width),
        *(
            _waits(tell("board.unjudged", count=board.unjudged.count), board.unjudged, width)
            if board.unjudged.count
            else []
        ),
        *(
            _waits(tell("board.open-sets", count=board.open_sets.count), board.open_sets, width)
            if board.open_sets.count
            else []
        ),
        *_waits(tell("board.unfinished", count=board.unfinished.count), board.unfinished, width),
        *_section(tell("board.corrections", count=board.open_corrections), [], width),
        *_waits(tell("board.overdue", count=board.overdue.count), board.overdue, width),
        *(_waits(tell("board.lots", count=board.lots.count), board.lots, width) if board.lots.count else []),
        *(_differences(board, width) if board.open_differences else []),
        *(_boxes(board, width) if board.overdue_boxes.count or board.missing_items.count else []),
        *(_departing(board.departing, width) if board.departing.facts else []),
        *_section(tell("board.deliveries", count=board.waiting), [], width),
        *_waits(tell(parked_words(board.parked)), board.parked, width),
        *(draw.listed(f"{'!' if board.center_refuses else '·'} {board.center}", width) if board.center else []),
        *_section(tell("board.reader"), [reader], width),
        *(
            line
            for advice in board.advice
            for line in draw.listed(
                f"{'!' if advice.bad else '·'} {tell(advice.sentence)}", width, "bold" if advice.bad else ""
            )
        ),
        *_section(tell("board.tags"), [], width),
        *_roll(board.last_tags, tell("board.last", count=board.last_tags.tags), width),
        *(line for row, title in rolls for line in _roll(row, title, width)),
    ]


def _section(title: str, texts: list[str], width: int) -> Lines:
    return [BLANK, draw.rule(title, width), *(line for text in texts for line in draw.listed(text, width))]


def _differences(board: StatusBoard, width: int) -> Lines:
    late = board.overdue_differences
    return [
        *_section(tell("board.differences", count=board.open_differences), [], width),
        *_waits(tell("board.overdue", count=late.count), late, width),
    ]


def _boxes(board: StatusBoard, width: int) -> Lines:
    return [
        *_section(tell("board.boxes"), [], width),
        *_waits(tell("box.overdue", count=board.overdue_boxes.count), board.overdue_boxes, width),
        *_waits(tell("box.missing", count=board.missing_items.count), board.missing_items, width),
    ]


def _departing(now: Departing, width: int) -> Lines:
    lines = _section(tell("board.leaving", count=now.open), [], width)
    for fact in now.facts:
        sentence = f"{'!' if fact.bad else '·'} {tell(fact.sentence)}"
        lines += draw.listed(sentence, width, "bold" if fact.bad else "")
        lines += [line for item in fact.lines for line in draw.hanging(item, width, style="$quiet")]
    return lines


def _waits(sentence: str, waiting: Waiting, width: int) -> Lines:
    sign = "!" if waiting.count else "✓"
    style = "bold" if waiting.count else ""
    return [
        *draw.listed(f"{sign} {sentence}", width, style),
        *(line for item in waiting.oldest for line in draw.hanging(item, width, style="$quiet")),
    ]


def _roll(row: RollRow, title: str, width: int) -> Lines:
    sentence = tell(
        "board.roll-line", roll=title, failed=row.failed, tags=row.tags, rate=f"{row.rate:.1%}", again=row.again
    )
    return draw.listed(f"{'!' if row.failed else '✓'} {sentence}", width, "bold" if row.failed else "")
