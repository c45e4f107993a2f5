"""Modal dialogs. Only a tap answers them; no key does, especially not Enter."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen

from station.base.words import tell
from station.domain.commands import Waive
from station.domain.findings import Finding, Outcome
from station.domain.snapshot import Phase, Snapshot
from station.tui.drawing import draw
from station.tui.widgets.screen import Pane, ScreenDesk
from station.tui.widgets.too_small import cover
from station.tui.widgets.touch import GAP, MAIN, Action, ButtonGrid, Go, Pick, TouchButton

_WIDTH: Final = 68
"""Cells of a line of text (station.tcss: #dialog)."""
_FRAME: Final = 4
"""Rows of frame and padding."""
_LEAST: Final = 5
"""Minimum rows of text."""
SENDER_S: Final = 4.0
"""Seconds in which the screen says whose work it will show."""


class Dialog(ModalScreen[None]):
    """A sentence and a few large buttons."""

    def __init__(self, desk: ScreenDesk) -> None:
        super().__init__()
        self.desk = desk

    def compose(self) -> ComposeResult:
        """Lay out text above buttons."""
        with Vertical(id="dialog"):
            yield Pane("question")
            yield ButtonGrid(self.desk.guard, 6, "answers")

    def words(self) -> tuple[str, str]:
        """Return heading and sentence."""
        raise NotImplementedError

    def actions(self) -> Sequence[Action]:
        """Return the buttons."""
        raise NotImplementedError

    def show(self, _snapshot: Snapshot) -> None:
        """Draw the text, which may depend on the snapshot, and the buttons."""

        def view(width: int, height: int) -> Content:
            heading, sentence = self.words()
            return draw.stack([draw.rule(heading, width), draw.BLANK, *draw.paragraph(sentence, width)], height)

        actions = self.actions()
        rows = 1 if len(actions) <= 3 else 2
        question = self.query_one("#question", Pane)
        question.show(view)
        # As high as the sentence needs, within the room above the buttons and inside the frame.
        needed = 2 + len(draw.paragraph(self.words()[1], _WIDTH))
        room = self.app.size.height - rows * (MAIN[1] + GAP[1]) - _FRAME
        question.styles.height = max(_LEAST, min(needed, room))
        self.query_one("#answers", ButtonGrid).offer(actions, 3, rows=rows, height=MAIN[1])

    def on_mount(self) -> None:
        self.on_resize()

    def on_screen_resume(self) -> None:
        """Take the change to this dialog as a change of the question."""
        self.desk.guard.question_changed()

    def on_resize(self) -> None:
        """Lay out for the new size."""
        self.show(self.desk.snapshot)
        cover(self, refused=self.desk.refused)


class QuitDialog(Dialog):
    """Confirmation before leaving with an item in hand."""

    def words(self) -> tuple[str, str]:
        """Return the effect of leaving on the item in hand."""
        if self.desk.snapshot.phase is Phase.WRITING:
            return tell("dialog.leave"), tell("dialog.leave-writing")
        return (
            tell("dialog.leave"),
            tell("dialog.leave-in-hand"),
        )

    def actions(self) -> Sequence[Action]:
        """Return the buttons; staying is the main action."""
        return (Action(tell("button.stay"), Go.CLOSE, "main"), Action(tell("button.leave"), Go.QUIT_NOW, "bad"))


class PrintedDialog(Dialog):
    """Result of a print job; a scan closes it."""

    def __init__(self, desk: ScreenDesk, heading: str, sentence: str) -> None:
        super().__init__(desk)
        self._words = (heading, sentence)

    def words(self) -> tuple[str, str]:
        return self._words

    def actions(self) -> Sequence[Action]:
        """Return the Close button, which leads back to the page under the dialog."""
        return (Action(tell("button.close"), Go.BACK, "main"),)


class SenderDialog(Dialog):
    """Says who has brought up this work from another terminal, before the operator sees it; it closes by itself."""

    def __init__(self, desk: ScreenDesk) -> None:
        super().__init__(desk)
        self._sender = desk.snapshot.sender

    def words(self) -> tuple[str, str]:
        return tell("dialog.sender", sender=self._sender), tell("dialog.sender-what")

    def actions(self) -> Sequence[Action]:
        """Return the Close button."""
        return (Action(tell("button.close"), Go.CLOSE, "main"),)

    def on_mount(self) -> None:
        super().on_mount()
        self.set_timer(SENDER_S, self.close)

    def close(self) -> None:
        """Close, unless something else was opened or the dialog was closed."""
        if self.is_current:
            self.post_message(TouchButton.Tapped(Action("", Go.CLOSE)))


class WaiveDialog(Dialog):
    """Choice of a failed finding to waive, then of the reason. Where people sign on, the bench may then ask for a person
    with the right."""

    def __init__(self, desk: ScreenDesk) -> None:
        super().__init__(desk)
        failed = self._failed()
        self._rule = failed[0].rule if len(failed) == 1 else ""

    def _failed(self) -> tuple[Finding, ...]:
        now = self.desk.snapshot
        return tuple(
            finding for finding in now.findings if finding.outcome is Outcome.FAIL and finding.rule in now.may_waive
        )

    def words(self) -> tuple[str, str]:
        """Return the question."""
        sentence = next((tell(finding.said) for finding in self._failed() if finding.rule == self._rule), "")
        return tell("button.waive"), tell("dialog.waive-why", finding=sentence) if sentence else tell(
            "dialog.waive-which"
        )

    def actions(self) -> Sequence[Action]:
        """Return the findings, or the reasons."""
        stay = Action(tell("button.close"), Go.CLOSE, "quiet")
        if not self._rule:
            return (*(Action(tell(finding.heading), Pick(finding.rule)) for finding in self._failed()), stay)
        reasons = self.desk.settings.corrections.waiver_reasons
        return (*(Action(reason, Pick(reason)) for reason in reasons), stay)

    def on_touch_button_tapped(self, message: TouchButton.Tapped) -> None:
        """Take a finding and ask for the reason, or take a reason, send the waiver to the bench, and close."""
        does = message.action.does
        if not isinstance(does, Pick):
            return
        message.stop()
        if not self._rule:
            self._rule = does.answer
            self.show(self.desk.snapshot)
            return
        self.post_message(TouchButton.Tapped(Action("", Waive(self._rule, does.answer))))
        self.post_message(TouchButton.Tapped(Action("", Go.CLOSE)))
