"""Work screens of erase and migrate: the tag's content and its complete new content, shown before the operator
confirms."""

from __future__ import annotations

from typing import Final

from station.base.words import tell
from station.domain.commands import Act, Cancel, Choose
from station.domain.element_words import element_word
from station.domain.snapshot import Snapshot
from station.domain.workflows import RetagState, RetagTask, RetagView, TagLine, Workflow
from station.tui.drawing import draw
from station.tui.drawing.draw import BLANK, Lines
from station.tui.widgets.touch import Action
from station.tui.workflows.workflow_screen import WorkflowScreen

SYMBOLS: Final = {"kept": "✓", "changed": "▲", "guessed": "?", "dropped": "×", "does-not-fit": "!", "erased": "×"}
"""Symbol of each fate of an element; its word is shown beside it."""
_LOST: Final = ("dropped", "does-not-fit", "erased")
_ORDER: Final = ("does-not-fit", "dropped", "guessed", "changed", "erased", "kept")


class RetagScreen(WorkflowScreen):
    """The planned change of a tag. Confirming it is never the large button."""

    def lines(self, snapshot: Snapshot, width: int) -> Lines:
        """Return the tag, then one or two lines for each element; lost elements come first."""
        return tag_lines(view_of(snapshot), width)

    def actions_of(self, snapshot: Snapshot) -> tuple[Action, ...]:
        """Return the two choices of each state."""
        view = view_of(snapshot)
        if snapshot.fault is not None:
            return super().actions_of(snapshot)
        if view.answers:
            return tuple(
                Action(tell(answer.label), Choose(answer.id), "main" if answer.main else "plain")
                for answer in view.answers
            )
        if view.state is not RetagState.SHOWN:
            return ()
        aside = Action(tell("retag.button.leave"), Cancel(), "main")
        if not view.commands:
            return (aside,)
        want = tell("retag.button.erase" if view.task is RetagTask.ERASE else "retag.button.migrate")
        return (aside, Action(want, Act("want")))


class EraseScreen(RetagScreen):
    """Erases a tag."""

    workflow = Workflow.ERASE


class MigrateScreen(RetagScreen):
    """Converts a tag to the site's profile."""

    workflow = Workflow.MIGRATE


def view_of(snapshot: Snapshot) -> RetagView:
    """Return the tag, or an empty view."""
    return snapshot.workflow_view if isinstance(snapshot.workflow_view, RetagView) else RetagView()


def tag_lines(view: RetagView, width: int) -> Lines:
    """Return everything about the tag on the pad."""
    if not view.uid or view.state in (RetagState.EMPTY, RetagState.DONE):
        return draw.paragraph(tell(f"retag.begin.{view.task.value}"), width)
    if view.state is RetagState.WRITING:
        return [draw.progress(view.steps_done, view.steps_total, width)]
    item = f"{view.barcode}  {view.title}".strip()
    lines = draw.paragraph(view.says, width, "bold", 2)
    lines += draw.field(tell("item.tag-number"), view.uid, width)
    lines += draw.field(tell("retag.item"), item, width, most=1)
    lines += draw.field(tell("retag.ledger"), view.bound, width, most=9)
    lines += draw.field(tell("retag.becomes"), view.target, width, most=9)
    if view.lines:
        kept, lost = view.count("kept"), view.count(*_LOST)
        changed = len(view.lines) - kept - lost
        lines += [BLANK, draw.rule(tell("retag.counts", kept=kept, changed=changed, lost=lost), width)]
    for line in sorted(view.lines, key=lambda row: _ORDER.index(row.kind) if row.kind in _ORDER else 0):
        lines += _line(line, width)
    return lines


def _line(line: TagLine, width: int) -> Lines:
    word = tell(f"retag.kind.{line.kind}")
    old = tell(line.old)
    now = old if line.after in ("", line.before) else f"{old or tell('retag.nothing')} > {tell(line.new)}"
    head = f"{SYMBOLS.get(line.kind, '?')} {word}: {tell(element_word(tell(line.name)))}  {now}".rstrip()
    bold = "" if line.kind in ("kept", "erased") else "bold"
    return [*draw.listed(head, width, bold), *draw.hanging(tell(line.reason), width, style="$quiet")]
