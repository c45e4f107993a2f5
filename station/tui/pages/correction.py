"""Screen of one correction: what is wrong, its history, and the operator's actions. Some actions ask for a reason
first."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from station.base.words import tell
from station.domain.commands import Assign, Close, Command, LookFirst, Mend, Recheck
from station.domain.correction_states import CorrectionKind, CorrectionState, Result
from station.domain.correction_states import Recheck as Who
from station.domain.corrections.correction import Entry, is_own_work, is_second_check
from station.domain.corrections.words import OVERDUE, headline, waits_for, words
from station.domain.ports import WorkPort
from station.domain.signals import RULE
from station.domain.snapshot import Snapshot
from station.tui.drawing import draw
from station.tui.drawing.draw import BLANK, Lines
from station.tui.drawing.local import HERE, Local
from station.tui.drawing.words import SEVERITIES, say
from station.tui.pages.manual import ManualScreen, Shown
from station.tui.widgets.background_screen import DetailScreen
from station.tui.widgets.screen import Pane, ScreenDesk
from station.tui.widgets.touch import GAP, MAIN, SMALL, Action, ButtonGrid, Go, Pick, Read, TouchButton

STILL_WRONG: Final = ("not-fixed", "badly", "else")
NO_DEFECT: Final = ("right", "other-item", "record")
WITHDRAWN: Final = ("withdrawn", "lost", "given-back")
_RESULTS: Final = {"no-defect": (Result.NO_DEFECT, NO_DEFECT), "gone": (Result.WITHDRAWN, WITHDRAWN)}
"""Names of ways to close and of reasons; catalog keys: `correction.end.NAME`, `correction.why.NAME`."""
_BY_SCAN: Final = {
    "piece-number": "correction.to-do-number",
    "piece-number-cancelled": "correction.to-do-number",
    "piece-number-recorded": "correction.to-do-number",
    "spine-label": "correction.to-do-label",
}
"""Rules that the station checks only on a scan, and the key of what to scan."""

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
        self._names: dict[str, str] = {}
        self._problem: Lines = []
        self._asking: tuple[str, dict[str, str], _Made | None] | None = None
        """The open question, its answers (key -> words), and what makes the command from an answer (None: the answer
        leads to another question)."""

    def show(self, snapshot: Snapshot) -> None:
        """Draw the known data; query again if the worker changed or the bench made a sound."""
        super().show(snapshot)
        self.ask_for((snapshot.worker, snapshot.sound_number))
        self._draw(snapshot)

    def _ask(self) -> None:
        viewer, name, another = self.desk.snapshot.worker, self._correction, tell("correction.another")
        self.ask(
            lambda: (self._work.correction(viewer, name), self._work.names(viewer, another)),
            self._arrived,
        )

    def _arrived(self, answer: tuple[Entry | None, dict[str, str]] | None, problem: Lines) -> None:
        self._entry, self._names = answer or (None, {})
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
                    entry, self._names, width, height, head, snapshot.worker, self.desk.local, sign_on=snapshot.sign_on
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
        self.query_one("#last", ButtonGrid).offer((back, *rule, Action(tell("button.close"), Go.CLOSE, "quiet")), 4)

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
    sign_on: bool = True,
) -> Lines:
    """Draw the correction and what to do now, as shown to `viewer`; then as much of its newest history as fits. An open
    question comes first. `sign_on`: people sign on, so that a person cannot recheck their own work."""
    now = entry.correction
    late = f"{tell(OVERDUE)}, " if entry.overdue else ""
    item = " · ".join(filter(None, (now.item_title, now.barcode)))
    lines = [draw.rule(tell("correction.title", item=now.item_title or now.barcode), width)]
    if asking:
        lines += [say(asking, "bold $key")]
    lines += draw.paragraph(tell(headline(entry)), width, "bold", 2)
    lines += draw.field(tell("correction.item"), item, width, most=1)
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
    if to_do := _to_do(entry, viewer, sign_on=sign_on):
        lines += draw.field(tell("correction.to-do"), to_do, width)
    steps: Lines = []
    for step in reversed(entry.steps):
        drawn = draw.dated(local.minute(step.at), tell(words(step, names)), width)
        if len(lines) + 1 + len(drawn) + len(steps) > height:
            break
        steps = [*drawn, *steps]
    lines = [*lines, BLANK, *steps] if steps else lines
    staff = draw.one_line(say(tell("page.for-staff", code=now.id[:8]), "$quiet"), width)
    return [*lines, staff] if len(lines) < height else lines


def _to_do(entry: Entry, viewer: str, *, sign_on: bool) -> str:
    """Return the step that no button offers; "" = the buttons cover it."""
    now = entry.correction
    if now.result in (Result.MENDED, Result.NO_DEFECT):
        return tell("correction.to-do-finish")
    if entry.closed_at:
        return ""
    if now.kind is CorrectionKind.RECHECK:
        return tell("correction.to-do-others" if is_own_work(now, viewer) else "correction.to-do-scan")
    if now.state is not CorrectionState.MENDED:
        return ""
    if now.recheck is Who.MACHINE:
        return tell(_BY_SCAN.get(now.rule, "correction.to-do-scan"))
    if not is_own_work(now, viewer):
        return ""
    return tell("correction.to-do-own" if sign_on else "correction.to-do-again")
