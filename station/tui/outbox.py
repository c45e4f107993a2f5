"""The outbox on the screen: how much waits and how fast it goes, the deliveries as targets, and one of them with both
sides of a conflict and what a person may decide."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from textual.app import ComposeResult
from textual.content import Content
from textual.message import Message

from station.deliveries import Delivery, DeliveryState, OutboxPort
from station.errors import StationError
from station.intents import Decision
from station.model import Snapshot
from station.tui import draw
from station.tui.draw import Lines
from station.tui.pane import Desk, Pane, StationScreen
from station.tui.touch import GAP, MAIN, SMALL, Action, ButtonGrid, Go, Pick, TouchButton
from station.tui.words import say

_MOST: Final = 21
"""Entries of a page."""
_WIDTH: Final = 36
"""Columns that an entry needs."""

STATES: Final = {
    DeliveryState.PENDING: "· waits",
    DeliveryState.LEASED: "> is being sent",
    DeliveryState.DELIVERED: "✓ delivered",
    DeliveryState.DEFERRED: "~ again later",
    DeliveryState.IN_DOUBT: "? in doubt, is looked up",
    DeliveryState.PARKED: "! needs a person",
    DeliveryState.DISCARDED: "× given up",
}
"""Symbol and words of a state."""
TRY_AGAIN: Final = "Try again"
KEEP_THEIRS: Final = "Keep theirs"
SEND_OURS: Final = "Send ours"
DISCARD: Final = "Discard"
_DECISIONS: Final = {
    KEEP_THEIRS: Decision.KEEP_THEIRS,
    SEND_OURS: Decision.SEND_OURS,
    DISCARD: Decision.DISCARD,
}
ANSWERS: Final = {
    "queued": "Done.",
    "unknown": "There is no such delivery.",
    "not-waiting": "It has ended meanwhile, or is being sent now.",
    "superseded": "A later one about the same thing has been delivered; sending this one would undo it.",
}


class OutboxScreen(StationScreen):
    """Pages of deliveries, those that need a person first if asked for; a tap opens one."""

    class Arrived(Message):
        """A page, from its thread."""

        def __init__(self, question: int, rows: tuple[Delivery, ...], counts: dict[str, int], problem: Lines) -> None:
            super().__init__()
            self.question = question
            self.rows = rows
            self.counts = counts
            self.problem = problem

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self._question = 0
        self._asked_for: tuple[int, int, int, int] | None = None
        self._rows: tuple[Delivery, ...] = ()
        self._counts: dict[str, int] = {}
        self._problem: Lines = []
        self._page = 0
        self._parked = False

    def compose(self) -> ComposeResult:
        """Top, heading, entries, strip."""
        yield from self.compose_top()
        yield Pane("page")
        yield ButtonGrid(self.desk.guard, _MOST, "entries")
        yield ButtonGrid(self.desk.guard, 4, "last")

    def show(self, snapshot: Snapshot) -> None:
        """Draw what is known; ask anew when the outbox or the size has changed."""
        super().show(snapshot)
        now = (snapshot.outbox_depth, snapshot.outbox_parked, *self.shape)
        if now != self._asked_for:
            self._asked_for = now
            self._ask()
        self._draw()

    def on_screen_resume(self) -> None:
        """Back from one of them: it may have changed."""
        self._ask()

    @property
    def shape(self) -> tuple[int, int]:
        """Columns and rows of entries that fit."""
        width, height = self.app.size.width - 4, self.app.size.height
        columns = max(2, min(3, (width + GAP[0]) // (_WIDTH + GAP[0])))
        used = 1 + (5 if self.air else 3) + (3 if self.air else 1) + 3 + 4 + (1 if self.air else 0)
        rows = max(1, (height - used + GAP[1]) // (SMALL[1] + GAP[1]))
        return columns, min(rows, _MOST // columns)

    def _ask(self) -> None:
        self._question += 1
        number, size = self._question, self.shape[0] * self.shape[1]
        offset, state = self._page * size, DeliveryState.PARKED.value if self._parked else ""

        def work() -> None:
            try:
                rows = self.desk.queries.outbox_page(offset, size + 1, state)
                counts, problem = self.desk.queries.outbox_counts(), list[Content]()
            except StationError as error:
                rows, counts = (), {}
                problem = [say(error.message, "bold"), say(f"For staff: {error.code} {error.detail}", "$quiet")]
            self.post_message(self.Arrived(number, rows, counts, problem))

        self.run_worker(work, thread=True, group="query", exit_on_error=True)

    def on_outbox_screen_arrived(self, message: Arrived) -> None:
        """An answer; only the newest question's counts."""
        if message.question == self._question:
            self._rows, self._counts, self._problem = message.rows, message.counts, message.problem
            self._draw()

    def _draw(self) -> None:
        columns, rows = self.shape
        size = columns * rows
        title = f"{'Needs a person' if self._parked else 'Outbox'}, page {self._page + 1}"
        said = self._problem or [
            say(", ".join(f"{count} {state}" for state, count in sorted(self._counts.items())) or "empty", "bold"),
            say(self.desk.snapshot.outbox_note),
        ]
        self.query_one("#page", Pane).show(
            lambda width, height: draw.stack(
                [draw.rule(title, width), *(draw.one_line(line, width) for line in said)], height
            )
        )
        self.query_one("#entries", ButtonGrid).offer(
            tuple(entry_action(row) for row in self._rows[:size]), columns, rows=rows, height=SMALL[1]
        )
        self.query_one("#last", ButtonGrid).offer(
            (
                Action("< Newer", Go.NEWER, enabled=self._page > 0),
                Action("Older >", Go.OLDER, enabled=len(self._rows) > size),
                Action("All" if self._parked else "Parked", Go.MINE),
                Action("Close", Go.CLOSE, "main"),
            ),
            4,
        )

    def on_touch_button_tapped(self, message: TouchButton.Tapped) -> None:
        """Turn pages, change between all and parked, open one."""
        does = message.action.does
        if does is Go.NEWER and self._page > 0:
            self._page -= 1
        elif does is Go.OLDER and len(self._rows) > self.shape[0] * self.shape[1]:
            self._page += 1
        elif does is Go.MINE:
            self._parked, self._page = not self._parked, 0
        elif isinstance(does, Pick):
            message.stop()
            found = next((row for row in self._rows if row.id == does.answer), None)
            if found is not None:
                self.app.push_screen(DeliveryScreen(self.desk, found))
            return
        else:
            return
        message.stop()
        self._ask()
        self._draw()


