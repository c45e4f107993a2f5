"""Work in a thread beside the screen is told in the session of that screen, whatever other session the process has."""

from __future__ import annotations

from textual.app import App

from station.base.words import Library, Session, open_session, tell
from station.tui.widgets.threads import run_in_thread


class Telling(App[str]):
    """Ends with a sentence that a thread told."""

    def on_mount(self) -> None:
        run_in_thread(self, lambda: self.call_from_thread(self.exit, tell("button.back")))


def _open(language: str) -> None:
    session = Session(Library())
    session.speak(language)
    open_session(session)


def test_a_thread_tells_in_the_language_of_its_screen() -> None:
    _open("es")
    spanish = tell("button.back")
    assert Telling().run(headless=True) == spanish
    _open("en")
    assert Telling().run(headless=True) == tell("button.back") != spanish
