"""The operator's screens: shows snapshots, sends commands, owns nothing else.

The bench publishes from a foreign thread; its snapshots come in as messages, of which the newest replaces all that
wait. No key reaches a widget: keys belong to the scanner first, then to the demo, and Ctrl+Q asks to leave.
"""

from __future__ import annotations

import time
from collections.abc import Callable

from textual import events
from textual.app import App
from textual.driver import Driver
from textual.drivers.linux_driver import LinuxDriver
from textual.message import Message

from station.commands import Quit, Scan
from station.deliveries import OutboxPort
from station.errors import StationError
from station.model import Snapshot
from station.ports import BenchPort, DemoPort, DemoState, LabelPort, QueryPort, WorkPort
from station.settings import Settings
from station.tui.actions import DEMO_KEYS, demo_action
from station.tui.correction import CorrectionScreen
from station.tui.corrections import CorrectionsScreen
from station.tui.dialogs import Dialog, MenuDialog, PrintedDialog, QuitDialog, WaiveDialog
from station.tui.note import NoteDialog
from station.tui.outbox import OutboxScreen
from station.tui.pages import HelpScreen, JournalScreen
from station.tui.pane import Desk, StationScreen
from station.tui.process import ProcessScreen
from station.tui.scanner import BurstCollector
from station.tui.sounds import Speaker
from station.tui.terminal import TerminalLost, WatchedDriver, leave_on_signals
from station.tui.theme import THEME
from station.tui.touch import DemoAct, Go, Open, Pick, TapGuard, TouchButton
from station.tui.words import in_hand

_LEAVE_KEYS = ("ctrl+q", "ctrl+c")


class SnapshotArrived(Message):
    """The bench published; a newer one replaces it while it waits."""

    def __init__(self, snapshot: Snapshot) -> None:
        super().__init__()
        self.snapshot = snapshot

    def can_replace(self, message: Message) -> bool:
        """A flood collapses into its newest."""
        return isinstance(message, SnapshotArrived)


class DemoArrived(Message):
    """The imaginary bench changed; a newer one replaces it while it waits."""

    def __init__(self, state: DemoState) -> None:
        super().__init__()
        self.state = state

    def can_replace(self, message: Message) -> bool:
        """A flood collapses into its newest."""
        return isinstance(message, DemoArrived)


class LabelPrinted(Message):
    """What became of a label."""

    def __init__(self, heading: str, sentence: str) -> None:
        super().__init__()
        self.heading = heading
        self.sentence = sentence


