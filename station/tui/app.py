"""The operator's screens: render snapshots and send commands.

The bench publishes from another thread. Its snapshots arrive as messages, and the newest one replaces those that wait.
No key reaches a widget: the scanner takes keys first, then the demo. Ctrl+Q leaves the station, and asks first if an
item is in hand.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable
from datetime import datetime
from typing import Final

from textual import events
from textual.driver import Driver
from textual.drivers.linux_driver import LinuxDriver
from textual.message import Message
from textual.timer import Timer

from station.base.errors import StationError
from station.base.settings import Settings
from station.base.words import WordsError, speak, tell
from station.domain.command_barcodes import OnScreen, ScreenCommand, command_of, is_command, text_of
from station.domain.commands import Act, Answer, CallStaff, Enter, Quit, Scan, SignOff, TakeFound
from station.domain.deliveries.delivery import OutboxPort
from station.domain.findings import Severity
from station.domain.ports import (
    BenchPort,
    CatalogSearch,
    DemoPort,
    DemoState,
    LabelPort,
    ManualPort,
    QueryPort,
    ReportPort,
    StatusBoardPort,
    WorkPort,
)
from station.domain.snapshot import Snapshot, Sound
from station.domain.workflows import PackView, Workflow
from station.tui.drawing.checks import current_check
from station.tui.drawing.words import in_hand
from station.tui.pages.correction import CorrectionScreen
from station.tui.pages.corrections import CorrectionsScreen
from station.tui.pages.display_and_sound import DisplayAndSoundScreen
from station.tui.pages.journal import HelpScreen, JournalScreen
from station.tui.pages.last_items import LastItemsScreen
from station.tui.pages.manual import ManualScreen, help_with
from station.tui.pages.menu import MenuScreen
from station.tui.pages.note import CopyNoteDialog, NoteDialog
from station.tui.pages.outbox import OutboxScreen
from station.tui.pages.rejected_lot import RejectedLotScreen
from station.tui.pages.reports import StatisticsScreen
from station.tui.pages.search import SearchScreen
from station.tui.pages.sign_on import SignOnDialog
from station.tui.pages.sound_check import SoundCheckScreen
from station.tui.pages.status_board import StatusBoardScreen
from station.tui.pages.typing import TextDialog, TypingDialog
from station.tui.printing import papers, print_job
from station.tui.terminal.crash import CleanEnd, PartEnded
from station.tui.terminal.keypad import Keypad, Press, Wanted
from station.tui.terminal.scanner import BurstCollector
from station.tui.terminal.terminal import TerminalLost, WatchedDriver, leave_on_signals
from station.tui.widgets.dialogs import Dialog, PrintedDialog, QuitDialog, SenderDialog, WaiveDialog
from station.tui.widgets.screen import ScreenDesk, StationScreen
from station.tui.widgets.sounds import Speaker, find_player
from station.tui.widgets.tap_guard import TapGuard
from station.tui.widgets.theme import THEMES, next_theme
from station.tui.widgets.threads import run_in_thread
from station.tui.widgets.too_small import cover, too_small
from station.tui.widgets.touch import (
    Action,
    DemoAct,
    Go,
    Open,
    OpenCheck,
    OpenLot,
    Pick,
    Print,
    Read,
    TouchButton,
    Type,
)
from station.tui.workflows.actions import DEMO_KEYS, demo_action
from station.tui.workflows.check_aids import CountDialog
from station.tui.workflows.convert import ConvertScreen
from station.tui.workflows.hands_free import button_of, does_of, numbered_button, tappable
from station.tui.workflows.inspect import InspectScreen
from station.tui.workflows.pack import PackScreen
from station.tui.workflows.process import ProcessScreen
from station.tui.workflows.receive import ReceiveScreen
from station.tui.workflows.release import ReleaseScreen
from station.tui.workflows.retag import EraseScreen, MigrateScreen
from station.tui.workflows.sets import SetsScreen
from station.tui.workflows.withdraw import WithdrawScreen

WORK: Final[dict[Workflow, type[StationScreen]]] = {
    Workflow.PROCESS: ProcessScreen,
    Workflow.CONVERT: ConvertScreen,
    Workflow.RECEIVE: ReceiveScreen,
    Workflow.PACK: PackScreen,
    Workflow.RELEASE: ReleaseScreen,
    Workflow.SETS: SetsScreen,
    Workflow.WITHDRAW: WithdrawScreen,
    Workflow.INSPECT: InspectScreen,
    Workflow.ERASE: EraseScreen,
    Workflow.MIGRATE: MigrateScreen,
}
"""The work screen of each workflow."""

_LEAVE_KEYS = ("ctrl+q", "ctrl+c")
_SIGN_ON_PAGE = frozenset({Go.HELP, Go.SIGNS, Go.BACK, Go.CLOSE, Go.QUIT, Go.QUIT_NOW})
"""Taps that still work while the station asks who the operator is."""


class SnapshotArrived(Message):
    """A published snapshot. While it waits in the queue, a newer one replaces it."""

    def __init__(self, snapshot: Snapshot) -> None:
        super().__init__()
        self.snapshot = snapshot

    def can_replace(self, message: Message) -> bool:
        """Keep only the newest of many."""
        return isinstance(message, SnapshotArrived)


class DemoArrived(Message):
    """A changed state of the demo bench. While it waits in the queue, a newer one replaces it."""

    def __init__(self, state: DemoState) -> None:
        super().__init__()
        self.state = state

    def can_replace(self, message: Message) -> bool:
        """Keep only the newest of many."""
        return isinstance(message, DemoArrived)


class NamesArrived(Message):
    """The names that a worker may see, by worker id."""

    def __init__(self, viewer: str, names: dict[str, str]) -> None:
        super().__init__()
        self.viewer = viewer
        self.names = names


class LabelPrinted(Message):
    """The result of a print job."""

    def __init__(self, heading: str, sentence: str) -> None:
        super().__init__()
        self.heading = heading
        self.sentence = sentence


def _newest_paper(snapshot: Snapshot) -> int:
    """Return the number of the newest paper that the bench wanted printed; 0 = none."""
    view = snapshot.workflow_view
    return view.papers[-1].number if isinstance(view, PackView) and view.papers else 0


def _step(snapshot: Snapshot) -> tuple[Workflow, str, str]:
    """Return the step of the work: if it changes, the same buttons mean something else."""
    return snapshot.workflow, snapshot.state, snapshot.fault.code if snapshot.fault is not None else ""


class StationApp(CleanEnd, inherit_bindings=False):
    """The operator's screens as a Textual app. `clock` returns monotonic seconds (for inputs that come too soon, and
    abandoned bursts), `local` the local time of the title line."""

    CSS_PATH = "station.tcss"
    TITLE = "RFID Processing Station"  # not for people: no screen shows it
    ENABLE_COMMAND_PALETTE = False
    ALLOW_SELECT = False
    AUTO_FOCUS = None
    BINDINGS = []

    def __init__(
        self,
        bench: BenchPort,
        queries: QueryPort,
        settings: Settings,
        demo: DemoPort | None = None,
        clock: Callable[[], float] = time.monotonic,
        labels: LabelPort | None = None,
        work: WorkPort | None = None,
        outbox: OutboxPort | None = None,
        reports: ReportPort | None = None,
        manual: ManualPort | None = None,
        board: StatusBoardPort | None = None,
        search: CatalogSearch | None = None,
        local: Callable[[], datetime] = datetime.now,
    ) -> None:
        super().__init__()
        self._bench = bench
        self._demo = demo
        self._now = clock
        self._scanner = BurstCollector(settings.scanner)
        self._keypad = Keypad(settings.keys)
        through = settings.screen.sound_through
        self._speaker = Speaker(() if through == "reader" else find_player(settings.screen.sound_player))
        self._last_sound = bench.snapshot.sound_number
        self._last_paper = _newest_paper(bench.snapshot)
        self._unsubscribe: list[Callable[[], None]] = []
        self._left = False
        self._work = bench.snapshot.workflow
        self._label_on_its_way = False
        self._language = ""
        """The worker's language that the screens tell in; "" = the station's."""
        self.desk = ScreenDesk(settings, queries, demo, TapGuard(clock), labels, work, outbox, reports, local)
        self.desk.guard.on_change = self._question_changed
        self._until_awake: Timer | None = None
        self._darkening = False
        self.desk.snapshot = bench.snapshot
        self.desk.speaker = self._speaker
        self.desk.manual = manual
        self.desk.board = board
        self.desk.search = search
        for theme in THEMES.values():
            self.register_theme(theme)
        self.theme = THEMES[self.desk.theme].name

    @property
    def has_player(self) -> bool:
        """True if this computer plays sounds."""
        return bool(self._speaker.player)

    # --- values coming in -------------------------------------------------------------------------------------------

    def on_mount(self) -> None:
        """Subscribe, then draw the current snapshot, so that nothing published in between is missed."""
        self._work = self._bench.snapshot.workflow
        self.push_screen(WORK[self._work](self.desk))
        if not self.is_headless:
            leave_on_signals(self.leave)
        self._unsubscribe.append(self._bench.subscribe(self._publish))
        if self._demo is not None:
            self._unsubscribe.append(self._demo.subscribe(self._publish_demo))
        self._publish(self._bench.snapshot)
        self._ask_names()

    def on_unmount(self) -> None:
        """Unsubscribe and close the speaker."""
        for unsubscribe in self._unsubscribe:
            unsubscribe()
        self._unsubscribe.clear()
        self._speaker.close()

    def _publish(self, snapshot: Snapshot) -> None:
        self.post_message(SnapshotArrived(snapshot))

    def _publish_demo(self, state: DemoState) -> None:
        self.post_message(DemoArrived(state))

    async def on_snapshot_arrived(self, message: SnapshotArrived) -> None:
        """Redraw every screen, and play the snapshot's sound once."""
        snapshot = message.snapshot
        if snapshot.number < self.desk.snapshot.number:
            return
        before, self.desk.snapshot = self.desk.snapshot, snapshot
        self._speak(snapshot.language)
        if snapshot.worker != before.worker:
            self._ask_names()
        await self._change_work(snapshot.workflow)
        if self._at_work and _step(before) != _step(snapshot):
            self.desk.guard.question_changed()
        self._draw_again()
        self._ask_sign_on()
        if self._darkening:
            self.light_buttons()  # in the same picture
        if snapshot.sound_number > self._last_sound:
            self._last_sound = snapshot.sound_number
            if not snapshot.muted:
                self._speaker.play(snapshot.sound, snapshot.volume)
        self._print_papers(snapshot)

    def _speak(self, language: str) -> None:
        """Tell in the worker's language from now on; the station's, if this computer has no texts for it."""
        if language != self._language:
            self._language = language
            try:
                speak(language)
            except WordsError:
                speak()

    def _question_changed(self) -> None:
        """Show once per turn that the buttons sleep, and light them when they wake."""
        if not self._darkening:
            self._darkening = True
            self.call_next(self.light_buttons)

    def light_buttons(self) -> None:
        """Show which buttons can be tapped now; come again when the others wake. Textual's timers do not follow the
        guard's clock."""
        self._darkening = False
        for screen in self.screen_stack:
            for button in screen.query(TouchButton):
                button.light()
        if self._until_awake is not None:
            self._until_awake.stop()
            self._until_awake = None
        if self.desk.guard.deaf_s:
            self._until_awake = self.set_timer(self.desk.guard.deaf_s, self.light_buttons)

    def _ask_names(self) -> None:
        """Query the names that the worker may see, in a thread."""
        work, viewer = self.desk.work, self.desk.snapshot.worker
        if work is None:
            return

        def ask() -> None:
            with contextlib.suppress(StationError):  # ids are shown instead
                self.post_message(NamesArrived(viewer, work.names(viewer, tell("correction.another"))))

        run_in_thread(self, ask, "names")

    def on_names_arrived(self, message: NamesArrived) -> None:
        """Show names in place of worker ids from now on."""
        if message.viewer == self.desk.snapshot.worker:
            self.desk.local.names = message.names

    def _draw_again(self) -> None:
        for screen in self.screen_stack:
            if isinstance(screen, StationScreen | Dialog) and screen.is_mounted:
                screen.show(self.desk.snapshot)

    async def _change_work(self, workflow: Workflow) -> None:
        """Switch to the work screen of another workflow, and close the screens on top of it. The terminal keeps the old
        picture until the new screen is drawn: under load, an empty one would stay for a second."""
        if self._work is workflow:
            return
        self._work = workflow
        self._close_sign_on()
        self._back_to_work()
        with self.batch_update():
            await self.switch_screen(WORK[workflow](self.desk))
        if self.desk.snapshot.sender:
            self.push_screen(SenderDialog(self.desk))

    def _ask_sign_on(self) -> None:
        """Show or close the sign-on dialog. It covers every screen and changes nothing under it."""
        if self.desk.snapshot.sign_on_prompt is None:
            self._close_sign_on()
        elif not self._sign_on_shown:
            self.push_screen(SignOnDialog(self.desk))

    @property
    def _sign_on_shown(self) -> bool:
        return any(isinstance(screen, SignOnDialog) for screen in self.screen_stack)

    @property
    def _sign_on_under_help(self) -> SignOnDialog | None:
        """The sign-on dialog, if a page of the manual covers it."""
        if not isinstance(self.screen, ManualScreen | HelpScreen):
            return None
        return next((screen for screen in self.screen_stack if isinstance(screen, SignOnDialog)), None)

    def _close_sign_on(self) -> None:
        while self._sign_on_shown:
            self.pop_screen()

    def on_demo_arrived(self, message: DemoArrived) -> None:
        """Draw the demo bench."""
        self.desk.demo_state = message.state
        for screen in self.screen_stack:
            if isinstance(screen, StationScreen) and screen.is_mounted:
                screen.show_demo(message.state)

    # --- keys and taps going out ------------------------------------------------------------------------------------

    async def on_event(self, event: events.Event) -> None:
        """Take keys before any widget or screen; ignore pasted text."""
        if isinstance(event, events.Key):
            if not event.is_forwarded:
                self._take_key(event)
            return
        if isinstance(event, events.Paste):
            return
        await super().on_event(event)

    def on_resize(self, event: events.Resize) -> None:
        """Forget a refused scan once the window is large enough."""
        if not too_small(event.size):
            self.desk.refused = False

    def _refuse_key(self, event: events.Key) -> None:
        """Take a key while the window is too small: no key works blind, and a scan is refused with sentence and
        sound."""
        if self._scanner.feed(event.key, event.character, self._now()).text is None:
            return
        self.desk.refused = True
        snapshot = self.desk.snapshot
        if not snapshot.muted:
            self._speaker.play(Sound.WARNING, snapshot.volume)
        for screen in self.screen_stack:
            cover(screen, refused=True)

    def _take_key(self, event: events.Key) -> None:
        if too_small(self.size) and event.key not in _LEAVE_KEYS:
            self._refuse_key(event)
            return
        if event.key == "escape" and not self._at_work:
            self._leave_page()
            return
        if isinstance(self.screen, TypingDialog) and event.key not in _LEAVE_KEYS:
            self._type_line(self.screen, event)
            return
        searching = isinstance(self.screen, SearchScreen) and not self._scanner.expects(self._now())
        if isinstance(self.screen, SearchScreen) and searching and event.key not in _LEAVE_KEYS:
            self._type_into(self.screen, event)
            return
        if isinstance(self.screen, SignOnDialog) and self.screen.takes_keys and event.key not in _LEAVE_KEYS:
            self._type_into(self.screen, event)
            return
        sign_on_prompt = self._sign_on_under_help
        if sign_on_prompt is not None and sign_on_prompt.takes_keys and event.key not in _LEAVE_KEYS:
            self._back_to_work()  # the PIN was typed or scanned while its help was open
            self._type_into(sign_on_prompt, event)
            return
        scanning = self._scanner.open
        press = self._keypad.feed(event.key, event.character, self._now())
        if self.desk.guard.deaf_s:
            press = None  # the key was pressed too soon, whenever its silence ends
        taken = self._scanner.feed(event.key, event.character, self._now())
        if taken.text is not None:
            self._take_burst(taken.text)
            return
        if not taken.taken:
            if event.key in _LEAVE_KEYS:
                self.ask_to_leave()
            elif self._demo is not None and event.key in DEMO_KEYS:
                self._demo.act(demo_action(DEMO_KEYS[event.key], self._demo.state))
            elif press is not None and press.at_once and not scanning:
                self._pressed(press.wanted)
        if press is not None and not press.at_once:
            self.set_timer(self._keypad.silence, lambda: self.call_later(self._after_silence, press))

    def _take_burst(self, text: str) -> None:
        """Take a whole scan. It is never dropped."""
        if is_command(text):
            self._carry_out(command_of(text), text)
        elif isinstance(self.screen, CorrectionsScreen) and self.screen.take_scan(text):
            return  # the scan opens the item's corrections
        elif isinstance(self.screen, SearchScreen):
            self.screen.scanned(text)
        else:
            self._back_to_work()
            self._bench.submit(Scan(text))

    def _type_line(self, line: TypingDialog, event: events.Key) -> None:
        """Pass a key to a line that is typed. A scan ends the line and is taken as a scan, also one that began before the
        dialog was opened."""
        prefix, scan = self.desk.settings.scanner.prefix, ""
        if self._scanner.expects(self._now()) or (prefix and event.character == prefix[0]):
            taken = self._scanner.feed(event.key, event.character, self._now())
            if taken.text is None and taken.taken:
                return
            scan = taken.text or ""
        if scan:
            line.scanned()
        else:
            scan = line.type_key(event.key, event.character, self._now())
        if scan:
            self._back_to_work()
            self._take_burst(scan)

    def _leave_page(self) -> None:
        """Tap the way out of the page or dialog over the work, if it has one. No answer is given."""
        button = button_of(ScreenCommand.BACK, tappable(self.screen))
        if button is not None:
            button.tap()

    # --- without touch ----------------------------------------------------------------------------------------------

    def _after_silence(self, press: Press) -> None:
        """Take a key that nothing followed. It runs after the keys that had arrived when the silence ended."""
        if self._keypad.alone(press):
            self._scanner.discard()
            self._pressed(press.wanted)

    def _pressed(self, wanted: Wanted) -> None:
        """Tap the button of a key. A digit that no button shows does nothing."""
        if isinstance(wanted, ScreenCommand):
            self._carry_out(wanted, text_of(wanted))
            return
        button = numbered_button(wanted, tappable(self.screen))
        if button is not None and button.offered is not None and not self._must_press_again(wanted, button.offered):
            button.tap()

    def _must_press_again(self, digit: str, action: Action) -> bool:
        """Ask for the same digit again before it answers a critical check: a scan that broke off after one character
        must not answer it."""
        check = current_check(self.desk.snapshot, self.desk.about)
        critical = check is not None and check.severity is Severity.CRITICAL
        if not critical or not isinstance(action.does, Answer) or self.desk.digit == digit:
            return False
        self.desk.digit = digit
        self._draw_again()
        return True

    def _carry_out(self, command: OnScreen | None, text: str) -> None:
        """Tap the button of a command. If the screen shows none that is active, the bench says so."""
        if self.desk.guard.deaf_s:
            return
        does = does_of(command, self.desk.snapshot) if command is not None and self._may_answer else None
        button = button_of(command, tappable(self.screen)) if isinstance(command, ScreenCommand) else None
        if button is not None:
            button.tap()
        elif does is not None:
            self.screen.post_message(TouchButton.Tapped(Action("", does)))
        else:
            self._back_to_work()
            self._bench.submit(Scan(text))

    @property
    def _may_answer(self) -> bool:
        """True if the work screen is on top: nothing covers the question."""
        return self._at_work and not self._sign_on_shown

    def _type_into(self, field: SignOnDialog | SearchScreen, event: events.Key) -> None:
        """Pass a key to a field that is typed slowly. Only a burst with the scanner's prefix is taken as a scan."""
        prefix = self.desk.settings.scanner.prefix
        if prefix and (self._scanner.open or event.character == prefix[0]):
            taken = self._scanner.feed(event.key, event.character, self._now())
            if taken.text is not None:
                field.scanned(taken.text)
            if taken.taken:
                return
        if self._demo is not None and event.key in DEMO_KEYS:
            self._demo.act(demo_action(DEMO_KEYS[event.key], self._demo.state))
        else:
            field.type_key(event.key, event.character)

    def on_touch_button_tapped(self, message: TouchButton.Tapped) -> None:
        """Handle every tap that no screen kept."""
        does = message.action.does
        if isinstance(does, DemoAct):
            if self._demo is not None:
                self._demo.act(does.action)
        elif isinstance(does, Go):
            self._go(does)
        elif isinstance(does, Print):
            if not self._sign_on_shown:
                self._print_label(does)
        elif isinstance(does, Open):
            if self.desk.work is not None:
                self.push_screen(CorrectionScreen(self.desk, self.desk.work, does.correction))
        elif isinstance(does, OpenLot):
            if self.desk.work is not None:
                self.push_screen(RejectedLotScreen(self.desk, self.desk.work, does))
        elif isinstance(does, Type):
            self._open(TextDialog(self.desk, does))
        elif not isinstance(does, Pick | Read | OpenCheck):
            self._bench.submit(does)
            if isinstance(does, Enter | CallStaff | Scan | TakeFound):
                self._back_to_work()

    def _go(self, where: Go) -> None:
        if self._sign_on_shown and where not in _SIGN_ON_PAGE:
            return
        match where:
            case Go.MENU:
                self._open(MenuScreen(self.desk))
            case Go.JOURNAL:
                self._open(JournalScreen(self.desk))
            case Go.OUTBOX:
                self._open(OutboxScreen(self.desk))
            case Go.SEARCH if self.desk.search is not None:
                self._open(SearchScreen(self.desk, self.desk.search))
            case Go.CORRECTIONS if self.desk.work is not None:
                self._open(CorrectionsScreen(self.desk, self.desk.work))
            case Go.STATISTICS if self.desk.reports is not None:
                self._open(StatisticsScreen(self.desk, self.desk.reports))
            case Go.WAIVE:
                self._open(WaiveDialog(self.desk))
            case Go.COUNT:
                self._open(CountDialog(self.desk))
            case Go.NOTE:
                self._open((CopyNoteDialog if self._work is Workflow.RECEIVE else NoteDialog)(self.desk))
            case Go.HELP:
                self._open_manual()
            case Go.SIGNS:
                self._close_manual()
                self.push_screen(HelpScreen(self.desk))
            case Go.UNDO if self.desk.snapshot.undo:
                self._back_to_work()
                self._bench.submit(Enter(Workflow.INSPECT))
                self._bench.submit(Act("undo-last"))
            case Go.BOARD if self.desk.board is not None:
                self._open(StatusBoardScreen(self.desk, self.desk.board))
            case Go.DISPLAY_AND_SOUND:
                self._open(DisplayAndSoundScreen(self.desk))
            case Go.SOUND_CHECK:
                self._open(SoundCheckScreen(self.desk))
            case Go.THEME:
                self.desk.theme = next_theme(self.desk.theme)
                self.theme = THEMES[self.desk.theme].name
                self._draw_again()
            case Go.LARGE:
                self.desk.large = not self.desk.large
                self._draw_again()
            case Go.LAST_ITEMS:
                self._open(LastItemsScreen(self.desk))
            case Go.BACK if not self._at_work:
                self.pop_screen()
            case Go.CLOSE:
                if not self._close_manual():
                    self._back_to_work()
            case Go.SIGN_OFF:
                self._back_to_work()
                self._bench.submit(SignOff())
            case Go.QUIT:
                self.ask_to_leave()
            case Go.QUIT_NOW:
                self.leave()
            case _:  # the screens themselves handle the other destinations
                return

    def _open_manual(self) -> None:
        """Open the manual at the page about the current screen; without a manual, show the signs and keys. It covers
        every screen and changes nothing under it."""
        self._close_manual()
        manual, about = self.desk.manual, help_with(self.screen, self.desk.snapshot)
        self.push_screen(HelpScreen(self.desk) if manual is None else ManualScreen(self.desk, manual, about))

    def _close_manual(self) -> bool:
        """Return to the screen from which help was opened; False if no help is open."""
        shown = isinstance(self.screen, ManualScreen | HelpScreen)
        while isinstance(self.screen, ManualScreen | HelpScreen):
            self.pop_screen()
        return shown

    def _print_label(self, what: Print) -> None:
        """Print in a worker thread, because a printer may be slow. Ignore taps until it is done."""
        labels, snapshot = self.desk.labels, self.desk.snapshot
        job = print_job(labels, snapshot, what, self.desk.judged) if labels is not None else None
        if job is None or self._label_on_its_way:
            return
        self._label_on_its_way = True

        def work() -> None:
            try:
                made = job()
            except StationError as error:
                self.post_message(LabelPrinted(tell("dialog.not-printed"), tell(error.sentence)))
            else:
                self.post_message(LabelPrinted(tell(f"dialog.{made.code}", form=made.form), made.sentence))

        run_in_thread(self, work)

    def _print_papers(self, snapshot: Snapshot) -> None:
        """Print in a worker thread what the bench wants printed, each paper once. Only a failure is reported: the buttons
        print again."""
        labels, view = self.desk.labels, snapshot.workflow_view
        orders = (
            tuple(order for order in view.papers if order.number > self._last_paper)
            if isinstance(view, PackView)
            else ()
        )
        if labels is None or not orders:
            return
        self._last_paper = orders[-1].number

        def work() -> None:
            try:
                papers(labels, orders)
            except StationError as error:
                self.post_message(LabelPrinted(tell("dialog.not-printed"), tell(error.sentence)))

        run_in_thread(self, work)

    def on_label_printed(self, message: LabelPrinted) -> None:
        """Report the result over any screen; the next scan closes the dialog."""
        self._label_on_its_way = False
        self._report(message.heading, message.sentence)

    def on_part_ended(self, message: PartEnded) -> None:
        """Report it over any screen, because further work may be lost."""
        self._report(tell("dialog.part-ended"), tell("dialog.part-ended-what", part=message.part))

    def _report(self, heading: str, sentence: str) -> None:
        """Show a result over the page or work from which it was asked; it replaces another dialog."""
        while isinstance(self.screen, Dialog) and not self._at_work:
            self.pop_screen()
        self.push_screen(PrintedDialog(self.desk, heading, sentence))

    def _open(self, screen: StationScreen | Dialog) -> None:
        """Show one screen over the work screen, replacing any other. Only help, an entry opened from a list, and the result
        of a print job may cover that one."""
        self._back_to_work()
        self.push_screen(screen)

    def _back_to_work(self) -> None:
        while isinstance(self.screen, StationScreen | Dialog) and not self._at_work:
            self.pop_screen()

    @property
    def _at_work(self) -> bool:
        screen = self.screen
        return isinstance(screen, SignOnDialog) or (isinstance(screen, StationScreen) and screen.workflow is not None)

    # --- leaving ----------------------------------------------------------------------------------------------------

    def ask_to_leave(self) -> None:
        """Leave, or ask first if an item is in hand."""
        if in_hand(self.desk.snapshot):
            if not isinstance(self.screen, QuitDialog):
                self._open(QuitDialog(self.desk))
        else:
            self.leave()

    def leave(self) -> None:
        """Tell the bench to finish the write in progress, and close the screens."""
        if not self._left:
            self._left = True
            self._bench.submit(Quit())
        self.exit()

    def on_terminal_lost(self, _message: TerminalLost) -> None:
        """Leave without a question: no answer can arrive."""
        self.leave()

    def get_driver_class(self) -> type[Driver]:
        """Return `WatchedDriver` where Textual would choose its plain Linux driver."""
        chosen = super().get_driver_class()
        return WatchedDriver if chosen is LinuxDriver else chosen

    async def action_quit(self) -> None:
        """Textual's own quit action (for example, a closed browser tab) leaves in the same orderly way, without a
        question."""
        self.leave()
