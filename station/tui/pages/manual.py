"""The manual on the screen: the page about the current state, turned by buttons, and the contents as targets."""

from __future__ import annotations

from typing import Any, Final, NamedTuple

from textual.app import ComposeResult
from textual.content import Content
from textual.screen import Screen
from textual.widget import Widget

from station.base.cells import cells, cut
from station.base.text import as_drawn
from station.base.words import tell
from station.domain.manual_page import Drawing, Heading, Item, Page, Paragraph, Picture, Row
from station.domain.people.rights import person_with
from station.domain.people.sign_on import Why
from station.domain.ports import ManualPort
from station.domain.signals import RULE, of_code, of_state
from station.domain.snapshot import Phase, Snapshot
from station.tui.drawing import draw
from station.tui.drawing.checks import current_check, page_checks
from station.tui.drawing.draw import BLANK, Lines
from station.tui.drawing.words import say
from station.tui.widgets.screen import Pane, ScreenDesk, StationScreen
from station.tui.widgets.touch import SMALL, Action, ButtonGrid, Go, Pick, TouchButton

_MOST: Final = 21
_WIDTH: Final = 36
_DRAWN: Final = frozenset("┌│└├┤┐┘")
"""Characters that draw a rule's picture."""
_ASLEEP: Final = ("good", "main")
"""Tones of the large buttons, which Help explains even while they are off."""
SIGN_ON_PAGE: Final = "sign-on"
"""The page about sign-on. The sign-on question precedes every other topic."""


class Shown(NamedTuple):
    """Subject of a request for help."""

    topic: str
    """Topic of the page."""
    code: str = ""
    """Error code of the current stop; "" = none."""
    sentence: str = ""
    """The sentence on the screen; the page begins with what to do about it."""
    buttons: tuple[str, ...] = ()
    """Labels of the screen's buttons."""


def topic_of(snapshot: Snapshot, buttons: tuple[str, ...] = (), about: str = "") -> Shown:
    """Return the topic of what the bench shows now. `about`: the rule of the check whose line was tapped; without it, a
    page of several checks is a state like any other."""
    sign_on_prompt = snapshot.sign_on_prompt
    if sign_on_prompt is not None:
        if sign_on_prompt.why is Why.AUTHORISE:
            who = person_with(sign_on_prompt.role)
            question = tell("people.authorise", what=tell(sign_on_prompt.what), role=who)
        else:
            question = tell(f"people.ask.{sign_on_prompt.asks.value}", name=sign_on_prompt.who)
        return Shown(SIGN_ON_PAGE, "", question, buttons)
    if snapshot.fault is not None:
        fault = snapshot.fault
        buttons = buttons or tuple(tell(choice.label) for choice in fault.choices)
        return Shown(of_code(fault.code).page, fault.code, tell(fault.sentence), buttons)
    check = current_check(snapshot, about) if snapshot.phase is Phase.CHECKING else None
    if check is not None and (about or len(page_checks(snapshot)) < 2):
        return Shown(f"{RULE}{check.rule}", buttons=buttons)
    topic = snapshot.workflow.row.manual_page or of_state(snapshot.state).page
    return Shown(topic, "", tell(snapshot.prompt), buttons)


def help_with(screen: Screen[Any], snapshot: Snapshot) -> Shown:
    """Return the topic of the visible screen with its buttons; if it has none, of what the bench shows."""
    buttons = labels_on(screen)
    if not isinstance(screen, StationScreen):
        return topic_of(snapshot, buttons)
    topic, words = screen.helps
    return Shown(topic, "", tell(words), buttons) if topic else topic_of(snapshot, buttons, screen.desk.about)


def labels_on(screen: Screen[Any]) -> tuple[str, ...]:
    """Return the labels of the buttons that a screen shows, without those of the demo, those that are off, and the
    entries of a list."""
    buttons = [button for button in screen.query(TouchButton) if all(node.display for node in _in_screen(button))]
    actions = [button.offered for button in buttons if button.offered is not None]
    shown = [action for action in actions if action.tone != "demo" and (action.enabled or action.tone in _ASLEEP)]
    return tuple(dict.fromkeys(label for action in shown if (label := action.ends if action.lines else action.label)))


def _in_screen(button: TouchButton) -> list[Widget]:
    """Return the button and the widgets around it: a button in a hidden box is hidden, too."""
    return [node for node in button.ancestors_with_self if isinstance(node, Widget)]


