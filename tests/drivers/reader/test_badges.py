"""The badge reader's thread: a badge is reported once each time it is presented; a lost reader is found again; no
thread is left running.
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Iterable
from pathlib import Path

import msgspec
import pytest

from station.base.errors import PortMissing, TransportError
from station.base.settings import Badge, Settings
from station.base.settings.people import People
from station.base.words import Session
from station.domain.people.sign_on import Asks
from station.domain.ports import BadgeSeen
from station.drivers.reader import badges as badge_thread
from station.drivers.reader.badges import BadgeThread
from station.runtime import station as wiring
from station.runtime.data_directory import JOURNAL
from station.runtime.identity.authenticator import open_authenticator
from station.store.people.cards import Kind
from station.store.queries.queries import Queries
from tests.cli.session.test_sign_on import prepare
from tests.support.for_each import for_each
from tests.support.patience import PATIENCE_S

ANN, TESS = BadgeSeen("04AABBCCDDEE80", "staff-1"), BadgeSeen("04AABBCCDDEE81")
PHONE, PHONE_AGAIN = BadgeSeen("08112233", "staff-9", changing=True), BadgeSeen("08445566", "staff-9", changing=True)


class Scripted:
    """`domain.ports.Badges` that shows a list of badges, then nothing."""

    def __init__(self, shows: Iterable[BadgeSeen | TransportError | None]) -> None:
        self.shows = list(shows)
        self.done, self.closed = threading.Event(), threading.Event()

    def look(self) -> BadgeSeen | None:
        if not self.shows:
            self.done.set()
            return None
        shown = self.shows.pop(0)
        if isinstance(shown, TransportError):
            raise shown
        return shown

    def close(self) -> None:
        self.closed.set()


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(badge_thread, "LOOK_S", 0.0)
    monkeypatch.setattr(badge_thread, "AWAY_S", 0.0)


@for_each(
    ("shows", "said"),
    [
        ([ANN, ANN, ANN], [(ANN.uid, "staff-1")]),
        ([ANN, None, ANN], [(ANN.uid, "staff-1")] * 2),
        ([ANN, TESS], [(ANN.uid, "staff-1"), (TESS.uid, "")]),
        ([PHONE, PHONE_AGAIN, PHONE], [("", "staff-9")]),
        ([PHONE, None, PHONE_AGAIN], [("", "staff-9")] * 2),
        ([PortMissing("x"), PortMissing("x"), ANN], [(ANN.uid, "staff-1")]),
        ([ANN, PortMissing("x"), ANN], [(ANN.uid, "staff-1")] * 2),
        ([None, None], []),
    ],
)
def test_what_is_said(shows: list[BadgeSeen | TransportError | None], said: list[tuple[str, str]]) -> None:
    badges, heard = Scripted(shows), queue.SimpleQueue[tuple[str, str]]()
    thread = BadgeThread(badges, lambda uid, text: heard.put((uid, text)))
    thread.start()
    assert badges.done.wait(PATIENCE_S)
    assert thread.stop(PATIENCE_S)
    assert badges.closed.is_set()
    assert [heard.get() for _ in range(heard.qsize())] == said


def test_one_that_never_began_stops_at_once() -> None:
    assert BadgeThread(Scripted([]), lambda _uid, _text: None).stop()


def test_a_badge_asks_for_the_pin_and_lets_nobody_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Through the whole station: the thread, the mailbox, the bench, the file of people."""
    from station.base.settings import load

    data = prepare(tmp_path)
    settings: Settings = msgspec.structs.replace(load(data / "station.toml"), badge=Badge(port="usb"))
    assert isinstance(settings.people, People) and settings.people.sign_on
    badges = Scripted([TESS])
    monkeypatch.setattr(wiring, "badge_reader", lambda _settings, _clock: badges)
    station = wiring.Station(settings, data, Session())
    asked = threading.Event()
    station.bench.subscribe(
        lambda shown: asked.set() if shown.sign_on_prompt and shown.sign_on_prompt.asks is Asks.PIN else None
    )
    queries = Queries(data / JOURNAL, station._clock)
    open_authenticator(settings, data, queries, station._clock).give_card(Kind.BADGE, TESS.uid, "w-tess")
    station.start()
    try:
        assert asked.wait(PATIENCE_S)
        shown = station.bench.snapshot
        assert (shown.worker, shown.sign_on_prompt.who if shown.sign_on_prompt else "") == ("nobody", "Tess")
    finally:
        station.stop()
    assert badges.closed.is_set()
