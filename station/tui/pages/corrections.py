"""Correction queue: sorted by owner, oldest first, each entry a target. Overdue entries have a symbol and a word."""

from __future__ import annotations

from typing import Final

from textual.app import ComposeResult

from station.base.cells import cells
from station.base.text import clean
from station.base.words import tell
from station.domain.corrections.correction import Entry
from station.domain.corrections.words import OVERDUE, headline, waits_for
from station.domain.ports import WorkPort
from station.domain.sampling import RejectedLot
from station.domain.snapshot import Snapshot
from station.tui.drawing import draw
from station.tui.drawing.draw import BLANK, Lines
from station.tui.drawing.words import SEVERITIES, say
from station.tui.pages.rejected_lot import whose_lot
from station.tui.widgets.background_screen import BackgroundScreen
from station.tui.widgets.screen import Pane, ScreenDesk
from station.tui.widgets.touch import GAP, Action, ButtonGrid, Go, Open, OpenLot, TouchButton

_MOST: Final = 21
"""Maximum entries of a page."""
_WIDTH: Final = 36
"""Minimum columns of an entry."""
_ROOMY: Final = 44
"""From this many columns of text, an entry fits into four lines; below, it needs six."""
_BORDER: Final = 3
"""Cells beside the text: blanks, and the mark of an overdue entry."""
_LINES: Final = (6, 4)
"""Height of an entry in rows: narrow, roomy."""
_Queue = tuple[tuple[Entry, ...], dict[str, str], tuple[RejectedLot, ...]]
"""Open corrections, names by worker id, rejected lots."""


