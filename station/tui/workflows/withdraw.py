"""Work screen of withdraw: the process screen's questions, for a withdrawal or a lease return."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Final

from msgspec.structs import replace
from textual.content import Content

from station.base.words import tell
from station.domain.commands import Act
from station.domain.snapshot import Phase, Snapshot
from station.domain.verdict import Verdict
from station.domain.withdrawals.stop_signs import Reply, SignAnswer
from station.domain.withdrawals.withdrawal import Piece
from station.domain.workflows import WithdrawState, WithdrawView, Workflow
from station.tui.drawing import draw
from station.tui.drawing.draw import Lines
from station.tui.drawing.words import say
from station.tui.widgets.touch import SMALL, Action, ButtonGrid, Print, Type
from station.tui.workflows.actions import can_go_back, with_way_back
from station.tui.workflows.process import ProcessScreen

TASKS: Final = ("withdrawal", "lease-return")
_S = WithdrawState
CHECKLIST: Final = frozenset({_S.ASKING, _S.DONE})
"""States of the checklist."""


class WithdrawScreen(ProcessScreen):
    """The choice of the task, its checks, then the verdict."""

    workflow = Workflow.WITHDRAW
    has_rail = False
    main_when_done = True
    most = 12

    def tale_of(self, snapshot: Snapshot, width: int, height: int) -> Content:
        """Draw the coming checks while no item is in hand, and what is known of an item on its way out; else the process
        screen's content."""
        view = view_of(snapshot)
        if view.state in CHECKLIST or snapshot.fault is not None:
            return super().tale_of(snapshot, width, height)
        if snapshot.phase is Phase.WRITING:
            title = draw.one_line(say(f"> {view.title}", "bold"), width)
            return Content("\n").join((title, super().tale_of(snapshot, width, height - 1)))
        if view.state is not _S.FREE:
            lines = leaving_lines(view, width)
            return draw.stack(lines if len(lines) <= height else leaving_lines(view, width, brief=True), height)
        heading = tell("withdraw.heading", task=tell(f"withdraw.task.{view.task}"))
        lines = [draw.rule(heading, width), *free_lines(view, width), *draw.paragraph(tell("withdraw.way"), width)]
        return draw.stack(lines, height)

    def actions_of(self, snapshot: Snapshot) -> tuple[Action, ...]:
        """Return the answers to the open check or step; between items, the choice of the task."""
        view = view_of(snapshot)
        if snapshot.fault is not None and not snapshot.fault.choices:
            return (Action(tell("choice.go-on"), Act("settle"), "main"),)
        if snapshot.fault is not None or view.state is _S.ASKING:
            return super().actions_of(snapshot)
        if snapshot.phase is Phase.WRITING:
            return ()
        if view.state in CHECKLIST or view.state is _S.FREE:
            return free_actions(view)
        return leaving_actions(view)

    def _show_actions(self, snapshot: Snapshot) -> None:
        """Show what is to choose, and the steps of an item, in as many rows as they need, at most three."""
        view = view_of(snapshot)
        if snapshot.fault is not None or view.state in CHECKLIST or view.state is _S.FREE:
            super()._show_actions(snapshot)
            return
        actions = self.actions_of(snapshot)
        rows = min(3, max(1, -(-len(actions) // 3)))
        grid = self.query_one("#actions", ButtonGrid)
        grid.offer(actions, 3, rows=rows, height=SMALL[1], numbered=self.desk.settings.keys.numbers)

    def done_actions(self, snapshot: Snapshot) -> tuple[Action, ...]:
        """Return the slip of an item that failed. Its label is not needed any more."""
        failed = snapshot.verdict is Verdict.FAIL and self.desk.labels is not None
        return (Action(tell("button.print-slip"), Print.SLIP),) if failed else ()

    def strip_of(self, snapshot: Snapshot) -> tuple[Action, ...]:
        """Return the strip. Set aside and Back put an item down that is not in its checks; Back leads from a check to the
        previous one, else to Process."""
        strip = super().strip_of(snapshot)
        if can_go_back(snapshot) or self._asking is not None:
            return strip
        put_down = view_of(snapshot).state not in {_S.FREE, *CHECKLIST}
        if snapshot.fault is not None or snapshot.phase is Phase.WRITING or not put_down:
            return with_way_back(strip)
        aside, *rest = strip
        return (replace(aside, enabled=True), *with_way_back(tuple(rest), Act("back")))


def view_of(snapshot: Snapshot) -> WithdrawView:
    """Return the checklist, or one that has not begun."""
    return snapshot.workflow_view if isinstance(snapshot.workflow_view, WithdrawView) else WithdrawView()


def free_lines(view: WithdrawView, width: int) -> Lines:
    """Return the open cart and the items that wait for a bench."""
    lines: Lines = []
    if view.cart:
        lines += draw.paragraph(tell("withdraw.cart-line", name=view.cart, count=view.cart_count), width, "bold")
    if view.ready:
        lines += draw.paragraph(tell("withdraw.ready-line", count=view.ready), width, "bold")
    return lines


def leaving_lines(view: WithdrawView, width: int, *, brief: bool = False) -> Lines:
    """Return the item with its stop signs, those that are up first, or with what the library system says. `brief`: the
    signs that are not up share lines, so that all are shown on a small screen."""
    lines: Lines = draw.paragraph(f"> {view.title}", width, "bold", 1 if brief else 2) if view.title else []
    if view.about and view.state is _S.DECIDE:
        lines += draw.paragraph(view.about, width, "", 1 if brief else 2)
    lines += draw.paragraph(decision_line(view, brief=brief), width)
    if view.state is _S.REFUSED:
        lines += draw.paragraph(" ".join(filter(None, (tell(view.detail), tell("withdraw.settle")))), width)
    if view.state is _S.DECIDE:
        ranks = {Reply.YES: 0, Reply.NOT_KNOWN: 1, Reply.NO: 2}
        signs = sorted(view.signs, key=lambda answer: (ranks[answer.reply], answer.source if brief else ""))
        up = sum(1 for answer in signs if answer.reply is Reply.YES) if brief else len(signs)
        for line in (*map(sign_line, signs[:up]), *shared_lines(signs[up:])):
            lines += draw.hanging(line, width, 2)
    return lines


def decision_line(view: WithdrawView, *, brief: bool) -> str:
    """Return reason, destination, approver and a piece that is not at hand, and which cart or pull list decided
    them; "" = they are not chosen. `brief`: without the approver."""
    if not (view.reason and view.destination):
        return ""
    piece = "" if view.piece is Piece.PRESENT else tell(f"withdrawal.piece.{view.piece}")
    decision = " · ".join(filter(None, (view.reason, view.destination, "" if brief else view.approver, piece)))
    if view.cart:
        decision = tell("withdraw.from-cart", name=view.cart, decision=decision)
        return f"{decision}. {tell('withdraw.on-list', list=view.list)}" if view.list else decision
    return tell("withdraw.from-list", list=view.list, decision=decision) if view.list else decision


_MARKS: Final = {Reply.YES: "×", Reply.NOT_KNOWN: "?", Reply.NO: "✓"}


def sign_line(answer: SignAnswer) -> str:
    """Return one stop sign with its reply, its source and what the source says."""
    source = tell(f"withdrawal.source.{answer.source}") if answer.source else ""
    reply = tell(f"withdrawal.reply.{answer.reply.value}")
    others = (
        tell("withdraw.others", count=int(answer.detail)) if answer.detail.isascii() and answer.detail.isdigit() else ""
    )
    said = " · ".join(filter(None, (source, others or answer.detail)))
    heading = f"{_MARKS[answer.reply]} {tell(f'withdrawal.sign.{answer.sign.value}')}: {reply}"
    return f"{heading} ({said})" if said else heading


def shared_lines(signs: Sequence[SignAnswer]) -> Iterator[str]:
    """Yield one line for all stop signs with the same reply and source."""
    for (reply, source), answers in groupby(signs, key=lambda answer: (answer.reply, answer.source)):
        names = ", ".join(tell(f"withdrawal.sign.{answer.sign.value}") for answer in answers)
        line = f"{_MARKS[reply]} {names}: {tell(f'withdrawal.reply.{reply.value}')}"
        yield f"{line} ({tell(f'withdrawal.source.{source}')})" if source else line


def free_actions(view: WithdrawView) -> tuple[Action, ...]:
    """Return the choice of the task and the cart."""
    tasks = tuple(
        Action(tell(f"withdraw.task.{task}"), Act("task", task), "main" if task == view.task else "plain")
        for task in TASKS
    )
    if view.task != TASKS[0] or view.state is not _S.FREE:
        return tasks
    if view.cart:
        return (*tasks, Action(tell("withdraw.button.close-cart"), Act("close-cart", view.cart_id)))
    return (*tasks, Action(tell("withdraw.button.cart"), Act("cart")))


def leaving_actions(view: WithdrawView) -> tuple[Action, ...]:
    """Return the buttons of a step before the checklist."""
    stays = _stays(view)
    match view.state:
        case _S.DECIDE:
            return (*_decisions(view), *stays)
        case _S.CHOOSE:
            entries = (Action(entry.title or tell(entry.detail), Act("choose", entry.key)) for entry in view.offered)
            return tuple(entries)
        case _S.WAIT if view.late:
            return (Action(tell("withdraw.button.next"), Act("back"), "main"), *stays)
        case _S.WAIT | _S.REFUSED:
            return stays
        case _S.CONFIRM:
            confirm = Type("confirm", "withdraw.ask.confirm")
            return (Action(tell("withdraw.button.confirm"), confirm, "main"), *stays)
        case _:
            return (*_tags(view), *stays)


def _stays(view: WithdrawView) -> tuple[Action, ...]:
    """Return the way back, while there is one."""
    part = view.cancels_part
    name = tell("withdraw.button.part-stays", part=part) if part else tell("withdraw.button.stays")
    return (Action(name, Type("stays", "withdraw.ask.stays"), "quiet"),) if view.may_cancel else ()


def _decisions(view: WithdrawView) -> tuple[Action, ...]:
    stopped = any(answer.reply is Reply.YES for answer in view.signs)
    despite = Type("despite", "withdraw.ask.despite")
    decide: tuple[Action, ...] = (Action(tell("withdraw.button.withdraw"), Act("withdraw", view.barcode), "main"),)
    if stopped:
        approved = Act("despite", tell("withdraw.despite.approved"))
        decide = (
            Action(tell("withdraw.button.approved"), approved, "bad"),
            Action(tell("withdraw.button.despite"), despite, "bad"),
        )
    listed = (
        (
            Action(tell("withdraw.button.wrong-edition"), Act("tick", "wrong-edition")),
            Action(tell("withdraw.button.on-loan"), Act("tick", "on-loan")),
        )
        if view.list
        else ()
    )
    part = (Action(tell("withdraw.button.part"), Act("part")),) if view.parts > 1 else ()
    return (*decide, *listed, Action(tell("withdraw.button.not-here"), Act("not-here")), *part)


def _tags(view: WithdrawView) -> tuple[Action, ...]:
    """Return what can be said of tags that cannot be erased."""
    if not view.tags:
        return ()
    first = view.tags[0]
    unknown = any(not tag.uid for tag in view.tags)
    if view.parts < 2:
        none = (Action(tell("withdraw.button.no-tag"), Act("no-tag")),) if unknown else ()
        return (Action(tell("withdraw.button.destroyed"), Act("destroyed", first.key)), *none)
    destroyed = Action(tell("withdraw.button.destroyed-part", part=first.part), Act("destroyed", first.key))
    missing = (Action(tell("withdraw.button.missing", part=tag.part), Act("missing", tag.key)) for tag in view.tags[:4])
    none = (Action(tell("withdraw.button.no-more-tags"), Act("no-tag")),) if unknown else ()
    return (destroyed, *missing, *none)
