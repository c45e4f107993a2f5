"""`station ARGUMENTS` with two built-in defects: F8 kills a thread, F9 the screen, with the corpus in the error."""

from __future__ import annotations

import threading
from typing import Final

from textual import events

from station import cli
from station.tui.app import StationApp
from tests.support.hostile_text import CORPUS, MARK

EVIL: Final = f"{MARK} {' '.join(CORPUS)}"
_take_key = StationApp._take_key


def _die() -> None:
    raise RuntimeError(EVIL)


def _spoiled(app: StationApp, event: events.Key) -> None:
    title = EVIL  # a local variable: Textual's own traceback would show it
    if event.key == "f8":
        threading.Thread(target=_die, name="spoiled").start()
    elif event.key == "f9":
        raise RuntimeError(title)
    else:
        _take_key(app, event)


def main() -> None:
    """Run the station."""
    StationApp._take_key = _spoiled  # type: ignore[method-assign]
    cli.main()


if __name__ == "__main__":
    main()
