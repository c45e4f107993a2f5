"""Work screen of the boxes: the site in the largest letters, what is in the box, and few large answers."""

from __future__ import annotations

from typing import Final

from textual.app import ComposeResult
from textual.content import Content

from station.base.words import tell
from station.domain.commands import Act, Cancel, Command
from station.domain.distribution.box import PackedItem, box_number
from station.domain.snapshot import Snapshot
from station.domain.workflows import Offered, PackState, PackView, Workflow
from station.tui.drawing import draw
from station.tui.drawing.bigfont import largest
from station.tui.drawing.draw import Lines
from station.tui.drawing.words import say
from station.tui.widgets.screen import Pane
from station.tui.widgets.touch import GAP, MAIN, SMALL, Action, ButtonGrid, Print, Type
from station.tui.workflows.workflow_screen import WorkflowScreen

_S = PackState
_QUESTIONS: Final = frozenset({_S.SITE, _S.WHERE, _S.TAG, _S.STOP, _S.CLOSED, _S.ARRIVED, _S.LACKS})
"""States that `< Back` leaves."""
_LISTS: Final = frozenset({_S.START, _S.SITE})
"""States that offer a list to choose from."""
_WIDE: Final = 36
"""Minimum columns of an entry of a list."""
_LETTERS: Final = 3
"""Rows of the site's letters on a small screen."""
_LARGE_LETTERS: Final = 6
"""Rows of the site's letters on a large screen."""


