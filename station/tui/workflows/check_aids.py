"""Aids to a check, one tap away: its drawing where the screen had no room for it, and a count by hand on a pad of digits."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content

from station.base.words import tell
from station.domain.commands import Answer
from station.domain.snapshot import Check, Outcome, Snapshot
from station.tui.drawing import draw
from station.tui.drawing.checks import current_check, drawing
from station.tui.drawing.draw import BLANK
from station.tui.widgets.dialogs import Dialog
from station.tui.widgets.screen import Pane, ScreenDesk
from station.tui.widgets.touch import GAP, SMALL, Action, ButtonGrid, Go, Pick, TouchButton

_MOST: Final = 3
"""Digits of a count."""
_DIGITS: Final = "1234567890"


class SketchDialog(Dialog):
    """The drawing of the check that is open."""

    def show(self, snapshot: Snapshot) -> None:
        """Question and drawing; when another check is open, its own."""
        check = current_check(snapshot)

        def view(width: int, height: int) -> Content:
            if check is None:
                return draw.stack(draw.paragraph(tell("check.all-answered"), width), height)
            return draw.stack([*draw.paragraph(check.question, width, "bold", 2), BLANK, *drawing(check)], height)

        lines = len(check.sketch) + 3 if check is not None else 1
        pane = self.query_one("#question", Pane)
        pane.styles.height = min(lines, self.app.size.height - SMALL[1] - 4)
        pane.show(view)
        self.query_one("#answers", ButtonGrid).offer((Action(tell("button.close"), Go.CLOSE, "main"),), 3)


class CountDialog(Dialog):
    """How many pieces there are, tapped digit by digit."""

    def __init__(self, desk: ScreenDesk) -> None:
        super().__init__(desk)
        check = current_check(desk.snapshot)
        self._rule = check.rule if check is not None else ""
        self._text = ""

    def compose(self) -> ComposeResult:
        """Text over digits."""
        with Vertical(id="dialog"):
            yield Pane("question")
            yield ButtonGrid(self.desk.guard, len(_DIGITS) + 3, "answers")

    def actions(self) -> Sequence[Action]:
        """Digits, back, and the count as it stands."""
        good = bool(self._text)
        return (
            *(Action(digit, Pick(digit)) for digit in _DIGITS),
            Action(tell("button.digit-back"), Pick("back"), enabled=good),
            Action(tell("button.close"), Go.CLOSE, "quiet"),
            Action(tell("button.keep"), Pick("keep"), "main", enabled=good),
        )

    def show(self, snapshot: Snapshot) -> None:
        """What was tapped so far. When the check is over, so is its count."""
        check = current_check(snapshot)
        if check is None or check.rule != self._rule:
            self.post_message(TouchButton.Tapped(Action("", Go.CLOSE)))
            return
        said = tell("dialog.count", pieces=self._text or "_")
        self.query_one("#question", Pane).show(
            lambda width, height: draw.stack(
                [draw.rule(tell("dialog.count-title"), width), *draw.paragraph(check.question, width, "", 2),
                 *draw.paragraph(said, width, "bold")], height,
            )
        )  # fmt: skip
        width = min(self.app.size.width - 8, 72)
        columns = max(3, min(5, (width + GAP[0]) // (SMALL[0] + GAP[0])))
        actions = self.actions()
        self.query_one("#answers", ButtonGrid).offer(
            actions, columns, rows=-(-len(actions) // columns), height=SMALL[1]
        )

    def on_touch_button_tapped(self, message: TouchButton.Tapped) -> None:
        """A digit, or the answer that the count makes."""
        does = message.action.does
        if not isinstance(does, Pick):
            return
        message.stop()
        check = current_check(self.desk.snapshot)
        if does.answer == "keep" and check is not None and self._text:
            self.post_message(TouchButton.Tapped(Action("", counted(check, int(self._text)))))
            self.post_message(TouchButton.Tapped(Action("", Go.CLOSE)))
            return
        self._text = self._text[:-1] if does.answer == "back" else (self._text + does.answer)[:_MOST]
        self.show(self.desk.snapshot)


def counted(check: Check, count: int) -> Answer:
    """What a count by hand answers: everything is there, or something is missing or too many. Where the sources do not agree,
    the count is taken down, and the rule on the four sources judges it."""
    if check.counted is None or count == check.counted:
        return Answer(check.rule, Outcome.PASS, count=count)
    missing, many = count_words(check)
    return Answer(check.rule, Outcome.FAIL, missing if count < check.counted else many, count=count)


def count_words(check: Check) -> tuple[str, str]:
    """(something is missing, something is too many), as the check's reasons say it; "" = it counts nothing."""
    known = {code: words for cover in check.covers for code, words in cover.reasons}
    return known.get("piece-missing", ""), known.get("piece-too-many", "")


def can_count(check: Check) -> bool:
    """The check is one that counts pieces."""
    return all(count_words(check))