class CorrectionsScreen(BackgroundScreen):
    """Pages of corrections and rejected lots; a tap opens one."""

    helps = ("to-fix", "menu.to-fix")

    def __init__(self, desk: ScreenDesk, work: WorkPort) -> None:
        super().__init__(desk)
        self._work = work
        self._entries: tuple[Entry, ...] = ()
        self._lots: tuple[RejectedLot, ...] = ()
        """Lots with items that still need a recheck order; listed before the corrections."""
        self._names: dict[str, str] = {}
        self._problem: Lines = []
        self._page = 0
        self._mine = False
        self._only = ""
        """Barcode of the scanned item, if it has several open corrections."""

    def compose(self) -> ComposeResult:
        """Lay out top, heading, entries and button strip."""
        yield from self.compose_top()
        yield Pane("page")
        yield ButtonGrid(self.desk.guard, _MOST, "entries")
        yield ButtonGrid(self.desk.guard, 4, "last")

    def show(self, snapshot: Snapshot) -> None:
        """Draw the known data; query again if the worker changed or the bench made a sound of its work."""
        super().show(snapshot)
        self.ask_for((snapshot.worker, snapshot.sound_number - snapshot.call_sounds))
        self._draw()

    def on_screen_resume(self) -> None:
        """Query again: an opened entry may have changed."""
        self._ask()

    def _ask(self) -> None:
        viewer, work, another = self.desk.snapshot.worker, self._work, tell("correction.another")
        self.ask(
            lambda: (work.corrections(viewer), work.names(viewer, another), work.rejected(viewer)),
            self._arrived,
        )

    def _arrived(self, answer: _Queue | None, problem: Lines) -> None:
        self._entries, self._names, lots = answer or ((), {}, ())
        self._lots = tuple(lot for lot in lots if lot.unordered)
        self._problem = problem
        self._draw()

    @property
    def shape(self) -> tuple[int, int, int, int]:
        """Columns and rows of entries that fit; the cells of text in a line of an entry, and its lines."""
        columns, _ = self.targets(0, _MOST, _WIDTH)
        text = (self.app.size.width - 4 + GAP[0]) // columns - GAP[0] - _BORDER
        lines = _LINES[text >= _ROOMY]
        used = self.above + (3 if self.air else 1) + 2 + 4 + (1 if self.air else 0)
        return *self.targets(used, _MOST, _WIDTH, lines), text, lines

    def _shown(self) -> tuple[Entry, ...]:
        viewer = self.desk.snapshot.worker
        wanted = (entry for entry in self._entries if not self._only or entry.correction.barcode == self._only)
        return tuple(entry for entry in wanted if not self._mine or entry.correction.owner == viewer)

    def take_scan(self, text: str) -> bool:
        """Take a barcode: open the item's correction, or list only the item's corrections if there are several. Return
        False if the scan is for the bench (also the second scan of the item)."""
        entries = [entry for entry in self._entries if entry.correction.barcode == text.strip()]
        if not entries or self._only == text.strip():
            return False
        if len(entries) == 1:
            self.post_message(TouchButton.Tapped(Action("", Open(entries[0].correction.id))))
            return True
        self._only, self._page = text.strip(), 0
        self._draw()
        return True

    def _draw(self) -> None:
        columns, rows, text, lines = self.shape
        entries, size = self._shown(), columns * rows
        lots = () if self._mine or self._only else self._lots
        pages = max(1, -(-(len(lots) + len(entries)) // size))
        self._page = min(self._page, pages - 1)
        late = sum(1 for entry in entries if entry.overdue)
        name = self._only or tell("correction.mine" if self._mine else "correction.all")
        title = tell("page.title-of", title=name, page=self._page + 1, pages=pages)
        counts = tell(
            "correction.counts",
            open=len(entries),
            late=f"{tell(OVERDUE)}: {late}" if late else tell("correction.none-late"),
        )
        counts += f", {tell('correction.lots', count=len(lots))}" if lots else ""
        missing = [tell("notice.no-verdict", item=item.name) for item in self.desk.snapshot.unjudged]
        heading = self._problem or [say(counts, "bold"), *([say(" ".join(missing))] if missing else [])]
        self.query_one("#page", Pane).show(
            lambda width, height: draw.stack(
                [
                    draw.rule(title, width),
                    *([BLANK] if height > 3 else []),
                    *(draw.one_line(line, width) for line in heading),
                ],
                height,
            )
        )
        queue: list[RejectedLot | Entry] = [*lots, *entries]
        shown = queue[self._page * size : (self._page + 1) * size]
        self.query_one("#entries", ButtonGrid).offer(
            tuple(
                lot_action(entry, self._names, text)
                if isinstance(entry, RejectedLot)
                else entry_action(entry, self._names, text, lines)
                for entry in shown
            ),
            columns,
            rows=rows,
            height=lines,
        )
        self.query_one("#last", ButtonGrid).offer(
            (
                Action(tell("button.before"), Go.NEWER, enabled=self._page > 0),
                Action(tell("button.next"), Go.OLDER, enabled=self._page < pages - 1),
                Action(tell("correction.to-all" if self._mine or self._only else "correction.to-mine"), Go.MINE),
                Action(tell("button.close"), Go.CLOSE, "main"),
            ),
            4,
        )

    def on_touch_button_tapped(self, message: TouchButton.Tapped) -> None:
        """Turn pages; switch between all entries and the operator's own."""
        does = message.action.does
        if does in (Go.NEWER, Go.OLDER):
            self._page += 1 if does is Go.OLDER else -1
        elif does is Go.MINE:
            self._mine, self._page = not self._mine and not self._only, 0
            self._only = ""
        else:
            return
        message.stop()
        self._draw()


def lot_action(lot: RejectedLot, names: dict[str, str], width: int) -> Action:
    """Return a rejected lot as a target: whose it is, how many of its items were not checked, and its next step."""
    head = tell("sampling.lot-entry", lot=lot.lot, whose=whose_lot(lot, names))
    unchecked = draw.paragraph(tell("sampling.lot-what", count=len(lot.unordered)), width, most=2)
    does = OpenLot(lot.whose.value, lot.subject, lot.lot)
    return Action(
        f"{lot.whose.value} {lot.subject} {lot.lot}",
        does,
        "late",
        lines=(head, *(line.plain for line in unchecked), tell("sampling.lot-wait")),
    )


def entry_action(entry: Entry, names: dict[str, str], width: int, height: int) -> Action:
    """Return an entry as a target of `height` lines of `width` cells: age, item and owner; the defect, in the remaining
    lines; its next step. A title that does not fit beside the age has a line of its own, if the defect leaves one. Only
    title and defect may be cut; the entry's page shows them in full."""
    now = entry.correction
    severity = SEVERITIES[now.severity]
    age = (
        tell("correction.age-late", late=tell(OVERDUE), count=entry.age)
        if entry.overdue
        else tell("correction.age", due=now.due)
    )
    owner = names.get(now.owner, now.owner) or tell("correction.nobody")
    waits = tell(waits_for(entry, short=True))
    roomy = width >= _ROOMY
    ends = f" · {severity}" if roomy else ""

    def lines_of(text: str, most: int = 2) -> list[str]:
        return [line.plain for line in draw.paragraph(text, width, most=most)]

    whose = [] if roomy else lines_of(f"{owner} · {severity}")
    below = lines_of(f"{owner} · {waits}" if roomy else waits)
    left = height - len(whose) - len(below)
    what = lines_of(tell(headline(entry)), left - 1)
    name = clean(now.item_title, max(1, width - cells(f"{age} · {ends}"))) or now.barcode
    head = [f"{age} · {name}{ends}"]
    if name not in (now.item_title, now.barcode) and len(what) + 2 <= left:
        head = [f"{age}{ends}", clean(now.item_title, width)]
    lines = (*head, *whose, *what, *below)
    return Action(now.id, Open(now.id), "late" if entry.overdue else "plain", lines=lines)
