"""The screens tell in the language of the worker whom the snapshot names, whatever language another face has."""

from __future__ import annotations

import msgspec
import pytest

from station.base import words
from station.base.words import spoken, tell
from station.domain.commands import Cancel, Reopen, Speak
from station.domain.workflows import Workflow
from station.tui.workflows.actions import bottom_actions
from tests.tui.running_app import SIZES, running
from tests.tui.scenes import SCENES


async def test_the_screen_follows_the_language_of_the_worker() -> None:
    stopped = SCENES["idle"]
    async with running("idle") as desk:
        assert "Scan" in desk.text
        await desk.show(msgspec.structs.replace(stopped, number=stopped.number + 1, language="es"))
        assert "LISTO" in desk.text.upper() and spoken() == "es"
        await desk.show(msgspec.structs.replace(stopped, number=stopped.number + 2, language="xx"))
        assert spoken() == "en", "a language without texts must leave the station's"


async def test_one_tap_on_the_idle_screen_changes_the_language_and_one_tap_changes_it_back() -> None:
    async with running("idle", SIZES[0]) as desk:
        for key, code, again in (("Español", "es", "English"), ("English", "en", "Español")):
            await desk.tap(key)
            assert desk.bench.sent[-1] == Speak(code)
            await desk.show(msgspec.structs.replace(SCENES["idle"], language=code))
            assert again in desk.labels() and spoken() == code
        await desk.show(msgspec.structs.replace(SCENES["idle"], take_back_s=9))
        assert "Español" in desk.labels()
        await desk.tap(tell("button.back-for", seconds=9))
        assert desk.bench.sent[-1] == Reopen(), "the key takes no place from Back"


async def test_the_key_has_the_place_of_set_aside_only_while_nothing_is_in_hand() -> None:
    async with running("idle", SIZES[0]) as desk:
        for name, scene in SCENES.items():
            await desk.show(scene)
            assert ("Español" in desk.labels()) is name.startswith("idle"), name
    for workflow in set(Workflow) - {Workflow.PROCESS}:  # there it may put down what the snapshot does not show in hand
        assert bottom_actions(msgspec.structs.replace(SCENES["idle"], workflow=workflow))[0].does == Cancel()


async def test_where_there_is_one_language_there_is_no_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(words.Library, "_codes", lambda _self: ["en"])
    words.use()
    try:
        async with running("idle", SIZES[0]) as desk:
            assert "Set aside" in desk.labels()
    finally:
        monkeypatch.undo()
        words.use()
