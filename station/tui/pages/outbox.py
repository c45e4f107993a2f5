"""The outbox on the screen: counts and rates, deliveries as targets, and one delivery with both sides of a conflict and
the operator's decisions."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from textual.app import ComposeResult
from textual.message import Message

from station.base.errors import NotAllowed, StationError
from station.base.sentence import Sentence
from station.base.words import tell
from station.domain.commands import Settle
from station.domain.deliveries.delivery import Delivery, DeliveryState, OutboxPort, reason_words, system_word
from station.domain.deliveries.intents import Decision
from station.domain.signals import BUTTONS
from station.domain.snapshot import Snapshot
from station.tui.drawing import draw
from station.tui.drawing.draw import Lines
from station.tui.drawing.local import HERE, Local
from station.tui.drawing.words import MemberWords, say
from station.tui.pages.lending import Lent
from station.tui.pages.library_orders import LibraryOrdersScreen
from station.tui.widgets.background_screen import BackgroundScreen
from station.tui.widgets.screen import Pane, ScreenDesk, StationScreen
from station.tui.widgets.threads import run_in_thread
from station.tui.widgets.touch import GAP, MAIN, SMALL, Action, ButtonGrid, Go, Pick, TouchButton

_MOST: Final = 21
"""Maximum entries of a page."""
_WIDTH: Final = 36
"""Minimum columns of an entry."""
_Page = tuple[tuple[Delivery, ...], dict[str, str], tuple[str, ...]]
"""Deliveries, titles by barcode, and the heading above the deliveries."""

STATES: Final = MemberWords("outbox.state", DeliveryState)
SYMBOLS: Final = {
    DeliveryState.PENDING: "·",
    DeliveryState.LEASED: ">",
    DeliveryState.DELIVERED: "✓",
    DeliveryState.DEFERRED: "~",
    DeliveryState.IN_DOUBT: "?",
    DeliveryState.PARKED: "!",
    DeliveryState.DISCARDED: "×",
}
_ERRNO: Final = re.compile(r"\[Errno -?\d+\] ")
"""What Python puts before an error of the operating system."""
_LINES: Final = 4
"""Rows of an entry."""
COUNTED: Final = (
    DeliveryState.PARKED,
    DeliveryState.IN_DOUBT,
    DeliveryState.DEFERRED,
    DeliveryState.LEASED,
    DeliveryState.PENDING,
    DeliveryState.DELIVERED,
    DeliveryState.DISCARDED,
)
"""States in the order in which they are counted: those that need a person come first."""
REFRESH_S: Final = 1.0
"""Seconds between two queries while the list is visible."""
TRY_AGAIN: Final = "try-again"
KEEP_THEIRS: Final = "keep-theirs"
SEND_OURS: Final = "send-ours"
DISCARD: Final = "discard"
"""Decisions; catalog key of a button: `outbox.do.NAME`."""
_DECISIONS: Final = {
    KEEP_THEIRS: Decision.KEEP_THEIRS,
    SEND_OURS: Decision.SEND_OURS,
    DISCARD: Decision.DISCARD,
}


AT_THE_SCREEN: Final = "decided at the screen"  # not for people: the journal's
"""Reason in the journal for a decision made here."""


class OutboxScreen(BackgroundScreen):
    """Pages of deliveries, optionally only those that need a person; a tap opens one."""

    helps = (BUTTONS, "button.outbox")

    def __init__(self, desk: ScreenDesk) -> None:
        super().__init__(desk)
        self._rows: tuple[Delivery, ...] = ()
        self._titles: dict[str, str] = {}
        self._heading: tuple[str, ...] = ()
        self._problem: Lines = []
        self._page = 0
        self._parked = False

    def compose(self) -> ComposeResult:
        """Lay out top, heading, entries and button strip."""
        yield from self.compose_top()
        yield Pane("page")
        yield ButtonGrid(self.desk.guard, _MOST, "entries")
        yield ButtonGrid(self.desk.guard, 5, "last")

    def show(self, snapshot: Snapshot) -> None:
        """Draw the known data; query again if the outbox, the worker or the size has changed."""
        super().show(snapshot)
        self.ask_for((snapshot.outbox_depth, snapshot.outbox_parked, snapshot.worker, *self.shape))
        self._draw()

    def on_mount(self) -> None:
        """Query every second while this screen is on top."""
        self.set_interval(REFRESH_S, self._look)

    def _look(self) -> None:
        if self.is_current and self.answered:
            self._ask()

    def on_screen_resume(self) -> None:
        """Query again: an opened delivery may have changed."""
        self._ask()

    @property
    def shape(self) -> tuple[int, int]:
        """Columns and rows of entries that fit."""
        used = self.above + (3 if self.air else 1) + 4 + 4 + (1 if self.air else 0)
        return self.targets(used, _MOST, _WIDTH, _LINES)

    def _ask(self) -> None:
        viewer, queries = self.desk.snapshot.worker, self.desk.queries
        size = self.shape[0] * self.shape[1]
        offset, state = self._page * size, DeliveryState.PARKED.value if self._parked else ""

        def query() -> _Page:
            views = queries.seen_by(viewer)
            rows = views.outbox_page(offset, size + 1, state)
            flows = tuple(tell(flow.words) for flow in queries.delivery_rates() if flow.waiting)
            return rows, views.titles({row.lane for row in rows}), (counted(queries.outbox_counts()), *flows)

        self.ask(query, self._arrived)

    def _arrived(self, page: _Page | None, problem: Lines) -> None:
        self._rows, self._titles, self._heading = page or ((), {}, ())
        self._problem = problem
        self._draw()

    def _draw(self) -> None:
        columns, rows = self.shape
        size = columns * rows
        name = tell("outbox.title-parked" if self._parked else "outbox.title")
        title = tell("page.title", title=name, page=self._page + 1)
        counts, *flows = self._heading or ("",)
        heading = self._problem or [
            say(counts, "bold"),
            say(" · ".join(flows)),
            *([say(self.desk.snapshot.outbox_note)] if self.desk.snapshot.outbox_note else []),
        ]
        self.query_one("#page", Pane).show(
            lambda width, height: draw.stack(
                [draw.rule(title, width), *(draw.one_line(line, width) for line in heading)], height
            )
        )
        self.query_one("#entries", ButtonGrid).offer(
            tuple(entry_action(row, self._titles.get(row.lane, "")) for row in self._rows[:size]),
            columns,
            rows=rows,
            height=_LINES,
        )
        self.query_one("#last", ButtonGrid).offer(
            (
                Action(tell("button.newer"), Go.NEWER, enabled=self._page > 0),
                Action(tell("button.older"), Go.OLDER, enabled=len(self._rows) > size),
                Action(tell("outbox.to-all" if self._parked else "outbox.to-parked"), Go.MINE),
                *([Action(tell("order.button"), Go.ORDER)] if self.desk.outbox is not None else []),
                Action(tell("button.close"), Go.CLOSE, "main"),
            ),
            5,
        )

    def on_touch_button_tapped(self, message: TouchButton.Tapped) -> None:
        """Turn pages, switch between all and parked deliveries, or open one."""
        does = message.action.does
        if does is Go.NEWER and self._page > 0:
            self._page -= 1
        elif does is Go.OLDER and len(self._rows) > self.shape[0] * self.shape[1]:
            self._page += 1
        elif does is Go.MINE:
            self._parked, self._page = not self._parked, 0
        elif does is Go.ORDER and self.desk.outbox is not None:
            message.stop()
            self.app.push_screen(LibraryOrdersScreen(self.desk, self.desk.outbox))
            return
        elif isinstance(does, Pick):
            message.stop()
            delivery = next((row for row in self._rows if row.id == does.answer), None)
            if delivery is not None:
                self.app.push_screen(DeliveryScreen(self.desk, delivery, self._titles.get(delivery.lane, "")))
            return
        else:
            return
        message.stop()
        self._ask()
        self._draw()


class DeliveryScreen(StationScreen):
    """One delivery: its intent, its state, both sides of a conflict, and the possible decisions."""

    helps = (BUTTONS, "button.outbox")

    class Done(Message):
        """The result of a decision, from its thread."""

        def __init__(self, words: str, ended: bool, asks: str = "") -> None:
            super().__init__()
            self.words = words
            self.ended = ended
            self.asks = asks
            """The decision for which a person with the right is asked at the bench; "" = no one is asked."""

    def __init__(self, desk: ScreenDesk, row: Delivery, title: str = "") -> None:
        super().__init__(desk)
        self._row = row
        self._title = title
        self._asking = ""
        self._said = ""
        self._ended = False
        self._lent = Lent()

    def compose(self) -> ComposeResult:
        """Lay out top, delivery, actions and button strip."""
        yield from self.compose_top()
        yield Pane("page")
        yield ButtonGrid(self.desk.guard, 6, "actions")
        yield ButtonGrid(self.desk.guard, 4, "last")

    def show(self, snapshot: Snapshot) -> None:
        """Draw; when the authorization question has ended, show its result."""
        super().show(snapshot)
        if self._lent.over(snapshot):
            self._said = tell(snapshot.notice.sentence)
            self._ended = snapshot.notice.code == "outbox.answer.queued"
        self._draw()

    def _draw(self) -> None:
        row, asking, result = self._row, self._asking, self._said
        self.query_one("#page", Pane).show(
            lambda width, height: draw.stack(
                details(row, width, height, asking, result, self.desk.local, self._title), height
            )
        )
        actions = (
            (
                Action(tell("outbox.yes", what=tell(f"outbox.do.{asking}").lower()), Pick("yes"), "main"),
                Action(tell("outbox.no"), Go.NO_REASON),
            )
            if asking
            else (() if self._ended or self.desk.outbox is None else actions_of(row))
        )
        width = self.app.size.width - 4
        least, height = (MAIN[0], MAIN[1]) if self.air else (SMALL[0], SMALL[1])
        columns = max(1, min(4, (width + GAP[0]) // (least + GAP[0])))
        self.query_one("#actions", ButtonGrid).offer(
            actions, columns, rows=-(-len(actions) // columns) or 1, height=height
        )
        self.query_one("#last", ButtonGrid).offer(
            (Action(tell("button.back"), Go.BACK), Action(tell("button.close"), Go.CLOSE, "main")), 4
        )

    def on_touch_button_tapped(self, message: TouchButton.Tapped) -> None:
        """Confirm a decision before it is carried out; try again without confirmation."""
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
        port, name, operator = self.desk.outbox, self._row.id, self.desk.snapshot.worker
        asks = what if self.desk.snapshot.sign_on else ""
        if port is None:
            return
        self._said = "..."

        def work() -> None:
            try:
                done = self.Done(*carry_out(port, name, what, operator))
            except NotAllowed as error:
                done = self.Done(tell(error.with_remedy), False, asks)
            except StationError as error:
                done = self.Done(tell(error.with_remedy), False)
            self.post_message(done)

        run_in_thread(self, work, "decide")

    def on_delivery_screen_done(self, message: Done) -> None:
        """Show the result. If the operator lacks the right and people sign on, have the bench ask for a person with
        it.
        """
        self._said, self._ended = message.words, message.ended
        if message.asks in _DECISIONS:
            self._lent.sent()
            does = Settle(self._row.id, _DECISIONS[message.asks], AT_THE_SCREEN)
            self.post_message(TouchButton.Tapped(Action("", does)))
        self._draw()


def counted(counts: Mapping[str, int]) -> str:
    """Return the counts of deliveries by state, as text."""
    by_state = [(state, counts.get(state.value, 0)) for state in COUNTED]
    texts = [tell(f"outbox.count.{state.value}", count=count) for state, count in by_state if count]
    return ", ".join(texts) or tell("outbox.none")


def carry_out(port: OutboxPort, name: str, what: str, operator: str) -> tuple[str, bool]:
    """Carry out a decision; return its result as text, and True if nothing more can be decided."""
    if what == TRY_AGAIN:
        count = port.retry(name, operator)
        return (tell("outbox.again"), True) if count else (tell("outbox.answer.not-waiting"), False)
    answer = port.decide(name, _DECISIONS[what], operator, AT_THE_SCREEN)
    return tell(f"outbox.answer.{answer}"), answer == "queued"


def entry_action(row: Delivery, title: str = "") -> Action:
    """Return a delivery as a target: state; item; barcode and intent; reason."""
    lines = (
        f"{SYMBOLS[row.state]} {STATES[row.state]} · {row.system}",
        *((title,) if title else ()),
        f"{tell(row.intent.subject)} · {tell(row.intent.words)}",
        "" if row.state is DeliveryState.DELIVERED else staff_words(reason_words(row.reason, row.detail)),
    )
    return Action(row.id, Pick(row.id), "late" if row.state is DeliveryState.PARKED else "plain", lines=lines)


def staff_words(reason: Sentence) -> str:
    """Return the reason of a failed try, without the operating system's error number."""
    return _ERRNO.sub("", tell(reason))


