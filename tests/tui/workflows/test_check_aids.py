"""Count and photo, each by taps alone."""

from __future__ import annotations

import os
from pathlib import Path

import msgspec
import pytest

from station.base.clock import SystemClock
from station.base.sentence import EMPTY, Sentence
from station.base.settings import Settings
from station.domain.commands import Answer
from station.domain.findings import Check, Covered, Outcome
from station.domain.snapshot import Snapshot
from station.reports.screens import Reports
from station.store.people.names import People
from station.store.people.workforce import Workforce
from station.store.queries.queries import Queries
from station.tui.app import StationApp
from station.tui.drawing.checks import current_check
from station.tui.widgets.touch import Go
from tests.conftest import FakeClock
from tests.support.told import told
from tests.tui.fake_reports import FakeReports
from tests.tui.running_app import AFTERNOON, EVERY_SIZE, Desk, running
from tests.tui.scenes import SCENES, SETTINGS, FakeBench, FakeQueries


def check_of(scene: str) -> Check:
    found = current_check(SCENES[scene])
    assert found is not None
    return found


PIECES = check_of("check-pieces")


def counting(counted: int | None) -> Snapshot:
    scene = SCENES["check-pieces"]
    words = (("piece-missing", "Piece missing"), ("piece-too-many", "Piece too many"), ("wrong-piece", "Wrong piece"))
    reasons = tuple((code, Sentence.verbatim(said), said.lower()) for code, said in words)
    covers = (Covered(PIECES.rule, "Number of pieces", PIECES.severity, EMPTY, reasons, number=37),)
    counts = () if counted is None else PIECES.counts
    checks = list(scene.checks)
    checks[scene.current_check] = msgspec.structs.replace(
        PIECES, covers=covers, counted=counted, counts=counts, reasons=tuple(word for _, word, _ in reasons)
    )
    return msgspec.structs.replace(scene, checks=tuple(checks))


@pytest.mark.parametrize("size", EVERY_SIZE, ids=str)
@pytest.mark.parametrize(
    ("expected", "digits", "answer"),
    [
        (3, "17", Answer(PIECES.rule, Outcome.FAIL, "piece-too-many", count=17)),
        (3, "0", Answer(PIECES.rule, Outcome.FAIL, "piece-missing", count=0)),
        (3, "3", Answer(PIECES.rule, Outcome.PASS, count=3)),
        (None, "12", Answer(PIECES.rule, Outcome.PASS, count=12)),
    ],
)
async def test_any_count_by_taps(size: tuple[int, int], expected: int | None, digits: str, answer: Answer) -> None:
    async with running(counting(expected), size=size) as desk:
        await desk.tap("× No")
        if "Another count" not in desk.labels():
            await desk.tap(next(label for label in desk.labels() if label.startswith("More")))
        await desk.tap("Another count")
        await desk.tap("9")
        await desk.tap("< Digit")
        for digit in digits:
            await desk.tap(digit)
        assert f"Pieces counted: {digits}" in desk.text
        assert all(button.region.width >= 12 and button.region.height >= 3 for button in desk.buttons)
        await desk.tap("Keep it")
        assert desk.bench.sent == [answer]


async def test_a_count_of_a_check_that_is_over_goes_nowhere() -> None:
    async with running(counting(3)) as desk:
        await desk.open(Go.COUNT)
        await desk.tap("4")
        await desk.show(SCENES["idle"])
        assert "Pieces counted" not in desk.text
        assert desk.bench.sent == []


# --- photos -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("size", EVERY_SIZE, ids=str)
async def test_a_photo_is_chosen_by_a_tap(size: tuple[int, int]) -> None:
    screen = msgspec.structs.replace(SETTINGS.screen, photo_directory="photos")
    settings = msgspec.structs.replace(SETTINGS, screen=screen)
    bench, clock = FakeBench(SCENES["check-label"]), FakeClock()
    app = StationApp(
        bench, FakeQueries(), settings, None, clock.monotonic, reports=FakeReports(), local=lambda: AFTERNOON
    )
    check = check_of("check-label")
    async with app.run_test(size=size) as pilot:
        await pilot.pause()
        desk = Desk(pilot, bench, None, clock)
        await desk.tap("× No")
        await desk.tap("+ Note")
        await desk.tap("Choose photo")
        await app.workers.wait_for_complete()
        await pilot.pause()
        assert "Photo 1, 2:12 PM" in desk.labels()
        assert "Photo 12, 2026-11-23 2:01 PM" not in desk.labels(), "eight places"
        await desk.tap(next(label for label in desk.labels() if label.startswith("More")))
        assert "Photo 12, 2026-11-23 2:01 PM" in desk.labels()
        await desk.tap("Photo 10, 2:03 PM")
        assert "2:03 PM" in desk.text and "/photos" not in desk.text
        await desk.tap("Keep it")
        assert "Photo: 2:03 PM" in desk.text
        await desk.tap(told(check.reasons[0]))
        assert bench.sent == [Answer(check.rule, Outcome.FAIL, "another-number", "", "/photos/03.jpg")]


async def test_without_a_directory_no_photo_is_asked_for() -> None:
    async with running("check-label") as desk:
        await desk.tap("× No")
        await desk.tap("+ Note")
        assert not [label for label in desk.labels() if "hoto" in label]


def test_the_newest_images_come_first_and_nothing_else(tmp_path: Path) -> None:
    queries = Queries(tmp_path / "journal.db", SystemClock())
    settings = msgspec.convert({"screen": {"photo_directory": "photos"}}, Settings)
    reports = Reports(queries, Workforce(People(tmp_path / "p.db"), queries), settings, tmp_path, SystemClock())
    assert reports.photos() == ()
    folder = tmp_path / "photos"
    folder.mkdir()
    for number, name in enumerate(("a.jpg", "b.PNG", "notes.txt", "bad\x1b.jpg")):
        path = folder / name
        path.write_bytes(b"x")
        os.utime(path, (number, number))
    (folder / "d.jpg").mkdir()
    assert [(Path(photo.path).name, photo.at[:19]) for photo in reports.photos()] == [
        ("b.PNG", "1970-01-01T00:00:01"),
        ("a.jpg", "1970-01-01T00:00:00"),
    ]
