"""One correction: what is wrong, its history, and what the operator can do about it. A reason is asked for where one must
be said."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from textual.app import ComposeResult
from textual.content import Content
from textual.message import Message

from station.commands import Assign, Close, Command, Mend, Recheck
from station.correction import Entry
from station.correction_words import OVERDUE, headline, waits_for, words
from station.errors import StationError
from station.model import CorrectionKind, CorrectionState, Result, Snapshot
from station.model import Recheck as Who
from station.ports import WorkPort
from station.tui import draw
from station.tui.draw import BLANK, Lines
from station.tui.pane import Desk, Pane, StationScreen
from station.tui.touch import GAP, MAIN, SMALL, Action, ButtonGrid, Go, Pick, TouchButton
from station.tui.words import SEVERITIES, say

STILL_WRONG: Final = ("Not mended", "Mended badly", "Something else is wrong")
NO_DEFECT: Final = ("Looked at it: it is right", "Flag was for another item", "Record was wrong, not the item")
WITHDRAWN: Final = ("Withdrawn", "Lost", "Given back to its lender")
_RESULTS: Final = {"No defect": (Result.NO_DEFECT, NO_DEFECT), "Item is gone": (Result.WITHDRAWN, WITHDRAWN)}

_Made = Callable[[str], Command]
"""A reason to the command that it belongs to."""


class CorrectionScreen(StationScreen):
    """The entry over its actions."""

    class Arrived(Message):
        """The entry, from its thread."""

        def __init__(self, question: int, entry: Entry | None, names: dict[str, str], problem: Lines) -> None:
            super().__init__()
            self.question = question
            self.entry = entry
            self.names = names
            self.problem = problem

    def __init__(self, desk: Desk, work: WorkPort, name: str) -> None:
        super().__init__(desk)
        self._work = work
        self._correction = name
        self._question = 0
        self._asked_for: tuple[str, int] | None = None
        self._entry: Entry | None = None
        self._corrections: dict[str, str] = {}
        self._problem: Lines = []
        self._asking: tuple[str, tuple[str, ...], _Made | None] | None = None
        """What is asked, the answers, and what an answer makes (None: the answer leads to a further question)."""

    def compose(self) -> ComposeResult:
        """Top, notice, entry, actions, strip."""
        yield from self.compose_top()
        yield Pane("notice")
        yield Pane("page")
        yield ButtonGrid(self.desk.guard, 6, "actions")
        yield ButtonGrid(self.desk.guard, 4, "last")

    def show(self, snapshot: Snapshot) -> None:
        """Draw what is known; ask anew whenever the bench has said something."""
        super().show(snapshot)
        now = (snapshot.worker, snapshot.sound_number)
        if now != self._asked_for:
            self._asked_for = now
            self._ask(snapshot.worker)
        self._draw(snapshot)

    def _ask(self, viewer: str) -> None:
        self._question += 1
        number = self._question

        def work() -> None:
            try:
                entry, names = self._work.correction(viewer, self._correction), self._work.names(viewer)
                problem = [] if entry is not None else [say("There is no such correction.", "bold")]
            except StationError as error:
                entry, names = None, {}
                problem = [say(error.message, "bold"), say(f"For staff: {error.code} {error.detail}", "$quiet")]
            self.post_message(self.Arrived(number, entry, names, problem))

        self.run_worker(work, thread=True, group="query", exit_on_error=True)

    def on_correction_screen_arrived(self, message: Arrived) -> None:
        """An answer; only the newest question's counts."""
        if message.question == self._question:
            self._entry, self._corrections, self._problem = message.entry, message.names, message.problem
            self._draw(self.desk.snapshot)

    def _draw(self, snapshot: Snapshot) -> None:
        entry, asking = self._entry, self._asking
        notice = self.query_one("#notice", Pane)
        notice.display = bool(snapshot.notice)
        notice.show(lambda width, _: draw.one_line(Content.assemble(("i ", "bold $key"), say(snapshot.notice)), width))
        head = asking[0] if asking is not None else ""
        self.query_one("#page", Pane).show(
            lambda width, height: draw.stack(
                details(entry, self._corrections, width, height, head) if entry is not None else self._problem, height
            )
        )
        actions = tuple(Action(text, Pick(text)) for text in asking[1]) if asking is not None else actions_of(entry)
        width = self.app.size.width - 4
        columns = max(1, min(3, (width + GAP[0]) // (MAIN[0] + GAP[0])))
        height = MAIN[1] if self.air else SMALL[1]
        self.query_one("#actions", ButtonGrid).offer(actions, columns, rows=1, height=height)
        back = Action("< Back", Go.NO_REASON) if asking is not None else Action("< Back", Go.BACK)
        self.query_one("#last", ButtonGrid).offer((back, Action("Close", Go.CLOSE, "main")), 4)

    def on_touch_button_tapped(self, message: TouchButton.Tapped) -> None:
        """Ask for what must be said; all else goes up to the app."""
        does, name = message.action.does, self._correction
        if isinstance(does, Pick) and self._asking is not None:
            made = self._asking[2]
            self._asking = None
            if made is None:
                result, reasons = _RESULTS[does.answer]
                self._asking = ("Why?", reasons, lambda reason: Close(name, result, reason))
            else:
                self.post_message(TouchButton.Tapped(Action(does.answer, made(does.answer))))
        elif does is Go.CLOSE_IT:
            self._asking = ("How does it end without a mend?", tuple(_RESULTS), None)
        elif does is Go.NOT_GOOD:
            self._asking = ("What is wrong?", STILL_WRONG, lambda reason: Recheck(name, False, reason))
        elif does is Go.NO_REASON:
            self._asking = None
        else:
            return
        message.stop()
        self._draw(self.desk.snapshot)


def actions_of(entry: Entry | None) -> tuple[Action, ...]:
    """What can be done now. Whether this operator may is the journal's affair; a refusal is said."""
    if entry is None or entry.closed_at:
        return ()
    now = entry.correction
    end = Action("End without mend", Go.CLOSE_IT)
    if now.kind is CorrectionKind.RECHECK:
        return (end,)
    if now.state is CorrectionState.OPEN:
        return (Action("✓ Mended", Mend(now.id), "main"), Action("I take it", Assign(now.id, owner="me")), end)
    if now.recheck is Who.MACHINE:
        return (end,)
    good, bad = Action("✓ Good now", Recheck(now.id, True), "good"), Action("× Not good", Go.NOT_GOOD, "bad")
    return (good, bad, end)


def details(entry: Entry, names: dict[str, str], width: int, height: int, asking: str = "") -> Lines:
    """What is known of it, then its history from the newest end, as much as fits; a question over all."""
    now = entry.correction
    late = f"{OVERDUE}, " if entry.overdue else ""
    item = f"{now.barcode}  {now.item_title}".strip()
    lines = [draw.rule(f"Correction {now.id[:8]}", width)]
    if asking:
        lines += [say(asking, "bold $key")]
    lines += draw.paragraph(headline(entry), width, "bold", 2)
    lines += draw.field("Item", item, width, most=1)
    lines += draw.field("State", waits_for(entry), width, most=1)
    lines += draw.field("Owner", names.get(now.owner, now.owner) or "nobody", width, most=1)
    lines += draw.field("Due", f"{late}{now.due}, open for {entry.age} days, {SEVERITIES[now.severity]}", width, most=1)
    if now.parts != (1,):
        lines += draw.field("Parts", ", ".join(map(str, now.parts)), width, most=1)
    if not entry.closed_at and _only_at_the_bench(entry):
        lines += draw.field("To do", "scan the item and go through its checks", width, most=1)
    room = height - len(lines) - 1
    steps = entry.steps[-max(0, room) :] if room > 0 else ()
    if steps:
        lines.append(BLANK)
    for step in steps:
        at = step.at[:16].replace("T", " ")
        lines.append(draw.one_line(Content.assemble((f"{at}  ", "$quiet"), say(words(step, names))), width))
    return lines


def _only_at_the_bench(entry: Entry) -> bool:
    now = entry.correction
    waits = now.state is CorrectionState.MENDED and now.recheck is Who.MACHINE
    return now.kind is CorrectionKind.RECHECK or waits