class StationApp(App[None], inherit_bindings=False):
    """The station's face. `clock` gives seconds that never go back (for double taps and abandoned bursts only)."""

    CSS_PATH = "station.tcss"
    TITLE = "RFID Processing Station"
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
    ) -> None:
        super().__init__()
        self._bench = bench
        self._demo = demo
        self._now = clock
        self._scanner = BurstCollector(settings.scanner)
        self._sound_on = settings.screen.sound
        self._speaker = Speaker(settings.screen.sound_player, self.bell, self.set_timer)
        self._last_sound = bench.snapshot.sound_number
        self._unsubscribe: list[Callable[[], None]] = []
        self._left = False
        self._label_on_its_way = False
        self.desk = Desk(settings, queries, demo, TapGuard(clock), labels, work, outbox)
        self.desk.snapshot = bench.snapshot
        self.register_theme(THEME)
        self.theme = THEME.name

    # --- values coming in -------------------------------------------------------------------------------------------

    def on_mount(self) -> None:
        """Subscribe, then look once more: nothing published in between is missed."""
        self.push_screen(ProcessScreen(self.desk))
        if not self.is_headless:
            leave_on_signals(self.leave)
        self._unsubscribe.append(self._bench.subscribe(self._publish))
        if self._demo is not None:
            self._unsubscribe.append(self._demo.subscribe(self._publish_demo))
        self._publish(self._bench.snapshot)

    def on_unmount(self) -> None:
        """Nobody listens any more."""
        for unsubscribe in self._unsubscribe:
            unsubscribe()
        self._unsubscribe.clear()
        self._speaker.close()

    def _publish(self, snapshot: Snapshot) -> None:
        self.post_message(SnapshotArrived(snapshot))

    def _publish_demo(self, state: DemoState) -> None:
        self.post_message(DemoArrived(state))

    def on_snapshot_arrived(self, message: SnapshotArrived) -> None:
        """Draw it everywhere, and make its sound once."""
        snapshot = message.snapshot
        if snapshot.number < self.desk.snapshot.number:
            return
        self.desk.snapshot = snapshot
        for screen in self.screen_stack:
            if isinstance(screen, StationScreen | Dialog) and screen.is_mounted:
                screen.show(snapshot)
        if snapshot.sound_number > self._last_sound:
            self._last_sound = snapshot.sound_number
            if self._sound_on:
                self._speaker.play(snapshot.sound)

    def on_demo_arrived(self, message: DemoArrived) -> None:
        """Draw the imaginary bench."""
        self.desk.demo_state = message.state
        for screen in self.screen_stack:
            if isinstance(screen, StationScreen) and screen.is_mounted:
                screen.show_demo(message.state)

    # --- keys and taps going out ------------------------------------------------------------------------------------

    async def on_event(self, event: events.Event) -> None:
        """Keys end here, before any widget or screen; pasted text is nobody's."""
        if isinstance(event, events.Key):
            if not event.is_forwarded:
                self._take_key(event)
            return
        if isinstance(event, events.Paste):
            return
        await super().on_event(event)

    def _take_key(self, event: events.Key) -> None:
        if isinstance(self.screen, NoteDialog) and event.key not in _LEAVE_KEYS:
            self.screen.type_key(event.key, event.character)
            return
        taken = self._scanner.feed(event.key, event.character, self._now())
        if taken.text is not None:
            self._back_to_work()
            self._bench.submit(Scan(taken.text))
        elif not taken.taken:
            if event.key in _LEAVE_KEYS:
                self.ask_to_leave()
            elif self._demo is not None and event.key in DEMO_KEYS:
                self._demo.act(demo_action(DEMO_KEYS[event.key], self._demo.state))

    def on_touch_button_tapped(self, message: TouchButton.Tapped) -> None:
        """Every tap that no screen kept for itself."""
        does = message.action.does
        if isinstance(does, DemoAct):
            if self._demo is not None:
                self._demo.act(does.action)
        elif isinstance(does, Go):
            self._go(does)
        elif isinstance(does, Open):
            if self.desk.work is not None:
                self.push_screen(CorrectionScreen(self.desk, self.desk.work, does.correction))
        elif not isinstance(does, Pick):
            self._bench.submit(does)

    def _go(self, where: Go) -> None:
        match where:
            case Go.MENU:
                self._open(MenuDialog(self.desk))
            case Go.JOURNAL:
                self._open(JournalScreen(self.desk))
            case Go.OUTBOX:
                self._open(OutboxScreen(self.desk))
            case Go.CORRECTIONS if self.desk.work is not None:
                self._open(CorrectionsScreen(self.desk, self.desk.work))
            case Go.WAIVE:
                self._open(WaiveDialog(self.desk))
            case Go.NOTE:
                self._open(NoteDialog(self.desk))
            case Go.HELP:
                self._open(HelpScreen(self.desk))
            case Go.PRINT_LABEL | Go.PRINT_SLIP:
                self._print_label(where)
            case Go.BACK if not isinstance(self.screen, ProcessScreen):
                self.pop_screen()
            case Go.CLOSE:
                self._back_to_work()
            case Go.QUIT:
                self.ask_to_leave()
            case Go.QUIT_NOW:
                self.leave()
            case _:  # the other places are a screen's own
                return

    def _print_label(self, what: Go) -> None:
        """Print in a worker thread: a printer may take its time. A second tap meanwhile does nothing."""
        labels, snapshot = self.desk.labels, self.desk.snapshot
        if labels is None or snapshot.item is None or self._label_on_its_way:
            return
        item = snapshot.item
        self._label_on_its_way = True

        def work() -> None:
            try:
                if what is Go.PRINT_SLIP:
                    said = labels.slip(item, snapshot.findings, snapshot.operator)
                else:
                    said = labels.label(item)
            except StationError as error:
                self.post_message(LabelPrinted("× Not printed", error.message))
            else:
                self.post_message(LabelPrinted("✓ Printed", said))

        self.run_worker(work, thread=True)

    def on_label_printed(self, message: LabelPrinted) -> None:
        """Say what became of it, over whatever is shown; the next scan closes it."""
        self._label_on_its_way = False
        self._open(PrintedDialog(self.desk, message.heading, message.sentence))

    def _open(self, screen: StationScreen | Dialog) -> None:
        """One screen over the work screen, never more."""
        self._back_to_work()
        self.push_screen(screen)

    def _back_to_work(self) -> None:
        while isinstance(self.screen, StationScreen | Dialog) and not isinstance(self.screen, ProcessScreen):
            self.pop_screen()

    # --- leaving ----------------------------------------------------------------------------------------------------

    def ask_to_leave(self) -> None:
        """Leave, or ask first when an item is in hand."""
        if in_hand(self.desk.snapshot):
            if not isinstance(self.screen, QuitDialog):
                self._open(QuitDialog(self.desk))
        else:
            self.leave()

    def leave(self) -> None:
        """Tell the bench to finish what is in flight, and close the screen."""
        if not self._left:
            self._left = True
            self._bench.submit(Quit())
        self.exit()

    def on_terminal_lost(self, _message: TerminalLost) -> None:
        """Nobody can answer a question any more."""
        self.leave()

    def get_driver_class(self) -> type[Driver]:
        """The watched driver, where Textual would take its plain one."""
        chosen = super().get_driver_class()
        return WatchedDriver if chosen is LinuxDriver else chosen

    async def action_quit(self) -> None:
        """Textual's own way out (a closed browser tab, for one) is the same orderly one, without a question."""
        self.leave()
