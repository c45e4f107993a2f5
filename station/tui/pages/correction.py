"""Screen of one correction: what is wrong, the label that the item should have, its history, and the operator's actions.
Some actions ask for a reason first."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from station.base.words import tell
from station.domain.commands import Assign, Close, Command, LookFirst, Mend, Recheck
from station.domain.correction_states import CorrectionKind, CorrectionState, Result
from station.domain.correction_states import Recheck as Who
from station.domain.corrections.correction import UNKNOWN, Entry, ItemToFix, is_own_work, is_second_check
from station.domain.corrections.words import OVERDUE, headline, to_do, waits_for, words
from station.domain.ports import WorkPort
from station.domain.signals import RULE
from station.domain.snapshot import Snapshot
from station.tui.drawing import draw
from station.tui.drawing.checks import PAPER
from station.tui.drawing.draw import BLANK, Lines
from station.tui.drawing.local import HERE, Local
from station.tui.drawing.words import SEVERITIES, say
from station.tui.pages.manual import ManualScreen, Shown
from station.tui.widgets.background_screen import DetailScreen
from station.tui.widgets.screen import Pane, ScreenDesk
from station.tui.widgets.touch import GAP, MAIN, SMALL, Action, ButtonGrid, Go, Pick, Print, Read, TouchButton

STILL_WRONG: Final = ("not-fixed", "badly", "else")
NO_DEFECT: Final = ("right", "other-item", "record")
WITHDRAWN: Final = ("withdrawn", "lost", "given-back")
_RESULTS: Final = {"no-defect": (Result.NO_DEFECT, NO_DEFECT), "gone": (Result.WITHDRAWN, WITHDRAWN)}
"""Names of ways to close and of reasons; catalog keys: `correction.end.NAME`, `correction.why.NAME`."""
_LABEL: Final = 20
"""Minimum cells of the label beside the text."""
_TEXT: Final = 40
"""Minimum cells of the text beside the label."""
_GAP: Final = 2
"""Cells between the text and the label."""

_Answer = tuple[Entry | None, ItemToFix, dict[str, str]]
"""The correction, its item, and names by worker id."""
_Made = Callable[[str], Command]
"""Makes the command from a reason."""


class CorrectionScreen(DetailScreen):
    """One correction, with its actions below."""

    most_beside = 6
    helps = ("to-fix", "menu.to-fix")

    def __init__(self, desk: ScreenDesk, work: WorkPort, name: str) -> None:
        super().__init__(desk)
        self._work = work
        self._correction = name
        self._entry: Entry | None = None
        self._item = UNKNOWN
        self._names: dict[str, str] = {}
        self._problem: Lines = []
        self._asking: tuple[str, dict[str, str], _Made | None] | None = None
        """The open question, its answers (key -> words), and what makes the command from an answer (None: the answer
        leads to another question)."""

    def show(self, snapshot: Snapshot) -> None:
        """Draw the known data; query again if the worker changed or the bench made a sound of its work."""
        super().show(snapshot)
        self.ask_for((snapshot.worker, snapshot.sound_number - snapshot.call_sounds))
        self._draw(snapshot)

    def _ask(self) -> None:
        viewer, another, work = self.desk.snapshot.worker, tell("correction.another"), self._work

        def query() -> _Answer:
            entry = work.correction(viewer, self._correction)
            mends = entry is not None and entry.correction.kind is CorrectionKind.MEND
            item = work.item_to_fix(viewer, entry.correction.barcode) if entry is not None and mends else UNKNOWN
            return entry, item, work.names(viewer, another)

        self.ask(query, self._arrived)

    def _arrived(self, answer: _Answer | None, problem: Lines) -> None:
        self._entry, self._item, self._names = answer or (None, UNKNOWN, {})
        self.desk.judged = self._item.judged
        gone = self._entry is None
        self._problem = problem or ([say(tell("error.correction-unknown"), "bold")] if gone else [])
        self._draw(self.desk.snapshot)

    def _draw(self, snapshot: Snapshot) -> None:
        entry, asking = self._entry, self._asking
        self.show_answer(snapshot)
        head = asking[0] if asking is not None else ""
        self.query_one("#page", Pane).show(
            lambda width, height: draw.stack(
                details(
                    entry,
                    self._names,
                    width,
                    height,
                    head,
                    snapshot.worker,
                    self.desk.local,
                    item=self._item,
                    sign_on=snapshot.sign_on,
                )
                if entry is not None
                else self._problem,
                height,
            )
        )
        actions = (
            tuple(Action(text, Pick(answer)) for answer, text in asking[1].items())
            if asking is not None
            else actions_of(entry, snapshot.worker)
        )
        width = self.app.size.width - 4
        columns = max(1, min(3, (width + GAP[0]) // (MAIN[0] + GAP[0])))
        height = MAIN[1] if self.air else SMALL[1]
        self.query_one("#actions", ButtonGrid).offer(actions, columns, rows=1, height=height)
        back = Action(tell("button.back"), Go.NO_REASON if asking is not None else Go.BACK, is_back=True)
        about = entry.correction.rule if entry is not None else ""
        rule = (Action(tell("correction.button.rule"), Read(f"{RULE}{about}")),) if self._has_page(about) else ()
        close = Action(tell("button.close"), Go.CLOSE, "quiet")
        strip = (back, *self._prints(), *rule, close)
        self.query_one("#last", ButtonGrid).offer(strip, min(self.columns, max(4, len(strip))))

    def _prints(self) -> tuple[Action, ...]:
        """Return the actions that print the label that the item should have, and the flag slip of its newest fail."""
        if self.desk.labels is None:
            return ()
        label = (Action(tell("button.print-label"), Print.LABEL_AGAIN),) if self._item.label else ()
        slip = (Action(tell("button.print-slip"), Print.SLIP_AGAIN),) if self._item.failed else ()
        return (*label, *slip)

    def _has_page(self, rule: str) -> bool:
        """True if the manual has a page about this rule. An ordered recheck has none."""
        manual = self.desk.manual
        return manual is not None and any(topic.name == f"{RULE}{rule}" for topic in manual.rules())

    def on_touch_button_tapped(self, message: TouchButton.Tapped) -> None:
        """Ask for the missing reason; pass other taps on to the app."""
        does, name = message.action.does, self._correction
        if isinstance(does, Pick) and self._asking is not None:
            made = self._asking[2]
            self._asking = None
            if made is None:
                result, reasons = _RESULTS[does.answer]
                self._asking = (tell("correction.why"), _reasons(reasons), lambda reason: Close(name, result, reason))
            else:
                self.post_message(TouchButton.Tapped(Action(does.answer, made(does.answer))))
        elif isinstance(does, Read) and self.desk.manual is not None:
            self.app.push_screen(ManualScreen(self.desk, self.desk.manual, Shown(does.topic)))
        elif does is Go.CLOSE_IT:
            ends = {end: tell(f"correction.end.{end}") for end in _RESULTS}
            self._asking = (tell("correction.how"), ends, None)
        elif does is Go.NOT_GOOD:
            wrong = _reasons(STILL_WRONG)
            self._asking = (tell("correction.what"), wrong, lambda reason: Recheck(name, False, reason))
        elif does is Go.NO_REASON:
            self._asking = None
        else:
            return
        message.stop()
        self._draw(self.desk.snapshot)


def _reasons(names: tuple[str, ...]) -> dict[str, str]:
    """Return the reasons as their own keys: the journal stores the words that were tapped."""
    words = [tell(f"correction.why.{name}") for name in names]
    return dict(zip(words, words, strict=True))


def actions_of(entry: Entry | None, viewer: str) -> tuple[Action, ...]:
    """Return the possible actions. A recheck of one's own work is not offered (`details` names who does it). The
    journal decides whether the operator has the right to the others, and a refusal is shown."""
    if entry is None or entry.closed_at:
        return ()
    now = entry.correction
    end = Action(tell("correction.button.end"), Go.CLOSE_IT)
    if now.kind is CorrectionKind.RECHECK:
        look = Action(tell("correction.button.look"), LookFirst(now.id))
        return (end, look) if is_second_check(now, viewer) else (end,)
    if now.state is CorrectionState.OPEN:
        return (
            Action(tell("correction.button.fixed"), Mend(now.id), "main"),
            *(
                (Action(tell("correction.button.take"), Assign(now.id, owner="me")),)
                if not viewer or now.owner != viewer
                else ()
            ),
            end,
        )
    if now.recheck is Who.MACHINE or is_own_work(now, viewer):
        return (end,)
    good, bad = (
        Action(tell("correction.button.good"), Recheck(now.id, True), "good"),
        Action(tell("correction.button.bad"), Go.NOT_GOOD, "bad"),
    )
    return (good, bad, end)


def details(
    entry: Entry,
    names: dict[str, str],
    width: int,
    height: int,
    asking: str = "",
    viewer: str = "",
    local: Local = HERE,
    *,
    item: ItemToFix = UNKNOWN,
    sign_on: bool = True,
) -> Lines:
    """Draw the correction and what to do now, as shown to `viewer`; then as much of its newest history as fits; beside it
    the label that the item should have. An open question comes first. `sign_on`: see `to_do`."""
    heading = draw.rule(tell("correction.title", item=entry.correction.item_title or entry.correction.barcode), width)
    paper = _label(item.label, width - _TEXT - _GAP, height - 1)
    left = width - (paper[0].cell_length + _GAP if paper else 0)
    facts = _facts(entry, names, left, height - 1, asking, viewer, local, item=item, sign_on=sign_on)
    return [heading, *(draw.beside(facts, paper, left) if paper else facts)]


def _label(label: Sequence[str], width: int, height: int) -> Lines:
    """Draw the label as it is printed, line by line, at most `width` cells wide: a longer line goes on in the next row. If
    rows do not fit, the last row counts them."""
    rows = [row for line in label for row in draw.listed(line, width - 4, "bold")]
    if not rows:
        return []
    frame = max(_LABEL, max(row.cell_length for row in rows) + 4)
    shown = draw.paper(rows, frame, height, tell("item.label"), PAPER)
    if len(shown) <= height:
        return shown
    more = say(tell("stage.and-more", count=len(shown) - height + 1))
    return [*shown[: height - 1], *draw.label([more], frame, "", PAPER)]


def _facts(
    entry: Entry,
    names: dict[str, str],
    width: int,
    height: int,
    asking: str,
    viewer: str,
    local: Local,
    *,
    item: ItemToFix,
    sign_on: bool,
) -> Lines:
    now = entry.correction
    late = f"{tell(OVERDUE)}, " if entry.overdue else ""
    lines = [say(asking, "bold $key")] if asking else []
    lines += draw.paragraph(tell(headline(entry)), width, "bold", 2)
    lines += draw.field(tell("correction.item"), now.barcode, width, most=1)
    lines += draw.field(tell("correction.state"), tell(waits_for(entry)), width)
    lines += draw.field(
        tell("correction.owner"), names.get(now.owner, now.owner) or tell("correction.nobody"), width, most=1
    )
    bad = SEVERITIES[now.severity]
    due = tell("correction.due-line", count=entry.age, late=late, due=now.due, severity=bad)
    if entry.closed_at:  # a closed correction has no due date
        lines += draw.field(
            tell("correction.was-open"), tell("correction.open-line", count=entry.age, severity=bad), width
        )
    else:
        lines += draw.field(tell("correction.due"), due, width)
    if now.parts != (1,):
        lines += draw.field(tell("correction.parts"), ", ".join(map(str, now.parts)), width, most=1)
    if now.kind is CorrectionKind.MEND and not item.label:
        lines += draw.paragraph(tell("correction.no-label"), width)
    lines += draw.field(tell("correction.to-do"), to_do(entry, item, viewer, sign_on=sign_on), width, most=3)
    steps: Lines = []
    for step in reversed(entry.steps):
        drawn = draw.dated(local.minute(step.at), tell(words(step, names)), width)
        if len(lines) + 1 + len(drawn) + len(steps) > height:
            break
        steps = [*drawn, *steps]
    lines = [*lines, BLANK, *steps] if steps else lines
    staff = draw.one_line(say(tell("page.for-staff", code=now.id[:8]), "$quiet"), width)
    return [*lines, staff] if len(lines) < height else lines
