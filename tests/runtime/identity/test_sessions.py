"""Sessions at a desk: how they begin, and all the ways they end."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from station.domain.people.rights import Right, Role
from station.runtime.identity.sessions import FRESH_S, IDLE_S, LONGEST_S, Sessions, Standing
from tests.conftest import FakeClock

TESS = Standing(Role.TECHNICIAN, "m1")


class Desk:
    def __init__(self) -> None:
        self.clock = FakeClock()
        self.standing: dict[str, Standing] = {"w-tess": TESS, "w-ann": Standing(Role.OPERATOR, "m2")}
        self.sessions = Sessions(self.clock, self.standing.get)
        self.session = self.sessions.begin("w-tess")

    def after(self, seconds: float, *, use: bool = True) -> str | None:
        self.clock.pause(seconds)
        return self.sessions.who(self.session, use=use)


def test_a_session_is_a_secret_of_256_bits_for_one_person() -> None:
    desk = Desk()
    other = desk.sessions.begin("w-ann")
    assert len({desk.session, other}) == 2 and len(desk.session) == 43  # 32 bytes in base64
    assert (desk.sessions.who(desk.session), desk.sessions.who(other)) == ("w-tess", "w-ann")
    assert desk.sessions.who("") is desk.sessions.who("\ud800") is desk.sessions.who(desk.session[:-1]) is None
    desk.sessions.end(desk.session)
    assert (desk.sessions.who(desk.session), desk.sessions.who(other)) == (None, "w-ann")


def test_a_session_lasts_while_a_person_acts_and_eight_hours_at_most() -> None:
    desk = Desk()
    assert desk.after(IDLE_S - 1) == "w-tess"
    assert desk.after(IDLE_S - 1) == "w-tess", "the use before made it last"
    assert desk.after(60, use=False) == "w-tess"
    assert desk.after(IDLE_S - 60, use=False) is None, "what a page asks by itself is no use"
    desk = Desk()
    for _ in range(int(LONGEST_S / 600) - 1):
        assert desk.after(600) == "w-tess"
    assert desk.after(600) is None


def _role(desk: Desk) -> None:
    desk.standing["w-tess"] = Standing(Role.OPERATOR, "m1")


def _pin(desk: Desk) -> None:
    desk.standing["w-tess"] = Standing(Role.TECHNICIAN, "m3")


def _leaves(desk: Desk) -> None:
    del desk.standing["w-tess"]


@pytest.mark.parametrize("change", [_role, _pin, _leaves])
def test_a_session_ends_when_the_person_changes(change: Callable[[Desk], None]) -> None:
    desk = Desk()
    change(desk)
    assert desk.sessions.who(desk.session) is None
    desk.standing["w-tess"] = TESS
    assert desk.sessions.who(desk.session) is None, "an ended session stays ended"


def test_a_pin_given_again_counts_for_one_right_and_five_minutes() -> None:
    desk = Desk()
    desk.sessions.confirm(desk.session, Right.SETTLE)
    assert desk.sessions.confirmed(desk.session, Right.SETTLE)
    assert not desk.sessions.confirmed(desk.session, Right.MANAGE_PEOPLE)
    assert not desk.sessions.confirmed(desk.sessions.begin("w-tess"), Right.SETTLE), "another session"
    desk.clock.pause(FRESH_S)
    assert not desk.sessions.confirmed(desk.session, Right.SETTLE)
