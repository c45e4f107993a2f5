"""The screens tell in the language of the worker whom the snapshot names, whatever language another face has."""

from __future__ import annotations

import msgspec

from station.base.words import spoken
from tests.tui.running_app import running
from tests.tui.scenes import SCENES


async def test_the_screen_follows_the_language_of_the_worker() -> None:
    stopped = SCENES["idle"]
    async with running("idle") as desk:
        assert "Scan" in desk.text
        await desk.show(msgspec.structs.replace(stopped, number=stopped.number + 1, language="es"))
        assert "LISTO" in desk.text.upper() and spoken() == "es"
        await desk.show(msgspec.structs.replace(stopped, number=stopped.number + 2, language="xx"))
        assert spoken() == "en", "a language without texts must leave the station's"
