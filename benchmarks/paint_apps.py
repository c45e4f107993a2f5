"""The two apps for `paint`, each run as a process on a pty: `python -m benchmarks.paint_apps station|minimal`."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable

from textual.app import App, ComposeResult
from textual.events import Key
from textual.widgets import Static

from station.base.bus import Bus
from station.base.mailbox import Mailbox
from station.base.sentence import Sentence
from station.base.settings import Library, Settings
from station.domain.commands import Command, Quit, Scan
from station.domain.deliveries.delivery import Delivery, DeliveryRate
from station.domain.item import Barcode, ItemRecord
from station.domain.item_state import StateSince
from station.domain.ports import JournalRow
from station.domain.snapshot import Phase, PlannedTag, Snapshot
from station.domain.withdrawals.withdrawal import Withdrawal
from station.tui.app import StationApp


class Minimal(App[None]):
    """Shows the last line that was typed."""

    ENABLE_COMMAND_PALETTE = False

    def __init__(self) -> None:
        super().__init__()
        self._typed = ""

    def compose(self) -> ComposeResult:
        yield Static("ready", markup=False)

    def on_key(self, event: Key) -> None:
        if event.key == "enter":
            self.query_one(Static).update(self._typed)
            self._typed = ""
        elif event.character:
            self._typed += event.character


class Answering:
    """`BenchPort` that answers each scan with a complete item, from its own thread, as the bench does."""

    def __init__(self) -> None:
        self._bus = Bus(
            Snapshot(
                number=1, reader=Sentence.verbatim("ready"), reader_ready=True, operator=Sentence.verbatim("operator")
            )
        )
        self._mailbox: Mailbox[Command] = Mailbox("bench", self._handle, lambda: 60.0, self._failed)
        self._mailbox.start()

    def submit(self, command: Command) -> str:
        if isinstance(command, Quit):
            self._mailbox.stop(0.0)
        else:
            self._mailbox.put(command)
        return ""

    @property
    def snapshot(self) -> Snapshot:
        return self._bus.latest

    def subscribe(self, subscriber: Callable[[Snapshot], None]) -> Callable[[], None]:
        return self._bus.subscribe(subscriber)

    def _handle(self, command: Command) -> None:
        if isinstance(command, Scan):
            self._bus.publish(_scanned(command.text, self._bus.latest.number + 1))

    @staticmethod
    def _failed(error: Exception) -> None:
        raise error


class NoQueries:
    """`QueryPort` of an empty journal."""

    def seen_by(self, viewer: str) -> NoQueries:
        del viewer
        return self

    def journal_page(
        self, before: int | None = None, limit: int = 50, *, plain: bool = False
    ) -> tuple[JournalRow, ...]:
        del before, limit, plain
        return ()

    def titles(self, barcodes: Iterable[str]) -> dict[str, str]:
        del barcodes
        return {}

    def outbox_page(self, offset: int = 0, limit: int = 50, state: str = "") -> tuple[Delivery, ...]:
        del offset, limit, state
        return ()

    def state_of(self, barcode: str) -> StateSince | None:
        del barcode
        return None

    def withdrawal_of_item(self, barcode: str) -> Withdrawal | None:
        del barcode
        return None

    def judged(self, barcode: str) -> None:
        del barcode

    def item_history(self, barcode: str, limit: int = 50) -> tuple[JournalRow, ...]:
        del barcode, limit
        return ()

    def outbox_counts(self) -> dict[str, int]:
        return {}

    def delivery_rates(self) -> tuple[DeliveryRate, ...]:
        return ()

    def done_today(self) -> int:
        return 0


def _scanned(barcode: str, number: int) -> Snapshot:
    item = ItemRecord(
        barcode=Barcode(barcode),
        title=f"Imaginary book {number} : with maps, soundings and a gazetteer",
        author=f"Counter, Ann, {number}.",
        call_number=f"PZ4.C68 I43 no.{number}",
        call_number_scheme="lc",
        library="MAIN",
        location="STACKS",
        item_type="BOOK",
        description=f"no.{number}",
        material="book",
        extent="212 pages",
        height_cm=24.0,
        label_lines=("PZ", "4", ".C68", "I43", f"no.{number}"),
        origin=Sentence.verbatim("catalog index"),
    )
    planned = PlannedTag(
        model="ISO 28560-2",
        elements=tuple(
            (name, Sentence.verbatim(value))
            for name, value in (("Primary item identifier", barcode), ("Owner institution", "US-ImagCC"))
        ),
        afi=0x07,
        part=1,
        parts=1,
    )
    return Snapshot(
        number=number,
        phase=Phase.NEED_TAG,
        prompt=Sentence.verbatim("Put the item on the pad"),
        item=item,
        planned=planned,
        reader=Sentence.verbatim("ready"),
        reader_ready=True,
        operator=Sentence.verbatim("operator"),
    )


def main() -> None:
    """Run the named app."""
    if sys.argv[1] == "minimal":
        Minimal().run()
    else:
        settings = Settings(library=Library(isil="US-ImagCC", name="Imaginary Community College"))
        StationApp(Answering(), NoQueries(), settings, None).run()


if __name__ == "__main__":
    main()
