"""Work screen of receive: the newest copy, what is still to come, and few large answers."""

from __future__ import annotations

from typing import Final

from textual.app import ComposeResult
from textual.content import Content

from station.base.words import tell
from station.base.words.times import date_words
from station.domain.commands import Act, Cancel, Command
from station.domain.receiving.counting import CopyFault, CountOutcome, Purpose
from station.domain.snapshot import Snapshot
from station.domain.workflows import CountedCopy, Offered, ReceiveState, ReceiveView, Workflow
from station.tui.drawing import draw
from station.tui.drawing.draw import Lines
from station.tui.drawing.words import say
from station.tui.widgets.screen import ScreenDesk
from station.tui.widgets.touch import GAP, MAIN, SMALL, Action, ButtonGrid, Go, TouchButton, Type
from station.tui.workflows.workflow_screen import WorkflowScreen

_S = ReceiveState
_QUESTIONS: Final = frozenset(_S) - {_S.START, _S.OPEN}
"""States that `< Back` leaves."""
_LISTS: Final = frozenset({_S.START, _S.LIST, _S.VENDOR, _S.LINES})
"""States that offer a list to choose from."""
_WIDE: Final = 36
"""Minimum columns of an entry of a list."""


class ReceiveScreen(WorkflowScreen):
    """The open carton. The digits of the keypad tap the main buttons."""

    workflow = Workflow.RECEIVE

    def __init__(self, desk: ScreenDesk) -> None:
        super().__init__(desk)
        self._faulty = ""
        """The copy whose fault is asked for, by its count; "" = none."""

    def compose_more(self) -> ComposeResult:
        """Lay out the actions on the newest copy as small targets below the lines."""
        yield ButtonGrid(self.desk.guard, 4, "seldom")

    def show(self, snapshot: Snapshot) -> None:
        offered = () if self._asks_fault(snapshot) or snapshot.fault is not None else at_newest(view_of(snapshot))
        self.query_one("#seldom", ButtonGrid).offer(offered, min(4, self.columns), height=SMALL[1])
        super().show(snapshot)

    def lines(self, snapshot: Snapshot, width: int) -> Lines:
        """Return what is known in this state, the newest first."""
        view = view_of(snapshot)
        match view.state:
            case _S.START:
                return draw.paragraph(tell("receive.open-ones" if view.offered else "receive.how"), width)
            case _S.LINES:
                return draw.paragraph(tell("receive.typed", words=view.words), width)
            case _S.BARCODE:
                named = ("receive.scanned-barcode", view.barcode), ("receive.listed-barcode", view.listed_barcode)
                return [
                    *copy_lines(view.newest, width)[:1],
                    *(line for key, barcode in named for line in draw.paragraph(tell(key, barcode=barcode), width)),
                ]
            case _S.OPEN:
                return [
                    heading(view, width),
                    *copy_lines(view.newest, width),
                    *order_lines(view.newest, width),
                    *still_to_come(view, width),
                ]
            case _S.KEPT:
                return [*copy_lines(view.newest, width)[:1], *draw.paragraph(tell("receive.kept-how"), width)]
            case _S.CLOSING:
                return [heading(view, width), *still_to_come(view, width)]
            case _:
                return []

    def actions_of(self, snapshot: Snapshot) -> tuple[Action, ...]:
        """Return the answers of the state; while a fault is asked for, the faults."""
        view = view_of(snapshot)
        if snapshot.fault is not None:
            return super().actions_of(snapshot)
        if self._asks_fault(snapshot) and view.newest is not None:
            return faults(view.newest)
        return answers(view)

    def way_back(self, snapshot: Snapshot) -> Command:
        """Leave the open question."""
        return Act("back") if view_of(snapshot).state in _QUESTIONS else super().way_back(snapshot)

    def strip_of(self, snapshot: Snapshot) -> tuple[Action, ...]:
        """Return the strip. Set aside puts the shipment aside; while a fault is asked for, Back leaves that question."""
        aside, back, *rest = super().strip_of(snapshot)
        aside = Action(aside.label, Cancel(), enabled=view_of(snapshot).state is _S.OPEN)
        if self._asks_fault(snapshot):
            back = Action(back.label, Go.NO_REASON, is_back=True)
        return (aside, back, *rest)

    def _asks_fault(self, snapshot: Snapshot) -> bool:
        view = view_of(snapshot)
        return view.state is _S.OPEN and view.newest is not None and view.newest.count == self._faulty

    def _show_actions(self, snapshot: Snapshot) -> None:
        view, actions = view_of(snapshot), self.actions_of(snapshot)
        grid = self.query_one("#actions", ButtonGrid)
        width = self.app.size.width - 4 + GAP[0]
        if snapshot.fault is None and view.state in _LISTS and view.offered:
            columns = max(1, min(3, width // (_WIDE + GAP[0])))
            grid.offer(actions, columns, rows=3, height=SMALL[1], numbered=True)
            return
        columns = max(1, width // (MAIN[0] + GAP[0]))
        small = len(actions) > columns
        grid.offer(
            actions,
            min(columns, max(3, len(actions))),
            rows=2 if small else 1,
            height=MAIN[1] if self.tall else MAIN[1] - 1,
            numbered=True,
        )

    def on_touch_button_tapped(self, message: TouchButton.Tapped) -> None:
        """Ask for the fault of the newest copy; any other tap ends that question."""
        newest = view_of(self.desk.snapshot).newest
        does = message.action.does
        asks = does is Go.REASONS and newest is not None
        self._faulty = newest.count if asks and newest is not None else ""
        if asks or does is Go.NO_REASON:
            message.stop()
            self.show(self.desk.snapshot)


def view_of(snapshot: Snapshot) -> ReceiveView:
    """Return the count, or one that has not begun."""
    return snapshot.workflow_view if isinstance(snapshot.workflow_view, ReceiveView) else ReceiveView()


# --- lines -----------------------------------------------------------------------------------------------------------


def heading(view: ReceiveView, width: int) -> Content:
    """Return one line about the shipment: how much of it is counted and lacks, what it is, and who sent it."""
    counted = (
        tell("receive.heading.of", counted=view.counted, missing=view.missing, listed=view.listed)
        if view.listed
        else tell("receive.heading.counted", count=view.counted)
    )
    texts = (counted, tell(f"shipment.purpose.{view.purpose}"), view.sender, view.papers)
    return draw.one_line(say(" · ".join(filter(None, texts)), "bold"), width)


def copy_lines(copy: CountedCopy | None, width: int) -> Lines:
    """Return the newest copy in two rows: what it is, and what to do with it."""
    if copy is None:
        return []
    what = copy.faults[0] if copy.faults else copy.outcome
    is_unlisted = what == CountOutcome.MATCHED and not copy.listed  # with no line, nothing is matched
    outcome = "" if is_unlisted else tell(f"shipment.outcome.{what}")
    fills = copy.outcome in (CountOutcome.MATCHED, CountOutcome.OVER)
    here = tell("receive.here", here=copy.here, listed=copy.listed) if copy.listed and fills else ""
    where = tell("receive.library", library=copy.library) if copy.library else ""
    is_ours = copy.outcome is CountOutcome.MATCHED and not copy.faults
    stick = tell("receive.stick-receives" if copy.receives else "receive.stick") if is_ours else ""
    bound = tell("receive.has-barcode", barcode=copy.barcode) if copy.barcode else stick
    facts = " · ".join(filter(None, (outcome, here)))
    title = say(copy.title, "bold").truncate(max(1, width - 5 - say(facts).cell_length), ellipsis=True)
    return [
        draw.one_line(Content.assemble("> ", title, " · " if facts else "", say(facts)), width),
        *draw.hanging(" · ".join(filter(None, (where, bound))), width, 2),
    ]


def order_lines(copy: CountedCopy | None, width: int) -> Lines:
    """Return what the library system says of the copy's order line."""
    facts = copy.order if copy is not None else None
    if facts is None:
        return []
    texts = (
        tell("receive.order.rush") if facts.rush else "",
        tell("receive.order.note", note=facts.receiving_note) if facts.receiving_note else "",
        tell("receive.order.expected", date=date_words(facts.expected)) if facts.expected else "",
        tell("receive.order.vendor-note", note=facts.vendor_note) if facts.vendor_note else "",
    )
    return draw.hanging(" · ".join(filter(None, texts)), width, 2)


def still_to_come(view: ReceiveView, width: int) -> Lines:
    """Return how many titles lack copies, then one row for each."""
    if not view.listed:
        return [] if view.purpose is Purpose.GIFT else [say(tell("receive.no-lists"), "$quiet")]
    if not view.short:
        return draw.paragraph(tell("receive.none-short"), width)
    count = len(view.short) + view.more_short
    rows = [
        draw.one_line(say(f"{line.here}/{line.listed}  {line.title}", "bold" if line.here else ""), width)
        for line in view.short
    ]
    more = [say(tell("receive.more-short", count=view.more_short))] if view.more_short else []
    return [draw.rule(tell("receive.short", count=count), width), *rows, *more]


# --- actions ---------------------------------------------------------------------------------------------------------


def answers(view: ReceiveView) -> tuple[Action, ...]:
    """Return the main buttons of a state."""
    match view.state:
        case _S.START:
            number = Action(tell("receive.button.type-number"), Type("", "receive.ask.number"))
            return (
                *_entries("open", view.offered),
                Action(tell("receive.button.no-papers"), Act("no-papers"), "plain" if view.offered else "main"),
                number,
            )
        case _S.LIST:
            return _entries("list", view.offered)
        case _S.PURPOSE:
            return tuple(
                Action(tell(f"receive.purpose.{purpose}"), Act("purpose", purpose.value)) for purpose in Purpose
            )
        case _S.VENDOR:
            return (*_entries("vendor", view.offered), Action(tell("receive.button.no-vendor"), Act("vendor"), "quiet"))
        case _S.NAME:
            asks = "receive.ask.donor" if view.purpose is Purpose.GIFT else "receive.ask.plan"
            typed = Action(tell("receive.button.type-name"), Type("name", asks), "main")
            return (typed, Action(tell("receive.button.no-name"), Act("name")))
        case _S.OPEN:
            wrong = (Action(tell("receive.button.wrong"), Go.REASONS, "bad"),) if view.newest is not None else ()
            return (
                Action(tell("receive.button.close"), Act("close")),
                Action(tell("receive.button.find"), Type("find", "receive.ask.find")),
                *wrong,
            )
        case _S.LINES:
            edition = "receive.button.same-edition" if view.other_edition else "receive.button.is-edition"
            toggle = (Action(tell(edition), Act("edition"), "quiet"),) if view.offered else ()
            return (
                *_entries("line", view.offered),
                *toggle,
                Action(tell("receive.button.find"), Type("find", "receive.ask.find"), "quiet"),
                Action(tell("receive.button.count-words"), Act("no-line"), "quiet"),
            )
        case _S.BARCODE:
            look = Action(tell("receive.button.look-again"), Act("back"), "main")
            return (look, Action(tell("receive.button.use"), Act("use")))
        case _S.KEPT:
            count = view.newest.count if view.newest is not None else ""
            leave = Action(tell("receive.button.leave-it"), Act("back"), "main")
            return (leave, Action(tell("receive.button.go-on"), Act("go-on", count), "bad"))
        case _S.CLOSING:
            more = Action(tell("receive.button.another"), Act("more"))
            return (more, Action(tell("receive.button.all"), Act("all")))


def _entries(name: str, offered: tuple[Offered, ...]) -> tuple[Action, ...]:
    return tuple(
        Action(entry.title, Act(name, entry.key), lines=tuple(filter(None, (entry.title, tell(entry.detail)))))
        for entry in offered
    )


def faults(copy: CountedCopy) -> tuple[Action, ...]:
    """Return what may be wrong with the newest copy."""
    edition = Action(tell("receive.button.edition"), Act("wrong-edition", copy.count), enabled=copy.has_line)
    return (
        Action(tell("receive.button.damaged"), Act("fault", f"{copy.count} {CopyFault.DAMAGED}")),
        Action(tell("receive.button.processing"), Act("fault", f"{copy.count} {CopyFault.PROCESSING}")),
        edition,
        Action(tell("receive.button.send-back"), Act("send-back", copy.count)),
    )


def at_newest(view: ReceiveView) -> tuple[Action, ...]:
    """Return the rare actions on the newest copy."""
    copy = view.newest
    if view.state is not _S.OPEN or copy is None:
        return ()
    return (
        Action(tell("receive.button.undo"), Act("undo-count", copy.count), "quiet"),
        Action(tell("receive.button.process"), Act("process", copy.count), "quiet", enabled=bool(copy.barcode)),
        Action(tell("receive.button.note"), Go.NOTE, "quiet", enabled=copy.differs),
    )
