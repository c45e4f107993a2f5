"""Work screen of process: one item from scan to verdict. It depends on the snapshot alone, except for the question for
a reason."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar, Final

from msgspec.structs import replace
from textual import events
from textual.app import ComposeResult
from textual.containers import Container, Horizontal, Vertical
from textual.content import Content
from textual.timer import Timer

from station.base.cells import cells
from station.base.sentence import Sentence
from station.base.words import tell
from station.domain.commands import Answer
from station.domain.finding_words import note_of
from station.domain.findings import Outcome, seconds_to_look
from station.domain.ports import DemoState
from station.domain.snapshot import Phase, Snapshot
from station.domain.workflows import Workflow
from station.tui.drawing import draw, lately, snapshot_views
from station.tui.drawing.checks import (
    LABEL_FRAME,
    check_lines,
    current_check,
    first_number,
    in_band,
    is_label,
    label_lines,
    label_width,
    page_checks,
    paper_lines,
    signed_checks,
)
from station.tui.drawing.draw import Lines
from station.tui.drawing.page_lines import Others, PageLine, Room, lines_open, lines_that_fit
from station.tui.drawing.shedding import OF_PAGE, Part, shed
from station.tui.drawing.words import say
from station.tui.widgets.screen import Pane, ScreenDesk, StationScreen
from station.tui.widgets.touch import GAP, MAIN, SMALL, Action, ButtonColumn, ButtonGrid, Go, OpenCheck, TouchButton
from station.tui.workflows.actions import (
    OTHER_ON_PAD,
    STRIP,
    all_good,
    bottom_actions,
    demo_actions,
    done_actions,
    line_action,
    one_strip,
    stage_actions,
    with_done,
    with_sleep,
)

CARD: Final = (66, 50)
"""Cells of the item's column beside the stage: of two columns, and of three."""
SIDE: Final = 38
"""Cells of the column with the newest items, as in station.tcss."""
SIDE_FROM: Final = 150
"""Minimum columns for it."""
BAND: Final = 3
BAND_SHED: Final = 2
"""Rows of the band without air, and the fewest beside a page of checks."""
REASONS: Final = 2 * SMALL[1] + GAP[1]
"""Rows of the reasons of an open check."""
_ENDLESS: Final = 99
"""Rows of a stage that cuts nothing."""
_LINES: Final = 8
"""Maximum lines on a page of checks; further ones follow on the next page."""
_RAIL: Final = (Phase.IDLE, Phase.NEED_SCAN, Phase.WRITING, Phase.DONE)
"""Phases in which a small screen has room for the four steps."""
_FULL_CARD = (Phase.NEED_TAG, Phase.WRITING)
"""Phases in which the item matters most and gets the room on a narrow screen."""


