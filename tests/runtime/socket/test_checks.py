"""PINs are checked in threads of their own: however slow that is, all other requests are answered."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest

from station.domain.people.sign_on import Claim, Pin
from station.domain.ports import Worker
from station.runtime.lock import hold
from station.runtime.serving import MOST_CHECKS
from station.runtime.socket import wire
from station.runtime.socket.server import MAX_PUT_OFF, Orders, Server
from tests.conftest import FakeClock
from tests.runtime.socket.test_socket import ANSWER_S, Bench, Raw

SNAPSHOT = wire.encode(wire.Request(snapshot=True))


def sign_in(login: str) -> bytes:
    return wire.encode(wire.Request(sign_in=Claim(name=login, pin=Pin("918273"))))


class SlowChecks:
    """Checks that last until the test says so."""

    def __init__(self) -> None:
        self.begun = threading.Semaphore(0)
        self.may_end = threading.Event()
        self.logins: list[str] = []

    def sign_in(self, claim: Claim, _: str) -> tuple[str, Worker]:
        self.logins.append(claim.name)
        self.begun.release()
        assert self.may_end.wait(ANSWER_S)
        return f"session of {claim.name}", Worker(id=claim.name, name="")


@pytest.fixture
def slow(tmp_path: Path) -> Iterator[SlowChecks]:
    """Serve these checks on a socket in `tmp_path`."""
    slow = SlowChecks()
    orders = cast(Orders, SimpleNamespace(sign_in=slow.sign_in))
    with hold(tmp_path, FakeClock()) as held, ThreadPoolExecutor(MOST_CHECKS) as checks:
        server = Server(held, Bench(), quit_station=lambda: None, orders=orders, checks=checks)
        server.start()
        try:
            yield slow
        finally:
            slow.may_end.set()
            assert server.stop(ANSWER_S)


def test_four_pins_are_checked_at_a_time_and_all_else_is_answered(slow: SlowChecks, tmp_path: Path) -> None:
    with ExitStack() as clients:
        people = {f"p{number}": clients.enter_context(Raw(tmp_path)) for number in range(MOST_CHECKS + 1)}
        for login, raw in people.items():
            raw.say(sign_in(login) + SNAPSHOT)
        for _ in range(MOST_CHECKS):
            assert slow.begun.acquire(timeout=ANSWER_S)
        with Raw(tmp_path) as other:
            for request in (wire.Request(health=True), wire.Request(snapshot=True), wire.Request(watch=True)):
                other.say(wire.encode(request))
                assert "error" not in other.hear()
        assert len(slow.logins) == MOST_CHECKS, "the fifth waits"
        slow.may_end.set()
        for login, raw in people.items():
            assert raw.hear()["session"] == f"session of {login}"
            assert "snapshot" in raw.hear(), "answers keep the order of the requests"


def test_a_client_may_not_pile_up_requests_meanwhile(slow: SlowChecks, tmp_path: Path) -> None:
    with Raw(tmp_path) as raw:
        raw.say(sign_in("p1") + SNAPSHOT * (MAX_PUT_OFF + 1))
        error = raw.hear()["error"]
        assert isinstance(error, dict) and error["code"] == "control-refused"
        assert raw.file.readline() == b"", "the station closed"
        assert slow.logins == ["p1"]


def test_a_client_that_goes_away_meanwhile_leaves_nothing(slow: SlowChecks, tmp_path: Path) -> None:
    with Raw(tmp_path) as raw:
        raw.say(sign_in("p1"))
        assert slow.begun.acquire(timeout=ANSWER_S)
    slow.may_end.set()
    with Raw(tmp_path) as raw:
        raw.say(sign_in("p2"))
        assert raw.hear()["session"] == "session of p2"
