"""The real app on a real terminal, every screen of it full of hostile text: the pty test runs it as a separate process.

    python -m tests.tui.hostile_app START TURNS MOST LONG [PART PARTS]
                              each screen TURNS times from string START on, with LONG = 1 alternately short and long;
                              at most MOST scenes of a workflow; with PART only every PARTS-th screen, from PART on

The name of each picture, between two record separators, precedes it on the app's own way to the terminal. Errors are
written to file descriptor 3; nothing is written without an error.
"""

from __future__ import annotations

import os
import sys
import traceback
from typing import Final

from textual.pilot import Pilot
from textual.screen import Screen

from tests.tui import settling
from tests.tui.hostile_screens import Dealer, Poison
from tests.tui.running_app import Desk
from tests.tui.test_modals import SCREENS, Row, _settled

SEPARATOR: Final = "\x1e"


def screens(part: int = 0, parts: int = 1) -> dict[type[Screen[None]], tuple[Row, ...]]:
    """Return the screens of one part."""
    return dict(list(SCREENS.items())[part::parts])


async def _play(
    pilot: Pilot[None], poison: Poison, start: int, turns: int, most: int, long: int, part: int = 0, parts: int = 1
) -> None:
    app = poison.app
    desk = Desk(pilot, poison.bench, None, poison.clock)
    for kind, rows in screens(part, parts).items():
        for turn in range(turns):
            deal = Dealer(start + turn * 7, long=bool(long) and turn % 2 == 1)
            async for scene in poison.drawn(desk, rows[0], deal, most):
                assert type(app.screen) is kind, f"{kind.__name__} {scene}: {type(app.screen).__name__} is shown"
                assert app._driver is not None
                app._driver.write(f"{SEPARATOR}{kind.__name__} {turn} {scene}{SEPARATOR}")
                app._display(app.screen, app.screen._compositor.render_update(full=True))
        if rows[0].scene.sign_on_prompt is None:
            await desk.scan("[red]x[/red]")
            await _settled(desk)


def main() -> None:
    words = [int(word) for word in sys.argv[1:]]
    settling.install()
    poison = Poison()

    async def play(pilot: Pilot[None]) -> None:
        try:
            await pilot.pause()
            await _play(pilot, poison, *words)
        except BaseException:
            os.write(3, traceback.format_exc().encode("ascii", "backslashreplace"))
        finally:
            poison.app.exit()

    poison.app.run(auto_pilot=play)


if __name__ == "__main__":
    main()
