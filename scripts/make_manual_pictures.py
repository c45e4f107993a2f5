"""Make docs/operator/pictures/*.png from a live run: the demo's emulated reader and tags, the real bench, the real
screens.

Also write each picture as text (pictures/NAME.txt, 80 x 24), for the manual inside the station. Unlike
scripts/make_screenshots.py, which draws prepared snapshots, every sentence in these pictures comes from the bench.
Needs Chromium and the font Fira Code, as that script does.

    python scripts/make_manual_pictures.py [NAME ...]
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
from station.base.clock import SystemClock  # noqa: E402
from station.base.words import tell  # noqa: E402
from station.catalog.sample.sample import SAMPLE_ITEMS  # noqa: E402
from station.demo.hands import SPARE, ImaginaryBench  # noqa: E402
from station.demo.shelf import ShelfItem, shelf  # noqa: E402
from station.demo.stage import CARTON, Stage  # noqa: E402
from station.demo.weeding import cart  # noqa: E402
from station.domain.commands import Act, Answer, Cancel, Choose, Enter, GivePin, Scan  # noqa: E402
from station.domain.findings import Outcome  # noqa: E402
from station.domain.people.sign_on import Asks, Pin  # noqa: E402
from station.domain.snapshot import Phase, Snapshot  # noqa: E402
from station.domain.workflows import (  # noqa: E402
    ConvertState,
    ConvertView,
    InspectView,
    ReceiveView,
    ReleaseView,
    RetagState,
    RetagView,
    SetState,
    SetView,
    UndoState,
    WithdrawState,
    WithdrawView,
    Workflow,
)
from station.printing.label_port import BenchLabels  # noqa: E402
from station.runtime.identity.authenticator import workforce  # noqa: E402
from station.runtime.library_systems import catalog_index  # noqa: E402
from station.store.people.visibility import WorkViews  # noqa: E402
from station.tui.app import StationApp  # noqa: E402
from station.tui.widgets.tap_guard import DEAF_S  # noqa: E402
from tests.stories.walk import Walk, steps_of  # noqa: E402

TARGET = ROOT / "docs" / "operator" / "pictures"
FIRST_DAY = ROOT / "docs" / "operator" / "first-day.md"
SIZE = (100, 30)
SMALL_SIZE = (80, 24)
"""Size of the pictures as text, because operators also read them on the smallest screen."""
PATIENCE_S = 30.0


class Session:
    """One run at the demo bench, with screenshots."""

    def __init__(self, stage: Stage, items: tuple[ShelfItem, ...], app: StationApp, folder: Path) -> None:
        self.stage = stage
        self.items = items
        self.app = app
        self.folder = folder

    def item(self, kind: str, *, skip: int = 0) -> ShelfItem:
        """Return an item of the demo shelf by its kind of tag."""
        return [shelved for shelved in self.items if shelved.kind == kind][skip]

    def scan(self, shelved: ShelfItem) -> None:
        self.stage.station.bench.submit(Scan(shelved.item.barcode))

    def place(self, shelved: ShelfItem) -> None:
        self.stage.reader.call("place", uid=shelved.tag.uid)

    def lift(self) -> None:
        self.stage.reader.call("lift", uid="all")

    async def until(self, good: Callable[[Snapshot], bool]) -> Snapshot:
        """Wait for the bench, and then for the screen and its buttons, which sleep when the question has changed."""
        loop = asyncio.get_running_loop()
        end = loop.time() + PATIENCE_S
        while not good(self.stage.station.bench.snapshot):
            if loop.time() > end:
                raise TimeoutError(str(self.stage.station.bench.snapshot))
            await asyncio.sleep(0.02)
        await asyncio.sleep(DEAF_S + 0.5)
        return self.stage.station.bench.snapshot

    async def phase(self, phase: Phase) -> Snapshot:
        return await self.until(lambda snapshot: snapshot.phase is phase)

    async def leaving(self, state: WithdrawState) -> Snapshot:
        return await self.until(lambda s: isinstance(s.workflow_view, WithdrawView) and s.workflow_view.state is state)

    async def fault(self, code: str) -> Snapshot:
        return await self.until(lambda snapshot: snapshot.fault is not None and snapshot.fault.code == code)

    def shoot(self, name: str) -> None:
        """Save one picture of the current screen: drawn, or as text if the screen has the small size."""
        if tuple(self.app.size) == SMALL_SIZE:
            rows = [strip.text.rstrip() for strip in self.app.screen._compositor.render_strips()]
            (self.folder / f"{name}.txt").write_text("\n".join(rows) + "\n", encoding="utf-8")
            return
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
                await asyncio.sleep(snapshot.all_good_after + 0.3)
                self.shoot("check")
            self.stage.station.bench.submit(Answer(check.rule, Outcome.PASS))
            at = snapshot.current_check
            snapshot = await self.until(partial(_past, at))


def _past(at: int, snapshot: Snapshot) -> bool:
    """True if the check at this index is answered."""
    return snapshot.phase is not Phase.CHECKING or snapshot.current_check != at


async def play(session: Session) -> None:
    """Go through the workflows and take the pictures."""
    await session.until(lambda snapshot: snapshot.reader_ready)
    session.shoot("idle")
    plain = session.item("blank")
    session.scan(plain)
    await session.phase(Phase.NEED_TAG)
    session.shoot("scanned")
    session.place(plain)
    await session.phase(Phase.WRITING)
    await session.checks("title-in-hand")
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
    await session.until(lambda snapshot: snapshot.fault is not None and "again" in tell(snapshot.fault.sentence))
    session.shoot("overwrite")
    await session.aside()

    part = session.item("part")
    session.scan(part)
    await session.phase(Phase.NEED_TAG)
    session.shoot("parts")
    await session.aside()
    await a_set(session, part)
    await a_report(session)

    await a_carton(session)
    await convert_some(session)

    torn = session.item("blank", skip=2)
    session.stage.reader.call("lift-after-writes", n=3, mode="subset", seed=7)
    session.scan(torn)
    await session.phase(Phase.NEED_TAG)
    session.place(torn)
    await session.fault("tag-lost")
    session.shoot("lifted")
    session.stage.station.bench.submit(Cancel())
    await session.phase(Phase.IDLE)
    session.shoot("unfinished")


async def a_set(session: Session, part: ShelfItem) -> None:
    """Photograph a set with one part on the pad."""
    bench = session.stage.station.bench
    bench.submit(Enter(Workflow.SETS))
    session.scan(part)
    await session.until(lambda s: isinstance(s.workflow_view, SetView) and s.workflow_view.state is SetState.GATHER)
    session.place(part)
    await session.until(lambda s: isinstance(s.workflow_view, SetView) and bool(s.workflow_view.seen))
    session.shoot("sets")
    session.lift()
    bench.submit(Cancel())
    bench.submit(Enter(Workflow.PROCESS))
    await session.until(lambda s: s.workflow is Workflow.PROCESS)


async def a_carton(session: Session) -> None:
    """Photograph a carton with a copy that has just been counted."""
    bench, line = session.stage.station.bench, CARTON.lines[0]
    bench.submit(Enter(Workflow.RECEIVE))
    bench.submit(Scan(CARTON.cartons[0]))
    for _ in range(2):
        bench.submit(Scan(line.numbers[0]))
    await session.until(lambda s: isinstance(s.workflow_view, ReceiveView) and s.workflow_view.counted == 2)
    session.shoot("receive")
    bench.submit(Enter(Workflow.PROCESS))
    await session.until(lambda s: s.workflow is Workflow.PROCESS)


async def a_report(session: Session) -> None:
    """Photograph the planned change of a tag."""
    bench = session.stage.station.bench
    bench.submit(Enter(Workflow.ERASE))
    session.place(session.item("other"))
    await session.until(lambda s: isinstance(s.workflow_view, RetagView) and s.workflow_view.state is RetagState.SHOWN)
    session.shoot("erase")
    session.lift()
    bench.submit(Cancel())
    bench.submit(Enter(Workflow.PROCESS))
    await session.until(lambda s: s.workflow is Workflow.PROCESS)


async def convert_some(session: Session) -> None:
    """Photograph a short conversion and its stack check."""
    bench = session.stage.station.bench
    bench.submit(Enter(Workflow.CONVERT))
    done = [session.item("ours"), session.item("blank", skip=1)]
    for number, shelved in enumerate(done, 1):
        session.scan(shelved)
        await session.phase(Phase.NEED_TAG)
        session.place(shelved)
        await session.until(lambda s, n=number: isinstance(s.workflow_view, ConvertView) and s.workflow_view.done == n)  # type: ignore[misc]
        if number == len(done):
            session.shoot("convert")
        session.lift()
        await asyncio.sleep(0.8)
    for shelved in done:
        session.place(shelved)
    await session.until(lambda s: isinstance(s.workflow_view, ConvertView) and s.workflow_view.report is not None)
    session.shoot("stack")
    session.lift()
    await session.until(
        lambda s: isinstance(s.workflow_view, ConvertView) and s.workflow_view.state is ConvertState.LINE
    )
    bench.submit(Act("end"))
    await session.until(lambda s: s.workflow is Workflow.PROCESS)

    bench.submit(Enter(Workflow.RELEASE))
    bench.submit(Act("session"))
    session.scan(session.item("other"))
    await session.until(
        lambda s: isinstance(s.workflow_view, ReleaseView) and len(s.workflow_view.lines) == len(done) + 1
    )
    session.shoot("release")
    bench.submit(Act("clear"))
    bench.submit(Enter(Workflow.INSPECT))
    session.place(done[1])
    await session.until(lambda s: isinstance(s.workflow_view, InspectView) and s.workflow_view.shown is not None)
    session.shoot("inspect")
    bench.submit(Act("undo"))
    await session.until(lambda s: isinstance(s.workflow_view, InspectView) and s.workflow_view.undo is UndoState.ASKED)
    session.shoot("undo")
    bench.submit(Act("undo-no"))
    session.lift()
    await asyncio.sleep(0.8)
    bench.submit(Enter(Workflow.PROCESS))
    await session.until(lambda s: s.workflow is Workflow.PROCESS)


async def evening(folder: Path, size: tuple[int, int]) -> None:
    """Run `play` once, with a screen of this size."""
    data = folder / f"data-{size[0]}"
    with Stage(data) as stage:
        barcodes = [(str(barcode), special) for barcode, _title, special in SAMPLE_ITEMS]
        items = shelf(barcodes, catalog_index(stage.settings, data), stage.settings)
        stage.create(*(shelved.tag for shelved in items), SPARE)
        hands = ImaginaryBench(stage.reader, stage.ils, stage.station.bench, items)
        hands.start()
        station = stage.station
        labels = BenchLabels(stage.settings.labels, data, SystemClock(), {}, station.store.queries.state_of)
        views = WorkViews(station.store.queries, workforce(data, station.store.queries))
        app = StationApp(
            station.bench, station.queries, stage.settings, hands, labels=labels, work=views, outbox=station.service
        )
        try:
            async with app.run_test(size=size):
                await play(Session(stage, items, app, folder))
        finally:
            hands.stop()


async def what_leaves(folder: Path, size: tuple[int, int]) -> None:
    """Photograph items of the cart of ten on their way out: one without a stop sign up to its checks, one on loan, and a set
    whose tags are erased part by part."""
    with Stage(folder / f"leaving-{size[0]}", weeding=True) as stage:
        items = cart(stage.weeded, stage.settings)
        stage.create(*(shelved.tag for shelved in items), SPARE)
        station, bench = stage.station, stage.station.bench
        views = WorkViews(station.store.queries, workforce(stage.data, station.store.queries))
        app = StationApp(bench, station.queries, stage.settings, None, work=views, outbox=station.service)
        async with app.run_test(size=size):
            session = Session(stage, items, app, folder)
            await session.until(lambda shown: shown.reader_ready)
            bench.submit(Enter(Workflow.WITHDRAW))
            await session.until(lambda shown: shown.workflow is Workflow.WITHDRAW)
            await _opens_cart(session)
            lent = session.item("on-loan")
            session.scan(lent)
            await session.leaving(WithdrawState.DECIDE)
            session.shoot("stop-sign")
            bench.submit(Act("back"))
            plain = session.item("ours")
            session.place(plain)
            session.scan(plain)
            await session.leaving(WithdrawState.DECIDE)
            session.shoot("deciding")
            bench.submit(Act("withdraw", plain.item.barcode))
            snapshot = await session.phase(Phase.CHECKING)
            bench.submit(Answer(snapshot.checks[snapshot.current_check].rule, Outcome.PASS))
            snapshot = await session.until(partial(_past, snapshot.current_check))
            await asyncio.sleep(snapshot.all_good_after + 0.3)
            session.shoot("withdraw")
            session.lift()
            bench.submit(Cancel())
            await session.leaving(WithdrawState.FREE)
            of_three = session.item("set")
            session.scan(of_three)
            await session.leaving(WithdrawState.DECIDE)
            bench.submit(Act("withdraw", of_three.item.barcode))
            await session.leaving(WithdrawState.STRIP)
            session.place(of_three)
            await session.until(lambda shown: _parts_left(shown) == 2)
            session.lift()
            await asyncio.sleep(DEAF_S + 0.5)
            session.shoot("stripping")


async def _opens_cart(session: Session) -> None:
    """Choose once why the items leave."""
    bench = session.stage.station.bench
    bench.submit(Act("cart"))
    for asked, key in (("reason", "weeded"), ("destination", "surplus"), ("approver", "Ida Lund")):
        await session.until(lambda s, a=asked: isinstance(s.workflow_view, WithdrawView) and s.workflow_view.asks == a)  # type: ignore[misc]
        bench.submit(Act("choose", key))
    await session.until(lambda s: isinstance(s.workflow_view, WithdrawView) and bool(s.workflow_view.cart))


def _parts_left(shown: Snapshot) -> int:
    view = shown.workflow_view
    return len(view.tags) if isinstance(view, WithdrawView) and view.state is WithdrawState.STRIP else 0


async def at_sign_on(folder: Path, size: tuple[int, int]) -> None:
    """Photograph the question for a PIN, and the request for a technician at the bench."""
    with Stage(folder / f"sign-on-{size[0]}", sign_on=True) as stage:
        items = shelf(
            [(str(code), special) for code, _title, special in SAMPLE_ITEMS],
            catalog_index(stage.settings, stage.data),
            stage.settings,
        )
        stage.create(*(shelved.tag for shelved in items), SPARE)
        bench = stage.station.bench
        app = StationApp(bench, stage.station.queries, stage.settings, None)
        async with app.run_test(size=size):
            session = Session(stage, items, app, folder)
            await session.until(lambda shown: shown.reader_ready)
            bench.submit(Scan("STAFF-ann"))
            await session.until(
                lambda shown: shown.sign_on_prompt is not None and shown.sign_on_prompt.asks is Asks.PIN
            )
            session.shoot("sign-on")
            bench.submit(GivePin(Pin("482913")))
            await session.until(lambda shown: shown.sign_on_prompt is None)
            foreign = session.item("foreign")
            session.scan(foreign)
            await session.phase(Phase.NEED_TAG)
            session.place(foreign)
            await session.fault("foreign-tag")
            bench.submit(Choose("overwrite"))
            await session.until(lambda shown: shown.sign_on_prompt is not None)
            session.shoot("authorise")


def first_day(folder: Path, size: tuple[int, int]) -> None:
    """Take the pictures of a student's first day on a real terminal of this size, from the steps of the page."""
    walk = Walk("first-day", folder / f"first-day-{size[0]}", "--sign-on", size=size)
    try:
        walk.steps(steps_of(FIRST_DAY))
        walk.end()
    finally:
        walk.close()
    kind = ".txt" if size == SMALL_SIZE else ".svg"
    for step in steps_of(FIRST_DAY):
        if step.picture:
            (shot,) = walk.folder.glob(f"[0-9][0-9][0-9]-{step.picture}{kind}")
            shutil.copy(shot, folder / f"{step.picture}{kind}")


async def main(names: list[str]) -> int:
    """Make all pictures, or the named ones. Without Chromium, make only the pictures as text."""
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    TARGET.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        for size in (SIZE, SMALL_SIZE) if chromium else (SMALL_SIZE,):
            await evening(Path(folder), size)
            await what_leaves(Path(folder), size)
            await at_sign_on(Path(folder), size)
            first_day(Path(folder), size)
        wanted = {one.stem for one in Path(folder).glob("*.*")} & set(names) if names else None
        for text in sorted(Path(folder).glob("*.txt")):
            if wanted is None or text.stem in wanted:
                shutil.copy(text, TARGET)
        for svg in sorted(Path(folder).glob("*.svg")) if chromium else ():
            if wanted is not None and svg.stem not in wanted:
                continue
            convert(chromium or "", svg, TARGET / f"{svg.stem}.png")
            print(svg.stem)
    if chromium is None:
        print("chromium is not installed: only the pictures as text were made", file=sys.stderr)
    return 0 if chromium else 1


if __name__ == "__main__":
    raise SystemExit(asyncio.run(main(sys.argv[1:])))
