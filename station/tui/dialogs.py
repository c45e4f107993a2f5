"""Modal questions. An explicit tap answers them; no key does, Enter least of all."""

from __future__ import annotations

from collections.abc import Sequence

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen

from station.commands import Waive
from station.model import Finding, Outcome, Phase, Snapshot
from station.tui import draw
from station.tui.actions import menu_actions
from station.tui.pane import Desk, Pane
from station.tui.touch import MAIN, Action, ButtonGrid, Go, Pick, TouchButton


class Dialog(ModalScreen[None]):
    """A sentence and some large buttons."""

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self.desk = desk

    def compose(self) -> ComposeResult:
        """Text over buttons."""
        with Vertical(id="dialog"):
            yield Pane("question")
            yield ButtonGrid(self.desk.guard, 6, "answers")

    def words(self) -> tuple[str, str]:
        """Heading and sentence."""
        raise NotImplementedError

    def actions(self) -> Sequence[Action]:
        """The buttons."""
        raise NotImplementedError

    def show(self, _snapshot: Snapshot) -> None:
        """The words may depend on the snapshot."""

        def view(width: int, height: int) -> Content:
            heading, sentence = self.words()
            return draw.stack([draw.rule(heading, width), draw.BLANK, *draw.paragraph(sentence, width)], height)

        self.query_one("#question", Pane).show(view)
        actions = self.actions()
        rows = 1 if len(actions) <= 3 else 2
        self.query_one("#answers", ButtonGrid).offer(actions, 3, rows=rows, height=MAIN[1])

    def on_mount(self) -> None:
        """First picture."""
        self.show(self.desk.snapshot)


class QuitDialog(Dialog):
    """Asked when an item is in hand."""

    def words(self) -> tuple[str, str]:
        """What leaving would do to the item in hand."""
        if self.desk.snapshot.phase is Phase.WRITING:
            return "Leave the station?", "A tag is being written. The station finishes that first, then it stops."
        return (
            "Leave the station?",
            "An item is in hand and has no verdict yet. Leaving stops its work; it can be taken up again.",
        )

    def actions(self) -> Sequence[Action]:
        """Staying is the main action."""
        return (Action("Stay", Go.CLOSE, "main"), Action("Leave", Go.QUIT_NOW, "bad"))


class PrintedDialog(Dialog):
    """What became of a label; a scan closes it."""

    def __init__(self, desk: Desk, heading: str, sentence: str) -> None:
        super().__init__(desk)
        self._words = (heading, sentence)

    def words(self) -> tuple[str, str]:
        """As given."""
        return self._words

    def actions(self) -> Sequence[Action]:
        """One way out."""
        return (Action("Close", Go.CLOSE, "main"),)


class WaiveDialog(Dialog):
    """Which failed finding may stand, then why. Whether the operator may say so is the bench's affair."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        failed = self._failed()
        self._rule = failed[0].rule if len(failed) == 1 else ""

    def _failed(self) -> tuple[Finding, ...]:
        return tuple(one for one in self.desk.snapshot.findings if one.outcome is Outcome.FAIL)

    def words(self) -> tuple[str, str]:
        """What is asked."""
        title = next((one.title for one in self._failed() if one.rule == self._rule), "")
        if not title:
            return "Waive a finding", "Which of them may stand? It stays in the journal; the verdict is given again."
        return "Waive: why?", f"{title} - the item may go to the shelf as it is, because:"

    def actions(self) -> Sequence[Action]:
        """Findings, or reasons."""
        stay = Action("Close", Go.CLOSE, "quiet")
        if not self._rule:
            return (*(Action(one.title, Pick(one.rule)) for one in self._failed()), stay)
        reasons = self.desk.settings.corrections.waiver_reasons
        return (*(Action(reason, Pick(reason)) for reason in reasons), stay)

    def on_touch_button_tapped(self, message: TouchButton.Tapped) -> None:
        """A finding leads to the reasons; a reason to the bench, and back to the work."""
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


class MenuDialog(Dialog):
    """What does not fit into the strip of a small screen."""

    def words(self) -> tuple[str, str]:
        """Heading only."""
        return "Menu", "Work goes on behind this menu; a scan closes it."

    def actions(self) -> Sequence[Action]:
        """All other screens."""
        return menu_actions(self.desk.work is not None)
