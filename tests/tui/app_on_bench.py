"""The real screens over the real bench, in one thread: scans and taps in, tags placed on a simulated pad."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from station.domain.commands import Command
from station.domain.snapshot import Snapshot
from station.domain.tag_image import Uid
from station.tui.app import StationApp
from tests.support.simulated_bench import SETTINGS, Rig
from tests.tui.running_app import Desk
from tests.tui.scenes import FakeQueries


class LiveBench:
    """`ports.BenchPort` over a rig: each command is carried out at once."""

    def __init__(self, rig: Rig) -> None:
        self.rig = rig
        self.subscribers: list[Callable[[Snapshot], None]] = []
        self.sent: list[Command] = []
        self._told = len(rig.shown)

    @property
    def snapshot(self) -> Snapshot:
        return self.rig.now

    def submit(self, command: Command) -> str:
        self.sent.append(command)
        self.rig.bench.handle(command)
        self.tell()
        return ""

    def tell(self) -> None:
        """Pass on the snapshots that the bench has published."""
        new, self._told = self.rig.shown[self._told :], len(self.rig.shown)
        for snapshot in new:
            for subscriber in tuple(self.subscribers):
                subscriber(snapshot)

    def subscribe(self, subscriber: Callable[[Snapshot], None]) -> Callable[[], None]:
        self.subscribers.append(subscriber)
        return lambda: self.subscribers.remove(subscriber)


class LiveDesk(Desk):
    """Makes scans and taps, and places and lifts tags."""

    rig: Rig
    live: LiveBench

    async def place(self, *uids: Uid) -> None:
        self.rig.place(*uids)
        self.rig.look(2)
        self.live.tell()
        await self.pilot.pause()

    async def lift(self) -> None:
        self.rig.lift()
        self.live.tell()
        await self.pilot.pause()


@asynccontextmanager
async def live(rig: Rig | None = None, size: tuple[int, int] = (100, 30), **more: object) -> AsyncIterator[LiveDesk]:
    rig = rig or Rig()
    bench = LiveBench(rig)
    app = StationApp(bench, FakeQueries(), SETTINGS, None, rig.clock.monotonic, **more)  # type: ignore[arg-type]
    async with app.run_test(size=size) as pilot:
        await pilot.pause()
        desk = LiveDesk(pilot, bench, None, rig.clock)  # type: ignore[arg-type]
        desk.rig, desk.live = rig, bench
        yield desk
