"""Spanish in the smallest window: every button shows its whole label, and a tap changes the language."""

from __future__ import annotations

import re
from collections.abc import Iterator

import msgspec
import pytest

from station.base import words
from station.base.sentence import Sentence
from station.domain.commands import Speak
from station.domain.findings import Finding, Outcome, Severity
from station.domain.people.sign_on import Asks, SignOnPrompt, Why
from station.domain.snapshot import Snapshot
from station.domain.workflows import Workflow
from station.tui.drawing import draw, snapshot_views
from station.tui.pages.sign_on import text_of
from station.tui.widgets.touch import Go
from tests.tui.hostile_screens import WORK
from tests.tui.running_app import SIZES
from tests.tui.scenes import SCENES
from tests.tui.test_modals import Bench, every_screen
from tests.tui.whole import buttons_are_whole, told


@pytest.fixture(autouse=True)
def _spanish() -> Iterator[None]:
    words.speak("es")
    yield
    words.use()


@pytest.mark.soak
async def test_every_button_of_every_screen_is_whole() -> None:
    """With large text: `test_large_text`, in every run."""
    async with Bench(SCENES["idle"], SIZES[0]) as desk:
        async for _ in every_screen(desk):
            buttons_are_whole(desk)
        for workflow, scenes in WORK.items():
            for scene in scenes:
                await desk.show(msgspec.structs.replace(scene, workflow=workflow))
                buttons_are_whole(desk)


async def test_a_tap_changes_the_language() -> None:
    async with Bench(SCENES["idle"], SIZES[0]) as desk:
        await desk.open(Go.DISPLAY_AND_SOUND)
        await desk.tap("English")
        assert desk.bench.sent == [Speak("en")]


async def test_the_verdict_names_the_fault() -> None:
    fault = Finding(
        "spine-label", "Spine label", Severity.MAJOR, Outcome.FAIL, "ann", Sentence.verbatim("a line is missing")
    )
    async with Bench(SCENES["fail"], SIZES[0]) as desk:
        await desk.show(msgspec.structs.replace(SCENES["fail"], findings=(fault,)))
        assert "× Tejuelo: falta una línea" in told(desk)


def test_the_light_of_almas_page_does_not_depend_on_its_words() -> None:
    shown = Snapshot(web=Sentence.verbatim("abierta a la red, puerto 8443"), web_ready=True, web_open=True)
    assert "✓ pág. Alma red " in snapshot_views.header(shown, "Library", "bench-1", 80, "14:05").plain


async def test_erase_names_the_elements_of_a_tag_in_spanish() -> None:
    async with Bench(SCENES["idle"], (100, 30)) as desk:
        (erase, *_) = (scene for scene in WORK[Workflow.ERASE] if getattr(scene.workflow_view, "lines", ()))
        await desk.show(erase)
        assert "Código" in told(desk) and "identifier" not in told(desk)


def test_a_time_and_what_happened_then_do_not_touch() -> None:
    """A Spanish time is longer than an English one."""
    (line,) = draw.dated("2026-12-01 10:19 a. m.", "no hay sello", 60)
    assert line.plain.split("a. m.")[1].startswith("  ")


@pytest.mark.parametrize("size", SIZES, ids=str)
async def test_the_name_of_the_barcode_is_whole(size: tuple[int, int]) -> None:
    async with Bench(SCENES["need-tag"], size) as desk:
        assert re.search(r"Código +\d{14}", desk.text)


def test_the_request_for_a_card_is_whole() -> None:
    request = SignOnPrompt(why=Why.SIGN_ON, asks=Asks.WHO)
    shown = " ".join(line.plain for line in text_of(request, 0, 26, waits=False))
    assert "pulse Intro." in " ".join(shown.split())