class DeliveryScreen(StationScreen):
    """One delivery: what it wants, how it stands, both sides where they differ, and what can be done."""

    class Done(Message):
        """What became of a decision, from its thread."""

        def __init__(self, words: str, ended: bool) -> None:
            super().__init__()
            self.words = words
            self.ended = ended

    def __init__(self, desk: Desk, row: Delivery) -> None:
        super().__init__(desk)
        self._row = row
        self._asking = ""
        self._said = ""
        self._ended = False

    def compose(self) -> ComposeResult:
        """Top, delivery, actions, strip."""
        yield from self.compose_top()
        yield Pane("page")
        yield ButtonGrid(self.desk.guard, 6, "actions")
        yield ButtonGrid(self.desk.guard, 4, "last")

    def show(self, snapshot: Snapshot) -> None:
        """Draw it."""
        super().show(snapshot)
        self._draw()

    def _draw(self) -> None:
        row, asking, said = self._row, self._asking, self._said
        self.query_one("#page", Pane).show(
            lambda width, height: draw.stack(details(row, width, height, asking, said), height)
        )
        actions = (
            (Action(f"Yes: {asking.lower()}", Pick("yes"), "main"), Action("No", Go.NO_REASON))
            if asking
            else (() if self._ended or self.desk.outbox is None else actions_of(row))
        )
        width = self.app.size.width - 4
        least, height = (MAIN[0], MAIN[1]) if self.air else (SMALL[0], SMALL[1])
        columns = max(1, min(4, (width + GAP[0]) // (least + GAP[0])))
        self.query_one("#actions", ButtonGrid).offer(
            actions, columns, rows=-(-len(actions) // columns) or 1, height=height
        )
        self.query_one("#last", ButtonGrid).offer((Action("< Back", Go.BACK), Action("Close", Go.CLOSE, "main")), 4)

    def on_touch_button_tapped(self, message: TouchButton.Tapped) -> None:
        """A decision is asked for a second time before it is carried out; trying again is not."""
        does = message.action.does
        if isinstance(does, Pick):
            message.stop()
            if does.answer == TRY_AGAIN:
                self._carry_out(TRY_AGAIN)
            elif does.answer == "yes" and self._asking:
                what, self._asking = self._asking, ""
                self._carry_out(what)
            elif does.answer in _DECISIONS:
                self._asking = does.answer
            self._draw()
        elif does is Go.NO_REASON:
            message.stop()
            self._asking = ""
            self._draw()

    def _carry_out(self, what: str) -> None:
        port, name, operator = self.desk.outbox, self._row.id, self.desk.snapshot.operator
        if port is None:
            return
        self._said = "..."

        def work() -> None:
            try:
                words, ended = carry_out(port, name, what, operator)
            except StationError as error:
                words, ended = error.message, False
            self.post_message(self.Done(words, ended))

        self.run_worker(work, thread=True, group="decide", exit_on_error=True)

    def on_delivery_screen_done(self, message: Done) -> None:
        """Say it."""
        self._said, self._ended = message.words, message.ended
        self._draw()


def carry_out(port: OutboxPort, name: str, what: str, operator: str) -> tuple[str, bool]:
    """Do it; what became of it in words, and whether that was all."""
    if what == TRY_AGAIN:
        count = port.retry(name)
        return ("It is tried again.", True) if count else (ANSWERS["not-waiting"], False)
    answer = port.decide(name, _DECISIONS[what], operator, "decided at the screen")
    return ANSWERS.get(answer, answer), answer == "queued"


def entry_action(row: Delivery) -> Action:
    """One delivery as a target of three lines: state, item and what it wants, why."""
    lines = (
        f"{STATES[row.state]} · {row.system}",
        f"{row.intent.subject} · {row.intent.words}",
        row.detail or f"tried {row.attempts}x",
    )
    return Action(row.id, Pick(row.id), "late" if row.state is DeliveryState.PARKED else "plain", lines=lines)


def actions_of(row: Delivery) -> tuple[Action, ...]:
    """What can be decided now."""
    if row.state is DeliveryState.PARKED:
        again = Action(TRY_AGAIN, Pick(TRY_AGAIN), "main")
        return (again, *(Action(name, Pick(name)) for name in (KEEP_THEIRS, SEND_OURS, DISCARD)))
    if row.state in (DeliveryState.DEFERRED, DeliveryState.PENDING, DeliveryState.IN_DOUBT):
        return (Action(DISCARD, Pick(DISCARD)),)
    return ()


_WARNINGS: Final[dict[str, Callable[[Delivery], str]]] = {
    KEEP_THEIRS: lambda row: f"{row.system} stays as it is; this is not sent.",
    SEND_OURS: lambda row: (
        "It may have been sent once already, and is sent again."
        if row.sent and not row.sides
        else "It is sent, also over what is shown as theirs."
    ),
    DISCARD: lambda _: "It is given up and never sent.",
}


def details(row: Delivery, width: int, height: int = 99, asking: str = "", said: str = "") -> Lines:
    """What is known of it, both sides first; a question or an answer over all. What has no room is named."""
    lines = [draw.rule(f"Delivery to {row.system}", width)]
    if said:
        lines += draw.paragraph(said, width, "bold $key", 2)
    if asking:
        lines += draw.paragraph(f"{asking}? {_WARNINGS[asking](row)}", width, "bold $key", 2)
    lines += draw.field("Item", f"{row.intent.subject}  {row.intent.words}", width, most=2)
    for number, side in enumerate(row.sides):
        shown = [say(side.field, "bold")]
        shown += draw.field("Ours", side.ours or "(nothing)", width, most=3)
        shown += draw.field("Theirs", side.theirs or "(nothing)", width, most=3)
        if number and len(lines) + len(shown) + 1 > height:
            lines.append(say(f"and {len(row.sides) - number} more fields: station outbox show {row.id}", "$quiet"))
            return lines
        lines += shown
    if row.detail:
        lines += draw.field("Why", row.detail, width, most=3)
    lines += draw.field(
        "State", f"{STATES[row.state]}, tried {row.attempts}x, since {row.event_at[:16]}", width, most=1
    )
    if row.body:
        lines += draw.field("Answer", row.body, width, most=4)
    return lines
