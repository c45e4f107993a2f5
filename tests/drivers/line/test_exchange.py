"""One request and its answer over a transport."""

from __future__ import annotations

from station.base.clock import Deadline
from station.drivers.line.exchange import exchange
from station.drivers.threem import commands
from station.drivers.threem.protocol import conversation
from station.drivers.threem.replies import Version
from tests.conftest import FakeClock
from tests.drivers.scripted_transport import Scripted

ASKED, TOLD, LATE = "D500050400118C66", "D500090400110A0500027250", "D500090400110A05021B972A"


def test_an_answer_that_arrived_before_the_request_is_discarded_and_counted(clock: FakeClock) -> None:
    line = Scripted(clock, (ASKED, TOLD))
    line.arrive(LATE)
    answer, stale = exchange(conversation(), line, commands.probe(), Deadline(clock, 1))
    assert (answer, stale) == (Version(10, 5, 0, 2), len(bytes.fromhex(LATE)))


def test_what_an_exchange_before_left_behind_does_not_answer_this_one(clock: FakeClock) -> None:
    line, protocol = Scripted(clock, (ASKED, TOLD)), conversation()
    protocol.send(commands.probe())
    protocol.receive_data(bytes.fromhex(LATE))
    answer, stale = exchange(protocol, line, commands.probe(), Deadline(clock, 1))
    assert (answer, stale) == (Version(10, 5, 0, 2), 0)