class ManualScreen(StationScreen):
    """One page of the manual, in as many turns as it needs, or the contents."""

    def __init__(self, desk: ScreenDesk, manual: ManualPort, about: Shown | None = None) -> None:
        super().__init__(desk)
        self._manual = manual
        self._page = manual.page(*about) if about is not None else None
        self._turn = 0
        self._rules = False
        self._turns = 1

    def compose(self) -> ComposeResult:
        """Lay out top, page or contents, and button strip."""
        yield from self.compose_top()
        yield Pane("page")
        yield ButtonGrid(self.desk.guard, _MOST, "entries")
        yield ButtonGrid(self.desk.guard, 5, "last")

    @property
    def shape(self) -> tuple[int, int]:
        """Columns and rows of the contents that fit."""
        used = self.above + 2 + (2 if self.air else 0) + 4
        return self.targets(used, _MOST, _WIDTH)

    def show(self, snapshot: Snapshot) -> None:
        super().show(snapshot)
        entries = self.query_one("#entries", ButtonGrid)
        entries.display = self._page is None
        if self._page is None:
            self._show_contents(entries)
        else:
            self._show_page(self._page)
        other = "manual.workflows" if self._rules and self._page is None else "manual.rules"
        self.query_one("#last", ButtonGrid).offer(
            (
                Action(tell("button.before"), Go.NEWER, enabled=self._turn > 0),
                Action(tell("button.next"), Go.OLDER, enabled=self._turn < self._turns - 1),
                Action(tell(other if self._page is None else "manual.contents"), Pick("contents")),
                Action(tell("manual.signs"), Go.SIGNS),
                Action(tell("button.close"), Go.CLOSE, "main"),
            ),
            5,
        )

    def _show_contents(self, entries: ButtonGrid) -> None:
        columns, rows = self.shape
        topics = self._manual.rules() if self._rules else self._manual.topics()
        size = columns * rows
        self._turns = max(1, -(-len(topics) // size))
        self._turn = min(self._turn, self._turns - 1)
        title = tell("page.title-of", title=tell("manual.contents-title"), page=self._turn + 1, pages=self._turns)
        page = self.query_one("#page", Pane)
        page.styles.height = 3 if self.air else 1
        page.show(lambda width, _: draw.rule(title, width))
        shown = topics[self._turn * size : (self._turn + 1) * size]
        entries.offer(
            tuple(Action(topic.title, Pick(topic.name)) for topic in shown), columns, rows=rows, height=SMALL[1]
        )

    def _show_page(self, shown: Page) -> None:
        pane = self.query_one("#page", Pane)
        pane.styles.height = "1fr"

        def view(width: int, height: int) -> Content:
            lines = page_lines(shown, self._manual, width)
            turns = turned(lines, max(3, height - 2))
            if len(turns) != self._turns:
                self._turns = len(turns)
                self.call_later(self.show, self.desk.snapshot)
            at = min(self._turn, len(turns) - 1)
            return draw.stack(
                [draw.rule(_title(shown.title, at + 1, len(turns), width), width), BLANK, *turns[at]], height
            )

        pane.show(view)

    def on_touch_button_tapped(self, message: TouchButton.Tapped) -> None:
        """Turn, go to the contents, or open a page."""
        does = message.action.does
        if does in (Go.NEWER, Go.OLDER):
            self._turn += 1 if does is Go.OLDER else -1
        elif isinstance(does, Pick) and does.answer == "contents":
            self._rules = self._page is None and not self._rules
            self._page, self._turn = None, 0
        elif isinstance(does, Pick):
            self._page, self._turn = self._manual.page(does.answer), 0
        else:
            return
        message.stop()
        self.show(self.desk.snapshot)


def _title(name: str, page: int, pages: int, width: int) -> str:
    """Return the title with its page number; a long title is cut so that the number stays visible."""
    whole = tell("page.title-of", title=name, page=page, pages=pages)
    over = cells(whole) - width
    return whole if over <= 0 else tell("page.title-of", title=cut(name, cells(name) - over), page=page, pages=pages)


def page_lines(page: Page, manual: ManualPort, width: int) -> Lines:
    """Draw the page at a width, without its title, which the heading shows."""
    lines: Lines = []
    for at, block in enumerate(page.blocks):
        match block:
            case Heading(level=1) if not lines:
                continue
            case Heading(text=text):
                title = [draw.rule(text, width)] if cells(text) < width else draw.paragraph(text, width, "bold $key")
                lines += [BLANK] * bool(lines) + title
            case Paragraph(text=text):
                lines += [*draw.paragraph(text, width), BLANK]
            case Item(mark=mark, text=text, depth=depth):
                lines += _hanging(f"{'  ' * depth}{mark} ", text, width)
                if at + 1 < len(page.blocks) and not isinstance(page.blocks[at + 1], Item):
                    lines.append(BLANK)
            case Row(cells=columns):
                lines += _row(columns, width)
            case Drawing(lines=rows):
                lines += [*(say_as_is(cut(row, width, "")) for row in rows), BLANK]
            case Picture(name=name):
                lines += _picture(manual.picture(name), width)
    return lines


def _hanging(mark: str, text: str, width: int) -> Lines:
    body = draw.paragraph(text, max(10, width - cells(mark)))
    return [Content.assemble((mark if at == 0 else " " * cells(mark), "$key"), line) for at, line in enumerate(body)]


def _row(columns: tuple[tuple[str, str], ...], width: int) -> Lines:
    """Return a table row: its first cell in bold, the others below it."""
    first, *rest = columns
    lines = draw.paragraph(first[1], width, "bold")
    for _, cell in rest:
        lines += _hanging("  ", cell, width)
    return lines


def _picture(rows: tuple[str, ...], width: int) -> Lines:
    """Return a picture of the screen between two lines, cut at its margins; [] if there is no picture."""
    if not rows:
        return []
    line = Content.styled("▒" * min(width, 76), "$line")
    return [line, *(say_as_is(cut(row[2:], width, "")) for row in rows), line, BLANK]


def say_as_is(row: str) -> Content:
    """Return a line of a picture with its blanks."""
    return Content(as_drawn(row))


def turned(lines: Lines, height: int) -> list[Lines]:
    """Split lines into turns of at most `height`. A turn does not begin with a blank line and, if possible, ends at
    one, so that a box that fits on one turn is not split."""
    turns: list[Lines] = []
    rest = list(lines)
    while rest:
        while rest and not rest[0].plain.strip():
            rest.pop(0)
        end = height
        if len(rest) > height:
            cuts = _DRAWN & set(rest[height - 1].plain) and _DRAWN & set(rest[height].plain)
            earliest = height // 4 if cuts else height // 2
            breaks = [at for at in range(earliest, height) if not rest[at].plain.strip()]
            end = breaks[-1] if breaks else height
        turns.append(rest[:end])
        rest = rest[end:]
    return [turn for turn in turns if turn] or [[say("")]]
