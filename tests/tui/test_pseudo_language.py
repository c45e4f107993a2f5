"""Every screen in the pseudo language: text in plain letters has bypassed the catalog.

The table of screens is that of `tests.tui.test_modals`, so that it includes every new screen. All text of records, tags
and ports consists of numbers here (`tests.tui.hostile_screens`, with a harmless dealer), so that letters can only be
the screen's own.
"""

from __future__ import annotations

import re

import pytest

import station.base.words
from station.base.words.telling import codes
from station.tui.pages.correction import CorrectionScreen
from station.tui.pages.display_and_sound import DisplayAndSoundScreen
from station.tui.pages.manual import ManualScreen
from station.tui.widgets.dialogs import PrintedDialog, SenderDialog
from station.tui.workflows.withdraw import WithdrawScreen
from tests.support.pseudo_language import UNITS, catalogue, plain_words
from tests.tui.hostile_screens import Dealer, Poison
from tests.tui.running_app import Desk
from tests.tui.sample_corrections import LABEL
from tests.tui.scenes import SETTINGS
from tests.tui.test_modals import SCREENS

SCENES_EACH = [pytest.param(1, id="first"), pytest.param(99, id="all", marks=pytest.mark.soak)]
CODES = re.compile("|".join(sorted(codes(), key=len, reverse=True)))
"""Codes of errors, in lower case and for the technician: they are names in every language."""
NAMED = " ".join(SETTINGS.library.name[:length] for length in range(1, len(SETTINGS.library.name) + 1))
"""The library's name, however the title line cuts it."""
RECORDS = f"{UNITS} {NAMED} alma TECHSERV"
"""Names in the settings: the library, its library system and department."""
OWN = {
    WithdrawScreen: "withdraw task",  # key of a task that does not exist: the dealer's number is not a task
    CorrectionScreen: LABEL.owner,  # a department of the settings
    DisplayAndSoundScreen: "English Español",  # own names of languages
    SenderDialog: "ann (pts/3)",  # sender in the table's row
    PrintedDialog: "Printed One label",  # text of the table's row
}
"""Further plain text of one screen."""


class Numbers(Dealer):
    """Makes every text of every port a number."""

    def __call__(self) -> str:
        self._at += 1
        return f"7{self._at}"


@pytest.mark.parametrize("most", SCENES_EACH)
async def test_no_screen_says_anything_by_itself(monkeypatch: pytest.MonkeyPatch, most: int) -> None:
    poison = Poison()
    session, pseudo = station.base.words.current_session(), catalogue(thin=True)
    monkeypatch.setattr(session, "catalogue", pseudo)
    monkeypatch.setattr(session.library, "catalogue", lambda _language="": pseudo)  # for each worker
    said: dict[str, set[str]] = {}
    async with poison.app.run_test(size=(100, 30)) as pilot:
        await pilot.pause()
        desk = Desk(pilot, poison.bench, None, poison.clock)
        for kind, rows in SCREENS.items():
            if kind is ManualScreen:
                continue  # its pages are files of the manual, with their own languages
            for at, row in enumerate(rows[:most]):
                async for scene in poison.drawn(desk, row, Numbers(), most):
                    assert type(poison.app.screen) is kind
                    words = plain_words(CODES.sub("", desk.text), f"{RECORDS} {OWN.get(kind, '')}")
                    if words:
                        said[f"{kind.__name__} {at} {scene}"] = words
    assert not said, "\n".join(f"{where}: {sorted(words)}" for where, words in said.items())