class ProcessScreen(StationScreen):
    """Header, band, item, stage with its actions, button strip; in the demo also the demo's actions."""

    workflow = Workflow.PROCESS
    edge = False
    has_rail: ClassVar[bool] = True
    """True if the four steps of an item are shown."""
    most = 6
    """Buttons of the action grid."""
    rows_more: ClassVar[int] = 0
    """Additional rows of a subclass between title line and strips."""
    main_when_done: ClassVar[bool] = False
    """True if actions after a verdict are main actions."""

    def __init__(self, desk: ScreenDesk) -> None:
        super().__init__(desk)
        self._asking: Go | None = None
        """The open question about the check: its reasons, or what does not apply."""
        self._shown: tuple[PageLine, ...] = ()
        """The lines of the page that ALL GOOD passes, if there are several checks."""
        self._others = Others.WHOLE
        """How the other lines are shown while one is open."""
        self._looked_at: tuple[str, ...] = ()
        """Barcode, part and rules of the checks that one button passes now."""
        self._awake_at = 0.0
        """Time at which they were shown long enough for that button, by the guard's clock."""
        self._until_awake: Timer | None = None
        self._left_out: frozenset[Part] = frozenset()
        """Parts that give way to the open check."""
        self._row_to_spare = False
        """The open check leaves room for the row of a notice."""
        self._tall_pictures = False
        """The pictures of a page have five rows, not three."""
        self._one_by_one = False
        """The label does not fit beside the lines of a page, so each check has its own."""
        self._check = ""
        """The open check that has several pages of lines; "" = it fits."""
        self._turned = ""
        """The check whose pages are turned."""
        self._turn = self._turns = 0
        """Its page that is shown, and the last page that was."""
        self._hands = 0

    def compose(self) -> ComposeResult:
        """Lay out about thirty widgets, nearly all of them buttons."""
        yield from self.compose_top()
        yield Pane("rail")
        yield Pane("notice")
        with Container(id="body"):
            yield Pane("card")
            with Vertical(id="stage"):
                yield Pane("tale")
                with Horizontal(id="checks"):
                    with Vertical(id="left"):
                        yield ButtonColumn(self.desk.guard, _LINES, "lines")
                    yield Pane("paper")
                yield ButtonGrid(self.desk.guard, self.most, "actions")
            yield Pane("side")
        if self.desk.demo is not None:
            yield Pane("demo-line")
            yield ButtonGrid(self.desk.guard, 9, "demo")
        yield ButtonGrid(self.desk.guard, 7, "last")

    @property
    def air(self) -> bool:
        """See `StationScreen.air`; False if a check needs the room."""
        return super().air and Part.AIR not in self._left_out

    @property
    def rows_for_notices(self) -> int:
        """See `StationScreen.rows_for_notices`; a check that fills the screen, and on a small screen the item, need the
        row. Between two items Process has room for two."""
        snapshot = self.desk.snapshot
        between_items = self.workflow is Workflow.PROCESS and snapshot.phase in (Phase.IDLE, Phase.NEED_SCAN)
        if between_items and snapshot.fault is None:
            return 1 if self.desk.large and not self.tall else snapshot_views.NOTICE_LINES
        if snapshot.phase is Phase.CHECKING and snapshot.fault is None:
            return int(self._row_to_spare or (self.air and (self.wide or self._has_page(snapshot))))
        return int(self.tall or snapshot.phase is not Phase.NEED_TAG) or super().rows_for_notices

    @property
    def large(self) -> bool:
        """See `StationScreen.large`; False if a check needs the room."""
        return super().large and Part.LARGE not in self._left_out

    def show(self, snapshot: Snapshot) -> None:
        check = current_check(snapshot, self.desk.about) if snapshot.phase is Phase.CHECKING else None
        if check is None or check.rule != self.desk.about:
            self._ask(None)
        self._make_room(snapshot)
        super().show(self._with_question(snapshot))
        self._show_rail(snapshot)
        self._show_notice(snapshot)
        self._show_card(snapshot)
        self.query_one("#tale", Pane).show(lambda width, height: self.tale_of(snapshot, width, height))
        self._show_page(snapshot)
        self._show_actions(snapshot)
        self._show_strips(snapshot)

    def tale_of(self, snapshot: Snapshot, width: int, height: int) -> Content:
        """Draw the stage beside the item."""
        if snapshot.phase is Phase.CHECKING and snapshot.fault is None:
            lines = self._check_lines(snapshot, width)
            at = self._turn * height
            return draw.stack(lines[at : at + height], height)
        return snapshot_views.stage(snapshot, width, height, self.desk.about, self._goal)

    def _check_lines(self, snapshot: Snapshot, width: int) -> Lines:
        return check_lines(snapshot, width, self._left_out, self.desk.about)

    def actions_of(self, snapshot: Snapshot) -> tuple[Action, ...]:
        """Return the answers and actions of the moment."""
        actions = stage_actions(
            snapshot,
            self._asking,
            about=self.desk.about,
            searching=self.desk.search is not None and (self.air or snapshot.phase is Phase.STOPPED),
        )
        if snapshot.state == OTHER_ON_PAD or self._pages(snapshot) > self._turns + 1 or self._asleep_s:
            return with_sleep(actions, snapshot.state)
        return actions

    def strip_of(self, snapshot: Snapshot) -> tuple[Action, ...]:
        """Return the strip that every state has; with a button to turn the pages of a check that does not fit, or with
        the actions for a judged item."""
        strip = bottom_actions(snapshot, asking=self._asking)
        pages = self._pages(snapshot)
        if pages < 2:
            return with_done(strip, self.done_actions(snapshot))
        turn = Action(tell("button.page", page=self._turn + 1, pages=pages), Go.NEXT_LINES, "main")
        return (*strip[:STRIP], turn)

    def done_actions(self, snapshot: Snapshot) -> tuple[Action, ...]:
        """Return the actions for a judged item."""
        return done_actions(snapshot, printing=self.desk.labels is not None, waiving=self.desk.work is not None)

    def _pages(self, snapshot: Snapshot) -> int:
        """Return the pages of the open check; 1 = it fits, as nearly every check does."""
        if not self._check:
            return 1
        rows = max(1, self.rows_of_tale(snapshot))
        return -(-len(self._check_lines(snapshot, self._stage_width(snapshot))) // rows)

    def shows_item(self, snapshot: Snapshot) -> bool:
        """True if the item in hand is shown. A page of checks shows what matters of it in its lines."""
        return snapshot.item is not None and Part.CARD not in self._left_out and not self._has_page(snapshot)

    def _has_page(self, snapshot: Snapshot) -> bool:
        """True if several checks share the page."""
        return not self._one_by_one and len(page_checks(snapshot)) > 1

    def _sheds(self, part: Part) -> bool:
        """True if this part of a page of checks gives way."""
        return part in self._left_out and self._has_page(self.desk.snapshot)

    def _make_room(self, snapshot: Snapshot) -> None:
        """Leave other parts out while a check or a stop is open until it fits, because the operator must see what a tap
        confirms. See `shedding`."""
        self._left_out, self._one_by_one, self._check, self._others = frozenset(), False, "", Others.WHOLE
        self._row_to_spare = self._tall_pictures = False
        stopped = snapshot.phase is Phase.STOPPED
        if not stopped and (snapshot.phase is not Phase.CHECKING or snapshot.fault is not None):
            return
        kept = (Part.CARD,) if self.wide else ()

        def fits(left_out: frozenset[Part]) -> bool:
            self._left_out = left_out
            return self._rows_wanted(snapshot) <= self.rows_of_tale(snapshot)

        in_place = not stopped and self._has_page(snapshot) and self._make_room_for_page(snapshot, fits, kept)
        if stopped or not self._has_page(snapshot):
            never = (Part.LARGE, *(part for part in OF_PAGE if part is not Part.BUTTON)) if stopped else OF_PAGE
            self._left_out = shed(fits, *kept, *never)
        if stopped:
            return
        reasons = REASONS - self._button if in_place and self._asking is None else 0

        def spare() -> bool:
            return self._rows_wanted(snapshot) <= self.rows_of_tale(snapshot) - reasons

        self._row_to_spare = True
        self._row_to_spare = spare()
        self._tall_pictures = in_place
        self._tall_pictures = in_place and spare()
        check = current_check(snapshot, self.desk.about)
        if check is not None and not self._has_page(snapshot) and not fits(self._left_out):
            self._check = f"{check.rule} {self._asking or ''}"
        if self._check != self._turned:
            self._turned, self._turn, self._turns = self._check, 0, 0

    def _make_room_for_page(
        self, snapshot: Snapshot, fits: Callable[[frozenset[Part]], bool], kept: tuple[Part, ...]
    ) -> bool:
        """Leave parts out until all lines fit; while one is open, it and the label, and the others if there is room. If
        the label does not fit, or the open line, each check has its own page. Return True if all lines fit whether one
        is open or not."""

        def fits_open(left_out: frozenset[Part]) -> bool:
            self._left_out = left_out
            more = REASONS - self._button if self._asking is None else 0
            return self._rows_wanted(snapshot) <= self.rows_of_tale(snapshot) - more

        in_place = shed(fits_open, *kept, Part.BUTTON, Part.ROWS, Part.BAND)
        if fits_open(in_place):  # so that nothing moves
            return True
        if self._asking is None:
            self._left_out = shed(fits, *kept)
            self._one_by_one = self._label_rows(snapshot) > self.rows_of_tale(snapshot)
            return False
        for self._others in (Others.ROW, Others.GONE):
            whole = (Part.ROWS, Part.BAND) if self._others is Others.ROW else ()
            self._left_out = shed(fits, *kept, *whole)
            if fits(self._left_out):
                return False
        self._one_by_one = True
        return False

    def _rows_wanted(self, snapshot: Snapshot) -> int:
        """Return the rows that show the stop, the open check, or the page of checks, uncut."""
        if snapshot.phase is Phase.STOPPED:
            return self.tale_of(snapshot, self._stage_width(snapshot), _ENDLESS).plain.count("\n") + 1
        if self._has_page(snapshot):
            room = self._room(_ENDLESS)
            return max(room.height(self._lines(snapshot, room)), self._label_rows(snapshot))
        return len(self._check_lines(snapshot, self._stage_width(snapshot)))

    def _label_rows(self, snapshot: Snapshot) -> int:
        """Return the rows of the label beside a page of checks, without its frame; endless if a line of it would be cut."""
        label = next((paper_lines(check) for check in page_checks(snapshot) if is_label(check)), [])
        whole = all(cells(line) <= label_width(page_checks(snapshot)) - LABEL_FRAME for line in label)
        return len(label) if whole else _ENDLESS

    def _room(self, rows: int) -> Room:
        """Return the place for the lines of a page."""
        joined, snapshot = Part.ROWS in self._left_out, self.desk.snapshot
        return Room(
            self._line_width,
            rows,
            SMALL[1],
            gap=int(self.air),
            joined=joined,
            most=_LINES,
            first=first_number(snapshot),
            tall=self._tall_pictures,
        )

    def _lines(self, snapshot: Snapshot, room: Room) -> tuple[PageLine, ...]:
        """Return the lines of the page of checks."""
        checks, brief = page_checks(snapshot), Part.ANSWERED in self._left_out
        if self._asking is not None:
            return lines_open(checks, room, self.desk.about, self._others, brief=brief)
        return lines_that_fit(checks, room, brief=brief)

    def band_rows(self, snapshot: Snapshot) -> int | None:
        """See `StationScreen.band_rows`."""
        return BAND_SHED if self._sheds(Part.BAND) else super().band_rows(snapshot)

    @property
    def above(self) -> int:
        """See `StationScreen.above`."""
        return super().above - (BAND - BAND_SHED if self._sheds(Part.BAND) else 0)

    def _with_question(self, snapshot: Snapshot) -> Snapshot:
        """Return the snapshot for the band: with the question of the check whose reasons are open; after a wrong scan,
        with the question too if no other part shows it."""
        check = current_check(snapshot, self.desk.about) if snapshot.phase is Phase.CHECKING else None
        if check is None or snapshot.fault is not None:
            return snapshot
        question = check.question
        if snapshot.wrong_scan and in_band(snapshot, self.desk.about):
            return replace(snapshot, prompt=Sentence.joined((snapshot.prompt, question), between=" "))
        return snapshot if self._asking is None or snapshot.wrong_scan else replace(snapshot, prompt=question)

    def rows_of_tale(self, snapshot: Snapshot) -> int:
        """Return the rows for the open check, from station.tcss and the sizes of the targets."""
        air, beside = int(self.air), self.wide or not self.shows_item(snapshot)
        noted = bool(self.desk.note or self.desk.photo or self.desk.digit)
        used = self.above + int(self.shows_rail) + self.rows_more
        used += 1 if noted else self.notice_rows(self.notice_lines(snapshot))
        used += 0 if beside else 3 + 2 * air
        used += air + GAP[1] + (self._button if self._asking is None else REASONS) + air
        used += GAP[1] + SMALL[1] + air
        if self.desk.demo is not None:
            used += 1 + air + (GAP[1] + SMALL[1] if self._two_strips else 0)
        return self.app.size.height - used

    @property
    def _button(self) -> int:
        """Rows of the button that passes a page of checks, or of the answers to one check."""
        stopped = self.desk.snapshot.phase is Phase.STOPPED and Part.BUTTON in self._left_out
        return SMALL[1] if stopped or self._sheds(Part.BUTTON) else MAIN[1]

    @property
    def shows_rail(self) -> bool:
        """True if there is room for the four steps."""
        fits = self.tall or self.desk.snapshot.phase in _RAIL
        return self.has_rail and fits and Part.RAIL not in self._left_out

    def _shows_side(self, snapshot: Snapshot) -> bool:
        """True if the newest items and today's work fit beside the work. Between two items they have the whole page."""
        return self.app.size.width >= SIDE_FROM and snapshot.phase not in (Phase.IDLE, Phase.NEED_SCAN)

    @property
    def _goal(self) -> int:
        return self.desk.settings.station.goal_today

    def _stage_width(self, snapshot: Snapshot) -> int:
        """Cells of the stage, without its padding."""
        side = self._shows_side(snapshot)
        card = CARD[side] if self.wide and self.shows_item(snapshot) else 0
        return self.app.size.width - 4 - card - (SIDE if side else 0)

    @property
    def _line_width(self) -> int:
        """Cells of a check's line beside the label, without its padding."""
        side = SIDE if self._shows_side(self.desk.snapshot) else 0
        return self.app.size.width - 4 - side - label_width(page_checks(self.desk.snapshot)) - 2 - 2

    def _show_rail(self, snapshot: Snapshot) -> None:
        rail = self.query_one("#rail", Pane)
        rail.display = self.shows_rail
        rail.show(lambda width, _: snapshot_views.rail(snapshot, width))
        side = self.query_one("#side", Pane)
        side.display = self._shows_side(snapshot)
        side.show(lambda width, height: draw.stack(lately.side(snapshot, self._goal, width, height), height))

    def _show_page(self, snapshot: Snapshot) -> None:
        """Show the checks of a page; while one is open for its reasons, it stays in its place."""
        has_page = self._has_page(snapshot)
        self.query_one("#checks").display = has_page
        if not has_page:
            self._shown = ()
            check = current_check(snapshot, self.desk.about) if snapshot.phase is Phase.CHECKING else None
            self._watch(snapshot, (check.rule,) if check is not None else ())
            return
        room = self._room(self.rows_of_tale(snapshot))
        lines = self._lines(snapshot, room)
        if self._asking is None:
            self._shown = lines
            self._watch(snapshot, tuple(line.check.rule for line in lines))
        about = self.desk.about if self._asking is not None else None
        self.query_one("#lines", ButtonColumn).offer([line_action(line, about) for line in lines])
        checks = page_checks(snapshot)
        label = next((check for check in checks if is_label(check)), None)
        paper = self.query_one("#paper", Pane)
        paper.styles.width = label_width(checks)
        paper.show(lambda width, height: draw.stack(label_lines(label, width, height) if label else [], height))

    def _watch(self, snapshot: Snapshot, rules: tuple[str, ...]) -> None:
        """Let the button that passes these checks sleep until they were shown long enough."""
        barcode = str(snapshot.item.barcode) if snapshot.item is not None else ""
        looked_at = (barcode, str(snapshot.part), *rules)
        if looked_at != self._looked_at:
            checks = [check for check in page_checks(snapshot) if check.rule in rules and check.answer is None]
            seconds = seconds_to_look(checks, snapshot.all_good_after)
            self._looked_at, self._awake_at = looked_at, self.desk.guard.clock() + seconds
            self._wake_later()

    @property
    def _asleep_s(self) -> float:
        """Seconds until the checks were shown long enough for the button that passes them."""
        return max(0.0, self._awake_at - self.desk.guard.clock())

    def _wake_later(self) -> None:
        if self._until_awake is not None:
            self._until_awake.stop()
        self._until_awake = self.set_timer(self._asleep_s, self.wake) if self._asleep_s else None

    def wake(self) -> None:
        """Show the button awake; come again if it still sleeps. Textual's timers do not follow the guard's clock."""
        self._wake_later()
        self._show_actions(self.desk.snapshot)

    @property
    def _two_strips(self) -> bool:
        """True if the demo's strip fits above the station's own."""
        return self.tall and self.columns >= 6

    def _ask(self, what: Go | None, rule: str = "") -> None:
        """Ask why this check failed, or which of its rules does not apply; None = no question, and drop the note."""
        self._asking, self.desk.about, self.desk.digit = what, rule, ""
        if what is None:
            self.desk.note, self.desk.photo = "", None

    def _show_notice(self, snapshot: Snapshot) -> None:
        """Show the note for the reason; without a note, the bench's notice."""
        photo = self.desk.local.time(self.desk.photo.at) if self.desk.photo is not None else ""
        texts = ((tell("button.note-field"), tell(note_of(self.desk.note))), (tell("button.photo"), photo))
        mine = " · ".join(f"{name}: {text}" for name, text in texts if text)
        if self.desk.digit:
            mine = tell("button.press-again", digit=self.desk.digit)
        if not mine:
            self.show_notice(snapshot)
            return
        notice = self.query_one("#notice", Pane)
        notice.display, notice.styles.height = True, 1
        notice.show(lambda width, _: draw.one_line(Content.assemble(("+ ", "bold $key"), say(mine)), width))

    def _show_card(self, snapshot: Snapshot) -> None:
        card = self.query_one("#card", Pane)
        stage = self.query_one("#stage", Vertical)
        card.display = shown = self.shows_item(snapshot)
        full = snapshot.phase in _FULL_CARD and shown
        air = 2 if self.air else 0
        card.styles.width = CARD[self._shows_side(snapshot)] if self.wide else "100%"
        if self.wide:
            card.styles.height = stage.styles.height = "1fr"
        elif full:
            card.styles.height = "1fr"
            parts = snapshot.item is not None and snapshot.item.tags > 1 and snapshot.phase is Phase.NEED_TAG
            stage.styles.height = (
                SMALL[1] + GAP[1] if parts else (1 + air // 2 if snapshot.phase is Phase.WRITING else 0)
            )
        else:
            card.styles.height = 3 + air
            stage.styles.height = "1fr"
        tale = self.query_one("#tale", Pane)
        tale.display = (self.wide or not (full and snapshot.phase is Phase.NEED_TAG)) and not self._has_page(snapshot)
        card.show(lambda width, height: snapshot_views.card(snapshot, width, height))

    def _all_good(self, snapshot: Snapshot) -> tuple[Action, ...]:
        return all_good(self._shown, signed_checks(snapshot), snapshot.state, awake=not self._asleep_s)

    def _show_actions(self, snapshot: Snapshot) -> None:
        page = self._has_page(snapshot) and self._asking is None
        actions = self._all_good(snapshot) if page else self.actions_of(snapshot)
        width = self._stage_width(snapshot)
        grid = self.query_one("#actions", ButtonGrid)
        columns = max(1, (width + GAP[0]) // (MAIN[0] + GAP[0]))
        if self._asking is not None:
            grid.offer(actions, min(columns, 3), rows=2, height=SMALL[1], numbered=self.desk.settings.keys.numbers)
        elif not self.main_when_done and snapshot.phase in (Phase.DONE, Phase.IDLE, Phase.NEED_SCAN):
            grid.offer(actions, min(columns, 3), height=SMALL[1])
        elif snapshot.phase is Phase.NEED_TAG:
            grid.offer(actions, min((width + GAP[0]) // (SMALL[0] + GAP[0]), 6), height=SMALL[1])
        else:
            grid.offer(actions, min(columns, max(3, len(actions))), height=self._button)

    def _show_strips(self, snapshot: Snapshot) -> None:
        last = self.query_one("#last", ButtonGrid)
        own = self.strip_of(snapshot)
        state = self.desk.demo_state
        if state is None:
            last.offer(own, min(self.columns, max(STRIP, len(own))))
            return
        two_strips = self._two_strips
        self.query_one("#demo", ButtonGrid).display = two_strips
        self.query_one("#demo-line", Pane).show(lambda width, height: demo_line(state, width, height))
        if two_strips:
            self.query_one("#demo", ButtonGrid).offer(demo_actions(state), min(self.columns, 9))
            last.offer(own, max(STRIP, len(own)))
        else:
            done = snapshot.phase is Phase.DONE
            last.offer(one_strip(own, state, self._hands, done=done), min(self.columns, 5))

    def on_screen_resume(self) -> None:
        """Redraw: a note may have been added on the other screen."""
        self.show(self.desk.snapshot)

    def show_demo(self, _state: DemoState) -> None:
        """Draw the changed state of the demo bench."""
        self._show_strips(self.desk.snapshot)

    def on_click(self, event: events.Click) -> None:
        """Open the page of the box or of the sentence that was tapped (`lately.OPENS`)."""
        opens = event.style.meta.get(lately.OPENS)
        if opens is not None and self.desk.guard.accepts(event.screen_x, event.screen_y):
            self.post_message(TouchButton.Tapped(Action("", Go(opens))))

    def on_touch_button_tapped(self, message: TouchButton.Tapped) -> None:
        """Handle the taps for this screen; pass others on to the app."""
        does = message.action.does
        check = current_check(self.desk.snapshot, self.desk.about)
        if isinstance(does, OpenCheck):
            self._ask(None)  # a note is about the line that was open
            self._ask(Go.REASONS, does.rule)
        elif isinstance(does, Go) and does in (Go.REASONS, Go.NOT_APPLICABLE) and check is not None:
            self._ask(does, check.rule)
        elif does is Go.NO_REASON:
            self._ask(None)
        elif does is Go.NEXT_LINES:
            self._turn = (self._turn + 1) % self._pages(self.desk.snapshot)
            self._turns = max(self._turns, self._turn)
        elif does is Go.HANDS:
            self._hands += 1
        else:
            if not isinstance(does, Answer):
                return
            if does.outcome is Outcome.FAIL and (self.desk.note or self.desk.photo):
                photo = self.desk.photo.path if self.desk.photo is not None else ""
                noted = replace(does, note=self.desk.note, photo=photo)
                message.stop()
                self._ask(None)
                self.post_message(TouchButton.Tapped(Action("", noted)))
                return
            self._ask(None)
        if not isinstance(does, Answer):
            message.stop()
        self.show(self.desk.snapshot)


def demo_line(state: DemoState, width: int, height: int) -> Content:
    """Return the item in hand and the tags on the pad of the demo bench."""
    held = Content.assemble(
        tell("demo.in-hand") + " ",
        say(state.item.hint),  # first: the tag comes next, and no other part shows it
        " · " if state.item.hint else "",
        say(state.item.title, "bold"),
    )
    lying = Content.assemble(tell("demo.on-pad") + " ", say(", ".join(state.on_pad) or tell("demo.nothing"), "bold"))
    if height >= 2:
        return draw.stack([draw.one_line(held, width), draw.one_line(lying, width)], height)
    half = max(width * 3 // 5, width - lying.cell_length - 2)
    return draw.stack(draw.beside([held], [draw.one_line(lying, width - half - 2)], half), 1)
