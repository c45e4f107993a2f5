"""A stop, the gravest state, keeps its picture, its word and every word of its sentence, on the smallest screen too."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec
import pytest
from textual.geometry import Region

from station.base import words
from station.base.sentence import EMPTY, Sentence
from station.base.settings import Settings
from station.domain.notices import NONE, Notice
from station.domain.snapshot import Snapshot
from station.tui.drawing import snapshot_views
from station.tui.drawing.bigfont import big
from station.tui.drawing.draw import picture
from station.tui.widgets.screen import Pane
from tests.support.told import told
from tests.tui.hostile_screens import WORK
from tests.tui.running_app import BAND, SIZES, STOP, Desk, running
from tests.tui.scenes import SCENES, SETTINGS
from tests.tui.test_large_text import LARGE

LONG = "This tag belongs to another library (DE-526), and nobody at this bench may write over it without a technician."
DO = "Put the item you scanned on the pad. If it is already there, set it aside. Tap Overwrite only if it is a gift."


@pytest.fixture
def _language() -> Iterator[None]:
    yield
    words.use()


def long_stop() -> Snapshot:
    scene = SCENES["other-item"]
    assert scene.fault is not None
    return msgspec.structs.replace(scene, fault=msgspec.structs.replace(scene.fault, sentence=LONG, do=DO))


@pytest.mark.usefixtures("_language")
@pytest.mark.parametrize("language", ["en", "es"])
@pytest.mark.parametrize("settings", [SETTINGS, LARGE], ids=["plain", "large"])
async def test_a_long_stop_keeps_its_picture_its_word_and_every_word(settings: Settings, language: str) -> None:
    async with running("idle", size=SIZES[0], demo=True, settings=settings) as desk:
        words.speak(language)
        stop = long_stop()
        await desk.show(stop)
        for row in picture("cross"):
            assert row in desk.text
        large = big(snapshot_views.big_words(stop), 65)
        shown = large if settings is LARGE else [f"× {words.tell('light.bad.word')}"]
        assert shown is not None and all(row.strip() in desk.text for row in shown)
        band = desk.app.screen.query_one("#band", Pane).region
        beside = band.x + 2 + snapshot_views.ART
        said = " ".join(" ".join(line[beside:] for line in desk.lines[band.y : band.bottom]).split())
        for sentence in (LONG, DO):
            assert sentence in said
        assert stop.fault is not None
        assert {told(choice.label) for choice in stop.fault.choices} <= set(desk.labels())


@pytest.mark.parametrize("settings", [SETTINGS, LARGE], ids=["plain", "large"])
async def test_the_smallest_window_gives_the_band_these_rows(settings: Settings) -> None:
    stop = long_stop()
    assert stop.fault is not None
    endless = msgspec.structs.replace(stop, fault=msgspec.structs.replace(stop.fault, sentence=LONG * 20))
    async with running("idle", size=SIZES[0], demo=True, settings=settings) as desk:
        for shown, cells in ((SCENES["need-tag"], BAND), (endless, STOP)):
            await desk.show(shown)
            assert desk.app.screen.query_one("#band", Pane).content_size == cells


async def test_what_needs_a_person_is_said_and_not_only_counted() -> None:
    scene = SCENES["idle-unfinished"]
    async with running(scene, size=SIZES[0], settings=LARGE) as desk:
        assert words.tell("lately.unfinished", item=told(scene.unfinished[0]))[:30] in desk.text


USUAL = ((SIZES[0], LARGE, "es"), (SIZES[1], SETTINGS, "en"))
"""The tightest of the ways to show a screen, and the usual one; the soak runs show all."""
WAYS = [
    pytest.param(
        size,
        settings,
        language,
        demo,
        id=f"{size[0]}x{size[1]}-{'large' if settings is LARGE else 'normal'}-{language}{'-demo' * demo}",
        marks=() if (size, settings, language) in USUAL else pytest.mark.soak,
    )
    for size in SIZES
    for settings in (SETTINGS, LARGE)
    for language, demo in (("en", False), ("es", True))
]


@pytest.mark.usefixtures("_language")
@pytest.mark.parametrize(("size", "settings", "language", "demo"), WAYS)
async def test_a_notice_moves_nothing_on_any_work_screen(
    size: tuple[int, int], settings: Settings, language: str, demo: bool
) -> None:
    """No button, no line and no box below the band, in any phase of any workflow."""
    async with running(size=size, settings=settings, demo=demo) as desk:
        words.speak(language)
        for workflow, scenes in WORK.items():
            for scene in scenes:
                silent = msgspec.structs.replace(
                    scene, workflow=workflow, notice=NONE, outbox_note=EMPTY, finished=None, staff_call=None, sender=""
                )
                await desk.show(silent)
                before = places(desk)
                for said in (SHORT, LONG_NOTICE):
                    await desk.show(msgspec.structs.replace(silent, notice=Notice("notice", Sentence.of(said))))
                    assert said[:16] in desk.text, (workflow, scene.state)
                    assert places(desk) == before, (workflow, scene.state)


SHORT = "Scanned already."
LONG_NOTICE = "Finish the checks of this item first. Then scan the next one. " * 2


def places(desk: Desk) -> dict[object, Region]:
    """Return the place of each button, and of each pane except that of the notice."""
    panes = {pane.id: pane.region for pane in desk.app.screen.query(Pane) if pane.display and pane.id != "notice"}
    return {**panes, **dict(enumerate(button.region for button in desk.buttons))}
