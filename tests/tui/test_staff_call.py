"""A call for staff has the whole band until it is answered, and the state under it stays readable. A stop stays a
stop."""

from __future__ import annotations

import re
from collections.abc import Iterator

import msgspec
import pytest
from textual import events

from station.base import words
from station.base.sentence import Sentence
from station.base.settings import Settings
from station.base.words import tell
from station.base.words.times import local_time
from station.domain.commands import CallStaff
from station.domain.people.staff_call import StaffCall
from station.domain.snapshot import Snapshot
from station.tui.drawing import snapshot_views
from station.tui.drawing.bigfont import big
from station.tui.widgets.screen import Pane
from station.tui.widgets.touch import Go
from tests.tui.hostile_screens import WORK
from tests.tui.running_app import ENDS, SIZES, Desk, running
from tests.tui.scenes import SCENES, SETTINGS
from tests.tui.test_large_text import LARGE
from tests.tui.test_stops import long_stop
from tests.tui.whole import nothing_is_cut

CALL = StaffCall(at="2026-11-24T14:05:00+00:00", bench="bench-1", worker="ann")


@pytest.fixture(autouse=True)
def _language() -> Iterator[None]:
    yield
    words.use()


def called(snapshot: Snapshot) -> Snapshot:
    return msgspec.structs.replace(snapshot, staff_call=CALL)


def band_of(desk: Desk) -> tuple[bool, str]:
    """Return whether the whole band has the color of a call, and its words."""
    band = desk.app.screen.query_one("#band", Pane)
    text = "\n".join(line[: band.region.right] for line in desk.lines[band.region.y : band.region.bottom])
    return band.has_class("call"), text


@pytest.mark.parametrize(
    ("settings", "language"),
    [
        pytest.param(SETTINGS, "en", id="plain-en"),
        pytest.param(LARGE, "es", id="large-es"),
        pytest.param(SETTINGS, "es", id="plain-es", marks=pytest.mark.soak),
        pytest.param(LARGE, "en", id="large-en", marks=pytest.mark.soak),
    ],
)
async def test_every_work_screen_shows_the_call_and_still_says_its_state(settings: Settings, language: str) -> None:
    async with running("idle", SIZES[0], settings=settings) as desk:
        words.speak(language)
        for workflow, scenes in WORK.items():
            for scene in scenes:
                snapshot = called(msgspec.structs.replace(scene, workflow=workflow))
                await desk.show(snapshot)
                whole, text = band_of(desk)
                assert snapshot_views.CALL in text or "█" in text, (workflow, snapshot.state)
                stop_in_letters = (
                    big(snapshot_views.big_words(snapshot), 64) if settings is LARGE and snapshot.fault else None
                )
                state = stop_in_letters or [snapshot_views.light_word(snapshot)]
                assert all(row.strip() in text for row in state), (workflow, snapshot.state, text)
                assert whole is (snapshot.fault is None), (workflow, snapshot.state)


@pytest.mark.parametrize(
    ("scene", "language"),
    [("idle", "es"), ("need-tag", "en"), ("check-page", "es"), ("pass", "en"), ("fail", "es")],
)
async def test_the_call_is_in_large_letters_beside_the_sentence(scene: str, language: str) -> None:
    async with running("idle", SIZES[0]) as desk:
        words.speak(language)
        snapshot = called(SCENES[scene])
        await desk.show(snapshot)
        _, text = band_of(desk)
        letters = big(tell("display.big.call"), 40)
        assert letters is not None and all(row.rstrip() in text for row in letters)
        beside = " ".join(" ".join(line[2 + len(letters[0]) :] for line in text.split("\n")).split())
        assert f"{snapshot_views.light_word(snapshot)}: {snapshot_views.sentence(snapshot)}" in beside
        nothing_is_cut(desk, "card")


async def test_the_call_keeps_its_time_beside_a_state_of_two_rows() -> None:
    async with running("idle", SIZES[0]) as desk:
        words.speak("es")
        long = Sentence.verbatim("Escanee el ejemplar en arrendamiento que se devuelve")
        await desk.show(called(msgspec.structs.replace(SCENES["idle"], prompt=long)))
        _, text = band_of(desk)
        assert str(long.text) in " ".join(re.sub("[▀▄█]+", "", text).split())
        assert local_time(CALL.at) in text and "▀" in text


@pytest.mark.parametrize("language", ["en", "es"])
@pytest.mark.parametrize("size", ENDS, ids=str)
async def test_a_stop_during_a_call_stays_a_stop_with_every_word(size: tuple[int, int], language: str) -> None:
    async with running("idle", size) as desk:
        words.speak(language)
        for stop in (SCENES["other-item"], long_stop()):
            await desk.show(called(stop))
            band = desk.app.screen.query_one("#band", Pane)
            assert band.has_class("bad") and not band.has_class("call")
            shown = "\n".join(row.plain for row in snapshot_views.stop(stop, band.content_size.width, large=False))
            text = band_of(desk)[1]
            assert all(row.strip() in text for row in shown.split("\n"))
            assert tell("notice.staff-called", time=local_time(CALL.at))[:20] in text
            nothing_is_cut(desk, "card")


async def test_a_tap_on_the_band_answers_the_call_and_nothing_without_a_call() -> None:
    async with running("need-tag", SIZES[0]) as desk:

        async def tap_band(row: int = 2) -> None:
            desk.later()
            for event in (events.MouseDown, events.MouseUp):
                desk.app.post_message(event(None, 40, row, 0, 0, 1, False, False, False, 40, row))
            await desk.pilot.pause()

        await tap_band()
        assert desk.bench.sent == []
        await desk.show(called(SCENES["need-tag"]))
        await tap_band()
        assert desk.bench.sent == [CallStaff(down=True)]
        await desk.open(Go.MENU)
        assert band_of(desk)[0] and local_time(CALL.at) in band_of(desk)[1], "pages over the work show the call, too"
        await tap_band()
        assert desk.bench.sent[1:] == [CallStaff(down=True)]
        await desk.show(called(SCENES["other-item"]))
        await tap_band(row=5)
        assert desk.bench.sent[2:] == [], "a tap on the sentence of a stop answers nothing"
        await tap_band()
        assert desk.bench.sent[2:] == [CallStaff(down=True)]
