"""A shift on a real pty: the real screens, bench, journal and outbox, simulated tags, and a manual clock.

    python -m tests.stories.shift_app FOLDER

The keyboard is the terminal. After a scan, the app waits for a byte from the parent on file descriptor 4. Then it
places the item's tag, answers its checks and delivers its result. It writes a byte to file descriptor 3, waits for
`READY`, and lifts the tag. Before that, `CHANGE` lets the other worker sign on, and `LARGE` switches large text on or
off.
The virtual clock advances by the time that an operator needs, so that a shift of many days passes in minutes.
"""

from __future__ import annotations

import os
import queue
import random
import sys
import threading
from collections.abc import Callable
from pathlib import Path

from station.base.words import tell
from station.bench.bench import Bench
from station.bench.bench_ports import BenchPorts
from station.domain.commands import Answer, Command, Quit, Scan, SignOn
from station.domain.findings import Outcome
from station.domain.item import Barcode, ItemRecord
from station.domain.ports import StationStatus, Worker
from station.domain.snapshot import Phase, Snapshot
from station.domain.tag_image import Uid
from station.store.owner import Store, open_store
from station.sync.courier.courier import Courier
from station.sync.file_sink import FileSink
from station.tui.app import StationApp
from station.tui.widgets.touch import Action, Go, TouchButton
from tests.conftest import FakeClock
from tests.support.simulated_bench import RULES, SETTINGS, SimReader, Tag, World, record

SECONDS_AN_ITEM = 25.0
"""Seconds on the virtual clock that an operator needs for one item, including placing it and answering."""
SYSTEMS = ("file", "alma")
"""Two library systems; a file takes the results of both."""
OUT, GO = 3, 4
READY, CHANGE, LARGE = b"r", b"c", b"l"
WORKERS = {one.id: one for one in (Worker(id="ann", name="Ann"), Worker(id="eva", name="Eva", language="es"))}


class People:
    """Two workers with a language each."""

    def find(self, name: str) -> Worker:
        return WORKERS.get(name, WORKERS["ann"])


class Records:
    """A catalog with a record for every barcode."""

    def find(self, barcode: Barcode) -> ItemRecord:
        return record(barcode)


class Shift:
    """`ports.BenchPort`; the bench and the simulated operator run in a separate thread."""

    def __init__(self, store: Store, folder: Path, clock: FakeClock) -> None:
        self.snapshot = Snapshot()
        self.clock = clock
        self.world = World()
        self.items = 0
        self.worker = "ann"
        self.toggle_large: Callable[[], object] = lambda: None
        self._store = store
        self._subscribers: list[Callable[[Snapshot], None]] = []
        self._commands: queue.Queue[Command] = queue.Queue()
        sinks = {name: FileSink(folder / f"{name}.jsonl", tell, name) for name in SYSTEMS}
        self._courier = Courier(store.outbox, sinks, clock, random.Random(1))
        ids = iter(range(1, sys.maxsize))
        self._bench = Bench(
            BenchPorts(
                languages=("en", "es"),
                reader=SimReader(self.world),
                catalog=Records(),
                journal=store.journal,
                clock=clock,
                settings=SETTINGS,
                rules=RULES,
                systems=SYSTEMS,
                new_id=lambda: f"attempt-{next(ids)}",
                publish=self._publish,
                status=self._status,
                history=store.queries,
                people=People(),
            )
        )
        self._thread = threading.Thread(target=self._work, daemon=True)

    def start(self) -> None:
        """Look at the pad for the first time, then process scans."""
        self._look(2)
        self._thread.start()

    def submit(self, command: Command) -> str:
        self._commands.put(command)
        return ""

    def subscribe(self, subscriber: Callable[[Snapshot], None]) -> Callable[[], None]:
        self._subscribers.append(subscriber)
        return lambda: self._subscribers.remove(subscriber)

    def _publish(self, snapshot: Snapshot) -> None:
        self.snapshot = snapshot
        for subscriber in tuple(self._subscribers):
            subscriber(snapshot)

    def _status(self, viewer: str) -> StationStatus:
        return StationStatus(outbox_depth=0, lately=self._store.queries.seen_by(viewer).lately())

    def _look(self, times: int) -> None:
        for _ in range(times):
            self.clock.pause(self._bench.tick())

    def _work(self) -> None:
        try:
            while not isinstance(command := self._commands.get(), Quit):
                self._bench.handle(command)
                if isinstance(command, Scan):
                    os.read(GO, 1)
                    self._one()
                    os.write(OUT, b".")
                    self._changes()
                    self._lift()
        except BaseException as error:
            os.write(OUT, f"!{error!r} {self.snapshot.phase} {self.snapshot.fault}\n".encode())
            raise

    def _changes(self) -> None:
        """Do what the parent asks for while the verdict is shown."""
        while (what := os.read(GO, 1)) != READY:
            if what == CHANGE:
                self.worker = "eva" if self.worker == "ann" else "ann"
                self._bench.handle(SignOn(operator=self.worker))
            else:
                self.toggle_large()

    def _one(self) -> None:
        """Place the tag, answer the checks, deliver the result."""
        self.items += 1
        uid = Uid(f"E0040100{self.items:08X}")
        self.world.tags[uid] = Tag(uid)
        self.world.place(uid)
        self._look(3)
        if self.snapshot.phase is not Phase.CHECKING:
            raise AssertionError("no checks")
        shown = self.snapshot
        for check in shown.checks[shown.current_check :]:
            self._bench.handle(Answer(check.rule, Outcome.PASS))
        if self.snapshot.phase is not Phase.DONE:
            raise AssertionError("not done")
        self.clock.pause(SECONDS_AN_ITEM)
        while self._courier.step() == 0.0:
            pass

    def _lift(self) -> None:
        self.world.lift()
        self._look(2)
        self.world.tags.clear()


def main() -> None:
    folder = Path(sys.argv[1])
    clock = FakeClock()
    store = open_store(folder / "journal.db", clock, rules=RULES.texts)
    shift = Shift(store, folder, clock)
    app = StationApp(shift, store.queries, SETTINGS)
    shift.toggle_large = lambda: app.post_message(TouchButton.Tapped(Action("", Go.LARGE)))
    shift.start()
    app.run()
    store.close()


if __name__ == "__main__":
    main()