class PackScreen(WorkflowScreen):
    """The box in hand. The digits of the keypad tap the main buttons."""

    workflow = Workflow.PACK

    def compose_top(self) -> ComposeResult:
        """Lay out header, band and the site."""
        yield from super().compose_top()
        yield Pane("site")

    def show(self, snapshot: Snapshot) -> None:
        view, site = view_of(snapshot), self.query_one("#site", Pane)
        rows = self._site_rows(snapshot)
        letters = site_letters(view, self.app.size.width - 4, rows) if rows else []
        site.display, site.styles.height = bool(letters), max(1, len(letters))
        site.show(lambda _width, height: draw.stack(letters, height))
        super().show(snapshot)

    def _site_rows(self, snapshot: Snapshot) -> int:
        """Return the rows for the site's letters; a stop of the station takes the room."""
        if snapshot.fault is not None:
            return 0
        return _LARGE_LETTERS if self.tall and not self.large else _LETTERS

    def lines(self, snapshot: Snapshot, width: int) -> Lines:
        """Return what is known in this state, the newest first."""
        view = view_of(snapshot)
        match view.state:
            case _S.START:
                return draw.paragraph(tell("pack.how"), width)
            case _S.SITE:
                return []
            case _S.WHERE | _S.TAG:
                return draw.paragraph(f"> {view.title}", width, "bold", 2)
            case _S.STOP:
                return stop_lines(view, width)
            case _S.OPEN | _S.CLOSED:
                return [*heading(view, width), *newest_lines(view, width), *item_lines(view.items, width)]
            case _S.ARRIVED | _S.LACKS:
                return [*heading(view, width), *arrived_lines(view, width)]

    def actions_of(self, snapshot: Snapshot) -> tuple[Action, ...]:
        """Return the answers of the state."""
        if snapshot.fault is not None:
            return super().actions_of(snapshot)
        return answers(view_of(snapshot), printing=self.desk.labels is not None)

    def way_back(self, snapshot: Snapshot) -> Command:
        """Leave the open question, or a box that is not open."""
        return Act("back") if view_of(snapshot).state in _QUESTIONS else super().way_back(snapshot)

    def strip_of(self, snapshot: Snapshot) -> tuple[Action, ...]:
        """Return the strip. Set aside puts an open box aside."""
        aside, *rest = super().strip_of(snapshot)
        return (Action(aside.label, Cancel(), enabled=view_of(snapshot).state is _S.OPEN), *rest)

    def _show_actions(self, snapshot: Snapshot) -> None:
        view, actions = view_of(snapshot), self.actions_of(snapshot)
        grid = self.query_one("#actions", ButtonGrid)
        width = self.app.size.width - 4 + GAP[0]
        if snapshot.fault is None and view.state in _LISTS and view.offered:
            columns = max(1, min(3, width // (_WIDE + GAP[0])))
            grid.offer(actions, columns, rows=3, height=SMALL[1], numbered=True)
            return
        columns = max(1, width // (MAIN[0] + GAP[0]))
        grid.offer(
            actions,
            min(columns, max(3, len(actions))),
            rows=2 if len(actions) > columns else 1,
            height=MAIN[1] if self.tall else MAIN[1] - 1,
            numbered=True,
        )


def view_of(snapshot: Snapshot) -> PackView:
    """Return the box, or none."""
    return snapshot.workflow_view if isinstance(snapshot.workflow_view, PackView) else PackView()


# --- lines -----------------------------------------------------------------------------------------------------------


def site_letters(view: PackView, width: int, rows: int) -> Lines:
    """Return where the thing in hand goes, in the largest letters that fit: the site of the box, or that of an item that
    belongs elsewhere. [] = none is known, or it goes into no box."""
    if view.state is _S.STOP and not view.other_site and not view.despite:
        return []
    name = view.other_site or (view.site.heading if view.site is not None else "")
    code = view.site.code if view.site is not None and not view.other_site else ""
    if not name:
        return []
    letters = largest(name, width, rows) or (largest(code, width, rows) if code else None)
    return (
        [Content.styled(row, "bold") for row in letters]
        if letters
        else draw.paragraph(name.upper(), width, "bold reverse", rows)
    )


def heading(view: PackView, width: int) -> Lines:
    """Return one line about the box: its number, its site and what is in it."""
    if view.box is None:
        return []
    site = view.site.heading if view.site is not None else view.box.site
    if view.state in (_S.ARRIVED, _S.LACKS):
        count = tell("pack.found", found=len(view.items) - len(view.lacking), count=len(view.items))
    else:
        count = tell("pack.items", count=len(view.items))
    texts = (tell("pack.box", number=box_number(view.box.id)), site, count)
    return [draw.one_line(say(" · ".join(texts), "bold"), width)]


def newest_lines(view: PackView, width: int) -> Lines:
    """Return the item of the newest scan."""
    if view.newest is None:
        return []
    return [draw.one_line(say(f"> {_item(view.newest)}", "bold"), width)]


def item_lines(items: tuple[PackedItem, ...], width: int) -> Lines:
    """Return one line for each item."""
    return [draw.one_line(say(_item(item)), width) for item in items]


def arrived_lines(view: PackView, width: int) -> Lines:
    """Return the items of a box at its site: first those that were not found yet."""
    lacking = view.lacking
    items = tuple(item for item in view.items if item.barcode in view.found_barcodes)
    return [
        *(draw.one_line(say(f"○ {_item(item)}", "bold"), width) for item in lacking),
        *(draw.one_line(say(f"✓ {_item(item)}"), width) for item in items),
    ]


def stop_lines(view: PackView, width: int) -> Lines:
    """Return the item, and all that stops it."""
    lines = [draw.one_line(say(f"> {view.title} · {view.barcode}", "bold"), width)]
    for sentence in view.stops:
        lines += draw.hanging(f"× {tell(sentence)}", width, 2)
    return lines


def _item(item: PackedItem) -> str:
    missing = tell("pack.missing") if item.missing else ""
    return " · ".join(filter(None, (item.title or item.barcode, item.call_number, missing)))


# --- actions ---------------------------------------------------------------------------------------------------------


def answers(view: PackView, *, printing: bool) -> tuple[Action, ...]:
    """Return the main buttons of a state. `printing`: papers can be printed."""
    paper = (Action(tell("pack.button.print"), Print.BOX),) if printing else ()
    reopen = Action(tell("pack.button.reopen"), Type("reopen", "pack.ask.reopen"), "quiet")
    match view.state:
        case _S.START:
            new = Action(tell("pack.button.new"), Act("new"), "plain" if view.offered else "main")
            return (*_entries("box", view.offered), new)
        case _S.SITE:
            return _entries("site", view.offered)
        case _S.WHERE:
            return _other_box(view)
        case _S.OPEN:
            newest = view.newest
            out = (Action(tell("pack.button.take-out"), Act("take-out", newest.barcode)),) if newest is not None else ()
            return (Action(tell("pack.button.close"), Act("close"), enabled=bool(view.items)), *out)
        case _S.TAG:
            return (Action(tell("pack.button.no-tag"), Act("no-tag", view.barcode)),)
        case _S.STOP:
            process = (Action(tell("pack.button.process"), Act("process", view.barcode)),) if view.to_process else ()
            despite = Type("despite", "pack.ask.despite")
            anyway = (Action(tell("pack.button.despite"), despite, "bad"),) if view.despite else ()
            aside = Action(tell("pack.button.aside"), Act("back"), "plain" if view.other_site else "main")
            return (*_other_box(view), aside, *process, *anyway)
        case _S.CLOSED:
            return (Action(tell("pack.button.next"), Act("back"), "main"), *paper, reopen)
        case _S.ARRIVED:
            here = Action(tell("pack.button.all-here"), Act("all-here"), "main")
            rest = (Action(tell("pack.button.rest-missing"), Act("rest-missing")),) if view.lacking else ()
            return (here, *rest, *paper, reopen)
        case _S.LACKS:
            look = Action(tell("pack.button.look-again"), Act("back"), "main")
            return (look, Action(tell("pack.button.missing"), Act("missing"), "bad"))


def _other_box(view: PackView) -> tuple[Action, ...]:
    """Return the way to a box of the item's own site."""
    if not view.other_site:
        return ()
    return (Action(tell("pack.button.other-box", site=view.other_site), Act("other-box", view.barcode), "main"),)


def _entries(name: str, offered: tuple[Offered, ...]) -> tuple[Action, ...]:
    return tuple(
        Action(entry.title, Act(name, entry.key), lines=tuple(filter(None, (entry.title, tell(entry.detail)))))
        for entry in offered
    )
