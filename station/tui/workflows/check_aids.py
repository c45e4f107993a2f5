"""Dialog for a check that counts pieces: a manual count on a digit pad."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from textual.app import ComposeResult
from textual.containers import Vertical

from station.base.words import tell
from station.domain.commands import Answer
from station.domain.findings import Check, Outcome
from station.domain.snapshot import Snapshot
from station.tui.drawing import draw
from station.tui.drawing.checks import current_check
from station.tui.widgets.dialogs import Dialog
from station.tui.widgets.screen import Pane, ScreenDesk
from station.tui.widgets.touch import GAP, SMALL, Action, ButtonGrid, Go, Pick, TouchButton

_MOST: Final = 3
"""Maximum digits of a count."""
_MISSING: Final = "piece-missing"  # not for people
_MANY: Final = "piece-too-many"  # not for people
"""Codes of the reasons of a wrong count."""
_DIGITS: Final = "1234567890"


class CountDialog(Dialog):
    """Digit pad for the number of pieces."""

    def __init__(self, desk: ScreenDesk) -> None:
        super().__init__(desk)
        check = current_check(desk.snapshot, desk.about)
        self._rule = check.rule if check is not None else ""
        self._text = ""

    def compose(self) -> ComposeResult:
        """Lay out text above digits."""
        with Vertical(id="dialog"):
            yield Pane("question")
            yield ButtonGrid(self.desk.guard, len(_DIGITS) + 3, "answers")

    def actions(self) -> Sequence[Action]:
        """Return the digits, delete, Close, and Keep."""
        good = bool(self._text)
        return (
            *(Action(digit, Pick(digit)) for digit in _DIGITS),
            Action(tell("button.digit-back"), Pick("back"), enabled=good),
            Action(tell("button.close"), Go.CLOSE, "quiet"),
            Action(tell("button.keep"), Pick("keep"), "main", enabled=good),
        )

    def show(self, snapshot: Snapshot) -> None:
        """Draw the digits so far; close when the check has been answered."""
        check = current_check(snapshot, self.desk.about)
        if check is None or check.rule != self._rule:
            self.post_message(TouchButton.Tapped(Action("", Go.CLOSE)))
            return
        sentence = tell("dialog.count", pieces=self._text or "_")
        self.query_one("#question", Pane).show(
            lambda width, height: draw.stack(
                [draw.rule(tell("dialog.count-title"), width), *draw.paragraph(tell(check.question), width, "", 2),
                 *draw.paragraph(sentence, width, "bold")], height,
            )
        )  # fmt: skip
        width = min(self.app.size.width - 8, 72)
        columns = max(3, min(5, (width + GAP[0]) // (SMALL[0] + GAP[0])))
        actions = self.actions()
        self.query_one("#answers", ButtonGrid).offer(
            actions, columns, rows=-(-len(actions) // columns), height=SMALL[1]
        )

    def on_touch_button_tapped(self, message: TouchButton.Tapped) -> None:
        """Take a digit, or send the answer."""
        does = message.action.does
        if not isinstance(does, Pick):
            return
        message.stop()
        check = current_check(self.desk.snapshot, self.desk.about)
        if does.answer == "keep" and check is not None and self._text:
            self.post_message(TouchButton.Tapped(Action("", counted(check, int(self._text)))))
            self.post_message(TouchButton.Tapped(Action("", Go.CLOSE)))
            return
        self._text = self._text[:-1] if does.answer == "back" else (self._text + does.answer)[:_MOST]
        self.show(self.desk.snapshot)


def counted(check: Check, count: int) -> Answer:
    """Return the answer for a manual count: pass, or a fail with pieces missing or too many. If the sources disagree on
    the number, the answer passes with the count, and the rule on the four sources judges it."""
    if check.counted is None or count == check.counted:
        return Answer(check.rule, Outcome.PASS, count=count)
    return Answer(check.rule, Outcome.FAIL, _MISSING if count < check.counted else _MANY, count=count)


def can_count(check: Check) -> bool:
    """True if the check counts pieces."""
    return {_MISSING, _MANY} <= {code for cover in check.covers for code, *_ in cover.reasons}
