"""Physical actions at the imaginary bench: `ports.DemoPort` over the emulators' control sockets."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from typing import Final

from station.base.bus import Bus
from station.base.errors import StationError
from station.base.mailbox import Mailbox
from station.base.words import tell
from station.demo.process import Emulator
from station.demo.shelf import DemoTag, ShelfItem, uid
from station.domain.commands import Scan
from station.domain.ports import BenchPort, DemoCard, DemoState
from station.domain.tag_image import Uid

_log = logging.getLogger("station.demo")

_CARD: Final = "card:"
SPARE = DemoTag(uid=uid(0xFFFF))
"""The tag of the second book on the pad ("two at once")."""


class ImaginaryBench:
    """The imaginary bench. It acts in its own thread, so that a screen never waits for an emulator."""

    def __init__(
        self,
        reader: Emulator,
        ils: Emulator | None,
        bench: BenchPort,
        items: Sequence[ShelfItem],
        cards: Callable[[], tuple[DemoCard, ...]] = tuple,
    ) -> None:
        self._reader = reader
        self._ils = ils
        self._bench = bench
        self._items = tuple(items)
        self._cards = cards
        """Return the cards of the people who can sign on."""
        self._second = tell("demo.second-item")  # the demo's thread has no session
        self._at = 0
        self._bus: Bus[DemoState] = Bus(DemoState(item=self._items[0].item, cards=cards()))
        self._mailbox: Mailbox[str] = Mailbox("demo", self._do, self._refresh, self._failed)
        self._ils_up = True

    def start(self) -> None:
        """Start the thread."""
        self._mailbox.start()

    def stop(self) -> None:
        """Finish the current action and end the thread."""
        self._mailbox.stop()

    # --- DemoPort ---------------------------------------------------------------------------------------------------

    @property
    def state(self) -> DemoState:
        return self._bus.latest

    def subscribe(self, subscriber: Callable[[DemoState], None]) -> Callable[[], None]:
        return self._bus.subscribe(subscriber)

    def act(self, action: str) -> None:
        self._mailbox.put(action)

    # --- in the demo's thread ---------------------------------------------------------------------------------------

    def _do(self, action: str) -> None:
        shelved = self._items[self._at]
        match action:
            case "next":
                self._at = (self._at + 1) % len(self._items)
            case "scan":
                self._bench.submit(Scan(shelved.item.barcode))
            case "place":
                self._reader.call("place", uid=shelved.tag.uid)
            case "swap":
                self._reader.call("lift", uid="all")
                self._reader.call("place", uid=shelved.tag.uid)
            case "lift":
                self._reader.call("lift", uid="all")
            case "two":
                self._reader.call("place", uid=SPARE.uid)
            case "lift-mid-write":
                self._reader.call("lift-after-writes", n=3, mode="subset")
            case "unplug" | "plug":
                self._reader.call(action)
            case "ils-down" | "ils-up" if self._ils is not None:
                self._ils.call(action.removeprefix("ils-"))
                self._ils_up = action == "ils-up"
            case _ if action.startswith(_CARD):
                self._bench.submit(Scan(action.removeprefix(_CARD)))
            case _:
                _log.warning("unknown demo action %s", action)
        self._refresh()

    def _refresh(self) -> float:
        seen = self._reader.call("state")
        titles = {shelved.tag.uid: f"{shelved.item.title} ({shelved.item.hint})" for shelved in self._items}
        titles[SPARE.uid] = self._second
        state = DemoState(
            item=self._items[self._at].item,
            on_pad=tuple(titles.get(Uid(tag), tag) for tag in seen["on_pad"]),
            reader_plugged=bool(seen["plugged"]),
            ils_up=self._ils_up,
            cards=self._cards() if self._bench.snapshot.sign_on_prompt is not None else self._bus.latest.cards,
        )
        if state != self._bus.latest:
            self._bus.publish(state)
        return 0.5

    def _failed(self, error: Exception) -> None:
        level = logging.WARNING if isinstance(error, StationError) else logging.ERROR
        _log.log(level, "demo: %s", error)