def tried(row: Delivery) -> str:
    """Return how often it was tried; "" = never."""
    return tell("outbox.tried", count=row.attempts) if row.attempts else ""


def actions_of(row: Delivery) -> tuple[Action, ...]:
    """Return the decisions that are possible now."""
    if row.state is DeliveryState.PARKED:
        again = Action(tell("outbox.do.try-again"), Pick(TRY_AGAIN), "main")
        return (again, *(Action(tell(f"outbox.do.{name}"), Pick(name)) for name in (KEEP_THEIRS, SEND_OURS, DISCARD)))
    if row.state in (DeliveryState.DEFERRED, DeliveryState.PENDING, DeliveryState.IN_DOUBT):
        return (Action(tell("outbox.do.discard"), Pick(DISCARD)),)
    return ()


def _warning(what: str, row: Delivery) -> str:
    """Return the consequence of a decision."""
    if what == SEND_OURS and row.sent and not row.sides:
        return tell("outbox.warn.send-again")
    return tell(f"outbox.warn.{what}", system=tell(system_word(row.system)))


def details(
    row: Delivery,
    width: int,
    height: int = 99,
    asking: str = "",
    result: str = "",
    local: Local = HERE,
    title: str = "",
) -> Lines:
    """Draw the delivery, both sides first; a result or question precedes them. The number of fields that do not fit is
    shown."""
    lines = [draw.rule(tell("outbox.delivery", system=tell(system_word(row.system))), width)]
    if result:
        lines += draw.paragraph(result, width, "bold $key", 2)
    if asking:
        question = tell("outbox.ask", what=tell(f"outbox.do.{asking}"), warning=_warning(asking, row))
        lines += draw.paragraph(question, width, "bold $key", 2)
    item = " · ".join(filter(None, (title, tell(row.intent.subject), tell(row.intent.words))))
    lines += draw.field(tell("correction.item"), item, width, most=2)
    for number, side in enumerate(row.sides):
        shown = [say(tell(side.heading), "bold")]
        shown += draw.field(tell("outbox.ours"), tell(side.ours_words) or tell("outbox.nothing"), width, most=3)
        shown += draw.field(tell("outbox.theirs"), side.theirs or tell("outbox.nothing"), width, most=3)
        if number and len(lines) + len(shown) + 1 > height:
            lines.append(say(tell("outbox.more-fields", count=len(row.sides) - number, id=row.id), "$quiet"))
            return lines
        lines += shown
    if row.detail:
        done = row.state is DeliveryState.DELIVERED
        why = "" if done else staff_words(reason_words(row.reason, row.detail))
        lines += draw.field(tell("outbox.why"), why, width, most=3) if why else []
        if why != staff_words(row.detail):
            lines += draw.paragraph(tell("page.for-staff", code=staff_words(row.detail)), width, "$quiet", 3)
    state = (
        f"{SYMBOLS[row.state]} {STATES[row.state]}",
        tried(row),
        tell("outbox.since", since=local.minute(row.event_at)),
    )
    lines += draw.field(tell("correction.state"), ", ".join(filter(None, state)), width, most=1)
    if row.body:
        lines += draw.field(tell("outbox.answer-field"), row.body, width, most=4)
    return lines
