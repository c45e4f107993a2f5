"""Make docs/manual/pictures/*.png from a live run: the demo's emulated reader and tags, the real bench, the real screens.

Unlike scripts/make_screenshots.py, which draws prepared snapshots, every sentence in these pictures was said by the
bench. Needs Chromium and the font Fira Code, as that script does.

    python scripts/make_manual_pictures.py
"""

from __future__ import annotations

import asyncio
import shutil
import sys
import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from scripts.make_screenshots import convert  # noqa: E402
from station.catalog.sample import SAMPLE_ITEMS  # noqa: E402
from station.clock import SystemClock  # noqa: E402
from station.commands import Answer, Cancel, Choose, Scan  # noqa: E402
from station.demo.imaginary import SPARE, ImaginaryBench  # noqa: E402
from station.demo.shelf import ShelfItem, shelf  # noqa: E402
from station.demo.stage import Stage  # noqa: E402
from station.model import Outcome, Phase, Snapshot  # noqa: E402
from station.printing.bench import BenchLabels  # noqa: E402
from station.store.sight import WorkViews  # noqa: E402
from station.systems import catalog_index  # noqa: E402
from station.tui.app import StationApp  # noqa: E402
from station.wiring import workforce  # noqa: E402

TARGET = ROOT / "docs" / "manual" / "pictures"
SIZE = (100, 30)
PATIENCE_S = 30.0


class Session:
    """One evening at the imaginary bench, with a camera."""

    def __init__(self, stage: Stage, items: tuple[ShelfItem, ...], app: StationApp, folder: Path) -> None:
        self.stage = stage
        self.items = items
        self.app = app
        self.folder = folder

    def item(self, kind: str, *, skip: int = 0) -> ShelfItem:
        """An item of the imaginary shelf by its kind of tag."""
        return [shelved for shelved in self.items if shelved.kind == kind][skip]

    def scan(self, shelved: ShelfItem) -> None:
        self.stage.station.bench.submit(Scan(shelved.item.barcode))

    def place(self, shelved: ShelfItem) -> None:
        self.stage.reader.call("place", uid=shelved.tag.uid)

    def lift(self) -> None:
        self.stage.reader.call("lift", uid="all")

    async def until(self, good: Callable[[Snapshot], bool]) -> Snapshot:
        """Wait for the bench, and then for the screen."""
        loop = asyncio.get_running_loop()
        end = loop.time() + PATIENCE_S
        while not good(self.stage.station.bench.snapshot):
            if loop.time() > end:
                raise TimeoutError(str(self.stage.station.bench.snapshot))
            await asyncio.sleep(0.02)
        await asyncio.sleep(0.3)
        return self.stage.station.bench.snapshot

    async def phase(self, phase: Phase) -> Snapshot:
        return await self.until(lambda snapshot: snapshot.phase is phase)

    async def fault(self, code: str) -> Snapshot:
        return await self.until(lambda snapshot: snapshot.fault is not None and snapshot.fault.code == code)

    def shoot(self, name: str) -> None:
        """One picture of the screen as it is."""
        svg = self.app.export_screenshot(title="RFID Processing Station")
        (self.folder / f"{name}.svg").write_text(svg, encoding="utf-8")

    async def aside(self) -> None:
        """End the item in hand and clear the pad."""
        self.lift()
        self.stage.station.bench.submit(Cancel())
        await self.phase(Phase.IDLE)
        await asyncio.sleep(0.6)

    async def checks(self, shoot: str = "") -> None:
        """Pass every check; `shoot` is the rule whose check is photographed."""
        snapshot = await self.phase(Phase.CHECKING)
        while snapshot.phase is Phase.CHECKING:
            check = snapshot.checks[snapshot.current_check]
            if check.rule == shoot:
                await asyncio.sleep(0.3)
                self.shoot("check")
            self.stage.station.bench.submit(Answer(check.rule, Outcome.PASS))
            at = snapshot.current_check
            snapshot = await self.until(partial(_past, at))


def _past(at: int, snapshot: Snapshot) -> bool:
    """True when the check at this place is answered."""
    return snapshot.phase is not Phase.CHECKING or snapshot.current_check != at


async def play(session: Session) -> None:
    """The evening."""
    await session.until(lambda snapshot: snapshot.reader_ready)
    session.shoot("idle")
    plain = session.item("blank")
    session.scan(plain)
    await session.phase(Phase.NEED_TAG)
    session.shoot("scanned")
    session.place(plain)
    await session.phase(Phase.WRITING)
    await session.checks("spine-label")
    await session.phase(Phase.DONE)
    session.shoot("pass")
    session.lift()

    wrong = session.item("other")
    session.scan(wrong)
    await session.phase(Phase.NEED_TAG)
    session.place(wrong)
    await session.fault("other-item")
    session.shoot("other-item")
    session.stage.station.bench.submit(Choose("overwrite"))
    await session.until(lambda snapshot: snapshot.fault is not None and "again" in snapshot.fault.sentence)
    session.shoot("overwrite")
    await session.aside()

    part = session.item("part")
    session.scan(part)
    await session.phase(Phase.NEED_TAG)
    session.shoot("parts")
    await session.aside()

    torn = session.item("blank", skip=1)
    session.stage.reader.call("lift-after-writes", n=3, mode="subset", seed=7)
    session.scan(torn)
    await session.phase(Phase.NEED_TAG)
    session.place(torn)
    await session.fault("tag-lost")
    session.shoot("lifted")
    session.stage.station.bench.submit(Cancel())
    await session.phase(Phase.IDLE)
    session.shoot("unfinished")


async def main() -> int:
    """Play, photograph, draw."""
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    if chromium is None:
        print("chromium is not installed", file=sys.stderr)
        return 1
    TARGET.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder) / "data"
        with Stage(data) as stage:
            barcodes = [(str(barcode), special) for barcode, _title, special in SAMPLE_ITEMS]
            items = shelf(barcodes, catalog_index(stage.settings, data), stage.settings)
            stage.create(*(shelved.tag for shelved in items), SPARE)
            hands = ImaginaryBench(stage.reader, stage.ils, stage.station.bench, items)
            hands.start()
            station = stage.station
            labels = BenchLabels(stage.settings.labels, data, SystemClock(), {})
            views = WorkViews(station.store.queries, workforce(data, station.store.queries))
            app = StationApp(
                station.bench, station.queries, stage.settings, hands, labels=labels, work=views, outbox=station
            )
            try:
                async with app.run_test(size=SIZE):
                    await play(Session(stage, items, app, Path(folder)))
            finally:
                hands.stop()
        for svg in sorted(Path(folder).glob("*.svg")):
            convert(chromium, svg, TARGET / f"{svg.stem}.png")
            print(svg.stem)
    return 0


if __name__ == "__main__":
    raise SystemExit(asyncio.run(main()))
